"""The tables of the books. The migrations make them; a test holds both to be the same.

Amounts are integers in the smallest part of their unit (rails). Times are UTC as text of a fixed width, so that they
sort, hash and read the same in every database. `entry`, `transfer`, `leg`, `fmv_record` and `given_valuation` are
appended and never changed: triggers refuse it.
"""

from __future__ import annotations

from ledger.tables.books import (
    account,
    api_key,
    balance,
    chain_head,
    day_root,
    entry,
    hold,
    hold_line,
    idempotency,
    signature,
    signer,
    transfer,
)
from ledger.tables.community import (
    community_work,
    crisis,
    essentials_credit,
    essentials_spending,
    member_fact,
    policy_run,
    policy_share,
)
from ledger.tables.estimating import estimate, estimate_price, estimate_shown, estimate_subject
from ledger.tables.metadata import metadata
from ledger.tables.owned import thing, thing_value
from ledger.tables.tax import tax_community, tax_filing, tax_form, tax_note, tax_profile, tax_tin_read
from ledger.tables.trading import (
    fmv_record,
    given_valuation,
    leg,
    offer,
    schedule,
    schedule_due,
    schedule_leg,
    trade,
    trade_step,
    trade_word,
)
from ledger.tables.trust import audit_entry, audit_head, consent, invitation, member_level, vouch
from ledger.tables.watching import notice, telling, watch

__all__ = [
    "",
    "account",
    "api_key",
    "audit_entry",
    "audit_head",
    "balance",
    "chain_head",
    "community_work",
    "consent",
    "crisis",
    "day_root",
    "entry",
    "essentials_credit",
    "essentials_spending",
    "estimate",
    "estimate_price",
    "estimate_shown",
    "estimate_subject",
    "fmv_record",
    "given_valuation",
    "hold",
    "hold_line",
    "idempotency",
    "invitation",
    "leg",
    "member_fact",
    "member_level",
    "metadata",
    "notice",
    "offer",
    "policy_run",
    "policy_share",
    "schedule",
    "schedule_due",
    "schedule_leg",
    "signature",
    "signer",
    "tax_community",
    "tax_filing",
    "tax_form",
    "tax_note",
    "tax_profile",
    "tax_tin_read",
    "telling",
    "thing",
    "thing_value",
    "trade",
    "trade_step",
    "trade_word",
    "transfer",
    "vouch",
    "watch",
]

"""The tables of the books. The migrations make them; a test holds both to be the same.

Amounts are integers in the smallest part of their unit (rails). Times are UTC as text of a fixed width, so that they
sort, hash and read the same in every database. `entry`, `transfer`, `leg`, `fmv_record` and `given_valuation` are
appended and never changed: triggers refuse it.
"""

from __future__ import annotations

from ledger.tables.books import account, api_key, balance, chain_head, entry, hold, idempotency, transfer
from ledger.tables.estimating import estimate, estimate_price, estimate_shown, estimate_subject
from ledger.tables.metadata import metadata
from ledger.tables.owned import thing, thing_value
from ledger.tables.trading import fmv_record, given_valuation, leg, trade, trade_word
from ledger.tables.watching import notice, telling, watch

__all__ = [
    "",
    "account",
    "api_key",
    "balance",
    "chain_head",
    "entry",
    "estimate",
    "estimate_price",
    "estimate_shown",
    "estimate_subject",
    "fmv_record",
    "given_valuation",
    "hold",
    "idempotency",
    "leg",
    "metadata",
    "notice",
    "telling",
    "thing",
    "thing_value",
    "trade",
    "trade_word",
    "transfer",
    "watch",
]

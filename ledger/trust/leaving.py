"""Leaving: a member is expelled, or closes its account and takes along what may be taken.

Expelled: the keys stop working, it signs for no business any more, the tier is the one everybody begins with, and the
vouches for it and by it end; whoever stood for it then has a vouch that failed.

Closed: nothing is open and nothing is owed, the name becomes one that says nothing, and what is in no record of a trade
is deleted. `ERASED` and `KEPT` say for every table that names an account what becomes of its rows, and why. What others
wrote of a member in a trade, in a memo or in the answers that are kept for their own requests is not looked through.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict
from sqlalchemy import LargeBinary, Table, and_, delete, or_, select, update

from ledger.books import accounts, audit_log
from ledger.books.errors import WrongState
from ledger.books.standings import Account
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.units import amount_text
from ledger.policy.dated import CLOSED
from ledger.tables import (
    account,
    api_key,
    balance,
    consent,
    idempotency,
    invitation,
    member_fact,
    metadata,
    notice,
    schedule,
    signer,
    telling,
    thing,
    thing_value,
    trade,
    vouch,
    watch,
)
from ledger.trust import levels

_TRADES = "a trade belongs to the other party too, and the chain and the tax papers lean on it"
_CHAIN = "the chain of the books covers it"
_TAX = "tax papers are kept as long as the law asks (ledger.tax)"
_GIVEN = "what the community gave or took is accounted for"
# Tables that name an account and whose rows stay, and why.
KEPT: Mapping[str, str] = {
    "account": "entries name it; its own name is replaced",
    "balance": "it is zero",
    "api_key": "revoked; who was let in with which key stays in the log",
    "transfer": _CHAIN,
    "entry": _CHAIN,
    "hold": _CHAIN,
    "hold_line": _CHAIN,
    "signature": "what was signed stays signed",
    "trade": _TRADES,
    "offer": _TRADES,
    "trade_step": _TRADES,
    "trade_word": _TRADES,
    "leg": _TRADES,
    "schedule": _TRADES,
    "schedule_leg": _TRADES,
    "community_work": _GIVEN,
    "policy_share": _GIVEN,
    "essentials_credit": _GIVEN,
    "tax_profile": _TAX,
    "tax_tin_read": _TAX,
    "tax_note": _TAX,
    "tax_form": _TAX,
    "invitation": "who let whom in; withdrawn",
    "vouch": "who stood for whom; withdrawn, its note deleted",
    "consent": "who could look; withdrawn",
    "member_level": "that and when the account was closed; the document is not told any more",
    "estimate": "a part of a community's price, which others rest on; it is told under no name",
    "estimate_shown": "the same",
    "estimate_subject": "others have answered it",
}
# Tables that name an account and whose rows of it are deleted, with the rows that hang on them.
ERASED = ("notice", "watch", "thing", "idempotency", "signer", "member_fact")
# The kind of a closed account: it trades with nobody, and no rule of the community reaches it.
FORMER = "former"


class Closed(BaseModel):
    """What closing an account erased, in rows by table, and what stays and why."""

    model_config = ConfigDict(frozen=True)

    account: str
    name: str
    erased: dict[str, int]
    kept: dict[str, str]


def expel(ledger: Ledger, *, by: str, account_id: str) -> levels.MemberLevel:
    """Expel a member. What it owes stays owed. Raises `WrongState` where it has left already, `Unknown`."""

    def work(unit: UnitOfWork) -> levels.MemberLevel:
        touched = _hold(unit, account_id)
        now = levels.read(unit.connection, unit.policy, account_id)
        if now.expelled_at or now.closed_at:
            raise WrongState("this member has left the community already")
        _end_ties(unit, account_id, by, touched)
        unit.connection.execute(delete(signer).where(signer.c.member == account_id))
        made = levels.settle(unit, account_id, by=by, expelled_at=unit.now, fixed=None)
        audit_log.record(unit, actor=by, action="member.expelled", subject=account_id)
        return made

    return ledger.transact(work)


def close(ledger: Ledger, *, by: str, account_id: str) -> Closed:
    """Close an account for good and erase what may be erased.

    Raises `WrongState`, naming it, where a balance is not zero or something is open, `Unknown`.
    """

    def work(unit: UnitOfWork) -> Closed:
        touched = _hold(unit, account_id)
        holder = accounts.one(unit.connection, account_id)
        if levels.read(unit.connection, unit.policy, account_id).closed_at:
            raise WrongState("this account is closed already")
        _check_settled(unit, holder)
        _end_ties(unit, account_id, by, touched)
        levels.settle(unit, account_id, by=by, closed_at=unit.now, fixed=None, document=None, document_at=None)
        erased = _erase(unit, account_id)
        name = _nameless(unit, account_id)
        audit_log.record(unit, actor=by, action="account.closed", subject=account_id, rows=sum(erased.values()))
        return Closed(account=account_id, name=name, erased=erased, kept=dict(KEPT))

    return ledger.transact(work)


def export(ledger: Ledger, *, by: str, account_id: str) -> dict[str, list[dict[str, object]]]:
    """Everything that the books hold under an account's name, by table: what it did and what was done to it.

    Hashes of secrets and sealed numbers are left out; they tell nobody anything. Raises `Unknown`.
    """

    def work(unit: UnitOfWork) -> dict[str, list[dict[str, object]]]:
        accounts.one(unit.connection, account_id)
        told: dict[str, list[dict[str, object]]] = {}
        for table in metadata.sorted_tables:
            columns = naming(table)
            if table.name == "idempotency" or not columns:
                continue
            mine = or_(*(table.c[name] == account_id for name in columns))
            shown = [each for each in table.c if not isinstance(each.type, LargeBinary) and "sha256" not in each.name]
            rows = unit.connection.execute(select(*shown).where(mine).order_by(*table.primary_key.columns))
            told[table.name] = [dict(row._mapping) for row in rows]
        told["audit_entry"] = [each.model_dump() for each in audit_log.about(unit.connection, account_id)]
        audit_log.record(unit, actor=by, action="member.exported", subject=account_id)
        return told

    return ledger.transact(work)


def naming(table: Table) -> list[str]:
    """The columns of a table that name an account."""
    if table is account:
        return ["id"]
    return [each.parent.name for each in table.foreign_keys if each.column is account.c.id]


def _hold(unit: UnitOfWork, account_id: str) -> list[str]:
    """Hold a member and everybody whom it vouches for; those are given back."""
    accounts.one(unit.connection, account_id)
    query = select(vouch.c.subject).where(vouch.c.voucher == account_id, vouch.c.withdrawn_at.is_(None))
    touched = sorted(set(unit.connection.execute(query).scalars()))
    levels.hold(unit, account_id, *touched)
    return touched


def _end_ties(unit: UnitOfWork, account_id: str, by: str, vouched: list[str]) -> None:
    """End the keys, invitations, consents and vouches of a member, both ways; the levels of others follow."""
    open_ends = (
        (api_key, "revoked_at", api_key.c.account == account_id),
        (invitation, "withdrawn_at", and_(invitation.c.inviter == account_id, invitation.c.used_at.is_(None))),
        (consent, "withdrawn_at", or_(consent.c.account == account_id, consent.c.viewer == account_id)),
        (vouch, "withdrawn_at", or_(vouch.c.voucher == account_id, vouch.c.subject == account_id)),
    )
    for table, ended, mine in open_ends:
        unit.connection.execute(update(table).where(mine, table.c[ended].is_(None)).values({ended: unit.now}))
    left = accounts.gone(unit.connection, vouched)
    for each in vouched:
        if each not in left:
            levels.settle(unit, each, by=by)


def _check_settled(unit: UnitOfWork, holder: Account) -> None:
    stands = select(balance).where(balance.c.account == holder.id).order_by(balance.c.unit).with_for_update()
    for row in unit.connection.execute(stands):
        if row.posted or row.pending_in or row.pending_out:
            raise WrongState(
                f"{holder.name} has {amount_text(row.posted, row.unit)} and {amount_text(row.pending_out, row.unit)} "
                f"promised, {amount_text(row.pending_in, row.unit)} coming: an account is closed at zero"
            )
    for table, states in ((trade, ("proposed", "accepted", "disputed")), (schedule, ("proposed", "running"))):
        party = or_(table.c.proposer == holder.id, table.c.counterparty == holder.id)
        still = unit.connection.execute(select(table.c.id).where(party, table.c.state.in_(states)).limit(1)).scalar()
        if still is not None:
            raise WrongState(f"{still} is still open: an account is closed when nothing is")


def _erase(unit: UnitOfWork, account_id: str) -> dict[str, int]:
    """Delete what is in no record of a trade; the number of rows by table."""
    notices = select(notice.c.id).where(notice.c.account == account_id)
    things = select(thing.c.id).where(thing.c.account == account_id)
    # Rows that hang on others go first.
    wanted = (
        (telling, telling.c.thing.in_(notices)),
        (notice, notice.c.account == account_id),
        (watch, watch.c.account == account_id),
        (thing_value, thing_value.c.thing.in_(things)),
        (thing, thing.c.account == account_id),
        (idempotency, idempotency.c.account == account_id),
        (member_fact, member_fact.c.account == account_id),
        (signer, or_(signer.c.account == account_id, signer.c.member == account_id)),
    )
    erased = {table.name: unit.connection.execute(delete(table).where(where)).rowcount for table, where in wanted}
    noted = and_(or_(vouch.c.voucher == account_id, vouch.c.subject == account_id), vouch.c.note.is_not(None))
    erased["vouch notes"] = unit.connection.execute(update(vouch).where(noted).values(note=None)).rowcount
    return erased


def _nameless(unit: UnitOfWork, account_id: str) -> str:
    """Give an account a name that says nothing, and limits of zero: nothing can be paid to it by mistake."""
    name = f"former member {secrets.token_hex(4)}"
    row = {"name": name, "name_key": accounts.folded(name), "kind": FORMER, "tier": CLOSED}
    unit.connection.execute(update(account).where(account.c.id == account_id).values(row))
    return name

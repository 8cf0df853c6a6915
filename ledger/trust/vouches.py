"""Vouching: a member says of another that it can be trusted, and stands for it.

A vouch counts towards a level from the moment it is given until it is withdrawn; whoever gives it must be entitled to
then, by tier. It fails where the one it was given for is expelled or defaults while it stands: then it counts against
the voucher's reputation, and for some days the voucher gives no other. A vouch that was withdrawn before costs
nothing. Nobody vouches for itself.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, func, insert, or_, select, update

from ledger.books import accounts, audit_log
from ledger.books.canonical import new_id
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, instant_text
from ledger.policy.verification import Verification
from ledger.tables import account, vouch
from ledger.trust import levels, outcomes
from warehouse.errors import BadInput

PREFIX = "vouch"
LONGEST_NOTE = 500


class Vouch(BaseModel):
    """That `voucher` stands for `subject`, as either of the two sees it."""

    model_config = ConfigDict(frozen=True)

    id: str
    voucher: str
    subject: str
    note: str | None
    made_at: str
    withdrawn_at: str | None


def give(
    ledger: Ledger, *, key: str, by: str, subject: str, note: str | None = None, recorded_by: str | None = None
) -> Vouch:
    """Vouch for `subject` (an id or a name). Its level, and with it its limits, follow at once.

    `recorded_by` is who writes it down for the member, where that is not the member itself: the audit log names it.
    Raises `NotAllowed` for who may not vouch, `WrongState` where it vouches for it already, has given as many as it
    may or had one that failed lately, `Unknown`, `BadInput`.
    """
    stated = (note or "").strip() or None
    if stated is not None and (len(stated) > LONGEST_NOTE or "\x00" in stated):
        raise BadInput(f"a note is a text of at most {LONGEST_NOTE} characters")
    request = {"operation": "vouch", "subject": subject, "note": stated}

    def work(unit: UnitOfWork) -> Vouch:
        other = accounts.named(unit.connection, subject)
        if other.id == by:
            raise BadInput("nobody vouches for itself")
        if other.kind not in accounts.KINDS:
            raise BadInput(f"{other.name} is an account of the community's own")
        levels.hold(unit, by, other.id)
        _check(unit, by, other.id)
        made = write(unit, voucher=by, subject=other.id, note=stated)
        _log(unit, "vouch.given", made, recorded_by)
        return made

    return once(ledger, account=by, key=key, request=request, answer=Vouch, work=work)


def withdraw(ledger: Ledger, *, key: str, by: str, vouch_id: str, recorded_by: str | None = None) -> Vouch:
    """Take a vouch back. The other's level follows at once. `recorded_by` as in `give`. Raises `Unknown` for another's,
    `WrongState` if done."""

    def work(unit: UnitOfWork) -> Vouch:
        row = _own(unit, by, vouch_id)
        levels.hold(unit, by, row.subject)
        row = _own(unit, by, vouch_id)
        if row.withdrawn_at is not None:
            raise WrongState("this vouch was withdrawn already")
        unit.connection.execute(update(vouch).where(vouch.c.id == row.id).values(withdrawn_at=unit.now))
        ended = _vouch(_own(unit, by, vouch_id))
        _log(unit, "vouch.withdrawn", ended, recorded_by)
        return ended

    return once(
        ledger, account=by, key=key, request={"operation": "withdraw vouch", "vouch": vouch_id}, answer=Vouch, work=work
    )


def listing(ledger: Ledger, *, by: str) -> list[Vouch]:
    """The vouches that a member has given and received, the newest first."""
    query = select(vouch).where(or_(vouch.c.voucher == by, vouch.c.subject == by))
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(vouch.c.made_at.desc(), vouch.c.id)).all()
    return [_vouch(row) for row in rows]


def write(unit: UnitOfWork, *, voucher: str, subject: str, note: str | None = None) -> Vouch:
    """Keep a vouch that was checked."""
    made = Vouch(id=new_id(PREFIX), voucher=voucher, subject=subject, note=note, made_at=unit.now, withdrawn_at=None)
    unit.connection.execute(insert(vouch).values(**made.model_dump()))
    return made


def may(unit: UnitOfWork, by: str, rule: Verification) -> None:
    """Raise `NotAllowed` unless a held member may vouch now, `WrongState` where it may not for some days."""
    tier = unit.connection.execute(select(account.c.tier).where(account.c.id == by)).scalar_one()
    if tier not in rule.may_vouch:
        raise NotAllowed(f"who vouches has a tier of {', '.join(rule.may_vouch)}; yours is {tier}")
    if by in accounts.gone(unit.connection, [by]):
        raise NotAllowed("this account has left the community")
    since = outcomes.moment(unit.now) - timedelta(days=rule.rest_days)
    if any(each.at > instant_text(since) for each in outcomes.failed_vouches(unit.connection, by, unit.now)):
        raise WrongState(f"a vouch of yours failed within the last {rule.rest_days} days; vouch again after them")


def _log(unit: UnitOfWork, action: str, made: Vouch, recorded_by: str | None) -> None:
    """What follows from a vouch, and who did it: the voucher itself, or somebody in its name."""
    who = recorded_by or made.voucher
    levels.settle(unit, made.subject, by=who)
    in_whose_name = {} if who == made.voucher else {"voucher": made.voucher}
    audit_log.record(unit, actor=who, action=action, subject=made.subject, vouch=made.id, **in_whose_name)


def _check(unit: UnitOfWork, by: str, subject: str) -> None:
    rule = levels.rule(unit.policy)
    may(unit, by, rule)
    if subject in accounts.gone(unit.connection, [subject]):
        raise WrongState("nobody is vouched for who has left the community")
    given = select(func.count()).where(vouch.c.voucher == by, vouch.c.withdrawn_at.is_(None))
    if unit.connection.execute(given.where(vouch.c.subject == subject)).scalar_one():
        raise WrongState("you vouch for this member already")
    if unit.connection.execute(given).scalar_one() >= rule.open_vouches:
        raise WrongState(f"you have given {rule.open_vouches} vouches, as many as one may: withdraw one first")


def _own(unit: UnitOfWork, by: str, vouch_id: str) -> Row[Any]:
    row = unit.connection.execute(select(vouch).where(vouch.c.id == vouch_id, vouch.c.voucher == by)).one_or_none()
    if row is None:
        raise Unknown(f'there is no vouch "{vouch_id}" among those you gave')
    return row


def _vouch(row: Row[Any]) -> Vouch:
    return Vouch.model_validate(dict(row._mapping))

"""Schedules of a business that wait for its signers: what they sign, what it would pay at once, how many have signed.

They sign a schedule's terms once, for all its periods. Where signers or the policy change while it runs, a schedule
that was signed waits for signatures again: without them no period is settled that pays more than the key may pay alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from ledger import waiting
from ledger.books import accounts, signing
from ledger.books.errors import Unknown
from ledger.books.paging import Page
from ledger.books.store import Ledger
from ledger.policy.dated import Policy
from ledger.tables import schedule
from ledger.to_sign import Signatures, count, signed_for, unsigned
from ledger.trading import schedule_view, settling
from ledger.trading.schedule_view import Schedule
from ledger.trading.settling import Paid
from ledger.trading.trade_view import Party

OPEN = waiting.OPEN_SCHEDULES


@dataclass(frozen=True, slots=True)
class ScheduleToSign:
    """A schedule that is proposed or running, seen for one of its parties.

    `most` is the most that leaves the party in one period that is not settled yet, with fee and insurance as foreseen
    by the policy of the day. `alone` is what the settlement of an early end (a default, or both want it) may take of it
    while too few have signed, in rails; None where its tier asks for no signatures.
    """

    schedule: Schedule
    signatures: Signatures
    most: Paid
    alone: int | None


def listing(ledger: Ledger, by: str, *, after: str | None = None, limit: int = waiting.MOST) -> Page[ScheduleToSign]:
    """The schedules that wait for this member's signature, proposed or running, the newest first, from behind the
    schedule `after`. Raises `Unknown`, `BadInput`."""
    today = ledger.policy()

    def told(connection: Connection, row: Row[Any]) -> list[ScheduleToSign]:
        asked = _signed_by(ledger, connection, today, row, by)
        return _seen(connection, row, [each for each in asked if each[0].waits and not each[0].mine])

    listed = and_(schedule.c.state.in_(OPEN), unsigned(schedule, by))
    return waiting.page(ledger, schedule, signed_for(schedule, by), listed, told, after, limit)


def one(ledger: Ledger, by: str, schedule_id: str) -> ScheduleToSign:
    """A schedule for one of its signers, while it is proposed or running. Raises `Unknown` for everybody else, and for
    one that has ended."""
    query = select(schedule).where(schedule.c.id == schedule_id, schedule.c.state.in_(OPEN))
    today = ledger.policy()
    with ledger.reading() as connection:
        row = connection.execute(query).one_or_none()
        mine = [] if row is None else _signed_by(ledger, connection, today, row, by)
        seen = _seen(connection, row, mine)
    if not seen:
        raise Unknown(f'there is no schedule "{schedule_id}" that waits for your signature')
    return min(seen, key=lambda each: not each.signatures.waits)


def of_party(ledger: Ledger, seen: Schedule, party: str) -> Signatures | None:
    """How far the signatures of a party of its own schedule are; None where none are needed."""
    if seen.state not in OPEN:
        return None
    today = ledger.policy()
    with ledger.reading() as connection:
        if today.tier(accounts.one(connection, party).tier).signatures <= 1:
            return None
        row = connection.execute(select(schedule).where(schedule.c.id == seen.id)).one()
        found = _of_side(ledger, connection, today, row, party, by="")[0]
    return found if found.needed else None


# The signatures of a side, the most it pays at once, and what may be taken of it alone.
_Side = tuple[Signatures, Paid, int | None]


def _signed_by(ledger: Ledger, connection: Connection, today: Policy, row: Row[Any], by: str) -> list[_Side]:
    """The parties of a schedule for which the member signs."""
    mine = [side for side in (row.proposer, row.counterparty) if by in signing.signers(connection, side)]
    return [_of_side(ledger, connection, today, row, side, by) for side in mine]


def _of_side(ledger: Ledger, connection: Connection, today: Policy, row: Row[Any], side: str, by: str) -> _Side:
    most = settling.paid_at_most(connection, row, today, ledger.policies)[side]
    named = accounts.one(connection, side)
    tier = today.tier(named.tier)
    found = count(connection, today, row.terms_sha256, Party(id=side, name=named.name), most.total, by)
    return found, most, tier.signed_above if tier.signatures > 1 else None


def _seen(connection: Connection, row: Row[Any] | None, sides: Sequence[_Side]) -> list[ScheduleToSign]:
    if row is None or not sides:
        return []
    seen = schedule_view.read(connection, row.id)
    return [ScheduleToSign(seen, found, most, alone) for found, most, alone in sides]

"""The prices that followed estimates: they close a round and make the record of everybody who took part.

A price comes from a finished trade, by the word of the party that gave the thing, or from the market, by a flow. A
trade's own parties may have estimated too; the trade counts nothing for their record. What the model and the community
took it to be worth *before* the price is kept beside it, and never written twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, update

from ledger.books.canonical import canonical
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.estimating import estimate_subjects as subjects
from ledger.estimating.estimate_subjects import Subject
from ledger.owned.things import Named
from ledger.tables import estimate, estimate_price, estimate_subject, trade
from ledger.trading import legs
from ledger.trading.legs import Leg
from warehouse.errors import BadInput


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open round about the market, and when it was first estimated."""

    subject: Subject
    since: str


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A price beside which nobody has put yet what was known before it."""

    subject: Subject
    priced_at: str


def traded(ledger: Ledger, *, key: str, by: str, about: str, trade_id: str) -> Subject:
    """The thing was given away in this trade: its price is what the other side gave, and the round is closed.

    `by` gave it, as the only leg of that side, one piece, and had put it up before the trade was proposed. Raises
    `Unknown`, `NotAllowed`, `WrongState`, `BadInput`.
    """

    def work(unit: UnitOfWork) -> Named:
        subject = subjects.known(unit.connection, about, hold=True)
        if subject.opened_by != by:
            raise NotAllowed("whoever put the thing up says by which trade it went")
        row = unit.connection.execute(select(trade).where(trade.c.id == trade_id)).one_or_none()
        if row is None or by not in (row.proposer, row.counterparty):
            raise Unknown(f'there is no trade "{trade_id}" among yours')
        if row.state != "done" or row.proposed_at < subject.created_at:
            raise WrongState("only a finished trade that was proposed after the thing was put up says its price")
        policy = unit.policies.on(_day(row.done_at))
        if policy.currency != subject.currency:
            raise BadInput(f"estimates are in {subject.currency}, and trades are valued in {policy.currency}")
        rails = _price_of(legs.of_trade(unit.connection, trade_id, row.offer), by)
        parties = (row.proposer, row.counterparty)
        _settle(unit, subject, str(policy.in_money(rails)), f"trade:{trade_id}", row.done_at, parties)
        return Named(id=about)

    request = {"operation": "estimate traded", "about": subjects.check_about(about), "trade": trade_id}
    done = once(ledger, account=by, key=key, request=request, answer=Named, work=work)
    with ledger.reading() as connection:
        return subjects.known(connection, done.id)


def sold(ledger: Ledger, *, subject_id: str, amount: Decimal, source: str, priced_at: str) -> bool:
    """A price the market saw, for one piece in the round's currency. False where it had its price already."""

    def work(unit: UnitOfWork) -> bool:
        row = unit.connection.execute(
            select(estimate_subject).where(estimate_subject.c.id == subject_id).with_for_update()
        ).one()
        return _settle(unit, subjects.told(row), f"{amount:f}", source, priced_at, ())

    return ledger.transact(work)


def waiting(ledger: Ledger) -> list[Waiting]:
    """Open rounds about products and listings of the market that have an estimate."""
    query = (
        select(estimate_subject, func.min(estimate.c.given_at).label("since"))
        .join(estimate, estimate.c.subject == estimate_subject.c.id)
        .where(estimate_subject.c.closed_at.is_(None))
        .where(estimate_subject.c.about.like("product:%") | estimate_subject.c.about.like("listing:%"))
        .group_by(*estimate_subject.c)
        .order_by(estimate_subject.c.created_at, estimate_subject.c.id)
    )
    with ledger.reading() as connection:
        return [Waiting(subjects.told(row), row.since) for row in connection.execute(query)]


def unjudged(ledger: Ledger) -> list[Unjudged]:
    """Prices that stand alone so far, the oldest first."""
    query = (
        select(estimate_subject, estimate_price.c.priced_at)
        .join(estimate_price, estimate_price.c.subject == estimate_subject.c.id)
        .where(estimate_price.c.community.is_(None), estimate_subject.c.about != subjects.GONE)
        .order_by(estimate_price.c.priced_at, estimate_subject.c.id)
    )
    with ledger.reading() as connection:
        return [Unjudged(subjects.told(row), row.priced_at) for row in connection.execute(query)]


def judge(
    ledger: Ledger, subject_id: str, *, model: Mapping[str, str] | None, community: Mapping[str, str] | None
) -> None:
    """Keep what was known before the price: {value, low, high} as decimal text, or None for nothing known."""

    def work(unit: UnitOfWork) -> None:
        still = (estimate_price.c.subject == subject_id) & estimate_price.c.community.is_(None)
        said = {"model": _text(model), "community": _text(community)}
        unit.connection.execute(update(estimate_price).where(still).values(**said))

    ledger.transact(work)


def _settle(
    unit: UnitOfWork, subject: Subject, amount: str, source: str, priced_at: str, parties: Sequence[str]
) -> bool:
    if Decimal(amount) <= 0:
        raise BadInput("what was given for it has no value, so it says no price")
    row = {
        "subject": subject.id,
        "amount": amount,
        "source": source,
        "parties": json.dumps(sorted(parties)),
        "priced_at": priced_at,
    }
    new = insert_new(unit.connection, estimate_price, [row]) == 1
    subjects.close(unit, subject.id)
    return new


def _price_of(found: Sequence[Leg], by: str) -> int:
    given = [each for each in found if each.giver == by]
    if len(given) != 1 or given[0].kind != "goods" or Decimal(given[0].quantity) != 1:
        raise BadInput("the trade says no price of the thing: it must be all that its owner gave, and one piece")
    return sum(each.worth.agreed for each in found if each.giver != by)


def _day(moment: str) -> date:
    """The day of a moment as the books keep it."""
    return date.fromisoformat(moment[:10])


def _text(said: Mapping[str, str] | None) -> str:
    return canonical(dict(said or {})).decode()

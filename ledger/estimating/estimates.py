"""Members' estimates of what a thing is worth, each given before its author was shown those of others.

One person has one estimate of a thing and may revise it; all revisions are kept. The one that counts is the newest
from before they were first shown what others think. An estimate of one's own thing is kept, marked, and never counts.
What others think is shown to those who have given an estimate, and to everybody once the round is closed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select

from ledger.books.errors import LimitReached, NotAllowed
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.estimating import estimate_subjects as subjects
from ledger.estimating.estimate_subjects import OwnersRange, Subject
from ledger.owned.thing_terms import read_amount
from ledger.owned.things import Named
from ledger.tables import account, estimate, estimate_price, estimate_shown, estimate_subject, trade
from warehouse.errors import BadInput
from warehouse.reading.currency import read_code

MOST_REVISIONS = 20
MOST_IN_A_DAY = 100


class Given(BaseModel):
    """An estimate of one's own: the newest revision, and whether it is the one that counts."""

    model_config = ConfigDict(frozen=True)

    about: str
    round: str
    amount: str
    currency: str
    given_at: str
    revision: int
    own: bool
    counts: bool
    counted_amount: str | None


class Standing(BaseModel):
    """A round as one account may see it. `shown`: what others think may be told to it."""

    model_config = ConfigDict(frozen=True)

    subject: Subject
    mine: Given | None
    shown: bool
    estimates: int
    owner: OwnersRange | None
    price: dict[str, Any] | None


def put_up(ledger: Ledger, *, key: str, by: str, thing_id: str) -> Subject:
    """Show a thing of one's own to the members, to be estimated. Raises `Unknown`, `WrongState`, `BadInput`."""

    def work(unit: UnitOfWork) -> Named:
        return Named(id=subjects.put_up(unit, by, thing_id).about)

    # What answers a repeated request has no words of the thing: it may be removed.
    done = once(ledger, account=by, key=key, request=_asked("put up", thing_id), answer=Named, work=work)
    with ledger.reading() as connection:
        return subjects.known(connection, done.id)


def give(
    ledger: Ledger,
    *,
    key: str,
    by: str,
    about: str,
    amount: str,
    currency: str,
    said: Mapping[str, Any] | None = None,
    market: Mapping[str, Any] | None = None,
    own: bool = False,
) -> Given:
    """Say what one piece is worth, or revise it.

    `said` (title, category …) is how the first one names a thing in free words; `market` is how the market names what
    it knows, which no member can say. `own`: it is one's own; of a registered thing the books know. Raises `BadInput`,
    `Unknown`, `WrongState`, `LimitReached`.
    """
    plain, code = read_amount("amount", amount), read_code(currency)
    if plain is None or Decimal(plain) <= 0:
        raise BadInput("amount: an estimate is above zero")
    if code is None:
        raise BadInput(f'currency: "{currency[:40]}" is not an ISO 4217 code such as USD')

    def work(unit: UnitOfWork) -> Given:
        _not_too_many(unit, by)
        words = said if about.startswith("free:") else market
        subject = subjects.for_estimate(unit, by, about, words, code)
        number = len(_revisions(unit.connection, subject.id, by)) + 1
        if number > MOST_REVISIONS:
            raise LimitReached(f"an estimate is revised at most {MOST_REVISIONS - 1} times")
        is_own = own or by == subjects.owner_of(unit.connection, about)
        row = {
            "subject": subject.id,
            "account": by,
            "number": number,
            "amount": plain,
            "own": int(is_own),
            "given_at": unit.now,
        }
        insert_new(unit.connection, estimate, [row])
        given = _given(unit.connection, subject, by)
        assert given is not None
        return given

    request = {**_asked("estimate", about), "amount": plain, "currency": code, "own": own, "said": dict(said or {})}
    return once(ledger, account=by, key=key, request=request, answer=Given, work=work)


def close(ledger: Ledger, *, key: str, by: str, about: str) -> Subject:
    """Whoever put it up ends the round. Raises `Unknown`, and `NotAllowed` for everybody else."""

    def work(unit: UnitOfWork) -> Named:
        found = subjects.known(unit.connection, about, hold=True)
        if found.opened_by != by:
            raise NotAllowed("a round is closed by whoever put the thing up, or by a price that follows")
        subjects.close(unit, found.id)
        return Named(id=about)

    done = once(ledger, account=by, key=key, request=_asked("close estimates", about), answer=Named, work=work)
    with ledger.reading() as connection:
        return subjects.known(connection, done.id)


def show(ledger: Ledger, *, by: str, about: str) -> Standing:
    """The newest round as an account may see it. That it was shown to them is kept: it is asked when they revise.

    Raises `Unknown`.
    """

    def work(unit: UnitOfWork) -> Standing:
        subject = subjects.known(unit.connection, about)
        mine = _given(unit.connection, subject, by)
        shown = mine is not None or subject.closed_at is not None
        if shown and subject.closed_at is None:
            after = mine.revision if mine is not None else 0
            row = {"subject": subject.id, "account": by, "after": after, "shown_at": unit.now}
            insert_new(unit.connection, estimate_shown, [row])
        return _standing(unit.connection, subject, mine, shown)

    return ledger.transact(work)


def listing(ledger: Ledger, *, open_only: bool = True, limit: int = 200) -> list[Subject]:
    """Rounds, the newest first: what there is to estimate."""
    query = select(estimate_subject).where(estimate_subject.c.about != subjects.GONE)
    if open_only:
        query = query.where(estimate_subject.c.closed_at.is_(None))
    query = query.order_by(estimate_subject.c.created_at.desc(), estimate_subject.c.id).limit(limit)
    with ledger.reading() as connection:
        return [subjects.told(row) for row in connection.execute(query)]


def history(ledger: Ledger, *, by: str, about: str) -> list[dict[str, Any]]:
    """All of one's own estimates in the newest round, the first first. Raises `Unknown`."""
    with ledger.reading() as connection:
        return _revisions(connection, subjects.known(connection, about).id, by)


def evidence(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """All that is known as plain rows: the estimates that count, the prices that followed, who traded with whom.

    `about` is the round's id. Accounts stand as they are: whoever passes the rows on hides them.
    """
    with ledger.reading() as connection:
        prices = [_price(row) for row in connection.execute(select(estimate_price))]
        done = select(trade.c.proposer, trade.c.counterparty, trade.c.done_at).where(trade.c.state == "done")
        trades = [{"a": row.proposer, "b": row.counterparty, "at": row.done_at} for row in connection.execute(done)]
        return {"estimates": _counted(connection), "prices": prices, "trades": trades}


def _counted(connection: Connection) -> list[dict[str, Any]]:
    """The estimates that count, earlier revisions too: which one was a person's word depends on the moment asked of."""
    query = (
        select(estimate, estimate_subject.c.category, estimate_subject.c.currency)
        .join(estimate_subject, estimate_subject.c.id == estimate.c.subject)
        .outerjoin(
            estimate_shown,
            (estimate_shown.c.subject == estimate.c.subject) & (estimate_shown.c.account == estimate.c.account),
        )
        .where(estimate.c.own == 0)
        .where(estimate_shown.c.after.is_(None) | (estimate.c.number <= estimate_shown.c.after))
        .order_by(estimate.c.given_at, estimate.c.subject, estimate.c.account, estimate.c.number)
    )
    return [
        {
            "valuer": row.account,
            "about": row.subject,
            "category": row.category,
            "amount": row.amount,
            "currency": row.currency,
            "at": row.given_at,
        }
        for row in connection.execute(query)
    ]


def _standing(connection: Connection, subject: Subject, mine: Given | None, shown: bool) -> Standing:
    number = select(func.count(estimate.c.account.distinct())).where(
        estimate.c.subject == subject.id, estimate.c.own == 0
    )
    price = connection.execute(select(estimate_price).where(estimate_price.c.subject == subject.id)).one_or_none()
    told = None if price is None else {"amount": price.amount, "source": price.source, "at": price.priced_at}
    return Standing(
        subject=subject,
        mine=mine,
        shown=shown,
        estimates=connection.execute(number).scalar_one(),
        owner=subjects.owners_range(connection, subject.about) if shown else None,
        price=told,
    )


def _given(connection: Connection, subject: Subject, by: str) -> Given | None:
    rows = _revisions(connection, subject.id, by)
    if not rows:
        return None
    mine = (estimate_shown.c.subject == subject.id) & (estimate_shown.c.account == by)
    after = connection.execute(select(estimate_shown.c.after).where(mine)).scalar_one_or_none()
    counted = [row for row in rows if not row["own"] and (after is None or row["number"] <= after)]
    last = rows[-1]
    return Given(
        about=subject.about,
        round=subject.id,
        amount=last["amount"],
        currency=subject.currency,
        given_at=last["given_at"],
        revision=last["number"],
        own=last["own"],
        counts=bool(counted) and counted[-1]["number"] == last["number"],
        counted_amount=counted[-1]["amount"] if counted else None,
    )


def _revisions(connection: Connection, subject: str, by: str) -> list[dict[str, Any]]:
    mine = (estimate.c.subject == subject) & (estimate.c.account == by)
    rows = connection.execute(select(estimate).where(mine).order_by(estimate.c.number))
    names = ("number", "amount", "given_at")
    return [{**{name: row._mapping[name] for name in names}, "own": bool(row.own)} for row in rows]


def _price(row: Any) -> dict[str, Any]:
    read = {
        name: None if row._mapping[name] is None else json.loads(row._mapping[name]) for name in ("model", "community")
    }
    return {
        "about": row.subject,
        "amount": row.amount,
        "at": row.priced_at,
        "source": row.source,
        "parties": json.loads(row.parties),
        **read,
    }


def _not_too_many(unit: UnitOfWork, by: str) -> None:
    unit.connection.execute(select(account.c.id).where(account.c.id == by).with_for_update(key_share=True)).one()
    today = (
        select(func.count()).select_from(estimate).where(estimate.c.account == by, estimate.c.given_at >= unit.now[:10])
    )
    if unit.connection.execute(today).scalar_one() >= MOST_IN_A_DAY:
        raise LimitReached(f"an account gives at most {MOST_IN_A_DAY} estimates a day; go on tomorrow")


def _asked(operation: str, about: str) -> dict[str, Any]:
    return {"operation": operation, "about": subjects.check_about(about)}

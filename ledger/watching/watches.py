"""Price watches: what an account wants to be told of, and judging what was seen.

A watch belongs to one account and is seen by nobody else. Prices come in as data; the ledger knows no market. Judging
reads what is open and what was dismissed, decides and puts the notices in one transaction, behind a lock on the watch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, and_, func, select, true, update

from ledger.books.canonical import canonical, new_id
from ledger.books.errors import LimitReached, Unknown
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import account, notice, watch
from ledger.watching import outbox
from ledger.watching.outbox import Draft, Notice
from ledger.watching.watch_rules import Decision, Memory, OpenNotice, Point, decide
from ledger.watching.watch_terms import Terms, checked, told

NOTICE_KIND = "watch"
MOST_WATCHES = 200


class Checked(BaseModel):
    """What was found when a watch was last looked at: `trouble` says why it cannot speak, where that is so.

    `day` and `price` (decimal text in `currency`) are the newest there are, over `listings`; `days` how many days of
    prices there are in all.
    """

    model_config = ConfigDict(frozen=True)

    at: str
    snapshot: str
    currency: str
    days: int
    day: str | None = None
    price: str | None = None
    listings: int = 0
    trouble: str | None = None


class Watch(BaseModel):
    """A watch of one account; `checked` is None before the first look."""

    model_config = ConfigDict(frozen=True)

    id: str
    account: str
    terms: Terms
    created_at: str
    cancelled_at: str | None
    checked: Checked | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the market shows for a watch: one price a day, in order of days, in one `currency`, as of `today`.

    `title` is what to call it; `listings` how many the newest price leans on and `examples` some of them (JSON
    objects); `trouble` says why nothing can be seen.
    """

    snapshot: str
    today: date
    currency: str
    title: str
    series: Sequence[Point]
    listings: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)
    trouble: str | None = None


def create(ledger: Ledger, *, key: str, by: str, terms: Terms) -> Watch:
    """Watch by these terms. An account that has a watch with equal terms gets that one.

    Raises `BadInput` for terms nothing can be watched by, `LimitReached` for one watch too many.
    """
    asked = checked(terms)

    def work(unit: UnitOfWork) -> Watch:
        # The account's row is held, so that two at once are counted one after the other.
        unit.connection.execute(select(account.c.id).where(account.c.id == by).with_for_update(key_share=True)).one()
        active = and_(watch.c.account == by, watch.c.cancelled_at.is_(None))
        same = unit.connection.execute(
            select(watch).where(active, watch.c.terms_sha256 == asked.fingerprint)
        ).one_or_none()
        if same is not None:
            return _watch(same)
        if unit.connection.execute(select(func.count()).select_from(watch).where(active)).scalar_one() >= MOST_WATCHES:
            raise LimitReached(f"an account has at most {MOST_WATCHES} watches; cancel one that is no longer needed")
        row = {
            "id": new_id("watch"),
            "account": by,
            "terms": canonical(asked.model_dump()).decode(),
            "terms_sha256": asked.fingerprint,
            "created_at": unit.now,
        }
        insert_new(unit.connection, watch, [row])
        return Watch(id=row["id"], account=by, terms=asked, created_at=unit.now, cancelled_at=None, checked=None)

    request = {"operation": "create watch", "terms": asked.model_dump()}
    return once(ledger, account=by, key=key, request=request, answer=Watch, work=work)


def cancel(ledger: Ledger, *, key: str, by: str, watch_id: str) -> Watch:
    """End a watch and dismiss its open notices. Doing so again changes nothing. Raises `Unknown`."""

    def work(unit: UnitOfWork) -> Watch:
        found = _locked(unit, watch_id)
        if found is None or found.account != by:
            raise Unknown(f'there is no watch "{watch_id}" among yours')
        if found.cancelled_at is not None:
            return found
        unit.connection.execute(update(watch).where(watch.c.id == watch_id).values(cancelled_at=unit.now))
        outbox.dismiss_of_watch(unit, watch_id)
        return found.model_copy(update={"cancelled_at": unit.now})

    request = {"operation": "cancel watch", "watch": watch_id}
    return once(ledger, account=by, key=key, request=request, answer=Watch, work=work)


def view(ledger: Ledger, *, by: str, watch_id: str) -> Watch:
    """One watch of an account. Raises `Unknown` for everybody else, as if it were not there."""
    with ledger.reading() as connection:
        row = connection.execute(select(watch).where(watch.c.id == watch_id, watch.c.account == by)).one_or_none()
    if row is None:
        raise Unknown(f'there is no watch "{watch_id}" among yours')
    return _watch(row)


def listing(ledger: Ledger, by: str) -> list[Watch]:
    """An account's watches that are not cancelled, oldest first."""
    return _listed(ledger, watch.c.account == by)


def owner(ledger: Ledger, watch_id: str) -> str:
    """The account a watch belongs to: for the operator, not for other accounts. Raises `Unknown`."""
    with ledger.reading() as connection:
        found = connection.execute(select(watch.c.account).where(watch.c.id == watch_id)).scalar_one_or_none()
    if found is None:
        raise Unknown(f'there is no watch "{watch_id}"; katy watch list shows what there is')
    return str(found)


def active(ledger: Ledger) -> list[Watch]:
    """Every watch that is not cancelled, of all accounts: what there is to look at after a publish."""
    return _listed(ledger, true())


def judge(ledger: Ledger, watch_id: str, seen: Seen) -> list[Notice]:
    """Hold what was seen against a watch; returns the notices that were put or repeated.

    Seeing the same again puts nothing. A watch that was cancelled meanwhile says nothing.
    """

    def work(unit: UnitOfWork) -> list[Notice]:
        found = _locked(unit, watch_id)
        if found is None or found.cancelled_at is not None:
            return []
        unit.connection.execute(
            update(watch).where(watch.c.id == watch_id).values(checked=_checked(seen, unit.now).model_dump_json())
        )
        if seen.trouble is not None:
            return []
        decisions = decide(found.terms.asked, seen.series, _memory(unit.connection, watch_id), seen.today)
        put = (outbox.put_within(unit, _draft(found, decision, seen)) for decision in decisions)
        return [each for each in put if each is not None]

    return ledger.transact(work)


def _draft(found: Watch, decision: Decision, seen: Seen) -> Draft:
    subject, body = told(found.terms, decision, title=seen.title, currency=seen.currency, listings=seen.listings)
    lines = [
        f"- {each['price']} {each['currency']}: {each['title']} {each.get('url', '')}".rstrip()
        for each in seen.examples
    ]
    percent = decision.percent
    return Draft(
        account=found.account,
        kind=NOTICE_KIND,
        cause=f"{found.id}:{decision.cause}",
        evidence=f"{decision.now.day} {decision.now.price}",
        subject=subject,
        body="\n".join([body, *lines]),
        watch=found.id,
        data={
            "cause": decision.cause,
            "now": _pair(decision.now),
            "since": None if decision.since is None else _pair(decision.since),
            "percent": None if percent is None else f"{percent:.2f}",
            "currency": seen.currency,
            "listings": seen.listings,
            "examples": seen.examples,
            "snapshot": seen.snapshot,
            "terms": found.terms.model_dump(),
        },
    )


def _memory(connection: Connection, watch_id: str) -> Memory:
    """What the watch has said: its open notices, and the newest price among those that were dismissed."""
    rows = connection.execute(select(notice.c.data, notice.c.dismissed_at).where(notice.c.watch == watch_id)).all()
    memory = Memory()
    for data, dismissed_at in sorted(((json.loads(row.data), row.dismissed_at) for row in rows), key=_dismissed_first):
        said = OpenNotice(data["cause"], _point(data["since"]), _known_point(data["now"]))
        memory = Memory(memory.reference, (*memory.open, said))
        if dismissed_at is not None:
            memory = memory.dismissed(said.cause)
    return memory


def _dismissed_first(said: tuple[dict[str, Any], str | None]) -> tuple[bool, str]:
    return said[1] is None, said[1] or ""


def _listed(ledger: Ledger, whose: Any) -> list[Watch]:
    query = select(watch).where(whose, watch.c.cancelled_at.is_(None)).order_by(watch.c.created_at, watch.c.id)
    with ledger.reading() as connection:
        return [_watch(row) for row in connection.execute(query)]


def _locked(unit: UnitOfWork, watch_id: str) -> Watch | None:
    row = unit.connection.execute(select(watch).where(watch.c.id == watch_id).with_for_update()).one_or_none()
    return None if row is None else _watch(row)


def _watch(row: Row[Any]) -> Watch:
    return Watch(
        id=row.id,
        account=row.account,
        terms=Terms.model_validate_json(row.terms),
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
        checked=None if row.checked is None else Checked.model_validate_json(row.checked),
    )


def _checked(seen: Seen, now: str) -> Checked:
    newest = seen.series[-1] if seen.series else None
    return Checked(
        at=now,
        snapshot=seen.snapshot,
        currency=seen.currency,
        days=len(seen.series),
        day=str(newest.day) if newest else None,
        price=str(newest.price) if newest else None,
        listings=seen.listings,
        trouble=seen.trouble,
    )


def _pair(point: Point) -> dict[str, str]:
    return {"day": str(point.day), "price": str(point.price)}


def _point(said: dict[str, str] | None) -> Point | None:
    return None if said is None else _known_point(said)


def _known_point(said: dict[str, str]) -> Point:
    return Point(date.fromisoformat(said["day"]), Decimal(said["price"]))

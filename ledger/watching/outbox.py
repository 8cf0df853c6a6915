"""The outbox: what somebody is to be told, kept until it is dismissed.

There is one open notice for each account and cause. The same thing happening again repeats that notice and makes it
pending again; the same evidence put twice changes nothing. Delivery is at least once, kept for each target (a
notifier, the log) apart: one that fails has everything still before it, and the others are not told twice for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, and_, func, or_, select, true, update

from ledger.books.canonical import canonical, new_id
from ledger.books.errors import Unknown
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import notice, telling, watch

AT_ONCE = 200


class Notice(BaseModel):
    """Something an account is told. It was put `repeated` + 1 times, the last time at `put_at`.

    `cause` names what happened, the same each time it happens again; `data` has the figures, amounts as decimal text.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    account: str
    kind: str
    cause: str
    watch: str | None
    subject: str
    body: str
    data: dict[str, Any]
    created_at: str
    put_at: str
    repeated: int
    last_told_at: str | None
    dismissed_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A notice to put. `evidence` is what it leans on: put again with the same, nothing happens."""

    account: str
    kind: str
    cause: str
    evidence: str
    subject: str
    body: str
    data: dict[str, Any]
    watch: str | None = None


def put(ledger: Ledger, draft: Draft) -> Notice | None:
    """Put a notice, or repeat the open one of the same account and cause; None where the evidence was told before."""
    return ledger.transact(lambda unit: put_within(unit, draft))


def put_within(unit: UnitOfWork, draft: Draft) -> Notice | None:
    """As `put`, inside a unit of work."""
    said = {
        "subject": draft.subject,
        "body": draft.body,
        "data": canonical(draft.data).decode(),
        "evidence": draft.evidence,
        "put_at": unit.now,
    }
    made = {
        "id": new_id("notice"),
        "account": draft.account,
        "kind": draft.kind,
        "cause": draft.cause,
        "watch": draft.watch,
        "created_at": unit.now,
        "repeated": 0,
        **said,
    }
    its_open = and_(notice.c.account == draft.account, notice.c.cause == draft.cause, notice.c.dismissed_at.is_(None))
    if insert_new(unit.connection, notice, [made]):
        return _notice(unit.connection.execute(select(notice).where(notice.c.id == made["id"])).one())
    again = (
        update(notice)
        .where(its_open, notice.c.evidence != draft.evidence)
        .values(**said, repeated=notice.c.repeated + 1)
        .returning(*notice.columns)
    )
    row = unit.connection.execute(again).one_or_none()
    return None if row is None else _notice(row)


def dismiss(ledger: Ledger, *, key: str, by: str, notice_id: str) -> Notice:
    """The account has seen it: the notice is not told any more. Doing so again changes nothing. Raises `Unknown`."""

    def work(unit: UnitOfWork) -> Notice:
        own = and_(notice.c.id == notice_id, notice.c.account == by)
        found = unit.connection.execute(select(notice.c.watch).where(own)).one_or_none()
        if found is None:
            raise Unknown(f'there is no notice "{notice_id}" among yours')
        if found.watch is not None:
            # A watch that is being judged right now leans on what is open: one after the other.
            unit.connection.execute(select(watch.c.id).where(watch.c.id == found.watch).with_for_update()).one()
        unit.connection.execute(
            update(notice).where(own, notice.c.dismissed_at.is_(None)).values(dismissed_at=unit.now)
        )
        return _notice(unit.connection.execute(select(notice).where(own)).one())

    request = {"operation": "dismiss notice", "notice": notice_id}
    return once(ledger, account=by, key=key, request=request, answer=Notice, work=work)


def dismiss_of_watch(unit: UnitOfWork, watch_id: str) -> None:
    """Dismiss whatever a watch has open."""
    unit.connection.execute(
        update(notice).where(notice.c.watch == watch_id, notice.c.dismissed_at.is_(None)).values(dismissed_at=unit.now)
    )


def listing(
    ledger: Ledger, account: str | None, *, dismissed: bool = False, before: str | None = None, limit: int = 50
) -> list[Notice]:
    """An account's notices (None: everybody's), the one put last first; only open ones unless `dismissed`.

    `before` goes on after a notice; raises `Unknown` where it is none of the account's.
    """
    whose = notice.c.account == account if account is not None else true()
    query = select(notice).where(whose)
    if not dismissed:
        query = query.where(notice.c.dismissed_at.is_(None))
    with ledger.reading() as connection:
        if before is not None:
            last = connection.execute(select(notice.c.put_at).where(notice.c.id == before, whose)).scalar_one_or_none()
            if last is None:
                raise Unknown(f'there is no notice "{before}" among yours')
            query = query.where(or_(notice.c.put_at < last, and_(notice.c.put_at == last, notice.c.id < before)))
        rows = connection.execute(query.order_by(notice.c.put_at.desc(), notice.c.id.desc()).limit(limit)).all()
    return [_notice(row) for row in rows]


def owner(ledger: Ledger, notice_id: str) -> str:
    """The account a notice is for: for the operator, not for other accounts. Raises `Unknown`."""
    with ledger.reading() as connection:
        found = connection.execute(select(notice.c.account).where(notice.c.id == notice_id)).scalar_one_or_none()
    if found is None:
        raise Unknown(f'there is no notice "{notice_id}"; katy notices shows what there is')
    return str(found)


def pending(ledger: Ledger, target: str, *, limit: int = AT_ONCE) -> list[Notice]:
    """Open notices of all accounts that `target` was not told since they were last put, oldest first.

    Taking them changes nothing: until `mark_told` they are pending, also for whoever comes after a crash.
    """
    query = (
        select(notice)
        .outerjoin(telling, and_(telling.c.thing == notice.c.id, telling.c.target == target))
        .where(notice.c.dismissed_at.is_(None), func.coalesce(telling.c.number, 0) <= notice.c.repeated)
        .order_by(notice.c.put_at, notice.c.id)
        .limit(limit)
    )
    with ledger.reading() as connection:
        return [_notice(row) for row in connection.execute(query)]


def mark_told(ledger: Ledger, taken: Notice, target: str) -> None:
    """`target` was told the notice as it was taken. What was put since then is pending still."""

    def work(unit: UnitOfWork) -> None:
        _count(unit, taken.id, target, taken.repeated + 1)
        unit.connection.execute(update(notice).where(notice.c.id == taken.id).values(last_told_at=unit.now))

    ledger.transact(work)


def times_told(ledger: Ledger, target: str, things: list[str]) -> dict[str, tuple[int, str]]:
    """How often, and when last, `target` was told of things that are no notices: thing → (number, moment)."""
    query = select(telling).where(telling.c.target == target, telling.c.thing.in_(things))
    with ledger.reading() as connection:
        return {row.thing: (row.number, row.told_at) for row in connection.execute(query)}


def count_told(ledger: Ledger, target: str, things: list[str]) -> None:
    """`target` was told of these things, that are no notices, once more."""

    def work(unit: UnitOfWork) -> None:
        query = select(telling.c.thing, telling.c.number).where(telling.c.target == target, telling.c.thing.in_(things))
        before = {row.thing: row.number for row in unit.connection.execute(query)}
        for thing in sorted(set(things)):
            _count(unit, thing, target, before.get(thing, 0) + 1)

    ledger.transact(work)


def _count(unit: UnitOfWork, thing: str, target: str, number: int) -> None:
    if insert_new(
        unit.connection, telling, [{"thing": thing, "target": target, "number": number, "told_at": unit.now}]
    ):
        return
    # Two that deliver at once may end in either order; the number never goes back.
    unit.connection.execute(
        update(telling)
        .where(telling.c.thing == thing, telling.c.target == target, telling.c.number <= number)
        .values(number=number, told_at=unit.now)
    )


def _notice(row: Row[Any]) -> Notice:
    said = dict(row._mapping)
    said.pop("evidence")
    return Notice.model_validate({**said, "data": json.loads(said["data"])})

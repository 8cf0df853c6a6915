"""What people own: adding, changing, removing and reading things, each by its owner alone.

To every other account a thing does not exist. What is kept to answer a repeated request is the thing's id and nothing
that was said of it, so that removing a thing leaves nothing of it in these books.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, and_, delete, func, or_, select, update

from ledger.books.canonical import canonical, new_id
from ledger.books.errors import LedgerError, LimitReached, Unknown
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.owned.thing_terms import Owned, checked, merged
from ledger.tables import account, notice, telling, thing, thing_value
from warehouse.errors import BadInput
from warehouse.valuation import Confidence, Reason

NOTICE_KIND = "thing"
CAUSES = ("worth", "demand")
MOST_THINGS = 5000


class Valued(BaseModel):
    """What one piece was worth in a snapshot: decimal text in `currency`, or None with the `reason` why not."""

    model_config = ConfigDict(frozen=True)

    snapshot: str
    value_date: str
    currency: str
    fmv: str | None
    low: str | None
    high: str | None
    confidence: Confidence | None
    reason: Reason | None


class Looked(Valued):
    """The newest value, when it was looked for, and what the thing was taken for."""

    at: str
    product: str | None = None
    category: str | None = None


class Thing(BaseModel):
    """A thing of one account; `checked` is None until values are published."""

    model_config = ConfigDict(frozen=True)

    id: str
    account: str
    owned: Owned
    created_at: str
    changed_at: str
    checked: Looked | None


class Named(BaseModel):
    """A thing by its id alone."""

    id: str


def add(ledger: Ledger, *, key: str, by: str, said: Mapping[str, Any]) -> Thing:
    """Register a thing; `said` has the fields of `Owned`.

    Raises `BadInput` for what cannot be said of a thing, `LedgerError` where the account has one with this external
    id, `LimitReached` for one thing too many.
    """
    owned = checked(said)

    def work(unit: UnitOfWork) -> Named:
        if count_locked(unit, by) >= MOST_THINGS:
            raise LimitReached(f"an account has at most {MOST_THINGS} things; remove some that are gone")
        id = new_id("thing")
        own_key = key_of(owned.external_id) if owned.external_id else f"id:{id}"
        if not insert_new(unit.connection, thing, [new_row(unit, id, by, own_key, owned)]):
            raise LedgerError(
                f'you have a thing with the id "{owned.external_id}" of your own already: change that one, or leave '
                "the id out"
            )
        return Named(id=id)

    request = {"operation": "add thing", "said": owned.model_dump()}
    made = once(ledger, account=by, key=key, request=request, answer=Named, work=work)
    return view(ledger, by=by, thing_id=made.id)


def change(ledger: Ledger, *, key: str, by: str, thing_id: str, said: Mapping[str, Any]) -> Thing:
    """Say something new of a thing; fields that are not named stay, None takes one away.

    Where the change asks another question of the market, its earlier values and what was told of them are dropped.
    Raises `BadInput`, `Unknown`.
    """
    if "external_id" in said:
        raise BadInput("external_id: an import knows the thing by it, so it stays; remove the thing and add it anew")

    def work(unit: UnitOfWork) -> Named:
        found = locked(unit, thing_id, by)
        rewrite(unit, found, merged(found.owned, said))
        return Named(id=thing_id)

    # Words that are not cleaned yet are hashed as ASCII, whatever is in them.
    request = {"operation": "change thing", "thing": thing_id, "said": json.dumps(dict(said), sort_keys=True)}
    once(ledger, account=by, key=key, request=request, answer=Named, work=work)
    return view(ledger, by=by, thing_id=thing_id)


def remove(ledger: Ledger, *, key: str, by: str, thing_id: str) -> Named:
    """Remove a thing for good, with its values and notices. Raises `Unknown`."""
    from ledger.estimating import estimate_subjects  # it knows things, so it is loaded after them

    def work(unit: UnitOfWork) -> Named:
        found = locked(unit, thing_id, by)
        _forget(unit, found)
        estimate_subjects.forget_thing(unit, thing_id)
        unit.connection.execute(delete(thing).where(thing.c.id == thing_id))
        return Named(id=thing_id)

    request = {"operation": "remove thing", "thing": thing_id}
    return once(ledger, account=by, key=key, request=request, answer=Named, work=work)


def view(ledger: Ledger, *, by: str, thing_id: str) -> Thing:
    """One thing of an account. Raises `Unknown` for everybody else, as if it were not there."""
    with ledger.reading() as connection:
        return _own(connection, thing_id, by)


def listing(ledger: Ledger, by: str, *, after: str | None = None, limit: int = MOST_THINGS) -> list[Thing]:
    """An account's things, the one added first first; `after` goes on after one of them. Raises `Unknown`."""
    query = select(thing).where(thing.c.account == by)
    with ledger.reading() as connection:
        if after is not None:
            last = _own(connection, after, by)
            later = and_(thing.c.created_at == last.created_at, thing.c.id > last.id)
            query = query.where(or_(thing.c.created_at > last.created_at, later))
        rows = connection.execute(query.order_by(thing.c.created_at, thing.c.id).limit(limit)).all()
    return [told(row) for row in rows]


def values(ledger: Ledger, *, by: str, thing_id: str) -> list[Valued]:
    """What a thing was worth in the newest snapshots, the newest first. Raises `Unknown`."""
    with ledger.reading() as connection:
        _own(connection, thing_id, by)
        rows = connection.execute(
            select(thing_value).where(thing_value.c.thing == thing_id).order_by(thing_value.c.snapshot.desc())
        ).all()
    return [Valued.model_validate({name: row._mapping[name] for name in Valued.model_fields}) for row in rows]


def owner(ledger: Ledger, thing_id: str) -> str:
    """The account a thing belongs to: for the operator, not for other accounts. Raises `Unknown`."""
    with ledger.reading() as connection:
        found = connection.execute(select(thing.c.account).where(thing.c.id == thing_id)).scalar_one_or_none()
    if found is None:
        raise Unknown(f'there is no thing "{thing_id}"; katy things list shows what there is')
    return str(found)


def count(ledger: Ledger, by: str | None = None) -> int:
    """How many things an account has; None: all accounts."""
    query = select(func.count()).select_from(thing)
    with ledger.reading() as connection:
        return int(connection.execute(query if by is None else query.where(thing.c.account == by)).scalar_one())


def key_of(external_id: str) -> str:
    """What makes a thing with an id of its owner's the same thing again."""
    return f"own:{external_id}"


def count_locked(unit: UnitOfWork, by: str) -> int:
    """How many things an account has. Its row is held, so that two at once are counted one after the other."""
    unit.connection.execute(select(account.c.id).where(account.c.id == by).with_for_update(key_share=True)).one()
    return int(
        unit.connection.execute(select(func.count()).select_from(thing).where(thing.c.account == by)).scalar_one()
    )


def new_row(unit: UnitOfWork, id: str, by: str, own_key: str, owned: Owned) -> dict[str, Any]:
    """A row of the table for a thing that nothing is known of yet."""
    return {
        "id": id,
        "account": by,
        "own_key": own_key,
        "said": canonical(owned.model_dump()).decode(),
        "question": owned.question,
        "created_at": unit.now,
        "changed_at": unit.now,
    }


def rewrite(unit: UnitOfWork, found: Thing, owned: Owned) -> bool:
    """Put what is said now in place of what was said; whether that is any different."""
    if owned == found.owned:
        return False
    row: dict[str, Any] = {"said": canonical(owned.model_dump()).decode(), "question": owned.question}
    if owned.question != found.owned.question:
        _forget(unit, found)
        row["checked"] = None
    unit.connection.execute(update(thing).where(thing.c.id == found.id).values(**row, changed_at=unit.now))
    return True


def locked(unit: UnitOfWork, thing_id: str, by: str) -> Thing:
    """A thing of an account, held until the unit of work ends. Raises `Unknown`."""
    return _own(unit.connection, thing_id, by, hold=True)


def causes_of(thing_id: str) -> list[str]:
    """The causes of all notices about a thing."""
    return [f"{thing_id}:{cause}" for cause in CAUSES]


def told(row: Row[Any]) -> Thing:
    """A row of the table as a thing."""
    return Thing(
        id=row.id,
        account=row.account,
        owned=Owned.model_validate(json.loads(row.said)),
        created_at=row.created_at,
        changed_at=row.changed_at,
        checked=None if row.checked is None else Looked.model_validate_json(row.checked),
    )


def _own(connection: Connection, thing_id: str, by: str, *, hold: bool = False) -> Thing:
    query = select(thing).where(thing.c.id == thing_id, thing.c.account == by)
    row = connection.execute(query.with_for_update() if hold else query).one_or_none()
    if row is None:
        raise Unknown(f'there is no thing "{thing_id}" among yours')
    return told(row)


def _forget(unit: UnitOfWork, found: Thing) -> None:
    """Drop what a thing was worth and what was told of it, dismissed or not."""
    about = and_(notice.c.account == found.account, notice.c.cause.in_(causes_of(found.id)))
    unit.connection.execute(delete(telling).where(telling.c.thing.in_(select(notice.c.id).where(about))))
    unit.connection.execute(delete(notice).where(about))
    unit.connection.execute(delete(thing_value).where(thing_value.c.thing == found.id))

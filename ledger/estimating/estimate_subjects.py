"""What members are asked to value, and how it is named.

    thing_…                a registered thing: its owner puts it up, until then it does not exist for others
    product:ID             a product of the market
    listing:SOURCE/ID      one offer of the market
    free:NAME              anything else, in the words of whoever names it first

One round about a thing is open at a time; a price, or whoever put it up, closes it, and the next estimate of a product
opens another. The words of what the market knows come from the market, never from a member.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, select, update

from ledger.books.canonical import canonical, new_id
from ledger.books.errors import Unknown, WrongState
from ledger.books.store import UnitOfWork, insert_new
from ledger.owned import things
from ledger.owned.thing_terms import Owned, checked
from ledger.tables import estimate_price, estimate_subject, thing
from warehouse.errors import BadInput
from warehouse.valuation import ValuationRequest

ABOUT = (
    r"^(thing_[0-9a-f]{20}|product:[^\x00-\x1f]{1,300}|listing:[^\x00-\x1f/]{1,64}/[^\x00-\x1f]{1,260}"
    r"|free:[a-z0-9-]{1,60})$"
)
OTHER = "other"
GONE = "gone"
_SHOWN = ("title", "brand", "category", "condition", "attributes", "region")


class Subject(BaseModel):
    """One round of estimates about one thing. Amounts are in `currency` (ISO 4217), for one piece."""

    model_config = ConfigDict(frozen=True)

    id: str
    about: str
    opened_by: str | None
    said: dict[str, Any]
    category: str
    currency: str
    created_at: str
    closed_at: str | None

    @property
    def title(self) -> str:
        return str(self.said.get("title", "a thing that is gone"))

    def request(self) -> ValuationRequest:
        """The question what the model takes it to be worth."""
        return Owned(**{**self.said, "title": self.title, "currency": self.currency}).request()


class OwnersRange(BaseModel):
    """What the owner would let it go for, and takes it to be worth: decimal text, or None where not said."""

    wants_low: str | None
    wants_high: str | None
    worth: str | None
    currency: str | None


def check_about(about: str) -> str:
    """Raise `BadInput` for what names nothing that can be estimated."""
    if not re.fullmatch(ABOUT, about):
        raise BadInput(
            f'"{about[:80]}" names nothing to estimate: write thing_…, product:ID, listing:SOURCE/ID or free:a-name'
        )
    return about


def find(connection: Connection, about: str, *, hold: bool = False) -> Subject | None:
    """The round about a thing that is open, else the newest."""
    query = select(estimate_subject).where(estimate_subject.c.about == about)
    newest_first = (estimate_subject.c.created_at.desc(), estimate_subject.c.id.desc())
    query = query.order_by(estimate_subject.c.closed_at.is_not(None), *newest_first).limit(1)
    row = connection.execute(query.with_for_update() if hold else query).one_or_none()
    return None if row is None else told(row)


def known(connection: Connection, about: str, *, hold: bool = False) -> Subject:
    """The newest round about a thing. Raises `Unknown`, also for a thing that was not put up."""
    found = find(connection, check_about(about), hold=hold)
    if found is None:
        raise Unknown(f'nobody has put up "{about}" to be estimated')
    return found


def for_estimate(unit: UnitOfWork, by: str, about: str, said: Mapping[str, Any] | None, currency: str) -> Subject:
    """The open round that an estimate goes to, held; one about the market or in free words is opened by the first.

    Raises `Unknown` for a thing that is not put up, `WrongState` for one that is closed, `BadInput` for another money.
    """
    found = find(unit.connection, check_about(about), hold=True)
    once_only = about.startswith(("thing_", "free:", "listing:"))
    if found is not None and found.closed_at is not None and once_only:
        raise WrongState(f'estimates of "{about}" are closed')
    if found is None or found.closed_at is not None:
        if about.startswith("thing_"):
            raise Unknown(f'nobody has put up "{about}" to be estimated')
        if said is None and not about.startswith("free:"):
            raise Unknown(f'the market knows no "{about}"; GET /v1/products and `katy search` find products')
        if said is None or not said.get("title"):
            raise BadInput(f'title: nobody has said yet what "{about}" is; say it with the first estimate')
        found = open_round(unit, about, None if not about.startswith("free:") else by, said, currency)
    if found.currency != currency:
        raise BadInput(f'currency: estimates of "{about}" are in {found.currency}, not in {currency}')
    return found


def put_up(unit: UnitOfWork, by: str, thing_id: str) -> Subject:
    """The owner shows a thing to the members. Raises `Unknown`, `WrongState`, `BadInput` where it has no currency."""
    owned = things.locked(unit, thing_id, by).owned
    before = find(unit.connection, thing_id)
    if before is not None and before.closed_at is None:
        return before
    if before is not None and _is_priced(unit.connection, before.id):
        raise WrongState(f'"{thing_id}" has its price; register it anew to ask again')
    if owned.currency is None:
        raise BadInput("currency: say which money it is to be valued in: a thing that is put up needs its currency")
    return open_round(unit, thing_id, by, owned.model_dump(), owned.currency)


def open_round(unit: UnitOfWork, about: str, by: str | None, said: Mapping[str, Any], currency: str) -> Subject:
    """A new round; what two open at once is one. Only what tells nothing of its owner is shown."""
    shown = checked({name: said.get(name) for name in _SHOWN})
    row = {
        "id": new_id("round"),
        "about": about,
        "opened_by": by,
        "said": canonical(shown.model_dump(include=set(_SHOWN), exclude_none=True)).decode(),
        "category": shown.category or OTHER,
        "currency": currency,
        "created_at": unit.now,
    }
    insert_new(unit.connection, estimate_subject, [row])
    found = find(unit.connection, about, hold=True)
    assert found is not None, "it was opened, here or by another"
    return found


def close(unit: UnitOfWork, subject_id: str) -> None:
    """No more estimates."""
    still_open = (estimate_subject.c.id == subject_id) & estimate_subject.c.closed_at.is_(None)
    unit.connection.execute(update(estimate_subject).where(still_open).values(closed_at=unit.now))


def forget_thing(unit: UnitOfWork, thing_id: str) -> None:
    """A thing was removed: its words go, and what is left are the valuers' own estimates of something."""
    of_it = estimate_subject.c.about == thing_id
    unit.connection.execute(
        update(estimate_subject).where(of_it, estimate_subject.c.closed_at.is_(None)).values(closed_at=unit.now)
    )
    unit.connection.execute(update(estimate_subject).where(of_it).values(about=GONE, said="{}", opened_by=None))


def owners_range(connection: Connection, about: str) -> OwnersRange | None:
    """What the owner of a registered thing said; None for everything else, and where nothing was said."""
    row = connection.execute(select(thing.c.said).where(thing.c.id == about)).scalar_one_or_none()
    if row is None:
        return None
    said = OwnersRange.model_validate({name: json.loads(row).get(name) for name in OwnersRange.model_fields})
    return said if said.wants_low or said.wants_high or said.worth else None


def owner_of(connection: Connection, about: str) -> str | None:
    """The account a registered thing belongs to."""
    return connection.execute(select(thing.c.account).where(thing.c.id == about)).scalar_one_or_none()


def _is_priced(connection: Connection, subject_id: str) -> bool:
    query = select(estimate_price.c.subject).where(estimate_price.c.subject == subject_id)
    return connection.execute(query).one_or_none() is not None


def told(row: Row[Any]) -> Subject:
    """A row of the table as a round."""
    return Subject.model_validate({**row._mapping, "said": json.loads(row.said)})

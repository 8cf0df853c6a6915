"""What happens between acceptance and the end: deliveries, witnesses' words, signatures of a business, a no-show."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, select

from ledger.books import signing
from ledger.books.errors import NotAllowed, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork
from ledger.tables import offer
from ledger.trading import holding, rows
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Attested(BaseModel):
    """What somebody who is no party said of a trade. Nothing of the trade itself is told to them."""

    model_config = ConfigDict(frozen=True)

    trade: str
    by: str
    at: str
    said: str


def deliver(
    ledger: Ledger, *, key: str, by: str, trade_id: str, note: str | None = None, photo_sha256: str | None = None
) -> Trade:
    """A party marks what it gives as delivered, with a note and the hash of a photo where there is one.

    It moves nothing; the other's confirmation does. It may be said again, such as for the rest or with a photo.
    """
    stated = rows.checked_text(note, "a note")
    if photo_sha256 is not None and not _SHA256.fullmatch(photo_sha256):
        raise BadInput("a photo is named by its SHA-256: 64 digits of 0-9 and a-f")

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        rows.expect(row, "deliver", "accepted", "disputed")
        rows.note(unit, row.id, by, "delivered", stated, photo=photo_sha256)

    return rows.step(ledger, key, by, trade_id, "deliver", work, note=stated, photo=photo_sha256)


def no_show(ledger: Ledger, *, key: str, by: str, trade_id: str, note: str | None = None) -> Trade:
    """The day of delivery is over and the other has delivered nothing: the trade is off, and it is said through whom.

    Raises `WrongState` where no day was agreed or it is not over, where the other marked a delivery, and where the
    caller has confirmed already.
    """
    stated = rows.checked_text(note, "a note")

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        rows.expect(row, "call a no-show in", "accepted")
        other = rows.other_than(row, by)
        day = unit.connection.execute(
            select(offer.c.deliver_by).where(offer.c.trade == row.id, offer.c.number == row.offer)
        ).scalar_one()
        if day is None or unit.today <= day:
            raise WrongState(f"a no-show is called when the day of delivery is over; here it is {day or 'not agreed'}")
        if any(each.account == other for each in rows.steps(unit.connection, row.id, "delivered")):
            raise WrongState("the other party has marked a delivery: if it is not so, open a dispute")
        if by in rows.who_said(unit.connection, row.id, "confirm"):
            raise WrongState("you have confirmed this trade: whoever confirms has received")
        rows.note(unit, row.id, by, "no_show", stated)
        holding.give_back(unit, row, by)
        rows.change(unit, row.id, state="cancelled", cancelled_at=unit.now, cause="no_show", at_fault=other)

    return rows.step(ledger, key, by, trade_id, "no_show", work, note=stated)


def attest(ledger: Ledger, *, key: str, by: str, trade_id: str, said: str) -> Attested:
    """Somebody who is no party says what they saw of an accepted trade, whose id the parties gave them. Once each.

    Raises `NotAllowed` for a party, `WrongState`, `Unknown`, `BadInput`.
    """
    words = rows.checked_text(said, "what a witness says")
    if words is None:
        raise BadInput("a witness says in words what they saw")
    request = {"operation": "attest", "trade": trade_id, "said": words}

    def work(unit: UnitOfWork) -> Attested:
        row = rows.locked(unit, trade_id, None)
        if by in (row.proposer, row.counterparty):
            raise NotAllowed("a party is no witness of its own trade")
        rows.expect(row, "attest", "accepted", "disputed")
        if any(each.account == by for each in rows.steps(unit.connection, row.id, "witness")):
            raise WrongState("you have attested this trade already")
        rows.note(unit, row.id, by, "witness", words)
        return Attested(trade=row.id, by=by, at=unit.now, said=words)

    return once(ledger, account=by, key=key, request=request, answer=Attested, work=work)


def sign(ledger: Ledger, *, key: str, by: str, trade_id: str, terms: str) -> Attested:
    """A signer of a business that is a party signs the terms of the newest offer, so that it may be accepted.

    Raises `NotAllowed` for who signs for neither party, `WrongState` for other terms.
    """
    request = {"operation": "sign", "trade": trade_id, "terms": terms}

    def work(unit: UnitOfWork) -> Attested:
        row = rows.locked(unit, trade_id, None)
        mine = [side for side in (row.proposer, row.counterparty) if by in signing.signers(unit.connection, side)]
        if not mine:
            raise NotAllowed("only a signer of a business that is a party signs a trade")
        rows.expect(row, "sign", "proposed")
        if terms != row.terms_sha256:
            raise WrongState("these are not the terms of the newest offer: read the trade again, and sign what it says")
        for business in mine:
            signing.sign(unit, row.terms_sha256, business, by)
        return Attested(trade=row.id, by=by, at=unit.now, said=row.terms_sha256)

    return once(ledger, account=by, key=key, request=request, answer=Attested, work=work)

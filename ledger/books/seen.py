"""What an account may see of transfers and promises: its own, and as much of the others' share as it knows anyway.

A payment, a reversal and a trade have parties who know each other; what the house moves for many at once (a gift to
all) shows each member the member's own lines alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from ledger.books import audit_log, holds, signing, transfers
from ledger.books.errors import NotAllowed, Unknown
from ledger.books.holds import Hold
from ledger.books.lines import net
from ledger.books.paging import Page
from ledger.books.standings import Account
from ledger.books.store import Ledger, UnitOfWork, instant_text
from ledger.books.transfers import Transfer
from ledger.tables import account, api_key, entry, hold, hold_line, signer
from ledger.tables import transfer as transfer_table
from warehouse.errors import BadInput

_BETWEEN = frozenset({"payment", "reversal", "trade"})
MOST_WAITING = 200


class SeenTransfer(BaseModel):
    """A transfer as one of its accounts sees it; `reversed_by` took it back."""

    model_config = ConfigDict(frozen=True)

    transfer: Transfer
    reversed_by: str | None


class Waiting(BaseModel):
    """An open promise that concerns an account. `signatures` of those `needed` are there; `asks_me`: the account is a
    signer who has not signed."""

    model_config = ConfigDict(frozen=True)

    hold: Hold
    needed: int
    signatures: int
    asks_me: bool


def transfer(ledger: Ledger, *, by: str, transfer_id: str, treasurer: bool = False) -> SeenTransfer:
    """A transfer, for the accounts it touches and for the treasurer, whose look is logged first. Raises `Unknown` for
    everybody else."""
    with ledger.reading() as connection:
        row = connection.execute(select(transfer_table).where(transfer_table.c.id == transfer_id)).one_or_none()
        lines = transfers.lines_of(connection, transfer_id) if row is not None else []
        own = [line for line in lines if line.account == by]
        if row is None or not (own or treasurer):
            raise Unknown(f'there is no transfer "{transfer_id}" among yours')
        query = select(transfer_table.c.id).where(transfer_table.c.reverses == transfer_id)
        reversed_by = connection.execute(query).scalar_one_or_none()
    if not own:
        audit_log.looked(ledger, by, at=row.made_by, what=transfer_id)
    shown = lines if treasurer or row.kind in _BETWEEN else own
    return SeenTransfer(transfer=Transfer(**dict(row._mapping), lines=tuple(shown)), reversed_by=reversed_by)


def owns_entry(ledger: Ledger, *, by: str, seq: int) -> bool:
    """Whether an entry is one of the account's own."""
    with ledger.reading() as connection:
        found = connection.execute(select(entry.c.account).where(entry.c.seq == seq)).scalar_one_or_none()
    return found is not None and str(found) == by


def waiting(ledger: Ledger, by: str, *, after: str | None = None, limit: int = MOST_WAITING) -> Page[Waiting]:
    """The open promises and unsigned payments of an account, and those that its holder may sign, the oldest first, from
    behind the one `after`. Raises `Unknown` for an `after` that is not theirs, `BadInput`."""
    if not 1 <= limit <= MOST_WAITING:
        raise BadInput(f"a page has 1 to {MOST_WAITING} promises")
    now = instant_text(ledger.clock())
    query = _open_for(by, now).order_by(hold.c.created_at, hold.c.id).limit(limit + 1)
    with ledger.reading() as connection:
        if after is not None:
            last = connection.execute(select(hold).where(_concerns(by), hold.c.id == after)).one_or_none()
            if last is None:
                raise Unknown(f'there is no promise "{after}" among yours to go on from')
            at, id = hold.c.created_at, hold.c.id
            query = query.where(or_(at > last.created_at, and_(at == last.created_at, id > last.id)))
        rows = connection.execute(query).all()
        found = _read(ledger, connection, rows[:limit], by, now)
    return Page(tuple(found), rows[limit - 1].id if len(rows) > limit else None)


def waiting_one(ledger: Ledger, by: str, hold_id: str) -> Waiting | None:
    """One of those; None where it does not wait, or is nobody's whom the account may know of."""
    now = instant_text(ledger.clock())
    with ledger.reading() as connection:
        rows = connection.execute(_open_for(by, now).where(hold.c.id == hold_id)).all()
        return next(iter(_read(ledger, connection, rows, by, now)), None)


def _open_for(by: str, now: str) -> Select[Any]:
    lasts = or_(hold.c.expires_at.is_(None), hold.c.expires_at > now)
    kinds = hold.c.kind.in_(("promise", "payment"))
    return select(hold).where(hold.c.state == "open", kinds, lasts, _concerns(by))


def _concerns(by: str) -> ColumnElement[bool]:
    """A condition on promises: the account is a party, or its holder signs for the payer."""
    signs_for = select(signer.c.account).where(signer.c.member == by)
    mine = or_(hold_line.c.account == by, and_(hold_line.c.account.in_(signs_for), hold_line.c.amount < 0))
    return hold.c.id.in_(select(hold_line.c.hold).where(mine))


def _read(ledger: Ledger, connection: Connection, rows: Sequence[Row[Any]], by: str, now: str) -> list[Waiting]:
    # The policy of the day decides what must be signed; nothing is written here.
    unit = UnitOfWork(connection, now, ledger.policy(), ledger.policies)
    return [_waiting(unit, holds.view(connection, row), by) for row in rows]


def _waiting(unit: UnitOfWork, held: Hold, by: str) -> Waiting:
    connection = unit.connection
    try:
        needed = signing.needed(unit, net(held.lines))
    except NotAllowed:  # there are too few signers by now: nobody can complete it
        needed = {}
    mine = [payer for payer in needed if by in signing.signers(connection, payer)]
    return Waiting(
        hold=held,
        needed=sum(needed.values()),
        signatures=sum(signing.signed(connection, held.id, payer) for payer in needed),
        asks_me=any(not signing.has_signed(connection, held.id, payer, by) for payer in mine),
    )


def key_holder(ledger: Ledger, key_id: str) -> Account | None:
    """The account that a key speaks for, by the key's public half; None once it is revoked."""
    query = select(account, api_key.c.id.label("key")).join(api_key, api_key.c.account == account.c.id)
    with ledger.reading() as connection:
        row = connection.execute(query.where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None))).one_or_none()
    return None if row is None else Account(row.id, row.name, row.kind, row.tier, row.created_at)

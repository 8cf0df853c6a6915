"""What a member notes on the legs of its trades: basis, business expense, sales tax. Kept as given, never checked.

basis      what the thing that was given had cost (I.R.C. §1012); the gain is what was received less this
expense    what a business spent on it
sales_tax  sales or use tax on it: barter is a sale in most states, and the seller collects by the fair value
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select

from ledger.books.canonical import new_id
from ledger.books.errors import Unknown
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import tax_note
from ledger.tax import reading
from warehouse.errors import BadInput, Busy

Kind = Literal["basis", "expense", "sales_tax"]
KINDS: tuple[Kind, ...] = ("basis", "expense", "sales_tax")
LONGEST_TEXT = 500
_MOST_CENTS = 10**12


class Note(BaseModel):
    """One note of a member on a leg. `cents` are minor units of the community's currency."""

    model_config = ConfigDict(frozen=True)

    id: str
    trade: str
    position: int
    kind: Kind
    cents: int
    text: str
    noted_at: str


def add(
    ledger: Ledger, *, key: str, account: str, trade: str, position: int, kind: Kind, cents: int, text: str = ""
) -> Note:
    """Note something on a leg of one's own trade; the latest note of a kind counts, the earlier ones stay.

    Raises `Unknown` for a leg that is not among one's own, `BadInput` for what cannot be noted.
    """
    plain = text.strip()
    if kind not in KINDS:
        raise BadInput(f'a note is on {", ".join(KINDS)}, not on "{kind}"')
    if not 0 <= cents <= _MOST_CENTS or len(plain) > LONGEST_TEXT or "\x00" in plain:
        raise BadInput(f"a note has an amount of zero or more and a text of at most {LONGEST_TEXT} characters")
    said = {"trade": trade, "position": position, "kind": kind, "cents": cents, "text": plain}

    def work(unit: UnitOfWork) -> Note:
        if not reading.is_party(unit.connection, trade, account) or not reading.has_leg(
            unit.connection, trade, position
        ):
            raise Unknown(f'there is no leg {position} of a trade "{trade}" among yours')
        row = {"id": new_id("note"), "account": account, **said, "noted_at": unit.now}
        if not insert_new(unit.connection, tax_note, [{**row, "number": _next(unit.connection, row)}]):
            raise Busy("another note on this leg is just being written; look and note it again")
        return Note.model_validate({name: row[name] for name in Note.model_fields})

    request = {"operation": "tax note", **said}
    return once(ledger, account=account, key=key, request=request, answer=Note, work=work)


def _next(connection: Connection, row: dict[str, Any]) -> int:
    same = [tax_note.c[name] == row[name] for name in ("account", "trade", "position", "kind")]
    return int(connection.execute(select(func.coalesce(func.max(tax_note.c.number), 0) + 1).where(*same)).scalar_one())


def of(connection: Connection, account: str) -> dict[tuple[str, int], tuple[Note, ...]]:
    """A member's notes that count, by trade and leg."""
    rows = connection.execute(select(tax_note).where(tax_note.c.account == account).order_by(tax_note.c.number))
    latest = {
        (row.trade, row.position, row.kind): Note(
            id=row.id,
            trade=row.trade,
            position=row.position,
            kind=row.kind,
            cents=row.cents,
            text=row.text,
            noted_at=row.noted_at,
        )
        for row in rows
    }
    found: dict[tuple[str, int], tuple[Note, ...]] = {}
    for (trade, position, _), note in sorted(latest.items()):
        found[trade, position] = (*found.get((trade, position), ()), note)
    return found

"""What a member says of itself for the tax papers: legal name, address, kind of recipient, number, and the estimate.

The number is asked for on Form W-9. Whoever has given none is warned of backup withholding (I.R.C. §3406: 24 per cent).
Every look at a whole number leaves a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, insert, select, update

from ledger.books import accounts, audit_log
from ledger.books.canonical import new_id
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import account as account_table
from ledger.tables import tax_profile, tax_tin_read
from ledger.tax import tin
from ledger.tax.tin import Tin
from warehouse.errors import BadInput

Recipient = Literal["individual", "sole_proprietor", "partnership", "corporation", "exempt_foreign"]
LONGEST_NAME = 80
LONGEST_ADDRESS = 200
BACKUP_PERCENT = 24


class Profile(BaseModel):
    """A member's profile as it may be shown; the number is shortened. `given`: whether the member said any of it."""

    model_config = ConfigDict(frozen=True)

    account: str
    legal_name: str
    address: str
    recipient: Recipient
    tin_kind: str | None
    tin_shown: str | None
    estimate: bool
    marginal_rate: str | None
    given: bool

    @property
    def warning(self) -> str | None:
        """What a member without a number is told."""
        if self.tin_kind is not None or self.recipient == "exempt_foreign":
            return None
        return (
            f"no taxpayer number is known for {self.legal_name}: give one (Form W-9), or backup withholding of "
            f"{BACKUP_PERCENT} % may have to be taken (I.R.C. §3406(a)(1))"
        )


class Asked(BaseModel):
    """What a member says. `number` None: the one that is known stays; rate in per cent, such as "22"."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    legal_name: str
    address: str
    recipient: Recipient
    number: Tin | None = None
    estimate: bool = False
    marginal_rate: str | None = None


def put(ledger: Ledger, *, key: str, account: str, asked: Asked, tin_key: bytes | None) -> Profile:
    """Keep what a member says of itself; it replaces what was said before. `tin_key` seals the number.

    Raises `BadInput` for a text or a rate that cannot be.
    """
    if asked.number is not None and tin_key is None:
        raise BadInput("no key for tax numbers is set here: `katy tax key` makes one (KATY_TAX_KEY)")
    said = {
        "legal_name": _line(asked.legal_name, LONGEST_NAME, "a legal name"),
        "address": _line(asked.address, LONGEST_ADDRESS, "an address", empty=True),
        "recipient": asked.recipient,
        "estimate": int(asked.estimate),
        "marginal_rate": _rate(asked.marginal_rate),
    }
    # The request is kept as a hash; of nine digits alone a hash would give the number away.
    number = None if asked.number is None or tin_key is None else tin.mark(asked.number, tin_key)
    request = {"operation": "tax profile", "account": account, **said, "number": number}

    def work(unit: UnitOfWork) -> Profile:
        accounts.one(unit.connection, account)
        row: dict[str, Any] = {**said, "changed_at": unit.now}
        if asked.number is not None and tin_key is not None:
            box = tin.seal(asked.number, owner=account, key=tin_key)
            row |= {"tin_kind": asked.number.kind, "tin_box": box, "tin_shown": asked.number.shown}
        if not insert_new(unit.connection, tax_profile, [{"account": account, **row}]):
            unit.connection.execute(update(tax_profile).where(tax_profile.c.account == account).values(**row))
        return of(unit.connection, account)

    return once(ledger, account=account, key=key, request=request, answer=Profile, work=work)


def of(connection: Connection, account: str) -> Profile:
    """A member's profile. Whoever has said nothing is an individual under the account's name. Raises `Unknown`."""
    holder = accounts.one(connection, account)
    row = connection.execute(select(tax_profile).where(tax_profile.c.account == account)).one_or_none()
    return _nothing(holder.id, holder.name) if row is None else _profile(row)


def all_of(connection: Connection) -> dict[str, Profile]:
    """The profiles of all accounts."""
    rows = {row.account: _profile(row) for row in connection.execute(select(tax_profile))}
    names = connection.execute(select(account_table.c.id, account_table.c.name))
    return {row.id: rows.get(row.id) or _nothing(row.id, row.name) for row in names}


def boxes(connection: Connection) -> dict[str, bytes]:
    """The sealed numbers of all members who gave one."""
    query = select(tax_profile.c.account, tax_profile.c.tin_box).where(tax_profile.c.tin_box.is_not(None))
    return {row.account: bytes(row.tin_box) for row in connection.execute(query)}


def note_reading(unit: UnitOfWork, owners: Iterable[str], *, by: str, purpose: str) -> None:
    """Write down that whole numbers are read: whose, by whom, what for."""
    rows = [
        {"id": new_id("read"), "account": owner, "by": by, "purpose": purpose, "read_at": unit.now} for owner in owners
    ]
    if rows:
        unit.connection.execute(insert(tax_tin_read), rows)
        audit_log.record_many(unit, actor=by, action="tin.read", subjects=[row["account"] for row in rows])


def show_tin(ledger: Ledger, *, account: str, by: str, purpose: str, tin_key: bytes) -> Tin | None:
    """A member's whole number, for the treasurer; the look is written down first. None where there is none."""

    def work(unit: UnitOfWork) -> Tin | None:
        accounts.one(unit.connection, account)
        box = boxes(unit.connection).get(account)
        if box is None:
            return None
        note_reading(unit, [account], by=by, purpose=_line(purpose, 200, "a purpose"))
        return tin.unseal(box, owner=account, key=tin_key)

    return ledger.transact(work)


def readings(connection: Connection, account: str | None = None) -> list[dict[str, Any]]:
    """Who has read which whole numbers, the latest first."""
    query = select(tax_tin_read).order_by(tax_tin_read.c.read_at.desc(), tax_tin_read.c.id)
    if account is not None:
        query = query.where(tax_tin_read.c.account == account)
    return [dict(row) for row in connection.execute(query).mappings()]


def _profile(row: Row[Any]) -> Profile:
    return Profile(
        account=row.account,
        legal_name=row.legal_name,
        address=row.address,
        recipient=row.recipient,
        tin_kind=row.tin_kind,
        tin_shown=row.tin_shown,
        estimate=bool(row.estimate),
        marginal_rate=row.marginal_rate,
        given=True,
    )


def _nothing(account: str, name: str) -> Profile:
    return Profile(
        account=account,
        legal_name=name,
        address="",
        recipient="individual",
        tin_kind=None,
        tin_shown=None,
        estimate=False,
        marginal_rate=None,
        given=False,
    )


def _rate(said: str | None) -> str | None:
    if said is None:
        return None
    try:
        rate = Decimal(said.strip())
    except InvalidOperation as error:
        raise BadInput(f'"{said}" is not a rate in per cent, such as 22') from error
    if not rate.is_finite() or not 0 <= rate <= 100 or rate % Decimal("0.01") != 0:
        raise BadInput("a marginal rate is 0 to 100 per cent, with at most two places")
    return f"{rate.normalize():f}"


def _line(text: str, longest: int, what: str, *, empty: bool = False) -> str:
    plain = " ".join(text.split())
    if len(plain) > longest or (not plain and not empty) or not plain.isprintable():
        raise BadInput(f"{what} is {'at most' if empty else '1 to'} {longest} printable characters")
    return plain

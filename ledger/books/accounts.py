"""Accounts: who holds a balance, how far it may go, and the key that speaks for them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ledger.books import keys
from ledger.books.canonical import new_id
from ledger.books.errors import LedgerError, Unknown
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.books.units import K
from ledger.policy.dated import Limits, Policy
from ledger.tables import account, api_key, balance
from warehouse.errors import BadInput

PREFIX = "acc"
KINDS = ("member", "business", "pool")
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Account:
    """A holder of a balance: a member, a business, or a pool of the community. `tier` sets its limits."""

    id: str
    name: str
    kind: str
    tier: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands in one unit, in rails, and how far it may go.

    `pending_out` and `pending_in` are promised and not moved yet. They count against the limits, and what is
    promised to an account cannot be spent before it has come.
    """

    account: Account
    unit: str
    posted: int
    pending_out: int
    pending_in: int
    limits: Limits

    @property
    def spendable(self) -> int:
        """What may still go out; negative where a stricter policy came after the debt."""
        return self.posted - self.pending_out - self.limits.floor

    @property
    def room(self) -> int | None:
        """What may still come in; None where there is no ceiling."""
        return None if self.limits.ceiling is None else self.limits.ceiling - self.posted - self.pending_in


def create(ledger: Ledger, name: str, *, tier: str = "basic", kind: str = "member") -> tuple[Account, str]:
    """A new account with a balance of zero, and its key. The key is returned this once and kept nowhere.

    Raises `BadInput` for a name, tier or kind that cannot be, `LedgerError` where the name is taken.
    """
    shown, name_key = _name(name)
    if kind not in KINDS:
        raise BadInput(f'there is no kind of account "{kind}"; there are {", ".join(KINDS)}')

    def work(unit: UnitOfWork) -> tuple[Account, str]:
        unit.policy.limits(tier)
        made = Account(new_id(PREFIX), shown, kind, tier, unit.now)
        row = {"id": made.id, "name": shown, "name_key": name_key, "kind": kind, "tier": tier, "created_at": unit.now}
        if not insert_new(unit.connection, account, [row]):
            raise LedgerError(f'there is an account "{shown}" already; choose another name')
        unit.connection.execute(insert(balance).values(account=made.id, unit=K, posted=0, pending_out=0, pending_in=0))
        return made, _issue_key(unit, made.id)

    return ledger.transact(work)


def new_key(ledger: Ledger, account_id: str) -> str:
    """A new key for an account; the ones before it are revoked. Raises `Unknown`."""

    def work(unit: UnitOfWork) -> str:
        one(unit.connection, account_id)
        unit.connection.execute(
            update(api_key)
            .where(api_key.c.account == account_id, api_key.c.revoked_at.is_(None))
            .values(revoked_at=unit.now)
        )
        return _issue_key(unit, account_id)

    return ledger.transact(work)


def authenticate(ledger: Ledger, key: str) -> Account | None:
    """The account a key speaks for; None for a key that is wrong, revoked or not a key at all."""
    presented = keys.parse(key)
    if presented is None:
        return None
    with ledger.reading() as connection:
        row = connection.execute(
            select(account, api_key.c.secret_sha256)
            .join(api_key, api_key.c.account == account.c.id)
            .where(api_key.c.id == presented.id, api_key.c.revoked_at.is_(None))
        ).one_or_none()
    if row is None or not presented.matches(row.secret_sha256):
        return None
    return _account(row)


def find(ledger: Ledger, id_or_name: str) -> Account:
    """An account by its id or its name. Raises `Unknown`."""
    with ledger.reading() as connection:
        return named(connection, id_or_name)


def listing(ledger: Ledger) -> list[Standing]:
    """Every account and where it stands, by name."""
    policy = ledger.policy()
    with ledger.reading() as connection:
        rows = connection.execute(
            select(account, balance).join(balance, balance.c.account == account.c.id).order_by(account.c.name_key)
        ).all()
    return [_standing(row, policy) for row in rows]


def standing(ledger: Ledger, account_id: str) -> Standing:
    """Where an account stands in K. Raises `Unknown`."""
    policy = ledger.policy()
    with ledger.reading() as connection:
        one(connection, account_id)
        row = connection.execute(
            select(account, balance)
            .join(balance, balance.c.account == account.c.id)
            .where(account.c.id == account_id, balance.c.unit == K)
        ).one()
    return _standing(row, policy)


def locked(unit: UnitOfWork, account_ids: set[str], of: str = K) -> dict[str, Standing]:
    """Where some accounts stand, and nobody else may move them until this unit of work ends. Raises `Unknown`.

    The rows are always taken in the order of their ids: two writers cannot wait for each other in a circle.
    """
    rows = unit.connection.execute(
        select(account, balance)
        .join(balance, balance.c.account == account.c.id)
        .where(balance.c.account.in_(account_ids), balance.c.unit == of)
        .order_by(balance.c.account)
        .with_for_update(of=balance)
    ).all()
    found = {row.id: _standing(row, unit.policy) for row in rows}
    for missing in sorted(account_ids - found.keys()):
        raise Unknown(f'there is no account "{missing}" in these books')
    return found


def one(connection: Connection, account_id: str) -> Account:
    """An account by its id. Raises `Unknown`."""
    row = connection.execute(select(account).where(account.c.id == account_id)).one_or_none()
    if row is None:
        raise Unknown(f'there is no account "{account_id}" in these books')
    return _account(row)


def named(connection: Connection, id_or_name: str) -> Account:
    """An account by its id or its name. Raises `Unknown`."""
    if "\x00" in id_or_name:  # PostgreSQL takes no such text at all
        raise Unknown("an account's name holds no NUL character")
    if id_or_name.startswith(f"{PREFIX}_"):
        return one(connection, id_or_name)
    row = connection.execute(select(account).where(account.c.name_key == _folded(id_or_name))).one_or_none()
    if row is None:
        raise Unknown(f'there is no account "{id_or_name}" in these books')
    return _account(row)


def _issue_key(unit: UnitOfWork, account_id: str) -> str:
    key = keys.new()
    unit.connection.execute(
        insert(api_key).values(id=key.id, account=account_id, secret_sha256=key.secret_sha256, created_at=unit.now)
    )
    return key.text


def _name(name: str) -> tuple[str, str]:
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable() or shown.startswith(f"{PREFIX}_"):
        raise BadInput(
            f'"{name}" cannot be the name of an account: 1 to {LONGEST_NAME} printable characters, '
            f'not beginning "{PREFIX}_"'
        )
    return shown, _folded(shown)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.name, row.kind, row.tier, row.created_at)


def _standing(row: Row[Any], policy: Policy) -> Standing:
    holder = _account(row)
    return Standing(holder, row.unit, row.posted, row.pending_out, row.pending_in, policy.limits(holder.tier))

"""Accounts: who holds a balance, how far it may go, and the key that speaks for them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ledger.books import audit_log, keys
from ledger.books.canonical import new_id
from ledger.books.errors import LedgerError, NotAllowed, Unknown
from ledger.books.scopes import checked
from ledger.books.standings import Account, Standing, of_row
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.books.units import UNITS, K
from ledger.policy.dated import HOUSE
from ledger.tables import account, api_key, balance, member_level
from warehouse.errors import BadInput

PREFIX = "acc"
KINDS = ("member", "business")
LONGEST_NAME = 80


def create(
    ledger: Ledger, name: str, *, tier: str = "basic", kind: str = "member", scopes: Sequence[str] = ()
) -> tuple[Account, str]:
    """A new account with a balance of zero, and its key. The key is returned this once and kept nowhere.

    Raises `BadInput` for a name, tier, kind or scope that cannot be, `LedgerError` where the name is taken.
    """
    return ledger.transact(lambda unit: opened(unit, name, tier=tier, kind=kind, scopes=scopes, by=audit_log.OPERATOR))


def opened(unit: UnitOfWork, name: str, *, tier: str, kind: str, scopes: Sequence[str], by: str) -> tuple[Account, str]:
    """The same inside a unit of work, on behalf of `by`."""
    shown, name_key = _name(name)
    if kind not in KINDS:
        raise BadInput(f'there is no kind of account "{kind}"; there are {", ".join(KINDS)}')
    unit.policy.tier(tier)
    made = _open(unit, shown, name_key, kind, tier)
    if made is None:
        raise LedgerError(f'there is an account "{shown}" already; choose another name')
    key = _issue_key(unit, made.id, scopes)
    audit_log.record(
        unit, actor=by, action="account.opened", subject=made.id, kind=kind, tier=tier, scopes=" ".join(checked(scopes))
    )
    return made, key


def house(unit: UnitOfWork, name: str) -> Account:
    """The community's own account of that name in the policy ("pool", "escrow" …), opened at its first use.

    Nobody has a key to it. Raises `BadInput` where the policy of the day has none of that name.
    """
    of = unit.policy.house_account(name)
    tier = HOUSE + name
    row = unit.connection.execute(_HOUSE, {"tier": tier}).one_or_none()
    if row is not None:
        return _account(row)
    made = _open(unit, f"community {name}", tier, of.kind, tier)
    # Another writer may have opened it since we looked.
    return made or _account(unit.connection.execute(select(account).where(account.c.tier == tier)).one())


def new_key(ledger: Ledger, account_id: str, *, scopes: Sequence[str] = ()) -> str:
    """A new key for an account; the ones before it are revoked. Raises `Unknown`, `NotAllowed` for an account that
    nobody may have a key to (the community's own, a closed one), `BadInput` for a scope."""

    def work(unit: UnitOfWork) -> str:
        holder = one(unit.connection, account_id)
        if holder.kind not in KINDS:
            raise NotAllowed(f"{holder.name} is nobody's any more, or the community's own: there is no key to it")
        unit.connection.execute(
            update(api_key)
            .where(api_key.c.account == account_id, api_key.c.revoked_at.is_(None))
            .values(revoked_at=unit.now)
        )
        key = _issue_key(unit, account_id, scopes)
        audit_log.record(
            unit, actor=audit_log.OPERATOR, action="key.made", subject=account_id, scopes=" ".join(checked(scopes))
        )
        return key

    return ledger.transact(work)


def authenticate(ledger: Ledger, key: str) -> tuple[Account, frozenset[str]] | None:
    """The account a key speaks for and the key's scopes; None for a key that is wrong, revoked or not a key at all."""
    presented = keys.parse(key)
    if presented is None:
        return None
    with ledger.reading() as connection:
        row = connection.execute(
            select(account, api_key.c.secret_sha256, api_key.c.scopes)
            .join(api_key, api_key.c.account == account.c.id)
            .where(api_key.c.id == presented.id, api_key.c.revoked_at.is_(None))
        ).one_or_none()
    if row is None or not presented.matches(row.secret_sha256):
        return None
    return _account(row), frozenset(row.scopes.split())


def find(ledger: Ledger, id_or_name: str) -> Account:
    """An account by its id or its name. Raises `Unknown`."""
    with ledger.reading() as connection:
        return named(connection, id_or_name)


def listing(ledger: Ledger, unit: str = K) -> list[Standing]:
    """Every account and where it stands in a unit, by name."""
    policy = ledger.policy()
    with ledger.reading() as connection:
        rows = connection.execute(
            select(account, balance)
            .join(balance, balance.c.account == account.c.id)
            .where(balance.c.unit == unit)
            .order_by(account.c.name_key)
        ).all()
    return [of_row(row, policy) for row in rows]


def standing(ledger: Ledger, account_id: str, unit: str = K) -> Standing:
    """Where an account stands in a unit. Raises `Unknown`."""
    policy = ledger.policy()
    with ledger.reading() as connection:
        one(connection, account_id)
        row = connection.execute(
            select(account, balance)
            .join(balance, balance.c.account == account.c.id)
            .where(account.c.id == account_id, balance.c.unit == unit)
        ).one()
    return of_row(row, policy)


# Asked for so often that they are built once.
_ONE = select(account).where(account.c.id == bindparam("id"))
_HOUSE = select(account).where(account.c.tier == bindparam("tier"))


def one(connection: Connection, account_id: str) -> Account:
    """An account by its id. Raises `Unknown`."""
    row = connection.execute(_ONE, {"id": account_id}).one_or_none()
    if row is None:
        raise unknown(account_id)
    return _account(row)


def gone(connection: Connection, account_ids: Iterable[str]) -> set[str]:
    """Those of the accounts that were expelled or closed."""
    left = member_level.c.expelled_at.is_not(None) | member_level.c.closed_at.is_not(None)
    query = select(member_level.c.account).where(member_level.c.account.in_(list(account_ids)), left)
    return set(connection.execute(query).scalars())


def unknown(id_or_name: str) -> Unknown:
    """What is said of an account that is not there."""
    return Unknown(f'there is no account "{id_or_name}" in these books')


def named(connection: Connection, id_or_name: str) -> Account:
    """An account by its id or its name. Raises `Unknown`."""
    if "\x00" in id_or_name:  # PostgreSQL takes no such text at all
        raise Unknown("an account's name holds no NUL character")
    if id_or_name.startswith(f"{PREFIX}_"):
        return one(connection, id_or_name)
    row = connection.execute(select(account).where(account.c.name_key == folded(id_or_name))).one_or_none()
    if row is None:
        raise unknown(id_or_name)
    return _account(row)


def _open(unit: UnitOfWork, name: str, name_key: str, kind: str, tier: str) -> Account | None:
    """A new account with balances of zero; None where its name is taken."""
    made = Account(new_id(PREFIX), name, kind, tier, unit.now)
    row = {"id": made.id, "name": name, "name_key": name_key, "kind": kind, "tier": tier, "created_at": unit.now}
    if not insert_new(unit.connection, account, [row]):
        return None
    unit.connection.execute(
        insert(balance),
        [{"account": made.id, "unit": each, "posted": 0, "pending_out": 0, "pending_in": 0} for each in UNITS],
    )
    return made


def _issue_key(unit: UnitOfWork, account_id: str, scopes: Sequence[str]) -> str:
    key = keys.new()
    unit.connection.execute(
        insert(api_key).values(
            id=key.id,
            account=account_id,
            secret_sha256=key.secret_sha256,
            scopes=" ".join(checked(scopes)),
            created_at=unit.now,
        )
    )
    return key.text


def _name(name: str) -> tuple[str, str]:
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable() or shown.startswith((f"{PREFIX}_", HOUSE)):
        raise BadInput(
            f'"{name}" cannot be the name of an account: 1 to {LONGEST_NAME} printable characters, '
            f'not beginning "{PREFIX}_" or "{HOUSE}"'
        )
    return shown, folded(shown)


def folded(name: str) -> str:
    """A name as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.name, row.kind, row.tier, row.created_at)

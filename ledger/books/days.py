"""The Merkle root of each day: what was in the books by its end, in 32 bytes that can be published anywhere.

A day's tree has the hashes of the chain's entries since the last root for its leaves, in their order. Who keeps a root
can be shown later that an entry was there (an inclusion proof), by somebody who need not be believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select

from ledger.books import merkle
from ledger.books.errors import Unknown
from ledger.books.links import Fault
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import day_root, entry, transfer

_DAYS_AT_ONCE = 400


class DayRoot(BaseModel):
    """A day's root over the entries `first_seq` to `last_seq`, in hexadecimal."""

    model_config = ConfigDict(frozen=True)

    day: str
    first_seq: int
    last_seq: int
    root: str
    made_at: str


class Proof(BaseModel):
    """That the entry `seq` with the hash `entry_hash` is leaf `place` of `size` under a day's root: RFC 9162 §2.1.3."""

    model_config = ConfigDict(frozen=True)

    seq: int
    entry_hash: str
    day: DayRoot
    place: int
    size: int
    path: tuple[str, ...]

    def holds(self) -> bool:
        """Whether the path leads from the entry to the root."""
        return merkle.includes(
            merkle.leaf_hash(bytes.fromhex(self.entry_hash)),
            self.place,
            self.size,
            [bytes.fromhex(each) for each in self.path],
            bytes.fromhex(self.day.root),
        )


def close_days(ledger: Ledger) -> list[DayRoot]:
    """Make the roots of all days that are over and have none; those that are new, the earliest first."""
    made: list[DayRoot] = []
    while True:
        found = ledger.transact(_close_next)
        if found is None or len(made) >= _DAYS_AT_ONCE:
            return made
        made.append(found)


def _close_next(unit: UnitOfWork) -> DayRoot | None:
    """The root of the first day that is over and has none. Entries are taken in the order of the chain: one that a slow
    clock wrote for a day before belongs to the next root, and what stands before a day's last entry to that day's."""
    connection = unit.connection
    after, closed = connection.execute(
        select(func.coalesce(func.max(day_root.c.last_seq), 0), func.coalesce(func.max(day_root.c.day), ""))
    ).one()
    first = connection.execute(
        select(transfer.c.created_at)
        .join(entry, entry.c.transfer == transfer.c.id)
        .where(entry.c.seq == int(after) + 1)
    ).scalar_one_or_none()
    if first is None:
        return None
    day = first[:10] if first[:10] > closed else _next(closed)
    if day >= unit.today:
        return None
    last = connection.execute(
        select(func.max(entry.c.seq))
        .join(transfer, transfer.c.id == entry.c.transfer)
        .where(entry.c.seq > after, transfer.c.created_at < f"{_next(day)}T")
    ).scalar_one()
    root = _root(connection, after + 1, last)
    made = DayRoot(day=day, first_seq=after + 1, last_seq=last, root=root, made_at=unit.now)
    # Another process may have closed the day since we looked; its root is the same.
    return made if insert_new(connection, day_root, [made.model_dump()]) else None


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def listing(ledger: Ledger) -> list[DayRoot]:
    """All roots, the earliest day first."""
    with ledger.reading() as connection:
        return [DayRoot.model_validate(dict(row._mapping)) for row in connection.execute(_ALL)]


def prove(ledger: Ledger, seq: int) -> Proof:
    """That an entry is in the books. Raises `Unknown` for an entry that is not there or whose day has no root yet."""
    with ledger.reading() as connection:
        row = connection.execute(
            select(day_root).where(day_root.c.first_seq <= seq, day_root.c.last_seq >= seq)
        ).one_or_none()
        if row is None:
            raise Unknown(
                f"entry {seq} is under no day's root yet: `katy ledger close-days` makes those of days that are over"
            )
        day = DayRoot.model_validate(dict(row._mapping))
        hashes = _hashes(connection, day.first_seq, day.last_seq)
    leaves = [merkle.leaf_hash(bytes.fromhex(each)) for each in hashes]
    place = seq - day.first_seq
    path = tuple(each.hex() for each in merkle.inclusion_proof(leaves, place))
    return Proof(seq=seq, entry_hash=hashes[place], day=day, place=place, size=len(leaves), path=path)


def faults(connection: Connection) -> Iterator[Fault]:
    """Every day whose entries do not give its root, or that leaves entries out."""
    follows = 1
    for row in connection.execute(_ALL).all():
        if row.first_seq != follows:
            yield Fault(f"the root of {row.day}", f"begins at entry {row.first_seq}, not at {follows}")
        if _root(connection, row.first_seq, row.last_seq) != row.root:
            yield Fault(f"the root of {row.day}", f"entries {row.first_seq} to {row.last_seq} do not give it")
        follows = row.last_seq + 1


_ALL = select(day_root).order_by(day_root.c.first_seq)


def _root(connection: Connection, first: int, last: int) -> str:
    hashes = _hashes(connection, first, last)
    return merkle.root([merkle.leaf_hash(bytes.fromhex(each)) for each in hashes]).hex()


def _hashes(connection: Connection, first: int, last: int) -> list[str]:
    query = select(entry.c.hash).where(entry.c.seq >= first, entry.c.seq <= last).order_by(entry.c.seq)
    return list(connection.execute(query).scalars())

"""The hash chain over all entries: each remembers the hash of the one before, so that none can be changed unseen.

An entry's hash covers its own number, account, unit and amount, the transfer it belongs to with everything that was
said about it, and the hash of the entry before. The last hash is kept beside the chain as its head.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from ledger.books.canonical import exact, sha256
from ledger.books.lines import Line
from ledger.books.prepared import Prepared
from ledger.books.store import UnitOfWork, insert_rows
from ledger.tables import chain_head, entry, transfer

BEGINNING = "0" * 64
_COLUMNS = tuple(str(column.name) for column in transfer.c)
_LATER = frozenset({"reverses"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the books that is not as it was written: the entry or other row, and what is wrong with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def transfer_digest(said: Mapping[str, Any]) -> str:
    """The hash of everything a transfer says besides its entries: the columns of its row.

    Columns that came later than the first books are told only where they say something: older hashes stay as they are.
    """
    return sha256(exact({name: said[name] for name in _COLUMNS if name not in _LATER or said[name] is not None}))


def entry_hash(
    *, previous: str, seq: int, transfer_sha256: str, transfer_id: str, line: int, account: str, unit: str, amount: int
) -> str:
    """The hash of one entry, in hexadecimal."""
    content = [previous, seq, transfer_sha256, transfer_id, line, account, unit, amount]
    return sha256(exact(content))


def append(unit: UnitOfWork, posted: Sequence[tuple[Mapping[str, Any], Sequence[Line]]]) -> None:
    """Add the lines of transfers, each with its row, to the end of the chain.

    This takes the chain's one lock, so it comes last in a unit of work and holds it briefly. On PostgreSQL a few lines
    are chained by the server itself (`append_entries`, made by revision r0005): with many clients on few processors the
    lock would else be held by one that waits for its turn to reckon a hash.
    """
    if unit.connection.dialect.name == "postgresql" and len(posted) == 1 and len(posted[0][1]) <= _FEW:
        said, lines = posted[0]
        _CHAINED_THERE.run(
            unit.connection,
            {
                "digest": transfer_digest(said),
                "of_transfer": said["id"],
                "accounts": [_plain(line.account) for line in lines],
                "units": [_plain(line.unit) for line in lines],
                "amounts": [line.amount for line in lines],
            },
        )
        return
    digests = [transfer_digest(said) for said, _ in posted]
    ((at, last),) = _HEAD.rows(unit.connection, {})
    rows, seq, previous = chained(posted, digests, at, last)
    insert_entries(unit.connection, rows)
    _MOVE_HEAD.run(unit.connection, {"now": seq, "now_hash": previous})


_HEAD = Prepared(select(chain_head.c.seq, chain_head.c.hash).with_for_update())
_MOVE_HEAD = Prepared(update(chain_head).values(seq=bindparam("now"), hash=bindparam("now_hash")))
_ENTRY = Prepared(insert(entry).values({str(column.name): bindparam(column.name) for column in entry.c}))
_CHAINED_THERE = Prepared(
    text(
        "SELECT append_entries(:digest, :of_transfer, CAST(:accounts AS text[]), CAST(:units AS text[]), "
        "CAST(:amounts AS bigint[]))"
    )
)
_PLAIN = re.compile(r"[A-Za-z0-9_]+")
_FEW = 8
_HEARD = 5_000
_ENTRY_COLUMNS = ("seq", "transfer", "line", "account", "unit", "amount", "previous", "hash")


def _plain(name: str) -> str:
    # The server writes a name between quotes as it is: one that JSON would write otherwise has no business here.
    assert _PLAIN.fullmatch(name), f"{name!r} is no name of an account or a unit"
    return name


def chained(
    posted: Sequence[tuple[Mapping[str, Any], Sequence[Line]]], digests: Sequence[str], seq: int, previous: str
) -> tuple[list[tuple[Any, ...]], int, str]:
    """The entries of transfers behind entry `seq` with the hash `previous`, as rows; the last one's number and hash."""
    rows: list[tuple[Any, ...]] = []
    for (said, lines), digest in zip(posted, digests, strict=True):
        for number, line in enumerate(lines, start=1):
            seq += 1
            own = entry_hash(
                previous=previous,
                seq=seq,
                transfer_sha256=digest,
                transfer_id=said["id"],
                line=number,
                account=line.account,
                unit=line.unit,
                amount=line.amount,
            )
            rows.append((seq, said["id"], number, line.account, line.unit, line.amount, previous, own))
            previous = own
    return rows, seq, previous


def insert_entries(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write entries as they come from `chained`."""
    if len(rows) > _FEW:
        insert_rows(connection, entry, _ENTRY_COLUMNS, rows)
        return
    for row in rows:
        _ENTRY.run(connection, dict(zip(_ENTRY_COLUMNS, row, strict=True)))


def broken(connection: Connection, hear: Callable[[int], None] = lambda seq: None) -> Iterator[Fault]:
    """Every entry that is missing, changed, or changed and hashed again; the first one first. `hear` is told how far it
    is, now and then."""
    rows = connection.execution_options(yield_per=1000).execute(
        select(entry, *(column.label(f"transfer_{column.name}") for column in transfer.c))
        .outerjoin(transfer, transfer.c.id == entry.c.transfer)
        .order_by(entry.c.seq)
    )
    seq, previous = 0, BEGINNING
    for row in rows:
        if row.seq != seq + 1:
            yield Fault(f"entry {seq + 1}", f"is missing: entry {row.seq} follows entry {seq}")
        elif row.previous != previous:
            yield Fault(
                f"entry {seq}" if seq else "entry 1",
                f"was changed and hashed again, or entry {row.seq} was: they no longer fit together",
            )
        if row.hash != _hash_of(row):
            yield Fault(f"entry {row.seq}", "was changed: it, or the transfer it belongs to, does not give its hash")
        seq, previous = row.seq, row.hash
        if seq % _HEARD == 0:
            hear(seq)
    head = connection.execute(select(chain_head.c.seq, chain_head.c.hash)).one()
    if (head.seq, head.hash) != (seq, previous):
        if head.seq == seq:
            yield Fault(f"entry {seq}", "was changed and hashed again: the head of the chain remembers another hash")
        else:
            yield Fault(
                f"entry {min(seq, head.seq) + 1}", f"the chain's head is entry {head.seq}, the last one is {seq}"
            )


def _hash_of(row: Row[Any]) -> str:
    said = {column.name: row._mapping[f"transfer_{column.name}"] for column in transfer.c}
    return entry_hash(
        previous=row.previous,
        seq=row.seq,
        transfer_sha256=transfer_digest(said),
        transfer_id=row.transfer,
        line=row.line,
        account=row.account,
        unit=row.unit,
        amount=row.amount,
    )

"""The hash chain over all entries: each remembers the hash of the one before, so that none can be changed unseen.

An entry's hash covers its own number, account, unit and amount, the transfer it belongs to with everything that was
said about it, and the hash of the entry before. The last hash is kept beside the chain as its head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ledger.books.canonical import canonical, sha256
from ledger.books.store import UnitOfWork
from ledger.tables import chain_head, entry, transfer

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the books that is not as it was written: the entry or other row, and what is wrong with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def transfer_digest(said: Mapping[str, Any]) -> str:
    """The hash of everything a transfer says besides its entries: the columns of its row."""
    return sha256(canonical({column.name: said[column.name] for column in transfer.c}))


def entry_hash(
    *, previous: str, seq: int, transfer_sha256: str, transfer_id: str, line: int, account: str, unit: str, amount: int
) -> str:
    """The hash of one entry, in hexadecimal."""
    content = [previous, seq, transfer_sha256, transfer_id, line, account, unit, amount]
    return sha256(canonical(content))


def append(unit: UnitOfWork, said: Mapping[str, Any], lines: Iterable[tuple[str, str, int]]) -> None:
    """Add the lines (account, unit, amount) of a transfer, given as its row, to the end of the chain.

    This takes the chain's one lock, so it comes last in a unit of work and holds it briefly.
    """
    head = unit.connection.execute(select(chain_head.c.seq, chain_head.c.hash).with_for_update()).one()
    seq, previous = head.seq, head.hash
    digest = transfer_digest(said)
    rows = []
    for line, (account, of, amount) in enumerate(lines, start=1):
        seq += 1
        own = entry_hash(
            previous=previous,
            seq=seq,
            transfer_sha256=digest,
            transfer_id=said["id"],
            line=line,
            account=account,
            unit=of,
            amount=amount,
        )
        rows.append(
            {
                "seq": seq,
                "transfer": said["id"],
                "line": line,
                "account": account,
                "unit": of,
                "amount": amount,
                "previous": previous,
                "hash": own,
            }
        )
        previous = own
    unit.connection.execute(insert(entry), rows)
    moved = unit.connection.execute(
        update(chain_head).where(chain_head.c.seq == head.seq).values(seq=seq, hash=previous)
    )
    assert moved.rowcount == 1, "the head of the chain is locked while entries are added"


def broken(connection: Connection) -> Iterator[Fault]:
    """Every entry that is missing, changed, or changed and hashed again; the first one first."""
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

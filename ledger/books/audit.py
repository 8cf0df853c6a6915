"""What must hold of the books besides the chain: sums of zero, balances that replay, holds that are what is pending."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from ledger.books.links import Fault
from ledger.books.units import k_text
from ledger.tables import balance, entry, hold, hold_line, transfer


def faults(connection: Connection) -> Iterator[Fault]:
    """Everything that does not hold, each named with its place."""
    yield from _sums(connection)
    yield from _balances(connection)
    yield from _holds(connection)


def _sums(connection: Connection) -> Iterator[Fault]:
    per_unit = connection.execute(
        select(entry.c.transfer, entry.c.unit, func.sum(entry.c.amount).label("total"))
        .group_by(entry.c.transfer, entry.c.unit)
        .having(func.sum(entry.c.amount) != 0)
        .order_by(entry.c.transfer)
    )
    for row in per_unit:
        yield Fault(row.transfer, f"its entries sum to {row.total} in {row.unit}, not to zero")
    short = connection.execute(
        select(transfer.c.id, func.count(entry.c.seq).label("lines"))
        .outerjoin(entry, entry.c.transfer == transfer.c.id)
        .group_by(transfer.c.id)
        .having(func.count(entry.c.seq) < 2)
        .order_by(transfer.c.id)
    )
    for row in short:
        yield Fault(row.id, f"has {row.lines} entries; a transfer has at least two")


def _balances(connection: Connection) -> Iterator[Fault]:
    replayed = {
        (row.account, row.unit): int(row.total)
        for row in connection.execute(
            select(entry.c.account, entry.c.unit, func.sum(entry.c.amount).label("total")).group_by(
                entry.c.account, entry.c.unit
            )
        )
    }
    kept = {(row.account, row.unit): row.posted for row in connection.execute(select(balance))}
    for place in sorted(kept.keys() | replayed.keys()):
        if kept.get(place, 0) != replayed.get(place, 0):
            said, told = k_text(kept.get(place, 0)), k_text(replayed.get(place, 0))
            yield Fault(place[0], f"its balance says {said} {place[1]}, its entries sum to {told}")
    totals: Counter[str] = Counter()
    for (_, unit), posted in kept.items():
        totals[unit] += posted
    for unit, total in sorted(totals.items()):
        if total != 0:
            yield Fault("all balances", f"sum to {k_text(total)} {unit}, not to zero")


def _holds(connection: Connection) -> Iterator[Fault]:
    pending: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    rows = connection.execute(
        select(hold_line.c.hold, hold_line.c.account, hold_line.c.unit, func.sum(hold_line.c.amount).label("total"))
        .join(hold, hold.c.id == hold_line.c.hold)
        .where(hold.c.state == "open")
        .group_by(hold_line.c.hold, hold_line.c.account, hold_line.c.unit)
    )
    for row in rows:
        pending[row.account, row.unit][row.total > 0] += abs(int(row.total))
    for row in connection.execute(select(balance).order_by(balance.c.account, balance.c.unit)):
        told = pending.get((row.account, row.unit), [0, 0])
        if [row.pending_out, row.pending_in] != told:
            yield Fault(row.account, f"{row.pending_out} out and {row.pending_in} in are pending; its holds say {told}")
    uneven = connection.execute(
        select(hold_line.c.hold, hold_line.c.unit, func.sum(hold_line.c.amount).label("total"))
        .group_by(hold_line.c.hold, hold_line.c.unit)
        .having(func.sum(hold_line.c.amount) != 0)
        .order_by(hold_line.c.hold)
    )
    for row in uneven:
        yield Fault(row.hold, f"its lines sum to {row.total} in {row.unit}, not to zero")

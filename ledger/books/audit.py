"""What must hold besides the chain: sums of zero, balances that replay, holds that belong to trades, frozen values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.books.canonical import sha256
from ledger.books.errors import Tampered
from ledger.books.links import Fault
from ledger.books.units import k_text
from ledger.tables import balance, entry, fmv_record, hold, leg, trade, transfer
from ledger.trading import fmv
from ledger.trading.terms import terms_hash


def faults(connection: Connection) -> Iterator[Fault]:
    """Everything that does not hold, each named with its place."""
    yield from _sums(connection)
    yield from _balances(connection)
    yield from _holds(connection)
    yield from _records(connection)
    yield from _trades(connection)


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
    for row in connection.execute(select(hold).where(hold.c.state == "open")):
        pending[row.payer, row.unit][0] += row.amount
        pending[row.payee, row.unit][1] += row.amount
    for row in connection.execute(select(balance).order_by(balance.c.account)):
        told = pending.get((row.account, row.unit), [0, 0])
        if [row.pending_out, row.pending_in] != told:
            yield Fault(row.account, f"{row.pending_out} out and {row.pending_in} in are pending; its holds say {told}")


def _records(connection: Connection) -> Iterator[Fault]:
    rows = connection.execution_options(yield_per=200).execute(select(fmv_record).order_by(fmv_record.c.sha256))
    for row in rows:
        content, place = bytes(row.content), f"FMV record {row.sha256}"
        if sha256(content) != row.sha256:
            yield Fault(place, "its bytes do not give its hash")
            continue
        try:
            fmv.check(row.kind, content)
        except Tampered as error:
            yield Fault(place, str(error))


def _trades(connection: Connection) -> Iterator[Fault]:
    held = {row.reference: row for row in connection.execute(select(hold))}
    posted = {row.reference: row for row in connection.execute(select(transfer).where(transfer.c.kind == "trade"))}
    amounts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(
        select(entry.c.transfer, entry.c.account, entry.c.amount)
        .join(transfer, transfer.c.id == entry.c.transfer)
        .where(transfer.c.kind == "trade")
    ):
        amounts[row.transfer][row.account] = row.amount
    legs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in connection.execute(select(leg).order_by(leg.c.trade, leg.c.position)).mappings():
        legs[each["trade"]].append(dict(each))
    trades = connection.execute(select(trade).order_by(trade.c.id)).all()
    for row in trades:
        own = legs.pop(row.id, [])
        if terms_hash(row.id, row.proposer, row.counterparty, row.reason, own) != row.terms_sha256:
            yield Fault(row.id, "its terms do not give their hash")
        paid = [(each["giver"], each["receiver"], each["amount"]) for each in own if each["kind"] == "k"]
        yield from _settlement(row, paid, posted.pop(row.id, None), amounts, held.pop(row.id, None))
    for id in sorted(legs.keys() | posted.keys() | held.keys()):
        yield Fault(id, "has legs, a hold or a transfer, but the trade is not there")


def _settlement(
    row: Row[Any],
    paid: list[tuple[str, str, int]],
    posted: Row[Any] | None,
    amounts: dict[str, dict[str, int]],
    held: Row[Any] | None,
) -> Iterator[Fault]:
    """Whether the K of a trade's legs is where the trade's state says it is."""
    state = {"accepted": "open", "done": "posted", "cancelled": "void", "proposed": None}[row.state]
    promised = [] if held is None else [(held.payer, held.payee, held.amount)]
    if held is None:
        # A trade without K holds nothing, and one that was cancelled as a proposal never did.
        if paid and row.accepted_at is not None:
            yield Fault(row.id, f"is {row.state}, but its K was never held")
    elif held.state != state or promised != paid:
        yield Fault(row.id, f"is {row.state}, but its hold is {held.state} over {promised}, its legs say {paid}")
    if row.state != "done":
        if posted is not None or row.transfer is not None:
            yield Fault(row.id, f"is {row.state}, but has a transfer")
        return
    if posted is None or posted.id != row.transfer or posted.terms_sha256 != row.terms_sha256:
        yield Fault(row.id, "is done, but the chain does not hold a transfer with its terms")
        return
    expected = {row.proposer: 0, row.counterparty: 0}
    for giver, receiver, amount in paid:
        expected[giver] -= amount
        expected[receiver] += amount
    if amounts[posted.id] != expected:
        yield Fault(row.id, f"its entries moved {amounts[posted.id]}, its legs say {expected}")

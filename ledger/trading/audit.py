"""What must hold of trades: every offer gives its hash, somebody said what their state goes by, and what they move is
where it says.

Nothing is remembered twice here: what should have moved is worked out anew from the legs, the fee and the state.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.books.canonical import sha256
from ledger.books.errors import Tampered
from ledger.books.lines import Place
from ledger.books.links import Fault
from ledger.books.units import K, rounded
from ledger.policy.sections_insurance import KINDS as SERVICES
from ledger.tables import (
    entry,
    fmv_record,
    hold,
    hold_line,
    leg,
    offer,
    schedule,
    schedule_due,
    schedule_leg,
    trade,
    trade_step,
    trade_word,
    transfer,
)
from ledger.trading import fmv
from ledger.trading.legs import UNIT_OF
from ledger.trading.terms import schedule_hash, terms_hash

# What moves for a trade: into escrow and back, and when it is done.
KINDS = ("escrow", "trade")
_SCHEDULED = ("id", "proposer", "counterparty", "reason", "grace_days", "period_days")
_HELD = {"accepted": "open", "disputed": "open", "done": "posted", "cancelled": "void"}


@dataclass
class _Books:
    """What the books hold for each trade."""

    offers: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))
    legs: dict[tuple[str, int], list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    posted: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[str, Counter[Place]] = field(default_factory=lambda: defaultdict(Counter))
    holds: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))
    promised: dict[str, Counter[Place]] = field(default_factory=lambda: defaultdict(Counter))
    confirmed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    steps: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def stray(self) -> set[str]:
        """The trades that have legs of an offer which is not there."""
        return {id for id, number in self.legs if number not in {each.number for each in self.offers.get(id, ())}}


def faults(connection: Connection) -> Iterator[Fault]:
    """Every frozen record and every trade that does not hold, named by its hash or its id."""
    yield from _records(connection)
    books = _read(connection)
    there = set()
    for row in connection.execute(select(trade).order_by(trade.c.id)):
        there.add(row.id)
        yield from _offers(row, books)
        yield from _movements(row, books)
        yield from _promises(row, books)
        yield from _insured(row, books)
        yield from _end(row, books)
    yield from _schedules(connection)
    known = {id for id, _ in books.legs} | books.offers.keys() | books.posted.keys() | books.holds.keys()
    for id in sorted(known - there):
        yield Fault(id, "has offers, legs, a hold or a transfer, but the trade is not there")


def _schedules(connection: Connection) -> Iterator[Fault]:
    """Whether schedules give the hash of their terms, and what they settled is in trades of their own."""
    legs: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    rows = connection.execute(select(schedule_leg).order_by(schedule_leg.c.schedule, schedule_leg.c.position))
    for each in rows.mappings():
        legs[each["schedule"]].append(dict(each))
    settled = {row.id: row.schedule for row in connection.execute(select(trade).where(trade.c.schedule.is_not(None)))}
    dues: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(schedule_due)):
        dues[row.schedule].append(row)
    for row in connection.execute(select(schedule).order_by(schedule.c.id)):
        said = {name: row._mapping[name] for name in _SCHEDULED}
        if schedule_hash(said, legs[row.id]) != row.terms_sha256:
            yield Fault(row.id, "its terms do not give their hash")
        for due in dues[row.id]:
            if due.trade is not None and settled.get(due.trade) != row.id:
                yield Fault(row.id, f"says that {due.trade} settled a part of it, which is none of its trades")
        if row.state == "done" and any(due.trade is None for due in dues[row.id]):
            yield Fault(row.id, "is done, but a part of it is in no trade")


def _read(connection: Connection) -> _Books:
    books = _Books()
    for row in connection.execute(select(offer).order_by(offer.c.trade, offer.c.number)):
        books.offers[row.trade].append(row)
    for each in connection.execute(select(leg).order_by(leg.c.trade, leg.c.position)).mappings():
        books.legs[each["trade"], each["offer"]].append(dict(each))
    for row in connection.execute(select(transfer).where(transfer.c.kind.in_(KINDS)).order_by(transfer.c.id)):
        books.posted[row.reference].append(row)
    total = func.sum(entry.c.amount).label("total")
    entries = (
        select(transfer.c.reference, entry.c.account, entry.c.unit, total)
        .join(transfer, transfer.c.id == entry.c.transfer)
        .where(transfer.c.kind.in_(KINDS))
        .group_by(transfer.c.reference, entry.c.account, entry.c.unit)
    )
    for row in connection.execute(entries):
        books.moved[row.reference][row.account, row.unit] = int(row.total)
    for row in connection.execute(select(hold).where(hold.c.kind == "trade").order_by(hold.c.id)):
        books.holds[row.reference].append(row)
    for row in connection.execute(select(trade_word).where(trade_word.c.word == "confirm")):
        books.confirmed[row.trade].add(row.account)
    for row in connection.execute(select(trade_step).order_by(trade_step.c.trade, trade_step.c.number)):
        books.steps[row.trade].append(row)
    lines = select(hold_line).join(hold, hold.c.id == hold_line.c.hold).where(hold.c.kind == "trade")
    for row in connection.execute(lines):
        books.promised[row.hold][row.account, row.unit] += row.amount
    return books


def _offers(row: Row[Any], books: _Books) -> Iterator[Fault]:
    made = books.offers[row.id]
    if [each.number for each in made] != list(range(1, row.offer + 1)):
        yield Fault(row.id, f"is at offer {row.offer}, and has the offers {[each.number for each in made]}")
        return
    for each in made:
        own = books.legs[row.id, each.number]
        told = terms_hash(row.id, row.proposer, row.counterparty, each.reason, own, each.deliver_by)
        if told != each.terms_sha256:
            yield Fault(row.id, f"the terms of its offer {each.number} do not give their hash")
    if (made[-1].terms_sha256, made[-1].reason) != (row.terms_sha256, row.reason):
        yield Fault(row.id, "its terms are not those of its newest offer")
    if row.id in books.stray:
        yield Fault(row.id, "has legs of an offer that was never made")


def _movements(row: Row[Any], books: _Books) -> Iterator[Fault]:
    """Whether the transfers of a trade moved what its state says."""
    posted = books.posted[row.id]
    for each in posted:
        if each.terms_sha256 != row.terms_sha256:
            yield Fault(row.id, f"its transfer {each.id} carries the hash of other terms")
    finished = [each.id for each in posted if each.kind == "trade"]
    if row.state == "done" and finished != [row.transfer]:
        yield Fault(row.id, f"is done by transfer {row.transfer}, but the chain holds {finished or 'none'}")
    if row.state != "done" and (finished or row.transfer is not None):
        yield Fault(row.id, f"is {row.state}, but has a transfer that finished it")
    expected, told = _expected(row, books), books.moved[row.id]
    if _bare(expected) != _bare(told):
        yield Fault(row.id, f"is {row.state}, and its entries moved {_bare(told)}; its terms say {_bare(expected)}")


def _expected(row: Row[Any], books: _Books) -> Counter[Place]:
    out: Counter[Place] = Counter()
    for giver, receiver, unit, amount in _moves(row, books):
        if row.state == "done":
            share = 100 if row.share_percent is None else row.share_percent
            part = rounded(Fraction(amount * share, 100))
            out[giver, unit] -= part
            out[receiver, unit] += part
        elif row.state in {"accepted", "disputed"} and row.escrow is not None:
            out[giver, unit] -= amount
            out[row.escrow, unit] += amount
    if row.state == "done":
        out.update(_taken(row))
    return out


def _promises(row: Row[Any], books: _Books) -> Iterator[Fault]:
    """Whether a trade holds what it moves, from its acceptance to its end and no longer."""
    held, expected = books.holds[row.id], Counter[Place]()
    for giver, receiver, unit, amount in _moves(row, books):
        expected[row.escrow or giver, unit] -= amount
        expected[receiver, unit] += amount
    expected.update(_taken(row))
    direct = row.accepted_at is None or row.schedule is not None
    if direct or not _bare(expected):
        if held:
            yield Fault(row.id, f"is {row.state} and has nothing to hold, but its hold is {held[0].state}")
        return
    state = "void" if row.share_percent is not None else _HELD.get(row.state)
    if state is None:
        yield Fault(row.id, f"is {row.state}, but was accepted on {row.accepted_at}")
    elif [each.state for each in held] != [state]:
        yield Fault(row.id, f"is {row.state}, but its holds are {[each.state for each in held] or 'not there'}")
    elif row.share_percent is None and _bare(books.promised[held[0].id]) != _bare(expected):
        yield Fault(row.id, f"holds {_bare(books.promised[held[0].id])}, its terms say {_bare(expected)}")


def _end(row: Row[Any], books: _Books) -> Iterator[Fault]:
    """Whether somebody said what a trade's state goes by: both their confirmations, or the step that ended it."""
    steps = books.steps[row.id]
    if [each.number for each in steps] != list(range(1, len(steps) + 1)):
        yield Fault(row.id, f"has the steps {[each.number for each in steps]}: one is missing")
    parties, said = {row.proposer, row.counterparty}, {each.step: each for each in steps}
    if row.state == "done" and row.cause is None and row.schedule is None and books.confirmed[row.id] != parties:
        yield Fault(row.id, "is done, but its parties have not both confirmed it")
    if row.state == "disputed" and "dispute" not in said:
        yield Fault(row.id, "is disputed, but nobody opened a dispute")
    if row.cause == "no_show" and ("no_show" not in said or row.at_fault not in parties - {said["no_show"].account}):
        yield Fault(row.id, "ended by a no-show that the other party did not call")
    if row.cause == "dispute":
        ended = said.get("decided") or said.get("agreed")
        share = {"cancelled": 0, "done": 100}.get(row.state) if row.share_percent is None else row.share_percent
        if ended is None or ended.percent != share:
            yield Fault(row.id, "ended by a dispute, but not as it was agreed or decided")


def _moves(row: Row[Any], books: _Books) -> Iterator[tuple[str, str, str, int]]:
    legs: Sequence[Mapping[str, Any]] = books.legs[row.id, row.offer]
    for each in legs:
        if each["kind"] in UNIT_OF:
            yield each["giver"], each["receiver"], UNIT_OF[each["kind"]], each["amount"]


def _taken(row: Row[Any]) -> Counter[Place]:
    """What the fee and the insurance move, as a counter that holds amounts below zero too."""
    paid: Counter[Place] = Counter()
    for to, by_proposer, by_counterparty in (
        (row.fee_to, row.fee_proposer, row.fee_counterparty),
        (row.insurance_to, row.insurance_proposer, row.insurance_counterparty),
    ):
        if to is not None:
            paid[row.proposer, K] -= by_proposer
            paid[row.counterparty, K] -= by_counterparty
            paid[to, K] += by_proposer + by_counterparty
    return paid


def _insured(row: Row[Any], books: _Books) -> Iterator[Fault]:
    """Whether what a trade pays into the insurance is for services of its own, and no more than they are worth."""
    paid = row.insurance_proposer + row.insurance_counterparty
    if (row.insurance_to is None) != (paid == 0) and row.share_percent is None:
        yield Fault(row.id, f"pays {paid} rails into the insurance, and the account for it is {row.insurance_to}")
    elif min(row.insurance_proposer, row.insurance_counterparty) < 0:
        yield Fault(row.id, "is paid by the insurance, which only takes from a trade")
    own = [each for each in books.legs[row.id, row.offer] if each["kind"] in SERVICES]
    worth = sum(each["fair"] if each["declared"] is None else each["declared"] for each in own)
    if paid > worth:
        yield Fault(row.id, f"pays {paid} rails into the insurance for services that are worth {worth}")


def _bare(amounts: Mapping[Place, int]) -> dict[Place, int]:
    return {place: amount for place, amount in sorted(amounts.items()) if amount}


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

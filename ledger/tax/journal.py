"""Books to take away: entries as double-entry bookings, for one member or for the whole community.

A member's books: K and minutes are assets; a finished trade books what was received as an expense and what was received
for it as barter income, so that income is what Form 1099-B would say. The community's books mirror every entry: what a
member has is what the community owes. Each booking sums to zero, by unit or by worth.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from ledger.books import accounts
from ledger.books.store import Ledger
from ledger.books.units import MINUTES, RAILS_PER_K, K, rounded
from ledger.policy.dated import Policies, Policy
from ledger.tables import account, entry, transfer
from ledger.tax import barter, kind, reading, ties
from ledger.tax.money import cents
from ledger.tax.reading import DoneTrade
from ledger.trading.legs import UNIT_OF

# A commodity's name in the plain-text formats, and how many decimal places its smallest part has.
COMMODITY = {K: ("K", 2), MINUTES: ("MIN", 0)}
ASSET = {K: "Assets:Katy:K", MINUTES: "Assets:Katy:Minutes"}
ESCROW = {K: "Assets:Katy:Escrow:K", MINUTES: "Assets:Katy:Escrow:Minutes"}
CASH = "Assets:Cash"
INCOME = "Income:Barter"
RECEIVED = "Expenses:Barter:Received"
FEE = "Expenses:Community:Fee"
DIFFERENCE = "Equity:Barter:Difference"
PAYMENTS = "Equity:Payments"
OPENING = "Equity:Opening-Balances"


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` in rails, minutes, or cents of the currency; `worth` in cents. Where it is `priced` the booking balances
    by worth."""

    account: str
    amount: int
    unit: str
    worth: int
    priced: bool = True


@dataclass(frozen=True, slots=True)
class Booking:
    """One transaction of the books."""

    day: date
    id: str
    payee: str
    memo: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of a commodity was worth from a day on, in the currency."""

    day: date
    unit: str
    each: Decimal


@dataclass(frozen=True, slots=True)
class Books:
    """Bookings of a year with the dated prices of K and minutes; `closing` is what the ledger itself says at the end,
    by account and unit, for a check by whoever reads them."""

    title: str
    currency: str
    start: date
    end: date
    prices: tuple[Price, ...]
    bookings: tuple[Booking, ...]
    closing: Mapping[tuple[str, str], int]

    @property
    def accounts(self) -> list[str]:
        """Every account that is used, in order."""
        used = {posting.account for booking in self.bookings for posting in booking.postings}
        return sorted(used | {name for name, _ in self.closing})


def of_member(ledger: Ledger, account_id: str, year: int) -> Books:
    """A member's books of a year. Raises `DoesNotTie` where its trades are not what the entries say, `Unknown`."""
    with ledger.reading() as connection:
        holder = accounts.one(connection, account_id)
        zone = kind.read(connection).timezone(year)
        trades = {each.id: each for each in reading.done_in(connection, ledger.policies, year, zone, of=account_id)}
        before, rows = _entries(connection, year, zone, account_id)
    ties.check(trades.values(), ledger.policies)
    grouped: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["transfer"]].append(row)
    start = date(year, 1, 1)
    bookings = [_opening(start, {(ASSET[unit], unit): sum_ for (_, unit), sum_ in before.items()}, ledger.policies)]
    for own in grouped.values():
        day = reading.day_in(own[0]["created_at"], zone)
        moved = _by_unit(own)
        trade = trades.get(own[0]["reference"] or "")
        if trade is not None and trade.transfer == own[0]["transfer"]:
            bookings.append(_barter(trade, account_id, moved, ledger.policies))
        else:
            bookings.append(_plain(own[0], day, moved, ledger.policies.on(day)))
    closing = {(ASSET[unit], unit): before.get((account_id, unit), 0) for unit in ASSET}
    for row in rows:
        closing[ASSET[row["unit"]], row["unit"]] += row["amount"]
    return _books(holder.name, year, ledger.policies, bookings, closing)


def of_community(ledger: Ledger, year: int) -> Books:
    """The books of the whole community for a year, for its treasurer: every entry of every account."""
    with ledger.reading() as connection:
        zone = kind.read(connection).timezone(year)
        names = {row.id: _owed(row.id, row.name, row.kind) for row in connection.execute(select(account))}
        before, rows = _entries(connection, year, zone, None)
    start = date(year, 1, 1)
    closing: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (holder, unit), amount in before.items():
        closing[names[holder], unit] -= amount
    bookings = [_opening(start, closing, ledger.policies, against=False)]
    grouped: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["transfer"]].append(row)
        closing[names[row["account"]], row["unit"]] -= row["amount"]
    for lines in grouped.values():
        day = reading.day_in(lines[0]["created_at"], zone)
        policy = ledger.policies.on(day)
        postings = tuple(
            Posting(
                names[row["account"]], -row["amount"], row["unit"], -_worth(row["amount"], row["unit"], policy), False
            )
            for row in lines
            if row["amount"]
        )
        bookings.append(Booking(day, lines[0]["transfer"], lines[0]["kind"], _memo(lines[0]), postings))
    return _books("community", year, ledger.policies, bookings, closing)


def _books(
    title: str, year: int, policies: Policies, bookings: Iterable[Booking], closing: Mapping[tuple[str, str], int]
) -> Books:
    start, end = date(year, 1, 1), date(year, 12, 31)
    prices = []
    for policy in policies.dated:
        later = [each.holds_from for each in policies.dated if each.holds_from > policy.holds_from]
        if policy.holds_from > end or (later and min(later) <= start):
            continue
        day = max(policy.holds_from, start)
        minute = Fraction(policy.hour, 60 * RAILS_PER_K) * Fraction(policy.currency_per_k)
        prices.append(Price(day, K, policy.currency_per_k))
        prices.append(Price(day, MINUTES, Decimal(rounded(minute * 10**6)).scaleb(-6)))
    return Books(
        title=title,
        currency=policies.on(end).currency,
        start=start,
        end=end,
        prices=tuple(prices),
        bookings=tuple(booking for booking in bookings if booking.postings),
        closing=dict(closing),
    )


def _entries(
    connection: Connection, year: int, zone: str, of: str | None
) -> tuple[dict[tuple[str, str], int], list[Mapping[str, Any]]]:
    """What each account had before the year, and its entries in it."""
    start, end = reading.year_bounds(year, zone)
    said = (transfer.c.kind, transfer.c.memo, transfer.c.reference, transfer.c.created_at)
    query = select(entry.c.transfer, entry.c.account, entry.c.unit, entry.c.amount, *said).join(
        transfer, transfer.c.id == entry.c.transfer
    )
    if of is not None:
        query = query.where(entry.c.account == of)
    before: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in connection.execute(query.where(transfer.c.created_at < start)):
        before[row.account, row.unit] += row.amount
    within = query.where(transfer.c.created_at >= start, transfer.c.created_at < end).order_by(entry.c.seq)
    return dict(before), [dict(row) for row in connection.execute(within).mappings()]


def _opening(
    day: date, balances: Mapping[tuple[str, str], int], policies: Policies, *, against: bool = True
) -> Booking:
    policy = policies.on(day)
    postings = []
    for (name, unit), amount in sorted(balances.items()):
        if amount:
            worth = _worth(amount, unit, policy)
            postings.append(Posting(name, amount, unit, worth, False))
            if against:
                postings.append(Posting(OPENING, -amount, unit, -worth, False))
    return Booking(day, "opening", "opening balances", "", tuple(postings))


def _plain(said: Mapping[str, Any], day: date, moved: Mapping[str, int], policy: Policy) -> Booking:
    """A transfer that is no finished trade: what went out or came in, against what it was for."""
    postings: list[Posting] = []
    for unit, amount in moved.items():
        worth = _worth(amount, unit, policy)
        if said["kind"] == "escrow":
            postings += (
                Posting(ASSET[unit], amount, unit, worth, False),
                Posting(ESCROW[unit], -amount, unit, -worth, False),
            )
            continue
        postings += (
            Posting(ASSET[unit], amount, unit, worth),
            Posting(_purpose(said["kind"], amount), -worth, policy.currency, -worth),
        )
    return Booking(day, said["transfer"], said["kind"], _memo(said), tuple(each for each in postings if each.amount))


def _purpose(transfer_kind: str, amount: int) -> str:
    if transfer_kind in {"payment", "reversal"}:
        return PAYMENTS
    side = "Income" if amount > 0 else "Expenses"
    return f"{side}:Community:{_slug(transfer_kind.capitalize())}"


def _barter(trade: DoneTrade, own: str, moved: Mapping[str, int], policies: Policies) -> Booking:
    """A finished trade as one party books it."""
    policy = policies.on(trade.day)
    postings: list[Posting] = []
    legs: defaultdict[str, int] = defaultdict(int)
    for leg in trade.legs:
        sign = 1 if leg.receiver == own else -1
        if leg.kind in UNIT_OF:
            legs[UNIT_OF[leg.kind]] += sign * (leg.moved or 0)
            postings.append(
                Posting(ASSET[UNIT_OF[leg.kind]], sign * (leg.moved or 0), UNIT_OF[leg.kind], sign * leg.cents)
            )
        elif not leg.provided:
            postings.append(Posting(CASH, sign * leg.cents, trade.currency, sign * leg.cents))
        elif sign > 0:
            postings.append(Posting(RECEIVED, leg.cents, trade.currency, leg.cents))
    fee = trade.fees[own]
    fee_worth = cents(policy.in_money(fee), policy.currency)
    postings += Posting(ASSET[K], -fee, K, -fee_worth), Posting(FEE, fee_worth, policy.currency, fee_worth)
    income, _ = barter.for_provided(trade, own)
    postings.append(Posting(INCOME, -income, trade.currency, -income))
    rest = -sum(each.worth for each in postings)
    postings.append(Posting(DIFFERENCE, rest, trade.currency, rest))
    for unit in ASSET:
        # What the legs and the fee say and this transfer does not move went into escrow before, and is paid from it.
        kept = legs[unit] - (fee if unit == K else 0) - moved.get(unit, 0)
        worth = _worth(kept, unit, policy)
        postings += Posting(ESCROW[unit], kept, unit, worth, False), Posting(ASSET[unit], -kept, unit, -worth, False)
    given = "; ".join(leg.description for leg in trade.legs if leg.giver == own)
    got = "; ".join(leg.description for leg in trade.legs if leg.receiver == own)
    return Booking(
        trade.day,
        trade.id,
        trade.names[trade.other(own)],
        f"gave {given}; received {got}",
        tuple(each for each in postings if each.amount),
    )


def _worth(amount: int, unit: str, policy: Policy) -> int:
    rails = Fraction(amount) if unit == K else Fraction(amount * policy.hour, 60)
    return cents(rails / RAILS_PER_K * Fraction(policy.currency_per_k), policy.currency)


def _by_unit(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    moved: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        moved[row["unit"]] += row["amount"]
    return dict(moved)


def _owed(id: str, name: str, account_kind: str) -> str:
    """An account's name in the community's books: what it owes its members, and what is its own."""
    if account_kind in {"member", "business"}:
        return f"Liabilities:Members:{_slug(name)}-{id[-6:]}"
    return f"Equity:House:{_slug(name)}-{id[-6:]}"


def _slug(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return f"{plain[:1].upper()}{plain[1:]}" or "X"


def _memo(said: Mapping[str, Any]) -> str:
    return " ".join(part for part in (said["memo"], said["reference"]) if part)

"""A member's record of a year: each finished trade with what was received and given, and where each value comes from.

Values are those of the frozen FMV records; where a record says "unknown" the declared value stands in, and is flagged.
The fee to the community is shown, with what went to its insurance, and is nobody's income here.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from ledger.books.store import Ledger
from ledger.books.units import amount_text, k_text
from ledger.policy.dated import Policies
from ledger.tax import barter, kind, notes, profile, reading, ties
from ledger.tax.estimate import Estimate, estimate
from ledger.tax.money import cents, text
from ledger.tax.notes import Note
from ledger.tax.reading import DoneLeg, DoneTrade
from ledger.trading.legs import UNIT_OF


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class NoteTold(_Frozen):
    """A note with its amount as text."""

    kind: str
    amount: str
    text: str


class LegTold(_Frozen):
    """A leg as one party sees it. `value` counts; `source` says where it comes from: the FMV record, or a declaration
    where none is known. `amount` is what moved of K, minutes or cash."""

    position: int
    received: bool
    kind: str
    description: str
    quantity: str
    amount: str | None
    value: str
    source: str
    declared: str | None
    attestation: str | None
    fmv_sha256: str
    notes: tuple[NoteTold, ...]


class TradeLine(_Frozen):
    """One trade of the year. `barter` is what was received for property and services provided: what Form 1099-B would
    say; `bought` what was paid for with K, minutes or cash."""

    trade: str
    day: str
    done_at: str
    partner: str
    description: str
    received: str
    given: str
    barter: str
    bought: str
    fee_k: str
    fee: str
    transfer: str | None
    terms_sha256: str
    legs: tuple[LegTold, ...]


class Record(_Frozen):
    """The year of one member. Money is decimal text in `currency`."""

    year: int
    account: str
    name: str
    timezone: str
    community: str | None
    currency: str
    trades: tuple[TradeLine, ...]
    received: str
    given: str
    barter: str
    bought: str
    basis: str
    expenses: str
    sales_tax: str
    fees: str
    warnings: tuple[str, ...]
    estimate: Estimate | None


def of_year(ledger: Ledger, account: str, year: int) -> Record:
    """A member's record. Raises `DoesNotTie` where the books contradict themselves, `Unknown` for no such account."""
    with ledger.reading() as connection:
        own = profile.of(connection, account)
        kinds = kind.read(connection)
        zone = kinds.timezone(year)
        trades = reading.done_in(connection, ledger.policies, year, zone, of=account)
        noted = notes.of(connection, account)
    ties.check(trades, ledger.policies)
    currency = trades[-1].currency if trades else ledger.policy().currency
    held = kinds.on(reading.last_day(year))
    lines = tuple(_line(trade, account, noted, ledger.policies) for trade in trades)
    sums = _sums(trades, account, noted, ledger.policies)
    costs = sums["basis"] + sums["expense"]
    told = None
    if own.estimate and currency == barter.CURRENCY:
        told = estimate(year, received=sums["barter"], costs=costs, marginal_rate=own.marginal_rate or "0")
    return Record(
        year=year,
        account=account,
        name=own.legal_name,
        timezone=zone,
        community=held.kind if held else None,
        currency=currency,
        trades=lines,
        received=text(sums["received"], currency),
        given=text(sums["given"], currency),
        barter=text(sums["barter"], currency),
        bought=text(sums["bought"], currency),
        basis=text(sums["basis"], currency),
        expenses=text(sums["expense"], currency),
        sales_tax=text(sums["sales_tax"], currency),
        fees=text(sums["fees"], currency),
        warnings=_warnings(own, trades, currency),
        estimate=told,
    )


def _sums(
    trades: list[DoneTrade], account: str, noted: dict[tuple[str, int], tuple[Note, ...]], policies: Policies
) -> dict[str, int]:
    sums = dict.fromkeys(("received", "given", "barter", "bought", "basis", "expense", "sales_tax", "fees"), 0)
    for trade in trades:
        amount, bought = barter.for_provided(trade, account)
        sums["barter"] += amount
        sums["bought"] += bought
        sums["fees"] += _fee(trade, account, policies)
        for leg in trade.legs:
            sums["received" if leg.receiver == account else "given"] += leg.cents
            for note in noted.get((trade.id, leg.position), ()):
                sums[note.kind] += note.cents
    return sums


def _line(
    trade: DoneTrade, account: str, noted: dict[tuple[str, int], tuple[Note, ...]], policies: Policies
) -> TradeLine:
    amount, bought = barter.for_provided(trade, account)
    gave = "; ".join(leg.description for leg in trade.legs if leg.giver == account)
    got = "; ".join(leg.description for leg in trade.legs if leg.receiver == account)
    return TradeLine(
        trade=trade.id,
        day=trade.day.isoformat(),
        done_at=trade.done_at,
        partner=trade.names[trade.other(account)],
        description=f"gave {gave}; received {got}",
        received=text(sum(leg.cents for leg in trade.legs if leg.receiver == account), trade.currency),
        given=text(sum(leg.cents for leg in trade.legs if leg.giver == account), trade.currency),
        barter=text(amount, trade.currency),
        bought=text(bought, trade.currency),
        fee_k=k_text(trade.fees[account]),
        fee=text(_fee(trade, account, policies), trade.currency),
        transfer=trade.transfer,
        terms_sha256=trade.terms_sha256,
        legs=tuple(_leg(trade, leg, account, noted.get((trade.id, leg.position), ())) for leg in trade.legs),
    )


def _leg(trade: DoneTrade, leg: DoneLeg, account: str, noted: tuple[Note, ...]) -> LegTold:
    moved = None
    if leg.moved is not None and leg.kind in UNIT_OF:
        moved = amount_text(leg.moved, UNIT_OF[leg.kind])
    return LegTold(
        position=leg.position,
        received=leg.receiver == account,
        kind=leg.kind,
        description=leg.description,
        quantity=leg.quantity,
        amount=moved,
        value=text(leg.cents, trade.currency),
        source="fmv_record" if leg.known else "declared",
        declared=None if leg.declared_cents is None else text(leg.declared_cents, trade.currency),
        attestation=leg.attestation,
        fmv_sha256=leg.fmv_sha256,
        notes=tuple(
            NoteTold(kind=each.kind, amount=text(each.cents, trade.currency), text=each.text) for each in noted
        ),
    )


def _fee(trade: DoneTrade, account: str, policies: Policies) -> int:
    """A party's fee in minor units, at the rate of the day the trade was done."""
    policy = policies.on(trade.day)
    return cents(policy.in_money(trade.fees[account]), policy.currency)


def _warnings(own: profile.Profile, trades: list[DoneTrade], currency: str) -> tuple[str, ...]:
    told = [own.warning] if own.warning else []
    told += [
        f"{trade.id}, leg {leg.position} ({leg.description}): no fair market value is known; the declared "
        f"{text(leg.cents, currency)} {currency} stands alone"
        for trade in trades
        for leg in trade.legs
        if not leg.known
    ]
    if own.estimate and currency != barter.CURRENCY:
        told.append(f"the estimate is for US tax in USD; these books count in {currency}")
    return tuple(told)

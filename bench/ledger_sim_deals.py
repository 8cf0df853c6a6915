"""What the model knows of a trade: what it holds, what it costs, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from bench import ledger_sim_model as model
from bench.ledger_sim_model import MINUTES, Change, Holder, K, Refusal, moved
from bench.ledger_sim_steps import needs_signatures
from bench.ledger_sim_world import World
from ledger.books.errors import LimitReached, WrongState
from ledger.trading import given
from warehouse.valuation import Factor, Subject, Valuation, ValuationRequest, valuation_id

COAT = 50_00
HOUR = 20_00
FEE = Fraction(1, 100)
ESCROW_BELOW, ESCROW_ABOVE = 2, 30_00
SECTIONS = """
[policy.fee]
percent = "1"
paid_by = "split"
into = "pool"

[policy.escrow]
trades_below = 2
above = "30.00"
"""


@dataclass
class Deal:
    """What the model knows of a trade. `payer` gives `amount` of `unit` for the coat of `seller`."""

    id: str
    proposer: Holder
    other: Holder
    payer: Holder
    seller: Holder
    unit: str
    amount: int
    maker: Holder
    terms: str
    deliver_by: date | None
    offers: int = 1
    state: str = "proposed"
    escrow: Holder | None = None
    fee: dict[str, int] = field(default_factory=dict)
    day: str = ""
    signed: set[str] = field(default_factory=set)
    confirmed: list[Holder] = field(default_factory=list)
    cancelled: list[Holder] = field(default_factory=list)
    delivered: list[Holder] = field(default_factory=list)
    attested: set[str] = field(default_factory=set)
    suggested: tuple[Holder, int] | None = None

    @property
    def parties(self) -> tuple[Holder, Holder]:
        return self.proposer, self.other

    def legs(self) -> tuple[Change, Change]:
        return moved(self.payer, self.seller, self.unit, self.amount)

    def fee_lines(self, pool: Holder, fee: dict[str, int]) -> list[Change]:
        paid = [Change(each, K, -fee[each.id]) for each in self.parties if fee.get(each.id)]
        return [*paid, Change(pool, K, sum(fee.values()))] if paid else []

    def held(self, pool: Holder) -> list[Change]:
        ways = self.legs() if self.escrow is None else moved(self.escrow, self.seller, self.unit, self.amount)
        return [*ways, *self.fee_lines(pool, self.fee)]


def begin(world: World) -> None:
    """Give out the coat's value."""
    request = ValuationRequest(text="coat", currency="USD")
    coat = Valuation(
        id=valuation_id("20260301T000000Z-00000000", "simulated", request),
        subject=Subject(asked=request, understood={}),
        value_date="2026-03-01",
        currency="USD",
        fmv="50.00",
        market_value="50.00",
        low="40.00",
        high="62.50",
        confidence="B",
        base="25.000000",
        factors=[Factor(name="season", value="2.000000", evidence=["12 listings"])],
        comparables=[],
        dampening=None,
        narrative="A coat.",
        snapshot="20260301T000000Z-00000000",
        model="simulated",
        reason=None,
    )
    given.keep(world.ledger, coat, request)
    world.notes["coat"] = coat.id
    world.notes["deals"] = []
    world.notes["finished"] = {each.id: 0 for each in world.holders}


def forget(world: World) -> None:
    """Trades of long ago are forgotten, but for those that still hold something."""
    every = world.notes["deals"]
    every[:-60] = [each for each in every[:-60] if each.state in ("accepted", "disputed")]


def fee_of(deal: Deal) -> dict[str, int]:
    """What each party pays of the fee: half each, the odd rail by whoever pays."""
    worth = deal.amount if deal.unit == K else round(Fraction(HOUR * deal.amount, 60))
    fee = round(FEE * min(COAT, worth))
    payer = deal.payer
    if deal.unit == MINUTES:
        gives, gets = (worth, COAT) if deal.proposer is deal.payer else (COAT, worth)
        payer = deal.proposer if gives <= gets else deal.other
    payee = deal.other if payer is deal.proposer else deal.proposer
    return {payer.id: fee - fee // 2, payee.id: fee // 2} if fee else {}


def cannot_hold(world: World, deal: Deal, pool: Holder, fee: dict[str, int], escrow: Holder | None) -> Refusal | None:
    fee_lines = deal.fee_lines(pool, fee)
    net = {(each.who.id, each.unit): each for each in model.net([*deal.legs(), *fee_lines])}
    for side in deal.parties:
        of = net.get((side.id, K))
        if of is None or of.amount >= 0:
            continue
        waits = needs_signatures(world, side, K, -of.amount)
        if waits and len(deal.signed & world.signers[side.id]) < waits:
            return WrongState
    if escrow is None:
        return model.refused([*deal.legs(), *fee_lines], world.today)
    paid_in = moved(deal.payer, escrow, deal.unit, deal.amount)
    if refusal := model.refused(paid_in, world.today):
        return refusal
    # As it stands once the escrow is paid: only the ways out of it and the fee are held then, and not by the day.
    ways = [*moved(escrow, deal.seller, deal.unit, deal.amount), *fee_lines]
    for change in model.net(ways):
        extra = next((each.amount for each in paid_in if each.who is change.who and each.unit == change.unit), 0)
        standing = change.who[change.unit]
        if change.amount > 0 and change.amount > standing.room() - extra:
            return LimitReached
        if change.amount < 0 and -change.amount > standing.spendable() + extra:
            return LimitReached
    return None


def finish(world: World, deal: Deal) -> None:
    model.release(deal.held(world.house[0]), world.today, made=deal.day, posted=True, daily=deal.escrow is None)
    done(world, deal)


def done(world: World, deal: Deal) -> None:
    deal.state = "done"
    for each in deal.parties:
        world.notes["finished"][each.id] += 1


def give_back(world: World, deal: Deal) -> None:
    if deal.state != "proposed":
        void(world, deal)
        if deal.escrow is not None:
            model.post(moved(deal.escrow, deal.payer, deal.unit, deal.amount), world.today, daily=False)
    deal.state = "cancelled"


def void(world: World, deal: Deal) -> None:
    model.release(deal.held(world.house[0]), world.today, made=deal.day, posted=False, daily=deal.escrow is None)


def end(world: World, deal: Deal, percent: int) -> None:
    if percent == 0:
        give_back(world, deal)
    elif percent == 100:
        finish(world, deal)
    else:
        lines = parts(world, deal, percent)
        void(world, deal)
        model.post(lines, world.today, daily=False)
        done(world, deal)


def parts(world: World, deal: Deal, percent: int) -> list[Change]:
    part = round(Fraction(deal.amount * percent, 100))
    fee = {who: round(Fraction(of * percent, 100)) for who, of in deal.fee.items()}
    if deal.escrow is None:
        lines = list(moved(deal.payer, deal.seller, deal.unit, part))
    else:
        rest = Change(deal.payer, deal.unit, deal.amount - part)
        lines = [Change(deal.escrow, deal.unit, -deal.amount), Change(deal.seller, deal.unit, part), rest]
    return [*lines, *deal.fee_lines(world.house[0], fee)]


def cannot_give_back(world: World, deal: Deal) -> Refusal | None:
    return (
        None if deal.escrow is None else once_void(world, deal, moved(deal.escrow, deal.payer, deal.unit, deal.amount))
    )


def cannot_end(world: World, deal: Deal, percent: int) -> Refusal | None:
    if percent == 0:
        return cannot_give_back(world, deal)
    return None if percent == 100 else once_void(world, deal, parts(world, deal, percent))


def once_void(world: World, deal: Deal, lines: Any) -> Refusal | None:
    """Whether `lines` pass the limits once the hold is void: tried on the model and taken back."""
    held = model.net(deal.held(world.house[0]))
    for each in held:
        each.who[each.unit].out -= max(-each.amount, 0)
        each.who[each.unit].coming -= max(each.amount, 0)
    refusal = model.refused(lines, world.today, daily=False)
    for each in held:
        each.who[each.unit].out += max(-each.amount, 0)
        each.who[each.unit].coming += max(each.amount, 0)
    return refusal


def other(deal: Deal, by: Holder) -> Holder:
    return deal.other if by is deal.proposer else deal.proposer

"""What the model knows of a trade: what it holds, what it costs, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from bench import ledger_sim_figures as figures
from bench import ledger_sim_model as model
from bench import ledger_sim_volume as volume
from bench.ledger_sim_charges import REPAIR, UNDERSTOOD, Charge, fee_on, insured_on
from bench.ledger_sim_model import MINUTES, Change, Holder, K, Refusal, moved
from bench.ledger_sim_steps import have_signed, needs_signatures
from bench.ledger_sim_world import World
from ledger.books.errors import LimitReached, NotAllowed, WrongState
from ledger.trading import given
from warehouse.valuation import Factor, Subject, Valuation, ValuationRequest, valuation_id

COAT = 50_00


@dataclass(frozen=True, slots=True)
class Offer:
    """`payer` gives `amount` of `unit`, `worth` so many rails when it was offered, for a coat of `seller`, or for
    what `seller` does, of `value` rails. `beside` are the rails of coats, and `cash` those of cash, that `payer` gives
    besides. `watched` is what it needs beyond two confirmations, by the policy of then."""

    payer: Holder
    seller: Holder
    unit: str
    amount: int
    deliver_by: date | None
    worth: int
    service: str
    value: int
    beside: int
    cash: int
    watched: figures.Watched | None

    @property
    def repair(self) -> bool:
        return REPAIR in self.service

    @property
    def given(self) -> int:
        """What `payer` gives, in rails."""
        return self.worth + self.cash + self.beside

    @property
    def base(self) -> int:
        """What the fee is a share of: the things of the smaller side, or the money that evens the sides out where that
        is more; never more than the whole of a side."""
        return min(self.given, self.value, max(min(self.beside, self.value), self.worth + self.cash))


@dataclass
class Deal:
    """What the model knows of a trade."""

    id: str
    proposer: Holder
    other: Holder
    offer: Offer
    maker: Holder
    terms: str
    offers: int = 1
    state: str = "proposed"
    escrow: Holder | None = None
    charges: tuple[Charge, ...] = ()
    disputed: bool = False  # it has ended by a dispute
    day: str = ""
    signed: set[tuple[str, str]] = field(default_factory=set)  # the business for which, and who
    confirmed: list[Holder] = field(default_factory=list)
    cancelled: list[Holder] = field(default_factory=list)
    delivered: list[Holder] = field(default_factory=list)
    attested: set[str] = field(default_factory=set)
    shown: bool = False  # by a photo
    transfer: str = ""  # that it was done by
    suggested: tuple[Holder, int] | None = None

    @property
    def parties(self) -> tuple[Holder, Holder]:
        return self.proposer, self.other

    def legs(self) -> tuple[Change, Change]:
        return moved(self.offer.payer, self.offer.seller, self.offer.unit, self.offer.amount)

    def lacks(self) -> bool:
        """Whether it may not be done yet: others did not see it, or nothing shows its deliveries."""
        rule, moves = self.offer.watched, self.offer.amount if self.offer.unit == K else 0
        if rule is None or moves <= rule.above:
            return False
        proven = rule.proof is None or moves <= rule.proof or (self.shown and len(set(self.delivered_by)) == 2)
        return len(self.attested) < rule.count or not proven

    @property
    def delivered_by(self) -> list[str]:
        return [each.id for each in self.delivered]

    def charged(self, charges: Iterable[Charge]) -> list[Change]:
        return [line for each in charges for line in each.lines(self.parties)]

    def held(self) -> list[Change]:
        ways = (
            self.legs()
            if self.escrow is None
            else moved(self.escrow, self.offer.seller, self.offer.unit, self.offer.amount)
        )
        return [*ways, *self.charged(self.charges)]


def begin(world: World) -> None:
    """Give out the values of a coat and of what is done to one: all are worth the same."""
    world.notes["valuations"] = {name: _give_out(world, name, said) for name, said in UNDERSTOOD.items()}
    world.notes["deals"] = []
    world.notes["finished"] = {each.id: 0 for each in world.holders}


def _give_out(world: World, name: str, understood: dict[str, str]) -> str:
    request = ValuationRequest(text="coat", attributes={"for": name}, currency="USD")
    coat = Valuation(
        id=valuation_id("20260301T000000Z-00000000", "simulated", request),
        subject=Subject(asked=request, understood=understood),
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
    return coat.id


def forget(world: World) -> None:
    """Trades of long ago are forgotten, but for those that still hold something, and those that keep a guest from
    leaving."""
    every, guests = world.notes["deals"], world.notes["guests"]
    every[:-60] = [
        each
        for each in every[:-60]
        if each.state in ("accepted", "disputed")
        or (each.state == "proposed" and not guests.isdisjoint(party.id for party in each.parties))
    ]


def charges_of(world: World, deal: Deal) -> tuple[Charge, Charge]:
    """What each party pays today: as fee, and into the insurance."""
    payer, of = deal.offer.payer, deal.offer
    if of.unit == MINUTES:
        gives, gets = (of.given, of.value) if deal.proposer is of.payer else (of.value, of.given)
        payer = deal.proposer if gives <= gets else deal.other
    served = [(of.seller, of.service, of.value)] if of.service else []
    return fee_on(world, of.base, payer, other(deal, payer)), insured_on(world, served, payer)


def cannot_hold(world: World, deal: Deal, charges: Iterable[Charge], escrow: Holder | None) -> Refusal | None:
    fee_lines = deal.charged(charges)
    net = {(each.who.id, each.unit): each for each in model.net([*deal.legs(), *fee_lines])}
    for side in deal.parties:
        of = net.get((side.id, K))
        if of is None or of.amount >= 0:
            continue
        waits = needs_signatures(world, side, K, -of.amount)
        there = world.signers.get(side.id, set())
        if waits and len(there) < waits:
            return NotAllowed
        if waits and have_signed(world, deal.signed, side.id) < waits:
            return WrongState
    if escrow is None:
        return model.refused([*deal.legs(), *fee_lines], world.today)
    paid_in = moved(deal.offer.payer, escrow, deal.offer.unit, deal.offer.amount)
    if refusal := model.refused(paid_in, world.today):
        return refusal
    # As it stands once the escrow is paid: only the ways out of it and the fee are held then, and not by the day.
    ways = [*moved(escrow, deal.offer.seller, deal.offer.unit, deal.offer.amount), *fee_lines]
    for change in model.net(ways):
        extra = next((each.amount for each in paid_in if each.who is change.who and each.unit == change.unit), 0)
        standing = change.who[change.unit]
        if change.amount > 0 and change.amount > standing.room() - extra:
            return LimitReached
        if change.amount < 0 and -change.amount > standing.spendable() + extra:
            return LimitReached
    return None


def finish(world: World, deal: Deal) -> None:
    model.release(deal.held(), world.today, made=deal.day, posted=True, daily=deal.escrow is None)
    worth = min(deal.offer.value, deal.offer.given)
    repaired = (deal.offer.value,) * deal.offer.repair
    volume.note(world, volume.Done(world.clock.now, worth, deal.parties, repaired))
    done(world, deal)


def done(world: World, deal: Deal) -> None:
    deal.state = "done"
    for each in deal.parties:
        world.notes["finished"][each.id] += 1


def give_back(world: World, deal: Deal) -> None:
    if deal.state != "proposed":
        void(world, deal)
        if deal.escrow is not None:
            model.post(
                moved(deal.escrow, deal.offer.payer, deal.offer.unit, deal.offer.amount), world.today, daily=False
            )
    deal.state = "cancelled"


def void(world: World, deal: Deal) -> None:
    model.release(deal.held(), world.today, made=deal.day, posted=False, daily=deal.escrow is None)


def end(world: World, deal: Deal, percent: int) -> None:
    """A dispute ends with a share of what was agreed."""
    deal.disputed = True
    if percent == 0:
        give_back(world, deal)
    elif percent == 100:
        finish(world, deal)
    else:
        lines = parts(deal, percent)
        void(world, deal)
        model.post(lines, world.today, daily=False)
        done(world, deal)


def parts(deal: Deal, percent: int) -> list[Change]:
    part = round(Fraction(deal.offer.amount * percent, 100))
    if deal.escrow is None:
        lines = list(moved(deal.offer.payer, deal.offer.seller, deal.offer.unit, part))
    else:
        rest = Change(deal.offer.payer, deal.offer.unit, deal.offer.amount - part)
        lines = [
            Change(deal.escrow, deal.offer.unit, -deal.offer.amount),
            Change(deal.offer.seller, deal.offer.unit, part),
            rest,
        ]
    return [*lines, *deal.charged(each.part(percent) for each in deal.charges)]


def cannot_give_back(world: World, deal: Deal) -> Refusal | None:
    return (
        None
        if deal.escrow is None
        else once_void(world, deal, moved(deal.escrow, deal.offer.payer, deal.offer.unit, deal.offer.amount))
    )


def cannot_end(world: World, deal: Deal, percent: int) -> Refusal | None:
    if percent == 0:
        return cannot_give_back(world, deal)
    return None if percent == 100 else once_void(world, deal, parts(deal, percent))


def once_void(world: World, deal: Deal, lines: Any) -> Refusal | None:
    """Whether `lines` pass the limits once the hold is void: tried on the model and taken back."""
    held = model.net(deal.held())
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

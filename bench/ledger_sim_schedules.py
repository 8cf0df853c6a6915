"""What the model knows of a schedule of trades: what falls due when, in which period, and what a settlement moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from bench import ledger_sim_crises as crises
from bench import ledger_sim_figures as figures
from bench import ledger_sim_model as model
from bench import ledger_sim_volume as volume
from bench.ledger_sim_charges import REPAIR, SERVICES, fee_on, insured_on, thing
from bench.ledger_sim_deals import COAT
from bench.ledger_sim_model import MINUTES, Change, Holder, K, Refusal, moved
from bench.ledger_sim_steps import have_signed, needs_signatures
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, WrongState
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft

SERVED = 0.3  # the share of the coats that are not given: something is done to them


@dataclass(frozen=True, slots=True)
class Leg:
    """What one party gives each time, and when: a coat or a service (`amount` is 0), K, or minutes at that hour."""

    giver: Holder
    receiver: Holder
    unit: str
    amount: int
    first: date
    every: int
    times: int
    hour: int
    service: str = ""

    @property
    def goods(self) -> bool:
        return self.amount == 0

    def worth(self, often: int) -> int:
        """What it is worth so many times, in rails."""
        minutes = SERVICES[self.service].minutes if self.service else 0 if self.unit == K else self.amount
        if minutes:
            return round(Fraction(self.hour * minutes * often, 60))
        return (COAT if self.goods else self.amount) * often


@dataclass
class Due:
    """One time that a leg falls due; legs, their occurrences and the periods count from 1."""

    position: int
    occurrence: int
    period: int
    day: str
    received: bool = False
    settled: bool = False


@dataclass
class Schedule:
    """A schedule: its parties, its legs, and from its acceptance on what falls due."""

    id: str
    proposer: Holder
    other: Holder
    legs: list[Leg]
    dues: list[Due]
    grace: int
    terms: str
    state: str = "proposed"
    signed: set[tuple[str, str]] = field(default_factory=set)  # the business for which, and who
    asked: Holder | None = None
    fault: Holder | None = None

    @property
    def parties(self) -> tuple[Holder, Holder]:
        return self.proposer, self.other

    def other_than(self, one: Holder) -> Holder:
        return self.other if one is self.proposer else self.proposer

    def leg(self, due: Due) -> Leg:
        return self.legs[due.position - 1]

    def missing(self, giver: Holder, today: str) -> list[Due]:
        """What somebody should have delivered before the days of grace."""
        last = (date.fromisoformat(today) - timedelta(days=self.grace)).isoformat()
        return [
            each
            for each in self.dues
            if self.leg(each).goods and self.leg(each).giver is giver and not each.received and each.day < last
        ]


@dataclass
class Settlement:
    """What a trade of a schedule moves: its lines, the dues in it, what each side gave; and what stays open."""

    lines: list[Change]
    dues: list[Due]
    gave: Counter[str] = field(default_factory=Counter)
    short: int = 0


def legs_by_chance(world: World, one: Holder, two: Holder) -> list[Leg]:
    """Coats for K or minutes in one rhythm, or two coats for what is paid once; coats for coats; now for later."""
    first = world.clock.now.date() + timedelta(days=world.chance.randint(0, 2))
    every, times = world.chance.randint(1, 3), world.chance.randint(2, 3)
    hour = crises.worth_of(world, 60)

    def leg(giver: Holder, unit: str = K, amount: int = 0, day: date = first, e: int = every, n: int = times) -> Leg:
        service = world.one_of(tuple(SERVICES)) if not amount and world.chance.random() < SERVED else ""
        return Leg(giver, two if giver is one else one, unit, amount, day, e, n, hour, service)

    unit = K if world.chance.random() < 0.7 else MINUTES
    amount = _amount(world, two) if unit == K else world.chance.randint(1, 30)
    match world.pick((0.4, "as often"), (0.2, "twice as often"), (0.2, "coats"), (0.2, "later")):
        case "as often":
            return [leg(one), leg(two, unit, amount)]
        case "twice as often":
            return [leg(one, n=2 * times), leg(two, unit, amount, e=2 * every)]
        case "coats":
            return [leg(one), leg(two)]
        case _:
            coat_or_money = ("K", 0) if world.chance.random() < 0.5 else (unit, amount)
            return [leg(one, n=1), leg(two, *coat_or_money, day=first + timedelta(days=every), n=1)]


def _amount(world: World, payer: Holder) -> int:
    """Some K; of a business about as much, or more, than it may pay unsigned."""
    above = figures.now(world).tiers[payer.tier].signed_above
    if not above or world.chance.random() < 0.2:
        return world.chance.randint(1, 6_00)
    near = world.chance.random() < 0.5
    return world.chance.randint(above - 20, above + 10) if near else world.chance.randint(above, 2 * above)


def dues_of(legs: list[Leg]) -> list[Due]:
    """When the legs fall due; a period is as long as the slower rhythm, and where nothing repeats everything is one."""
    longest = max(each.every for each in legs)
    found = []
    for position, leg in enumerate(legs, start=1):
        for number in range(leg.times):
            period = 1 if leg.times == 1 else number * leg.every // longest + 1
            day = leg.first + timedelta(days=number * leg.every)
            found.append(Due(position, number + 1, period, day.isoformat()))
    return sorted(found, key=lambda each: (each.day, each.position))


def drafts(legs: list[Leg], proposer: Holder, valuations: dict[str, str]) -> list[ScheduledDraft]:
    """The legs as they are proposed, with the valuations that were given out."""
    made = []
    for each in legs:
        said: dict[str, Any] = {"giver": "proposer" if each.giver is proposer else "counterparty"}
        if each.service:
            said |= thing(SERVICES[each.service], valuations)
        elif each.goods:
            said |= {"kind": "goods", "valuation": valuations["coat"]}
        else:
            said |= {"kind": "k", "amount": each.amount} if each.unit == K else {
                "kind": "minutes",
                "minutes": each.amount,
            }  # fmt: skip
        every = each.every if each.times > 1 else None
        made.append(ScheduledDraft(leg=LegDraft(**said), first_day=each.first, every_days=every, times=each.times))
    return made


def period(world: World, of: Schedule, number: int, foreseen: list[Due] | None = None) -> Settlement:
    """What a period moves once everything of it is there: what is paid for it, the fee and what is insured today. While
    nobody has accepted the schedule, what falls due is `foreseen`."""
    dues = [each for each in foreseen or of.dues if each.period == number]
    made = Settlement([], dues)
    paid, services = None, []
    for leg, often in _often(of, dues):
        made.gave[leg.giver.id] += leg.worth(often)
        if leg.service:
            services.append((leg.giver, leg.service, leg.worth(often)))
        if not leg.goods:
            made.lines += moved(leg.giver, leg.receiver, leg.unit, leg.amount * often)
            paid = leg.giver if leg.unit == K else None
    gives, gets = made.gave[of.proposer.id], made.gave[of.other.id]
    payer = paid or (of.proposer if gives <= gets else of.other)
    charges = fee_on(world, min(gives, gets), payer, of.other_than(payer)), insured_on(world, services, payer)
    made.lines += [line for each in charges for line in each.lines(of.parties)]
    return made


def unsigned(world: World, of: Schedule, made: Settlement) -> Refusal | None:
    """What a settlement is refused with for want of signatures."""
    paying = [(each.who, -each.amount) for each in model.net(made.lines) if each.unit == K and each.who in of.parties]
    wanted = [(who.id, number) for who, paid in paying if (number := needs_signatures(world, who, K, paid))]
    if any(len(world.signers.get(who, ())) < number for who, number in wanted):
        return NotAllowed
    return WrongState if any(have_signed(world, of.signed, who) < number for who, number in wanted) else None


def unsigned_ever(world: World, of: Schedule) -> Refusal | None:
    """What its acceptance is refused with where some period will want signatures that are missing."""
    dues = dues_of(of.legs)
    found = [unsigned(world, of, period(world, of, number, dues)) for number in sorted({each.period for each in dues})]
    return next((each for each in (NotAllowed, WrongState) if each in found), None)


def rest(world: World, of: Schedule) -> Settlement:
    """What was delivered and is in no trade yet: whoever gave less adds the difference in K, as far as it may."""
    dues = [each for each in of.dues if of.leg(each).goods and each.received and not each.settled]
    made = Settlement([], dues)
    for leg, often in _often(of, dues):
        made.gave[leg.giver.id] += leg.worth(often)
    less, more = sorted(of.parties, key=lambda each: made.gave[each.id])
    owed = made.gave[more.id] - made.gave[less.id]
    paid = min(owed, max(0, min(less[K].spendable(), less[K].left(world.today), more[K].room())))
    wanted = needs_signatures(world, less, K, paid)
    if wanted and have_signed(world, of.signed, less.id) < wanted:
        paid = figures.now(world).tiers[less.tier].signed_above
    if paid:
        made.lines = list(moved(less, more, K, paid))
        made.gave[less.id] += paid
    made.short = owed - paid
    return made


def settle(world: World, of: Schedule, made: Settlement) -> None:
    """A settlement becomes a finished trade."""
    if not made.dues:
        return
    model.post(made.lines or moved(of.proposer, of.other, K, 0), world.today)
    for each in made.dues:
        each.received = each.settled = True
    for party in of.parties:
        world.notes["finished"][party.id] += 1
    repairs = tuple(leg.worth(often) for leg, often in _often(of, made.dues) if REPAIR in leg.service)
    worth = min(made.gave[each.id] for each in of.parties)
    volume.note(world, volume.Done(world.clock.now, worth, of.parties, repairs))


def cannot(world: World, of: Schedule, made: Settlement) -> Refusal | None:
    return unsigned(world, of, made) or model.refused(made.lines, world.today)


def _often(of: Schedule, dues: Iterable[Due]) -> list[tuple[Leg, int]]:
    number = Counter(each.position for each in dues)
    return [(leg, number[at]) for at, leg in enumerate(of.legs, start=1) if number[at]]

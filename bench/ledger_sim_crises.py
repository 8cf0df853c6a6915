"""Crises in the simulation: they are declared, change floors, the hour, the fee and demurrage, and end.

What they change is worked out here from the figures below and the days alone, and the ledger is held against it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from bench import ledger_sim_figures as figures
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import Holder, K, Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import Unknown, WrongState
from ledger.community import declaring
from warehouse.errors import BadInput

SECTIONS = """
[policy.crises.storm]
fee = false
demurrage = false
insurance = false
floor = "-130.00"
relief = "6.00"
relief_tiers = ["verified"]
from = "commons"

[policy.crises.slump]
demurrage = false
hour = "24.00"
floor = "-170.00"
relief = "3.00"
relief_tiers = ["basic"]
from = "commons"
"""
EVERY = 40  # operations: crises stay in the books


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of crisis changes."""

    floor: int
    hour: int  # 0: as it is
    suspends: tuple[str, ...]
    relief: int
    tier: str


KINDS = {
    "storm": Kind(-130_00, 0, ("fee", "demurrage", "insurance"), 6_00, "verified"),
    "slump": Kind(-170_00, 24_00, ("demurrage",), 3_00, "basic"),
}


@dataclass
class Crisis:
    """A crisis as it was declared; it holds to the end of `last`, or until the day it was ended on."""

    id: str
    kind: str
    key: str
    said: dict[str, Any]
    last: str
    ended: str | None = None

    def holds(self, today: str) -> bool:
        return today <= self.last and self.ended is None


def open_now(world: World) -> list[Crisis]:
    """The crises that hold today, by their ids."""
    return sorted((each for each in world.notes["crises"] if each.holds(world.today)), key=lambda each: each.id)


def kinds(world: World) -> list[Kind]:
    return [KINDS[each.kind] for each in open_now(world)]


def takes(world: World, section: str) -> bool:
    """Whether the community takes its fee, demurrage, or what services pay into the insurance, today."""
    return not any(section in each.suspends for each in kinds(world))


def worth_of(world: World, minutes: int) -> int:
    """Minutes in rails at today's hour."""
    return round(Fraction(max([figures.now(world).hour, *(each.hour for each in kinds(world))]) * minutes, 60))


def set_limits(world: World) -> None:
    """Give everybody the limits of its tier, with what the open crises change: lower floors for who may owe at all."""
    tiers = figures.now(world).tiers
    floors = [each.floor for each in kinds(world)]
    for holder in world.holders:
        limits = tiers[holder.tier].limits
        for unit, standing in holder.units.items():
            standing.limits = limits[unit]
        floor = limits[K].floor
        if floor is not None and floor < 0:
            holder[K].limits = replace(limits[K], floor=min([floor, *floors]))


def declare(world: World) -> None:
    """A crisis is declared; or once more, or one of a kind that is open, or what cannot be."""
    there = open_now(world)
    kind = world.one_of(sorted(KINDS))
    today = world.clock.now.date()
    said: dict[str, Any] = {"by": "treasurer", "kind": kind, "note": "it has come", "key": world.key()}
    said["ends_on"] = today + timedelta(days=world.chance.randint(0, 5))
    refusal: Refusal | None = None
    match world.pick((0.6, "new"), (0.2, "again"), (0.1, "no kind"), (0.1, "no end")):
        case "again" if there:
            _again(world, world.one_of(there))
            return
        case "no kind":
            said["kind"], refusal = "rain", BadInput
        case "no end":
            said["ends_on"], refusal = today + timedelta(days=world.one_of((-1, 181))), BadInput
        case _:
            if any(each.kind == kind for each in there):
                refusal = WrongState
            elif not world.rare("crisis", EVERY):
                return

    def done(answer: declaring.Crisis) -> None:
        world.rares["crisis"] += 1
        last = said["ends_on"].isoformat()
        world.notes["crises"].append(Crisis(answer.id, kind, said["key"], said, last))
        del world.notes["crises"][:-12]
        set_limits(world)

    world.attempt("declare", declaring.declare, said, refusal, done, keyed=False)


def _again(world: World, crisis: Crisis) -> None:
    """The same request with the same key: the crisis that is there."""

    def done(answer: declaring.Crisis) -> None:
        if answer.id != crisis.id:
            raise Broken(f"{crisis.said} declared {crisis.id}, and now {answer.id}")

    # The day it was to end on is not over while it is open.
    world.attempt("declare", declaring.declare, crisis.said, None, done, keyed=False)


def end(world: World) -> None:
    """A crisis is ended before its time; one that was ended, or has ended by itself, or none."""
    known: list[Crisis] = world.notes["crises"]
    there = open_now(world)
    if not known:
        return
    crisis = world.one_of(there if there and world.chance.random() < 0.7 else known)
    refusal: Refusal | None = None
    name = crisis.id
    if world.chance.random() < 0.05:
        name, refusal = "crisis_of_nobody", Unknown
    elif crisis.ended is None and crisis.last < world.today:
        refusal = WrongState

    def done(answer: declaring.Crisis) -> None:
        crisis.ended = crisis.ended or world.today
        if answer.ended_on != crisis.ended:
            raise Broken(f"{crisis} ended on {answer.ended_on}")
        set_limits(world)

    world.attempt("end a crisis", declaring.end, {"by": "treasurer", "crisis_id": name}, refusal, done, keyed=False)


def of_tier(world: World, tier: str) -> list[Holder]:
    """The members of a tier, who have not left."""
    return [
        each
        for each in world.holders
        if each.kind == "member" and each.tier == tier and each.id not in world.notes["gone"]
    ]


STEPS = {"declare": (0.6, declare), "end a crisis": (0.3, end)}

"""What the model keeps of finished trades: how much was traded of late, and which of them were repairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.ledger_sim_model import Holder
from bench.ledger_sim_world import World

_KEPT = timedelta(days=63)  # a month before this one, and some days


@dataclass(frozen=True, slots=True)
class Done:
    """A trade that was finished as agreed: when, the rails of its smaller side, and those of each repair in it."""

    at: datetime
    worth: int
    parties: tuple[Holder, Holder]
    repaired: tuple[int, ...] = ()


def note(world: World, done: Done) -> None:
    """A trade is finished; those of long ago are forgotten."""
    every: list[Done] = world.notes["done"]
    every.append(done)
    if every[0].at < world.clock.now - _KEPT:
        every[:] = [each for each in every if each.at >= world.clock.now - _KEPT]


def traded(world: World, days: int) -> int:
    """The rails of the trades finished within so many days."""
    since = world.clock.now - timedelta(days=days)
    return sum(each.worth for each in world.notes["done"] if each.at > since)


def repairs(world: World, month: str) -> list[Done]:
    """The repairs of a month, such as "2026-03"."""
    return [each for each in world.notes["done"] if each.repaired and f"{each.at:%Y-%m}" == month]

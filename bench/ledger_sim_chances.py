"""Which trade a step is about and who takes it, by chance: mostly what may be, now and then what may not."""

from __future__ import annotations

from bench.ledger_sim_deals import Deal
from bench.ledger_sim_model import Holder, Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import Unknown, WrongState


def late(world: World, *states: str) -> list[Deal]:
    """The trades of late in those states."""
    return [each for each in world.notes["deals"] if each.state in states]


def some(world: World, state: str) -> Deal | None:
    """A trade of late, mostly in that state."""
    fitting = late(world, state)
    if not fitting or world.chance.random() < 0.04:
        fitting = world.notes["deals"][-60:] if world.chance.random() < 0.2 else fitting
    return world.one_of(fitting) if fitting else None


def whoever(world: World, deal: Deal, right: Holder | None = None) -> Holder:
    """Who does it: mostly whoever may, else a party, sometimes a stranger."""
    if world.chance.random() < 0.03:
        return world.one_of(world.holders)
    if right is not None and world.chance.random() < 0.9:
        return right
    for_now = [each for each in deal.parties if each not in deal.confirmed]
    if len(for_now) == 1 and world.chance.random() < 0.7:
        return for_now[0]
    return world.one_of(deal.parties)


def refused(deal: Deal, by: Holder, *states: str) -> Refusal | None:
    """What somebody is told who wants to take a step that belongs to trades in those states."""
    if by not in deal.parties:
        return Unknown
    return None if deal.state in states else WrongState

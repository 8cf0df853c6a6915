"""Steps of the community's own books: somebody pays the community, days are closed, and what they hold is proven."""

from __future__ import annotations

from typing import Any

from bench import ledger_sim_steps as steps
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import MINUTES
from bench.ledger_sim_world import World
from ledger.books import days
from ledger.books.errors import Unknown
from ledger.books.store import Ledger

RICH, SMALL = 50_00, 25  # rails: what the community gives from, and a gift to it once it has so much


def begin(world: World) -> None:
    world.notes |= {"given": 0, "closed": ("", 0)}


def pay_the_house(world: World) -> None:
    """A gift to the community: to an account that it gives from, or into its insurance."""
    payer = world.two()[0]
    unit = steps.unit_of(world)
    house = world.house_of("work" if unit == MINUTES else world.one_of(("commons", "commons", "insurance")))
    of = steps.amount(world, payer, house, unit)
    if house.name == "commons" and house[unit].posted > RICH:
        # Else long histories end with all K there, and all members at their floors.
        of = min(of, SMALL)
    if house.kind == "insurance" and steps.needs_signatures(world, payer, unit, of):
        house = world.house_of("commons")
    steps.pay_to(world, "pay the house", payer, house, unit, of)


def close_days(world: World) -> None:
    """The days that are over get their roots, each once and in their order, and an entry is proven by its day's."""
    day, seq = world.notes["closed"]

    def ask(ledger: Ledger) -> list[tuple[str, int, int]]:
        made = [(each.day, each.first_seq, each.last_seq) for each in days.close_days(ledger)]
        if days.close_days(ledger):
            raise Broken("days were closed, and there were more of them")
        return made

    def done(answer: list[tuple[str, int, int]]) -> None:
        so_far, last = day, seq
        for each, first, end in answer:
            # Where a try failed, some days have their roots already.
            if not so_far < each < world.today or first <= last or end < first:
                raise Broken(f"{each} has a root of {first} to {end}, after {so_far} with {last}")
            so_far, last = each, end
        world.notes["closed"] = so_far, last

    world.attempt("close days", ask, {}, None, done, keyed=False)


def prove(world: World) -> None:
    """An entry of a day that was closed is proven; one of no such day is not."""
    _, last = world.notes["closed"]
    if not last:
        return
    seq = world.chance.randint(1, last) if world.chance.random() < 0.9 else 10**12
    refusal = None if seq <= last else Unknown

    def done(answer: Any) -> None:
        if not answer.holds():
            raise Broken(f"{answer} proves nothing")

    world.attempt("prove an entry", days.prove, {"seq": seq}, refusal, done, keyed=False)


STEPS = {
    "pay the house": (1.5, pay_the_house),
    "close days": (0.4, close_days),
    "prove an entry": (0.2, prove),
}

"""Steps of the community's rules: a run must do what the model foretells and its dry run shows, to the rail, and once.

Who gets how much the model works out by itself (`bench.ledger_sim_giving`), fits it to everybody's limits and holds it
against the cap of the account that gives, with all that is promised from it counted. Of demurrage it knows only how
much may be taken at most: there the dry run is believed, and the run held against it.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from bench import ledger_sim_essentials as essentials
from bench import ledger_sim_figures as figures
from bench import ledger_sim_model as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_giving import RULES, SECTIONS, Foretold, Share
from bench.ledger_sim_model import Change, K, Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import LedgerError, LimitReached, WrongState
from ledger.community import runs
from ledger.community.plan import Plan
from warehouse.errors import BadInput

__all__ = ["SECTIONS", "STEPS", "begin"]

Total = Counter[tuple[str, str, str]]  # account, unit and the house's account: what moves


def begin(world: World) -> None:
    """Nothing was given yet."""
    joined = {each.id: world.clock.now for each in world.holders}
    world.notes |= {"done": [], "crises": [], "gone": set(), "joined": joined, "granted": set(), "needs": {}}
    world.notes |= {"credits": [], "claims": [], "credited": [], "runs": {}, "guests": set()}


def run(world: World, name: str) -> None:
    """Run a rule: for the period that is due, or where it must be said for the one that is named."""
    told = RULES[name](world)
    said: dict[str, Any] = {"name": name, "by": world.holders[0].id}
    refusal = told.refusal
    if refusal is BadInput and world.chance.random() < 0.7:
        said["period"], refusal = told.period, None
    before = told.period in world.notes["runs"].get(name, ())
    if before and refusal is WrongState:
        refusal = None  # what was run before a crisis suspended it was run
    plan = _preview(world, said, refusal)
    shares: list[Share] = []
    if plan is not None and not before:
        shares = (
            _from(world, plan) if told.shares is None else told.shares if name == "essentials" else fit(told.shares)
        )
        _compare(told, shares, plan)
        refusal = LimitReached if over_cap(world, shares) else None
        if (refusal is None) is not (plan.refusal is None):
            raise Broken(f"{name} {told.period}: the model says {refusal}, the dry run {plan.refusal}")
    _check(world, name, shares)

    def done(answer: runs.Run) -> None:
        if answer.period != told.period or (before and not answer.again):
            raise Broken(f"{name} {answer.period} was run, the model says {told.period}, and done before: {before}")
        if before:
            return
        moved = Counter({(each.account, each.unit, each.house): 0 for each in answer.moved})
        for each in answer.moved:
            moved[each.account, each.unit, each.house] += each.moved
        if moved != totals(shares):
            raise Broken(f"{name} {told.period} moved {moved}, the model says {totals(shares)}")
        _keep(world, name, told, shares)

    world.attempt(name, runs.run, said, refusal, done, keyed=False)


def fit(shares: list[Share]) -> list[Share]:
    """The shares as far as everybody's limits let them pass, one after the other: nobody goes above its ceiling by
    them, and nobody below zero."""
    kept = []
    came: Counter[tuple[str, str]] = Counter()
    for each in shares:
        at, so_far = each.who[each.unit], came[each.who.id, each.unit]
        if each.amount > 0:
            amount = min(each.amount, max(0, at.room() - so_far))
        else:
            amount = -min(-each.amount, max(0, at.posted + so_far - at.out))
        if each.whole and amount != each.amount:
            amount = 0
        came[each.who.id, each.unit] += amount
        if amount:
            kept.append(Share(each.who, amount, each.house, each.unit, each.part, each.whole))
    return kept


def over_cap(world: World, shares: list[Share]) -> bool:
    """Whether what goes out takes an account of the house beyond its cap, with all that is promised from it."""
    out: Counter[tuple[str, str]] = Counter()
    for each in shares:
        out[each.house, each.unit] += max(each.amount, 0)
    for (name, unit), amount in out.items():
        at = world.house_of(name)[unit]
        promised = essentials.promised(world, name) if unit == K else 0
        if at.limits.floor is not None and at.posted - at.out - promised - amount < at.limits.floor:
            return True
    return False


def totals(shares: list[Share]) -> Total:
    """What moves in all, by account, unit and account of the house."""
    sums: Total = Counter()
    for each in shares:
        sums[each.who.id, each.unit, each.house] += each.amount
    return sums


def _preview(world: World, said: dict[str, Any], refusal: Refusal | None) -> Plan | None:
    try:
        plan = runs.preview(world.ledger, said["name"], said.get("period"))
    except (LedgerError, BadInput) as error:
        if type(error) is not refusal:
            raise Broken(f"the dry run of {said} answers {error!r}, the model says {refusal}") from error
        return None
    if refusal is not None:
        raise Broken(f"the dry run of {said} shows {plan}, the model says {refusal}")
    return plan


def _from(world: World, plan: Plan) -> list[Share]:
    holders = {each.id: each for each in world.holders}
    return [Share(holders[each.account], each.amount, each.house, each.unit, each.part) for each in plan.shares]


def _compare(told: Foretold, shares: list[Share], plan: Plan) -> None:
    planned: Total = Counter()
    for each in plan.shares:
        planned[each.account, each.unit, each.house] += each.amount
    if plan.period != told.period or planned != totals(shares):
        raise Broken(f"the dry run of {plan.rule} {plan.period} shows {planned}, the model {told}: {totals(shares)}")


def _check(world: World, name: str, shares: list[Share]) -> None:
    """What must hold of the shares of demurrage, which the model does not work out: at most its share is taken."""
    percent = figures.now(world).demurrage
    if name != "demurrage" or percent is None:
        return
    for each in shares:
        at = each.who[K]
        if not 0 > each.amount >= -max(0, at.posted - at.out) * percent - 1:
            raise Broken(f"demurrage would take {each.amount} of {each.who.name}, who has {at.posted}")
    if len({each.who.id for each in shares}) != len(shares):
        raise Broken(f"demurrage would take twice of somebody: {shares}")


def _keep(world: World, name: str, told: Foretold, shares: list[Share]) -> None:
    """The model after a run that was done."""
    if not shares:
        return  # nothing is written: it may be run again
    world.tally.moved[name] += 1
    periods = world.notes["runs"].setdefault(name, [])
    periods.append(told.period)
    del periods[:-12]
    if name == "essentials":
        essentials.give(world, shares)
        return
    for each in shares:
        house = world.house_of(each.house)
        model.post(
            [Change(each.who, each.unit, each.amount), Change(house, each.unit, -each.amount)],
            world.today,
            daily=False,
        )
    if name == "grants":
        world.notes["granted"] |= {each.who.id for each in shares}
    if name == "work":
        credited = {each.part for each in shares}
        world.notes["claims"][:] = [each for each in world.notes["claims"] if each.id not in credited]
        world.notes["credited"] += [(world.clock.now, each.amount) for each in shares]


STEPS = {
    name: (share, partial(run, name=name))
    for name, share in (
        ("demurrage", 0.7),
        ("grants", 0.3),
        ("essentials", 0.3),
        ("jubilee", 0.8),
        ("relief", 0.4),
        ("repair", 0.2),
        ("work", 0.7),
    )
}

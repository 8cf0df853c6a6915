"""Steps of essentials and of community work: a need is recorded, a credit is spent before it ends, work is claimed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench import ledger_sim_model as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_giving import CREDIT_DAYS, NEEDS, Claim, Share
from bench.ledger_sim_model import Change, Holder, K, Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import LimitReached
from ledger.community import essentials, facts
from ledger.community import work as community_work
from warehouse.errors import BadInput

MOST_CLAIMS = 12


@dataclass
class Credit:
    """A month's credit of a member, from an account of the house; it may be spent to the end of its last day."""

    who: Holder
    house: str
    amount: int
    last: str
    spent: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.spent


def give(world: World, shares: list[Share]) -> None:
    """Credits are given; those that ended long ago are forgotten."""
    last = (world.clock.now.date() + timedelta(days=CREDIT_DAYS)).isoformat()
    kept = (world.clock.now.date() - timedelta(days=10)).isoformat()
    world.notes["credits"] = [each for each in world.notes["credits"] if each.last >= kept]
    world.notes["credits"] += [Credit(each.who, each.house, each.amount, last) for each in shares]


def promised(world: World, house: str) -> int:
    """What may still be spent of credits at the cost of an account of the house."""
    return sum(each.left for each in _open(world) if each.house == house)


def spend(world: World) -> None:
    """A credit is spent: a part of it, all, or one rail more; on what is no essential; one that has ended."""
    credits: list[Credit] = world.notes["credits"]
    there = _open(world) if world.chance.random() < 0.9 else credits
    holders = {each.id for each in world.holders}
    there = [each for each in there if each.who.id in holders and (each.left or world.chance.random() < 0.1)]
    if not there:
        return
    by = world.one_of(there).who
    mine = sorted((each for each in _open(world) if each.who is by), key=lambda each: each.last)
    left = sum(each.left for each in mine)
    of = world.chance.randint(1, 2_00) if world.chance.random() < 0.7 else max(1, left + world.chance.randint(-1, 1))
    payee, category = world.one_of(world.holders), "food" if world.chance.random() < 0.95 else "wine"
    changes = [Change(payee, K, of), *_drawn(world, mine, of)]
    refusal: Refusal | None = None
    if category == "wine" or payee is by:
        refusal = BadInput
    elif of > left or model.refused([Change(payee, K, of)], world.today, daily=False):
        refusal = LimitReached

    def done(_: Any) -> None:
        if sum(each.amount for each in changes):
            raise Broken(f"the model draws {changes}")
        model.post(changes, world.today, daily=False)
        rest = of
        for each in mine:
            part = min(each.left, rest)
            each.spent, rest = each.spent + part, rest - part

    said = {"by": by.id, "payee": payee.id, "amount": of, "category": category}
    world.attempt("spend essentials", essentials.spend, said, refusal, done)


def need(world: World) -> None:
    """The treasurer records a member's need, or one that the policy does not know."""
    who = world.one_of(world.holders)
    value = world.one_of(sorted(NEEDS)) if world.chance.random() < 0.9 else "wishes"

    def done(_: Any) -> None:
        world.notes["needs"][who.id] = value

    said = {"by": "treasurer", "account_id": who.id, "name": "need", "value": value}
    world.attempt("record a need", facts.record, said, None if value in NEEDS else BadInput, done, keyed=False)


def claim(world: World) -> None:
    """Community work is recorded; or such as is still to come, or took no time."""
    claims: list[Claim] = world.notes["claims"]
    if len(claims) >= MOST_CLAIMS:
        return
    who, minutes = world.one_of(world.holders), world.chance.randint(5, 90)
    day = world.clock.now.date() - timedelta(days=world.chance.randint(0, 3))
    refusal: Refusal | None = None
    if world.chance.random() < 0.1:
        refusal = BadInput
        if world.chance.random() < 0.5:
            minutes = 0
        else:
            day = world.clock.now.date() + timedelta(days=1)

    def done(answer: str) -> None:
        claims.append(Claim(answer, who, minutes, world.clock.now))
        claims.sort(key=lambda each: (each.at, each.id))

    said = {"by": "treasurer", "account_id": who.id, "minutes": minutes, "done_on": day, "note": "swept the square"}
    world.attempt("claim work", community_work.record, said, refusal, done)


def _open(world: World) -> list[Credit]:
    return [each for each in world.notes["credits"] if each.last >= world.today]


def _drawn(world: World, mine: list[Credit], amount: int) -> list[Change]:
    changes = []
    for each in mine:
        part = min(each.left, amount)
        amount -= part
        changes.append(Change(world.house_of(each.house), K, -part))
    return changes


STEPS = {"spend essentials": (1.2, spend), "record a need": (0.3, need), "claim work": (0.6, claim)}

"""Steps of the community's policy: a rule is run, and must do what its dry run showed, to the rail and once.

The dry run is held against the model where the model can tell: who pays demurrage has the K for it, what is given keeps
the cap of the account that gives it, and everybody's limits hold.
"""

from __future__ import annotations

from bench import ledger_sim_model as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import Change, Holder, K, Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import LedgerError, LimitReached
from ledger.community import runs
from ledger.community.plan import Plan

SECTIONS = """
[policy.house.grants]
kind = "issuance"
floor = "-60.00"

[policy.demurrage]
percent = "2"
from_day = 10
into = "pool"
kinds = ["member", "business"]

[policy.grants]
from = "grants"
base = "5.00"
most = "20.00"
after_days = 3
verified = ["verified", "business"]

[policy.grants.points]
verified = { each = "5.00", most = 1 }
"""


def demurrage(world: World) -> None:
    """Demurrage of the month, once."""
    _run(world, "demurrage")


def grants(world: World) -> None:
    """Grants to those who have joined, once each."""
    _run(world, "grants")


def _run(world: World, name: str) -> None:
    refusal: Refusal | None = None
    plan: Plan | None = None
    try:
        plan = runs.preview(world.ledger, name)
    except LedgerError as error:
        refusal = type(error)
    changes = [] if plan is None else _changes(world, plan)
    if plan is not None and plan.refusal is not None:
        refusal = LimitReached
    _check(world, name, changes, refused=refusal is not None)

    def done(answer: runs.Run) -> None:
        model.post(changes, world.today, daily=False)
        told = sum(abs(each.moved) for each in answer.moved)
        if changes and told != sum(abs(each.amount) for each in changes) // 2:
            raise Broken(f"{name} {answer.period} moved {told}, its dry run said {changes}")

    by = world.holders[0].id
    world.attempt(name, runs.run, {"name": name, "by": by}, refusal, done, keyed=False)


def _changes(world: World, plan: Plan) -> list[Change]:
    holders: dict[str, Holder] = {each.id: each for each in world.holders}
    houses: dict[str, Holder] = {each.name: each for each in world.house}
    out: list[Change] = []
    for share in plan.shares:
        out.append(Change(holders[share.account], share.unit, share.amount))
        out.append(Change(houses[share.house], share.unit, -share.amount))
    return out


def _check(world: World, name: str, changes: list[Change], *, refused: bool) -> None:
    """What the model knows of a plan without making one."""
    for each in model.net(changes):
        standing = each.who[K]
        if each.who in world.house:
            continue
        if name == "demurrage" and not 0 > each.amount >= -max(0, standing.posted - standing.out) * 2 // 100 - 1:
            raise Broken(f"demurrage would take {each.amount} of {each.who.name}, who has {standing.posted}")
        if name == "grants" and not 0 < each.amount <= 20_00:
            raise Broken(f"a grant of {each.amount} is more than the policy's most")
    if (model.refused(changes, world.today, daily=False) is not None) is not (refused and bool(changes)):
        raise Broken(f"{name}: the model and the dry run differ on whether {changes} is within everybody's limits")


STEPS = {"demurrage": (0.5, demurrage), "grants": (0.3, grants)}

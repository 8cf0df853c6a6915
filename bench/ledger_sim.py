"""The books under simulation: random histories against a plain model of them, with failures at every database call.

    katy bench ledger-sim --operations 1000000 --databases sqlite --seed 7 [--json FILE]

A few accounts with small limits pay, promise, sign, reverse and trade, once and by schedules; the community's rules are
run, crises come and go, credits for essentials are spent; members vouch for each other, which sets their limits, invite
others, and those leave again; keys are sent again, and time passes. A plain model foretells each answer: accepted, or
refused with which error. One step in seven meets a failure at a call to the database chosen by chance (a statement, a
commit or a rollback; before or after it was done); then the books must be as before or as after the step, and the same
key sent again must get the right answer.

After each step the books are looked at from outside: every unit sums to zero, every balance, promise and day's spending
is what the model says, nobody goes beyond a limit. Every thousand steps the entries are replayed: they hash to their
chain, sum to the balances, and every completed trade has its FMV records. At the end, and at 10,000, 20,000, 40,000 …
steps, `katy ledger verify` does the same from the beginning.

The same seed replays the same history on the same database; "history" is its hash.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import random
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import event

from bench import (
    ledger_sim_batch,
    ledger_sim_crises,
    ledger_sim_deals,
    ledger_sim_essentials,
    ledger_sim_guests,
    ledger_sim_rules,
    ledger_sim_schedule_steps,
    ledger_sim_steps,
    ledger_sim_trades,
    ledger_sim_trust,
)
from bench.ledger_books import DATABASES, place
from bench.ledger_sim_eyes import Broken, Eyes
from bench.ledger_sim_faults import Faults
from bench.ledger_sim_model import MINUTES, Holder, K, Standing
from bench.ledger_sim_world import SetClock, World
from ledger import verification
from ledger.books import accounts, signing
from ledger.books.store import Ledger, open_ledger

FAILING = 0.15
REPLAY_EVERY = 1_000
FIRST_VERIFY = 10_000
ACCOUNTS = (
    ("Ada", "basic"),
    ("Bob", "basic"),
    ("Eve", "basic"),
    ("Ivy", "verified"),
    ("Max", "verified"),
    ("Mill", "business"),
    ("Bakery", "business"),
)
SIGNERS = {"Mill": ("Ada", "Bob", "Ivy"), "Bakery": ("Eve", "Max")}
# Ceilings as near as floors, so that histories run into both.
POLICY = """
[[policy]]
holds_from = 2000-01-01
currency = "USD"
currency_per_k = "1.00"
hour = "20.00"
reason_above_percent = 30
warn_at_percent = 80

[policy.tiers.basic]
floor = "-100.00"
ceiling = "120.00"
daily = "60.00"
floor_minutes = -600
ceiling_minutes = 900

[policy.tiers.verified]
floor = "-150.00"
ceiling = "250.00"
daily = "100.00"
floor_minutes = -900
ceiling_minutes = 1200
daily_minutes = 300

[policy.tiers.business]
floor = "-400.00"
ceiling = "400.00"
daily = "200.00"
signatures = 2
signed_above = "12.00"
floor_minutes = -900
ceiling_minutes = 1200

[policy.house.pool]
kind = "pool"
floor = "0.00"

[policy.house.escrow]
kind = "escrow"
floor = "0.00"
"""
POLICY += ledger_sim_deals.SECTIONS + ledger_sim_rules.SECTIONS + ledger_sim_crises.SECTIONS + ledger_sim_trust.SECTIONS
STEPS: dict[str, tuple[float, Callable[[World], None]]] = {
    **ledger_sim_steps.STEPS,
    **ledger_sim_batch.STEPS,
    **ledger_sim_trades.STEPS,
    **ledger_sim_rules.STEPS,
    **ledger_sim_essentials.STEPS,
    **ledger_sim_crises.STEPS,
    **ledger_sim_schedule_steps.STEPS,
    **ledger_sim_trust.STEPS,
    **ledger_sim_guests.STEPS,
}
# Fees go where gifts come from (the first). A pool that nothing is paid out of holds all K there is after some hundred
# thousand operations, and all members stand at their floors.
HOUSE = ("commons", "escrow", "grants", "pool", "work")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def begin(ledger: Ledger, clock: SetClock, chance: random.Random, failing: float = FAILING) -> World:
    """Empty books with their accounts, beside a model that knows them."""
    _need_no_disk(ledger)
    # A pool tells of each connection it could not clean up; here that is what is asked for.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    faults = Faults()
    faults.put_under(ledger)
    world = World(ledger, clock, chance, faults, Eyes(ledger), failing)
    for name, tier in ACCOUNTS:
        kind = "business" if tier == "business" else "member"
        made, _ = accounts.create(ledger, name, tier=tier, kind=kind)
        limits = ledger.policy().tier(tier).limits
        world.holders.append(Holder(name, made.id, kind, tier, {unit: Standing(limits[unit]) for unit in (K, MINUTES)}))
    ids = {each.name: each.id for each in world.holders}
    for business, members in SIGNERS.items():
        for member in members:
            signing.add_signer(ledger, business, member)
        world.signers[ids[business]] = {ids[member] for member in members}
    for name in HOUSE:
        at = ledger.transact(partial(accounts.house, name=name))
        limits = ledger.policy().house_account(name).limits
        standings = {unit: Standing(limits[unit]) for unit in (K, MINUTES)}
        world.house.append(Holder(name, at.id, at.kind, at.tier, standings))
    ledger_sim_deals.begin(world)
    ledger_sim_rules.begin(world)
    ledger_sim_schedule_steps.begin(world)
    ledger_sim_trust.begin(world)
    ledger_sim_guests.begin(world)
    return world


def _need_no_disk(ledger: Ledger) -> None:
    # What is tested here is what is written, not that the disk keeps it: the kill drill does that.
    told = {"sqlite": "PRAGMA synchronous = OFF", "postgresql": "SET synchronous_commit = off"}

    @event.listens_for(ledger.engine, "connect")
    def _fast(connection: Any, _record: Any) -> None:
        connection.execute(told[ledger.engine.dialect.name])
        connection.commit()


def step(world: World, name: str | None = None) -> None:
    """One step, chosen by chance unless it is named."""
    chosen = name or world.pick(*((share, each) for each, (share, _) in STEPS.items()))
    if world.limits_of != world.today:
        # A crisis that ends by itself ends with its last day.
        ledger_sim_crises.set_limits(world)
        world.limits_of = world.today
    STEPS[chosen][1](world)


def simulate(
    ledger: Ledger,
    clock: SetClock,
    *,
    seed: int,
    operations: int,
    failing: float = FAILING,
    tell: Callable[[int, World], None] = lambda done, world: None,
    until: float = math.inf,
) -> World:
    """A history of so many operations on empty books, or of as many as are made `until` then (`time.monotonic`).

    Raises `Broken` at the first thing that is not as it must be.
    """
    world = begin(ledger, clock, random.Random(seed), failing)
    replayed, verified = REPLAY_EVERY, FIRST_VERIFY
    try:
        while (done := made(world)) < operations and time.monotonic() < until:
            step(world)
            if done >= replayed:
                world.eyes.replay()
                replayed += REPLAY_EVERY
                tell(done, world)
            if done >= verified:
                verify(ledger)
                verified *= 2
        world.eyes.replay()
        verify(ledger)
    except Broken as error:
        raise Broken(f"seed {seed}, operation {made(world)}: {error}") from error
    finally:
        world.eyes.close()
    return world


def made(world: World) -> int:
    """How many operations were answered."""
    return world.tally.accepted.total() + world.tally.refused.total()


def verify(ledger: Ledger) -> None:
    """Replay everything from the beginning, as `katy ledger verify` does."""
    found = verification.verify(ledger)
    if found.faults:
        raise Broken(f"verify: {found.faults[0]}")


def figures(world: World) -> dict[str, Any]:
    """What a history was made of."""
    tally = world.tally
    every = made(world)
    return {
        "operations": every,
        "accepted": tally.accepted.total(),
        "accepted_share": round(tally.accepted.total() / every, 4),
        "accepted_by_step": dict(tally.accepted.most_common()),
        "refused_by_step": dict(tally.refused.most_common()),
        "refusals": dict(tally.refusals.most_common()),
        "runs_that_moved": dict(tally.moved.most_common()),
        "failures": dict(tally.failures.most_common()),
        "entries": world.eyes.seq,
        "days": (world.clock.now.date() - SetClock().now.date()).days,
        "history": tally.history.hexdigest(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Random histories of the books against a model, with failures.")
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--seconds", type=float, default=math.inf, help="on each database, at most")
    parser.add_argument("--failing", type=float, default=FAILING, help="share of the steps that meet a failure")
    parser.add_argument("--json", type=Path, default=None, metavar="FILE")
    asked = parser.parse_args()
    results = [
        run(database, asked.seed, asked.operations, asked.failing, asked.seconds) for database in asked.databases
    ]
    if asked.json is not None:
        asked.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


def run(database: str, seed: int, operations: int, failing: float, seconds: float = math.inf) -> dict[str, Any]:
    """A simulation on a database of its own, told as it goes."""
    begun = time.perf_counter()

    def tell(done: int, world: World) -> None:
        if done // REPLAY_EVERY % 20 == 0:
            spent = time.perf_counter() - begun
            share = world.tally.accepted.total() / made(world)
            console.print(
                f"{database}: {done:,} operations, {share:.1%} accepted, {world.eyes.seq:,} entries, {spent:.0f} s"
            )

    with place(database, POLICY) as at:
        clock = SetClock()
        ledger = open_ledger(at.url, clock=clock, policy_file=at.policy)
        try:
            until = time.monotonic() + seconds
            world = simulate(ledger, clock, seed=seed, operations=operations, failing=failing, tell=tell, until=until)
        finally:
            ledger.close()
    spent = time.perf_counter() - begun
    told = {"database": database, "seed": seed, "seconds": round(spent, 1), **figures(world)}
    told["memory_megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, 1)
    console.print(f"{database}, seed {seed}: {json.dumps(told)}")
    return told


if __name__ == "__main__":
    sys.exit(main())

"""The books under simulation: random histories against a plain model of them, with failures at every database call.

    katy bench ledger-sim --operations 1000000 --databases sqlite --seed 7 [--json FILE]

A few accounts with small limits pay, promise, sign, reverse and trade (things, services and labour for K, minutes and
cash), once and by schedules; the community's rules are run, crises come and go, credits for essentials are spent;
services pay into the insurance, which pays out after disputes; members vouch for each other, which sets their limits,
invite others, and those leave again; signers of businesses come and go, members let each other look and have new keys
made; the policy's figures change from a coming day on, while trades, schedules and promises are open; keys are sent
again, and time passes. A plain model foretells each answer: accepted, or refused with which error.
One step in seven meets a failure at a call to the database chosen by chance (a statement, a commit or a rollback;
before or after it was done); then the books must be as before or as after the step, and the same key sent again must
get the right answer.

After each step the books are looked at from outside: every unit sums to zero, every balance, promise and day's spending
is what the model says, nobody goes beyond a limit. Every thousand steps the entries are replayed: they hash to their
chain, sum to the balances, and every completed trade has its FMV records. At the end, and at 10,000, 20,000, 40,000 …
steps, `katy ledger verify` does the same from the beginning.

The same seed replays the same history on the same database; "history" is its hash.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import (
    ledger_sim_batch,
    ledger_sim_crises,
    ledger_sim_deliveries,
    ledger_sim_disputes,
    ledger_sim_essentials,
    ledger_sim_guests,
    ledger_sim_house,
    ledger_sim_insurance,
    ledger_sim_policies,
    ledger_sim_rights,
    ledger_sim_rules,
    ledger_sim_schedule_steps,
    ledger_sim_signers,
    ledger_sim_steps,
    ledger_sim_trades,
    ledger_sim_trust,
)
from bench.ledger_books import DATABASES, place
from bench.ledger_sim_books import FAILING, POLICY, begin
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_giving import RULES
from bench.ledger_sim_world import SetClock, World
from ledger import verification
from ledger.books.store import Ledger, open_ledger

__all__ = ["POLICY", "STEPS", "begin", "figures", "missing", "run", "simulate", "step", "verify"]

REPLAY_EVERY = 1_000
FIRST_VERIFY = 10_000
STEPS: dict[str, tuple[float, Callable[[World], None]]] = {
    **ledger_sim_steps.STEPS,
    **ledger_sim_batch.STEPS,
    **ledger_sim_trades.STEPS,
    **ledger_sim_deliveries.STEPS,
    **ledger_sim_disputes.STEPS,
    **ledger_sim_insurance.STEPS,
    **ledger_sim_rules.STEPS,
    **ledger_sim_essentials.STEPS,
    **ledger_sim_crises.STEPS,
    **ledger_sim_schedule_steps.STEPS,
    **ledger_sim_trust.STEPS,
    **ledger_sim_guests.STEPS,
    **ledger_sim_signers.STEPS,
    **ledger_sim_policies.STEPS,
    **ledger_sim_rights.STEPS,
    **ledger_sim_house.STEPS,
}
NEVER_ACCEPTED = frozenset({"pay wrongly", "reuse a key", "wait"})
FAVOUR = 6.0
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def step(world: World, name: str | None = None) -> None:
    """One step, chosen by chance unless it is named."""
    if name is None:
        # What has not happened yet comes sooner, so that short histories are made of everything too.
        new = missing(world)
        name = world.pick(*((share * FAVOUR if each in new else share, each) for each, (share, _) in STEPS.items()))
    if world.limits_of != world.today:
        # A crisis that ends by itself ends with its last day.
        ledger_sim_crises.set_limits(world)
        world.limits_of = world.today
    STEPS[name][1](world)


def missing(world: World) -> set[str]:
    """The kinds of steps of which none was accepted yet, and the rules of which no run has given or taken anything."""
    tally = world.tally
    return {each for each in STEPS if not (tally.moved if each in RULES else tally.accepted)[each]} - NEVER_ACCEPTED


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
                verify(world)
                verified *= 2
        world.eyes.replay()
        verify(world)
    except Broken as error:
        raise Broken(f"seed {seed}, operation {made(world)}: {error}") from error
    finally:
        world.eyes.close()
    return world


def made(world: World) -> int:
    """How many operations were answered."""
    return world.tally.accepted.total() + world.tally.refused.total()


def verify(world: World) -> None:
    """Replay everything from the beginning, as `katy ledger verify` does; and ask the insurance for its own sums."""
    found = verification.verify(world.ledger)
    if found.faults:
        raise Broken(f"verify: {found.faults[0]}")
    ledger_sim_insurance.check(world)


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
        "insurance": ledger_sim_insurance.figures(world),
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

"""Random histories of the books against a plain model of them: same answers, same balances, and nothing ever broken."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run

from bench import ledger_sim
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_giving import RULES
from bench.ledger_sim_world import SetClock, World
from ledger.books import links, standings
from ledger.books.store import Ledger, open_ledger
from ledger.community import grants
from ledger.policy.verification import Level

# Both together are ten thousand. What a database does differently shows sooner; SQLite is much cheaper.
OPERATIONS = {"sqlite": 8_000, "postgresql": 2_000}
SEED = 20261122
LEAST_ACCEPTED = 0.6


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(ledger_sim.POLICY)
    return file


@pytest.fixture
def books(databases: Any, policy: Path) -> Iterator[Callable[[], tuple[Ledger, SetClock]]]:
    """Empty books whenever they are asked for, with the simulation's policy and a clock that stands."""
    opened: list[Ledger] = []

    def new() -> tuple[Ledger, SetClock]:
        clock = SetClock()
        opened.append(open_ledger(databases.new(), clock=clock, policy_file=policy))
        return opened[-1], clock

    yield new
    for each in opened:
        each.close()


class Books(RuleBasedStateMachine):
    """The steps of the simulation, chosen and shrunk by Hypothesis."""

    new: Callable[[], tuple[Ledger, SetClock]]

    @initialize()
    def open_books(self) -> None:
        self.ledger, clock = type(self).new()
        self.world: World = ledger_sim.begin(self.ledger, clock, random.Random(SEED))

    @rule(name=st.sampled_from(sorted(ledger_sim.STEPS)), chance=st.randoms(use_true_random=False))
    def step(self, name: str, chance: random.Random) -> None:
        self.world.chance = chance
        ledger_sim.step(self.world, name)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.world.eyes.replay()
                ledger_sim.verify(self.ledger)
            finally:
                self.world.eyes.close()
                self.ledger.close()


def test_every_short_history_keeps_the_books_whole(books: Any, databases: Any) -> None:
    machine = type("BooksOn" + databases.name, (Books,), {"new": staticmethod(books)})
    run(
        machine,
        settings=settings(
            max_examples=2 if databases.name == "postgresql" else 5,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


@pytest.mark.slow
def test_thousands_of_operations_with_failures_keep_the_books_whole(books: Any, databases: Any) -> None:
    ledger, clock = books()
    operations = OPERATIONS[databases.name]
    world = ledger_sim.simulate(ledger, clock, seed=SEED, operations=operations)
    told = ledger_sim.figures(world)
    assert told["operations"] >= operations
    assert told["accepted_share"] >= LEAST_ACCEPTED
    missing = ledger_sim.STEPS.keys() - set(told["accepted_by_step"]) - {"wait", "pay wrongly", "reuse a key"}
    # The shorter history sees no second month and no bonus for the repairs of one, and may miss what is rare.
    assert len(missing) <= (0 if databases.name == "sqlite" else 3), missing
    if databases.name == "sqlite":
        assert set(told["runs_that_moved"]) == RULES.keys()
    met = {name.rpartition(": ")[2] for name in told["failures"]}
    assert {f"{when} a {what}" for when in ("before", "after") for what in ("statement", "commit", "rollback")} <= met


def test_a_seed_replays_its_history(books: Any) -> None:
    def history(seed: int) -> str:
        ledger, clock = books()
        world = ledger_sim.simulate(ledger, clock, seed=seed, operations=150)
        ledger.close()
        return str(ledger_sim.figures(world)["history"])

    first = history(1)
    assert history(1) == first
    assert history(2) != first


def test_a_limit_that_is_not_kept_is_found(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "check", lambda *_, **__: None)
    ledger, clock = books()
    with pytest.raises(Broken, match="LimitReached"):
        ledger_sim.simulate(ledger, clock, seed=1, operations=400)


def test_a_rule_that_gives_more_than_it_should_is_found(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = grants.grant
    monkeypatch.setattr(grants, "grant", lambda rule, counts: given(rule, counts) + 1)
    ledger, clock = books()
    world = ledger_sim.begin(ledger, clock, random.Random(1), failing=0.0)
    clock.move(days=3)
    with pytest.raises(Broken, match="the dry run of grants"):
        ledger_sim.step(world, "grants")
    world.eyes.close()


def test_a_tier_that_nothing_stands_behind_is_found(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Level, "holds", lambda *_: True)
    ledger, clock = books()
    world = ledger_sim.begin(ledger, clock, random.Random(1), failing=0.0)
    with pytest.raises(Broken, match="the model says basic"):
        _steps(world, "check a document", 50)
    world.eyes.close()


def _steps(world: World, name: str, times: int) -> None:
    for _ in range(times):
        ledger_sim.step(world, name)


def test_an_entry_that_does_not_give_its_hash_is_found(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = links.entry_hash
    ledger, clock = books()
    world = ledger_sim.begin(ledger, clock, random.Random(1), failing=0.0)
    _steps(world, "pay", 20)
    monkeypatch.setattr(links, "entry_hash", lambda **said: hashed(**{**said, "amount": said["amount"] + 1}))
    with pytest.raises(Broken, match="does not give its hash"):
        world.eyes.replay()
    world.eyes.close()

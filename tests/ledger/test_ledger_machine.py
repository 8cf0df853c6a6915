"""Random histories of the books against a plain model of them: same answers, same balances, and nothing ever broken."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import Connection, func, select

from bench import ledger_sim, ledger_sim_figures, ledger_sim_schedules
from bench.ledger_sim_charges import Charge
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_giving import RULES
from bench.ledger_sim_world import SetClock, World
from ledger.books import accounts, links, signing, standings
from ledger.books.lines import Line
from ledger.books.store import Ledger, open_ledger
from ledger.community import fee, grants
from ledger.community import insurance as payouts
from ledger.policy.dated import Policies, Policy
from ledger.policy.sections_insurance import Insurance
from ledger.policy.verification import Level
from ledger.tables import signature
from ledger.trading import insurance, reading, rows, schedule_signing, settling
from ledger.trust import privacy

# Both together are ten thousand. What a database does differently shows sooner; SQLite is much cheaper.
OPERATIONS = {"sqlite": 8_000, "postgresql": 2_000}
SEED = 7
LEAST_ACCEPTED = 0.6
Opens = Callable[[], tuple[Ledger, SetClock]]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(ledger_sim.POLICY)
    return file


@pytest.fixture
def books(databases: Any, policy: Path) -> Iterator[Opens]:
    """Empty books whenever they are asked for, with the simulation's policy and a clock that stands."""
    yield from _books(databases, policy)


@pytest.fixture
def sqlite_books(_sqlite_databases: Any, policy: Path) -> Iterator[Opens]:
    """The same, where what is tried is the model and not the database."""
    yield from _books(_sqlite_databases, policy)


def _books(databases: Any, policy: Path) -> Iterator[Opens]:
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

    new: Opens

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
                ledger_sim.verify(self.world)
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
    # Every kind of step was accepted, and every rule of the community has given or taken something.
    assert ledger_sim.missing(world) == set()
    assert set(told["runs_that_moved"]) == RULES.keys()
    assert ledger_sim.NEVER_ACCEPTED.isdisjoint(told["accepted_by_step"])
    assert told["insurance"]["paid_out"] > 0
    met = {name.rpartition(": ")[2] for name in told["failures"]}
    assert {f"{when} a {what}" for when in ("before", "after") for what in ("statement", "commit", "rollback")} <= met


def test_a_seed_replays_its_history(books: Any) -> None:
    def history(seed: int) -> str:
        ledger, clock = books()
        world = ledger_sim.simulate(ledger, clock, seed=seed, operations=100)
        ledger.close()
        return str(ledger_sim.figures(world)["history"])

    first = history(1)
    assert history(1) == first
    assert history(2) != first


def test_a_limit_that_is_not_kept_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "check", lambda *_, **__: None)
    ledger, clock = sqlite_books()
    with pytest.raises(Broken, match="LimitReached"):
        ledger_sim.simulate(ledger, clock, seed=1, operations=400)


def test_a_rule_that_gives_more_than_it_should_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    given = grants.grant
    monkeypatch.setattr(grants, "grant", lambda rule, counts: given(rule, counts) + 1)
    ledger, clock = sqlite_books()
    world = ledger_sim.begin(ledger, clock, random.Random(1), failing=0.0)
    clock.move(days=3)
    with pytest.raises(Broken, match="the dry run of grants"):
        ledger_sim.step(world, "grants")
    world.eyes.close()


def test_a_tier_that_nothing_stands_behind_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Level, "holds", lambda *_: True)
    ledger, clock = sqlite_books()
    world = ledger_sim.begin(ledger, clock, random.Random(1), failing=0.0)
    with pytest.raises(Broken, match="the model says basic"):
        _steps(world, "check a document", 50)
    world.eyes.close()


def test_a_contribution_that_is_not_taken_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insurance, "contributions", lambda *_: Counter())
    _break(sqlite_books, "fee and insurance", "propose", "sign a trade", "accept")


def test_a_contribution_that_a_split_trade_pays_in_full_is_found(
    sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Charge.part
    monkeypatch.setattr(Charge, "part", lambda of, percent: part(of, 100 if of.into.kind == "insurance" else percent))
    _break(sqlite_books, "decide .* the books and the model differ", "propose", "accept", "dispute", "decide")


def test_a_payout_for_a_trade_that_nobody_disputed_is_found(
    sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payouts, "_disputed", lambda unit, trade, _: rows.locked(unit, trade, None))
    _break(
        sqlite_books, "pay insurance .* the model says .*(WrongState|NotAllowed)", "propose", "accept", "pay insurance"
    )


def test_a_payout_of_more_than_there_is_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = ("propose", "accept", "confirm", "dispute", "decide", "pay insurance")
    # The account's floor alone would let it go below zero.
    monkeypatch.setattr(payouts, "standings", SimpleNamespace(locked=_one_rail_more))
    _break(sqlite_books, "pay insurance .* the model says .*LimitReached", *ends)


def _one_rail_more(unit: Any, places: Any) -> Any:
    found = standings.locked(unit, places)
    return {at: replace(of, posted=of.posted + 1) for at, of in found.items()}


def test_a_schedule_that_is_accepted_unsigned_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "check_signed", lambda *_: None)
    steps = ("propose a schedule", "accept a schedule", "cancel a schedule")
    _break(sqlite_books, "accept a schedule .* the model says .*WrongState", *steps)


def test_a_period_that_moves_unsigned_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    for at, name in (
        (settling, "check_signed"), (schedule_signing, "check"), (ledger_sim_schedules, "unsigned_ever")
    ):  # fmt: skip
        monkeypatch.setattr(at, name, lambda *_: None)
    steps = ("propose a schedule", "accept a schedule", "receive")
    _break(sqlite_books, "receive .* the model says .*WrongState", *steps)


def test_a_signature_of_somebody_who_signs_no_longer_is_found(
    sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ever_signed(connection: Connection, subject: str, _: str) -> int:
        query = select(func.count()).select_from(signature).where(signature.c.subject == subject)
        return int(connection.execute(query).scalar_one())

    monkeypatch.setattr(signing, "signed", ever_signed)
    steps = ("pay", "pay", "pay", "sign", "remove a signer", "add a signer", "wait")
    _break(sqlite_books, "sign .* the books and the model differ", *steps)


def test_a_signer_who_is_not_removed_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "remove_signer", lambda *_, **__: None)
    steps = ("remove a signer", "pay", "sign", "void", "add a signer")
    _break(sqlite_books, "(remove a signer|pay|sign) .* the model says", *steps)


def test_a_policy_that_never_comes_into_force_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policies, "on", lambda of, _: of.dated[0])
    _break(sqlite_books, "the model says", "change the policy", "wait", "pay", "propose", "accept", "confirm")


def test_a_risk_that_goes_by_words_where_the_work_is_known_is_found(
    sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_words = Insurance.risk
    monkeypatch.setattr(
        Insurance, "risk", lambda of, text, **_: by_words(of, category=None, occupation=None, text=text)
    )
    _break(sqlite_books, "fee and insurance", "propose", "sign a trade", "accept")


def test_a_contribution_that_the_wrong_side_pays_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    right = insurance.contributions
    monkeypatch.setattr(insurance, "contributions", lambda policy, legs, _: right(policy, legs, legs[0].giver))
    first = ledger_sim_figures.FIRST
    assert first.insured is not None
    changed = replace(first, insured=replace(first.insured, by="payer"))
    monkeypatch.setattr(ledger_sim_figures, "by_chance", lambda _: changed)
    _break(
        sqlite_books, "fee and insurance", "change the policy", "wait", "propose", "sign a trade", "accept", "confirm"
    )


def test_a_fee_that_is_always_split_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    def split(policy: Policy, **said: Any) -> list[Line]:
        rule = policy.sections.fee
        always = policy.sections if rule is None else replace(policy.sections, fee=replace(rule, paid_by="split"))
        return fee.fee_lines(replace(policy, sections=always), **said)

    monkeypatch.setattr(reading, "fee_lines", split)
    _break(
        sqlite_books, "fee and insurance", "change the policy", "wait", "propose", "sign a trade", "accept", "cancel"
    )


def test_a_trade_that_is_done_unseen_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "lacking", lambda *_: ())
    steps = ("change the policy", "wait", "propose", "sign a trade", "accept", "confirm", "confirm")
    _break(sqlite_books, "confirm .* the model says .*WrongState", *steps, times=400)


def test_a_consent_that_outlives_its_withdrawal_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "_end", lambda *_: None)
    _break(sqlite_books, "the model says", "consent", "withdraw a consent", "look")


def test_an_old_key_that_still_opens_is_found(sqlite_books: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    def issued(ledger: Ledger, account_id: str) -> str:
        return ledger.transact(lambda unit: accounts._issue_key(unit, account_id, ()))

    monkeypatch.setattr(accounts, "new_key", issued)
    _break(sqlite_books, "show a key .* the model says", "make a key", "show a key")


def _break(books: Opens, found: str, *names: str, times: int = 120) -> None:
    """Take steps by turns until the books are found broken."""
    ledger, clock = books()
    world = ledger_sim.begin(ledger, clock, random.Random(1), failing=0.0)
    try:
        with pytest.raises(Broken, match=found):
            _by_turns(world, names, times)
    finally:
        world.eyes.close()


def _by_turns(world: World, names: tuple[str, ...], times: int) -> None:
    for _ in range(times):
        for name in names:
            ledger_sim.step(world, name)


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

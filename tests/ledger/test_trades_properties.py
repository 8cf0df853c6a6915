"""Whatever two parties, a witness and a treasurer do, in whatever order: nothing is lost, made up, or left held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from ledger import verification
from ledger.books import accounts
from ledger.books.errors import LedgerError
from ledger.books.store import Ledger, open_ledger
from ledger.policy.dated import DEFAULT
from ledger.trading import delivering, disputes, trades
from ledger.trading import given as kept
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade

WHO = st.sampled_from(["ada", "bob"])
STEPS = st.one_of(
    st.tuples(st.sampled_from(["accept", "confirm", "cancel", "deliver", "no_show", "dispute"]), WHO, st.just(0)),
    st.tuples(st.sampled_from(["suggest", "agree", "decide"]), WHO, st.sampled_from([0, 33, 100])),
    st.tuples(st.just("counter"), WHO, st.integers(1, 60_00)),
    st.tuples(st.just("later"), WHO, st.just(9)),
    st.tuples(st.just("witness"), WHO, st.just(0)),
)


class Town:
    """Ada, Bob, and Eve who is a witness and the treasurer."""

    def __init__(self, ledger: Ledger, clock: Any, coat: str) -> None:
        self.ledger, self.clock, self.coat = ledger, clock, coat
        self.id = {name: accounts.create(ledger, name)[0].id for name in ("ada", "bob", "eve")}
        self.keys = 0

    def legs(self, amount: int, minutes: int) -> list[LegDraft]:
        out = [
            LegDraft(giver="proposer", kind="goods", valuation=self.coat),
            LegDraft(giver="counterparty", kind="k", amount=amount),
        ]
        return out + ([LegDraft(giver="proposer", kind="minutes", minutes=minutes)] if minutes else [])

    def propose(self, amount: int, minutes: int) -> Trade:
        legs = self.legs(amount, minutes)
        return trades.propose(
            self.ledger, key="p", proposer=self.id["ada"], counterparty=self.id["bob"], legs=legs,
            reason="we like it", deliver_by=date(2026, 11, 20),
        )  # fmt: skip

    def take(self, step: str, who: str, number: int, made: Trade) -> None:
        """Try a step; what the ledger refuses has changed nothing."""
        self.keys += 1
        said: dict[str, Any] = {"key": f"k{self.keys}", "by": self.id[who], "trade_id": made.id}
        newest = trades.view(self.ledger, by=self.id["ada"], trade_id=made.id).terms_sha256
        calls: dict[str, Callable[[], Any]] = {
            "accept": lambda: trades.accept(self.ledger, **said, terms=newest),
            "confirm": lambda: trades.confirm(self.ledger, **said),
            "cancel": lambda: trades.cancel(self.ledger, **said),
            "counter": lambda: trades.counter(self.ledger, **said, legs=self.legs(number, 0), reason="so"),
            "deliver": lambda: delivering.deliver(self.ledger, **said),
            "no_show": lambda: delivering.no_show(self.ledger, **said),
            "dispute": lambda: disputes.dispute(self.ledger, **said, reason="a hole"),
            "suggest": lambda: disputes.suggest(self.ledger, **said, percent=number),
            "agree": lambda: disputes.agree(self.ledger, **said, percent=number),
            "later": lambda: self.clock.move(days=number),
            "witness": lambda: delivering.attest(self.ledger, **{**said, "by": self.id["eve"]}, said="I saw it"),
            "decide": lambda: disputes.decide(
                self.ledger, **{**said, "by": self.id["eve"]}, percent=number, note="so be it", as_treasurer=True
            ),
        }
        try:
            calls[step]()
        except LedgerError:
            return


@pytest.mark.parametrize("rule", ["payer", "payee", "split"])
def test_whatever_is_done_nothing_is_lost_and_nothing_stays_held(
    databases: Any, clock: Any, make_valuation: Any, tmp_path: Path, rule: str
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(DEFAULT.read_text().replace('paid_by = "payer"', f'paid_by = "{rule}"'))
    start = clock.now

    @settings(
        max_examples=8 if databases.name == "sqlite" else 3, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        amount=st.integers(1, 60_00),
        minutes=st.sampled_from([0, 7]),
        steps=st.lists(STEPS, min_size=3, max_size=14),
    )
    def holds(amount: int, minutes: int, steps: list[tuple[str, str, int]]) -> None:
        clock.now = start
        ledger = open_ledger(databases.new(), clock=clock, policy_file=policy)
        coat = make_valuation("coat", "30.00")
        kept.keep(ledger, coat, coat.subject.asked)
        town = Town(ledger, clock, coat.id)
        made = town.propose(amount, minutes)
        for step, who, number in [("accept", "bob", 0), *steps]:
            town.take(step, who, number, made)
        told = trades.view(ledger, by=town.id["bob"], trade_id=made.id)

        for unit in ("K", "min"):
            assert sum(each.posted for each in accounts.listing(ledger, unit)) == 0
        stand = {each.account.name: each for each in accounts.listing(ledger)}
        if told.state in {"done", "cancelled"}:
            assert all(each.pending_out == each.pending_in == 0 for each in stand.values())
            assert stand["community escrow"].posted == 0 if "community escrow" in stand else True
        pool = stand["community pool"].posted if "community pool" in stand else 0
        assert pool == (told.fee.proposer + told.fee.counterparty if told.state == "done" else 0)
        if told.state == "cancelled":
            assert {each.posted for each in stand.values()} == {0}
        assert verification.verify(ledger).faults == ()
        ledger.close()

    holds()


def tamper(ledger: Ledger, statement: str) -> None:
    """Change one row as somebody with the database's own password would, past triggers and foreign keys."""
    intruder = create_engine(ledger.engine.url)
    with intruder.begin() as connection:
        if intruder.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            for (name,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        assert connection.execute(text(statement)).rowcount >= 1
    intruder.dispose()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE offer SET reason = 'another' WHERE number = 1", "the terms of its offer 1 do not give their hash"),
        ("UPDATE offer SET terms_sha256 = repeat_a WHERE number = 2", "the terms of its offer 2 do not give"),
        ("DELETE FROM offer WHERE number = 1", "is at offer 2, and has the offers [2]"),
        ("UPDATE leg SET amount = 1 WHERE kind = 'k' AND offer = 1", "the terms of its offer 1"),
        ("UPDATE leg SET offer = 3 WHERE offer = 1 AND kind = 'k'", "legs of an offer that was never made"),
        ("UPDATE trade SET reason = 'because'", "not those of its newest offer"),
        ("UPDATE trade SET fee_counterparty = 1", "its entries moved"),
        ("UPDATE trade SET share_percent = 50", "its entries moved"),
        ("UPDATE trade SET state = 'cancelled'", "has a transfer that finished it"),
        ("UPDATE trade SET state = 'accepted'", "has a transfer that finished it"),
        ("UPDATE trade SET transfer = NULL", "is done by transfer None"),
        ("UPDATE hold SET state = 'void' WHERE kind = 'trade'", "its holds are ['void']"),
        ("DELETE FROM hold WHERE kind = 'trade'", "its holds are not there"),
        ("DELETE FROM trade_word WHERE word = 'confirm'", "have not both confirmed"),
        ("UPDATE trade SET cause = 'dispute'", "not as it was agreed or decided"),
        ("UPDATE trade SET cause = 'no_show'", "a no-show that the other party did not call"),
        ("UPDATE trade_step SET number = 2", "has the steps [2]"),
    ],
)
def test_whatever_was_changed_in_a_trade_is_named(
    ledger: Ledger, clock: Any, make_valuation: Any, statement: str, told: str
) -> None:
    coat = make_valuation("coat", "30.00")
    kept.keep(ledger, coat, coat.subject.asked)
    town = Town(ledger, clock, coat.id)
    made = town.propose(30_00, 5)
    town.take("counter", "bob", 29_00, made)
    for step, who in (("accept", "ada"), ("deliver", "ada"), ("confirm", "ada"), ("confirm", "bob")):
        town.take(step, who, 0, made)
    assert verification.verify(ledger).faults == ()
    assert trades.view(ledger, by=town.id["ada"], trade_id=made.id).state == "done"

    tamper(ledger, statement.replace("repeat_a", f"'{'a' * 64}'"))
    faults = [fault for fault in verification.verify(ledger).faults if fault.where == made.id]
    assert any(told in fault.what for fault in faults), faults

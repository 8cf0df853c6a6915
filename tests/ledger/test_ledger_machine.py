"""Random histories of the books against a plain model of them: same answers, same balances, and nothing ever broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from ledger.books import accounts, chain, transfers
from ledger.books.errors import KeyReused, LedgerError, LimitReached, NotAllowed, WrongState
from ledger.books.store import Ledger, open_ledger
from ledger.trading import given, trades
from ledger.trading.legs import LegDraft
from warehouse.valuation import Valuation

# Ceilings as near as floors, so that histories run into both.
TIERS = {"basic": (-100_00, 60_00), "verified": (-50_00, 150_00), "business": (-200_00, 40_00)}
SEA = (-10_000_00, 10_000_00)
POLICY = """
[[policy]]
holds_from = 2000-01-01
currency = "USD"
currency_per_k = "1.00"
hour = "20.00"
reason_above_percent = 30
tiers.basic = { floor = "-100.00", ceiling = "60.00" }
tiers.verified = { floor = "-50.00", ceiling = "150.00" }
tiers.business = { floor = "-200.00", ceiling = "40.00" }
tiers.sea = { floor = "-10000.00", ceiling = "10000.00" }
"""
EDGES = st.sampled_from(["half", "all that is left", "one more", "all the room", "more than the room"])
AMOUNTS = st.one_of(EDGES, st.integers(1, 60_00))
WHO = st.integers(0, 2)


@dataclass
class Holder:
    """What the model knows of an account."""

    id: str
    floor: int
    ceiling: int
    posted: int = 0
    out: int = 0
    coming: int = 0

    @property
    def spendable(self) -> int:
        return self.posted - self.out - self.floor

    @property
    def room(self) -> int:
        return self.ceiling - self.posted - self.coming


@dataclass
class Deal:
    """What the model knows of a trade: `amount` goes from the counterparty to the proposer."""

    id: str
    proposer: Holder
    other: Holder
    amount: int
    state: str = "proposed"
    confirmed: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)


class Books(RuleBasedStateMachine):
    """Payments and trades among three accounts with small limits; every call may be sent again."""

    new_ledger: Callable[[], Ledger]
    make_valuation: Callable[..., Valuation]
    deals = Bundle("deals")

    @initialize(tiers=st.lists(st.sampled_from(sorted(TIERS)), min_size=3, max_size=3))
    def open_books(self, tiers: list[str]) -> None:
        self.ledger = type(self).new_ledger()
        self.holders = []
        for number, tier in enumerate(tiers):
            made, _ = accounts.create(self.ledger, f"account {number}", tier=tier)
            self.holders.append(Holder(made.id, *TIERS[tier]))
        # One account that can always pay and always take, so that only the other side's limit decides.
        sea, _ = accounts.create(self.ledger, "sea", tier="sea")
        self.sea = Holder(sea.id, *SEA)
        coat = type(self).make_valuation("coat", "50.00")
        given.keep(self.ledger, coat, coat.subject.asked)
        self.coat = coat.id
        self.keys = 0
        self.answered: list[tuple[Callable[..., Any], dict[str, Any], Any]] = []

    def call(self, function: Callable[..., Any], expected: type[LedgerError] | None, **said: Any) -> Any:
        """Call the ledger with a new key; it must refuse exactly when the model says so."""
        self.keys += 1
        said = {"key": f"key-{self.keys}", **said}
        if expected is not None:
            with pytest.raises(expected):
                function(self.ledger, **said)
            return None
        answer = function(self.ledger, **said)
        self.answered.append((function, said, answer))
        return answer

    def amount_of(self, amount: int | str, payer: Holder, payee: Holder) -> int:
        wanted = {
            "half": payer.spendable // 2,
            "all that is left": payer.spendable,
            "one more": payer.spendable + 1,
            "all the room": payee.room,
            "more than the room": payee.room + 1,
        }
        return max(1, wanted[amount] if isinstance(amount, str) else amount)

    @rule(one=WHO, two=WHO, amount=AMOUNTS)
    def pay(self, one: int, two: int, amount: int | str) -> None:
        self.move(self.holders[one], self.holders[two if two != one else (two + 1) % 3], amount)

    def move(self, payer: Holder, payee: Holder, amount: int | str) -> None:
        rails = self.amount_of(amount, payer, payee)
        fits = rails <= payer.spendable and rails <= payee.room
        self.call(transfers.pay, None if fits else LimitReached, payer=payer.id, payee=payee.id, amount=rails)
        if fits:
            payer.posted -= rails
            payee.posted += rails

    @rule(target=deals, one=WHO, two=WHO, amount=AMOUNTS)
    def propose(self, one: int, two: int, amount: int | str) -> Deal:
        proposer, other = self.holders[one], self.holders[two if two != one else (two + 1) % 3]
        rails = self.amount_of(amount, other, proposer)
        legs = [
            LegDraft(giver="proposer", kind="goods", valuation=self.coat, quantity=Decimal(2)),
            LegDraft(giver="counterparty", kind="k", amount=rails),
        ]
        made = self.call(
            trades.propose, None, proposer=proposer.id, counterparty=other.id, legs=legs, reason="it suits us both"
        )
        return Deal(made.id, proposer, other, rails)

    @rule(target=deals, one=WHO, two=WHO, amount=AMOUNTS)
    def agree(self, one: int, two: int, amount: int | str) -> Deal:
        deal: Deal = self.propose(one, two, amount)  # type: ignore[assignment]
        self.accept(deal, False)
        return deal

    @rule(deal=deals, edge=EDGES, to_floor=st.booleans())
    def go_to_the_edge_beside_an_open_trade(self, deal: Deal, edge: str, to_floor: bool) -> None:
        """Pay right up to, or past, what the trade's promise leaves: out of the payer, or into the payee."""
        if to_floor:
            self.move(deal.other, self.sea, edge if "room" not in edge else "one more")
        else:
            self.move(self.sea, deal.proposer, edge if "room" in edge else "more than the room")

    @rule(deal=deals, by_proposer=st.booleans())
    def accept(self, deal: Deal, by_proposer: bool) -> None:
        refused: type[LedgerError] | None = None
        if by_proposer:
            refused = NotAllowed
        elif deal.state != "proposed":
            refused = WrongState
        elif deal.amount > deal.other.spendable or deal.amount > deal.proposer.room:
            refused = LimitReached
        self.call(trades.accept, refused, by=(deal.proposer if by_proposer else deal.other).id, trade_id=deal.id)
        if refused is None:
            deal.state = "accepted"
            deal.other.out += deal.amount
            deal.proposer.coming += deal.amount

    @rule(deal=deals, by_proposer=st.booleans())
    def confirm(self, deal: Deal, by_proposer: bool) -> None:
        by = (deal.proposer if by_proposer else deal.other).id
        refused = WrongState if deal.state != "accepted" or by in deal.confirmed else None
        self.call(trades.confirm, refused, by=by, trade_id=deal.id)
        if refused is None:
            deal.confirmed.add(by)
            if len(deal.confirmed) == 2:
                self.release(deal, "done")
                deal.other.posted -= deal.amount
                deal.proposer.posted += deal.amount

    @rule(deal=deals, by_proposer=st.booleans())
    def cancel(self, deal: Deal, by_proposer: bool) -> None:
        by = (deal.proposer if by_proposer else deal.other).id
        over = deal.state in {"done", "cancelled"} or by in deal.cancelled
        self.call(trades.cancel, WrongState if over else None, by=by, trade_id=deal.id)
        if over:
            return
        deal.cancelled.add(by)
        if not deal.confirmed or len(deal.cancelled) == 2:
            self.release(deal, "cancelled")

    def release(self, deal: Deal, state: str) -> None:
        if deal.state == "accepted":
            deal.other.out -= deal.amount
            deal.proposer.coming -= deal.amount
        deal.state = state

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """What was answered is answered the same, and nothing happens; another request under its key is refused."""
        if not self.answered:
            return
        function, said, answer = data.draw(st.sampled_from(self.answered))
        assert function(self.ledger, **said) == answer
        other = trades.confirm if function is not trades.confirm else trades.accept
        by = said.get("payer") or said.get("proposer") or said.get("by")
        with pytest.raises(KeyReused):
            other(self.ledger, key=said["key"], by=by, trade_id="trade_of_nobody")

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        if not hasattr(self, "ledger"):
            return
        told = {one.account.id: (one.posted, one.pending_out, one.pending_in) for one in accounts.listing(self.ledger)}
        assert told == {one.id: (one.posted, one.out, one.coming) for one in (*self.holders, self.sea)}
        assert sum(posted for posted, _, _ in told.values()) == 0

    @invariant()
    def no_limit_is_broken(self) -> None:
        if hasattr(self, "ledger"):
            for one in accounts.listing(self.ledger):
                assert one.posted - one.pending_out >= one.limits.floor
                assert one.limits.ceiling is None or one.posted + one.pending_in <= one.limits.ceiling

    @invariant()
    def the_chain_verifies_and_replays_to_the_balances(self) -> None:
        if hasattr(self, "ledger"):
            assert chain.verify(self.ledger).faults == ()

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()


def test_every_history_keeps_the_books_whole(
    databases: Any, clock: Any, make_valuation: Callable[..., Valuation], tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    opened = {
        "new_ledger": staticmethod(lambda: open_ledger(databases.new(), clock=clock, policy_file=policy)),
        "make_valuation": staticmethod(make_valuation),
    }
    machine = type("BooksOn" + databases.name, (Books,), opened)
    run(
        machine,
        settings=settings(
            # What a database does differently shows in a few histories; the rest is shown by SQLite, much cheaper.
            max_examples=3 if databases.name == "postgresql" else 6,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )

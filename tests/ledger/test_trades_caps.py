"""The trade cap while the community's crisis holds prices: never above the stricter one, and part of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger import verification
from ledger.books.store import Ledger
from ledger.community import declaring
from ledger.policy import crises, dated
from ledger.policy.crises import Surge
from ledger.tax import kind, record
from ledger.trading import caps, trades
from ledger.trading.caps import CrisisCap, Stated
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

DAY, LAST = date(2026, 11, 14), date(2026, 11, 30)
CENTS = st.integers(0, 10_000_00).map(lambda cents: Decimal(cents) / 100)
TIMES = st.sampled_from(["1", "1.1", "1.25", "1.5", "2", "3"])


def surge(times: str = "1.5", goods: Sequence[str] = ("food",), crisis: str = "crisis_1") -> Surge:
    return Surge(crisis, "natural_disaster", Fraction(times), tuple(goods), DAY, LAST)


def stated(baseline: str, times: str) -> Stated:
    worth = Decimal(baseline)
    return Stated((worth * Decimal(times)).quantize(Decimal("0.01")), "USD", worth, Decimal(times))


def declare(ledger: Ledger, what: str = "natural_disaster") -> declaring.Crisis:
    return declaring.declare(ledger, key=what, by="operator", kind=what, ends_on=LAST, note="the river rose")


def surges(ledger: Ledger, day: date) -> tuple[Surge, ...]:
    with ledger.reading() as connection:
        return crises.surges(connection, ledger.policies.on(day), day)


def test_the_crisis_brings_a_cap_down_and_says_which_crisis_it_was() -> None:
    told = caps.stricter(stated("6.00", "3"), surge(), currency="USD")

    assert told == CrisisCap(
        Decimal("9.00"), "USD", Decimal("6.00"), Decimal("1.5"), told.because if told else "", DAY, LAST
    )
    assert told is not None
    assert "the community declared a crisis on 2026-11-14 (natural disaster, crisis_1)" in told.because


def test_a_law_that_is_stricter_stands() -> None:
    assert caps.stricter(stated("6.00", "1.1"), surge(), currency="USD") is None
    assert caps.stricter(stated("6.00", "1.5"), surge(), currency="USD") is None


def test_a_cap_without_its_baseline_is_taken_apart_by_its_multiple() -> None:
    bare = Stated(Decimal("18.00"), "USD", None, Decimal(3))

    assert caps.usual_price(bare) == Decimal("5.99")  # 18.00 may have been 17.995: not above what it cost
    told = caps.stricter(bare, surge(), currency="USD")
    assert told is not None
    assert told.amount == Decimal("8.98")


def test_where_nobody_knows_the_usual_price_none_is_guessed() -> None:
    assert caps.stricter(None, surge(), currency="USD") is None
    assert caps.stricter(Stated(Decimal("18.00"), "USD"), surge(), currency="USD") is None
    assert "no amount is named" in caps.not_known(surge())
    assert "at most 1.5 times the usual price until 2026-11-30" in caps.not_known(surge())


def test_only_goods_that_the_policy_names_are_held_and_the_strictest_crisis_holds_them() -> None:
    both = (surge("1.2", ["generator"], "crisis_2"), surge("1.5", ["food"]))

    assert caps.held_by(both, {"food", "bread"}) == both[1]
    assert caps.held_by(both, {"generator"}) == both[0]
    assert caps.held_by(both, {"food", "generator"}) == both[0]
    assert caps.held_by(both, {"", "toy"}) is None
    assert caps.held_by((), {"food"}) is None


@given(baseline=CENTS, times=TIMES, of_crisis=TIMES, known=st.none() | CENTS, told=st.booleans())
@example(baseline=Decimal("0.03"), times="3", of_crisis="1.5", known=None, told=False)
def test_the_cap_that_is_shown_is_never_above_the_stricter_one(
    baseline: Decimal, times: str, of_crisis: str, known: Decimal | None, told: bool
) -> None:
    """Whether or not the valuation tells its baseline, and whatever it cost before the crisis."""
    said = stated(str(baseline), times)
    given_in = said if told else Stated(said.amount, "USD", None, said.times)
    lower = caps.stricter(given_in, surge(of_crisis), currency="USD", baseline=known)
    shown = said.amount if lower is None else lower.amount

    usual = min(baseline, known) if known is not None else baseline
    half = Decimal("0.005")
    assert shown <= said.amount
    assert shown <= usual * Decimal(of_crisis) + half
    if told:
        assert shown >= min(said.amount, usual * Decimal(of_crisis) - half)
    if lower is not None:
        assert lower.amount < said.amount
        assert abs(lower.amount - lower.baseline * lower.times) <= half


@given(baseline=CENTS, times=TIMES)
def test_a_price_that_was_divided_out_is_hardly_below_what_it_was_and_never_above(
    baseline: Decimal, times: str
) -> None:
    said = stated(str(baseline), times)
    again = caps.usual_price(Stated(said.amount, "USD", None, said.times))

    assert again is not None
    assert baseline - Decimal("0.02") <= again <= baseline


def test_prices_are_held_as_long_as_the_crisis_lasts(ledger: Ledger, clock: Any) -> None:
    declare(ledger, "economic_crisis")  # says nothing of prices
    assert surges(ledger, DAY) == ()
    made = declare(ledger)
    held = surges(ledger, DAY)

    assert [(each.crisis, each.times, each.goods, each.until) for each in held] == [
        (made.id, Fraction(3, 2), ("water", "food", "shelter", "medical"), LAST)
    ]
    assert surges(ledger, LAST) == held
    assert surges(ledger, DAY - timedelta(days=1)) == surges(ledger, LAST + timedelta(days=1)) == ()
    clock.move(days=2)
    declaring.end(ledger, by="operator", crisis_id=made.id)
    assert surges(ledger, DAY + timedelta(days=2)) == ()


def test_a_community_says_what_its_crisis_holds_the_prices_of(tmp_path: Any) -> None:
    text = dated.DEFAULT.read_text(encoding="utf-8")
    path = tmp_path / "policy.toml"
    path.write_text(text.replace('surge_goods = ["water",', 'surge_goods = ["fuel", "generator", "water",'), "utf-8")
    rules = dated.read(path).on(DAY).sections.crises or {}

    assert rules["natural_disaster"].surge_goods[:3] == ("fuel", "generator", "water")
    path.write_text(text.replace('surge_cap = "1.5"', 'surge_cap = "0.9"'), "utf-8")
    with pytest.raises(BadInput, match="surge_cap is at least 1"):
        dated.read(path)


def bread_for_k(ledger: Ledger, bread: str, ada: str, bob: str, key: str) -> Trade:
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=bread),
        LegDraft(giver="counterparty", kind="k", amount=30_00),
    ]
    return trades.propose(ledger, key=key, proposer=ada, counterparty=bob, legs=legs)


def finished(ledger: Ledger, made: Trade) -> Trade:
    trades.accept(ledger, key=f"a{made.id}", by=made.counterparty.id, trade_id=made.id)
    for by in (made.proposer.id, made.counterparty.id):
        done = trades.confirm(ledger, key=f"c{made.id}", by=by, trade_id=made.id)
    return done


def test_a_crisis_that_holds_prices_changes_no_value_no_record_no_terms_and_no_tax(
    ledger: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    """The bread is far above what is suggested then: it may be traded at that all the same."""
    kind.put(ledger, kind="barter_exchange", name="Katy", holds_from=date(2026, 1, 1))
    bread = value("loaf of rye bread", "30.00")
    open_then = bread_for_k(ledger, bread, ada, bob, "open")
    before = finished(ledger, bread_for_k(ledger, bread, ada, bob, "before"))
    line = record.of_year(ledger, account=ada, year=2026).trades[0]
    declare(ledger)

    assert trades.view(ledger, by=ada, trade_id=open_then.id) == open_then
    after = finished(ledger, bread_for_k(ledger, bread, ada, bob, "after"))
    told = record.of_year(ledger, account=ada, year=2026).trades
    assert after.legs == before.legs
    assert (after.fairness, after.fee) == (before.fairness, before.fee)
    assert "cap" not in after.model_dump()
    own = {"trade", "transfer", "terms_sha256", "done_at"}
    assert [each.model_dump(exclude=own) for each in told] == [line.model_dump(exclude=own)] * 2
    assert verification.verify(ledger).faults == ()

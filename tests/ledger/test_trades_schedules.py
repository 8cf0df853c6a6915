from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import verification
from ledger.books import accounts, transfers
from ledger.books.errors import LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger
from ledger.trading import schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.periods import Rhythm, dues, period_days
from ledger.trading.schedule_view import Schedule
from ledger.trading.schedules import ScheduledDraft
from warehouse.errors import BadInput

Value = Callable[..., str]
START = date(2026, 11, 16)


def haircut_for_bread(ledger: Ledger, value: Value, barber: str, baker: str, **said: Any) -> Schedule:
    """Two haircuts, four weeks apart, for two loaves a week."""
    haircut = LegDraft(giver="proposer", kind="service", valuation=value("haircut", "50.00"))
    bread = LegDraft(giver="counterparty", kind="goods", valuation=value("loaf", "6.50"), quantity=Decimal(2))
    legs = [
        ScheduledDraft(leg=haircut, first_day=START, every_days=28, times=2),
        ScheduledDraft(leg=bread, first_day=START, every_days=7, times=8),
    ]
    made = schedules.propose(ledger, key="p", proposer=barber, counterparty=baker, legs=legs, **said)
    return schedules.accept(ledger, key="a", by=baker, schedule_id=made.id)


def receive(ledger: Ledger, made: Schedule, by: str, position: int, *occurrences: int) -> Schedule:
    for number in occurrences:
        key = f"r{position}.{number}"
        made = schedules.receive(ledger, key=key, by=by, schedule_id=made.id, position=position, occurrence=number)
    return made


def test_a_subscription_becomes_a_trade_for_each_period(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    made = haircut_for_bread(ledger, value, ada, bob)
    assert (made.state, made.period_days, len(made.dues)) == ("running", 28, 10)
    made = receive(ledger, made, ada, 2, 1, 2, 3, 4)
    assert all(due.trade is None for due in made.dues)
    made = receive(ledger, made, bob, 1, 1)

    first = {due.trade for due in made.dues if due.period == 1}
    assert len(first) == 1
    trade = trades.view(ledger, by=ada, trade_id=str(first.pop()))
    assert (trade.state, trade.schedule) == ("done", made.id)
    assert [(leg.quantity, leg.fair) for leg in trade.legs] == [("1", 50_00), ("8", 52_00)]
    # The barber's side is the smaller one, and pays the fee of 1 %.
    assert (trade.fee.proposer, trade.fee.counterparty) == (50, 0)
    made = receive(ledger, receive(ledger, made, ada, 2, 5, 6, 7, 8), bob, 1, 2)
    assert made.state == "done"
    assert accounts.standing(ledger, ada).posted == -1_00
    assert verification.verify(ledger).faults == ()


def test_only_who_receives_confirms_and_once(ledger: Ledger, value: Value, ada: str, bob: str, eve: str) -> None:
    made = haircut_for_bread(ledger, value, ada, bob)
    with pytest.raises(NotAllowed):
        receive(ledger, made, ada, 1, 1)
    with pytest.raises(Unknown):
        receive(ledger, made, eve, 1, 1)
    with pytest.raises(Unknown, match="no occurrence 3"):
        receive(ledger, made, bob, 1, 3)
    receive(ledger, made, bob, 1, 1)
    with pytest.raises(WrongState, match="already"):
        schedules.receive(ledger, key="again", by=bob, schedule_id=made.id, position=1, occurrence=1)


def test_now_for_harvest_and_the_harvest_comes(ledger: Ledger, value: Value, clock: Any, ada: str, bob: str) -> None:
    seed = LegDraft(giver="proposer", kind="goods", valuation=value("seed potatoes", "80.00"))
    crop = LegDraft(giver="counterparty", kind="goods", valuation=value("potatoes", "90.00"))
    legs = [
        ScheduledDraft(leg=seed, first_day=START),
        ScheduledDraft(leg=crop, first_day=date(2027, 9, 1)),
    ]
    made = schedules.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    made = schedules.accept(ledger, key="a", by=bob, schedule_id=made.id)
    made = receive(ledger, made, bob, 1, 1)
    clock.move(days=290)
    made = receive(ledger, made, ada, 2, 1)

    assert (made.state, made.period_days) == ("done", None)
    assert verification.verify(ledger).faults == ()


def test_a_default_settles_what_was_delivered(ledger: Ledger, value: Value, clock: Any, ada: str, bob: str) -> None:
    made = haircut_for_bread(ledger, value, ada, bob)
    made = receive(ledger, made, bob, 1, 1)  # one haircut, and then one delivery of bread
    made = receive(ledger, made, ada, 2, 1)
    with pytest.raises(WrongState, match="7 days of grace"):
        schedules.default(ledger, key="d", by=ada, schedule_id=made.id)
    clock.move(days=18)
    with pytest.raises(WrongState, match="grace"):
        schedules.default(ledger, key="d", by=bob, schedule_id=made.id)

    ended = schedules.default(ledger, key="d", by=ada, schedule_id=made.id)
    assert (ended.state, ended.at_fault, ended.shortfall) == ("defaulted", bob, 0)
    assert [accounts.standing(ledger, each).posted for each in (ada, bob)] == [37_00, -37_00]
    last = trades.view(ledger, by=ada, trade_id=next(str(due.trade) for due in ended.dues if due.trade))
    assert [leg.fair for leg in last.legs] == [50_00, 13_00, 37_00]
    assert (last.cause, last.fairness.gap_percent) == ("default", "0.0")
    assert verification.verify(ledger).faults == ()


def test_a_default_goes_as_far_as_the_limits_and_says_what_is_left(
    ledger: Ledger, value: Value, clock: Any, ada: str, bob: str
) -> None:
    transfers.pay(ledger, key="1", payer=bob, payee=ada, amount=80_00)
    made = receive(ledger, haircut_for_bread(ledger, value, ada, bob), bob, 1, 1)
    clock.move(days=12)

    ended = schedules.default(ledger, key="d", by=ada, schedule_id=made.id)
    assert ended.shortfall == 30_00
    assert accounts.standing(ledger, bob).posted == -100_00
    assert verification.verify(ledger).faults == ()


def test_both_may_end_a_schedule(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    made = receive(ledger, haircut_for_bread(ledger, value, ada, bob), bob, 1, 1)
    asked = schedules.cancel(ledger, key="c", by=ada, schedule_id=made.id)
    assert (asked.state, asked.cancel_asked_by) == ("running", ada)
    with pytest.raises(WrongState, match="already"):
        schedules.cancel(ledger, key="d", by=ada, schedule_id=made.id)
    ended = schedules.cancel(ledger, key="c", by=bob, schedule_id=made.id)
    assert (ended.state, ended.at_fault, ended.shortfall) == ("cancelled", None, 0)
    assert accounts.standing(ledger, ada).posted == 50_00
    assert verification.verify(ledger).faults == ()


def test_k_of_a_schedule_moves_with_its_period_and_waits_for_room(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    lesson = LegDraft(giver="proposer", kind="service", valuation=value("lesson", "30.00"))
    pay = LegDraft(giver="counterparty", kind="k", amount=30_00)
    legs = [ScheduledDraft(leg=leg, first_day=START, every_days=7, times=2) for leg in (lesson, pay)]
    made = schedules.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    schedules.accept(ledger, key="a", by=bob, schedule_id=made.id)
    with pytest.raises(WrongState, match="by themselves"):
        receive(ledger, made, ada, 2, 1)
    made = receive(ledger, made, bob, 1, 1)
    assert accounts.standing(ledger, ada).posted == 30_00
    transfers.pay(ledger, key="1", payer=bob, payee=ada, amount=69_00)
    with pytest.raises(LimitReached):
        receive(ledger, made, bob, 1, 2)
    assert schedules.view(ledger, by=bob, schedule_id=made.id).state == "running"
    assert verification.verify(ledger).faults == ()


def test_what_is_no_schedule_is_refused(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    seed = LegDraft(giver="proposer", kind="goods", valuation=value("seed", "80.00"))
    crop = LegDraft(giver="counterparty", kind="goods", valuation=value("crop", "80.00"))

    def propose(*legs: ScheduledDraft, **said: Any) -> None:
        schedules.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs, **said)

    later = ScheduledDraft(leg=crop, first_day=START + timedelta(days=9))
    for wrong, told in (
        (ScheduledDraft(leg=seed, first_day=date(2026, 11, 1)), "begins today or later"),
        (ScheduledDraft(leg=seed, first_day=START, times=3), "falls due once"),
        (ScheduledDraft(leg=seed, first_day=START, times=2, every_days=400), "1 to 366"),
        (ScheduledDraft(leg=seed, first_day=START, times=366, every_days=366), "ten years"),
    ):
        with pytest.raises(BadInput, match=told):
            propose(wrong, later)
    with pytest.raises(BadInput, match="not a schedule"):
        propose(ScheduledDraft(leg=seed, first_day=START), ScheduledDraft(leg=crop, first_day=START))
    with pytest.raises(BadInput, match="grace"):
        propose(ScheduledDraft(leg=seed, first_day=START), later, grace_days=91)


RHYTHMS = st.builds(
    lambda giver, start, every, times: Rhythm(
        giver, START + timedelta(days=start), every if times > 1 else None, times
    ),
    st.sampled_from(["one", "other"]),
    st.integers(0, 40),
    st.integers(1, 40),
    st.integers(1, 12),
)


@given(rhythms=st.lists(RHYTHMS, min_size=2, max_size=5))
def test_every_delivery_falls_into_one_period_in_which_both_sides_give(rhythms: list[Rhythm]) -> None:
    made = dues(rhythms)

    assert len(made) == sum(each.times for each in rhythms)
    assert [each.day for each in made] == sorted(each.day for each in made)
    givers = {each.giver for each in rhythms}
    by_period: dict[int, set[str]] = {}
    for each in made:
        by_period.setdefault(each.period, set()).add(rhythms[each.position - 1].giver)
    if period_days(rhythms) is None:
        assert set(by_period) == {1}
    assert all(there == givers for there in by_period.values())

"""When a price watch speaks: the rules alone, on series of days and prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.watching.watch_rules import WINDOWS, Decision, Memory, Point, Rule, decide

FIRST = date(2026, 1, 5)
PRICES = st.decimals(Decimal("0.50"), Decimal(5000), places=2)
PERCENTS = st.integers(1, 60).map(Decimal)
DIRECTIONS = st.sampled_from(["down", "up", "either"])


def points(*prices: object, step: int = 1, first: int = 0) -> list[Point]:
    """A price every `step` days, from day `first` on."""
    days = (FIRST + timedelta(days=first + number * step) for number in range(len(prices)))
    return [Point(day, Decimal(str(price))) for day, price in zip(days, prices, strict=True)]


def change(percent: object, window: int = 30, direction: str = "either") -> Rule:
    return Rule("change", window, percent=Decimal(str(percent)), direction=direction)  # type: ignore[arg-type]


def judged(rule: Rule, series: Sequence[Point], memory: Memory | None = None) -> tuple[Decision, ...]:
    """What the watch says on the last day of the series."""
    return decide(rule, series, memory or Memory(), series[-1].day)


def lived(rule: Rule, series: Sequence[Point], memory: Memory | None = None) -> tuple[Memory, list[Decision]]:
    """Day after day: everything the watch says while the series comes in."""
    memory, said = memory or Memory(), []
    for number in range(1, len(series) + 1):
        for decision in judged(rule, series[:number], memory):
            memory = memory.after(decision)
            said.append(decision)
    return memory, said


@pytest.mark.parametrize("sign", [-1, 1])
def test_one_per_cent_a_day_trips_a_ten_per_cent_watch(sign: int) -> None:
    price, prices = Decimal(100), [Decimal(100)]
    for _ in range(12):
        price *= 1 + sign * Decimal("0.01")
        prices.append(price.quantize(Decimal("0.01")))
    _, said = lived(change(10), points(*prices))

    assert said, "no step was near ten per cent, and together they were"
    assert said[0].since == points(*prices)[0]
    assert abs(said[0].percent or 0) >= 10


@given(
    start=PRICES,
    steps=st.lists(st.integers(0, 300), min_size=1, max_size=25),
    down=st.booleans(),
    percent=PERCENTS,
)
def test_creeping_is_judged_as_one_jump(start: Decimal, steps: list[int], down: bool, percent: Decimal) -> None:
    """However a price got there in one direction, what counts is where it began and where it is."""
    price, prices = start, [start]
    for step in steps:
        price = max(Decimal("0.01"), (price * (10_000 + (-step if down else step)) / 10_000).quantize(Decimal("0.01")))
        prices.append(price)
    assume(prices == sorted(prices, reverse=down))
    crept = points(*prices)
    jumped = [crept[0], crept[-1]]

    ways = [
        [(each.cause, each.since and each.since.price, each.now) for each in judged(change(percent, 30), series)]
        for series in (crept, jumped)
    ]
    assert ways[0] == ways[1]


@given(prices=st.lists(PRICES, min_size=1, max_size=20), percent=PERCENTS, window=st.sampled_from(WINDOWS))
def test_it_speaks_exactly_when_the_window_s_extreme_is_far_enough(
    prices: list[Decimal], percent: Decimal, window: int
) -> None:
    series = points(*prices, step=1)
    inside = prices[-1 - window : -1]  # the price that held when the window opened, and all since
    causes = {each.cause for each in judged(change(percent, window), series)}

    fell = bool(inside) and prices[-1] * 100 <= max(inside) * (100 - percent)
    rose = bool(inside) and prices[-1] * 100 >= min(inside) * (100 + percent)
    assert causes == {cause for cause, so in (("down", fell), ("up", rose)) if so}


@given(prices=st.lists(PRICES, min_size=2, max_size=15), percent=PERCENTS, direction=DIRECTIONS)
def test_no_notice_without_new_evidence(prices: list[Decimal], percent: Decimal, direction: str) -> None:
    rule, series = change(percent, direction=direction), points(*prices)
    memory, said = lived(rule, series)
    assert judged(rule, series, memory) == ()
    for cause in {each.cause for each in said}:
        memory = memory.dismissed(cause)
        assert [each for each in judged(rule, series, memory) if each.now == memory.reference] == []


def test_it_is_repeated_every_day_until_it_is_dismissed_also_when_the_window_has_moved_on() -> None:
    series = points(*[100] * 3, *[89] * 60)
    memory, said = lived(change(10, 7), series)

    assert [each.again for each in said] == [False] + [True] * 59
    assert {each.since for each in said} == {series[2]}
    still = points(*[100] * 3, *[89] * 61)
    assert judged(change(10, 7), still, memory.dismissed("down")) == ()


def test_once_dismissed_it_is_armed_again_from_the_price_that_was_told() -> None:
    rule = change(10, 30, "down")
    memory, said = lived(rule, points(100, 89))
    assert len(said) == 1
    memory = memory.dismissed("down")

    assert memory.reference == points(100, 89)[-1]
    assert judged(rule, points(100, 89, 89, "80.20"), memory) == (), "9.9 % below what was told; 100 is forgotten"
    (again,) = judged(rule, points(100, 89, 89, "80.20", "80.10"), memory)
    assert not again.again
    assert again.since == points(100, 89, 89)[-1]
    assert again.percent == Decimal("-10")


@given(
    before=st.lists(PRICES, min_size=1, max_size=8),
    told=PRICES,
    percent=PERCENTS,
    steps=st.integers(1, 20),
)
def test_after_dismissal_creep_counts_from_the_new_reference(
    before: list[Decimal], told: Decimal, percent: Decimal, steps: int
) -> None:
    rule = change(percent, 30, "down")
    series = points(*before, told)
    memory = Memory(reference=series[-1])
    end = told * (100 - percent) / 100
    path = [told + (end - told) * step / steps for step in range(1, steps + 1)]
    crept = points(*before, told, *path)

    says = [bool(judged(rule, crept[: len(series) + step], memory)) for step in range(1, steps + 1)]
    assert says == [False] * (steps - 1) + [True]


def test_a_jump_between_two_rare_sightings_is_not_lost() -> None:
    (said,) = judged(change(10, 7), points(100, 80, step=25))
    assert said.since == points(100)[0], "the price that held when the window opened"


def test_a_price_older_than_the_window_says_nothing_about_today() -> None:
    series = points(100, 50)
    assert decide(change(10, 7), series, Memory(), FIRST + timedelta(days=7)) != ()
    assert decide(change(10, 7), series, Memory(), FIRST + timedelta(days=8)) == ()
    assert decide(Rule("below", 7, amount=Decimal(60)), series, Memory(), FIRST + timedelta(days=8)) == ()


def test_prices_of_days_to_come_are_not_known_yet() -> None:
    series = points(100, 100, 50)
    assert decide(change(10), series, Memory(), FIRST + timedelta(days=1)) == ()


def test_a_longer_window_sees_what_a_shorter_one_forgot() -> None:
    series = points(*[Decimal(100) - Decimal(number) / 4 for number in range(60)])
    assert judged(change(10, 30, "down"), series) == ()
    (said,) = judged(change(10, 90, "down"), series)
    assert said.since == series[0]


@pytest.mark.parametrize(("kind", "beyond", "within"), [("below", 79, 81), ("above", 81, 79)])
def test_an_amount_is_told_once_repeated_and_armed_again_by_going_back(kind: str, beyond: int, within: int) -> None:
    rule = Rule(kind, 30, amount=Decimal(80))  # type: ignore[arg-type]
    assert judged(rule, points(within)) == ()
    assert judged(rule, points(80)) == (), "the amount itself is neither below nor above"
    memory, said = lived(rule, points(within, beyond, beyond, beyond))
    assert [each.again for each in said] == [False, True, True]

    memory = memory.dismissed(rule.causes[0])
    assert judged(rule, points(within, *[beyond] * 5), memory) == ()
    (anew,) = judged(rule, points(within, *[beyond] * 3, within, beyond), memory)
    assert not anew.again


def test_falls_and_rises_have_notices_of_their_own() -> None:
    memory, said = lived(change(10), points(100, 80, 100))
    assert [(each.cause, each.since and each.since.price) for each in said] == [("down", 100), ("up", 80)]
    memory = memory.dismissed("up")
    assert [each.cause for each in memory.open] == ["down"]
    assert memory.dismissed("down").reference == points(100, 80, 100)[-1], "never back in time"


def test_later_on_the_same_day_only_another_whole_step_is_news() -> None:
    rule = change(10, direction="down")
    memory, _ = lived(rule, points(100, 80))
    assert judged(rule, points(100, 79), memory) == ()
    (again,) = judged(rule, points(100, 72), memory)
    assert again.again
    (anew,) = judged(rule, points(100, 72), memory.dismissed("down"))
    assert not anew.again


@given(prices=st.lists(st.just(Decimal(0)) | PRICES, min_size=1, max_size=10), percent=PERCENTS)
def test_things_given_away_do_not_divide_by_zero(prices: list[Decimal], percent: Decimal) -> None:
    for decision in lived(change(percent), points(*prices))[1]:
        assert decision.since is not None
        assert decision.since.price > 0
        assert decision.percent is not None

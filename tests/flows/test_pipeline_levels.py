"""Published levels through real publishes: bounded steps per period, however often and whatever is published."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from features.level import nearest
from features.market import day_number
from models.answers.value import open_valuer
from models.level.market_side import area_of
from warehouse.valuation import ValuationRequest

WEEKS, TIMES = 6, 3
UP, DOWN = math.log(1.2), math.log(0.8)
DRILL = "Makita DHP453 cordless drill 18V"
PRODUCT = "drill-dhp453-18v"
TWO = (DRILL, "Trek Marlin 5 mountain bike")


@dataclass(frozen=True)
class State:
    """Where things stand after a publish."""

    day: int
    published: dict[str, float]
    raw: dict[str, float]
    product: Any
    value: float
    market_value: float


def state(valuer: Any) -> State:
    levels, day = valuer.learned.levels, valuer.last_day
    answer = valuer.value(ValuationRequest(text=DRILL, condition="good"))
    at = levels.at(day)
    product = valuer.kept.products([(PRODUCT, "drill")], day)[PRODUCT]
    return State(day, dict(at.published), dict(at.raw), product, float(answer.fmv), float(answer.market_value))


def surge(bazaar: Any) -> list[Any]:
    """A week in which prices rise every day and many new sellers ask three times as much and more."""
    return list(
        bazaar.listings(
            7, first=7 * WEEKS, seed=4, per_day=10, products=TWO, prefix="up", level=lambda day: 0.9 + 0.1 * (day % 7)
        )
    )


@pytest.fixture(scope="module")
def calm(new_town: Callable[..., Any], bazaar: Any) -> Callable[[], Any]:
    """Makes towns after six calm weeks, published, and says where things stand there."""
    first = new_town()
    first.see(*bazaar.listings(7 * WEEKS, products=TWO, per_day=4))
    before = state(open_valuer(first.publish()))
    return lambda: (new_town(first), before)


@pytest.fixture(scope="module")
def one_by_one(calm: Callable[[], Any], bazaar: Any) -> tuple[State, list[State]]:
    """Several publishes within the week, as the surge comes in."""
    town, before = calm()
    rows = surge(bazaar)
    after = []
    for part in range(TIMES):
        town.see(*rows[part * len(rows) // TIMES : (part + 1) * len(rows) // TIMES])
        after.append(state(open_valuer(town.publish())))
    return before, after


@pytest.fixture(scope="module")
def at_once(calm: Callable[[], Any], bazaar: Any) -> State:
    """One publish at the end of the same week."""
    town, _ = calm()
    town.see(*surge(bazaar))
    return state(open_valuer(town.publish()))


def test_many_publishes_in_one_period_move_an_area_no_further_than_one(
    one_by_one: tuple[State, list[State]], at_once: State
) -> None:
    before, after = one_by_one

    assert {"all", "category:drill", "segment:drill|US-MO"} <= set(before.published)
    for each in [*after, at_once]:
        for unit, level in before.published.items():
            assert DOWN - 1e-9 <= each.published[unit] - level <= UP + 1e-9
    # The market has more than doubled, so the step was used to its end, in many publishes as in one.
    assert after[-1].raw["all"] - before.published["all"] > 2 * UP
    assert after[-1].published["all"] == pytest.approx(before.published["all"] + UP)
    assert after[-1].published["all"] == pytest.approx(at_once.published["all"], abs=1e-9)


def test_many_publishes_in_one_period_move_a_product_and_its_value_no_further_than_one(
    one_by_one: tuple[State, list[State]], at_once: State
) -> None:
    before, after = one_by_one

    assert before.product is not None
    for each in [*after, at_once]:
        assert DOWN - 1e-9 <= each.product.published - before.product.published <= UP + 1e-9
        assert each.value <= before.value * 1.2 * 1.02  # what condition does is learned anew, and has no level
    assert after[-1].product.published == pytest.approx(at_once.product.published, abs=1e-9)
    assert after[-1].market_value > 1.5 * before.value


def test_the_value_follows_in_the_weeks_after_if_the_market_stays(calm: Callable[[], Any], bazaar: Any) -> None:
    town, before = calm()
    town.see(*bazaar.listings(35, first=7 * WEEKS, seed=6, per_day=4, products=TWO, prefix="up", level=lambda day: 0.7))

    after = state(open_valuer(town.publish()))

    assert after.value == pytest.approx(before.value * math.exp(0.7), rel=0.08)
    assert after.value == pytest.approx(after.market_value, rel=0.05)


def test_without_new_rows_a_publish_changes_no_level_and_no_value(calm: Callable[[], Any]) -> None:
    town, before = calm()

    assert state(open_valuer(town.publish())) == before


def test_too_few_sellers_move_no_published_level(calm: Callable[[], Any], bazaar: Any) -> None:
    town, before = calm()
    # A week in which four sellers offer many things at absurd prices.
    absurd = [
        replace(row, seller=f"seller {n % 4}", price=Decimal(row.price) * 8)
        for n, row in enumerate(bazaar.listings(7, first=7 * WEEKS, seed=4, per_day=6, products=TWO, prefix="up"))
    ]
    town.see(*absurd)

    after = state(open_valuer(town.publish()))

    assert after.raw["all"] > before.raw["all"]
    assert {unit: after.published[unit] for unit in before.published} == before.published
    assert after.product.published == pytest.approx(before.product.published)


def test_each_landed_level_is_within_a_step_of_the_one_before(new_town: Callable[[], Any], bazaar: Any) -> None:
    town = new_town()
    wild = [lambda day, w=week: math.sin(2.0 * w) for week in range(3)]
    for week, level in enumerate(wild):
        town.see(*bazaar.listings(14, first=14 * week, products=TWO, level=level, prefix=f"w{week}-"))
        if week:
            snapshot = town.publish()
    paces = open_valuer(snapshot).learned.levels.paces

    def newly_said(unit: str, first: Any, last: Any) -> float:
        """What from one week to another was newly understood as the region's own effect: no longer in its level."""
        days = [day_number(date.fromisoformat(str(each)[:10])) + 6 for each in (first, last)]
        area = area_of(unit)
        return sum(pace.region.get(area[1], 0.0) for at, pace in paces if area and days[0] <= at < days[1])

    landed = town.published_levels().sort_values(["unit", "period"])
    assert not landed.duplicated(["unit", "period"]).any()
    for unit, rows in landed[~landed["unit"].str.startswith("product:")].groupby("unit"):
        steps = rows["published"].diff().dropna()
        assert steps.between(DOWN - 1e-9, UP + 1e-9).all(), unit
        said = [newly_said(unit, *pair) for pair in itertools.pairwise(rows["period"])]
        quiet = (rows["evidence"] < 5)[steps.index]
        assert ((steps + said)[quiet].abs() < 1e-9).all(), unit


def test_weeks_from_before_the_first_publication_are_marked_reconstructed_and_later_ones_are_not(
    calm: Callable[[], Any], bazaar: Any
) -> None:
    town, _ = calm()
    town.see(*bazaar.listings(14, first=7 * WEEKS, products=TWO, prefix="on"))
    town.publish()

    landed = town.published_levels()
    first = landed["snapshot"] == landed["snapshot"].iloc[0]
    assert first.any()
    assert not first.all()
    assert landed.loc[first, "reconstructed"].all()
    assert not landed.loc[~first, "reconstructed"].any()


def test_an_area_without_a_level_of_its_own_has_its_parents(calm: Callable[[], Any]) -> None:
    _, before = calm()

    assert nearest(before.published, "segment:drill|US-KS")[1] == "category:drill"

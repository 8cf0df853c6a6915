"""Effects of drivers: each is found where it was put in, and nothing is found where nothing was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.drivers import DETAILS, Drivers, Episodes, Steps
from models.knobs import default_knobs
from models.shocks.effects import Shocks
from models.shocks.learn import learn_shocks
from models.shocks.panel import Panel
from models.shocks.whiten import innovations

MONDAY = 19_001 + (4 - 19_001) % 7
WEEKS, REGIONS = 104, ("US-IL", "US-MO")
CATEGORIES = ("coat", "drill", "generator", "laptop", "lumber", "pump")
STORMS = MONDAY + np.array([7 * 20 + 2, 7 * 80 + 2])


@dataclass(frozen=True)
class Truth:
    """What moves prices: log per unit of the driver; of a storm the log at its height."""

    turnover: float = 0.0
    scarcity: float = 0.0
    commodity: float = 0.0
    rain: float = 0.0
    storm: float = 0.0


def world(dice: np.random.Generator) -> Drivers:
    """Two years of drivers that know nothing of each other."""
    week = MONDAY + 7 * np.arange(WEEKS)
    steps: dict[tuple[str, str, str], Steps] = {}
    for category in CATEGORIES:
        for region in REGIONS:
            for name, size in (("turnover", 1.0), ("scarcity", 0.4)):
                value = pd.Series(dice.normal(0, 0.8 * size, WEEKS)).ewm(alpha=0.4).mean().to_numpy() * 2
                steps[name, category, region] = Steps(week - 1, value, np.zeros((WEEKS, DETAILS)))
    months = np.arange(MONDAY - 60, MONDAY + 7 * WEEKS, 30)
    prices = np.cumsum(dice.normal(0, 0.12, len(months)))
    steps["commodity", "lumber", ""] = Steps(months, prices, np.zeros((len(months), DETAILS)))
    days = np.arange(MONDAY - 10, MONDAY + 7 * WEEKS)
    for region in REGIONS:
        rain = pd.Series(dice.normal(0, 1, len(days))).rolling(7, min_periods=1).mean().clip(lower=0).to_numpy() * 2.5
        steps["rain", "", region] = Steps(days, rain, np.zeros((len(days), DETAILS)))
    span = np.stack([STORMS, STORMS + 4], axis=1)
    storms = Episodes(STORMS, np.ones(2), np.full(2, 0.5), span, np.sort(np.concatenate([STORMS, STORMS + 5])))
    return Drivers(steps, {("tropical_cyclone", "US-MO"): storms})


def learned(truth: Truth, seed: int, until: int = MONDAY + 7 * WEEKS, before: Shocks | None = None) -> Shocks:
    dice = np.random.default_rng(seed)
    drivers = world(dice)
    rows, prices = [], []
    for category in CATEGORIES:
        for region in REGIONS:
            level = np.cumsum(dice.normal(0, 0.01, WEEKS))
            day = np.sort(MONDAY + dice.integers(0, 7 * WEEKS, 6 * WEEKS))
            price = level[(day - MONDAY) // 7] + dice.normal(0, 0.25, len(day))
            price += truth.turnover * np.nan_to_num(drivers.value("turnover", category, region, day))
            price += truth.scarcity * np.nan_to_num(drivers.value("scarcity", category, region, day))
            if category == "lumber":
                price += truth.commodity * drivers.value("commodity", category, region, day)
            if category == "coat":
                price += truth.rain * drivers.value("rain", category, region, day)
            if category in ("generator", "pump"):
                price += truth.storm * drivers.felt("tropical_cyclone", region, day, 3.0, 20.0)
            rows.append(pd.DataFrame({"day": day, "category": category, "region": region}))
            prices.append(price)
    table = pd.concat(rows, ignore_index=True).assign(price=np.concatenate(prices))
    table = table.assign(seller=dice.integers(0, 900, len(table))).sort_values("day", kind="stable")
    panel = Panel(table.reset_index(drop=True), drivers)
    panel.extend(table["price"].to_numpy(), until)
    return learn_shocks(panel, until, default_knobs().shocks, before)


def found(shocks: Shocks) -> dict[str, Any]:
    """What has an effect, by driver."""
    slopes = {name: each for name, each in shocks.slope.items() if each}
    return slopes | {kind: curve.size for kind, curve in shocks.curve.items() if curve.size}


def test_where_nothing_moves_prices_nothing_is_found() -> None:
    shocks = learned(Truth(), 0)

    assert found(shocks) == {}
    assert {"turnover", "scarcity", "commodity", "rain", "tropical_cyclone"} <= set(shocks.tried)


@pytest.mark.parametrize(("name", "size", "near"), [("turnover", 0.05, 0.02), ("scarcity", 0.25, 0.08)])
def test_what_moves_all_categories_is_found_alone(name: str, size: float, near: float) -> None:
    each = found(learned(Truth(**{name: size}), 1))

    assert set(each) == {name}
    assert set(each[name]) == set(CATEGORIES)
    assert all(abs(slope - size) < near for slope in each[name].values())


@pytest.mark.parametrize(
    ("name", "size", "category", "near"), [("commodity", 1.0, "lumber", 0.3), ("rain", 0.12, "coat", 0.04)]
)
def test_what_moves_one_category_is_found_there_alone(name: str, size: float, category: str, near: float) -> None:
    each = found(learned(Truth(**{name: size}), 3))

    assert set(each) == {name}
    assert each[name][category] == pytest.approx(size, abs=near)


def test_a_storm_is_learned_from_past_ones_with_its_decay() -> None:
    shocks = learned(Truth(storm=0.47), 1)

    assert set(found(shocks)) == {"tropical_cyclone"}
    curve = shocks.curve["tropical_cyclone"]
    assert set(curve.size) == {"generator", "pump"}
    assert curve.size["generator"] == pytest.approx(0.47, abs=0.1)
    assert curve.half_life == pytest.approx(20.0, abs=1.0)
    assert curve.events == 2


def test_all_at_once_are_told_apart() -> None:
    each = found(learned(Truth(turnover=0.05, scarcity=0.2, storm=0.47), 2))

    assert set(each) >= {"turnover", "scarcity", "tropical_cyclone"}
    assert np.mean(list(each["turnover"].values())) == pytest.approx(0.05, abs=0.02)
    assert np.mean(list(each["scarcity"].values())) == pytest.approx(0.2, abs=0.06)
    assert each["tropical_cyclone"]["generator"] == pytest.approx(0.47, abs=0.12)


def test_nothing_is_learned_from_a_few_weeks_nor_from_later_ones() -> None:
    assert learned(Truth(turnover=0.5), 1, until=MONDAY + 7 * 10) == Shocks()
    assert "tropical_cyclone" not in learned(Truth(storm=0.47), 1, until=int(STORMS[0]) - 1).curve


def test_swells_that_a_noisy_sign_explains_are_not_held_for_a_wandering_level() -> None:
    dice = np.random.default_rng(4)
    day = MONDAY + np.arange(7 * WEEKS)
    swell = np.sin(np.pi * np.arange(7 * WEEKS) / 90) ** 4
    steps = {}
    for category in CATEGORIES[:3]:
        counted = dice.normal(0, 0.45, 7 * WEEKS + 6)
        value = swell + np.convolve(counted, np.ones(7) / 7**0.5, "valid") * 0.5
        steps["wanted", category, ""] = Steps(day, value, np.zeros((7 * WEEKS, 2)))
    table = pd.DataFrame({"day": np.repeat(day, 9), "category": np.tile(np.repeat(CATEGORIES[:3], 3), 7 * WEEKS)})
    table = table.assign(region="", seller=dice.integers(0, 900, len(table)))
    panel = Panel(table, Drivers(steps))
    panel.extend(0.25 * swell[table["day"] - MONDAY] + dice.normal(0, 0.1, len(table)), MONDAY + 7 * WEEKS)

    slopes = learn_shocks(panel, MONDAY + 7 * WEEKS, default_knobs().shocks).slope["wanted"]

    # So much of the swells as the sign can tell of them; its changes from week to week alone would say a quarter less.
    part = np.mean([np.polyfit(each.value, swell, 1)[0] for each in steps.values()])
    assert np.mean(list(slopes.values())) == pytest.approx(0.25 * part, rel=0.15)


def test_effects_of_rows_are_those_of_their_areas_and_days() -> None:
    drivers = world(np.random.default_rng(5))
    shocks = learned(Truth(turnover=0.05, storm=0.47), 1)
    day = MONDAY + np.array([10, 150, 151, 600, 600])
    category = np.array(["drill", "generator", "generator", "generator", "unheard of"], object)
    region = np.array(["US-MO", "US-MO", "US-IL", "US-MO", "US-MO"], object)

    rows = shocks.of_rows(drivers, category, region, day)
    for place, at in enumerate(day):
        own = (str(category[place]), str(region[place]))
        assert rows[place] == pytest.approx(shocks.of(drivers, *own, np.array([at])).sum())
        assert shocks.on(drivers, [own], int(at))[0] == pytest.approx(shocks.of(drivers, *own, np.array([at]))[0])
    assert rows[4] == 0


def test_innovations_of_a_level_seen_without_noise_are_its_steps() -> None:
    walk = np.array([1.0, 2.0, 4.0, 3.0])[:, np.newaxis, np.newaxis]

    found = innovations(walk, np.full((4, 1), 10**9), 1e6)[:, 0, 0]

    assert np.isnan(found[0])
    assert found[1:] * 1e3 == pytest.approx([1.0, 2.0, -1.0], rel=1e-3)


def test_a_driver_found_before_is_kept_as_long_as_it_does_not_make_things_worse() -> None:
    # Nothing is there to be found: what was believed of it is not kept either, once the weeks after speak against it.
    known = learned(Truth(turnover=0.05), 1, until=MONDAY + 7 * 90)
    assert known.has("turnover")
    assert not known.has("rain")
    assert not known.has("tropical_cyclone")

    for seed in (1, 2, 3):
        kept = learned(Truth(turnover=0.02), seed, before=known)
        anew = learned(Truth(turnover=0.02), seed)
        assert kept.has("turnover") >= anew.has("turnover")
    assert not any(learned(Truth(turnover=-0.03), seed, before=known).has("turnover") for seed in (1, 2))

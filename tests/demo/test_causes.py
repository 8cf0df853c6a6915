"""The small town: a cause alone moves true values by what it says, leaves its own trace, and changes nothing else."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.alone import SmallTown, simulate
from demo.causes import CAUSES, TRACED, categories, products, world
from demo.people import people
from demo.shocks import climate
from demo.traces import write_listings, write_warnings, write_world

END = date(2026, 11, 20)
GOODS = ("generator", "winter coat")
START = END - timedelta(days=730)


@cache
def town(*causes: str, traces: tuple[str, ...] | None = None) -> SmallTown:
    return simulate(causes, end=END, traces=traces, goods=GOODS)


def test_equal_arguments_make_equal_towns() -> None:
    made = [simulate(("hazard", "demand"), seed=3, end=END, goods=["generator"], busy=0.3) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0].ads != simulate(("hazard", "demand"), seed=4, end=END, goods=["generator"], busy=0.3).ads


@settings(max_examples=40, deadline=None)
@given(
    cause=st.sampled_from([cause for cause in CAUSES if cause != "attack"]),
    category=st.sampled_from(["generator", "winter coat", "laptop", "copper wire"]),
    grade=st.sampled_from(["good", "fair"]),
    region=st.sampled_from(["US-MO", "US-IL"]),
    back=st.integers(0, 730),
)
def test_a_cause_alone_has_its_own_effect_and_no_other(
    cause: str, category: str, grade: str, region: str, back: int
) -> None:
    day = END - timedelta(days=back)
    alone = _world(cause).effects(category, grade, region, day)
    assert {name for name, effect in alone.items() if effect} <= {cause}
    assert alone[cause] == pytest.approx(_world(*CAUSES).effects(category, grade, region, day)[cause])


@cache
def _world(*causes: str):  # type: ignore[no-untyped-def]
    return world(7, END, causes)


def test_each_cause_moves_something() -> None:
    days = [END - timedelta(days=n) for n in range(0, 730, 7)]
    for cause in CAUSES[:-1]:
        moved = [
            abs(_world(cause).effects(category, "fair", region, day)[cause])
            for category in categories()
            for region in people().regions
            for day in days
        ]
        assert max(moved) > 0.05, cause


def test_a_town_where_nothing_happens_has_flat_traces() -> None:
    quiet = _world("trend")
    assert len(set(quiet.copper.values())) == 1
    assert quiet.storms == ()
    assert not any(quiet.bumps.values())
    assert all(abs(each.coldest + 10.0 - each.warmest) < 0.11 for each in quiet.weather["US-MO"])
    same_day = {each.coldest for each in quiet.weather["US-MO"] if (each.day.month, each.day.day) == (7, 1)}
    assert max(same_day) - min(same_day) < 0.5
    assert len({each.rain for each in quiet.weather["US-MO"]}) == 1


@pytest.mark.parametrize("cause", ["trend", "season", "hazard", "weather", "commodity", "region"])
def test_a_cause_of_prices_alone_leaves_offers_and_wanted_posts_as_they_were(cause: str) -> None:
    kept = [(ad.id, ad.title, ad.first_day, ad.last_day, ad.sold_for is None) for ad in town(cause).ads]
    assert kept == [(ad.id, ad.title, ad.first_day, ad.last_day, ad.sold_for is None) for ad in town().ads]


def test_a_trace_without_its_effect_moves_no_price() -> None:
    still = {ad.id: ad.ask for ad in town().ads if ad.kind == "asking"}
    seen = {ad.id: ad.ask for ad in town(traces=TRACED).ads if ad.kind == "asking"}
    assert seen.keys() < still.keys()
    assert all(still[name] == price for name, price in seen.items())


def test_demand_shows_in_wanted_posts_and_speed_and_scarcity_in_offers() -> None:
    lively, scarce, still = town("demand"), town("scarcity"), town()
    around = lively.world
    high = {
        START + timedelta(days=n)
        for n in range(731)
        if around.strength("demand", "generator", "US-MO", START + timedelta(days=n)) > 0.5
    }
    for made, more in ((lively, 2.0), (still, 0.0)):
        wanted = Counter(ad.first_day in high for ad in made.ads if ad.kind == "wanted" and ad.category == "generator")
        rates = wanted[True] / len(high), wanted[False] / (731 - len(high))
        assert (rates[0] > more * rates[1]) if more else rates[0] == pytest.approx(rates[1], rel=0.25)
    fast = [(ad.last_day - ad.first_day).days for ad in lively.ads if ad.category == "generator" and ad.kind == "asking"
            and ad.first_day in high]  # fmt: skip
    slow = [(ad.last_day - ad.first_day).days for ad in still.ads if ad.category == "generator" and ad.kind == "asking"]
    assert fmean(fast) < 0.75 * fmean(slow)
    coats = [sum(ad.category == "winter coat" and ad.kind == "asking" for ad in made.ads) for made in (scarce, still)]
    assert coats[0] < 0.85 * coats[1]


def test_offers_scatter_around_the_true_value() -> None:
    made = town("hazard")
    offs = [
        math.log(ad.sold_for / made.true_value(ad.product, ad.grade, ad.region, ad.last_day))
        for ad in made.ads
        if ad.sold_for is not None and ad.last_day <= END
    ]
    assert abs(fmean(offs)) < 0.02
    assert 0.08 < math.sqrt(fmean([off**2 for off in offs])) < 0.15


def test_the_ring_asks_for_a_fifth_of_the_offers_of_its_days() -> None:
    made = town("attack")
    ring = [ad for ad in made.ads if not ad.honest]
    days = {ad.first_day for ad in ring}
    honest = [
        ad
        for ad in made.ads
        if ad.honest
        and ad.product == ring[0].product
        and ad.kind == "asking"
        and min(days) <= ad.first_day <= max(days)
    ]
    assert 0.12 < len(ring) / (len(ring) + len(honest)) < 0.28
    assert all(2.4 < ad.ask / products()[ad.product].base < 3.7 for ad in ring)


def test_what_there_is_no_cause_of_is_named() -> None:
    with pytest.raises(ValueError, match="no such cause: earthquake; there are condition"):
        world(7, END, ["earthquake"])


def test_files_are_those_of_exports_and_services(tmp_path: Path) -> None:
    made = town("hazard")
    asking, sold, wanted = write_listings(made, tmp_path)
    files = {file.path.stem: file for file in write_world(made.world, tmp_path)}
    with asking.path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == asking.rows > sold.rows > wanted.rows > 100
    assert all(row["ended"] > row["at"] for row in rows if row["ended"])
    assert not any(row["ended"][:10] > END.isoformat() for row in rows)
    alerts = json.loads(files["alerts"].path.read_text("utf-8"))["features"]
    assert len(alerts) == len(made.world.storms)
    assert {file.agent for file in files.values()} == {"open_meteo", "world_bank", "nws"}
    weather = json.loads(files["weather-US-MO"].path.read_text("utf-8"))["daily"]
    assert len({len(column) for column in weather.values()}) == 1


def test_a_towns_storms_are_warned_of_on_their_day_and_less_over_the_river(tmp_path: Path) -> None:
    weather = climate(7, date(2024, 11, 21), date(2026, 11, 20))

    file = write_warnings(weather, tmp_path)

    told = [each["properties"] for each in json.loads(file.path.read_text())["features"]]
    assert file.agent == "nws"
    assert len({each["id"] for each in told}) == len(told) == 2 * len(weather.storms)
    for storm in weather.storms:
        of_day = [each for each in told if each["sent"].startswith(storm.day.isoformat())]
        assert sorted(each["severity"] for each in of_day) == ["Moderate", "Severe"]
        severe = next(each for each in of_day if each["severity"] == "Severe")
        assert severe["geocode"]["UGC"][0].startswith(storm.region.removeprefix("US-"))

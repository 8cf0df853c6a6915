"""Drivers: what they say, and that a day's value never knows a later day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.drivers.commodity import commodity
from features.drivers.demand import demand
from features.drivers.hazard import episodes
from features.drivers.offers import Counts, count
from features.drivers.scarcity import scarcity
from features.drivers.table import Drivers, Steps, steps_frame, steps_of
from features.drivers.weather import weather
from features.market import day_number
from warehouse.records import HazardEvent

MONDAY = 19_001 + (4 - 19_001) % 7


def offers(weeks: int, *, per_week: int = 12, lasts: int = 10, wanted: int = 3, change: Any = None) -> pd.DataFrame:
    """Offers of drills in one region; `change(week)` gives (offers, days on sale, wanted) of a week."""
    rows = []
    for week in range(weeks):
        offered, days, asked = change(week) if change else (per_week, lasts, wanted)
        for n in range(offered):
            day = MONDAY + 7 * week + n % 7
            rows.append((f"o{week}-{n}", "drill", "US-MO", "asking", day, float(day + days)))
        rows += [(f"w{week}-{n}", "drill", "US-MO", "wanted", MONDAY + 7 * week, np.nan) for n in range(asked)]
    return pd.DataFrame(rows, columns=["listing", "category", "region", "kind", "day", "ended"])


def counted(rows: pd.DataFrame) -> Counts:
    found = count(rows)
    assert found is not None
    return found


def last(steps: dict[tuple[str, str, str], Steps], name: str) -> tuple[float, np.ndarray]:
    own = steps[name, "drill", "US-MO"]
    return float(own.value[-1]), own.detail[-1]


def test_more_who_look_for_it_and_quicker_sales_are_more_demand() -> None:
    calm = demand(counted(offers(30)))
    asked = demand(counted(offers(30, change=lambda week: (12, 10, 12 if week >= 28 else 3))))
    quick = demand(counted(offers(30, change=lambda week: (12, 3 if week >= 27 else 10, 3))))

    assert all(abs(last(calm, name)[0]) < 0.3 for name in ("wanted", "turnover"))
    assert last(asked, "wanted")[0] > 0.6
    assert last(asked, "wanted")[1].tolist() == pytest.approx([12, 3])
    assert abs(last(asked, "turnover")[0]) < 0.3
    assert last(quick, "turnover")[0] > 0.8
    assert abs(last(quick, "wanted")[0]) < 0.1


def test_fewer_new_offers_than_usual_are_scarcity_and_cleared_shelves_are_none() -> None:
    found = scarcity(counted(offers(40, change=lambda week: (3 if week >= 36 else 12, 10, 3))))
    cleared = scarcity(counted(offers(40, change=lambda week: (12, 1 if week >= 36 else 10, 3))))
    value, detail = last(found, "scarcity")
    whole = found["scarcity", "drill", ""].value[-1]

    assert detail.tolist() == pytest.approx([3, 12])
    assert whole == pytest.approx(-np.log((3 + 5) / (12 + 5)), abs=1e-4)
    assert value == pytest.approx(-np.log((3 + 20 * np.exp(-whole)) / (12 + 20)), abs=1e-4)
    assert abs(last(cleared, "scarcity")[0]) < 0.1


def test_a_sign_is_seen_on_the_day_it_can_be_and_not_a_week_later() -> None:
    steps = demand(counted(offers(30, change=lambda week: (12, 10, 12 if week >= 28 else 3))))
    first = MONDAY + 7 * 28
    value = Drivers(steps).value("wanted", "drill", "US-MO", np.array([first - 1, first]))

    assert value[0] == pytest.approx(0, abs=0.05)
    assert value[1] > 0.6


def test_usual_is_what_there_is_where_nothing_swells() -> None:
    # Swells that take up three weeks of every seven: the mean lies a third above the quiet weeks.
    swelling = counted(offers(60, change=lambda week: (12, 10, 12 if week % 7 in (3, 4, 5) else 4)))
    wanted = demand(swelling)["wanted", "drill", ""]

    assert np.median(wanted.detail[200:, 1]) == pytest.approx(4, abs=0.3)
    assert np.median(wanted.value[200:]) == pytest.approx(0, abs=0.05)


def test_a_few_posts_in_a_region_are_drawn_to_what_its_whole_category_shows() -> None:
    rows = offers(30, change=lambda week: (12, 10, 3))
    elsewhere = offers(30, change=lambda week: (12, 10, 40 if week >= 28 else 10))
    rows = pd.concat([rows, elsewhere.assign(region="US-IL", listing="e" + elsewhere["listing"])])
    steps = demand(counted(rows.sort_values("day", kind="stable")))
    whole, here, there = (steps["wanted", "drill", region].value[-1] for region in ("", "US-MO", "US-IL"))

    assert 0.5 < here < whole < there


def test_an_offer_stands_until_it_ends_is_sold_or_was_not_seen_for_a_while() -> None:
    rows = pd.DataFrame(
        [
            ("a", "asking", MONDAY, MONDAY + 9.0), ("b", "asking", MONDAY, np.nan), ("b", "sold", MONDAY + 8, np.nan),
            ("c", "asking", MONDAY, np.nan), ("c", "asking", MONDAY + 12, np.nan), ("z", "sold", MONDAY + 60, np.nan),
        ],
        columns=["listing", "kind", "day", "ended"],
    ).assign(category="drill", region="")  # fmt: skip
    found = counted(rows)

    assert found.keys == [("drill", "")]
    weeks = slice(None, None, 7)
    assert found.offers[0, weeks][:5].tolist() == [3, 3, 1, 1, 0]
    assert found.new[0, weeks][:2].tolist() == [3, 0]
    assert found.gone[0, weeks][:3].tolist() == [0, 2, 0]
    assert found.on_sale[0, 7] == 17


@settings(max_examples=4, deadline=None)
@given(st.integers(1, 25))
def test_counts_of_a_week_do_not_know_the_weeks_after(cut: int) -> None:
    # Ends that are told with the offer are market facts of their own day; here none is told.
    rows = offers(26, change=lambda week: (8 + week % 5, 10, week % 4)).assign(ended=np.nan)
    sold = rows[rows["kind"] == "asking"].assign(kind="sold", day=rows["day"] + 9)
    rows = pd.concat([rows, sold]).sort_values(["listing", "day"])
    whole, part = counted(rows), counted(rows[rows["day"] < MONDAY + 7 * cut])
    for made in (demand, scarcity):
        full = made(whole)
        for key, steps in made(part).items():
            n = len(steps.day)
            assert steps.value.tolist() == full[key].value[:n].tolist()
            assert np.array_equal(steps.detail, full[key].detail[:n], equal_nan=True)


def test_raw_materials_count_from_their_publication_against_the_reference() -> None:
    prices = pd.DataFrame(
        {
            "source": "bank", "commodity": "copper", "day": MONDAY + 30 * np.arange(6), "days": 30,
            "price": [100.0, 100, 100, 110, 121, 121],
        }
    )  # fmt: skip
    steps, titles = commodity(prices, {"cable": MONDAY + 95, "sofa": MONDAY})
    found = Drivers(steps)
    value = found.value("commodity", "cable", "US-MO", MONDAY + np.array([95, 122, 123, 153]))

    assert value == pytest.approx([0.0, 0.0, 0.15 * np.log(1.1), 0.15 * np.log(1.21)])
    seen = found.seen("commodity", "cable", "", MONDAY + 160)
    assert seen is not None
    assert titles[int(seen.detail[0])] == "copper"
    assert seen.detail[1:3] == (121.0, 100.0)
    assert ("commodity", "sofa", "") not in steps
    assert np.isnan(found.value("commodity", "cable", "", np.array([MONDAY + 900]))[0])


def climate(years: int, unusual: float = 0.0) -> pd.DataFrame:
    dice = np.random.default_rng(3)
    days = np.arange(day_number(date(2015, 1, 1)), day_number(date(2015 + years, 1, 20)))
    warm = 12 - 14 * np.cos(2 * np.pi * (days - days[0]) / 365.25) + dice.normal(0, 3, len(days))
    rain = dice.exponential(3.0, len(days))
    rain[-7:] += unusual
    return pd.DataFrame(
        {
            "source": "sky", "region": "US-MO", "day": days, "temperature_max": warm + 5, "temperature_min": warm - 5,
            "precipitation": rain, "snowfall": 0.0,
        }
    )  # fmt: skip


def test_weather_is_unusual_against_the_same_season_of_earlier_years() -> None:
    wet, calm = (weather(climate(6, unusual=extra)) for extra in (25.0, 0.0))

    assert wet["rain", "", "US-MO"].value[-1] > 2
    assert calm["rain", "", "US-MO"].value[-1] < 2
    # Winters are cold every year: that is no news.
    assert calm["cold", "", "US-MO"].value.mean() < 0.4
    assert "rain" not in {name for name, _, _ in weather(climate(1))}
    assert wet["rain", "", ""].value.tolist() == wet["rain", "", "US-MO"].value.tolist()


def test_the_climate_of_a_day_does_not_know_later_days() -> None:
    table = climate(5)
    part = weather(table.iloc[:-200])
    full = weather(table)
    for key, steps in part.items():
        n = len(steps.day)
        assert steps.day.tolist() == full[key].day[:n].tolist()
        assert steps.value.tolist() == full[key].value[:n].tolist(), key


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def message(day: int, **fields: Any) -> HazardEvent:
    known: dict[str, Any] = {
        "source": "nws", "id": f"m{day}", "thread": "t", "event": "High Wind Warning", "hazard": "wind",
        "status": "actual", "message_type": "alert", "sent": NOON + timedelta(days=day), "severity": "severe",
        "region": "US-MO", "run": "", "row": 1, "found_at": "x",
    }  # fmt: skip
    return HazardEvent(**{**known, **fields})


def at(day: int) -> int:
    return day_number(NOON.date()) + day


def found_of(*messages: HazardEvent) -> Any:
    return episodes(messages, ["US-MO"], lambda region, day: 0.4)


def test_a_hazard_begins_is_told_anew_and_ends_as_its_messages_said_by_then() -> None:
    until = NOON + timedelta(days=4)
    one = found_of(
        message(0, severity="moderate", starts=NOON + timedelta(days=1), ends=until),
        message(2, message_type="update", severity="extreme", starts=NOON + timedelta(days=1), ends=until),
    )["wind", "US-MO"]

    assert one.start.tolist() == [at(1), at(2)]
    assert one.weight.tolist() == [0.5, 1.5]
    assert [day for day in range(at(-1), at(8)) if one.is_active(day)] == [at(day) for day in range(1, 5)]
    assert one.news.tolist() == [at(1), at(2), at(5)]
    assert one.felt(np.array([at(0), at(1), at(2), at(12)]), 0.0, 10.0) == pytest.approx([0, 0.5, 1.5, 0.75])


def test_a_hazard_called_off_before_it_began_never_began() -> None:
    begins = NOON + timedelta(days=3)
    called_off = found_of(message(0, starts=begins), message(1, message_type="cancel"))["wind", "US-MO"]

    assert len(called_off.start) == 0
    assert not called_off.active.size
    assert called_off.felt(np.array([at(5)]), 0.0, 10.0).tolist() == [0.0]


def test_one_hazard_upon_another_counts_once_and_other_regions_not_at_all() -> None:
    both = found_of(message(0), message(1, thread="u"), message(9, thread="v"), message(0, thread="w", region="US-KS"))

    assert set(both) == {("wind", "US-MO")}
    assert both["wind", "US-MO"].start.tolist() == [at(0), at(9)]
    everywhere = Drivers({}, both).felt("wind", "", np.array([at(0)]), 0.0, 10.0)
    assert everywhere.tolist() == [0.4]


def test_a_table_is_kept_and_read_back_and_known_by_what_was_known() -> None:
    one = Drivers(demand(counted(offers(20))), found_of(message(0)))
    again = Drivers(steps_of(steps_frame(one)), one.hazards)

    assert again.digest(MONDAY + 999) == one.digest(MONDAY + 999)
    assert one.digest(MONDAY + 70) != one.digest(MONDAY + 140)
    assert one.digest(MONDAY + 70) == Drivers(demand(counted(offers(15))), one.hazards).digest(MONDAY + 70)
    assert one.seen("demand", "drill", "US-KS", MONDAY + 130) == one.seen("demand", "drill", "", MONDAY + 130)
    assert not Drivers()

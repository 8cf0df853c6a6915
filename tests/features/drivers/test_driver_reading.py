"""Drivers read from a warehouse: offers, raw materials, weather and hazards, none of a day after the market's last."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.drivers import Drivers, read_drivers
from features.market import day_number
from warehouse import build, load, lock
from warehouse.database import open_writer
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import CommodityPrice, HazardEvent, Listing, WeatherObservation

START = datetime(2025, 1, 6, 12, tzinfo=UTC)
WEEKS = 14
WHERE: dict[str, Any] = {"run": "", "row": 1, "found_at": "here"}


def records() -> list[Any]:
    out: list[Any] = []
    for day in range(0, 7 * WEEKS, 1):
        at = START + timedelta(days=day)
        kind = "wanted" if day % 7 == 3 else "asking"
        out.append(
            Listing(
                source="fair", id=f"a{day}", kind=kind, title="copper cable", price=Decimal(9), currency="USD",
                observed_at=at, region="US-MO", ended_at=at + timedelta(days=9), price_path="price", **WHERE,
            )
        )  # fmt: skip
    for month, price in ((9, 100), (10, 110), (11, 120), (12, 130)):
        out.append(
            CommodityPrice(
                source="bank", commodity="copper", title="Copper", period=date(2024, month, 1), days=30, unit="mt",
                price=Decimal(price), currency="USD", observed_at=START, **WHERE,
            )
        )  # fmt: skip
    out.append(replace(out[-1], price=Decimal(999), observed_at=START + timedelta(days=90)))  # a revision
    for day in range(3 * 365 + 7 * WEEKS + 30):
        seen = date(2022, 1, 6) + timedelta(days=day)
        out.append(
            WeatherObservation(
                source="sky", place="St. Louis", latitude=38.6, longitude=-90.2, observed_on=seen, kind="observed",
                issued_on=seen, region="US-MO", temperature_max=10.0, temperature_min=1.0, precipitation=2.0, **WHERE,
            )
        )  # fmt: skip
    storm = HazardEvent(
        source="nws", id="m1", thread="t", event="High Wind Warning", hazard="wind", status="actual",
        message_type="alert", sent=START + timedelta(days=50), ends=START + timedelta(days=52), severity="severe",
        region="US-MO", **WHERE,
    )  # fmt: skip
    later = replace(storm, id="m2", thread="u", sent=START + timedelta(days=7 * WEEKS + 5), ends=None)
    return [*out, storm, later, replace(storm, id="m3", thread="v", status="test", region="US-KS")]


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Drivers:
    home, now = Home(tmp_path_factory.mktemp("drivers")), START + timedelta(days=400)
    rows = records()
    for n, kind in enumerate(sorted({(row.source, type(row).__name__) for row in rows})):
        run = new_run(now + timedelta(seconds=n))
        own = [replace(row, run=run) for row in rows if (row.source, type(row).__name__) == kind]
        land(home, own, source=kind[0], run=run, now=now)
    with lock.writer(home, print):
        connection = open_writer(home)
        load.load(connection, home, now, print)
        build.build_rates(connection, "USD")
        build.build_core(connection, "USD")
        connection.execute(
            """INSERT INTO core.identity (source, id, product, category)
               SELECT DISTINCT source, id, 'x', 'cable' FROM raw.listing"""
        )
        market = pd.DataFrame({"day": day_number(START.date()) + np.arange(7 * WEEKS)})
        found = read_drivers(connection, market.assign(category="cable", region="US-MO"))
        connection.close()
    return found


def at(day: int) -> int:
    return day_number(START.date()) + day


def test_all_kinds_of_drivers_are_read(drivers: Drivers) -> None:
    assert {name for name, _, _ in drivers.steps} >= {"wanted", "turnover", "scarcity", "commodity", "rain", "cold"}
    assert dict(drivers.source) == {
        "commodity": "bank", "hazard": "nws", **dict.fromkeys(("wanted", "turnover", "scarcity"), "listings"),
        **dict.fromkeys(("rain", "heat", "cold", "frost", "snow"), "sky"),
    }  # fmt: skip


def test_wanted_posts_stand_beside_offers(drivers: Drivers) -> None:
    wanted, gone = (drivers.seen(name, "cable", "US-MO", at(7 * WEEKS - 1)) for name in ("wanted", "turnover"))

    assert wanted is not None
    assert gone is not None
    assert wanted.detail[0] == pytest.approx(1)
    assert gone.detail[1] == pytest.approx(14, abs=2)


def test_the_first_publication_of_a_price_counts_not_its_revision(drivers: Drivers) -> None:
    value = drivers.value("commodity", "cable", "US-MO", np.array([at(0), at(60)]))

    # On the first day November's price was known; December's comes early in January.
    assert value[0] == pytest.approx(0.0, abs=0.02)
    assert value[1] == pytest.approx(0.15 * math.log(130 / 120), abs=0.02)


def test_of_hazards_only_real_ones_of_the_markets_regions_and_days_are_read(drivers: Drivers) -> None:
    assert set(drivers.hazards) == {("wind", "US-MO")}
    assert drivers.hazards["wind", "US-MO"].start.tolist() == [at(50)]
    assert drivers.hazards["wind", "US-MO"].share.tolist() == [1.0]


def test_nothing_is_of_a_day_after_the_markets_last(drivers: Drivers) -> None:
    assert all(int(steps.day[-1]) <= at(7 * WEEKS - 1) for steps in drivers.steps.values() if len(steps.day))

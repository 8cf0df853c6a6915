"""What a snapshot says of times to come: offers that end, levels, sales and published series, each as of a day."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from features.index.season import none_known
from features.index.weekly import weekly_index
from models.forecast import candidates, market, outlook, rolling
from models.forecast.answering import Forecaster, no_season
from models.forecast.offers import offers_seen, with_worth
from models.knobs import default_knobs
from warehouse.valuation import ValuationRequest

START = date(2025, 1, 6)
KNOBS = default_knobs()
FAST = KNOBS.forecast.model_copy(update={"origins": 36, "least": 20})


def at(day: int) -> datetime:
    return datetime.combine(START + timedelta(days=day), datetime.min.time(), UTC)


class Values:
    """Everything is worth 100."""

    def value_many(self, requests: list[ValuationRequest]) -> list[Any]:
        self.asked = requests
        return [
            SimpleNamespace(
                fmv="100.00", currency="USD", value_date=str(each.as_of or START),
                subject=SimpleNamespace(understood={"category": "drill"}, asked=each),
            )
            for each in requests
        ]  # fmt: skip


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Any]:
    """Sixty weeks: 600 drills asked at 70 to 140, seen weekly, sold the sooner the cheaper, withdrawn after a month."""
    connection = duckdb.connect()
    connection.execute(
        "SET TimeZone='UTC'; CREATE SCHEMA core; CREATE SCHEMA mart; CREATE SCHEMA raw;"
        "CREATE TABLE core.identity (source VARCHAR, id VARCHAR, product VARCHAR, category VARCHAR, grade VARCHAR,"
        " key VARCHAR);"
        "CREATE TABLE core.product_link (product_key VARCHAR, product VARCHAR, day DATE, until DATE);"
        "CREATE TABLE core.observation (source VARCHAR, id VARCHAR, kind VARCHAR, title VARCHAR, price DOUBLE,"
        " currency VARCHAR, observed_at TIMESTAMPTZ, observed_on DATE, price_anchor DOUBLE, condition VARCHAR,"
        " brand VARCHAR, region VARCHAR, seller VARCHAR, ended_at TIMESTAMPTZ);"
        "CREATE TABLE mart.level (unit VARCHAR, period DATE, days BIGINT, published DOUBLE);"
        "CREATE TABLE raw.price_series (source VARCHAR, series VARCHAR, statistic VARCHAR, days BIGINT, title VARCHAR,"
        " currency VARCHAR, unit VARCHAR, period DATE, value DECIMAL(18, 4), observed_at TIMESTAMPTZ,"
        " loaded_at TIMESTAMPTZ, row BIGINT)"
    )
    random = np.random.default_rng(5)
    rows = []
    for number in range(600):
        first, asked = int(random.integers(0, 390)), float(random.uniform(70, 140))
        sold = random.exponential(20 * (asked / 100) ** 3)
        for day in range(0, int(min(sold, 30)) + 1, 7):
            rows.append((number, "asking", asked, first + day))
        if sold < 30:
            rows.append((number, "sold", asked, first + math.ceil(sold)))
    offers = pd.DataFrame(rows, columns=["id", "kind", "price", "day"])
    assert len(offers)
    connection.execute(
        "INSERT INTO core.observation SELECT 'shop', id, kind, 'drill', price, 'USD', $start + to_days(day::INTEGER),"
        " ($start + to_days(day::INTEGER))::DATE, price, NULL, NULL, 'US-MO', 's' || id, NULL FROM offers",
        {"start": at(0)},
    )
    connection.execute(
        "INSERT INTO core.identity SELECT DISTINCT source, id, 'drill-x', 'drill', 'good', 'drill-x'"
        " FROM core.observation"
    )
    connection.execute(
        "INSERT INTO mart.level SELECT 'category:drill', ($start + to_days(7 * week::INTEGER))::DATE, 7, 0.01 * week"
        " FROM range(60) t(week)",
        {"start": at(0)},
    )
    connection.execute(
        "INSERT INTO raw.price_series SELECT 'gpu', 'card', 'mean', 1, 'Card', 'USD', NULL,"
        " ($start + to_days(day::INTEGER))::DATE, CASE WHEN day % 5 = 0 THEN 60 ELSE 300 + day % 3 END,"
        " $late, $late, day FROM range(0, 300, 2) t(day)",
        {"start": at(0), "late": at(500)},
    )
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def ahead(snapshot: Any) -> Iterator[Forecaster]:
    """A forecaster with the plain candidates alone: what is fitted is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "FITTED", {})
        for module in (rolling, outlook):
            patch.setattr(module, "fit_season", lambda days, values, **_: none_known(0, 0, "not looked for"))
        yield Forecaster("made", START + timedelta(days=419), "USD", snapshot.cursor, no_season, FAST, KNOBS.selling)


def test_an_offer_that_is_missing_from_a_source_still_read_has_ended(snapshot: Any) -> None:
    rows = offers_seen(snapshot, START + timedelta(days=419), KNOBS.selling)
    assert len(rows) == 600
    assert rows["was_sold"].mean() == pytest.approx(0.7, abs=0.1)
    assert rows["over"].sum() > 100
    assert not (rows["was_sold"] & rows["over"]).any()
    early = offers_seen(snapshot, START + timedelta(days=30), KNOBS.selling)
    assert early["first"].max() <= np.datetime64(START + timedelta(days=30))
    assert len(early) < 100
    nothing = offers_seen(snapshot, START - timedelta(days=9), KNOBS.selling)
    assert len(with_worth(nothing, Values(), "drill", KNOBS.selling).offers.days) == 0


def test_an_offer_is_valued_with_what_was_known_before_it_began(snapshot: Any) -> None:
    values, rows = Values(), offers_seen(snapshot, START + timedelta(days=419), KNOBS.selling)
    seen = with_worth(rows, values, "drill", KNOBS.selling)
    told = rows[rows["was_sold"] | rows["over"] | (rows["days"] >= 1)]
    for request, first in zip(values.asked, told["first"], strict=False):
        assert request.as_of is not None
        assert 1 <= (first.date() - request.as_of).days <= 7
    assert seen.sold + seen.ended + seen.still_there == len(seen.offers.days)
    assert not seen.ends_are_sales


def test_a_faster_sale_costs_money(ahead: Forecaster) -> None:
    asked = ValuationRequest(text="drill")
    week, month = (ahead.to_sell(Values(), asked, days) for days in (7, 25))
    assert week.price is not None
    assert month.price is not None
    assert float(week.price) < float(month.price)
    true = 100 * (-7 / (20 * math.log(0.5))) ** (1 / 3)
    assert float(week.price) == pytest.approx(true, rel=0.15)
    given = ahead.to_sell(Values(), asked, 7, price=130)  # type: ignore[arg-type]
    assert given.chance is not None
    assert given.chance < 0.4
    assert ahead.to_sell(Values(), asked, 300).reason == "too_far"


def test_the_forecast_of_a_segment_too_new_is_its_categorys(ahead: Forecaster) -> None:
    found = ahead.of_category("drill", "US-MO", 4)
    assert found.prices is not None
    assert found.prices.of == "category:drill"
    assert "category:drill" in found.notes[0]
    assert found.prices.model == "drift"
    assert float(found.prices.items[-1].expected) == pytest.approx(math.exp(0.04), abs=0.01)
    assert found.best_to_sell is not None
    assert found.sales is not None
    assert found is ahead.of_category("drill", "US-MO", 4)
    assert ahead.of_category("piano", None, 4).reason == "no_data"


def test_a_forecast_as_of_a_day_knows_only_periods_that_were_over(snapshot: Any) -> None:
    day = START + timedelta(days=7 * 30 + 3)
    found = market.levels(snapshot, "drill", None, day, no_season, 1)
    assert len(found[0].values) == 30
    sold = market.sales(snapshot, "drill", None, day)
    assert sold is not None
    assert len(sold.values) <= 30


def test_a_daily_series_is_read_by_the_week_without_its_broken_units(snapshot: Any, ahead: Forecaster) -> None:
    found = market.published_series(snapshot, "gpu/card", START + timedelta(days=419))
    assert found.series.step == 7.0
    assert math.exp(found.series.values[-1]) == pytest.approx(301, abs=2)
    assert np.exp(found.series.values[5:]).min() > 295
    answer = ahead.of_series("card", 3)
    assert answer.prices is not None
    assert float(answer.prices.items[0].expected) == pytest.approx(301, abs=5)
    with pytest.raises(market.UnknownSeries, match="no value above 0"):
        market.published_series(snapshot, "card", START - timedelta(days=9))


def test_the_weekly_index_counts_one_price_a_seller(snapshot: Any) -> None:
    rows = weekly_index(snapshot, "drill", None, window=20, method="tpd", as_of=None)
    assert rows[0]["index"] == 1.0
    assert all(0.6 < row["index"] < 1.6 for row in rows if row["index"])
    assert rows[10]["published_level"] == pytest.approx(math.exp(0.1), abs=1e-6)

"""What an analyst finds about the world: rates of all kinds, raw materials, series, wages, list prices."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from warehouse import build, load
from warehouse.records import CommodityPrice, ListPrice, PriceSeries, WageRate

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
JUNE = date(2022, 6, 15)
WHERE = {"run": "", "row": 1, "found_at": "here"}


@pytest.fixture
def ask(market, writing):
    """Load what has landed, build everything, and answer a query."""
    opened = []

    def answered(sql):
        if not opened:
            opened.append(writing())
        load.load(opened[0], market.home, market.now)
        build.build_core(opened[0], "USD")
        build.build_mart(opened[0])
        return opened[0].execute(sql).fetchall()

    return answered


def oil(price, period=date(2022, 9, 1), published=NOON, **fields):
    known = {"source": "bank", "commodity": "crude_oil_average", "title": "Crude oil, average", "days": 30}
    known |= {"currency": "USD", "unit": "bbl"}
    return CommodityPrice(**{**known, **WHERE, **fields}, price=Decimal(price), period=period, observed_at=published)


def index(value, period=date(2022, 9, 1), published=NOON, **fields):
    known = {"source": "fred", "series": "CPIAUCSL", "title": "CPIAUCSL", "days": 30, "statistic": "index"}
    return PriceSeries(**{**known, **WHERE, **fields}, value=Decimal(value), period=period, observed_at=published)


def wage(**fields):
    known = {
        "source": "oews",
        "occupation": "49-3091",
        "scheme": "SOC 2018",
        "title": "Bicycle Repairers",
        "area": "29",
    }
    known |= {"place": "Missouri", "region": "US-MO", "period": date(2025, 5, 1), "currency": "USD"}
    return WageRate(**{**known, **WHERE, **fields})


def new_article(price, **fields):
    known = {
        "source": "shop",
        "id": "1",
        "title": "Lamp",
        "currency": "USD",
        "observed_at": NOON,
        "price_path": "price",
    }
    return ListPrice(**{**known, **WHERE, **fields}, price=Decimal(price))


def test_a_revised_price_replaces_the_one_before(market, ask):
    month = timedelta(days=30)
    market.land(oil("88.22"), oil("90.5", published=NOON - month), oil("95.97", period=date(2022, 8, 1)))
    market.land(oil("99.9", published=NOON - 2 * month))  # an older release, read later
    assert ask("SELECT period, price, revisions, round(change, 4) FROM mart.commodity_price ORDER BY period") == [
        (date(2022, 8, 1), Decimal("95.97"), 0, None),
        (date(2022, 9, 1), Decimal("88.22"), 2, -0.0808),
    ]


def test_a_price_published_twice_at_one_moment_is_the_one_read_last(market, ask):
    market.land(oil("88"))
    ask("SELECT 1")
    market.now += timedelta(hours=1)
    market.land(oil("89"))
    assert ask("SELECT price, revisions FROM mart.commodity_price") == [(Decimal(89), 1)]


def test_a_name_that_drifts_is_one_series_and_shows_its_newest_title(market, ask):
    market.land(oil("80", period=date(2022, 8, 1), title="Crude oil, avg."), oil("88"))
    market.land(oil("5", commodity="natural_gas_us", unit="mmbtu"))
    rows = ask(
        "SELECT commodity, unit, count(*), max_by(title, period) FROM mart.commodity_price GROUP BY ALL ORDER BY 1"
    )
    assert rows == [
        ("crude_oil_average", "bbl", 2, "Crude oil, average"),
        ("natural_gas_us", "mmbtu", 1, "Crude oil, average"),
    ]


def test_an_index_is_shown_as_last_published_and_a_quarter_is_not_its_first_month(market, ask):
    july = date(2022, 7, 1)
    market.land(
        index("290", july),
        index("296.2"),
        index("296.5", published=NOON + timedelta(days=30)),
        index("291", july, days=91),
    )
    assert ask(
        "SELECT period, days, value, revisions, round(change, 5) FROM mart.price_series ORDER BY days, period"
    ) == [
        (july, 30, Decimal(290), 0, None),
        (date(2022, 9, 1), 30, Decimal("296.5"), 1, 0.02241),
        (july, 91, Decimal(291), 0, None),
    ]


def test_the_change_of_a_price_in_renamed_money_says_nothing(market, ask):
    money = {"statistic": "price", "series": "big_mac_TUR"}
    market.land(
        index("3950000", date(2004, 5, 1), currency="TRL", **money),
        index("4", date(2005, 6, 1), currency="TRY", **money),
        index("4.1", date(2006, 1, 1), currency="TRY", **money),
        index("0", date(2006, 5, 1), currency="TRY", **money),
        index("4.5", date(2007, 1, 1), currency="TRY", **money),
    )
    changes = ask("SELECT round(change, 3) FROM mart.price_series ORDER BY period")
    assert changes == [(None,), (None,), (0.025,), (-1.0,), (None,)]


def test_a_wage_says_whether_it_was_made_of_a_yearly_one_or_is_missing_for_being_high(market, ask):
    market.land(
        wage(mean=Decimal("13.96"), period=date(2016, 5, 1)),
        wage(mean=Decimal("18.90"), attributes={"prim_state": "MO"}),
        wage(occupation="25-2021", mean=Decimal("30"), attributes={"hourly_from": "annual / 2080", "h_mean": "*"}),
        wage(occupation="29-1216", attributes={"h_mean": "#"}),
    )
    rows = ask("SELECT occupation, period, is_newest, from_yearly, top_coded FROM mart.wage_rate ORDER BY 1, 2")
    may = date(2025, 5, 1)
    assert rows == [
        ("25-2021", may, True, True, False),
        ("29-1216", may, True, False, True),
        ("49-3091", date(2016, 5, 1), False, False, False),
        ("49-3091", may, True, False, False),
    ]


def test_the_last_list_price_of_a_day_counts_and_is_shown_in_the_anchor(market, ask):
    market.land(market.rate("USD", "1.25", NOON.date() - timedelta(days=2)))
    market.land(
        new_article("100", currency="EUR"),
        new_article("80", currency="EUR", observed_at=NOON + timedelta(hours=2)),
        new_article("100", currency="EUR", observed_at=NOON - timedelta(days=9)),
        new_article("60"),
        new_article("1", currency="XAU"),
    )
    rows = ask(
        "SELECT currency, day, is_newest, price, price_anchor, rate_age_days, round(change, 2) "
        "FROM mart.list_price ORDER BY 1, 2"
    )
    day = NOON.date()
    assert rows == [
        ("EUR", day - timedelta(days=9), False, Decimal(100), None, None, None),
        ("EUR", day, True, Decimal(80), 100.0, 2, -0.2),
        ("USD", day, True, Decimal(60), 60.0, 0, None),
        ("XAU", day, True, Decimal(1), None, None, None),
    ]


def land_each(market, *rates):
    """Rates of several sources: each lands on its own."""
    for rate in rates:
        market.land(rate)


def test_the_premium_of_the_street_over_the_bank(market, ask):
    later = JUNE + timedelta(days=4)
    land_each(
        market,
        market.rate("ARS", "100", JUNE, base="USD", source="bank"),
        market.rate("ARS", "120", JUNE, base="USD", source="other_bank"),
        market.rate("ARS", "209", JUNE, base="USD", source="street", kind="parallel"),
        market.rate("ARS", "209", later, base="USD", source="street", kind="parallel"),
        market.rate("USD", "0.005", JUNE, base="ARS", source="the_other_way", kind="parallel"),
    )
    rows = ask("SELECT source, observed_on, round(official, 6), round(premium, 6) FROM mart.fx_quote ORDER BY 1, 2")
    assert rows == [
        ("bank", JUNE, 110.0, None),
        ("other_bank", JUNE, 110.0, None),
        ("street", JUNE, 110.0, 0.9),
        ("street", later, None, None),
        ("the_other_way", JUNE, 0.009167, -0.454545),
    ]


def test_the_official_rate_of_a_pair_nobody_publishes_goes_through_the_euro(market, ask):
    land_each(
        market,
        market.rate("USD", "1.25", JUNE),
        market.rate("TRY", "20", JUNE),
        market.rate("TRY", "24", JUNE, base="USD", source="burgers", kind="implied"),
        market.rate("TRY", "22", JUNE, base="EUR", source="street", kind="parallel"),
        market.rate("XYZ", "22", JUNE, base="EUR", source="unknown", kind="parallel"),
    )
    rows = ask("SELECT source, official, round(premium, 6) FROM mart.fx_quote WHERE kind <> 'official' ORDER BY source")
    assert rows == [("burgers", 16.0, 0.5), ("street", 20.0, 0.1), ("unknown", None, None)]


def test_an_implied_rate_converts_no_price(market, ask):
    market.land(market.rate("ARS", "113", JUNE, base="USD", source="burgers", kind="implied"))
    assert ask("SELECT * FROM mart.fx_rate") == []


def test_the_marts_of_the_world_are_there_without_data(ask):
    for name in ("commodity_price", "price_series", "wage_rate", "list_price", "fx_quote"):
        assert ask(f"SELECT count(*) FROM mart.{name}") == [(0,)]


def test_attributes_stay_readable(market, ask):
    market.land(index("1", attributes={"footnotes": "P: Preliminary."}))
    ((attributes,),) = ask("SELECT attributes FROM mart.price_series")
    assert json.loads(attributes) == {"footnotes": "P: Preliminary."}

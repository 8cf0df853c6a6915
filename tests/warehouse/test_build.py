from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from warehouse import build, load
from warehouse.errors import BadInput
from warehouse.records import Judgement, PublishedLevel, Quarantined

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def core(market, writing):
    """Load what has landed and build the core; gives the connection."""

    def built(anchor="USD"):
        connection = writing()
        load.load(connection, market.home, market.now)
        build.build_core(connection, anchor)
        return connection

    return built


def priced(connection):
    found = connection.execute("SELECT id, round(price_anchor, 6), rate_age_days FROM core.observation ORDER BY id")
    return {row[0]: row[1:] for row in found.fetchall()}


def test_the_anchor_is_worth_itself_and_an_unknown_currency_nothing_known(market, core):
    market.land(market.listing(id="usd"), market.listing(id="xau", currency="XAU"))
    assert priced(core()) == {"usd": (50.0, 0), "xau": (None, None)}


def test_the_newest_rate_on_or_before_the_day_counts(market, core):
    day = NOON.date()
    market.land(
        market.rate("USD", "1.10", day - timedelta(days=3)),
        market.rate("USD", "1.20", day - timedelta(days=1)),
        market.rate("USD", "1.30", day + timedelta(days=1)),
    )
    market.land(
        market.listing(id="after a rate", currency="EUR"),
        market.listing(id="on the day", currency="EUR", observed_at=NOON - timedelta(days=1)),
        market.listing(id="before any", currency="EUR", observed_at=NOON - timedelta(days=9)),
        market.listing(id="late in the UTC day", currency="EUR", observed_at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC)),
    )
    assert priced(core()) == {
        "after a rate": (60.0, 1),
        "on the day": (60.0, 0),
        "before any": (None, None),
        "late in the UTC day": (60.0, 1),
    }


def test_an_old_rate_is_used_and_says_its_age(market, core):
    market.land(market.rate("USD", "1.10", NOON.date() - timedelta(days=200)))
    market.land(market.listing(currency="EUR"))
    assert priced(core()) == {"1": (55.0, 200)}


def test_a_rate_that_comes_later_changes_nothing_that_was_known_before(market, core):
    market.land(market.rate("USD", "1.10", NOON.date() - timedelta(days=200)))
    market.land(market.listing(currency="EUR"))
    connection = core()
    before = priced(connection)
    market.land(market.rate("USD", "99", NOON.date() + timedelta(days=1), source="later"))
    load.load(connection, market.home, market.now)
    build.build_core(connection, "USD")
    assert priced(connection) == before


def test_cross_rates_go_through_the_euro(market, core):
    day = NOON.date()
    market.land(*[market.rate(quote, rate, day) for quote, rate in (("USD", "1.25"), ("GBP", "0.80"), ("JPY", "160"))])
    market.land(
        market.listing(id="gbp", currency="GBP", price=Decimal(80)),
        market.listing(id="jpy", currency="JPY", price=Decimal(1600)),
        market.listing(id="eur", currency="EUR", price=Decimal(10)),
        market.listing(id="usd", price=Decimal("12.5")),
    )
    connection = core("USD")
    assert {k: v[0] for k, v in priced(connection).items()} == {"gbp": 125.0, "jpy": 12.5, "eur": 12.5, "usd": 12.5}
    build.build_core(connection, "EUR")
    assert {k: v[0] for k, v in priced(connection).items()} == {"gbp": 100.0, "jpy": 10.0, "eur": 10.0, "usd": 10.0}
    build.build_core(connection, "JPY")
    assert {k: v[0] for k, v in priced(connection).items()} == {"gbp": 16000, "jpy": 1600, "eur": 1600, "usd": 1600}


def test_a_published_pair_comes_before_a_cross_rate(market, core):
    day = NOON.date()
    market.land(market.rate("USD", "1.25", day), market.rate("GBP", "0.80", day))
    market.land(market.rate("USD", "1.50", day, base="GBP", source="other"))
    market.land(market.listing(currency="GBP", price=Decimal(10)))
    assert priced(core()) == {"1": (15.0, 0)}


def test_a_pair_without_euro_or_anchor_is_reached_in_two_steps(market, core):
    day = NOON.date()
    market.land(market.rate("USD", "1.25", day), market.rate("PEN", "5", day))
    market.land(market.rate("BOB", "2", day, base="PEN", source="other"))
    market.land(market.listing(currency="BOB", price=Decimal(80)))
    assert priced(core()) == {"1": (10.0, 0)}


def test_a_parallel_rate_is_not_taken_for_the_official_one(market, core):
    day = NOON.date()
    market.land(market.rate("ARS", "350", day, base="USD", kind="official"))
    market.land(market.rate("ARS", "650", day, base="USD", kind="parallel", source="street"))
    market.land(market.listing(currency="ARS", price=Decimal(700)))
    assert priced(core()) == {"1": (2.0, 0)}


def test_an_anchor_that_is_no_currency_is_refused(core):
    with pytest.raises(BadInput, match="not an ISO 4217 code"):
        core("dollars")


@pytest.fixture
def mart(market, core):
    def built():
        connection = core()
        connection.execute(
            "CREATE OR REPLACE TABLE core.identity AS "
            "SELECT DISTINCT source, id, 'drill' AS product, 'tools' AS category, 'good' AS grade FROM raw.listing"
        )
        build.build_mart(connection)
        return connection

    return built


def test_a_listing_is_shown_as_it_was_last_seen(market, mart):
    market.land(
        market.listing(price=Decimal(60), observed_at=NOON - timedelta(days=2)),
        market.listing(price=Decimal(40)),
        market.listing(price=Decimal(45), kind="sold"),
    )
    row = mart().execute(
        "SELECT kind, price, first_seen, last_seen, n_observations, product, category, grade FROM mart.listing"
    )
    assert row.fetchall() == [("sold", 45, NOON - timedelta(days=2), NOON, 3, "drill", "tools", "good")]


def test_a_product_bears_the_title_most_often_used(market, mart):
    market.land(
        market.listing(id="1", title="Bosch drill", seller="ann", brand="Bosch"),
        market.listing(id="2", title="drill, old", seller="ann", price=Decimal(20)),
        market.listing(id="3", title="Bosch drill", seller="bob", price=Decimal(70)),
        market.listing(id="4", title="Bosch drill", kind="wanted", price=Decimal(1)),
    )
    row = mart().execute(
        "SELECT product, title, category, brand, listings, sellers, median_price, currency FROM mart.product"
    )
    assert row.fetchall() == [("drill", "Bosch drill", "tools", "Bosch", 4, 2, 50.0, "USD")]


def test_a_listing_seen_often_counts_once_a_day_in_the_price_history(market, mart):
    often = [market.listing(id="1", price=Decimal(100), observed_at=NOON + timedelta(minutes=m)) for m in range(5)]
    market.land(
        *often, market.listing(id="2", price=Decimal(50)), market.listing(id="3", price=Decimal(10), kind="sold")
    )
    row = mart().execute("SELECT product, day, kind, median, n, currency FROM mart.price_history ORDER BY kind")
    day = NOON.date()
    assert row.fetchall() == [("drill", day, "asking", 75.0, 2, "USD"), ("drill", day, "sold", 10.0, 1, "USD")]


def test_the_level_of_a_period_is_the_one_published_last(market, mart):
    def level(snapshot, published, hours):
        return PublishedLevel(
            source="katy", unit="all", period=date(2026, 2, 23), days=7, raw=0.3, published=published, evidence=5,
            reconstructed=False, snapshot=snapshot, published_at=NOON + timedelta(hours=hours), run="", row=1,
        )  # fmt: skip

    market.land(level("b", 0.1, 1), level("a", 0.2, 2))
    market.land(level("b", 9.9, 1))  # published once, never revised
    connection = mart()
    assert connection.execute("SELECT count(*) FROM core.level").fetchone() == (2,)
    assert connection.execute("SELECT unit, published, snapshot FROM mart.level").fetchall() == [("all", 0.2, "a")]


def test_a_released_row_is_marked_in_the_quarantine(market, mart):
    def refused(name):
        return Quarantined(
            id=name, source="fair", of_record="listing", reason="no_price", message="no price", found_at="fair.csv",
            row_json=json.dumps({"price": ""}), reading_json="{}", quarantined_at=NOON, run="", row=1,
        )  # fmt: skip

    release = Judgement(
        id="j", source="fair", about="q1", verdict="release", detail_json="{}", judged_at=NOON, run="", row=1
    )
    market.land(refused("q1"), refused("q2"))
    market.land(refused("q1"))
    market.land(release)
    rows = mart().execute("SELECT id, released, released_at FROM ops.quarantine ORDER BY id").fetchall()
    assert rows == [("q1", True, NOON), ("q2", False, None)]


def test_marts_are_built_without_a_features_step_and_without_data(core):
    connection = core()
    build.build_mart(connection)
    build.build_mart(connection)
    assert connection.execute("SELECT count(*) FROM mart.listing").fetchone() == (0,)


def test_every_table_view_and_column_an_analyst_meets_is_explained(core):
    connection = core()
    build.build_mart(connection)
    unexplained = connection.execute(
        "SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns() "
        "WHERE schema_name IN ('mart', 'ops', 'raw') AND coalesce(comment, '') = '' "
        "UNION ALL SELECT schema_name || '.' || table_name FROM duckdb_tables() "
        "WHERE schema_name IN ('mart', 'ops', 'raw', 'core') AND coalesce(comment, '') = '' "
        "UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() "
        "WHERE schema_name IN ('mart', 'ops') AND coalesce(comment, '') = ''"
    ).fetchall()
    assert unexplained == []

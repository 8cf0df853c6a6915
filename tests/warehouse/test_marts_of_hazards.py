"""What analysts find of hazards and weather: each hazard as it stands, each day as it was and as it was foretold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from warehouse import build, load
from warehouse.records import HazardEvent, WeatherObservation

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def message(**fields):
    known = {
        "source": "nws", "id": "a", "thread": "flood 1", "event": "Flood Warning", "hazard": "flood",
        "status": "actual", "message_type": "alert", "sent": NOON, "region": "US-MO", "country": "USA", "run": "",
        "row": 1, "found_at": "here",
    }  # fmt: skip
    return HazardEvent(**(known | fields))


def weather(**fields):
    known = {
        "source": "open_meteo", "place": "St. Louis", "latitude": 38.63, "longitude": -90.2, "kind": "observed",
        "observed_on": date(2026, 3, 1), "run": "", "row": 1, "found_at": "here",
    }  # fmt: skip
    said = known | fields
    return WeatherObservation(**({"issued_on": said["observed_on"]} | said))


@pytest.fixture
def mart(market, writing):
    """Load what has landed, build, and ask a mart view: `mart("hazard", "starts", "ends")`."""

    def ask(view, *columns, where="true"):
        connection = writing()
        load.load(connection, market.home, market.now)
        build.build_core(connection, "USD")
        build.build_mart(connection)
        return connection.execute(
            f"SELECT {', '.join(columns)} FROM mart.{view} WHERE {where} ORDER BY 1, 2"
        ).fetchall()

    return ask


def test_a_hazard_is_one_row_whatever_is_said_of_it(market, mart):
    market.land(
        message(ends=NOON + 2 * HOUR, severity="moderate", headline="Flood Warning"),
        message(
            id="b", sent=NOON + HOUR, message_type="update", replaces="a", ends=NOON + 9 * HOUR, severity="severe",
            headline="It goes on",
        ),
        message(id="other", thread="flood 2", sent=NOON + HOUR),
        message(id="drill", thread="drill", status="exercise"),
    )  # fmt: skip
    columns = ("thread", "messages", "first_sent", "last_sent", "newest_id", "starts", "ends", "severity", "headline")
    assert mart("hazard", *columns) == [
        ("flood 1", 2, NOON, NOON + HOUR, "b", NOON + HOUR, NOON + 9 * HOUR, "severe", "It goes on"),
        ("flood 2", 1, NOON + HOUR, NOON + HOUR, "other", NOON + HOUR, None, None, None),
    ]


def test_a_cancelled_hazard_ends_when_it_was_cancelled(market, mart):
    market.land(
        message(ends=NOON + 9 * HOUR),
        message(id="c", sent=NOON + 2 * HOUR, message_type="cancel", replaces="a", ends=NOON + 9 * HOUR),
        message(id="late", sent=NOON + 3 * HOUR, message_type="update", ends=NOON + 20 * HOUR),
    )
    assert mart("hazard", "cancelled", "ends") == [(True, NOON + 2 * HOUR)]


def test_what_is_lifted_in_one_county_goes_on_in_the_next(market, mart):
    both, ended, going_on = {"UGC": "MOC183 MOC189"}, {"UGC": "MOC183"}, {"UGC": "MOC189"}
    market.land(
        message(ends=NOON + 4 * HOUR, geocodes=both),
        message(id="c", sent=NOON + HOUR, message_type="cancel", replaces="a", geocodes=ended),
        message(id="u", sent=NOON + HOUR, message_type="update", replaces="a", geocodes=going_on, ends=NOON + 6 * HOUR),
    )
    assert mart("hazard", "cancelled", "ends") == [(False, NOON + 6 * HOUR)]


def test_a_hazard_in_two_states_says_both_and_no_single_one(market, mart):
    market.land(
        message(),
        message(id="b", sent=NOON + HOUR, region="US-IL"),
        message(id="c", thread="one"),
        message(id="d", thread="wide", region=None, attributes={"regions": "US-OR US-WA"}),
        message(id="e", thread="somewhere", region=None),
    )
    assert mart("hazard", "thread", "region", "regions") == [
        ("flood 1", None, "US-IL US-MO"),
        ("one", "US-MO", "US-MO"),
        ("somewhere", None, None),
        ("wide", None, "US-OR US-WA"),
    ]


def test_damage_is_what_was_said_last(market, mart):
    market.land(
        message(damage=Decimal(1000), currency="USD"),
        message(sent=NOON + HOUR, damage=Decimal(2500000), currency="USD"),
        message(id="x", sent=NOON + 2 * HOUR),
    )
    assert mart("hazard", "damage", "currency", "messages") == [(Decimal(2500000), "USD", 3)]


def test_the_newest_forecast_stands_beside_what_was_observed(market, mart):
    day, next_day = date(2026, 3, 1), date(2026, 3, 2)
    market.land(weather(temperature_max=11.5), weather(place="Joplin", temperature_max=9.0))
    forecast = {"source": "open_meteo_forecast", "kind": "forecast"}
    market.land(
        weather(temperature_max=8.0, issued_on=day - timedelta(days=3), **forecast),
        weather(temperature_max=10.0, issued_on=day - timedelta(days=1), **forecast),
        weather(observed_on=next_day, temperature_max=13.0, issued_on=day, **forecast),
    )
    columns = ("day", "place", "temperature_max", "forecast_temperature_max", "forecast_issued_on")
    assert mart("weather", *columns) == [
        (day, "Joplin", 9.0, None, None),
        (day, "St. Louis", 11.5, 10.0, day - timedelta(days=1)),
        (next_day, "St. Louis", None, 13.0, day),
    ]


def test_every_column_says_what_it_is(market, mart):
    market.land(message())
    undescribed = """(SELECT table_name, column_name, comment FROM duckdb_columns()
        WHERE schema_name = 'mart' AND table_name IN ('hazard', 'weather'))"""
    assert mart(f"hazard, {undescribed} AS c", "c.table_name", "c.column_name", where="c.comment IS NULL") == []

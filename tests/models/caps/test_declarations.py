"""Declarations are read from messages about hazards, and bound a trade beside a value, never the value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from models.answers.value import Valuer
from models.caps.declarations import Declaration, read_declarations
from warehouse.query import read_only
from warehouse.valuation import ValuationRequest

DRILL = "Makita DHP453 cordless drill 18V"


@pytest.fixture
def messages() -> Iterator[Any]:
    connection = duckdb.connect()
    connection.execute(
        "CREATE SCHEMA raw; CREATE TABLE raw.hazard_event (source VARCHAR, thread VARCHAR, region VARCHAR, "
        "hazard VARCHAR, severity VARCHAR, headline VARCHAR, url VARCHAR, message_type VARCHAR, sent TIMESTAMPTZ, "
        "ends TIMESTAMPTZ, attributes JSON, geocodes JSON, status VARCHAR)"
    )
    yield connection
    connection.close()


def say(connection: Any, **fields: Any) -> None:
    known = {
        "source": "openfema", "thread": "DR-1-MO", "region": "US-MO", "hazard": "flood", "severity": "severe",
        "headline": "FLOODING", "url": "https://www.fema.gov/disaster/1", "message_type": "alert",
        "sent": "2026-03-02 12:00:00+00", "ends": None, "attributes": '{"declaration": "DR"}', "geocodes": "{}",
        "status": "actual",
    }  # fmt: skip
    row = known | fields
    connection.execute(
        f"INSERT INTO raw.hazard_event ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values())
    )


def test_a_declaration_is_one_with_its_counties_and_its_end(messages: Any) -> None:
    say(messages, geocodes='{"SAME": "029189"}')
    say(messages, geocodes='{"SAME": "029183"}')
    say(messages, message_type="update", sent="2026-03-20 00:00:00+00", ends="2026-03-19 23:59:59+00")

    (one,) = read_declarations(messages)

    assert (one.declarer, one.region, one.declared) == ("federal", "US-MO", date(2026, 3, 2))
    assert one.areas == ("029183", "029189")
    assert (one.ended, one.told) == (date(2026, 3, 19), date(2026, 3, 20))
    assert one.ends(date(2026, 3, 19)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"attributes": "{}", "headline": "Tornado Warning"},
        {"attributes": '{"declaration": "FM"}'},
        {"status": "exercise"},
        {"region": None},
    ],
    ids=["a weather alert", "a grant for fighting a fire", "an exercise", "nowhere"],
)
def test_what_declares_no_emergency_is_none(messages: Any, fields: dict[str, Any]) -> None:
    say(messages, **fields)

    assert read_declarations(messages) == []


def test_a_published_snapshot_can_be_asked(published: Any) -> None:
    connection = read_only(published.snapshot.path / "warehouse.duckdb")
    try:
        assert read_declarations(connection) == []
    finally:
        connection.close()


def test_the_cap_stands_beside_the_value_and_changes_nothing_of_it(published: Any, bazaar: Any) -> None:
    asked = ValuationRequest(text=DRILL, condition="good", region="US-MO", as_of=bazaar.day(80))
    flood = Declaration("d", "federal", "US-MO", bazaar.day(75), "flood", "severe")
    valuer = published.valuer
    stricken = Valuer(
        valuer.learned, valuer.rates, snapshot_id=valuer.snapshot_id, code_version=valuer.code_version,
        understanding=valuer.understanding, declarations=[flood],
    )  # fmt: skip

    explained = stricken.explain(asked)

    assert explained.valuation.canonical_json() == valuer.value(asked).canonical_json()
    assert valuer.explain(asked).trade_cap is None
    cap = explained.trade_cap
    assert cap is not None
    assert (cap.times, cap.since, cap.jurisdiction) == ("3", bazaar.day(75), "US-MO")
    # The bazaar stands still, but for the noise of a few sellers: it was worth before what it is worth.
    assert float(cap.baseline) == pytest.approx(float(explained.valuation.fmv or 0), rel=0.08)
    assert Decimal(cap.amount) == 3 * Decimal(cap.baseline)
    later = asked.model_copy(update={"as_of": bazaar.day(75) - timedelta(days=1)})
    assert stricken.explain(later).trade_cap is None

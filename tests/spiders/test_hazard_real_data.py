"""The account of public data files about hazards, row for row."""

from __future__ import annotations

import importlib
import os
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from features.hazards import active
from spiders.reader import Answer, Found, Note, Visit
from spiders.replay import believed, reader_of
from warehouse.records import HazardEvent, Quarantined

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files"
    ),
]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def take(source: str, name: str) -> tuple[list[HazardEvent], Counter[str], list[Note]]:
    """The events of a file, how many rows were quarantined for each reason, and what was told."""
    path = Path(os.environ["KATY_TEST_DATA"]) / "hazards" / name
    declared = importlib.import_module(f"spiders.{source}").SOURCE
    visit = Visit(source=declared, base=path.as_uri(), now=NOW)
    reader = reader_of(declared, visit)
    (ask,) = reader.start()
    items = list(reader.parse(Answer(ask, ask.url, path.read_bytes())))
    records = [believed(item, visit, ask.url, number) for number, item in enumerate(items) if isinstance(item, Found)]
    events = [one for one in records if isinstance(one, HazardEvent)]
    assert len({(one.id, one.sent) for one in events}) == len(events), "no row is taken for another"
    refused = Counter(one.reason for one in records if isinstance(one, Quarantined))
    return events, refused, [item for item in items if isinstance(item, Note)]


def test_declarations_are_accounted_for() -> None:
    events, refused, notes = take("openfema", "fema_declarations_1953_2024.csv.gz")
    kinds = Counter(one.message_type for one in events)
    # Of the 4,851 that can be believed, 1,976 ended after they were declared, which is a message of its own.
    assert kinds["alert"] + refused["ends_before_start"] == 4_853
    assert (kinds, refused, notes) == ({"alert": 4_851, "update": 1_976}, {"ends_before_start": 2}, [])
    assert {one.area for one in events if one.region == "US-MO"} == {"Missouri"}
    assert {one.country for one in events if one.region is None} == {"FSM", "MHL", "PLW"}
    assert Counter(one.severity for one in events if one.message_type == "alert")["severe"] == 2_760
    assert "other" in {one.hazard for one in events}


def test_storms_of_1994_are_accounted_for() -> None:
    events, refused, notes = take("storm_events", "storm_events/StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz")
    assert len(events) + refused.total() == 15_627
    assert (len(events), refused, notes) == (15_614, {"ends_before_start": 12, "bad_date": 1}, [])
    assert {one.sent for one in events} == {datetime(2017, 7, 17, tzinfo=UTC)}
    assert all(one.region for one in events)
    rainsville = next(one for one in events if one.id == "10314418")
    assert (rainsville.starts, rainsville.damage, rainsville.magnitude, rainsville.region) == (
        *(datetime(1994, 3, 27, 17, 32, tzinfo=UTC), Decimal(5_000_000), 4.0, "US-AL"),
    )


def test_storms_of_2019_are_accounted_for() -> None:
    events, refused, notes = take("storm_events", "storm_events/StormEvents_details-ftp_v1.0_d2019_c20190617.csv.gz")
    assert (len(events), refused.total(), notes) == (15_447, 0, [])
    at_sea = [one for one in events if one.region is None]
    assert len(at_sea) == 250
    assert {one.area.rpartition(", ")[2] for one in at_sea if one.area} == {
        *("LAKE ST CLAIR", "GULF OF MEXICO", "E PACIFIC", "ATLANTIC SOUTH", "ATLANTIC NORTH"),
        *("LAKE HURON", "LAKE MICHIGAN", "LAKE SUPERIOR", "LAKE ERIE"),
    }
    assert sum(one.damage is None for one in events) == 2_785, "the cells that are blank"
    assert "other" not in {one.hazard for one in events}


@pytest.mark.parametrize(("name", "items", "over"), [("gdacs-1.xml", 4, 0), ("gdacs-rss.xml", 16, 9)])
def test_disasters_of_the_world_are_accounted_for(name: str, items: int, over: int) -> None:
    events, refused, notes = take("gdacs", f"gdacs/{name}")
    assert (len(events), refused.total(), notes) == (items, 0, [])
    assert sum(one.ends is not None for one in events) == over
    assert all(one.latitude is not None and one.severity for one in events)


def test_alerts_are_accounted_for() -> None:
    (one,), refused, _ = take("nws", "nws/alerts_active_zone.json")
    assert (refused.total(), one.thread, one.region) == (0, "KPQR.FA.A.0004.2019", None)
    assert one.attributes["regions"] == "US-OR US-WA"
    two, refused, _ = take("nws", "nws/alerts_active_zone_second.json")
    assert (refused.total(), len(two), {each.thread for each in two}) == (0, 2, {one.thread})
    (here,) = active(two, datetime(2019, 12, 21, tzinfo=UTC), "US-OR")
    assert (here.hazard, here.severity, len(here.areas)) == ("flood", "severe", 6)
    assert active(two, datetime(2019, 12, 22, 18, tzinfo=UTC)) == []


def test_an_hour_of_a_weather_station_is_no_alert_and_is_set_aside() -> None:
    events, refused, _ = take("nws", "nws/stations_observations.json")
    assert (events, refused) == ([], {"no_alert": 1})

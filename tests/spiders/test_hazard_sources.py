"""The sources of weather and hazards: what they can be asked for, and that no answer, however odd, breaks one."""

from __future__ import annotations

import copy
import csv
import gzip
import importlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.reader import Answer, Found, Item, Unreadable, Visit
from spiders.replay import believed, reader_of
from warehouse.errors import BadInput
from warehouse.records import HazardEvent, Quarantined

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CASES = Path(__file__).parent / "sources"
NAMES = ("nws", "openfema", "open_meteo", "open_meteo_forecast", "gdacs", "usgs", "storm_events")


def visit(name: str, *targets: str, base: str | None = None) -> Visit:
    source = importlib.import_module(f"spiders.{name}").SOURCE
    return Visit(source=source, base=base or source.base, now=NOW, targets=targets)


def read(name: str, body: bytes, url: str = "file:///a/file", **told: str) -> list[Item]:
    """What the source's reader makes of an answer; an empty list where it calls it unreadable."""
    reader = reader_of(visit(name).source, visit(name, base=url))
    ask = next(iter(reader.start()))
    try:
        return list(reader.parse(Answer(ask, url, body)))
    except Unreadable:
        return []


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("nws", "Missouri"),
        ("nws", "mo; drop"),
        ("usgs", "4.5_year"),
        ("usgs", "week"),
        ("openfema", "yesterday"),
        ("openfema", "ZZ"),
        ("open_meteo", "St. Louis"),
        ("open_meteo", "91,0"),
        ("open_meteo", "1,1,US-MO,Here,2026-13-01,2026-12-01"),
        ("open_meteo_forecast", "38.6"),
        ("storm_events", "19"),
    ],
)
def test_a_target_that_cannot_be_asked_for_is_refused_with_the_way_out(name: str, target: str) -> None:
    reader = reader_of(visit(name).source, visit(name, target))
    folder = b'<a href="StormEvents_details-ftp_v1.0_d2019_c20190617.csv.gz">'

    def ask() -> None:
        asks = list(reader.start())
        list(reader.parse(Answer(asks[0], asks[0].url, folder)))

    with pytest.raises(BadInput) as refused:
        ask()
    assert f'"{target}"' in str(refused.value)
    assert "say " in str(refused.value)


def test_weather_is_not_asked_for_nowhere() -> None:
    with pytest.raises(BadInput, match="for which places"):
        list(reader_of(visit("open_meteo").source, visit("open_meteo")).start())


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        ("MO", "https://api.weather.gov/alerts/active?area=MO"),
        ("MOC189", "https://api.weather.gov/alerts/active?zone=MOC189"),
        ("38.6, -90.2", "https://api.weather.gov/alerts/active?point=38.6%2C-90.2"),
    ],
)
def test_alerts_are_asked_for_by_state_zone_or_point(target: str, asked: str) -> None:
    reader = reader_of(visit("nws").source, visit("nws", target))
    assert [ask.url for ask in reader.start()] == [asked]


@pytest.mark.parametrize(
    ("written", "damage"),
    [
        ("10.00K", "10000"), ("1.5M", "1500000"), ("2B", "2000000000"), (".5k", "500"), ("2h", "200"), ("0", "0"),
        ("0.00K", "0"), ("500", "500"), ("1,200", "1200"), ("0.01K", "10"), ("", None), ("K", None),
    ],
)  # fmt: skip
def test_damage_is_a_sum_of_dollars(written: str, damage: str | None) -> None:
    (event,) = _storms(DAMAGE_PROPERTY=written)
    assert isinstance(event, HazardEvent)
    assert (None if event.damage is None else str(event.damage), event.currency) == (damage, damage and "USD")
    assert event.attributes.get("damage_as_written") == ("K" if written == "K" else None)


@pytest.mark.parametrize(
    ("month", "written", "zone", "moment"),
    [
        ("195006", "28-JUN-50 23:10:00", "CST", "1950-06-29T05:10:00+00:00"),
        ("205006", "28-JUN-50 23:10:00", "CST-6", "2050-06-29T05:10:00+00:00"),
        ("196906", "28-JUN-69 12:00:00", "EDT", "1969-06-28T16:00:00+00:00"),
        ("201906", "28-JUN-19 12:00:00", "GST10", "2019-06-28T02:00:00+00:00"),
        ("201906", "28-JUN-19 12:00:00", "AKST-9", "2019-06-28T21:00:00+00:00"),
    ],
)
def test_two_digits_of_a_year_are_of_the_century_the_month_says(
    month: str, written: str, zone: str, moment: str
) -> None:
    times = {"BEGIN_YEARMONTH": month, "END_YEARMONTH": month, "BEGIN_DATE_TIME": written, "END_DATE_TIME": written}
    (event,) = _storms(CZ_TIMEZONE=zone, **times)
    assert isinstance(event, HazardEvent)
    assert event.starts is not None
    assert event.starts.isoformat() == moment


def _storms(**cells: str) -> list[Any]:
    """The first event of the hand-written file with other cells, as a record."""
    lines = _storm_lines()
    lines[0].update(cells)
    found = [item for item in read("storm_events", _csv(lines[:1])) if isinstance(item, Found)]
    return [believed(one, visit("storm_events"), "here", 1) for one in found]


def _storm_lines() -> list[dict[str, str]]:
    text = gzip.decompress((CASES / "storm_events/newest/2019.csv.gz").read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _csv(lines: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, lines[0])
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


_JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
_JSON = {
    "nws": "nws/alerts/active.json",
    "usgs": "usgs/week/all_week.geojson",
    "openfema": "openfema/pages/two.json",
    "open_meteo": "open_meteo/units/two.json",
    "open_meteo_forecast": "open_meteo_forecast/forecast/stl.json",
}


def _spoiled(said: Any, data: st.DataObject) -> Any:
    """The document with one value of it, at any depth, replaced by junk."""
    whole = copy.deepcopy(said)
    place, parent, key = whole, None, None
    while isinstance(place, dict | list) and place and (parent is None or data.draw(st.integers(0, 4))):
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        parent, key = place, data.draw(st.sampled_from(keys))
        place = place[key]
    if parent is None:
        return data.draw(_JUNK)
    parent[key] = data.draw(_JUNK)
    return whole


@pytest.mark.parametrize("name", sorted(_JSON))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_odd_value_breaks_the_reading_of_a_document(name: str, data: st.DataObject) -> None:
    said = json.loads((CASES / _JSON[name]).read_text(encoding="utf-8"))
    for item in read(name, json.dumps(_spoiled(said, data)).encode()):
        if isinstance(item, Found):
            record = believed(item, visit(name), "here", 1)
            assert record.record in {*visit(name).source.records, Quarantined.record}


@settings(max_examples=25, deadline=None)
@given(st.data(), st.text(max_size=12))
def test_no_odd_cell_breaks_the_reading_of_storms(data: st.DataObject, junk: str) -> None:
    lines = _storm_lines()[:3]
    column = data.draw(st.sampled_from(sorted(lines[0])))
    lines[1][column] = junk.replace("\r", "").replace("\x00", "")
    rows = [item for item in read("storm_events", _csv(lines)) if isinstance(item, Found)]
    assert len(rows) == 3


@settings(max_examples=25, deadline=None)
@given(st.data(), st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=12))
def test_no_odd_text_breaks_the_reading_of_the_feed(data: st.DataObject, junk: str) -> None:
    whole = (CASES / "gdacs/feed/rss.xml").read_text(encoding="utf-8-sig")
    texts = [
        "Fri, 20 Nov 2026 06:00:00 GMT",
        ">TC<",
        ">1000642<",
        "-20.5 -178.8",
        ">Orange<",
        "129.6288",
        ">true<",
        ">15<",
    ]
    old = data.draw(st.sampled_from(texts))
    clean = "".join(sign for sign in junk if sign not in '<>&"')
    new = f">{clean}<" if old.startswith(">") else clean
    found = [item for item in read("gdacs", whole.replace(old, new).encode()) if isinstance(item, Found)]
    assert len(found) == whole.count("<item>")
    assert all(believed(one, visit("gdacs"), "here", 1) for one in found)


@pytest.mark.parametrize("name", NAMES)
@given(body=st.binary(max_size=40))
@settings(max_examples=15, deadline=None)
def test_what_is_no_answer_at_all_gives_no_records(name: str, body: bytes) -> None:
    assert not [item for item in read(name, body) if isinstance(item, Found)]

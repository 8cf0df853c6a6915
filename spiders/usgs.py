"""Earthquakes of the US Geological Survey: the summary feeds, whose events are revised for days after they happened.

Traps: milliseconds since 1970, also before it; networks have names of their own for one event, and which is preferred
changes; coordinates are longitude, latitude, depth; no magnitude yet; explosions and ice quakes; Georgia is a country
too; an event that was deleted ends its alert.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.errors import BadInput
from warehouse.hazards import hazard_of, known_hazard, severity_of_colour, told_unknown
from warehouse.reading.us_states import region_of

SOURCE = Source(
    name="usgs",
    title="US Geological Survey: earthquakes",
    records=("hazard_event",),
    reader="spiders.usgs:UsgsReader",
    licence_note="Public domain (US government work)",
    follows="https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php",
    cadence=timedelta(hours=1),
    base="https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary",
    api=True,
    targets=("4.5_week", "significant_month"),
    target_note="a summary feed: significant, 4.5, 2.5, 1.0 or all, then _hour, _day, _week or _month (2.5_day)",
    fields={
        "event": "features[].properties.type",
        "hazard": "features[].properties.type, in Katy's words",
        "status": "actual, always",
        "message_type": "features[].properties.status: automatic is alert, reviewed update, deleted cancel",
        "id": "features[].id",
        "thread": "features[].properties.ids (the first in order of letters)",
        "sent": "features[].properties.updated (ms)",
        "starts": "features[].properties.time (ms)",
        "severity": "features[].properties.alert (PAGER's colour), else by magnitude",
        "magnitude": "features[].properties.mag, in magType",
        "latitude": "features[].geometry.coordinates[1]",
    },
    needs_target=True,
)
_SIZES = ("significant", "4.5", "2.5", "1.0", "all")
_SPANS = ("hour", "day", "week", "month")
# An event that a person has looked at is an update of what a machine had said first.
_TYPES = {"automatic": "alert", "reviewed": "update", "deleted": "cancel"}
# West of here, "…, Georgia" and "…, Puerto Rico" are what they are in the United States.
_AMERICAN = (-180.0, -60.0)


class UsgsReader(Reader):
    """One ask for each feed."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved or self.visit.base.endswith(".geojson"):
            yield Ask(self.visit.base)
            return
        for target in self.visit.targets:
            size, _, span = target.removesuffix(".geojson").rpartition("_")
            if size not in _SIZES or span not in _SPANS:
                raise BadInput(f'usgs has no feed "{target}": say {SOURCE.target_note}')
            yield Ask(self.at(f"{size}_{span}.geojson"))

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        features = said.get("features") if isinstance(said, dict) else None
        if not isinstance(features, list):
            raise Unreadable("it is no GeoJSON collection of earthquakes: it has no features")
        unknown = []
        for feature in features:
            if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
                row = {"feature": json.dumps(feature)[:500]}
                yield Found("hazard_event", row, reason="no_event", message="it has no properties")
                continue
            found = _event(feature)
            kind = found.row.get("event", "")
            if kind and known_hazard(kind) is None:
                unknown.append(kind)
            yield found
        if told := told_unknown(unknown):
            yield Note(told)


def _event(feature: Mapping[str, Any]) -> Found:
    said = feature["properties"]
    identity = str(feature.get("id") or f"{said.get('net') or ''}{said.get('code') or ''}")
    # ",us7000abcd,ci40000000,": every network's name for it; which one is preferred changes while it is looked at.
    names = sorted(
        {name for name in str(said.get("ids") or "").split(",") if name} | ({identity} if identity else set())
    )
    longitude, latitude, depth = _place(feature.get("geometry"))
    kind = str(said.get("type") or "earthquake").replace("_", " ")
    status = str(said.get("status") or "automatic").lower()
    happened = _moment(said.get("time"))
    place = str(said.get("place") or "")
    region = _region(place, longitude)
    row = texts(
        id=identity,
        thread=names[0] if names else None,
        event=kind,
        hazard=hazard_of(kind),
        status="actual",
        message_type=_TYPES.get(status, "alert"),
        sent=_moment(said.get("updated")) or happened,
        starts=happened,
        ends=happened,
        severity=severity_of_colour(str(said.get("alert") or "")) or _severity(kind, said.get("mag")),
        certainty="observed",
        urgency="past",
        headline=said.get("title"),
        area=place,
        region=region,
        country="USA" if region else None,
        latitude=latitude,
        longitude=longitude,
        magnitude=said.get("mag"),
        magnitude_unit=said.get("magType") if said.get("mag") is not None else None,
        url=said.get("url"),
        replaces=" ".join(name for name in names if name != identity),
        depth_km=depth,
        review=status,
        **{name: said.get(name) for name in ("alert", "sig", "tsunami", "felt", "cdi", "mmi", "net")},
    )
    return Found("hazard_event", row, found_at=said.get("url") or None)


def _severity(kind: str, magnitude: object) -> str | None:
    """What is to be expected where PAGER has not spoken: it does for the larger ones, after a while.

    Steps after the USGS table "Magnitude / Intensity Comparison": VI from 5 on, VII to IX from 6 on, more from 7 on.
    """
    try:
        strength = float(str(magnitude))
    except ValueError:
        return None
    if hazard_of(kind) != "earthquake" or strength < 5:
        return "minor"
    return "moderate" if strength < 6 else "severe" if strength < 7 else "extreme"


def _moment(milliseconds: object) -> str | None:
    """Milliseconds since 1970, also before it; what is no such number is handed on as it stands."""
    if milliseconds is None:
        return None
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(str(milliseconds)))).isoformat()
    except (ValueError, OverflowError):
        return str(milliseconds)


def _place(geometry: Any) -> tuple[str | None, str | None, str | None]:
    """Longitude, latitude, depth in km, as written; None where they are not."""
    drawn = geometry.get("coordinates") if isinstance(geometry, dict) else None
    parts = [None if one is None else str(one) for one in drawn] if isinstance(drawn, list) else []
    longitude, latitude, depth = (*parts, None, None, None)[:3]
    return longitude, latitude, depth


def _region(place: str, longitude: str | None) -> str | None:
    """The state in "8 km NW of The Geysers, CA" or "42 km SSE of Sand Point, Alaska"; None abroad."""
    try:
        american = longitude is not None and _AMERICAN[0] <= float(longitude) <= _AMERICAN[1]
    except ValueError:
        return None
    state = place.rpartition(",")[2].strip().removesuffix(" region")
    return region_of(state) if american and state and not state.isdecimal() else None

"""Active alerts of the US National Weather Service: watches, warnings, advisories, their updates and cancellations.

Traps: an update may cancel (VTEC) whatever CAP calls it; references come as objects or as text with an e-mail
address, which is left out; VTEC numbers begin anew each year, and an event may last into the next; all noughts for a
time that is not known; no geometry, or one across the date line; alerts of several states; features that are no
alerts; a page that names itself as its next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.errors import BadInput
from warehouse.hazards import hazard_of, known_hazard, told_unknown
from warehouse.reading.dates import read_instant
from warehouse.reading.us_states import region_of

SOURCE = Source(
    name="nws",
    title="US National Weather Service: active alerts",
    records=("hazard_event",),
    reader="spiders.nws:NwsReader",
    licence_note="Public domain (US government work); a User-Agent that names the caller is required",
    follows="https://www.weather.gov/documentation/services-web-api (GeoJSON of CAP 1.2; VTEC: NWS Directive 10-1703)",
    cadence=timedelta(minutes=10),
    base="https://api.weather.gov/alerts/active",
    api=True,
    fields={
        "event": "properties.event",
        "hazard": "properties.event, in Katy's words",
        "status": "properties.status",
        "message_type": "properties.messageType; cancel where VTEC ends it",
        "id": "properties.id",
        "thread": "properties.parameters.VTEC (office.phenomenon.significance.number.year), else properties.references",
        "sent": "properties.sent",
        "starts": "properties.onset, else effective",
        "ends": "properties.ends, else the end in VTEC",
        "expires": "properties.expires",
        "geocodes": "properties.geocode",
        "region": "properties.geocode.UGC, where all are of one state",
        "latitude": "geometry (centroid)",
        "replaces": "properties.references[].identifier",
    },
    target_note="a state or sea area (MO, GM), a zone or county (MOZ061, MOC189), or a point (38.6,-90.2); none: all",
)
_TYPES = frozenset({"alert", "update", "cancel"})
_STATUSES = frozenset({"actual", "exercise", "system", "test", "draft"})
# /k.aaa.cccc.pp.s.####.yymmddThhnnZB-yymmddThhnnZE/: class, action, office, phenomenon, significance, number, times.
_VTEC = re.compile(
    r"/(?P<kind>[OTEX])\.(?P<action>[A-Z]{3})\.(?P<office>[A-Z]{4})\.(?P<phenomenon>[A-Z]{2})\.(?P<significance>[A-Z])"
    r"\.(?P<number>\d{4})\.(?P<begin>\d{6}T\d{4}Z)-(?P<end>\d{6}T\d{4}Z)/"
)
# The event is over for the areas of such a message, or lives on under another name.
_ENDING = frozenset({"CAN", "UPG"})
_UGC = re.compile(r"[A-Z]{2}[CZ]\d{3}")
_POINT = re.compile(r"-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?")
# Of every list, for a row stays readable: an alert may name hundreds of zones.
_MOST_CODES = 600


class NwsReader(Reader):
    """One ask for each target, or one for the whole feed."""

    def start(self) -> Iterator[Ask]:
        if not self.visit.targets or self.visit.saved:
            yield Ask(self.visit.base)
            return
        for target in self.visit.targets:
            yield Ask(self.at(**{_query(target): target.replace(" ", "")}))

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        features = said.get("features") if isinstance(said, dict) else None
        if not isinstance(features, list):
            told = said.get("detail") or said.get("title") if isinstance(said, dict) else None
            raise Unreadable(f"it is no collection of alerts: {told or 'it has no features'}")
        unknown: list[str] = []
        for feature in features:
            found = _alert(feature)
            event = found.row.get("event")
            if event and known_hazard(event) is None:
                unknown.append(event)
            yield found
        if told := told_unknown(unknown):
            yield Note(told)
        yield from self._next(said, answer)

    def _next(self, said: Mapping[str, Any], answer: Answer) -> Iterator[Item]:
        """Long answers come in pages, each with the address of the next; the last one's next is empty."""
        following = _object(said.get("pagination")).get("next")
        if not following or self.visit.saved or not said["features"]:
            return
        if following == answer.ask.url:
            yield Note("the feed names a page as its own next one; reading stops there")
            return
        yield Ask(following)


def _query(target: str) -> str:
    """What the service calls such a target."""
    text = target.replace(" ", "")
    if re.fullmatch(r"[A-Z]{2}", text):
        return "area"
    if _UGC.fullmatch(text):
        return "zone"
    if _POINT.fullmatch(text):
        return "point"
    raise BadInput(f'nws cannot be asked for "{target}": say {SOURCE.target_note}')


def _alert(feature: Any) -> Found:
    """One alert as a row; what is no alert is told apart by its reason."""
    feature = feature if isinstance(feature, dict) else {"feature": feature}
    said = feature.get("properties")
    if not isinstance(said, dict):
        row = {"feature": json.dumps(feature)[:500]}
        return Found("hazard_event", row, reason="no_alert", message="it has no properties")
    if "messageType" not in said:
        what = str(said.get("@type") or "something").removeprefix("wx:")
        row = texts(**{name: value for name, value in said.items() if isinstance(value, str)})
        return Found(
            "hazard_event", row, reason="no_alert", message=f"it is no alert but {what}: it has no messageType"
        )
    earlier = _references(said)
    vtec = _vtec(said)
    event = str(said.get("event") or "")
    latitude, longitude = _centroid(feature.get("geometry"))
    states = sorted({code[:2] for code in _codes(said, "UGC")})
    regions = [region for state in states if (region := region_of(state))]
    identity = said.get("id") or str(feature.get("id") or "").rpartition("/")[2]
    found_at = str(feature.get("id") or "")
    row = texts(
        id=identity,
        thread=_thread(vtec, said, earlier) or identity,
        event=event,
        hazard=hazard_of(event),
        status=str(said.get("status") or "").lower(),
        message_type=_message_type(said, vtec),
        sent=said.get("sent"),
        starts=said.get("onset") or said.get("effective"),
        ends=said.get("ends") or (_vtec_time(vtec["end"]) if vtec else None),
        expires=said.get("expires"),
        severity=str(said.get("severity") or "").lower(),
        certainty=str(said.get("certainty") or "").lower(),
        urgency=str(said.get("urgency") or "").lower(),
        headline=said.get("headline"),
        description=said.get("description"),
        area=said.get("areaDesc"),
        region=regions[0] if len(states) == 1 and regions else None,
        country="USA",
        latitude=latitude,
        longitude=longitude,
        url=found_at if found_at.startswith("http") else None,
        replaces=" ".join(identifier for identifier, _ in earlier),
        regions=" ".join(regions),
        **{f"geocodes.{system}": " ".join(_codes(said, system)) for system in ("SAME", "UGC")},
        **{name: said.get(name) for name in ("category", "response", "instruction", "senderName")},
        vtec=vtec[0] if vtec else None,
    )
    reason, message = _refused(row)
    return Found("hazard_event", row, reason=reason, message=message, found_at=row.get("url"))


def _refused(row: Mapping[str, str]) -> tuple[str | None, str]:
    if row.get("message_type") not in _TYPES:
        return "bad_message_type", f'messageType "{row.get("message_type", "")}" is none of Alert, Update, Cancel'
    if row.get("status") not in _STATUSES:
        return "bad_status", f'status "{row.get("status", "")}" is none of {", ".join(sorted(_STATUSES))}'
    return None, ""


def _message_type(said: Mapping[str, Any], vtec: re.Match[str] | None) -> str:
    """What the message does. An update whose event is cancelled or upgraded in VTEC ends it, whatever CAP calls it."""
    word = str(said.get("messageType") or "").lower()
    return "cancel" if word == "update" and vtec and vtec["action"] in _ENDING else word


def _references(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The earlier messages this one stands for: (identifier, sent), oldest first, each once.

    They come as objects, or as CAP's own text "sender,identifier,sent sender,identifier,sent"; the sender is an e-mail
    address and is left out.
    """
    found: dict[str, str] = {}
    parameters = _object(said.get("parameters"))
    for one in [*_listed(said.get("references")), *_listed(parameters.get("expiredReferences"))]:
        if isinstance(one, dict):
            identifier = one.get("identifier") or str(one.get("@id") or "").rpartition("/")[2]
            if identifier:
                found.setdefault(str(identifier), str(one.get("sent") or ""))
        elif isinstance(one, str):
            for part in one.split():
                pieces = part.split(",")
                if len(pieces) == 3:
                    found.setdefault(pieces[1], pieces[2])
    return sorted(found.items(), key=lambda one: (_moment(one[1]), one[0]))


def _thread(vtec: re.Match[str] | None, said: Mapping[str, Any], earlier: list[tuple[str, str]]) -> str:
    """What all messages of an event share: its VTEC number, counted anew each year, or the first message of the chain.

    The year is the one of the first message known, because an event may last into the next.
    """
    if vtec is None:
        return earlier[0][0] if earlier else ""
    years = [_moment(text).year for text in (said.get("sent") or "", *(sent for _, sent in earlier)) if text]
    year = min((one for one in years if one < 9999), default=0)
    return f"{vtec['office']}.{vtec['phenomenon']}.{vtec['significance']}.{vtec['number']}.{year}"


def _vtec(said: Mapping[str, Any]) -> re.Match[str] | None:
    """The event of the message: of several VTEC lines the one that goes on, unless all of them end."""
    lines = [str(one) for one in _listed(_object(said.get("parameters")).get("VTEC"))]
    found = [match for line in lines for match in _VTEC.finditer(line)]
    return next((match for match in found if match["action"] not in _ENDING), found[0] if found else None)


def _vtec_time(text: str) -> str | None:
    """ "191222T1800Z" as ISO 8601; all noughts stand for a time that is not known."""
    try:
        return datetime.strptime(text, "%y%m%dT%H%MZ").replace(tzinfo=UTC).isoformat()
    except ValueError:
        return None


def _moment(text: object) -> datetime:
    return read_instant(str(text)) or datetime.max.replace(tzinfo=UTC)


def _codes(said: Mapping[str, Any], system: str) -> list[str]:
    return [str(one) for one in _listed(_object(said.get("geocode")).get(system))][:_MOST_CODES]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _centroid(geometry: Any) -> tuple[str | None, str | None]:
    """The middle of the alert's polygon, of the largest of several; (None, None) where it is drawn by zones only."""
    rings = _rings(geometry)
    if not rings:
        return None, None
    _, longitude, latitude = max((_middle(ring) for ring in rings), key=lambda one: one[0])
    return f"{latitude:.4f}", f"{(longitude + 180) % 360 - 180:.4f}"


def _rings(geometry: Any) -> list[list[tuple[float, float]]]:
    if not isinstance(geometry, dict) or not isinstance(geometry.get("coordinates"), list):
        return []
    drawn = geometry["coordinates"]
    outer = {"Polygon": drawn[:1], "MultiPolygon": [one[0] for one in drawn if one], "Point": [[drawn]]}
    try:
        rings = [[(float(point[0]), float(point[1])) for point in ring] for ring in outer.get(geometry["type"], [])]
    except (TypeError, ValueError, IndexError, KeyError):
        return []
    return [ring for ring in rings if ring]


def _middle(ring: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Area, longitude and latitude of a ring's centroid (Bourke 1988), counted eastwards across the date line."""
    across = max(x for x, _ in ring) - min(x for x, _ in ring) > 180
    points = [(x + 360 if across and x < 0 else x, y) for x, y in ring]
    twice = east = north = 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        cross = x0 * y1 - x1 * y0
        twice, east, north = twice + cross, east + (x0 + x1) * cross, north + (y0 + y1) * cross
    if abs(twice) < 1e-9:
        return 0.0, sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    return abs(twice) / 2, east / (3 * twice), north / (3 * twice)

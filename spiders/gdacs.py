"""The Global Disaster Alert and Coordination System (GDACS): disasters of the world with their humanitarian impact.

Traps: while a disaster goes on, `todate` is only when it was last looked at; that it is over changes nothing else in
the feed, and is a message of its own; boxes are written in another order than documented, so the point counts; floods
have a strength of 0 without a unit; several countries in one alert; dates as RFC 822; XML that would unpack without
end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from spiders.reader import Answer, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.hazards import hazard_of, known_hazard, severity_of_colour, told_unknown

SOURCE = Source(
    name="gdacs",
    title="GDACS: disaster alerts of the world",
    records=("hazard_event",),
    reader="spiders.gdacs:GdacsReader",
    licence_note="Free to use with GDACS (European Union, United Nations) named; no warranty for life-saving decisions",
    follows="https://www.gdacs.org/feed_reference.aspx (RSS 2.0 with gdacs:, georss:, geo:)",
    cadence=timedelta(hours=1),
    base="https://www.gdacs.org/xml/rss.xml",
    fields={
        "event": "gdacs:eventtype",
        "hazard": "gdacs:eventtype, in Katy's words",
        "status": "actual, always",
        "message_type": "gdacs:version, gdacs:episodeid, gdacs:iscurrent: alert or update",
        "id": "gdacs:eventtype + gdacs:eventid + gdacs:episodeid",
        "thread": "gdacs:eventtype + gdacs:eventid",
        "sent": "gdacs:datemodified, else pubDate",
        "starts": "gdacs:fromdate",
        "ends": "gdacs:todate, once gdacs:iscurrent is false",
        "severity": "gdacs:alertlevel (Green minor, Yellow moderate, Orange severe, Red extreme)",
        "magnitude": "gdacs:severity@value, in @unit",
        "latitude": "georss:point, else geo:Point",
        "country": "gdacs:iso3, where gdacs:country names one country",
    },
)
_GDACS = "{http://www.gdacs.org}"
_GEORSS = "{http://www.georss.org/georss}"
_GEO = "{http://www.w3.org/2003/01/geo/wgs84_pos#}"
_KEPT = (
    *("alertlevel", "alertscore", "episodealertlevel", "eventname", "iscurrent", "temporary", "bbox", "iso3", "glide"),
    *("version", "population", "vulnerability", "durationinweek", "calculationtype"),
)


class GdacsReader(Reader):
    """The feed is one page."""

    def parse(self, answer: Answer) -> Iterator[Item]:
        # Bytes, so that the XML declaration says how they are to be read.
        items = _items(answer.body)
        unknown = []
        for item in items:
            row = _row(item)
            kind = row.get("event", "")
            if kind and known_hazard(kind) is None:
                unknown.append(kind)
            reason, message = _refused(item, row)
            yield Found("hazard_event", row, reason=reason, message=message, found_at=row.get("url"))
        if told := told_unknown(unknown):
            yield Note(told)


def _items(body: bytes) -> list[Element]:
    try:
        root = defusedxml.ElementTree.fromstring(body.strip())
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(f"it cannot be read as XML: {error}") from error
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise Unreadable(f"it is no RSS feed: its root is {root.tag!r}")
    return channel.findall("item")


def _row(item: Element) -> dict[str, str]:
    kind, number, episode = (_said(item, _GDACS + name) for name in ("eventtype", "eventid", "episodeid"))
    current = _said(item, _GDACS + "iscurrent").lower()
    latitude, longitude = _point(item)
    countries = _said(item, _GDACS + "country")
    until = _moment(_said(item, _GDACS + "todate"))
    colour = _said(item, _GDACS + "alertlevel")
    return texts(
        id=_identity(kind, number, episode, over=current == "false"),
        thread=f"{kind}{number}" if kind and number else None,
        event=kind,
        hazard=hazard_of(kind),
        status="actual",
        message_type="alert" if current != "false" and _first(item, kind, episode) else "update",
        sent=_moment(_said(item, _GDACS + "datemodified") or _said(item, "pubDate")),
        starts=_moment(_said(item, _GDACS + "fromdate")),
        # While it goes on, `todate` is only the time up to which it has been looked at.
        ends=None if current == "true" else until,
        severity=severity_of_colour(colour),
        headline=_said(item, "title"),
        description=_said(item, "description"),
        area=countries or None,
        country=_said(item, _GDACS + "iso3") if "," not in countries else None,
        latitude=latitude,
        longitude=longitude,
        # Floods have no measure of strength: their value is nought, without a unit.
        magnitude=_attribute(item, "severity", "value") if _attribute(item, "severity", "unit") else None,
        magnitude_unit=_attribute(item, "severity", "unit"),
        url=_said(item, "link"),
        seen_until=until,
        people=_attribute(item, "population", "value"),
        people_counted=_attribute(item, "population", "unit"),
        **{name: _said(item, _GDACS + name) for name in _KEPT},
    )


def _identity(kind: str, number: str, episode: str, *, over: bool) -> str | None:
    """ "TC1000643-15". That an episode is over is a message of its own: nothing else need have changed in the feed."""
    if not (kind and number):
        return None
    return "-".join(part for part in (f"{kind}{number}", episode, "over" if over else "") if part)


def _first(item: Element, kind: str, episode: str) -> bool:
    """Whether nothing came before: earthquakes count their episodes over all of them, droughts have no versions."""
    version = _said(item, _GDACS + "version")
    return version in {"", "0", "1"} and (kind == "EQ" or episode in {"", "1"})


def _refused(item: Element, row: dict[str, str]) -> tuple[str | None, str]:
    colour = _said(item, _GDACS + "alertlevel")
    if colour and "severity" not in row:
        return "bad_severity", f'alertlevel "{colour}" is none of Green, Yellow, Orange, Red'
    if row.get("ends", "9") < row.get("starts", ""):
        return "ends_before_start", f"todate {row['ends']} lies before fromdate {row['starts']}"
    if not _on_earth(row.get("latitude"), 90) or not _on_earth(row.get("longitude"), 360):
        return "bad_point", f"{row.get('latitude')} {row.get('longitude')} is no latitude and longitude"
    return None, ""


def _on_earth(degrees: str | None, most: int) -> bool:
    """What is no number is left to the reading of the row."""
    try:
        return degrees is None or abs(float(degrees)) <= most
    except ValueError:
        return True


def _point(item: Element) -> tuple[str | None, str | None]:
    """Latitude and longitude of "lat lon"; the box is no help, it is drawn lon lon lat lat and often wrongly."""
    parts = re.split(r"[\s,]+", _said(item, _GEORSS + "point"))
    if len(parts) != 2:
        point = item.find(_GEO + "Point")
        where = point if point is not None else item
        parts = [_said(where, _GEO + "lat"), _said(where, _GEO + "long")]
    return (parts[0], parts[1]) if all(parts) else (None, None)


def _moment(text: str) -> str | None:
    """An RFC 822 date as ISO 8601 in UTC; what is none is handed on as it stands."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _attribute(item: Element, name: str, attribute: str) -> str | None:
    element = item.find(_GDACS + name)
    return None if element is None else element.get(attribute)


def _said(item: Element, name: str) -> str:
    return " ".join((item.findtext(name) or "").split())

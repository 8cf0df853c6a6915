"""NOAA's Storm Events: what storms did in the United States since 1950, written down months later, with the damage.

Traps: years of two digits; time zones as "CST", "CST-6" and "GST10"; "10.00K", and "K" alone (a sum that is not
said); several releases of one year, of which the newest counts; county and zone codes; a strength of 0 is not known;
an end before its beginning is quarantined; columns that are missing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import unquote, urljoin, urlsplit

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.errors import BadInput
from warehouse.hazards import hazard_of, known_hazard, told_unknown
from warehouse.reading.us_states import fips_of, state_of

SOURCE = Source(
    name="storm_events",
    title="NOAA Storm Events: what storms did, with damage",
    records=("hazard_event",),
    reader="spiders.storm_events:StormReader",
    licence_note="Public domain (US government work); NOAA NCEI asks to be named",
    follows="https://www.ncei.noaa.gov/pub/data/swdi/stormevents/csvfiles/Storm-Data-Bulk-csv-Format.pdf",
    cadence=timedelta(days=14),
    base="https://www.ncei.noaa.gov/pub/data/swdi/stormevents/csvfiles/",
    api=True,
    target_note="a year (2019); none: this year and the last",
    largest=64 * 1024 * 1024,
    fields={
        "thread": "EVENT_ID",
        "event": "EVENT_TYPE",
        "hazard": "EVENT_TYPE, in Katy's words",
        "status": "actual, always",
        "message_type": "alert, always",
        "id": "EVENT_ID",
        "sent": "the date of the release in the file's name (c20190617)",
        "starts": "BEGIN_DATE_TIME in CZ_TIMEZONE, its century from BEGIN_YEARMONTH",
        "ends": "END_DATE_TIME",
        "region": "STATE_FIPS",
        "geocodes": "CZ_FIPS: SAME for a county (CZ_TYPE C), UGC for a zone (Z)",
        "damage": "DAMAGE_PROPERTY (10.00K, 1.5M)",
        "magnitude": "MAGNITUDE (hail inches, wind knots), TOR_F_SCALE",
    },
)
_FILE = re.compile(r'href="([^"]*?StormEvents_details-ftp_v1\.0_d(\d{4})_c(\d{8})\.csv\.gz)"', re.IGNORECASE)
_RELEASE = re.compile(r"_c(\d{4})(\d{2})(\d{2})\.csv")
_DAMAGE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([HKMBT]?)", re.IGNORECASE)
_POWERS = {"": 0, "H": 2, "K": 3, "M": 6, "B": 9, "T": 12}
_ZONE = re.compile(r"([A-Z]+)\s*([+-]?\d{1,2})?")
# Hours from UTC. "GST10" is Guam, ten hours ahead, and has no sign.
_ZONES = {
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AST": -4, "AKST": -9},
    **{"AKDT": -8, "HST": -10, "SST": -11, "GST": 10, "GMT": 0, "UTC": 0},
}
_MAGNITUDE_UNITS = {"EG": "kt estimated gust", "ES": "kt estimated", "MS": "kt measured", "MG": "kt measured gust"}
_KEPT = (
    *("EPISODE_ID", "CZ_TYPE", "CZ_FIPS", "CZ_NAME", "WFO", "CZ_TIMEZONE", "INJURIES_DIRECT", "INJURIES_INDIRECT"),
    *("DEATHS_DIRECT", "DEATHS_INDIRECT", "SOURCE", "FLOOD_CAUSE", "TOR_F_SCALE", "TOR_LENGTH", "TOR_WIDTH"),
    *("BEGIN_LOCATION", "DAMAGE_CROPS"),
)
_NEEDED = frozenset({"EVENT_ID", "EVENT_TYPE", "BEGIN_YEARMONTH", "BEGIN_DATE_TIME", "CZ_TIMEZONE", "STATE_FIPS"})


class StormReader(Reader):
    """The folder says which release of a year is the newest; a file may also be named, or be at hand."""

    def parse(self, answer: Answer) -> Iterator[Item]:
        body, name = answer.unpacked(".csv")
        if body.lstrip()[:1] == b"<":
            yield from self._folder(answer)
            return
        lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig", "replace"), newline=""))
        missing = sorted(_NEEDED - set(lines.fieldnames or ()))
        if missing:
            raise Unreadable(f"{name} is no file of storm events: it has no column {', '.join(missing)}")
        released = _released(answer.url) or self.visit.now.isoformat()
        if not _released(answer.url):
            yield Note(f"{name} does not say when it was released; it is taken for released now")
        unknown = []
        try:
            for said in lines:
                if known_hazard(said["EVENT_TYPE"] or "") is None:
                    unknown.append(said["EVENT_TYPE"] or "")
                yield _event(said, released, f"{answer.url} line {lines.line_num}")
        except csv.Error as error:
            raise Unreadable(f"{name} line {lines.line_num}: {error}") from error
        if told := told_unknown(unknown):
            yield Note(told)

    def _folder(self, answer: Answer) -> Iterator[Item]:
        newest: dict[str, tuple[str, str]] = {}
        for address, year, released in _FILE.findall(answer.text):
            newest[year] = max(newest.get(year, ("", "")), (released, address))
        if not newest:
            raise Unreadable("the folder lists no file of storm events (StormEvents_details-…_d2019_c20190617.csv.gz)")
        for year in _years(self.visit.targets, self.visit.now.year):
            if year in newest:
                yield Ask(urljoin(answer.url, newest[year][1]))
            else:
                yield Note(f"there is no file of {year}; the newest year is {max(newest)}")


def _years(targets: tuple[str, ...], now: int) -> tuple[str, ...]:
    for target in targets:
        if not re.fullmatch(r"(?:19|20)\d{2}", target):
            raise BadInput(f'storm_events cannot be asked for "{target}": say {SOURCE.target_note}')
    return targets or (str(now), str(now - 1))


def _released(url: str) -> str | None:
    found = _RELEASE.search(unquote(urlsplit(url).path))
    return "-".join(found.groups()) + "T00:00:00+00:00" if found else None


def _event(said: Mapping[str, str | None], released: str, found_at: str) -> Found:
    cell = {name: " ".join((value or "").split()) for name, value in said.items() if isinstance(value, str)}
    starts, ends = (_moment(cell, end) for end in ("BEGIN", "END"))
    state = state_of(cell["STATE_FIPS"]) or state_of(cell.get("STATE", ""))
    damage, unsure = _damage(cell.get("DAMAGE_PROPERTY", ""))
    crops, _ = _damage(cell.get("DAMAGE_CROPS", ""))
    magnitude, unit = _magnitude(cell)
    row = texts(
        id=cell["EVENT_ID"],
        thread=cell["EVENT_ID"],
        event=cell["EVENT_TYPE"],
        hazard=hazard_of(cell["EVENT_TYPE"]),
        status="actual",
        message_type="alert",
        sent=released,
        starts=starts or cell["BEGIN_DATE_TIME"],
        ends=ends or cell.get("END_DATE_TIME"),
        certainty="observed",
        urgency="past",
        description=cell.get("EVENT_NARRATIVE") or cell.get("EPISODE_NARRATIVE"),
        area=", ".join(part for part in (cell.get("CZ_NAME"), cell.get("STATE")) if part),
        region=f"US-{state}" if state else None,
        country="USA",
        latitude=cell.get("BEGIN_LAT"),
        longitude=cell.get("BEGIN_LON"),
        magnitude=magnitude,
        magnitude_unit=unit,
        damage=damage,
        currency="USD" if damage is not None else None,
        crop_damage=crops,
        damage_as_written=cell.get("DAMAGE_PROPERTY") if unsure else None,
        **{name.lower(): cell.get(name) for name in _KEPT},
        **_geocodes(cell, state),
    )
    reason, message = None, ""
    if starts is None or ends is None:
        when = cell["BEGIN_DATE_TIME"] if starts is None else cell.get("END_DATE_TIME", "")
        reason, message = "bad_date", f'"{when}" in zone "{cell["CZ_TIMEZONE"]}" is no moment'
    elif ends < starts:
        reason, message = "ends_before_start", f"it ends at {ends}, before it begins at {starts}"
    return Found("hazard_event", row, reason=reason, message=message, found_at=found_at)


def _moment(cell: Mapping[str, str], end: str) -> str | None:
    """ "28-JAN-50 10:00:00" in local standard time as UTC: the century is that of BEGIN_YEARMONTH (195001)."""
    text, month = cell.get(f"{end}_DATE_TIME", ""), cell.get(f"{end}_YEARMONTH") or cell["BEGIN_YEARMONTH"]
    zone = _zone(cell["CZ_TIMEZONE"])
    try:
        moment = datetime.strptime(text, "%d-%b-%y %H:%M:%S")  # noqa: DTZ007 - its zone is a column of its own
        year = int(month[:4])
    except ValueError:
        return None
    if zone is None or year % 100 != moment.year % 100:
        return None
    try:
        return moment.replace(year=year, tzinfo=zone).astimezone(UTC).isoformat()
    except ValueError:
        return None


def _zone(text: str) -> timezone | None:
    """ "CST-6", "CST" (before 1996) and "GST10"; None where it is none of the United States'."""
    found = _ZONE.fullmatch(text.upper())
    if found is None or found[1] not in _ZONES:
        return None
    hours = int(found[2]) if found[2] else _ZONES[found[1]]
    return timezone(timedelta(hours=hours)) if -12 <= hours <= 14 else None


def _damage(text: str) -> tuple[Decimal | str | None, bool]:
    """10000 of "10.00K", and whether a sum was meant that is not said ("K"). What is no sum is handed on as written."""
    if not text:
        return None, False
    if text.upper() in _POWERS:
        return None, True
    found = _DAMAGE.fullmatch(text.replace(",", ""))
    if found is None:
        return text, False
    value = Decimal(found[1]).scaleb(_POWERS[found[2].upper()])
    return Decimal(f"{value.normalize():f}"), False


def _magnitude(cell: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Strength and unit: of a tornado its class, of hail inches, of wind knots. Nought stands for not known."""
    scale = re.fullmatch(r"(E?F)([0-5])", cell.get("TOR_F_SCALE", ""))
    if scale:
        return scale[2], scale[1]
    text = cell.get("MAGNITUDE", "")
    if not text.strip("0."):
        return None, None
    hail = "hail" in cell["EVENT_TYPE"].casefold()
    unit = "in" if hail else _MAGNITUDE_UNITS.get(cell.get("MAGNITUDE_TYPE", ""), "kt")
    return f"0{text}" if text.startswith(".") else text, unit


def _geocodes(cell: Mapping[str, str], state: str | None) -> dict[str, str]:
    """The county or forecast zone by its code; the sea has neither here."""
    number = cell.get("CZ_FIPS", "")
    if state is None or not number.isdecimal() or not number.strip("0"):
        return {}
    if cell.get("CZ_TYPE") == "C":
        return {"geocodes.SAME": f"0{fips_of(state)}{number.zfill(3)}"}
    return {"geocodes.UGC": f"{state}Z{number.zfill(3)}"} if cell.get("CZ_TYPE") == "Z" else {}

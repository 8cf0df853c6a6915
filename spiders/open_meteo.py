"""Observed weather, day by day, at any place (Open-Meteo's archive of reanalyses and measurements).

Its forecast has the same shape and is read by the same code (`open_meteo_forecast`).

Traps: the days are columns, which must be equally long; units as the answer says them, converted, and refused where
they are not understood; nulls at the edge; the last days are a forecast still and are left for later; older names of
columns; an error with status 200; several places in a list; days as seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.errors import BadInput

FIELDS = {
    "place": "the target's name, else latitude,longitude",
    "latitude, longitude": "the target's, else the answer's",
    "observed_on": "daily.time[]",
    "temperature_max": "daily.temperature_2m_max[] (°C; °F is converted)",
    "temperature_min": "daily.temperature_2m_min[]",
    "precipitation": "daily.precipitation_sum[] (mm; inches are converted)",
    "snowfall": "daily.snowfall_sum[] (cm)",
    "wind_max": "daily.wind_speed_10m_max[] (km/h)",
    "weather_code": "daily.weather_code[] (WMO 4677)",
}
TARGET_NOTE = 'a place: "latitude,longitude[,REGION[,name]]", as in "38.63,-90.20,US-MO,St. Louis"'
SOURCE = Source(
    name="open_meteo",
    title="Open-Meteo: observed weather by day",
    records=("weather_observation",),
    reader="spiders.open_meteo:ArchiveReader",
    licence_note="CC BY 4.0 with Open-Meteo named; free of charge for non-commercial use, below 10,000 requests a day",
    follows="https://open-meteo.com/en/docs/historical-weather-api",
    cadence=timedelta(days=1),
    base="https://archive-api.open-meteo.com/v1/archive",
    api=True,
    target_note=f"{TARGET_NOTE}; with two days behind the name (…,2015-01-01,2015-12-31) the days between them",
    fields={**FIELDS, "kind": "observed, always", "issued_on": "the day itself"},
    needs_target=True,
)
DAILY = (
    *("temperature_2m_max", "temperature_2m_min", "precipitation_sum", "snowfall_sum", "wind_speed_10m_max"),
    "weather_code",
)
# The last days are filled in from a forecast and revised within a week; they are read when they stand.
_SETTLED, _LOOK_BACK = timedelta(days=7), timedelta(days=37)

Convert = Callable[[Decimal], Decimal]


def _same(value: Decimal) -> Decimal:
    return value


def _times(factor: str) -> Convert:
    return lambda value: round(value * Decimal(factor), 3)


_TEMPERATURE: dict[str, Convert] = {"°C": _same, "°F": lambda value: round((value - 32) * 5 / 9, 3)}
_RAIN: dict[str, Convert] = {"mm": _same, "inch": _times("25.4"), "cm": _times("10")}
_SNOW: dict[str, Convert] = {"cm": _same, "inch": _times("2.54"), "mm": _times("0.1")}
_WIND: dict[str, Convert] = {
    "km/h": _same,
    **{"m/s": _times("3.6"), "ms": _times("3.6"), "mp/h": _times("1.609344"), "mph": _times("1.609344")},
    **{"kn": _times("1.852"), "knots": _times("1.852")},
}
# Record field → its names in the payload, today's and older ones, and the units it is understood in.
_COLUMNS: dict[str, tuple[tuple[str, ...], dict[str, Convert]]] = {
    "temperature_max": (("temperature_2m_max",), _TEMPERATURE),
    "temperature_min": (("temperature_2m_min",), _TEMPERATURE),
    "precipitation": (("precipitation_sum",), _RAIN),
    "snowfall": (("snowfall_sum",), _SNOW),
    "wind_max": (("wind_speed_10m_max", "windspeed_10m_max"), _WIND),
    "weather_code": (("weather_code", "weathercode"), {"wmo code": _same}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the weather is asked for; `since` and `until` are days as ISO 8601, or empty."""

    latitude: str
    longitude: str
    region: str = ""
    name: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def from_target(cls, target: str) -> Place:
        """BadInput where the target is none."""
        parts = [part.strip() for part in target.split(",")]
        try:
            here = len(parts) >= 2 and abs(float(parts[0])) <= 90 and abs(float(parts[1])) <= 180
            _ = [date.fromisoformat(day) for day in parts[4:6]]
        except ValueError:
            here = False
        if not here or len(parts) == 5 or len(parts) > 6:
            raise BadInput(f'"{target}" is no place: say {TARGET_NOTE}')
        return cls(*parts)


class DailyReader(Reader):
    """Answers with a column for each quantity and an entry in it for each day. `kind` is what its days are."""

    kind = "observed"

    def start(self) -> Iterator[Ask]:
        if self.visit.saved:
            yield Ask(self.visit.base, told=_told(self.visit.targets[0]) if len(self.visit.targets) == 1 else {})
            return
        if not self.visit.targets:
            raise BadInput(f"{self.visit.source.name} must be told for which places: say {TARGET_NOTE}")
        for target in self.visit.targets:
            place = Place.from_target(target)
            where = {"latitude": place.latitude, "longitude": place.longitude}
            query = {**where, **self.span(place), "daily": ",".join(DAILY), "timezone": "auto"}
            yield Ask(self.at(**query), told=_told(target))

    def span(self, place: Place) -> dict[str, str]:
        """Which days are asked for: with what is settled, a month back."""
        since = place.since or (self.visit.now - _LOOK_BACK).date().isoformat()
        return {"start_date": since, "end_date": place.until or (self.visit.now - _SETTLED).date().isoformat()}

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        # Several places asked for at once are answered in a list.
        for one in said if isinstance(said, list) else [said]:
            if not isinstance(one, dict) or one.get("error") is True or not isinstance(one.get("daily"), dict):
                problem = one.get("reason") if isinstance(one, dict) else None
                raise Unreadable(f"it is no weather by day: {problem or 'it has no daily'}")
            yield from self._days(one, answer.ask.told)

    def _days(self, said: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Item]:
        daily, units = said["daily"], said.get("daily_units")
        units = units if isinstance(units, dict) else {}
        days = _calendar(daily, units, said)
        columns = list(_columns(daily, units, len(days)))
        latitude, longitude = (
            told.get("latitude") or said.get("latitude"),
            told.get("longitude") or said.get("longitude"),
        )
        issued = self._issued(days, said)
        holes = 0
        for number, day in enumerate(days):
            values = {field: column[number] for field, column, _ in columns}
            if all(value is None for value in values.values()):
                holes += 1
                continue
            # Of a forecast's own past days it says what they were.
            kind = "observed" if self.kind == "observed" or (issued and day < issued) else self.kind
            row = texts(
                place=told.get("place") or f"{latitude},{longitude}",
                region=told.get("region"),
                latitude=latitude,
                longitude=longitude,
                observed_on=day,
                kind=kind,
                issued_on=day if kind == "observed" else issued,
            )
            yield _read(row, values, columns)
        if holes:
            yield Note(f"{holes} of {len(days)} days are not filled in")

    def _issued(self, days: list[str], said: Mapping[str, Any]) -> str:
        """The forecast's day at its place; of a forecast that was kept, its first day."""
        today = (self.visit.now + _offset(said)).date().isoformat()
        return today if not days or days[0] <= today <= days[-1] else days[0]


Column = tuple[str, list[Any], Convert | str]


def _told(target: str) -> dict[str, str]:
    place = Place.from_target(target)
    said = {"latitude": place.latitude, "longitude": place.longitude, "region": place.region}
    return {**said, "place": place.name or f"{place.latitude},{place.longitude}"}


def _calendar(daily: Mapping[str, Any], units: Mapping[str, Any], said: Mapping[str, Any]) -> list[str]:
    """The days as ISO 8601; with `timeformat=unixtime` they come as the seconds of their local midnight."""
    days = daily.get("time")
    if not isinstance(days, list) or not all(isinstance(day, str) for day in days):
        raise Unreadable("it is no weather by day: daily.time is no list of days")
    if units.get("time") != "unixtime":
        return days
    try:
        return [(datetime.fromtimestamp(int(day), UTC) + _offset(said)).date().isoformat() for day in days]
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"it is no weather by day: daily.time is no list of seconds ({error})") from error


def _offset(said: Mapping[str, Any]) -> timedelta:
    """How far the place is ahead of UTC; what cannot be is none."""
    text = str(said.get("utc_offset_seconds") or "0")
    seconds = int(text) if text.removeprefix("-").isdecimal() and len(text) <= 6 else 0
    return timedelta(seconds=seconds)


def _columns(daily: Mapping[str, Any], units: Mapping[str, Any], days: int) -> Iterator[Column]:
    """(record field, values, conversion into the record's unit, or the unit that is not understood)."""
    for field, (names, known) in _COLUMNS.items():
        name = next((one for one in names if one in daily), None)
        if name is None:
            continue
        values = daily[name]
        if not isinstance(values, list) or len(values) != days:
            raise Unreadable(f"daily.{name} has not one value for each of the {days} days")
        unit = str(units.get(name) or "")
        yield field, values, known.get(unit) or unit or "no unit"


def _read(row: dict[str, str], values: Mapping[str, Any], columns: list[Column]) -> Found:
    """The row with its values in the record's units; refused where a unit is not understood."""
    reason, message = None, ""
    for field, _, convert in columns:
        value = values[field]
        if value is None:
            continue
        row[field] = str(value)
        if not callable(convert):
            reason, message = "bad_unit", f'{field} is in "{convert}", which is not understood'
            continue
        if convert is not _same:
            try:
                row[field] = str(convert(Decimal(value)))
            except (InvalidOperation, TypeError, ValueError):
                reason, message = f"bad_{field}", f'{field} "{value}" is not a number'
    return Found("weather_observation", row, reason=reason, message=message)


class ArchiveReader(DailyReader):
    """What was observed."""

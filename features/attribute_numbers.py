"""The numbers that an attribute's text holds: quantities, ranges, sizes, dates, durations, measures in a sentence.

Each number comes with what is added to the attribute's name for it, so that "8GB RAM, 256GB SSD" is two columns and
"19.67 kmpl" one. Nothing is learned here; which of the numbers become columns is decided in `features.attributes`.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from features.title import measures, plain
from warehouse.reading.dates import read_instant
from warehouse.reading.quantity import read_quantity

Numbers = tuple[tuple[str, float], ...]
# Between the numbers of a list or a size.
_BETWEEN = re.compile(r"\s*(?:[;×*|]|(?<=\d)\s*x\s*(?=\d))\s*")
# Between the ends of a range: "2100 - 2850", "5 to 7", and of long numbers "20000-50000".
_RANGE = re.compile(r"\s+[-–—]\s+|(?<=\d)\s*to\s*(?=\d)|(?<=\d{3})[-–—](?=\d{3})")
_PICTURE = re.compile(r"(?<!\d)(\d{3,5})\s*x\s*(\d{3,5})(?!\d)")
_DURATION = re.compile(r"(\d{1,3})\s*h(?:(?:ou)?rs?)?\.?\s*(?:(\d{1,2})\s*m(?:in(?:ute)?s?)?\.?)?")
_HOURS = re.compile(r"(\d[\d.,' ]*?)\s*h(?:(?:ou)?rs?)?\.?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*([ap]m)?")
# A month and a year without a day.
_MONTH = re.compile(r"(\d{1,2})[/.](\d{4})")
_MONTH_IN = re.compile(r"(?<![\d/.])(0?[1-9]|1[0-2])[/.](?=(?:19|20)\d\d(?!\d))")
_YEAR = re.compile(r"(?<![\d.,x×])(?:19|20)\d\d(?![\d.,]*\d|\s*[x×])")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?")
_AREA_UNIT = re.compile(r"(\d)\s*(?:sq\.?\s*(?:ft|feet)\.?|sq\.?\s*f|square feet|sft|sqft)\b\.?")
_METRES = re.compile(
    r"(\d[\d,.]*)\s*(?:sq\.?\s*(?:m|mt|mtr|meters?|metres?|mtrs)|sqm|m²|m2|square met(?:er|re)s?)\b\.?"
)
_YARDS = re.compile(r"(\d[\d,.]*)\s*(?:sq\.?\s*(?:yards?|yds?)|square yards?)\b\.?")
_UNIT_OF_RANGE = re.compile(
    r"\s*(?:(?P<yards>(?:sq\.?|square)\s*y(?:ar)?ds?)|(?:sq\.?|square)\s*m(?:trs?|t|eters?|etres?)?|sqm|m2)\.?$"
)
_FEET_IN_METRE, _FEET_IN_YARD = 10.7639, 9.0
_MOST = 4  # bare numbers of a sentence that count, in their order
_LONGEST, _LONGEST_BARE = 200, 60


@lru_cache(maxsize=400_000)
def number(text: str) -> float:
    """The number inside an attribute's text ("19.67 kmpl" → 19.67, "256GB" → 256), NaN where there is none."""
    read = read_quantity(text)
    return float("nan") if read is None else float(read.number)


@lru_cache(maxsize=200_000)
def numbers_in(text: str) -> Numbers:
    """The numbers of an attribute's text, each with what is added to the attribute's name for it.

    A quantity is the attribute itself ("1.37kg", "Rs. 4,50,000", "23.4 kmpl"), and so are a duration in minutes, a time
    of day in hours, an area in square feet, and the middle of a range ("2100 - 2850"), whose ends are " #1" and " #2".
    A date is " date", in years. Of a list or a size ("2; 16", "1920x1080") each part and their product count; of a
    sentence its measures by unit, each and added up ("8GB SSD + 1TB HDD" is " gb" 1008), a resolution as " pixels", its
    year, and where it has no measure its bare numbers in their order ("10 out of 11").
    """
    # "19h" beside "2h 50m": both in minutes.
    if "h" in text.lower() and (lasting := _minutes(plain(text))) is not None:
        return (("", lasting),)
    single = number(text)
    if single == single:
        return (("", single),)
    cleaned = plain(text)
    if len(cleaned) > _LONGEST or not any(sign.isdigit() for sign in cleaned):
        return ()
    return _time(cleaned) or _area(cleaned) or _several(cleaned) or _sentence(cleaned)


def _minutes(text: str) -> float | None:
    """A duration in minutes: "2h 50m", "19h", "4 350 h", "2.5 hours"; None where a text is none."""
    if (lasting := _DURATION.fullmatch(text)) is not None:
        return 60.0 * int(lasting[1]) + int(lasting[2] or 0)
    hours = _HOURS.fullmatch(text)
    value = number(hours[1]) if hours is not None else float("nan")
    return 60.0 * value if value == value else None


def _time(text: str) -> Numbers:
    """A time of day, or a date."""
    if (clock := _CLOCK.fullmatch(text)) is not None:
        hour = int(clock[1]) % 12 + 12 * (clock[3] == "pm") if clock[3] else int(clock[1])
        return (("", hour + int(clock[2]) / 60),)
    if (month := _MONTH.fullmatch(text)) is not None and 1 <= int(month[1]) <= 12:
        return ((" date", int(month[2]) + (int(month[1]) - 1) / 12),)
    # A bare number has been read by now, so that this is a date as it is written.
    moment = read_instant(text)
    if moment is None or not 1900 <= moment.year <= 2100:
        return ()
    return ((" date", round(moment.year + (moment.timetuple().tm_yday - 1) / 365.25, 4)),)


def _area(text: str) -> Numbers:
    """An area in square feet, whatever unit it is written in: "34.46Sq. Meter", "1,081 sq.ft."."""
    for unit, feet in ((_METRES, _FEET_IN_METRE), (_YARDS, _FEET_IN_YARD)):
        if (found := unit.fullmatch(text)) is not None and (value := number(found[1])) == value:
            return (("", round(value * feet, 2)),)
    bare = _AREA_UNIT.sub(r"\1", text).strip()
    value = number(bare) if bare != text else float("nan")
    return (("", value),) if value == value else ()


def _several(text: str) -> Numbers:
    """The ends of a range and their middle; the parts of a list or a size and their product."""
    unit = _UNIT_OF_RANGE.search(text)
    feet = 1.0 if unit is None else _FEET_IN_YARD if unit["yards"] else _FEET_IN_METRE
    bare = text if unit is None else text[: unit.start()]
    ends = [feet * number(part) for part in _RANGE.split(_AREA_UNIT.sub(r"\1", bare))]
    if len(ends) == 2 and ends[0] == ends[0] and ends[1] == ends[1]:
        return (("", (ends[0] + ends[1]) / 2), (" #1", ends[0]), (" #2", ends[1]))
    parts = [number(part) for part in _BETWEEN.split(text)]
    if 2 <= len(parts) <= 3 and all(part == part for part in parts):
        found = [(f" #{place}", part) for place, part in enumerate(parts, 1)]
        # A resolution is one of its own, alone or in a sentence.
        whole = " pixels" if _PICTURE.fullmatch(text) else " product"
        return (*found, (whole, float(np.prod(parts))))
    return ()


def _sentence(text: str) -> Numbers:
    """Measures by unit, a resolution, a year, or bare numbers."""
    found: dict[str, float] = {}
    times: dict[str, int] = {}
    for value, unit in measures(text):
        found[f" {unit}"] = found.get(f" {unit}", 0.0) + value
        times[unit] = times.get(unit, 0) + 1
        # The parts of several measures in one unit: memory and disk, the sensors of a camera.
        found[f" {unit} #{times[unit]}"] = value
    out = {name: value for name, value in found.items() if "#" not in name or times[name[1:].split(" #")[0]] > 1}
    picture = _PICTURE.search(text)
    if picture is not None:
        out[" pixels"] = float(picture[1]) * float(picture[2])
    years = _YEAR.findall(text)
    if len(years) == 1:
        # "EZ 03/2015": a month before it makes it a moment.
        month = _MONTH_IN.search(text)
        out[" year"] = float(years[0]) + (int(month[1]) - 1) / 12 if month is not None else float(years[0])
    if not out and len(text) <= _LONGEST_BARE:
        bare = [number(each) for each in _NUMBER.findall(text)[:_MOST]]
        out = {f" #{place}": value for place, value in enumerate(bare, 1) if value == value}
    return tuple(out.items())

"""Quantities inside text: "19.67 kmpl", "1582 CC", "256GB", '15.6"', "2.3 Cr", "15 %", "₹ 5.5 Lakh".

Units come out lower-case and, within one system, on one step of it (TB and MB as gb, kg as g, mm as cm, GHz as mhz), so
that a column written in two ways is one column. Model codes ("DCD771", "i5", "5G", "1st") are not quantities.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from warehouse.reading.currency import read_currency
from warehouse.reading.numbers import Mark, read_number

_SCALES = {
    **{"k": 1e3, "thousand": 1e3, "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "lacs": 1e5, "cr": 1e7, "crore": 1e7},
    **{"crores": 1e7, "mn": 1e6, "million": 1e6, "mio": 1e6, "bn": 1e9, "billion": 1e9},
}
_INCH = {
    '"': "in",
    "″": "in",
    "”": "in",
    "''": "in",
    "’’": "in",
    "in": "in",
    "inch": "in",
    "inches": "in",
    "zoll": "in",
}
# unit as written, folded → (unit, factor)
_UNITS: dict[str, tuple[str, float]] = {
    **{sign: (unit, 1.0) for sign, unit in _INCH.items()},
    **{"tb": ("gb", 1000.0), "gb": ("gb", 1.0), "mb": ("gb", 0.001), "gib": ("gb", 1.0), "tib": ("gb", 1024.0)},
    **{"kg": ("g", 1000.0), "kgs": ("g", 1000.0), "g": ("g", 1.0), "gm": ("g", 1.0), "gms": ("g", 1.0)},
    **{"gram": ("g", 1.0), "grams": ("g", 1.0), "mg": ("g", 0.001), "kilo": ("g", 1000.0), "kilos": ("g", 1000.0)},
    **{"mm": ("cm", 0.1), "cm": ("cm", 1.0), "m": ("cm", 100.0), "meter": ("cm", 100.0), "meters": ("cm", 100.0)},
    **{"ghz": ("mhz", 1000.0), "mhz": ("mhz", 1.0), "khz": ("mhz", 0.001), "hz": ("hz", 1.0)},
    **{
        "l": ("ml", 1000.0),
        "ltr": ("ml", 1000.0),
        "liter": ("ml", 1000.0),
        "liters": ("ml", 1000.0),
        "ml": ("ml", 1.0),
    },
    **{"litre": ("ml", 1000.0), "litres": ("ml", 1000.0), "cl": ("ml", 10.0), "cc": ("cc", 1.0), "ccm": ("cc", 1.0)},
    **{
        "kw": ("w", 1000.0),
        "w": ("w", 1.0),
        "watt": ("w", 1.0),
        "watts": ("w", 1.0),
        "v": ("v", 1.0),
        "volt": ("v", 1.0),
    },
    **{"volts": ("v", 1.0), "kwh": ("wh", 1000.0), "wh": ("wh", 1.0), "ah": ("mah", 1000.0), "mah": ("mah", 1.0)},
    **{"km": ("km", 1.0), "kms": ("km", 1.0), "kilometers": ("km", 1.0), "kilometres": ("km", 1.0), "mi": ("mi", 1.0)},
    **{"mile": ("mi", 1.0), "miles": ("mi", 1.0), "ft": ("ft", 1.0), "foot": ("ft", 1.0), "feet": ("ft", 1.0)},
    **{"'": ("ft", 1.0), "′": ("ft", 1.0), "lb": ("lb", 1.0), "lbs": ("lb", 1.0), "pound": ("lb", 1.0)},
    **{"pounds": ("lb", 1.0), "oz": ("oz", 1.0), "ounce": ("oz", 1.0), "ounces": ("oz", 1.0), "gal": ("gal", 1.0)},
    **{"kmpl": ("kmpl", 1.0), "km/l": ("kmpl", 1.0), "km/kg": ("km/kg", 1.0), "mpg": ("mpg", 1.0), "mph": ("mph", 1.0)},
    **{"km/h": ("km/h", 1.0), "kmh": ("km/h", 1.0), "kph": ("km/h", 1.0), "bhp": ("bhp", 1.0), "hp": ("hp", 1.0)},
    **{
        "ps": ("ps", 1.0),
        "nm": ("nm", 1.0),
        "rpm": ("rpm", 1.0),
        "mp": ("mp", 1.0),
        "px": ("px", 1.0),
        "p": ("p", 1.0),
    },
    **{"%": ("%", 1.0), "percent": ("%", 1.0), "°": ("°", 1.0), "years": ("year", 1.0), "year": ("year", 1.0)},
    **{
        "yrs": ("year", 1.0),
        "yr": ("year", 1.0),
        "months": ("month", 1.0),
        "month": ("month", 1.0),
        "mo": ("month", 1.0),
    },
    **{
        "weeks": ("week", 1.0),
        "week": ("week", 1.0),
        "days": ("day", 1.0),
        "day": ("day", 1.0),
        "hours": ("hour", 1.0),
    },
    **{"hour": ("hour", 1.0), "hrs": ("hour", 1.0), "hr": ("hour", 1.0), "h": ("hour", 1.0), "min": ("min", 1.0)},
    **{"minutes": ("min", 1.0), "pcs": ("piece", 1.0), "pieces": ("piece", 1.0), "piece": ("piece", 1.0)},
}
# Capitals that mean something else when they touch the number: 5G is a network, 10M a course.
_GLUED_BUT_NO_UNIT = frozenset({"G", "M", "H"})
_DIGITS_AND_DOT = re.compile(r"\d{1,15}(?:\.\d+)?")
_SHAPE = re.compile(
    r"""
    (?P<money>[$€£¥₹]|rs\.?|inr|usd|eur)?\s*
    (?P<number>[-−+]?\s?(?:\d[\d.,'’]*(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?|[.,]\d+)(?:e[+-]?\d{1,2}(?![^\W_]))?)
    (?P<gap>\s*)-?
    (?P<unit>(?:[^\W\d_]|["″”'’′%°/])*)\.?
    (?:\s+(?P<more>[^\W\d_]+(?:/[^\W\d_]+)?)\.?)?
    (?:\s*@\s*\d.*)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_match = _SHAPE.fullmatch


class Quantity(NamedTuple):
    """A number and its unit; the unit is "" for a bare number and a currency code for an amount of money."""

    number: float
    unit: str


def read_quantity(text: str, mark: Mark | None = None) -> Quantity | None:
    """The quantity a text is, or None where it is anything else. `mark` is the column's decimal mark, if known."""
    text = text.strip()
    # Most cells are bare numbers.
    if mark != "," and _DIGITS_AND_DOT.fullmatch(text):
        return Quantity(float(text), "")
    return _read(text, mark)


@functools.lru_cache(maxsize=1 << 16)
def _read(text: str, mark: Mark | None) -> Quantity | None:
    # No quantity is longer, and none lacks a digit: prose goes no further.
    if len(text) > 40:
        return None
    found = _match(text)
    if found is None:
        return None
    money, digits, gap, unit, more = found.group("money", "number", "gap", "unit", "more")
    plain = digits.lstrip("-−+ ").rstrip(".,")
    if mark != "," and _DIGITS_AND_DOT.fullmatch(plain):
        value = float(plain)
    else:
        number = read_number(plain, mark or _default_mark(digits))
        if number is None:
            return None
        value = float(number)
    value = -value if digits[0] in "-−" else value
    scale = _SCALES.get(unit.casefold())
    if scale is not None:
        value, unit, more, gap = value * scale, more or "", None, " "
    if more is not None:
        return None
    if money:
        return None if unit else Quantity(value, read_currency(money) or "")
    return _with_unit(value, unit, glued=not gap)


def _default_mark(digits: str) -> Mark | None:
    """A dot in a measurement is decimal ("1.234 kg"); a comma before three digits groups ("1,582 CC")."""
    return "." if digits.count(".") == 1 else None


def _with_unit(value: float, unit: str, glued: bool) -> Quantity | None:
    if not unit:
        return Quantity(value, "")
    known = _UNITS.get(unit.casefold())
    if known is not None and not (glued and unit in _GLUED_BUT_NO_UNIT):
        return Quantity(round(value * known[1], 9), known[0])
    # "5 seats" is a quantity of seats; "250i" and "1st" are names.
    return None if glued or not unit.isalpha() else Quantity(value, unit.casefold())

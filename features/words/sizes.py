"""Sizes: the measures of a title in one unit for each dimension, so that 1 TB is 1000 gb and 2 ft is 24 inch.

Conversion is pint's. Lengths are told in inch, masses in lb, volumes in l, storage in gb, power in w, charge in ah,
energy in wh, frequency in hz; counts and what has no dimension ("mp", "speed", "psi") stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from features.title import measures

# Unit of a title → pint's name and the unit that it is told in.
TOLD_IN = {
    **{"mb": ("megabyte", "gb"), "gb": ("gigabyte", "gb"), "tb": ("terabyte", "gb")},
    **{"mm": ("millimeter", "inch"), "cm": ("centimeter", "inch"), "inch": ("inch", "inch"), "ft": ("foot", "inch")},
    **{"m": ("meter", "inch"), "yd": ("yard", "inch")},
    **{"oz": ("ounce", "lb"), "lb": ("pound", "lb"), "kg": ("kilogram", "lb"), "g": ("gram", "lb")},
    **{"ml": ("milliliter", "l"), "l": ("liter", "l"), "gal": ("gallon", "l"), "qt": ("quart", "l")},
    **{"fl oz": ("fluid_ounce", "l"), "cu ft": ("cubic_foot", "l"), "cc": ("milliliter", "l")},
    **{"w": ("watt", "w"), "kw": ("kilowatt", "w"), "hp": ("horsepower", "w")},
    **{"hz": ("hertz", "hz"), "khz": ("kilohertz", "hz"), "mhz": ("megahertz", "hz"), "ghz": ("gigahertz", "hz")},
    **{"ah": ("ampere_hour", "ah"), "mah": ("milliampere_hour", "ah"), "wh": ("watt_hour", "wh")},
    **{"kwh": ("kilowatt_hour", "wh")},
}
PINT_NAMES = {
    **{"gb": "gigabyte", "inch": "inch", "lb": "pound", "l": "liter", "w": "watt", "hz": "hertz", "ah": "ampere_hour"},
    "wh": "watt_hour",
}
_OTHER_SPELLING = {"cu.ft": "cu ft", "cuft": "cu ft", "cu. ft": "cu ft", "cu.  ft": "cu ft"}
# "128/256/512gb", "64gb 256gb": a unit may stand for all the numbers before it.
_SHARED = re.compile(r"(?<![\w.])((?:\d{1,4}\s?/\s?){1,4})\d{1,4}\s?(gb|tb|mb|ml|oz|ft|mm|cm|w|v)(?!\w)")
_FRACTION = re.compile(r"(?<![\w./])(?:(\d{1,2})[\s-])?(\d{1,2})/(2|4|8|16|32|64)[\s-]?(?:\"|in(?:ch(?:es)?)?(?!\w))")
_MORE = re.compile(
    r"(?<![\w.])(\d{1,5}(?:\.\d{1,2})?)[\s-]?"
    r"(kwh|kw|fl\.?\s?oz|yards?|meters?|m|grams?|g|pounds?|ounces?|gallons?|quarts?|milliliters?)(?!\w)"
)
_MORE_UNITS = {
    **{"yard": "yd", "yards": "yd", "meter": "m", "meters": "m", "gram": "g", "grams": "g"},
    **{"pound": "lb", "pounds": "lb", "ounce": "oz", "ounces": "oz", "gallon": "gal", "gallons": "gal"},
    **{"quart": "qt", "quarts": "qt", "milliliter": "ml", "milliliters": "ml"},
}
_WORN = re.compile(
    r"(?<!\w)(?:(us|uk|eu|eur)\s?(?:(?:men|women|mens|womens|men's|women's|m|w)\s?)?(?:size\s|sz\s?)?"
    r"|(?:size|sz|taille|größe)\.?:?\s?(us|uk|eu)?\s?)(\d{1,2}(?:\.5)?)(?![\w.%/])"
)


@lru_cache(maxsize=100_000)
def sizes(text: str) -> tuple[tuple[float, str], ...]:
    """The measures of a plain text, each once, sorted, in the unit of their dimension: "1 TB" → (1000.0, "gb").

    Sizes of clothes and shoes come as ("size", "size us", …): "sz 9.5", "EU 42". Numbers have four significant digits.
    """
    return tuple(sorted({told(number, unit) for number, unit in _found(text) if _is_measure(number, unit)}))


def _is_measure(number: float, unit: str) -> bool:
    """Whether a number with a unit measures something: "2026 HP" is a year and a maker, "12G" a network or a bus."""
    return number > 0 and not (unit == "hp" and 1900 <= number < 2040) and not (unit == "g" and number < 20)


def _found(text: str) -> Iterator[tuple[float, str]]:
    if not any(sign.isdigit() for sign in text):
        return
    fractions = list(_FRACTION.finditer(text)) if "/" in text else []
    for match in fractions:
        whole, part, of = match.groups()
        if int(part) < int(of):
            yield (float(whole or 0) + int(part) / int(of), "inch")
    rest = _FRACTION.sub(" ", text) if fractions else text
    yield from measures(rest)
    for match in _SHARED.finditer(rest) if "/" in rest else ():
        for number in re.findall(r"\d+", match[1]):
            yield (float(number), match[2])
    for number, unit in _MORE.findall(rest):
        name = _MORE_UNITS.get(unit, "fl oz" if unit.startswith("fl") else unit)
        yield (float(number), name)
    for before, behind, number in _WORN.findall(rest):
        system = (before or behind or "").removesuffix("r")
        yield (float(number), f"size {system}".strip())


def told(number: float, unit: str) -> tuple[float, str]:
    """A measure in the unit that its dimension is told in: (2, "ft") → (24, "inch"); unknown units stay."""
    name = _OTHER_SPELLING.get(unit, unit)
    known = TOLD_IN.get(name)
    if known is None:
        return (number, name)
    pint_name, target = known
    value = number if pint_name == PINT_NAMES[target] else number * factor(pint_name, PINT_NAMES[target])
    return (float(f"{value:.4g}"), target)


@cache
def factor(unit: str, target: str) -> float:
    """What one `unit` is in `target` units (pint's names)."""
    if (unit, target) == ("terabyte", "gigabyte"):  # By far the most frequent: not worth a second of start-up.
        return 1000.0
    return float(_registry().Quantity(1.0, unit).to(target).magnitude)


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()

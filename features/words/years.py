"""Model years: the one year that a title names as a year, not as a size, a resolution or a range that a part fits."""

from __future__ import annotations

import re

_FIRST, _LAST = 1900, 2039
_YEAR = re.compile(
    r"(?<![\w.,$€£#/+])(?<!\w-)((?:19|20)\d\d)"
    r"(?![\w%\"])(?!\s?(?:x\s?\d|mah|wh?\b|watts?\b|v\b|volts?\b|mb\b|gb\b|psi\b|lbs?\b|lumens?\b|rpm\b|mm\b|cc\b|dpi\b|pcs?\b|pieces?\b|count\b|sq\b|btu\b|mg\b|ml\b|nits?\b|pages\b|hz\b|mhz\b|hours?\b|miles\b|series\b|pack\b|ct\b))"
    r"(?!\.\d)"
)
_RANGE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?(?:-|–|to|thru|through|/)\s?((?:19|20)?\d\d)(?!\d)")


def model_year(text: str) -> int | None:
    """The year of a plain title: "2019 MacBook Pro" → 2019; None for none, for several, and for a range of years.

    A number of the form 19xx or 20xx beside a unit, a "x", a currency sign or a hyphenated code is no year.
    """
    if "19" not in text and "20" not in text:
        return None
    text = text if " " in text else text.replace("-", " ")  # "nike-air-presto-2018": the words of an address
    if _RANGE.search(text):
        return None
    years = {int(match[1]) for match in _YEAR.finditer(text) if int(match[1]) <= _LAST}
    return years.pop() if len(years) == 1 and min(years) >= _FIRST else None

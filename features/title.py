"""Reading a title: plain words, codes that name a model, and measures with their units."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

_TAG = re.compile(r"<[^>]{0,200}>")
_BLANKS = re.compile(r"\s+")
_TOKEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*\d)")
_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")
_MEASURE = re.compile(
    r"(?<![\w.])(?<!\d,)(\d{1,2},\d{3}|\d{1,5}(?:\.\d{1,2})?)[\s-]?"
    # "2 in 1" is no length.
    r"(gb|tb|mb|ghz|mhz|hz|mah|wh|watts?|w|volts?|v|inches|inch|in(?![\s-]?1(?!\d))|\"|''|cm|mm|ft|feet|kg|lbs?|oz|liters?|l|ml|mp|cc|hp|"
    r"gal|cu\.?\s?ft|ah|amp|speed|piece|pcs|pack|qt|btu|psi|tier|gen)(?![\w])"
)
_UNITS = {"inches": "inch", "in": "inch", '"': "inch", "''": "inch", "watts": "w", "watt": "w"}
_UNITS |= {"volts": "v", "volt": "v", "lbs": "lb", "feet": "ft", "liters": "l", "liter": "l", "pcs": "piece"}
# Typographic quotes as people's keyboards make them of inch and foot marks.
_MARKS = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})
# Tokens with letters and digits that name a technique or a size, not a model.
_NOT_A_CODE = re.compile(
    r"^(?:\d+(?:st|nd|rd|th|x|k|p|g|s|gen|pk|ct|pc|gb|tb|mb|ghz|mhz|hz|mah|wh|w|v|in|cm|mm|ft|kg|lb|lbs|oz|l|ml|mp|cc|hp|ah|qt)"
    r"|ddr\d\w?|usb\d?|wifi\d?|i[3579]|m[123]|v\d|gen\d+|mk\d|win\d+|w1[01]\w?|x\d+|\d+x\d+|\d+in\d|bt\d|5g|4g|3d|2d|a\d)$"
)


@lru_cache(maxsize=200_000)
def plain(title: str) -> str:
    """A title in lower case with entities resolved, tags and control characters gone and blanks folded."""
    text = _TAG.sub(" ", html.unescape(html.unescape(title)))
    text = unicodedata.normalize("NFKC", text).casefold().translate(_MARKS).replace("′′", '"')
    text = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    return _BLANKS.sub(" ", text).strip()


def words(text: str) -> list[str]:
    """The words of a plain text, in order; hyphens, slashes and underscores separate."""
    return _WORD.findall(text)


def measures(text: str) -> list[tuple[float, str]]:
    """Numbers with a unit, in order: "16gb 512gb ssd 15.6in" → (16, gb), (512, gb), (15.6, inch). Terabytes as gb."""
    found = []
    for number, unit in _MEASURE.findall(text):
        name, value = _UNITS.get(unit, unit), float(number.replace(",", ""))
        found.append((value * 1000, "gb") if name == "tb" else (value, name))
    return found


def model_codes(text: str) -> list[str]:
    """Tokens that name a model ("dcd771", "wh-1000xm4" as "wh1000xm4"), in order of appearance."""
    pieces = [piece for token in _TOKEN.findall(text) for piece in _pieces(token)]
    return [piece for piece in pieces if 4 <= len(piece) <= 16 and _MIXED.match(piece) and not _NOT_A_CODE.match(piece)]


def _pieces(token: str) -> list[str]:
    """A hyphenated token as one code where it looks like one ("wh-1000xm4"), else its parts ("dewalt-dcd771-20v")."""
    parts = token.split("-")
    short = all(len(part) <= 3 for part in parts if part.isalpha())
    numbered = any(len(part) >= 2 and not part.isalpha() for part in parts)
    plain_words = not any(_NOT_A_CODE.match(part) for part in parts)
    joined = len(parts) <= 3 and short and numbered and plain_words and not parts[0].isdigit()
    return ["".join(parts)] if joined else parts

"""Reading a title: plain words, codes that name a model, and measures with their units."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

# A title is a line: what comes behind this many characters is no part of it, whatever a page says.
LONGEST = 10_000
# Marks set upon one letter: no script needs more; "zalgo" text piles up hundreds.
_MOST_MARKS = 3
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")
_BLANKS = re.compile(r"\s+")
_TOKEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DIGIT = re.compile(r"[0-9]")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*\d)")
_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")
_MEASURE = re.compile(
    r"(?<![\w.])(?<!\d,)(\d{1,2},\d{3}|\d{1,5}(?:\.\d{1,2})?)[\s-]?"
    # "2 in 1" is no length, nor is "iPhone 12 in original box".
    # "w/" is "with", "6Gb/s" a speed.
    r"(gb(?!/s)|tb|mb(?!/s)|ghz|mhz|hz|mah|wh|watts?|w(?!/)|volts?|v|inches|inch"
    r"|in(?![\s-]?1(?!\d))(?!\s(?:the|a|its|an|very|good|great|nice|mint|new|used|fair|excellent|perfect|working|original"
    r"|box|package|stock|hand|case|black|white|blue|red|gr[ae]y|silver|gold)(?!\w))"
    r"|\"|''|cm|mm|ft|feet|kg|lbs?|oz|liters?|l|ml|mp|cc|hp"
    r"|gal|cu\.?\s?ft|ah|amp|speed|piece|pcs|pack|qt|btu|psi|tier|gen)(?![\w])"
)
_UNITS = {"inches": "inch", "in": "inch", '"': "inch", "''": "inch", "watts": "w", "watt": "w"}
_UNITS |= {"volts": "v", "volt": "v", "lbs": "lb", "feet": "ft", "liters": "l", "liter": "l", "pcs": "piece"}
# Typographic quotes as people's keyboards make them of inch and foot marks.
_MARKS = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})
# Tokens with letters and digits that name a technique or a size, not a model.
_NOT_A_CODE = re.compile(
    r"^(?:\d+(?:st|nd|rd|th|x|k|p|g|s|gen|pk|ct|pcs?|pack|pairs?|count|gb\w*|tb|mb|[gm]bps|ghz|mhz|hz|rpm|mah|wh|kwh|w|kw|watts?"
    r"|v|volts?|in|inch|cm|mm|ft|kg|mg|lb|lbs|oz|l|ml|mp|cc|hp|ah|qt|nits?|lumens?|dpi|ms|hr|hrs|days?|months?|mos|years?|yr"
    r"|core\w*|ports?|bay|bit|pages?|mile|way|xzoom|er)"
    r"|g?ddr\d\w*|usb\d*|wifi\d?|bluetooth\d|docsis\d|hdr\d+|sata\d\w*|ipx\d|ip[56]\d|i[3579]|m[123]|v\d|gen\d+|series\d+|mk\d"
    r"|win\d+\w*|windows\d+\w*|w1[01]\w?|x\d+|\d+x\d+|\d+in\d|bt\d|5g|4g|3d|2d|a\d)$"
)


def plain(title: str) -> str:
    """A title in lower case with entities resolved and blanks folded, without tags and signs that are not seen.

    Control characters separate words; those that only steer the display (zero width, bidirectional overrides, soft
    hyphens) vanish, so that they cannot hide a word. Of a longer text the first `LONGEST` characters are read.
    """
    return _plain(title[:LONGEST])


@lru_cache(maxsize=200_000)
def _plain(title: str) -> str:
    text = title if "&" not in title else html.unescape(html.unescape(title))
    text = _TAG.sub(" ", text) if "<" in text else text
    if not text.isascii():
        text = _visible(unicodedata.normalize("NFKC", text))
    elif not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    text = text.casefold().translate(_MARKS).replace("′′", '"')
    return _BLANKS.sub(" ", text).strip()


def _visible(text: str) -> str:
    """A text without what is not seen in it: format signs gone, other control characters as blanks, marks not piled."""
    kept, marks = [], 0
    for sign in text:
        kind = unicodedata.category(sign)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind == "Cf" or marks > _MOST_MARKS or "\ufe00" <= sign <= "\ufe0f":
            continue
        kept.append(" " if kind[0] == "C" else sign)
    return "".join(kept)


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
    pieces = [piece for token in _TOKEN.findall(text) if _DIGIT.search(token) for piece in _pieces(token)]
    return [piece for piece in pieces if 4 <= len(piece) <= 16 and _MIXED.match(piece) and not _NOT_A_CODE.match(piece)]


def _pieces(token: str) -> list[str]:
    """A hyphenated token as one code where it looks like one ("wh-1000xm4"), else its parts ("dewalt-dcd771-20v")."""
    parts = token.split("-")
    short = all(len(part) <= 3 for part in parts if part.isalpha())
    numbered = any(len(part) >= 2 and not part.isalpha() for part in parts)
    plain_words = not any(_NOT_A_CODE.match(part) for part in parts)
    joined = len(parts) <= 3 and short and numbered and plain_words and not parts[0].isdigit()
    return ["".join(parts)] if joined else parts

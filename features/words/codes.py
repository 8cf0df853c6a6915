"""Item and part numbers: which of the digits that sellers state identify an article anywhere in the world."""

from __future__ import annotations

import re
from functools import lru_cache

from features.title import plain, words
from warehouse.reading.gtin import read_gtin

# Numbers that a shop gives itself, and coupons: GS1 General Specifications, section 1.4 (prefixes 02, 04, 2 and 98–99).
_NOT_WORLDWIDE = re.compile(r"0?(?:02|04|2\d|98[1-4]|99)\d+")
_LABELLED = re.compile(
    r"(?<!\w)(?:gtin|ean|upc|isbn)(?:[- ]?1[0-4])?\s*(?:code|number|no\.?|#)?\s*[:#]?\s*([\dx][\dx -]{6,20}[\dx])(?!\w)"
)
_BARE_BOOK = re.compile(r"(?<!\d)(97[89]-?(?:\d-?){9}\d)(?!\d)")
_NO_PART = frozenset({"doesnotapply", "na", "none", "null", "unknown", "seedescription", "0", "00", "000"})


@lru_cache(maxsize=100_000)
def item_number(stated: str | None) -> str | None:
    """A stated GTIN, EAN, UPC or ISBN as 14 digits; None where its check digit is wrong or only one shop uses it."""
    code = read_gtin(stated) if stated else None
    if code is None or (len(code) in (12, 13) and _NOT_WORLDWIDE.fullmatch(code.zfill(13))):
        return None
    return code.zfill(14)


def labelled_item_number(*texts: str) -> str | None:
    """The first number in plain texts that is called a GTIN, EAN, UPC or ISBN and is one, or a book's number."""
    for text in texts:
        for match in (*_LABELLED.finditer(text), *_BARE_BOOK.finditer(text)):
            found = item_number(match[1])
            if found:
                return found
    return None


@lru_cache(maxsize=100_000)
def part_number(stated: str | None) -> str | None:
    """A stated manufacturer's part number, letters and digits casefolded; None without a digit ("does not apply")."""
    code = "".join(words(plain(stated))) if stated else ""
    return code if any(sign.isdigit() for sign in code) and code not in _NO_PART and len(code) >= 2 else None

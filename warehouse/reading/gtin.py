"""Global Trade Item Numbers: digits with a check digit (GS1 General Specifications, section 7.9)."""

from __future__ import annotations

import re

from stdnum import ean, isbn, issn

_LENGTHS = frozenset({8, 12, 13, 14})
_NO_PART_OF_IT = re.compile(r"^(?:isbn|issn|ean|upc|gtin)[-_ ]?(?:1[0-4]|8)?\s*:?\s*|[\s-]|\.0$", re.IGNORECASE)
_BOOK = re.compile(r"[0-9]{9}[0-9X]")
_SERIAL = re.compile(r"issn[-_ :]*([0-9]{4}-?[0-9]{3}[0-9Xx])\s*", re.IGNORECASE)


def read_gtin(text: str) -> str | None:
    """The GTIN-8, -12, -13 or -14 a text is, digits only; None where the check digit fails.

    An ISBN-10, and what is called an ISSN, become their GTIN-13. Blanks, hyphens, an "isbn:" before it and the ".0"
    that data frames add are no part of it.
    """
    serial = _SERIAL.fullmatch(text.strip())
    if serial:
        return str(issn.to_ean(serial[1])) if issn.is_valid(serial[1]) else None
    code = _NO_PART_OF_IT.sub("", text.strip())
    if _BOOK.fullmatch(code.upper()) and isbn.is_valid(code):
        return str(isbn.to_isbn13(code)).replace("-", "")
    if not code.isascii() or not code.isdigit() or len(code) not in _LENGTHS or not code.strip("0"):
        return None
    return code if ean.is_valid(code) else None

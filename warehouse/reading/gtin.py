"""Global Trade Item Numbers: digits with a check digit (GS1 General Specifications, section 7.9)."""

from __future__ import annotations

import re

_LENGTHS = frozenset({8, 12, 13, 14})
_NO_PART_OF_IT = re.compile(r"^(?:isbn|ean|upc|gtin)[-_ ]?(?:1[0-4]|8)?\s*:?\s*|[\s-]|\.0$", re.IGNORECASE)
_ISBN_10 = re.compile(r"\d{9}[\dX]")


def read_gtin(text: str) -> str | None:
    """The GTIN-8, -12, -13 or -14 a text is (an ISBN-10 as its GTIN-13), digits only; None where the check digit fails.

    Blanks, hyphens, an "isbn:" before it and the ".0" that data frames add are no part of it.
    """
    code = _NO_PART_OF_IT.sub("", text.strip())
    if _ISBN_10.fullmatch(code.upper()) and _isbn_10_checks(code.upper()):
        code = f"978{code[:9]}"
        return code + _check_digit(code)
    if not code.isascii() or not code.isdigit() or len(code) not in _LENGTHS or not code.strip("0"):
        return None
    return code if _check_digit(code[:-1]) == code[-1] else None


def _check_digit(digits: str) -> str:
    """Weights 3 and 1 from the right; the digit that fills the sum up to a ten."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _isbn_10_checks(code: str) -> bool:
    return sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(code)) % 11 == 0

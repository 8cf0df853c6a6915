"""Numbers as the world writes them: 1,234.50 · 1.234,50 · 1'234.50 · 1 234,50 · 1,25,000 · 1.5E+03.

"1,234" and "1.234" do not say what they mean. A column does: `decimal_mark` finds the mark of the unambiguous cells,
and `read_number` takes it for the others. Without any, three digits after the only mark are a group of thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

Mark = Literal[".", ","]

_BLANK = " \u00a0\u2009\u202f"
_APOSTROPHE = "'’ʼ`´˙٬"
# A number's signs, without sign and exponent; a blank groups only before exactly three digits.
NUMBER = rf"(?:\d{{1,3}}(?:[{_BLANK}]\d{{3}})+(?!\d)|\d+)(?:[.,{_APOSTROPHE}]\d+)*|(?<![\d.,])[.,]\d+"
EXPONENT = r"\d+(?:[.,]\d+)?[eE][+-]?\d{1,3}(?![^\W_])"
_PLAIN = re.compile(r"\d+")
_SCIENTIFIC = re.compile(EXPONENT)
_FIND = re.compile(f"{EXPONENT}|{NUMBER}")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
# The Indian way: groups of two above the last three (1,25,000 · 1,23,45,678).
_INDIAN = re.compile(r"\d{1,3}(?:,\d{2})+,\d{3}")
# The two commonest shapes, whose decimal mark nothing can change.
_ENGLISH = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)\.[0-9]{1,2}")
_GERMAN = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]{1,2}")
_MOST_DIGITS = 28


def read_number(text: str, mark: Mark | None = None) -> Decimal | None:
    """The number a text spells, or None where it spells none. `mark` is the column's decimal mark, if known."""
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return Decimal(text) if len(text) <= _MOST_DIGITS else None
    if len(text) <= _MOST_DIGITS:
        if _ENGLISH.fullmatch(text):
            return Decimal(text.replace(",", ""))
        if _GERMAN.fullmatch(text):
            return Decimal(text.replace(".", "").replace(",", "."))
    if _SCIENTIFIC.fullmatch(text):
        number = Decimal(text.replace(",", "."))
        return number if number.is_finite() else None
    parts = _split(text, mark)
    if parts is None or len(parts[0]) + len(parts[1]) > _MOST_DIGITS:
        return None
    return Decimal(f"{parts[0] or '0'}.{parts[1]}" if parts[1] else parts[0])


def mark_of(text: str) -> Mark | None:
    """The decimal mark that a number's own shape proves, or None: "1.234,5" and "1.234.567" prove the comma."""
    dots, commas = text.count("."), text.count(",")
    if _SCIENTIFIC.fullmatch(text) or not dots + commas:
        return None
    if dots and commas:
        return "." if text.rfind(".") > text.rfind(",") else ","
    if dots + commas > 1:
        groups = _GROUPED.fullmatch(text.replace(".", ",")) or _INDIAN.fullmatch(text)
        return None if groups is None else "." if commas else ","
    if _could_group(text):
        return None
    return "." if dots else ","


def decimal_mark(texts: Iterable[str]) -> Mark | None:
    """The decimal mark of a column: that of most of the numbers that prove one; None where none does."""
    seen = {".": 0, ",": 0}
    for text in texts:
        for found in _FIND.finditer(text):
            mark = mark_of(found.group().strip())
            if mark is not None:
                seen[mark] += 1
    if seen["."] == seen[","]:
        return None
    return "." if seen["."] > seen[","] else ","


def _could_group(text: str) -> bool:
    """Whether the only mark of a number may stand before thousands: "1,234", but not "12,5", "0,999" or "1234,567"."""
    whole, _, rest = re.sub(f"[{_BLANK}{_APOSTROPHE}]", "", text).replace(",", ".").partition(".")
    return len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")


def _split(text: str, mark: Mark | None) -> tuple[str, str] | None:
    """The digits before and after the decimal mark; None where groups are not groups."""
    for sign in _BLANK + _APOSTROPHE:
        if sign in text:
            text = re.sub(rf"(?<=\d)[{_BLANK}{_APOSTROPHE}](?=\d{{3}}(?!\d))", "", text)
            break
    decimal = mark_of(text)
    if decimal is None and text.count(".") + text.count(",") == 1:
        # Ambiguous: the column's mark, else thousands.
        only: Mark = "." if "." in text else ","
        decimal = only if mark == only else "," if only == "." else "."
    decimal = decimal or "."
    group = "," if decimal == "." else "."
    whole, _, rest = text.partition(decimal)
    if group in whole:
        as_commas = whole.replace(group, ",")
        if not (_GROUPED.fullmatch(as_commas) or (group == "," and _INDIAN.fullmatch(as_commas))):
            return None
        whole = whole.replace(group, "")
    if (whole and not _PLAIN.fullmatch(whole)) or (rest and not _PLAIN.fullmatch(rest)) or not (whole or rest):
        return None
    return whole, rest

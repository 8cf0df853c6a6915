"""The commonest price texts, read at once: one number with a currency before or behind it, or none.

A short way to what the readers of `price` and `price_find` come to, for most of the texts they are given; whatever is
not of this shape, or could mean more than one thing, goes the long way.
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal

from warehouse.reading.currency import hundredths, is_sign
from warehouse.reading.numbers import mark_of, read_number
from warehouse.reading.price_words import scales, words

_CURRENCY = r"[A-Za-z]{0,3}[$€£¥₹₽₩₺₫]|[^\W\d_]{2,4}\.?"
_GROUPED = r"[0-9]{1,3}(?:[,.'’ \u00a0\u202f][0-9]{2,3})*(?:[.,][0-9]{1,2})?"
_NUMBER = rf"{_GROUPED}|[0-9]{{1,9}}(?:[.,][0-9]{{1,2}})?"
_ONE = re.compile(rf"(?:({_CURRENCY}) ?)?({_NUMBER})(?: ?({_CURRENCY}))?")


def read_simple(text: str) -> tuple[Decimal, tuple[str, ...]] | None:
    """The amount of a plain text and the currency signs beside it, or None where it needs a closer look."""
    found = _ONE.fullmatch(text)
    if found is None:
        return None
    left, number, right = found.groups()
    if (left and not _is_plain_sign(left)) or (right and not _is_plain_sign(right)):
        return None
    if (number.count(".") + number.count(",") == 1) and mark_of(number) is None:
        return None
    value = read_number(number)
    return None if value is None else (value, tuple(sign for sign in (left, right) if sign))


@functools.lru_cache(maxsize=1 << 12)
def _is_plain_sign(text: str) -> bool:
    """Whether a text beside a number can be nothing but a currency there."""
    folded = text.casefold().rstrip(".")
    doubtful = folded in words("doubtful", "words") or folded in words("strict", "no_signs") or text == "ft"
    return is_sign(text) and not doubtful and folded not in scales() and not hundredths(text)

"""What a text is rid of before prices are looked for: dates, times, phone numbers, and customs of single languages."""

from __future__ import annotations

import re

from warehouse.reading.currency import is_sign
from warehouse.reading.price_words import roles

# Stands where a number was that is no amount; and signs that speak of something other than money.
HIDDEN = frozenset("§★☆⭐")
# Numbers that are no amounts, whatever stands beside them.
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NO_AMOUNTS = re.compile(
    # phone numbers
    r"(?<![\d.,])(?:\+\d[\d\s().-]{7,14}\d|\(\d{3}\)\s?\d{3}[-.\s]\d{4}|\d{3}[-.]\d{3}[-.]\d{4})(?![\d.,]*\d)"
    r"|\b(?:call|text|tel|phone|whatsapp)\b[\s.:]*\d{3}[-.\s]\d{4}(?!\d)"
    # days, months and times
    r"|(?<![\d.,])(?:\d{4}-\d\d?-\d\d?|\d\d?([./-])\d\d?\1(?:\d{4}|\d\d))(?![\d.,]*\d)"
    r"|^\d\d?-0\d$"
    rf"|(?:(?<!\d)\d\d?(?:st|nd|rd|th)?\.?\s)?\b(?:{_MONTHS})[a-z]*\.?,?\s(?:\d\d?(?:st|nd|rd|th)?,?\s)?\d{{4}}(?![\d.,]*\d)"
    rf"|\b(?:{_MONTHS})[a-z]*\.?\s\d\d?(?:st|nd|rd|th)?(?![\d.,]*\d)(?!\s?[$€£])"
    r"|(?<![\d.,])\d\d?:\d\d(?::\d\d)?(?:\s?[ap]\.?m\b)?(?!\d)",
    re.IGNORECASE,
)
_MAY_BE_NONE = re.compile(r"\d[-./:]\d|\)\s?\d|\+\d|[^\W\d_][\s.:,]{1,3}\d")
# "$119. 95" and "1.837, 32 €": a blank behind the decimal mark.
_GAP = re.compile(r"(?<=\d)([.,])\s(\d\d)(?=\s*(?:$|[^\d\s.,-]))")
_CUSTOMS = (
    (re.compile(r"\bc/u\b", re.IGNORECASE), " each "),
    (re.compile(r"(?<=\s)p/(?=[a-z])", re.IGNORECASE), "/"),
    (re.compile(r"\bl['’](?=unité|heure|an\b)", re.IGNORECASE), "la "),
    (re.compile(r"ש[\"״'׳]ח"), "₪"),
    (re.compile(r"^(?:minus|moins|menos)\s(?=[^\W\d_]{0,3}\W{0,2}\d)", re.IGNORECASE), "-"),
)
# "PS5 400 €", "GSR 18V-55 120 €", "iPhone 13 500 €": the number of the thing, then the amount.
_NUMBERED = re.compile(r"([^\W\d_]+)([\s-]?)(\d{1,3})\s(?=\d{3}(?!\d))")


def rewritten(text: str) -> str:
    """A text with the customs of single languages in the common form: "c/u" is "each", "minus 5" is "-5"."""
    for custom, common in _CUSTOMS:
        text = custom.sub(common, text)
    return _NUMBERED.sub(_parted, text)


def masked(text: str) -> str:
    """A prepared text without the numbers that are no amounts whatever stands beside them."""
    text = _GAP.sub(r"\1\2", text)
    return _NO_AMOUNTS.sub(" § ", text) if _MAY_BE_NONE.search(text) else text


def _parted(found: re.Match[str]) -> str:
    word, joint, number = found.groups()
    named = roles("before").get(word.casefold()) == "code" if joint.isspace() else not is_sign(word)
    return f"{word}{joint}{number} · " if named else found[0]

"""What belongs to persons is taken out of a payload before it is archived: declared fields, sellers, e-mails, phones.

The archive is for reading a source again and for showing where a price came from; neither needs a name. Redaction would
rather take too much than too little: a number that merely looks like a phone goes too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from spiders.privacy import scrub

# Keys that hold a person wherever they stand, in JSON-LD, microdata and APIs alike.
_ALWAYS = "telephone phone phoneNumber mobile faxNumber email e-mail emailAddress contactPhone contactEmail"
_AT = r"(?:@|%40|&#64;|&#x40;|&commat;|\\u0040)"
_EMAIL = re.compile(rf"[\w.+%-]{{1,64}}{_AT}[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\b(tel|sms|mailto|whatsapp):[^\"'<>\s\\]+", re.IGNORECASE)
_BARE_PHONE = re.compile(r"(?<![\w.,/#=-])\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}(?![\w-])")
_SHORTEST_NAME = 3


def redact(text: str, personal: tuple[str, ...], persons: Iterable[str]) -> str:
    """The text without the values of `personal` keys, without the names of `persons`, e-mail addresses and phones."""
    text = _keys(personal).sub(r'\1"[person]"', text)
    text = _items(personal).sub(r"\1[person]", text)
    for name in sorted({one.strip() for one in persons}, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME:
            text = text.replace(name, "[person]")
    text = _LINK.sub(r"\1:[person]", text)
    text = _EMAIL.sub("[e-mail]", text) if "@" in text or "%40" in text or "0040" in text or "64;" in text else text
    return scrub(_BARE_PHONE.sub("[phone]", text))


@functools.cache
def _names(personal: tuple[str, ...]) -> str:
    return "|".join(re.escape(name) for name in dict.fromkeys((*_ALWAYS.split(), *personal)))


@functools.cache
def _keys(personal: tuple[str, ...]) -> re.Pattern[str]:
    """`"key": "value"` and `"key": 12` of JSON, also inside a script of a page; the value is what goes."""
    return re.compile(rf'("(?:{_names(personal)})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?\d[\d.]*|\[[^\[\]{{}}]*\])', re.IGNORECASE)


@functools.cache
def _items(personal: tuple[str, ...]) -> re.Pattern[str]:
    """`<x itemprop="telephone">value` and `itemprop="email" content="value"` of microdata."""
    return re.compile(
        rf"(itemprop=[\"'](?:{_names(personal)})[\"'][^>]*?(?:content=[\"']|>))[^\"'<]+", re.IGNORECASE
    )

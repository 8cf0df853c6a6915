"""Text as people and machines leave it in cells, made plain: entities, tags, control characters, stray blanks."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

# What spreadsheets, data frames and people write where there is nothing.
_NOTHING = frozenset({"", "nan", "null", "n/a", "#n/a", "na", "<na>", "nat", "\\n", "-", "–", "—", "--", ".", "?"})
_NOTHING_PRICED = frozenset(
    {
        *(
            "none",
            "tbd",
            "tba",
            "n.a.",
            "on request",
            "price on request",
            "upon request",
            "ask",
            "ask me",
            "call",
            "ask for price",
            "missing",
            "contact for price",
            "poa",
        ),
        *("contact", "contact seller", "please contact", "make offer", "make an offer", "best offer", "offer", "swap"),
        *(
            "not available",
            "unavailable",
            "not for sale",
            "sold",
            "sold out",
            "out of stock",
            "auf anfrage",
            "nous consulter",
            "sur demande",
            "a consultar",
            "su richiesta",
            "op aanvraag",
            "vb",
            "#value!",
        ),
        *(
            "#ref!",
            "#div/0!",
            "price hidden",
            "trade",
            "trade only",
            "to be announced",
            "unknown",
            "$",
            "€",
            "£",
            "₹",
            "usd",
        ),
    }
)
_NO_PRICE = re.compile(
    r"(?:call|ask|contact|enquire|inquire|message|log ?in)\b[^\d]{0,20}\bprice|no\b[^\d]{0,12}\bprice"
)
_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?(</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
# A tag begins with a letter right after "<": "5 < 6 and 7 > 3" has none.
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
_KEEP_FORMAT = "\u200d"  # joins emoji


def clean_text(text: str) -> str:
    """One line of plain text: entities read, tags and control characters gone, runs of blanks one blank, NFC."""
    if text.isascii() and text.isprintable() and "&" not in text and "<" not in text:
        return " ".join(text.split()) if "  " in text else text.strip()
    # Entities are often escaped twice, and may hide tags and control characters.
    for _ in range(10):
        before = text
        if not text.isprintable():
            text = "".join(map(_printable, text))
        if "<" in text:
            text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
        if "&" in text:
            text = html.unescape(text) if _ENTITY.search(text) else text
        if text == before:
            break
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _printable(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in {"Cf", "Co", "Cn"}:
        return sign if sign == _KEEP_FORMAT else ""
    # Lone surrogates stand for bytes that were not text.
    return "\ufffd" if category == "Cs" else " " if category[0] in "CZ" else sign


def is_blank(text: str) -> bool:
    """Whether a cell says that there is nothing ("", "nan", "N/A", "-")."""
    return text.strip().casefold() in _NOTHING


def is_no_price(text: str) -> bool:
    """Whether a price cell says that no price is given ("", "N/A", "on request", "best offer")."""
    word = " ".join(text.split()).casefold().rstrip("!")
    return word in _NOTHING or word in _NOTHING_PRICED or _NO_PRICE.fullmatch(word) is not None


def fold_header(text: str) -> str:
    """A header as it is compared: without case, blanks and underscores. "List  Price" and "list_price" are one."""
    return re.sub(r"[\s_]+", "", clean_text(text)).casefold()


def nearest(name: str, among: Iterable[str]) -> str | None:
    """The most similar of some names, where one is similar enough to have been meant."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(name, list(among), scorer=fuzz.WRatio, processor=fold_header, score_cutoff=60)
    return None if found is None else str(found[0])

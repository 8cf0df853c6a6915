"""A price text, made plain and cut into numbers, currency signs, words and the rest."""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import NamedTuple

from warehouse.reading.numbers import EXPONENT, NUMBER, read_number

_SIGNS = "".join(sorted(chr(c) for c in range(sys.maxunicode) if unicodedata.category(chr(c)) == "Sc"))
_TOKEN = re.compile(
    rf"(?P<number>{EXPONENT}|{NUMBER})"
    rf"|(?P<sign>[A-Za-z]{{0,3}}[{re.escape(_SIGNS)}](?:[A-Z](?![^\W\d_]))?)"
    # Square and cubic measures, so that their digit is no amount of its own.
    r"|(?P<word>(?i:sq\.?\s?(?:ft|m)|[cdk]?m\^?[23]|ft\^?[23])(?![^\W_])|[^\W\d_]+(?:\.[^\W\d_]+)*\.?)"
    r"|(?P<blank>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_PARTED_DOLLAR = re.compile(r"\b(US|U\.S\.|AU|A|CA|C|CDN|NZ|HK|S|NT|MX|R)\s+\$", re.IGNORECASE)
# Peru and Panama write their money with a slash.
_SLASHED = {"S": "PEN ", "B": "PAB "}
_SLASHED_SIGN = re.compile(r"(?<![^\W_])([SB])/\.?\s*(?=\d)|(?<=\d)\s*([SB])/\.?(?=\s|$)")
_DIGITS = {**{0x660 + n: str(n) for n in range(10)}, **{0x6F0 + n: str(n) for n in range(10)}}
# Digits and marks of Arabic and Persian; marks that only direct the writing, and the soft hyphen, say nothing.
_PLAIN = str.maketrans({**_DIGITS, 0x66B: ".", 0x66C: ",", **dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0xFEFF])})
_PARTED_CENTS = re.compile(r"(\d[\d.,'’]*)\s?€\s?(\d\d)(?!\s?[\d€%]|[.,]\d)")


# A note below the table: "12.500 € ¹". What touches a digit may be its cents.
_FOOTNOTE = re.compile(r"(?<=[^\d\W])\s*[†‡]$|(?<=[\d\s€$£¥₹])[†‡]$|(?<=[\s€$£¥₹])[¹²³⁴-⁹]\)?$")
_POSTAGE = re.compile(r"\bp\s?[&+]\s?p\b", re.IGNORECASE)
_SLASH_DASH = re.compile(r"(?<=\d)\s*/\s*[-–—=](?=\W|$)")
_MARK_DASH = re.compile(r"(?<=\d)[.,:]\s?[-–—]+(?=\s|$|[^\d\s])")
_TRAILING_MINUS = re.compile(r"(\D*\d[\d.,]*[.,]\d\d)\s?[-−](\s?\D{0,4})")
_IN_BRACKETS = re.compile(r"\(\s*([^()]*\d[^()]*?)\s*\)")
_DASHES = frozenset("-–—−")


class Token(NamedTuple):
    """A piece of a text. `kind` is number, sign, word, blank or other.

    `folded` is the text as the vocabulary has it: lower case, without the dot of an abbreviation.
    """

    kind: str
    text: str
    folded: str


NOTHING = Token("", "", "")


def plain(text: str) -> str:
    """A text in one form: full-width signs narrow, digits of every script Arabic, no invisible marks."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", _FOOTNOTE.sub("", text.strip())).translate(_PLAIN).strip()


def prepared(text: str) -> str:
    """Take off what surrounds an amount by custom: "1,25,000/-", "12,-", "1'234.–"; and "35€99" as 35.99 €."""
    if "$" in text:
        text = _PARTED_DOLLAR.sub(lambda found: found[1].replace(".", "") + "$", text)
    if "p" in text or "P" in text:
        text = _POSTAGE.sub("postage", text)
    if "/" in text:
        text = _SLASHED_SIGN.sub(lambda found: f" {_SLASHED[found[1] or found[2]]}", text)
        text = _SLASH_DASH.sub(" ", text)
    if text.count("€") == 1:
        text = _PARTED_CENTS.sub(_with_cents, text)
    if not _DASHES.isdisjoint(text):
        text = _MARK_DASH.sub(" ", text)
        # Some programs put the minus behind the cents.
        trailing = _TRAILING_MINUS.fullmatch(text)
        text = f"-{trailing[1]}{trailing[2]}" if trailing and "-" not in trailing[1] else text
    if text.startswith("("):
        # Bookkeepers write a negative amount in brackets.
        bare = _IN_BRACKETS.fullmatch(text)
        text = f"-{bare[1]}" if bare else text
    return text


def _with_cents(found: re.Match[str]) -> str:
    whole = read_number(found[1])
    return f"{whole},{found[2]} €" if whole is not None and whole == whole.to_integral_value() else found[0]


def tokens(text: str) -> list[Token]:
    """A prepared text in pieces; nothing of it is left out."""
    pieces = []
    for found in _TOKEN.finditer(text):
        kind, piece = found.lastgroup or "", found.group()
        pieces.append(Token(kind, piece, piece.casefold().rstrip(".") if kind == "word" else piece))
    return pieces


def next_place(pieces: list[Token], place: int, step: int = 1) -> int:
    """The place of the next token that is not blank, in a direction; len(pieces) or -1 where there is none."""
    place += step
    while 0 <= place < len(pieces) and pieces[place].kind == "blank":
        place += step
    return place


def token_at(pieces: list[Token], place: int) -> Token:
    """The token at a place, or one that is nothing outside the text."""
    return pieces[place] if 0 <= place < len(pieces) else NOTHING

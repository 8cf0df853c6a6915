"""Quantities: how many pieces, pairs or dozens are sold, or how much of a good that goes by weight or volume."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from features.title import measures
from features.words.files import RuleFile
from features.words.phrases import Hit, PhraseBook, Tokens
from features.words.sizes import told


@dataclass(frozen=True)
class Counting:
    """The words of counting, as `data/quantities.toml` has them."""

    book: PhraseBook[str]
    singly: frozenset[str]
    counted: frozenset[str]
    works: frozenset[str]
    contained: re.Pattern[str]
    examples: dict[str, tuple[str, ...]]


@cache
def counting() -> Counting:
    """The words of `data/quantities.toml`."""
    return read_counting(RuleFile.read("quantities.toml"))


def read_counting(file: RuleFile) -> Counting:
    """Words of counting from their file. Raises BadInput naming the entry that cannot be used and the way out."""
    file.sections("singly", "counted", "works", "containers", "count")
    entries = file.entries("count", lists=("phrases", "examples"))
    said = [(text, entry["name"]) for entry in entries for text in entry["phrases"]]
    file.only_once(said)
    lists = {
        name: file.phrases(file.content.get(name, []), "the file", name)
        for name in ("singly", "counted", "works", "containers")
    }
    boxes = "|".join(re.escape(word) for word in sorted(lists["containers"], key=len, reverse=True))
    unit = r"(\d{1,4}(?:\.\d+)?)[\s-]?(lbs?|pounds?|kg|oz|gal|gallons?|qt|quarts?|l|liters?|ml)\.?"
    return Counting(
        book=PhraseBook(said),
        singly=frozenset(lists["singly"]),
        counted=frozenset(lists["counted"]),
        works=frozenset(lists["works"]),
        contained=re.compile(
            rf"(?<![\w.]){unit}\s+(?:of\s|(?:{boxes})(?!\w))|(?<!\w)(?:{boxes})\s+(?:of\s+)?{unit}(?!\w)"
        ),
        examples={entry["name"]: entry["examples"] for entry in entries},
    )


@dataclass(frozen=True, slots=True)
class Count:
    """How many of what unit are sold, and the words that say so.

    `lot` where they are several of a thing sold singly, `bundle` where each of them is another (10 games).
    """

    number: Decimal
    unit: str
    words: str
    lot: bool = False
    bundle: bool = False


_MOST_COUNTED = 500
_PIECES = {"pair": 1, "dozen": 1, "cord": 1, "ream": 1, "bushel": 1}


def quantity(tokens: Tokens) -> Count | None:
    """What a title says of how much is sold; None where it says nothing, or offers a choice ("1-3 pack")."""
    known = counting()
    counted = _counted_at_start(tokens, known)
    if counted:
        return counted
    for hit in known.book.find(tokens):
        number = hit.number if hit.number is not None else _PIECES.get(hit.meaning)
        if number is None or _is_choice(tokens, hit) or (hit.meaning == "piece" and number < 2):
            continue
        lot = hit.words.startswith("set of") and any(word in known.singly for word in tokens.word)
        return Count(Decimal(number), hit.meaning, tokens.between(hit.first, hit.last), lot)
    match = known.contained.search(tokens.text)
    if match:
        number_text, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
        value, name = told(float(number_text), _unit(number_text, unit))
        return Count(Decimal(f"{value:g}"), name, match[0].strip())
    return None


def _unit(number: str, unit: str) -> str:
    """A unit's name as measures tell it: "pounds" → "lb"."""
    long = {"pound": "lb", "pounds": "lb", "gallon": "gal", "gallons": "gal", "quart": "qt", "quarts": "qt"}
    found = measures(f"{number} {long.get(unit, unit)}")
    return found[0][1] if found else unit


def _is_choice(tokens: Tokens, hit: Hit[str]) -> bool:
    """Whether the number is the end of a range: "1-3 pack" leaves open how many."""
    words, first = tokens.word, hit.first
    return first >= 2 and words[first - 1] in ("-", "/") and words[first - 2].isdigit()


def _counted_at_start(tokens: Tokens, known: Counting) -> Count | None:
    """ "10 Nintendo Wii games": a number at the title's start, and within four words a plural that is counted."""
    words = tokens.word
    number = tokens.number[0] if words and tokens.shape[0] == "#" else None
    if number is None or not 2 <= number <= _MOST_COUNTED:
        return None
    for place in range(1, min(6, len(words))):
        if words[place] in known.counted or words[place] in known.works:
            said = tokens.between(0, place + 1)
            return Count(Decimal(number), "piece", said, lot=True, bundle=words[place] in known.works)
        if not words[place].isalpha():
            return None
    return None

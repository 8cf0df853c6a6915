""" "7 loaves of sourdough bread": how many of which thing are meant.

A number in front counts things where "x" or "×" follows, where they are in the plural ("7 bikes", "2 glass tables"),
or before words of counting and "of" ("3 bags of flour", "2 hours of tutoring"). A number that belongs to the thing
stays with it ("18V drill", "3 piece sofa", "10 speed bikes").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from features.words.phrases import NUMBER_WORDS
from models.services.asked import read_work

_NUMBER = r"(?P<number>\d{1,6}(?:[.,]\d{1,6})?|half an?|an?|" + "|".join(NUMBER_WORDS) + r")"
_TIMES = re.compile(rf"\s*{_NUMBER}\s*[x×]\s+(?P<thing>\S.*)", re.I | re.S)
_OF = re.compile(rf"\s*{_NUMBER}\s+(?P<unit>[^\W\d]+)\s+of\s+(?P<thing>\S.*)", re.I | re.S)
_PLURAL = re.compile(rf"\s*{_NUMBER}\s+(?P<noun>[^\W\d]+)(?P<rest>(?:\s.*)?)", re.I | re.S)
# Plural in form, one thing in meaning; a number before them counts none.
_NO_PLURALS = frozenset(
    "glass brass dress press access wireless stainless gas bus lens bass class cross compass canvas series jeans "
    "trousers scissors headphones gps plus less inches inch sports speakers".split()
)
_IRREGULAR = {
    "loaves": "loaf",
    "knives": "knife",
    "shelves": "shelf",
    "halves": "half",
    "men": "man",
    "people": "person",
}
_HOURS = frozenset({"hour", "hr"})
# Words after a number that make it a property of one thing: "10 speed bikes" are some bikes, nobody says how many.
_OF_ONE = frozenset(
    "inch in foot ft cm mm m volt v watt w amp ah hp gb tb mb quart qt liter litre gallon gal oz lb kg ton speed piece "
    "pc pack door string person seat seater burner drawer key channel way year month day star stage ply core sided "
    "tier wheel bit pin hole dozen".split()
)
_ARTICLE = re.compile(r"(?:an?|the)\s+(?=\S)", re.I)


@dataclass(frozen=True, slots=True)
class Counted:
    """`count` of a thing; `text` is one of them, `plural` what to call several."""

    count: float
    text: str
    plural: str

    def said(self, number: float) -> str:
        """So many of it: "7 loaves of bread", "1 bike repair"."""
        if number == 1:
            return f"1 {self.text}"
        return f"{number:g} {self.plural}" if self.plural != self.text else f"{number:g} × {self.text}"


def read_counted(text: str) -> Counted:
    """What a text counts. A text without a number in front is one of what it names."""
    said = " ".join(text.split()) or text
    times = _TIMES.fullmatch(said)
    if times:
        return Counted(_count(times["number"]), times["thing"], times["thing"])
    of = _OF.fullmatch(said)
    if of and singular(of["unit"]).casefold() != "year":
        unit = singular(of["unit"])
        # Work whose unit is the hour is valued as the work; of a job (a faucet repair) an hour is something else.
        work = read_work(f"hour of {of['thing']}")
        by_hour = unit.casefold() in _HOURS and (work is None or work.job.hourly)
        text_of = of["thing"] if by_hour else f"{unit} of {of['thing']}"
        plural = of["unit"] if unit != of["unit"] else f"{unit}s"
        return Counted(_count(of["number"]), text_of, f"{plural} of {of['thing']}")
    some = _PLURAL.fullmatch(said)
    if some and some["number"].casefold() not in ("a", "an"):
        if singular(some["noun"]) != some["noun"]:
            return Counted(_count(some["number"]), singular(some["noun"]) + some["rest"], some["noun"] + some["rest"])
        words = (some["noun"] + some["rest"]).split()
        if words[0].casefold() not in _OF_ONE and len(words) <= 5 and singular(words[-1]) != words[-1]:
            return Counted(_count(some["number"]), " ".join([*words[:-1], singular(words[-1])]), " ".join(words))
    one = _ARTICLE.sub("", said, count=1) if _ARTICLE.match(said) else said
    return Counted(1.0, one, one)


def singular(word: str) -> str:
    """An English plural as one ("bags" → "bag", "loaves" → "loaf"); any other word as it is."""
    low = word.casefold()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if low in _NO_PLURALS or len(low) < 4 or not low.endswith("s") or low.endswith(("ss", "us", "is")):
        return word
    if low.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if low.endswith(("ches", "shes", "xes", "sses", "zes")) else word[:-1]


def _count(text: str) -> float:
    low = text.casefold()
    if low.startswith("half"):
        return 0.5
    if low in ("a", "an"):
        return 1.0
    return float(NUMBER_WORDS[low]) if low in NUMBER_WORDS else max(float(low.replace(",", ".")), 1e-6)

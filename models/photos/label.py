"""Brand and model text of pictures: the words that were read, what they may name, and what of a product they confirm.

Reading by machine confuses letters and digits of one shape (0 and O, 1 and I, 5 and S, 8 and B), and labels break codes
with blanks. So codes are compared folded to one of each pair, and neighbouring words of a line also as one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from features.matching.item import Item
from features.photo.picture import PictureRead
from features.text import neutral
from features.thing import read_thing
from features.title import measures, model_codes, plain, words
from models.photos.layout import labels_in

LEAST_CONFIDENCE = 0.6
_MOST_WORDS = 24
_CODE_SIGNS = range(4, 17)
_ALIKE = 88.0
_SAME_SHAPE = str.maketrans("oislbz", "015182")
# Before a broken code there are at most this many letters: "DCD 771" is one, "cordless 18" is none.
_LONGEST_PREFIX = 4
# Marks of approval and plain claims on every label, which name nothing.
_ON_EVERY_LABEL = frozenset(
    "made in china assembled designed model no type input output serial ser date code class volt volts amp amps hz "
    "watt watts warning caution read manual before use ce ul fcc rohs patent pending www com the and of for only do "
    "not sn to by with rated".split()
)
# What stands before the name of a thing that this one is made for, and how many words of that name are looked at.
_MADE_FOR = re.compile(r"\b(?:for|fits?|compatible with|replaces|replacement for)\b(.*)")
_FITTED_WORDS = 5
# A line that names one piece, not a kind of things.
_SERIAL = re.compile(r"(?:serial|ser|s ?/ ?n|sn|imei|date|lot|batch|mfg|mfd)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """A line of text, plain, with the height of its letters; `place` numbers the picture and the label in it."""

    text: str
    height: float
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shared:
    """What of a product was read: its codes, where they stood, whether its maker, and how much of its name.

    `share` is the share of its name that was read, `covered` the share of what was read that is in its name (0–1).
    """

    codes: frozenset[str]
    places: frozenset[tuple[int, int]]
    brand: bool
    share: float
    covered: float
    said: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """What stands on pictures of one thing, in the order in which it is read."""

    said: tuple[Said, ...]

    @cached_property
    def text(self) -> str:
        """Everything as it stands there: "clear case for iphone 13"."""
        return " ".join(each.text for each in self.said)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Each line once, the largest letters first."""
        return tuple(dict.fromkeys(each.text for each in sorted(self.said, key=lambda each: -each.height)))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words once, in the order of the lines, without those that every label carries."""
        kept = (word for line in self.lines for word in words(line) if word not in _ON_EVERY_LABEL)
        return tuple(dict.fromkeys(kept))[:_MOST_WORDS]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Words that look like model numbers, or do so joined with their neighbours where a blank broke them."""
        found = (code for line in self.lines for code in (*model_codes(line), *_broken_codes(line)))
        maker = _folded(self.brand or "")
        return tuple(dict.fromkeys(code for code in found if _folded(code) != maker))

    @cached_property
    def title(self) -> str:
        """The words as a title."""
        return " ".join(self.words)

    @cached_property
    def brand(self) -> str | None:
        """The maker, where it is one that is known."""
        return read_thing(self.title).brand if self.words else None

    @cached_property
    def made_for(self) -> frozenset[str]:
        """Words and codes of what the thing is made for, where a line says so: "charger for makita dhp453"."""
        fitted = (" ".join(each.split()[:_FITTED_WORDS]) for line in self.lines for each in _MADE_FOR.findall(line))
        return frozenset(word for text in fitted for word in _neighbours(text))

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """Searches that may find the thing, the most telling first: each code with the maker, the codes, the words."""
        maker = f"{self.brand} " if self.brand else ""
        codes = list(dict.fromkeys(form for code in self.codes[:4] for form in (code, _as_digits(code))))
        asked = [f"{maker}{code}" for code in codes] + [code for code in codes if maker]
        asked += [self.title] + [line for line in self.lines[:3] if len(words(line)) >= 2]
        asked += [f"{maker}{line}" for line in self.lines[:2] if maker and maker.strip() not in line]
        return tuple(dict.fromkeys(text for text in asked if text.strip()))

    def shared_with(self, item: Item) -> Shared:
        """What of a product's name was read."""
        own = model_codes(plain(f"{item.title} {item.mpn or ''}"))
        # A maker may be called like a model: "DS18".
        maker = _folded(item.brand or "")
        stood = {
            code: self._places[_folded(code)]
            for code in own
            if _folded(code) in self._places and _folded(code) != maker
        }
        brand = bool(item.brand) and self._has(plain(item.brand or ""))
        named = [word for word in dict.fromkeys(neutral(item.title).split()) if len(word) > 1 or word.isdigit()]
        share = sum(self._has(word) for word in named) / len(named) if named else 0.0
        said = [f"model number {code} was read" for code in sorted(stood)]
        said += [f"the maker's name {item.brand} was read"] if brand else []
        said += [f"{share:.0%} of the words of its name were read"] if share >= 0.5 else []
        places = frozenset(place for where in stood.values() for place in where)
        return Shared(frozenset(stood), places, brand, share, self._covered(item), tuple(said))

    def _covered(self, item: Item) -> float:
        """The share of the words read that a product's name has, with its maker and category."""
        name = plain(f"{item.brand or ''} {item.title} {item.category or ''}")
        own = {*words(name), *_neighbours(name)}
        alike = [word for word in own if len(word) >= 4 and not word.isdigit()]
        known = [
            word in own or (len(word) >= 4 and not word.isdigit() and _nearest(word, alike)) for word in self.words
        ]
        return sum(map(bool, known)) / len(known) if known else 0.0

    def _has(self, text: str) -> bool:
        """Whether every word was read, one wrong letter in eight forgiven."""
        return all(
            word in self._known or (len(word) >= 4 and not word.isdigit() and _nearest(word, self.words))
            for word in words(text)
        )

    @cached_property
    def _places(self) -> dict[str, set[tuple[int, int]]]:
        """Everything that may be a code, folded, with the labels it stands on."""
        found: dict[str, set[tuple[int, int]]] = {}
        for each in self.said:
            for text in _neighbours(each.text):
                if len(text) in _CODE_SIGNS:
                    found.setdefault(_folded(text), set()).add(each.place)
        return found

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.words) | frozenset(text for each in self.said for text in _neighbours(each.text))


def label_of(reads: Sequence[PictureRead]) -> Label:
    """The text of pictures of one thing; lines that were read badly do not count."""
    said = []
    for picture, read in enumerate(reads):
        lines = [line for line in read.lines if line.confidence >= LEAST_CONFIDENCE and plain(line.text)]
        for line, label in zip(lines, labels_in(lines, read.width, read.height), strict=True):
            if _says_something(plain(line.text)):
                said.append(Said(plain(line.text), line.height, (picture, label)))
    return Label(tuple(said))


def _says_something(line: str) -> bool:
    """Whether a line may say what the thing is: "read manual before use" must not make it a manual."""
    said = [word for word in words(line) if word not in _ON_EVERY_LABEL and not measures(word)]
    measured = bool(measures(line)) and "input" not in line and "output" not in line
    return bool(said or measured) and not _SERIAL.match(line)


def _broken_codes(line: str) -> Iterator[str]:
    """Codes that a blank broke: "dcd 771". What is a code or a measure by itself stays so."""
    parts = re.findall(r"[^\W_]+", line)
    for one, other in itertools.pairwise(parts):
        prefix = one.isalpha() and len(one) <= _LONGEST_PREFIX and one not in _ON_EVERY_LABEL
        if prefix and other[0].isdigit() and not measures(other) and not model_codes(other):
            yield from model_codes(one + other)


def _neighbours(line: str) -> list[str]:
    """Each word of a line, and up to three neighbours written as one."""
    parts = re.findall(r"[^\W_]+", line)
    return ["".join(parts[at : at + count]) for count in (1, 2, 3) for at in range(len(parts) - count + 1)]


def _nearest(word: str, others: Sequence[str]) -> bool:
    """Whether one of the others is the same word with a letter misread."""
    return process.extractOne(word, others, scorer=fuzz.ratio, score_cutoff=_ALIKE) is not None


def _as_digits(code: str) -> str:
    """A code with the letters behind its first digit read as digits where they have their shape: dcd77i as dcd771."""
    start = next((place for place, sign in enumerate(code) if sign.isdigit()), len(code))
    return code[:start] + code[start:].translate(_SAME_SHAPE)


def _folded(text: str) -> str:
    """A code with letters and digits of one shape as one."""
    return "".join(sign for sign in text.casefold() if sign.isalnum()).translate(_SAME_SHAPE)

"""Brand and model text of pictures: the words that were read, what they may name, and what of a product they confirm.

Reading by machine confuses letters and digits of one shape (0 and O, 1 and I, 5 and S, 8 and B), and labels break codes
with blanks. So codes are compared folded to one of each pair, and neighbouring words of a line also as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from features.thing import read_thing
from rapidfuzz import fuzz, process

from features.matching.item import Item
from features.photo.picture import Line, PictureRead
from features.text import neutral
from features.title import model_codes, plain, words

LEAST_CONFIDENCE = 0.6
_MOST_WORDS = 24
_CODE_SIGNS = range(4, 17)
_ALIKE = 88.0
_SAME_SHAPE = str.maketrans("oislbz", "015182")
# Marks of approval and plain claims on every label, which name nothing.
_ON_EVERY_LABEL = frozenset(
    "made in china assembled designed model no type input output serial ser date code class volt volts amp amps hz "
    "watt watts warning caution read manual before use ce ul fcc rohs patent pending www com the and of for only do "
    "not".split()
)


@dataclass(frozen=True, slots=True)
class Shared:
    """What of a product was read: its codes, whether its maker, and the share of its title's words (0–1)."""

    codes: frozenset[str]
    brand: bool
    share: float
    said: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """The lines of all pictures of one thing, the largest letters first."""

    lines: tuple[str, ...]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words once, in order, without those that every label carries."""
        kept = (word for line in self.lines for word in words(line) if word not in _ON_EVERY_LABEL)
        return tuple(dict.fromkeys(kept))[:_MOST_WORDS]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Words, alone or joined with their neighbours, that look like model numbers."""
        joined = [text for line in self.lines for text in _neighbours(line)]
        return tuple(dict.fromkeys(code for text in joined for code in model_codes(text)))

    @cached_property
    def title(self) -> str:
        """The words as a title."""
        return " ".join(self.words)

    @cached_property
    def brand(self) -> str | None:
        """The maker, where it is one that is known."""
        return read_thing(self.title).brand if self.words else None

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """Searches that may find the thing, the most telling first: each code with the maker, the codes, the words."""
        maker = f"{self.brand} " if self.brand else ""
        asked = [f"{maker}{code}" for code in self.codes[:4]] + [code for code in self.codes[:4] if maker]
        asked += [self.title] + [line for line in self.lines[:3] if len(words(line)) >= 2]
        asked += [f"{maker}{line}" for line in self.lines[:2] if maker and maker.strip() not in line]
        return tuple(dict.fromkeys(text for text in asked if text.strip()))

    def shared_with(self, item: Item) -> Shared:
        """What of a product's name was read."""
        own = model_codes(plain(f"{item.title} {item.mpn or ''}"))
        codes = frozenset(code for code in own if _folded(code) in self._folded)
        brand = bool(item.brand) and self._has(plain(item.brand or ""))
        named = [word for word in dict.fromkeys(neutral(item.title).split()) if len(word) > 1]
        share = sum(self._has(word) for word in named) / len(named) if named else 0.0
        said = [f"model number {code} was read" for code in sorted(codes)]
        said += [f"the maker's name {item.brand} was read"] if brand else []
        said += [f"{share:.0%} of the words of its name were read"] if share >= 0.5 else []
        return Shared(codes, brand, share, tuple(said))

    def _has(self, text: str) -> bool:
        """Whether every word was read, one wrong letter in eight forgiven."""
        return all(
            word in self._known or (len(word) >= 4 and not word.isdigit() and self._near(word)) for word in words(text)
        )

    @cached_property
    def _folded(self) -> frozenset[str]:
        texts = (_squeezed(text) for line in self.lines for text in _neighbours(line))
        return frozenset(_folded(text) for text in texts if len(text) in _CODE_SIGNS)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.words) | frozenset(_squeezed(text) for line in self.lines for text in _neighbours(line))

    def _near(self, word: str) -> bool:
        return process.extractOne(word, self.words, scorer=fuzz.ratio, score_cutoff=_ALIKE) is not None


def label_of(reads: Sequence[PictureRead]) -> Label:
    """The text of pictures of one thing; lines that were read badly do not count."""
    lines: list[Line] = [line for read in reads for line in read.lines if line.confidence >= LEAST_CONFIDENCE]
    lines.sort(key=lambda line: -line.height)
    return Label(tuple(dict.fromkeys(text for line in lines if (text := plain(line.text)))))


def _neighbours(line: str) -> list[str]:
    """Each word of a line, and up to three neighbours written as one."""
    parts = re.findall(r"[^\W_]+", line)
    return ["".join(parts[at : at + count]) for count in (1, 2, 3) for at in range(len(parts) - count + 1)]


def _folded(text: str) -> str:
    """A code with letters and digits of one shape as one."""
    return _squeezed(text).translate(_SAME_SHAPE)


def _squeezed(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())

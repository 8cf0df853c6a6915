"""Phrases in a title: many short sayings looked for at once, word by word.

A phrase is a few words; `#` stands for a whole number ("lot of #", "#pcs"), a `*` at a word's end for the rest of it
("galaxy s*"). A hyphen between words is no obstacle: "open box" finds "open-box" too. Where several phrases of one kind
overlap, the one that begins first wins, and of those the longest; so a longer phrase that means nothing ("new balance")
keeps a shorter one inside it ("new") from being heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

_TOKEN = re.compile(r"\w+(?:['.]\w+)*|[^\w\s]")
_COUNTED = re.compile(r"([^\W\d]*)(\d{1,4})([^\W\d]*)", re.ASCII)
NUMBER_WORDS = {
    **{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9},
    **{"ten": 10, "eleven": 11, "twelve": 12, "dozen": 12},
}

Meaning = TypeVar("Meaning")


class Tokens:
    """The words and signs of a plain text, in order, with their places in it.

    `shape` is a word with its number as `#` ("5pcs" → "#pcs", "two" → "#"), None without one; `number` is that number.
    """

    __slots__ = ("end", "known", "number", "shape", "start", "text", "word")

    def __init__(self, text: str) -> None:
        self.text = text
        self.word: list[str] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.shape: list[str | None] = []
        self.number: list[int | None] = []
        for match in _TOKEN.finditer(text):
            word = match[0]
            self.word.append(word)
            self.start.append(match.start())
            self.end.append(match.end())
            counted = None if word.isalpha() else _COUNTED.fullmatch(word)
            if counted:
                self.shape.append(f"{counted[1]}#{counted[3]}")
                self.number.append(int(counted[2]) or None)
            else:
                self.shape.append("#" if word in NUMBER_WORDS else None)
                self.number.append(NUMBER_WORDS.get(word))
        self.known = frozenset((*self.word, *self.shape))

    def __len__(self) -> int:
        return len(self.word)

    def between(self, first: int, last: int) -> str:
        """The text from token `first` up to and without token `last`."""
        return self.text[self.start[first] : self.end[last - 1]] if first < last else ""


@dataclass(frozen=True, slots=True)
class Hit(Generic[Meaning]):
    """A phrase found: what it means, its tokens [first, last), its own words, and the number that a `#` stood for."""

    meaning: Meaning
    first: int
    last: int
    words: str
    number: int | None


class _Node(Generic[Meaning]):
    """A place in the tree of phrases: the words that lead on, and the phrase that ends here."""

    __slots__ = ("beginnings", "phrase", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node[Meaning]] = {}
        self.beginnings: list[tuple[str, _Node[Meaning]]] = []
        self.phrase: tuple[Meaning, str] | None = None

    def after(self, part: str) -> _Node[Meaning]:
        """The node behind a word of a phrase, made where it is not there yet."""
        if part[-1] != "*":
            return self.words.setdefault(part, _Node())
        for beginning, node in self.beginnings:
            if beginning == part[:-1]:
                return node
        self.beginnings.append((part[:-1], _Node()))
        return self.beginnings[-1][1]


class PhraseBook(Generic[Meaning]):
    """Phrases and their meanings, found together in one pass over a title's tokens."""

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._root: _Node[Meaning] = _Node()
        for words, meaning in phrases:
            node = self._root
            for part in split(words):
                node = node.after(part)
            if node.phrase is None:
                node.phrase = (meaning, words)

    def find(self, tokens: Tokens) -> list[Hit[Meaning]]:
        """The phrases in a text, none overlapping another, in order."""
        found: list[Hit[Meaning]] = []
        behind, first = 0, self._root.words
        if first.keys().isdisjoint(tokens.known):
            return found
        for place, word in enumerate(tokens.word):
            if place < behind or (word not in first and tokens.shape[place] not in first):
                continue
            longest = _longest(self._root, tokens, place, None)
            if longest is not None:
                (meaning, words), behind, number = longest
                found.append(Hit(meaning, place, behind, words, number))
        return found


_Found = tuple[tuple[Meaning, str], int, int | None]


def _longest(node: _Node[Meaning], tokens: Tokens, place: int, number: int | None) -> _Found[Meaning] | None:
    """The longest phrase from a node on: what it means, where it ends, the number in it; a word itself comes first."""
    best: _Found[Meaning] | None = (node.phrase, place, number) if node.phrase else None
    if node.phrase is None or node.words or node.beginnings:
        start = place
        while start < len(tokens.word) and tokens.word[start] == "-" and start > 0:
            start += 1
        if start >= len(tokens.word):
            return best
        word, shape = tokens.word[start], tokens.shape[start]
        ways: list[tuple[_Node[Meaning], int | None]] = []
        if word in node.words:
            ways.append((node.words[word], number))
        if shape is not None and tokens.number[start] is not None and shape in node.words:
            ways.append((node.words[shape], tokens.number[start]))
        ways += [(onward, number) for beginning, onward in node.beginnings if word.startswith(beginning)]
        for onward, counted in ways:
            found = _longest(onward, tokens, start + 1, counted)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
    return best


def split(words: str) -> tuple[str, ...]:
    """The tokens of a phrase as they are looked for: hyphens are no words; "#" and "x*" stay together."""
    parts = re.findall(r"[\w#*]+(?:['.][\w#*]+)*|[^\w\s]", words)
    return tuple(part for part in parts if part != "-")

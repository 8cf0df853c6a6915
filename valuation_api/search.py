"""Typo-tolerant search over a list of titles, in memory.

Each word of the question is matched with the nearest words of the vocabulary (normalised Indel similarity, or as the
beginning of one); a title's score is the share of the question's weight it answers, where rare words weigh more
(inverse document frequency, Spärck Jones 1972). Work grows with the vocabulary, not with the number of titles.
"""

from __future__ import annotations

import bisect
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import fuzz, process

_WORD = re.compile(r"[^\W_]+(?:\.[0-9]+)?")
# Two words this similar (percent) may be one word and its misspelling: one error in four letters passes, two do not.
NEAR = 75.0
# A title must answer this share of the question to be shown.
ENOUGH = 0.45
MOST_WORDS = 24


def words(text: str) -> list[str]:
    """The words of a text: case, accents and punctuation do not count."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


class ProductIndex:
    """An index over (name, text, weight) entries; among equal scores the greater weight comes first, then the name."""

    def __init__(self, entries: Iterable[tuple[str, str, int]]) -> None:
        self._names: list[str] = []
        self._weights: list[int] = []
        self._lengths: list[int] = []
        postings: dict[str, set[int]] = defaultdict(set)
        for number, (name, text, weight) in enumerate(entries):
            found = set(words(text))
            self._names.append(name)
            self._weights.append(weight)
            self._lengths.append(len(found))
            for word in found:
                postings[word].add(number)
        self._postings = dict(postings)
        self._vocabulary = sorted(self._postings)

    def search(self, text: str, limit: int) -> list[tuple[str, float]]:
        """The best `limit` entries for `text` with their scores in 0–1, best first."""
        asked = _with_joined(words(text)[:MOST_WORDS])
        answered: dict[int, float] = defaultdict(float)
        total = 0.0
        for spellings in asked:
            weight, matches = self._matches(spellings)
            total += weight
            for number, similarity in matches.items():
                answered[number] += weight * similarity
        scored = [(number, min(1.0, points / total)) for number, points in answered.items() if points >= ENOUGH * total]
        scored.sort(
            key=lambda hit: (-round(hit[1], 6), -self._weights[hit[0]], self._lengths[hit[0]], self._names[hit[0]])
        )
        return [(self._names[number], round(score, 4)) for number, score in scored[:limit]]

    def _matches(self, spellings: list[str]) -> tuple[float, dict[int, float]]:
        """The weight of one asked word and, by entry, how well the entry has it (0–1)."""
        near = self._near(spellings[0])
        near.update({joined: 1.0 for joined in spellings[1:] if joined in self._postings})
        best: dict[int, float] = {}
        for word, similarity in near.items():
            for number in self._postings[word]:
                best[number] = max(best.get(number, 0.0), similarity)
        meant = max(near, key=lambda word: (near[word], len(self._postings[word])), default=None)
        entries = len(self._postings[meant]) if meant else 1
        return math.log1p(len(self._names) / entries), best

    def _near(self, spelling: str) -> dict[str, float]:
        near: dict[str, float] = {}
        if any(letter.isdigit() for letter in spelling):
            # A model number one digit off is another model: it counts less than a word one letter off.
            cutoff, discount = 85.0, 0.6
        else:
            cutoff, discount = NEAR, 1.0
        for word, score, _ in process.extract(
            spelling, self._vocabulary, scorer=fuzz.ratio, score_cutoff=cutoff, limit=20
        ):
            near[word] = 1.0 if word == spelling else (score / 100) ** 2 * discount
        if len(spelling) >= 3:
            for word in self._beginning(spelling):
                near[word] = max(near.get(word, 0.0), 0.9)
        return near

    def _beginning(self, prefix: str) -> list[str]:
        """Up to 20 words of the vocabulary that begin with `prefix`."""
        start = bisect.bisect_left(self._vocabulary, prefix)
        found = []
        for word in self._vocabulary[start : start + 20]:
            if not word.startswith(prefix):
                break
            found.append(word)
        return found


def _with_joined(asked: list[str]) -> list[list[str]]:
    """Each asked word with its other spellings: alone, or joined with the one after or before ("mac book")."""
    spellings = []
    for place, word in enumerate(asked):
        around = [word]
        if place + 1 < len(asked):
            around.append(word + asked[place + 1])
        if place:
            around.append(asked[place - 1] + word)
        spellings.append(around)
    return spellings

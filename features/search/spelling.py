"""What an asked word may mean: itself, a word it is a misspelling or the beginning of, or two words written as one.

The dictionary is that of the products. How many errors are forgiven goes by the word's length; a model code one sign
off names another model and counts less, and short numbers mean what they say. A word that is known but rare is doubted
where a much more frequent one is near: sellers misspell too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from features.search.words import parts

# A word that so many products have is taken at its word; a rarer one is doubted for one so many times as frequent.
COMMON = 1_000
MUCH_MORE = 20
# Readings of one word that are followed.
MOST_READINGS = 12
_MOST_CANDIDATES = 40
_BEGINNING = 0.8
OTHER_WRITING = 0.97
_OTHER_MODEL = 0.5
_FORGIVEN_TWO = 7


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """A word, or words one after the other, that an asked word may stand for, with its likeness (0–1)."""

    text: tuple[str, ...]
    likeness: float


class Vocabulary:
    """The dictionary of the products' words."""

    def __init__(self, products: Any, dictionary: Any) -> None:
        """`products` and `dictionary` are tantivy's indexes, as `build` makes them."""
        self._products = products.searcher()
        self._words, self._schema = dictionary.searcher(), dictionary.schema
        self.readings = lru_cache(maxsize=20_000)(self._readings)
        self.completions = lru_cache(maxsize=5_000)(self._completions)
        for errors in (1, 2):
            # tantivy makes its automata at their first use, which takes a while: no question is to wait for it.
            self._fuzzy("katy", errors)

    def count(self, word: str) -> int:
        """How many products have the word."""
        return int(self._products.doc_freq("words", word)) + int(self._products.doc_freq("more", word))

    def _readings(self, word: str) -> tuple[Reading, ...]:
        """What the word may mean, the likeliest first; nothing where the dictionary has nothing near it."""
        count = self.count(word)
        found: dict[tuple[str, ...], float] = {(word,): 1.0} if count else {}
        pieces = parts(word)
        if 1 < len(pieces) <= 4 and all(map(self.count, pieces)):
            found[tuple(pieces)] = OTHER_WRITING
        if not count:
            found |= {split: OTHER_WRITING for split in self._splits(word) if split not in found}
        if count < COMMON:
            for near, likeness, products in self._near(word, known=bool(count)):
                if not count or products >= MUCH_MORE * count:
                    found[(near,)] = max(found.get((near,), 0.0), likeness)
        ordered = sorted((Reading(text, likeness) for text, likeness in found.items()), key=lambda r: (-r.likeness, r))
        return tuple(ordered[:MOST_READINGS])

    def _completions(self, beginning: str, most: int) -> tuple[str, ...]:
        """The most frequent words with this beginning; where there is none, those whose beginning is one error off."""
        found = tuple(word for word, _ in self._products.terms_with_prefix("words", beginning, limit=most))
        if found or len(beginning) < 4 or beginning.isdigit():
            return found
        return tuple(word for word, _ in self._fuzzy(beginning, 1, prefix=True)[:most])

    def _near(self, word: str, *, known: bool) -> list[tuple[str, float, int]]:
        """Words that this may be a misspelling or the beginning of: each with its likeness and its number of products.

        Errors are counted as insertions, deletions, changes and swaps of neighbours (optimal string alignment).
        """
        from rapidfuzz.distance import OSA

        numbered = any(sign.isdigit() for sign in word)
        if (len(word) < 4 and (known or numbered)) or len(word) < 3 or (numbered and known):
            return []
        near = []
        forgiven = 1 if known or numbered or len(word) < _FORGIVEN_TWO else 2
        for errors in range(1, forgiven + 1):
            for other, products in self._fuzzy(word, errors):
                distance = OSA.distance(word, other)
                if distance and not (numbered and not _same_kind(word, other)):
                    likeness = (1 - distance / max(len(word), len(other))) ** 2
                    near.append((other, likeness * (_OTHER_MODEL if numbered else 1.0), products))
            if near:
                break
        begun = self._products.terms_with_prefix("words", word, limit=MOST_READINGS)
        return near + [(other, _BEGINNING, products) for other, products in begun if other != word]

    def _splits(self, word: str) -> list[tuple[str, str]]:
        """The word cut in two where both parts are known: "macbook" → mac, book."""
        cuts = [(word[:place], word[place:]) for place in range(2, len(word) - 1)]
        return [(left, right) for left, right in cuts if self.count(left) and self.count(right)]

    def _fuzzy(self, word: str, errors: int, *, prefix: bool = False) -> list[tuple[str, int]]:
        import tantivy

        query = tantivy.Query.fuzzy_term_query(
            self._schema, "word", word, distance=errors, transposition_cost_one=True, prefix=prefix
        )
        hits = self._words.search(query, _MOST_CANDIDATES, count=False, order_by_field="products").hits
        return [(self._words.doc(address)["word"][0], int(products)) for products, address in hits]


def _same_kind(word: str, other: str) -> bool:
    """Whether a code's neighbour is a code and a number's is a number, unless both are long: "20v" is not "20"."""
    long = min(len(word), len(other)) >= 4
    return any(sign.isdigit() for sign in other) and (long or word.isdigit() == other.isdigit())

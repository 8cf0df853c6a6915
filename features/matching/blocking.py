"""Blocking: which of the items known earlier are worth comparing an item with.

Items stand in an order fixed for ever (the day each was first seen), and an item is only ever compared with those
before it. Weights follow the same rule: the inverse document frequency of a word is what it was among the items before,
so that neither candidates nor their scores depend on what is seen later, or on how many items came in one run.

An item is a set of pieces: the words of its title without those of condition, neighbouring words written together
("play station" meets "playstation"), the stems of model codes ("dcd771c2" meets "dcd771"), and its numbers (GTIN, MPN).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.condition import without_condition
from features.matching.item import Item
from features.title import plain, words

# Postings walked for one item, rarest pieces first: a word that thousands share says little and costs much.
BUDGET = 12_000
# Candidates whose cosine is computed in full, for each that is wanted.
_SHORTLIST = 4
_STEM = re.compile(r"^(?:[a-z]+\d{2,}|\d{2,}[a-z]+)")
_CUT = re.compile(r"[^a-z0-9]+")


def pieces(item: Item) -> list[str]:
    """What an item is found by, each once, sorted."""
    text = without_condition(plain(item.title))
    said = [*words(plain(item.brand)), *words(text)] if item.brand else words(text)
    flat = [_CUT.sub("", word) or word for word in said]
    out = {word for word in flat if word}
    out.update(left + right for left, right in itertools.pairwise(flat))
    # What stands between blanks, hyphens and slashes gone: "wh-1000xm4", "dsc-w120/p".
    for token in [*text.split(), *plain(item.mpn or "").split()]:
        bare = _CUT.sub("", token)
        if len(bare) >= 4 and any(sign.isdigit() for sign in bare) and not bare.isdigit():
            out.add(bare)
            stem = _STEM.match(bare)
            if stem and len(stem.group()) >= 4:
                out.add(f"stem {stem.group()}")
    if item.mpn and (number := _CUT.sub("", plain(item.mpn))):
        out.update((number, f"number {number}"))
    if item.gtin:
        out.add(f"number {item.gtin.strip().lstrip('0')}")
    return sorted(out)


class Blocks:
    """An inverted index over items in their order.

    `tokens` and `weights` hold the pieces of each item (rows `start[i]:start[i + 1]`), with the weights of its own
    time, scaled to length 1. `postings` holds for each piece (`first[t]:first[t + 1]`) the items that have it,
    ascending: those before position p are a prefix.
    """

    def __init__(
        self,
        hashes: np.ndarray,
        start: np.ndarray,
        tokens: np.ndarray,
        weights: np.ndarray,
        first: np.ndarray,
        postings: np.ndarray,
    ) -> None:
        self.hashes, self.start, self.tokens, self.weights = hashes, start, tokens, weights
        self.first, self.postings = first, postings
        self._sum = np.zeros(len(self), np.float32)
        self._own = np.zeros(len(hashes), np.float32)

    def __len__(self) -> int:
        return len(self.start) - 1

    @classmethod
    def of(cls, found_by: Sequence[Sequence[str]]) -> Blocks:
        """The index over items, given by their `pieces`, in their order."""
        counts = np.fromiter((len(each) for each in found_by), np.int64, len(found_by))
        flat = text_hashes(list(itertools.chain.from_iterable(found_by)))
        hashes, tokens = np.unique(flat, return_inverse=True)
        items = np.repeat(np.arange(len(found_by), dtype=np.int32), counts)
        by_token = np.argsort(tokens, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(tokens, minlength=len(hashes)))]).astype(np.int64)
        # How many items before had the piece: its place among its own postings.
        before = np.empty(len(tokens), np.int64)
        before[by_token] = np.arange(len(tokens)) - np.repeat(first[:-1], np.diff(first))
        weights = _idf(before, items)
        lengths = np.sqrt(np.bincount(items, weights=weights**2, minlength=len(found_by)))
        weights = (weights / np.maximum(lengths[items], 1e-12)).astype(np.float32)
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(hashes, start, tokens.astype(np.int32), weights, first, items[by_token])

    def candidates(self, position: int, *, top: int = 30, least: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """The items before `position` most like the one there: (positions, cosines), best first."""
        own = slice(self.start[position], self.start[position + 1])
        return self._alike(self.tokens[own], self.weights[own], position, top, least)

    def like(
        self, found_by: Sequence[str], *, before: int, top: int = 30, least: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """The items before position `before` most like one that is not in the index, given by its `pieces`."""
        asked = text_hashes(list(found_by))
        place = np.searchsorted(self.hashes, asked)
        known = np.zeros(len(asked), bool)
        inside = place < len(self.hashes)
        known[inside] = self.hashes[place[inside]] == asked[inside]
        tokens = place[known].astype(np.int32)
        frequency = np.zeros(len(asked), np.int64)
        frequency[known] = [self._prefix(token, before) for token in tokens]
        weights = _idf(frequency, np.full(len(asked), before))
        length = float(np.sqrt((weights**2).sum())) or 1.0
        return self._alike(tokens, (weights[known] / length).astype(np.float32), before, top, least)

    def _prefix(self, token: int, position: int) -> int:
        """How many of the items before a position have a piece."""
        low, high = self.first[token], self.first[token + 1]
        return int(np.searchsorted(self.postings[low:high], position))

    def _alike(
        self, tokens: np.ndarray, weights: np.ndarray, position: int, top: int, least: float
    ) -> tuple[np.ndarray, np.ndarray]:
        counts = np.array([self._prefix(token, position) for token in tokens], np.int64)
        # Rarest first; equally rare ones by hash, so that the order is the same everywhere.
        walked, budget = [], BUDGET
        for each in np.lexsort((tokens, counts)):
            if not counts[each]:
                continue
            if counts[each] > budget:
                break
            low = self.first[tokens[each]]
            walked.append((self.postings[low : low + counts[each]], weights[each] ** 2))
            budget -= int(counts[each])
        if not walked:
            return np.zeros(0, np.int64), np.zeros(0)
        for items, weight in walked:
            self._sum[items] += weight
        met = np.unique(np.concatenate([items for items, _ in walked]))
        partly = self._sum[met]
        self._sum[met] = 0
        if len(met) > top * _SHORTLIST:
            met = np.sort(met[np.lexsort((met, -partly))[: top * _SHORTLIST]])
        cosine = self._cosine(met, tokens, weights)
        ranked = np.lexsort((met, -np.round(cosine, 6)))[:top]
        ranked = ranked[cosine[ranked] >= least]
        return met[ranked].astype(np.int64), cosine[ranked].astype(np.float64)

    def _cosine(self, items: np.ndarray, tokens: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The cosine of each item's pieces with the given ones, common words too."""
        self._own[tokens] = weights
        counts = self.start[items + 1] - self.start[items]
        inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        flat = np.repeat(self.start[items], counts) + inside
        shared = self._own[self.tokens[flat]] * self.weights[flat]
        self._own[tokens] = 0
        cosine: np.ndarray = np.bincount(np.repeat(np.arange(len(items)), counts), weights=shared, minlength=len(items))
        return cosine

    def save(self, folder: Path) -> None:
        """Write the index as plain arrays below `folder`."""
        for name in _ARRAYS:
            np.save(folder / f"blocks_{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> Blocks:
        """The index that `save` wrote; its arrays are read from disk as they are needed."""
        return cls(*(np.load(folder / f"blocks_{name}.npy", mmap_mode="r") for name in _ARRAYS))


_ARRAYS = ("hashes", "start", "tokens", "weights", "first", "postings")


def text_hashes(texts: list[str]) -> np.ndarray:
    """Texts as 64-bit numbers, the same in every process (SipHash under a fixed key)."""
    from pandas.util import hash_array

    numbers: np.ndarray = hash_array(np.array(texts, dtype=object), categorize=False)
    return numbers


def _idf(before: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Smoothed ln((1 + n)/(1 + df)) + 1 with n items before, df of them with the piece (Salton and Buckley 1988)."""
    weights: np.ndarray = np.log((1.0 + items) / (1.0 + before)) + 1
    return weights

"""The photos of listings by their looks: which are the same photo as one in hand, among a million.

Every look is six words of 64 bits. A search compares all of them, block by block: the distance is that of
`features.photo.look.similar`, counted in quarters of a bit so that it stays a small whole number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from features.photo.look import SAME_PHOTO, similar
from features.photo.picture import Look

Listing = tuple[str, str]

# The words of phash, dhash and colour, and what a bit of each counts in quarters.
_FIELDS = (("phash", 1, 4), ("dhash", 4, 1), ("colour", 1, 2))
_FARTHEST = 240
# A block and what is computed of it stay in a core's cache.
_BLOCK = 16_384
_EPOCH = date(1970, 1, 1)
_LOOKS = """
    SELECT source, id, phash, dhash, colour, date_diff('day', DATE '1970-01-01', observed_on)
    FROM mart.photo_look
    ORDER BY source, id, image
"""


class Neighbours:
    """Looks of listing photos. Never changes once made: safe to share among threads.

    `listings` are (source, id), one for each look; a listing with several photos stands there several times. `days` say
    when each was looked at (days since 1970-01-01).
    """

    def __init__(self, listings: Sequence[Listing], looks: Sequence[Look], days: Sequence[int] | None = None) -> None:
        self._listings = listings
        self._words = _words(looks)
        self._day = np.zeros(len(looks), np.int32) if days is None else np.asarray(days, np.int32)
        self._shown = _shows_something(self._words)

    @classmethod
    def read(cls, connection: Any) -> Neighbours:
        """The looks of a snapshot's database (`mart.photo_look`)."""
        rows = connection.execute(_LOOKS).fetchall()
        return cls([row[:2] for row in rows], [Look(*row[2:5]) for row in rows], [row[5] for row in rows])

    def __len__(self) -> int:
        return len(self._listings)

    def nearest(
        self, look: Look, top: int, *, least: float = SAME_PHOTO, by: date | None = None
    ) -> list[tuple[Listing, float]]:
        """The listings with the photos most like a look, each once, and how alike they are; the most alike first.

        Of equally alike ones the first in the order given comes first. Only what is at least `least` (above 0) alike,
        and only what had been looked at by the end of the day `by`, where one is given.
        """
        asked = _words([look])
        if not _shows_something(asked)[0]:
            return []
        known = self._shown if by is None else self._shown & (self._day <= (by - _EPOCH).days)
        apart = np.empty(len(self), np.uint16)
        for start in range(0, len(self), _BLOCK):
            block = slice(start, start + _BLOCK)
            apart[block] = _apart(self._words[:, block], asked)
        near = np.flatnonzero((apart <= _farthest(least)) & known)
        found: dict[Listing, float] = {}
        for place in near[np.argsort(apart[near], kind="stable")].tolist():
            if len(found) == top:
                break
            found.setdefault(self._listings[place], 1.0 - int(apart[place]) / _FARTHEST)
        return list(found.items())


def same_photo(looks: Sequence[Look], *, least: float = SAME_PHOTO) -> list[int]:
    """Which looks are of one photo: for each the place of the first that it hangs together with.

    A blank look hangs together with none. Every pair is compared: for some hundreds of looks.
    """
    words = _words(looks)
    shown = _shows_something(words)
    first = list(range(len(looks)))
    for place in np.flatnonzero(shown).tolist():
        alike = np.flatnonzero(_apart(words[:, :place], words[:, place : place + 1]) <= _farthest(least))
        heads = {first[other] for other in alike.tolist() if shown[other]}
        if heads:
            head = min(heads)
            first = [head if each in heads else each for each in first[:place]] + first[place:]
            first[place] = head
    return first


def _farthest(least: float) -> int:
    return int((1.0 - least) * _FARTHEST + 1e-9)


def _words(looks: Sequence[Look]) -> np.ndarray:
    """Looks as words of 64 bits (6, looks): one of phash, four of dhash, one of colour."""
    columns = []
    for name, words, _ in _FIELDS:
        digits = "".join([getattr(look, name).zfill(16 * words) for look in looks])
        columns.append(np.frombuffer(bytes.fromhex(digits), ">u8").reshape(len(looks), words))
    return np.ascontiguousarray(np.hstack(columns).T, dtype=np.uint64)


def _apart(words: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Distances in quarters of a bit (n,) between looks (6, n) and one look (6, 1)."""
    apart = np.zeros(words.shape[1], np.uint16)
    place = 0
    for _, count, quarters in _FIELDS:
        for word in range(place, place + count):
            apart += np.bitwise_count(words[word] ^ asked[word]) * np.uint16(quarters)
        place += count
    return apart


def _shows_something(words: np.ndarray) -> np.ndarray:
    """Which looks are not blank: `similar` judges it by the ones of a phash, of which there are 0 to 64."""
    by_ones = [Look(f"{(1 << ones) - 1:016x}", "0", "0") for ones in range(65)]
    shown = np.array([similar(look, look) > 0.0 for look in by_ones])
    out: np.ndarray = shown[np.bitwise_count(words[0])]
    return out

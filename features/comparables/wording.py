"""Reasons in plain words: what two titles both say, when and where it was sold, what was put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from features.text import neutral, word_matrix

_MOST = 4
_PLURAL = {"relisting": "relistings", "copy": "copies", "cross-post": "cross-posts", "photo": "with the same photo"}
_SINGLE = {"photo": "with the same photo"}


class Wording:
    """The words of a question and their weights."""

    def __init__(self, title: str, idf: np.ndarray) -> None:
        self.words = list(dict.fromkeys(neutral(title).split()))
        matrix = word_matrix(self.words)
        self.weight = dict(zip(self.words, np.asarray(matrix @ idf.astype(float)).ravel(), strict=True))

    def has_of(self, title: str) -> bool:
        """Whether a title has one of the question's words."""
        return not set(self.words).isdisjoint(neutral(title).split())

    def shared(self, title: str) -> list[str]:
        """The weightiest words that a title shares with the question, in the question's order."""
        its = set(neutral(title).split())
        return self._weightiest([word for word in self.words if word in its])

    def missing(self, title: str) -> list[str]:
        """The weightiest words of the question that a title has not."""
        its = set(neutral(title).split())
        return self._weightiest([word for word in self.words if word not in its])

    def _weightiest(self, words: Sequence[str]) -> list[str]:
        best = set(sorted(words, key=lambda word: (-self.weight[word], word))[:_MOST])
        return [word for word in words if word in best]


def ago(kind: str, days: int, region: str) -> str:
    """ "sold 12 days ago in US-MO"."""
    said = "asked" if kind == "asking" else kind
    when = "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"
    return f"{said} {when} in {region}" if region else f"{said} {when}"


def put_together(why: Iterable[str]) -> list[str]:
    """ "3 relistings", "1 copy" for the reasons of those that a comparable stands for."""
    count = Counter(why)
    return [
        f"{count[said]} {_SINGLE.get(said, said) if count[said] == 1 else _PLURAL[said]}"
        for said in _PLURAL
        if count[said]
    ]

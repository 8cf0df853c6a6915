"""Features of a pair from its texts: how alike the titles are, and what of one side is found in the other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from features.matching.side import Side

NAMES = (
    *("title_ratio", "title_sorted_ratio", "title_set_ratio", "title_partial", "title_jaro", "title_squeezed"),
    *("words_shared", "words_jaccard", "words_contained", "weight_shared_share", "weight_shared_max"),
    *("weight_soft", "first_word_same", "last_word_same", "whole_set_ratio", "whole_jaccard", "title_equal"),
    *("order_kept", "pairs_jaccard"),
)
SIDED = (
    *(
        "words",
        "rest_words",
        "rest_weight",
        "rest_weight_max",
        "rest_share",
        "rest_unexplained",
        "rest_unexplained_max",
    ),
    *("title_in_whole",),
)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Words of two titles set against each other: those left over on each side, and what was matched."""

    shared: frozenset[str]
    soft: tuple[tuple[str, str], ...]
    """Words that are one by spelling: an abbreviation, a slip, two words written as one."""
    rest_left: tuple[str, ...]
    rest_right: tuple[str, ...]


def align(left: Side, right: Side) -> Aligned:
    """Match the words of two titles: equal ones, then joined, shortened and misspelt ones."""
    shared = left.word_set & right.word_set
    rest_left = [word for word in dict.fromkeys(left.words) if word not in shared]
    rest_right = [word for word in dict.fromkeys(right.words) if word not in shared]
    soft: list[tuple[str, str]] = []
    if rest_left and rest_right:
        kept = []
        for word in rest_left:
            partner = next((other for other in rest_right if alike(word, other)), None)
            if partner is None:
                kept.append(word)
            else:
                soft.append((word, partner))
                rest_right.remove(partner)
        rest_left = kept
    # "kx-tg4323b" gave "kx" and "tg4323b", the other side has "kxtg4323b".
    joined_left = _within(rest_left, right, left)
    joined_right = _within(rest_right, left, right)
    soft += [(word, word) for word in joined_left + joined_right]
    return Aligned(
        shared,
        tuple(soft),
        tuple(word for word in rest_left if word not in joined_left),
        tuple(word for word in rest_right if word not in joined_right),
    )


def alike(one: str, other: str) -> bool:
    """Say whether two words are one by spelling: "pro" and "professional", "std" and "standard", a slip of one sign."""
    if one[0] != other[0]:
        return False
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if not (short.isalpha() and long.isalpha()):
        return False
    if len(short) >= 3 and long.startswith(short):
        return True
    if len(short) >= 6:
        return bool(Levenshtein.distance(short, long, score_cutoff=1) <= 1)
    return 3 <= len(short) <= 4 and len(long) >= 6 and short[-1] == long[-1] and _in_order(short, long)


def _in_order(short: str, long: str) -> bool:
    signs = iter(long)
    return not set(short[1:]) & set("aeiou") and all(sign in signs for sign in short)


def _within(rest: list[str], other: Side, own: Side) -> list[str]:
    """Words of one title that stand inside a longer word of the other, or were written as several there."""
    long_words = [word for word in other.words if len(word) >= 5 and word in own.squeezed]
    return [
        word
        for word in rest
        if (len(word) >= 5 and word in other.squeezed) or (len(word) >= 2 and any(word in long for long in long_words))
    ]


def string_features(left: Side, right: Side, aligned: Aligned, idf: Mapping[str, float], unseen: float) -> list[float]:
    """Features in the order of NAMES, then each of SIDED for the left and for the right side."""
    shared, union = aligned.shared, left.word_set | right.word_set
    shared_weight = sum(idf.get(word, unseen) for word in shared)
    soft_weight = sum(max(idf.get(one, unseen), idf.get(other, unseen)) for one, other in aligned.soft)
    union_weight = sum(idf.get(word, unseen) for word in union) or 1.0
    smaller = min(len(left.word_set), len(right.word_set)) or 1
    a, b = left.title, right.title
    own_left = _sided(left, right, aligned.rest_left, idf, unseen)
    own_right = _sided(right, left, aligned.rest_right, idf, unseen)
    rest_weight = own_left[2] + own_right[2]
    bigrams_left, bigrams_right = set(pairwise(left.words)), set(pairwise(right.words))
    both = [
        fuzz.ratio(a, b) / 100,
        fuzz.token_sort_ratio(a, b) / 100,
        fuzz.token_set_ratio(a, b) / 100,
        fuzz.partial_ratio(a, b) / 100,
        JaroWinkler.similarity(a, b),
        Levenshtein.normalized_similarity(left.squeezed, right.squeezed),
        float(len(shared)),
        len(shared) / (len(union) or 1),
        len(shared) / smaller,
        shared_weight / union_weight,
        max((idf.get(word, unseen) for word in shared), default=0.0),
        (shared_weight + soft_weight) / (shared_weight + soft_weight + rest_weight or 1.0),
        float(bool(left.words and right.words) and left.words[0] == right.words[0]),
        float(bool(left.words and right.words) and left.words[-1] == right.words[-1]),
        fuzz.token_set_ratio(left.whole, right.whole) / 100,
        len(left.whole_set & right.whole_set) / (len(left.whole_set | right.whole_set) or 1),
        float(left.squeezed == right.squeezed),
        _order(left, right, shared),
        len(bigrams_left & bigrams_right) / (len(bigrams_left | bigrams_right) or 1),
    ]
    return both + own_left + own_right


def _sided(own: Side, other: Side, rest: tuple[str, ...], idf: Mapping[str, float], unseen: float) -> list[float]:
    weights = [idf.get(word, unseen) for word in rest]
    open_weights = [weight for word, weight in zip(rest, weights, strict=True) if word not in other.whole_set]
    total = sum(idf.get(word, unseen) for word in own.word_set) or 1.0
    explained = sum(idf.get(word, unseen) for word in own.word_set if word in other.whole_set)
    return [
        float(len(own.words)),
        float(len(rest)),
        sum(weights),
        max(weights, default=0.0),
        sum(weights) / total,
        sum(open_weights),
        max(open_weights, default=0.0),
        explained / total,
    ]


def _order(left: Side, right: Side, shared: frozenset[str]) -> float:
    """Share of neighbouring shared words that stand in the same order on both sides; NaN below two."""
    if len(shared) < 2:
        return math.nan
    place = {word: number for number, word in reversed(list(enumerate(right.words)))}
    places = [place[word] for word in dict.fromkeys(left.words) if word in shared]
    return sum(later > sooner for sooner, later in pairwise(places)) / (len(places) - 1)

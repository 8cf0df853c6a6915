"""Features of a pair from its other fields: brand, category, description and whatever attributes both sides have."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from features.attributes import number
from features.matching.side import Side

PER_FIELD = ("alike", "set", "same", "number_difference", "number_ratio")
BRAND_NAMES = ("brand_in_title",)
_MOST = 12
_SKIPPED = frozenset(("mpn", "gtin"))


def learn_fields(sides: Sequence[Side], *, min_share: float = 0.05) -> tuple[str, ...]:
    """Return the fields that at least ``min_share`` of the sides state, the most frequent first, at most 12."""
    stated = Counter(name for side in sides for name in side.fields if name not in _SKIPPED)
    kept = [(times, name) for name, times in stated.items() if times >= min_share * len(sides)]
    return tuple(name for _, name in sorted(kept, key=lambda pair: (-pair[0], pair[1]))[:_MOST])


def field_names(fields: Sequence[str]) -> list[str]:
    """Return the names of the features of :func:`field_features`."""
    return [f"{field}_{name}" for field in fields for name in PER_FIELD] + list(BRAND_NAMES)


def field_features(left: Side, right: Side, fields: Sequence[str]) -> list[float]:
    """For each field PER_FIELD, NaN where a side is silent; then whether a stated brand is in the other's title."""
    row: list[float] = []
    for name in fields:
        one, other = left.fields.get(name), right.fields.get(name)
        if not one or not other:
            row += [math.nan] * len(PER_FIELD)
            continue
        a, b = number(one), number(other)
        row += [
            JaroWinkler.similarity(one, other)
            if len(one) + len(other) < 200
            else fuzz.token_sort_ratio(one, other) / 100,
            fuzz.token_set_ratio(one, other) / 100,
            float(one == other),
            abs(a - b),
            min(a, b) / max(a, b) if a > 0 and b > 0 else math.nan,
        ]
    return [*row, _brand(left, right)]


def _brand(left: Side, right: Side) -> float:
    found = [
        fuzz.token_set_ratio(own.fields["brand"], other.title) / 100
        for own, other in ((left, right), (right, left))
        if "brand" in own.fields
    ]
    return max(found, default=math.nan)

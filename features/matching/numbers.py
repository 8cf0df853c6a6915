"""Features of a pair from numbers: versions, years, sizes with units, prices."""

from __future__ import annotations

import math

from features.matching.side import Side

NAMES = (
    *("numbers_shared", "numbers_jaccard", "numbers_conflict", "small_shared", "small_conflict", "year_same"),
    *("sizes_same", "sizes_differ", "whole_sizes_same", "whole_sizes_differ", "number_last_same"),
)
SIDED = ("numbers_rest", "numbers_unexplained", "small_rest")
PRICE_NAMES = ("price_ratio", "price_low", "prices_known", "price_same")
PRICE_SIDED = ("price", "price_over")
_SMALL = 100


def number_features(left: Side, right: Side) -> list[float]:
    """Features in the order of NAMES, then each of SIDED for the left and for the right side."""
    shared = left.numbers & right.numbers
    rest_left, rest_right = left.numbers - shared, right.numbers - shared
    small_left, small_right = _small(left), _small(right)
    small_shared = small_left & small_right
    small_rest_left, small_rest_right = small_left - small_shared, small_right - small_shared
    years = float(bool(left.years & right.years)) if left.years and right.years else math.nan
    union = len(left.numbers | right.numbers)
    last = _last(left), _last(right)
    both = [
        float(len(shared)),
        len(shared) / union if union else math.nan,
        float(bool(rest_left and rest_right)),
        float(len(small_shared)),
        float(bool(small_rest_left and small_rest_right)),
        years,
        *_sizes(left.sizes, right.sizes),
        *_sizes(left.whole_sizes, right.whole_sizes),
        float(last[0] == last[1]) if all(last) else math.nan,
    ]
    return [
        *both,
        *(
            float(len(rest_left)),
            float(sum(number not in right.whole_set for number in rest_left)),
            float(len(small_rest_left)),
        ),
        *(
            float(len(rest_right)),
            float(sum(number not in left.whole_set for number in rest_right)),
            float(len(small_rest_right)),
        ),
    ]


def price_features(left: Side, right: Side) -> list[float]:
    """Return PRICE_NAMES, then PRICE_SIDED for left and right: ln of the price, and ln of it over the other."""
    one, other = math.log(left.price), math.log(right.price)
    return [
        abs(one - other),
        min(one, other),
        float(sum(not math.isnan(price) for price in (one, other))),
        float(left.price == right.price) if not math.isnan(one - other) else math.nan,
        *(one, one - other),
        *(other, other - one),
    ]


def _small(side: Side) -> frozenset[str]:
    """Numbers that look like a version, an edition or a count."""
    return frozenset(number for number in side.numbers if float(number) < _SMALL)


def _sizes(left: dict[str, frozenset[float]], right: dict[str, frozenset[float]]) -> list[float]:
    """Units on both sides with a value in common, and those without."""
    units = left.keys() & right.keys()
    same = sum(not left[unit].isdisjoint(right[unit]) for unit in units)
    return [float(same), float(len(units) - same)]


def _last(side: Side) -> str:
    return next((word for word in reversed(side.words) if word in side.numbers), "")

"""Why two items are the same product, or are not, in plain words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from features.matching.item import Item
from features.matching.side import Side, read_side
from features.matching.strings import Aligned, align

if TYPE_CHECKING:
    from features.matching.pair_features import PairFeatures

_LEAST = 0.05
"""A group that moves the log odds by less has no side of its own: it speaks for the side of the whole."""
_WORDS = 4
_TELLING = 0.15
"""Log odds by which a single word must speak against a pair to be a reason of its own."""


def reasons(
    left: Item, right: Item, moved: Mapping[str, float], marks: Mapping[str, float], features: PairFeatures
) -> list[str]:
    """Return reasons, those of the groups that moved the log odds most first.

    ``moved`` is what each group of features added to the log odds (SHAP values, summed), ``marks`` what single words
    weigh. A group gives reasons that speak its way; where the facts have none, it is silent.
    """
    one, other = read_side(left), read_side(right)
    aligned = align(one, other)
    told: dict[str, Callable[[bool], list[str]]] = {
        "codes": lambda same: _codes(one, other, same=same),
        "strings": lambda same: _words(one, other, aligned, features, same=same),
        "vectors": lambda same: _texts(same=same),
        "numbers": lambda same: _numbers(one, other, same=same),
        "price": lambda same: _prices(one, other, same=same),
        "fields": lambda same: _fields(one, other, features.fields, same=same),
        "evidence": lambda same: _single(aligned, marks, same=same),
    }
    whole = sum(moved.values()) > 0
    ranked = sorted(told.keys() & moved.keys(), key=lambda group: (-abs(moved[group]), group))
    said = [
        reason for group in ranked for reason in told[group](moved[group] > 0 if abs(moved[group]) >= _LEAST else whole)
    ]
    return list(dict.fromkeys(said))


def _codes(one: Side, other: Side, *, same: bool) -> list[str]:
    found = [code for code in one.codes if code in other.whole_squeezed]
    found += [code for code in other.codes if code in one.whole_squeezed and code not in found]
    if same:
        return [f"same model code {code}" for code in found[:2]]
    if one.codes and other.codes and not found:
        return [f"model codes differ: {one.codes[-1]} / {other.codes[-1]}"]
    missing = (one.codes or other.codes)[:1]
    return [f"model code {code} on one side only" for code in missing if not found]


def _words(one: Side, other: Side, aligned: Aligned, features: PairFeatures, *, same: bool) -> list[str]:
    def weight(word: str) -> tuple[float, str]:
        return -features.idf.get(word, features.unseen), word

    if same:
        if one.squeezed == other.squeezed:
            return ["same title"]
        shared = sorted(aligned.shared, key=weight)[:_WORDS]
        return [f"shared words: {', '.join(shared)}"] if shared else []
    left, right = (sorted(rest, key=weight)[:_WORDS] for rest in (aligned.rest_left, aligned.rest_right))
    if not left and not right:
        return []
    return [f"words differ: {' '.join(left) or '–'} / {' '.join(right) or '–'}"]


def _texts(*, same: bool) -> list[str]:
    return ["the texts read alike"] if same else ["the texts read differently"]


def _numbers(one: Side, other: Side, *, same: bool) -> list[str]:
    out = []
    for unit in sorted(one.whole_sizes.keys() & other.whole_sizes.keys()):
        shared = one.whole_sizes[unit] & other.whole_sizes[unit]
        if same and shared:
            out.append(f"{max(shared):g} {unit} on both sides")
        if not same and not shared:
            out.append(f"sizes differ: {max(one.whole_sizes[unit]):g} {unit} / {max(other.whole_sizes[unit]):g} {unit}")
    shared_years = one.years & other.years
    if same and shared_years:
        out.append(f"same year {max(shared_years)}")
    if not same and one.years and other.years and not shared_years:
        out.append(f"years differ: {max(one.years)} / {max(other.years)}")
    left, right = sorted(one.numbers - other.numbers), sorted(other.numbers - one.numbers)
    if not same and not out and left and right:
        out.append(f"numbers differ: {', '.join(left[:3])} / {', '.join(right[:3])}")
    return out


def _prices(one: Side, other: Side, *, same: bool) -> list[str]:
    if math.isnan(one.price) or math.isnan(other.price):
        return []
    times = max(one.price, other.price) / min(one.price, other.price)
    if same:
        return ["prices alike"] if times < 1.5 else []
    return [f"one costs {times:.1f} times the other"] if times >= 1.2 else []


def _fields(one: Side, other: Side, names: tuple[str, ...], *, same: bool) -> list[str]:
    out = []
    for name in names:
        left, right = one.fields.get(name, ""), other.fields.get(name, "")
        if not left or not right or max(len(left), len(right)) > 60:
            continue
        if same and left == right:
            out.append(f"same {name} {left}")
        if not same and left != right:
            out.append(f"{name} differs: {left} / {right}")
    return out[:3]


def _single(aligned: Aligned, marks: Mapping[str, float], *, same: bool) -> list[str]:
    if same:
        return []
    rest = [
        (marks.get(f"only:{word}", 0.0), word) for word in (*aligned.rest_left, *aligned.rest_right) if len(word) > 1
    ]
    return [f'"{word}" on one side only' for weight, word in sorted(rest)[:2] if weight <= -_TELLING]

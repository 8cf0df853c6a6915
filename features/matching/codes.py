"""Features of a pair from model codes: "dcd771" against "dcd771c2", "kx-tg4323b" against "kxtg4323b"."""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Prefix

from features.matching.side import Side

NAMES = (
    *("code_shared", "code_shared_weight", "code_found", "code_found_length", "code_conflict", "code_best_jaro"),
    *("code_best_prefix", "code_best_prefix_short", "code_best_partial", "code_best_digits_same", "code_tail"),
    *("code_last_same", "code_letters_differ", "stated_code_same", "stated_code_found", "gtin_same"),
)
SIDED = ("codes", "codes_unmatched", "code_in_whole")
_NONE = [float("nan")] * 7


def code_features(left: Side, right: Side, idf: Mapping[str, float], unseen: float) -> list[float]:
    """Features in the order of NAMES, then each of SIDED for the left and for the right side."""
    shared = set(left.codes) & set(right.codes)
    found_left = [code for code in left.codes if len(code) >= 4 and code in right.squeezed]
    found_right = [code for code in right.codes if len(code) >= 4 and code in left.squeezed]
    found = [*found_left, *found_right]
    open_left = [code for code in left.codes if code not in found_left]
    open_right = [code for code in right.codes if code not in found_right]
    both = [
        float(len(shared)),
        max((idf.get(code, unseen) for code in shared), default=0.0),
        float(len(found)),
        float(max((len(code) for code in found), default=0)),
        float(bool(left.codes and right.codes and not found)),
        *_best(left, right),
        *_stated(left, right),
    ]
    return [
        *both,
        *_sided(left, right, open_left),
        *_sided(right, left, open_right),
    ]


def _best(left: Side, right: Side) -> list[float]:
    """How alike the two most alike codes are; NaN where a side has none."""
    partial = _partial(left, right)
    if not left.codes or not right.codes:
        return [*_NONE[:3], partial, *_NONE[:4]]
    best, one, other = max((JaroWinkler.similarity(a, b), a, b) for a in left.codes for b in right.codes)
    prefix = Prefix.similarity(one, other)
    tail = max(len(one), len(other)) - prefix
    digits_same = _digits(one) == _digits(other)
    return [
        best,
        prefix / max(len(one), len(other)),
        prefix / min(len(one), len(other)),
        partial,
        float(digits_same),
        float(tail),
        float(left.codes[-1] == right.codes[-1]),
        float(digits_same and one != other),
    ]


def _partial(left: Side, right: Side) -> float:
    """How much of a side's longest code is found, sign by sign, in the other side's text."""
    scores = [
        fuzz.partial_ratio(max(own.codes, key=len), other.whole_squeezed[:600]) / 100
        for own, other in ((left, right), (right, left))
        if own.codes and other.whole_squeezed
    ]
    return max(scores, default=float("nan"))


def _digits(code: str) -> str:
    return "".join(sign for sign in code if sign.isdigit())


def _sided(own: Side, other: Side, unmatched: list[str]) -> list[float]:
    in_whole = sum(code in other.whole_squeezed for code in own.codes)
    return [float(len(own.codes)), float(len(unmatched)), in_whole / len(own.codes) if own.codes else float("nan")]


def _stated(left: Side, right: Side) -> list[float]:
    """Part numbers and GTINs that are fields of their own: equal (1), different (0), or NaN where one is missing."""
    one, other = (_letters(side.fields.get("mpn", "")) for side in (left, right))
    same = float(one == other) if one and other else float("nan")
    stated = [code for code in (one, other) if len(code) >= 4]
    inside = max(
        (float(code in left.whole_squeezed and code in right.whole_squeezed) for code in stated), default=float("nan")
    )
    first, second = (side.fields.get("gtin", "").lstrip("0") for side in (left, right))
    return [same, inside, float(first == second) if first and second else float("nan")]


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())

"""Why two things are taken for the same, in words that a neighbour understands: "same model code dcd771, 20 v"."""

from __future__ import annotations

from features.condition import without_condition
from features.thing import Thing
from features.title import words

_SHOWN_WORDS = 6
# Words of a title that tell nothing of the thing.
_EMPTY = frozenset("a an and the with w of for in on to by or from".split())


def why_same(one: Thing, other: Thing) -> str:
    """What two things share, weightiest first: numbers, model codes, sizes, brand; else the words of their titles."""
    said: list[str] = []
    if one.gtin and one.gtin == other.gtin:
        said.append(f"same article number {one.gtin}")
    if one.mpn and one.mpn == other.mpn and one.brand == other.brand:
        said.append(f"same maker's number {one.mpn}")
    codes = [code for code in one.codes if code in other.codes and code != one.mpn]
    said += [f"same model code {code}" for code in codes] or _stems(one.codes, other.codes)
    sizes = [size for size in one.sizes if size in other.sizes]
    if sizes:
        said.append("both " + ", ".join(f"{number:g} {unit}" for number, unit in sizes))
    if one.brand and one.brand == other.brand:
        said.append(f"both {one.brand}")
    if not codes and len(said) < 2:
        beside = set(words(without_condition(other.text)))
        shared = [w for w in dict.fromkeys(words(without_condition(one.text))) if w in beside and w not in _EMPTY]
        if shared:
            said.append(f"same words: {' '.join(shared[:_SHOWN_WORDS])}")
    return ", ".join(said) or "alike in their words as a whole"


def _stems(one: tuple[str, ...], other: tuple[str, ...]) -> list[str]:
    """Codes that one maker's numbering makes variants of each other."""
    return [
        f"model codes of one series: {a} and {b}"
        for a in one
        for b in other
        if a != b and min(len(a), len(b)) >= 5 and (a.startswith(b) or b.startswith(a))
    ][:1]

"""The maker that a short question leaves out, and every listing says: "iPhone 12" asks about an Apple iPhone 12.

A model of prices hears what is not in a title, too: where all phones of a make say whose they are, and only cases for
them do not, a phone without its maker's name is priced half as a case. So the name is put in front of the question's
words, where those who sell such things say it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from features.matching.conflict import thing_of
from features.matching.item import Item
from features.text import neutral

_LEAST = 3  # wordings that tell of a maker whom neither a line of things nor a model code tells
_NEARLY_ALL = 0.9


def names_maker(item: Item) -> bool:
    """Whether an item's title names its maker (a line of things, as "iPhone", tells it but does not name it)."""
    maker = thing_of(item).brand
    return maker is not None and _named(maker, _words(item.title))


def unsaid_maker(item: Item, near: Sequence[Item], fitting: Sequence[Item]) -> str | None:
    """The maker that an item's title leaves out; None where nobody knows.

    `near` are the wordings most alike it and `fitting` those of them that contradict nothing of it. Heard are all of
    the same maker, where its words tell that; else those that fit and have its model code; without one those that fit
    and say all that it says and more. Nearly all of them must name the one maker in their titles.
    """
    said, thing = _words(item.title), thing_of(item)
    others = [(_words(each.title), thing_of(each)) for each in (fitting if thing.brand is None else near)]
    if thing.brand is not None:
        heard = [(words, each) for words, each in others if each.brand == thing.brand]
    elif thing.codes:
        heard = [(words, each) for words, each in others if not set(thing.codes).isdisjoint(each.codes)]
    else:
        heard = [(words, each) for words, each in others if said and said < words]
    if len(heard) < (1 if thing.brand or thing.codes else _LEAST):
        return None
    maker = thing.brand or Counter(each.brand for _, each in heard).most_common(1)[0][0]
    if maker is None:
        return None
    naming = sum(_named(maker, words) for words, _ in heard)
    return maker if naming >= _NEARLY_ALL * len(heard) else None


def _words(title: str) -> frozenset[str]:
    return frozenset(neutral(title).split())


def _named(maker: str, words: frozenset[str]) -> bool:
    return frozenset(neutral(maker).split()) <= words

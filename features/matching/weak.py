"""Labels that the warehouse holds without anybody's work: pairs that are surely the same product, or surely not.

The same: titles with one valid article number or one maker's number, and titles that a listing had one after the other.
Not the same: what is alike in words but has different article numbers, or different model codes of one shape. The
numbers themselves are taken away from the items, or a model would learn nothing else. A label is known from the day its
second side was first seen, so the labels known on a day are a prefix.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from features.identity import product_of
from features.matching.blocking import Blocks, pieces
from features.matching.conflict import Facts, conflict, facts_of, thing_of
from features.matching.item import Item
from features.matching.labels import Label

WEIGHT = 2.0
# Pairs from one article, and per item among its neighbours: a number that thousands use teaches no more than ten.
_PER_GROUP = 10
_NEIGHBOURS, _PER_ITEM = 12, 2


@dataclass(frozen=True, slots=True)
class Sighting:
    """A wording of a listing, and the day (since 1970) it was first seen."""

    listing: str
    day: int
    item: Item


def weak_labels(sightings: Iterable[Sighting]) -> list[Label]:
    """All labels among sightings, in the order of the days they are known from. Half and half at most.

    Deterministic: whatever the order of the sightings, the same labels come out.
    """
    seen = sorted(sightings, key=lambda each: (each.day, each.listing, each.item.title))
    facts = [facts_of(thing_of(each.item)) for each in seen]
    same = [*_same_number(seen, facts), *_edited(seen, facts)]
    labels = [*_once(same), *_once(_neighbours(seen, facts))]
    return sorted(labels, key=lambda label: (label.day, label.left.key, label.right.key))


def chosen(labels: Sequence[Label], before: int, most: int) -> list[Label]:
    """The labels known before a day: at most `most`, half of them of each kind, picked by hash and not by age."""
    known = [label for label in labels if label.day < before]
    out = []
    for same in (True, False):
        kind = sorted((label for label in known if label.same is same), key=_lot)
        out += kind[: most // 2]
    return out


def _lot(label: Label) -> tuple[int, str, str]:
    return zlib.crc32(f"{label.left.key}\n{label.right.key}".encode()), label.left.key, label.right.key


def _same_number(seen: Sequence[Sighting], facts: Sequence[Facts]) -> Iterator[Label]:
    """Titles in a row that share an article number or a maker's number."""
    last: dict[object, tuple[int, int]] = {}
    for position, each in enumerate(facts):
        for number in (each.gtin, each.maker):
            if number is None:
                continue
            before, count = last.get(number, (None, 0))
            if before is None:
                last[number] = (position, 0)
            elif count < _PER_GROUP and _reworded(seen[before].item, seen[position].item):
                if conflict(facts[before], each) is None:
                    yield _label(seen[before], seen[position], same=True)
                last[number] = (position, count + 1)


def _edited(seen: Sequence[Sighting], facts: Sequence[Facts]) -> Iterator[Label]:
    """Titles that one listing had one after the other, where they do not contradict each other."""
    last: dict[str, int] = {}
    for position, each in enumerate(seen):
        before = last.get(each.listing)
        reworded = before is not None and _reworded(seen[before].item, each.item)
        if before is not None and reworded and conflict(facts[before], facts[position]) is None:
            yield _label(seen[before], each, same=True)
        last[each.listing] = position


def _neighbours(seen: Sequence[Sighting], facts: Sequence[Facts]) -> Iterator[Label]:
    """What is most alike in words among things with other numbers or codes."""
    numbered = [position for position, each in enumerate(facts) if each.gtin or each.codes]
    bare = [_without_numbers(seen[position].item) for position in numbered]
    blocks = Blocks.of([pieces(item) for item in bare])
    for place, position in enumerate(numbered):
        found = 0
        for near in blocks.candidates(place, top=_NEIGHBOURS, least=0.2)[0]:
            other = numbered[int(near)]
            reworded = _reworded(seen[other].item, seen[position].item)
            if found < _PER_ITEM and reworded and _differ(facts[position], facts[other]):
                yield _label(seen[other], seen[position], same=False)
                found += 1


def _differ(one: Facts, other: Facts) -> bool:
    """Whether two things have different numbers: article numbers, else model codes of one shape."""
    if one.gtin and other.gtin:
        return one.gtin != other.gtin and not (one.maker and one.maker == other.maker)
    found = conflict(one, other)
    return found is not None and found.of == "codes"


def _label(one: Sighting, other: Sighting, *, same: bool) -> Label:
    sides = (_without_numbers(one.item), _without_numbers(other.item))
    return Label(*sides, same=same, day=max(one.day, other.day), weight=WEIGHT)


def _without_numbers(item: Item) -> Item:
    return dataclasses.replace(item, gtin=None, mpn=None)


def _reworded(one: Item, other: Item) -> bool:
    """Whether two titles say it in different words: the same ones in another order teach nothing."""
    return product_of(one.title, None, None, None, "") != product_of(other.title, None, None, None, "")


def _once(labels: Iterable[Label]) -> Iterator[Label]:
    """Each pair of wordings once, the first time."""
    met: set[tuple[str, str]] = set()
    for label in labels:
        pair = (label.left.title, label.right.title)
        if pair not in met:
            met.add(pair)
            yield label

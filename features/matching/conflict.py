"""What makes two things different articles whatever else is alike: numbers, codes, sizes and roles that contradict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from features.condition import without_condition
from features.matching.editions import Said, editions, editions_differ
from features.matching.item import Item
from features.taxonomy import categorise
from features.taxonomy.tree import tree
from features.thing import Thing, read_thing
from features.words.roles import KIND_ROLES

_RUN = re.compile(r"[a-z]+|\d")
# Numbers that stand alone ("iphone 13", "office 2007", "pro 4.5") and short ones with letters ("cs3", "s21", "v8").
_NUMBER = re.compile(
    r"(?<![\w./$#-])(?:(\d{1,4})(?:\.\d{1,2})?(?![\w/%-]|[.,]\d)|([a-z]{1,3}\d{1,2}|\d{1,2}[a-z]{1,2})(?![\w-]))"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# Measures are rounded differently by different sellers: 15.6 and 15.5 inches are one screen, 4.7 and 6.1 are not.
_SAME_SIZE = 0.03


@dataclass(frozen=True, slots=True)
class Facts:
    """What of an item can contradict another's: GTIN, maker's number, codes, sizes by unit, numbers, roles, lot size.

    `numbers` are those of the title by kind: "year", "number", or the shape of a short one with letters. `colours` are
    those of things that are worn: there another colour is another article, of devices it is a variant of one.
    """

    gtin: str | None
    maker: tuple[str, str] | None
    codes: tuple[str, ...]
    shapes: frozenset[str]
    sizes: tuple[tuple[str, tuple[float, ...]], ...]
    numbers: tuple[tuple[str, frozenset[str]], ...]
    roles: frozenset[str]
    lot_size: int | None
    said: Said
    colours: frozenset[str]


@lru_cache(maxsize=4_096)
def thing_of(item: Item) -> Thing:
    """An item read as a thing."""
    return read_thing(
        item.title,
        brand=item.brand,
        gtin=item.gtin,
        mpn=item.mpn,
        condition=None,
        attributes=dict(item.attributes),
        description=None,
    )


def facts_of(thing: Thing) -> Facts:
    """The facts of a thing. A maker's number counts with its brand only, and only with a digit in it."""
    by_unit: dict[str, list[float]] = {}
    for number, unit in thing.sizes:
        by_unit.setdefault(unit, []).append(number)
    numbered = thing.brand and thing.mpn and any(sign.isdigit() for sign in thing.mpn)
    codes = tuple(sorted({*thing.codes, *([thing.mpn] if numbered and thing.mpn else [])}))
    return Facts(
        gtin=thing.gtin,
        maker=(thing.brand, thing.mpn) if numbered and thing.brand and thing.mpn else None,
        codes=codes,
        shapes=frozenset(_shape(code) for code in codes),
        sizes=tuple(sorted((unit, tuple(sorted(numbers))) for unit, numbers in by_unit.items())),
        numbers=_numbers(thing),
        roles=thing.roles.intersection(KIND_ROLES),
        lot_size=thing.lot_size,
        said=editions(without_condition(thing.text)),
        colours=_colours(thing),
    )


def _colours(thing: Thing) -> frozenset[str]:
    if thing.colour is None or not tree().under(categorise(None, thing.text), "apparel"):
        return frozenset()
    return frozenset(thing.colour.split("/"))


class Conflict(NamedTuple):
    """A contradiction: what of (article, roles, lot, codes, sizes, numbers, edition), and in words."""

    of: str
    why: str


def conflict(one: Facts, other: Facts) -> Conflict | None:
    """Why two things cannot be the same article; None where nothing says so.

    A value that only one side states contradicts nothing, but for roles and editions: "15" is not "15 Pro".
    """
    if one.gtin and other.gtin and one.gtin != other.gtin:
        return Conflict("article", f"different article numbers: {one.gtin} / {other.gtin}")
    if one.roles != other.roles:
        apart = " and ".join(sorted(one.roles ^ other.roles)).replace("_", " ")
        return Conflict("roles", f"only one of them is: {apart}")
    if one.lot_size != other.lot_size and one.lot_size and other.lot_size:
        return Conflict("lot", f"lots of different sizes: {one.lot_size} / {other.lot_size}")
    if one.gtin and one.gtin == other.gtin:
        return None
    differ = _codes_differ(one, other) or _sizes_differ(one, other) or _numbers_differ(one, other)
    # One model code on both sides says more than a word that one of them has and the other has not.
    if differ is None and not set(one.codes) & set(other.codes) and (why := editions_differ(one.said, other.said)):
        return Conflict("edition", why)
    # A title may leave out a second colour.
    if differ is None and one.colours - other.colours and other.colours - one.colours:
        said = ("/".join(sorted(each)) for each in (one.colours, other.colours))
        return Conflict("edition", f"colours differ: {' / '.join(said)}")
    return differ


def _codes_differ(one: Facts, other: Facts) -> Conflict | None:
    """Codes of one shape that differ where none is shared; "dcd771" and "dcd771c2" are variants of one."""
    if not (one.shapes & other.shapes):
        return None
    for code in one.codes:
        for beside in other.codes:
            if code == beside or (min(len(code), len(beside)) >= 5 and code.startswith(beside)):
                return None
            if min(len(code), len(beside)) >= 5 and beside.startswith(code):
                return None
    for code in one.codes:
        for beside in other.codes:
            if _shape(code) == _shape(beside):
                return Conflict("codes", f"different model codes: {code} / {beside}")
    return None


def _sizes_differ(one: Facts, other: Facts) -> Conflict | None:
    """A unit both state, where each has a number that the other does not have."""
    beside = dict(other.sizes)
    for unit, numbers in one.sizes:
        others = beside.get(unit)
        if others and _has_own(numbers, others) and _has_own(others, numbers):
            said = "/".join(f"{number:g}" for number in numbers)
            beside_said = "/".join(f"{number:g}" for number in others)
            return Conflict("sizes", f"sizes differ: {said} {unit} / {beside_said} {unit}")
    return None


def _numbers(thing: Thing) -> tuple[tuple[str, frozenset[str]], ...]:
    """The numbers of a title that are no sizes, amounts or codes, whole: a later edition of 4 may be called 4.5."""
    amounts = {int(number) for number, _ in thing.sizes} | ({1, thing.lot_size} if thing.lot_size else {1})
    amounts |= {int(thing.quantity)} if thing.quantity is not None else set()
    found: dict[str, set[str]] = {}
    for whole, short in _NUMBER.findall(without_condition(thing.text)):
        if short:
            found.setdefault(_shape(short).replace("99", "9"), set()).add(short)
        elif _YEAR.fullmatch(whole):
            found.setdefault("year", set()).add(whole)
        elif int(whole) not in amounts:
            found.setdefault("number", set()).add(whole)
    return tuple(sorted((kind, frozenset(values)) for kind, values in found.items()))


def _numbers_differ(one: Facts, other: Facts) -> Conflict | None:
    """Numbers of one kind on both sides, none of them shared."""
    beside = dict(other.numbers)
    for kind, values in one.numbers:
        others = beside.get(kind)
        if others and not values & others:
            said = f"{'/'.join(sorted(values))} / {'/'.join(sorted(others))}"
            return Conflict("numbers", f"different {'years' if kind == 'year' else 'numbers'}: {said}")
    return None


def _has_own(numbers: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return any(all(abs(a - b) > _SAME_SIZE * max(abs(a), abs(b)) for b in others) for a in numbers)


@lru_cache(maxsize=100_000)
def _shape(code: str) -> str:
    """Letters as they are counted, digits likewise: "dcd771" and "dcf885" have one shape, "dcd771c2" another."""
    return "".join("9" if run.isdigit() else "a" * len(run) for run in _RUN.findall(code))

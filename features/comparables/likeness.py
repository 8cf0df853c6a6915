"""How alike two things are, by their words and by what they are; and the reasons, in plain words.

The words give a number; what both say of brand, codes, sizes and the like moves it, by the figures of
`data/likeness.toml`. An accessory is no comparable for what it fits, nor a lot for one piece, nor what is broken for
what works.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.condition import UNSTATED
from features.title import words
from warehouse.errors import KatyError

if TYPE_CHECKING:
    from features.thing import Thing

_FILE = "data/likeness.toml"
_KIN = 4  # letters and digits that two codes of one series begin with: dcd771, dcd771c2
_LONGEST = 5  # digits of a number that names a model; longer ones are item numbers
PARTS = "parts"


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Apart(_Figures):
    share: float = Field(ge=0, le=1)
    roles: dict[str, str]


class _Differs(_Figures):
    most: float = Field(ge=0, le=1)
    gtin: float = Field(ge=0, le=1)
    code: float = Field(ge=0, le=1)
    number: float = Field(ge=0, le=1)
    brand: float = Field(ge=0, le=1)
    size: float = Field(ge=0, le=1)
    lot_size: float = Field(ge=0, le=1)
    year: float = Field(ge=0, le=1)
    category: float = Field(ge=0, le=1)
    grade: float = Field(ge=0, le=1)


class _Same(_Figures):
    gtin: float = Field(ge=0, le=1)
    mpn: float = Field(ge=0, le=1)
    product: float = Field(ge=0, le=1)
    code: float = Field(ge=0, le=1)
    number: float = Field(ge=0, le=1)
    size: float = Field(ge=0, le=1)


class Figures(_Figures):
    """The figures of `data/likeness.toml`."""

    least: float = Field(ge=0, le=1)
    apart: _Apart
    differs: _Differs
    same: _Same


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that two things have in common or not: what it does to their likeness, and its words.

    `share` multiplies and `pull` draws towards 1; what does neither (1 and 0) is only told. `apart`: it makes one no
    comparable for the other.
    """

    words: str
    share: float = 1.0
    pull: float = 0.0
    apart: bool = False


@cache
def figures() -> Figures:
    """The figures in use. Raises KatyError naming the entry that is wrong."""
    text = resources.files("features").joinpath(_FILE).read_text("utf-8")
    return read_figures(text)


def read_figures(text: str) -> Figures:
    """The figures that a text in TOML gives; KatyError names what is wrong in it."""
    try:
        return Figures.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise KatyError(f"features/{_FILE} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise KatyError(f"features/{_FILE}, {where}: {first['msg']}; every figure is a number from 0 to 1") from error


def likeness(asked: Thing, other: Thing, by_words: float, *, same_product: bool) -> tuple[float, list[Told]]:
    """How alike `other` is to what is `asked` (0–1), from how alike their words are, and what was told for and against.

    What weighs most is told first.
    """
    told = [
        *_roles(asked, other),
        *_identifiers(asked, other),
        *_codes(asked, other, same_product),
        *_numbers(asked, other),
        *_sizes(asked, other),
        *_rest(asked, other),
    ]
    alike = min(max(by_words, 0.0), 1.0)
    pull = max((each.pull for each in told), default=0.0)
    alike += (1 - alike) * pull
    differs = math.prod(each.share for each in told if not each.apart)
    alike *= max(differs, figures().differs.most) * math.prod(each.share for each in told if each.apart)
    return alike, sorted(told, key=lambda each: (each.share, -each.pull))


def ceiling(asked: Thing, by_words: float, its_words: str, *, same_product: bool) -> float:
    """The most that `likeness` can say of a thing that is not read yet, from the words of its title."""
    same, run_together = figures().same, its_words.replace(" ", "")
    pulls = [
        same.gtin if asked.gtin else 0.0,
        same.mpn if asked.mpn else 0.0,
        same.code if any(code in run_together for code in asked.codes) else 0.0,
        same.product if same_product else 0.0,
        same.number if _plain_numbers(asked) else 0.0,
        same.size if asked.sizes else 0.0,
    ]
    return by_words + (1 - by_words) * max(pulls)


def _roles(asked: Thing, other: Thing) -> Iterator[Told]:
    apart, mine, its = figures().apart, _all_roles(asked), _all_roles(other)
    named = [name for name in apart.roles if name in mine ^ its]
    for place, name in enumerate(named):
        said = f"{apart.roles[name]}, and what is asked for is not" if name in its else f"not {apart.roles[name]}"
        # Two differences make it no less of a comparable than one does: it is none.
        yield Told(said, apart.share if place == 0 else 1.0, apart=True)
    if {"lot", "bundle"} & mine & its and asked.lot_size and other.lot_size and asked.lot_size != other.lot_size:
        yield Told(f"{other.lot_size} pieces for {asked.lot_size}", figures().differs.lot_size)


def _all_roles(thing: Thing) -> frozenset[str]:
    return frozenset({*thing.roles, PARTS}) if thing.grade == PARTS else thing.roles


def _identifiers(asked: Thing, other: Thing) -> Iterator[Told]:
    if asked.gtin and other.gtin:
        if asked.gtin == other.gtin:
            yield Told(f"same barcode {asked.gtin.lstrip('0')}", pull=figures().same.gtin)
        else:
            yield Told("other barcode", figures().differs.gtin)
    if asked.mpn and asked.mpn == other.mpn and asked.brand == other.brand:
        yield Told(f"same part number {asked.mpn}", pull=figures().same.mpn)
    if asked.brand and other.brand and asked.brand != other.brand:
        yield Told(f"other brand: {other.brand} for {asked.brand}", figures().differs.brand)


def _codes(asked: Thing, other: Thing, same_product: bool) -> Iterator[Told]:
    shared = [code for code in asked.codes if code in other.codes]
    if shared:
        yield Told(f"same model code {', '.join(shared)}", pull=figures().same.code)
    elif same_product:
        yield Told("same product", pull=figures().same.product)
    elif asked.codes and other.codes:
        series = [(mine, its) for mine in asked.codes for its in other.codes if _kin(mine, its)]
        if series:
            yield Told(f"model code of one series: {series[0][1]} for {series[0][0]}")
        else:
            said = f"other model code: {', '.join(other.codes)} for {', '.join(asked.codes)}"
            yield Told(said, figures().differs.code)


def _kin(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    return len(short) >= _KIN and long.startswith(short)


def _numbers(asked: Thing, other: Thing) -> Iterator[Told]:
    mine, its = _plain_numbers(asked), _plain_numbers(other)
    if not mine or not its:
        return
    if mine.isdisjoint(its):
        yield Told(f"other number: {', '.join(sorted(its))} for {', '.join(sorted(mine))}", figures().differs.number)
    elif mine <= its or its <= mine:
        yield Told(f"same number {', '.join(sorted(mine & its))}", pull=figures().same.number)


def _plain_numbers(thing: Thing) -> frozenset[str]:
    """Whole numbers among the words that are neither a size nor a year: they name a model or a generation."""
    return _numbers_in(thing.text, thing.sizes, thing.year)


@lru_cache(maxsize=1000)
def _numbers_in(text: str, sizes: tuple[tuple[float, str], ...], year: int | None) -> frozenset[str]:
    named = {f"{value:g}" for value, _ in sizes} | {str(year)}
    return frozenset(word for word in words(text) if word.isdecimal() and len(word) <= _LONGEST) - named


def _sizes(asked: Thing, other: Thing) -> Iterator[Told]:
    for unit in sorted({unit for _, unit in asked.sizes}):
        mine = {value for value, its in asked.sizes if its == unit}
        its = {value for value, of in other.sizes if of == unit}
        if not its:
            continue
        if mine <= its or its <= mine:
            both = ", ".join(f"{value:g}" for value in sorted(mine & its))
            yield Told(f"same size {both} {unit}", pull=figures().same.size)
        else:
            yield Told(f"other size: {_values(its - mine)} {unit} for {_values(mine - its)}", figures().differs.size)


def _values(values: set[float]) -> str:
    return ", ".join(f"{value:g}" for value in sorted(values))


def _rest(asked: Thing, other: Thing) -> Iterator[Told]:
    if asked.year and other.year and asked.year != other.year:
        yield Told(f"other year: {other.year} for {asked.year}", figures().differs.year)
    if asked.colour and other.colour and asked.colour != other.colour:
        yield Told(f"other colour: {other.colour} for {asked.colour}")
    if asked.grade != other.grade:
        known = UNSTATED not in (asked.grade, other.grade)
        said = f"other condition: {_grade(other.grade)} for {_grade(asked.grade)}"
        yield Told(said, figures().differs.grade if known else 1.0)


def _grade(grade: str) -> str:
    return grade.replace("_", " ")

"""The people of the town: regions, sellers, grades of condition, and how someone writes the title of an ad."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from demo.goods import Category, Product, read_toml


@dataclass(frozen=True, slots=True)
class Place:
    """A town of a region, with its rough coordinates."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the market (ISO 3166-2 code) and what a thing is worth there, as a multiple of the home region's."""

    code: str
    state: str
    value: float
    share: float
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of condition: multiplier on the true value, schema.org's name, the words of forms and of titles."""

    name: str
    value: float
    share: float
    schema: str
    forms: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Venue:
    """A place to sell: see data/people.toml for the meaning of each number."""

    key: str
    name: str
    sellers: int
    seller_spread: float
    noise: float
    gap: float
    per_day: float
    live_per_day: float
    days: tuple[int, int]
    sells: float


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who sells: where, and how far over (or under) the market, in logs."""

    name: str
    region: str
    place: Place
    effect: float


@dataclass(frozen=True, slots=True)
class People:
    """All that data/people.toml says."""

    regions: dict[str, Region]
    grades: dict[str, Grade]
    venues: dict[str, Venue]
    dishonest: dict[str, Any]
    habits: dict[str, float]
    short: dict[str, str]


@cache
def people() -> People:
    told = read_toml("people")
    return People(
        regions={
            code: Region(code, r["state"], r["value"], r["share"], tuple(Place(*place) for place in r["places"]))
            for code, r in told["region"].items()
        },
        grades={
            name: Grade(name, g["value"], g["share"], g["schema"], tuple(g["forms"]), tuple(g["words"]))
            for name, g in told["grade"].items()
        },
        venues={key: Venue(key=key, **{**v, "days": tuple(v["days"])}) for key, v in told["venue"].items()},
        dishonest=told["dishonest"],
        habits=told["habits"],
        short=told["short"],
    )


def grade_of(words: str | None) -> Grade:
    """The grade that a person's words mean ("like new", "NIB", "for parts"); nothing said means good.

    Raises LookupError for words that no grade of data/people.toml knows.
    """
    if not words:
        return people().grades["good"]
    asked = words.strip().lower().replace("_", " ")
    for grade in people().grades.values():
        known = {grade.name.replace("_", " "), *(w.lower() for w in (*grade.forms, *grade.words) if w)}
        if asked in known:
            return grade
    raise LookupError(f'condition "{words}" is none of the town\'s: {", ".join(people().grades)}')


def sellers(seed: int, venue: Venue) -> list[Seller]:
    """Everybody who sells at a venue, the same for the same seed."""
    dice = random.Random(f"{seed}/sellers/{venue.key}")
    regions = list(people().regions.values())
    found = []
    for number in range(venue.sellers):
        # The shop stands in the home region, whoever brings things there.
        region = regions[0] if venue.key == "shop" else dice.choices(regions, [r.share for r in regions])[0]
        place = region.places[0] if venue.key == "shop" else dice.choice(region.places)
        name = f"{venue.key[0]}{dice.randrange(16**6):06x}{number}"
        found.append(Seller(name, region.code, place, dice.gauss(0.0, venue.seller_spread)))
    return found


def write_title(dice: random.Random, product: Product, category: Category, grade: Grade, *, tidy: bool = False) -> str:
    """A title as somebody writes it: order, abbreviations and slips vary, the model code mostly survives.

    `tidy` is how a shop writes: one order, no slips, the grade's own word.
    """
    habits = people().habits
    if tidy:
        said = "" if grade.name == "good" else f" - {grade.forms[0]}"
        return f"{product.brand} {product.model} {product.name} {category.word.title()} {product.spec}{said}"
    # Two variants of one model differ in the specification alone: then it is part of what names the thing.
    model = product.model if dice.random() < habits["names_model"] else ""
    noun = dice.choice(category.nouns) if dice.random() < 0.85 or not model else ""
    name = product.name if dice.random() < (0.45 if model else 0.9) else ""
    spec = product.spec if dice.random() < (0.9 if category.word in ("phone", "laptop") else 0.55) or not model else ""
    said = dice.choice(grade.words) if grade.name != "good" or dice.random() < 0.4 else ""
    extra = dice.choice(category.extras) if dice.random() < 0.35 and grade.name != "parts" else ""
    if category.sizes and dice.random() < 0.6:
        extra = f"{dice.choice(category.sizes)} {extra}".strip()
    parts = dice.choice(
        (
            (product.brand, model, name, noun, spec, extra, said),
            (product.brand, name, noun, model, spec, said, extra),
            (said, product.brand, model, noun, spec, extra),
            (noun, product.brand, model, spec, name, extra, said),
            (product.brand, model, spec, noun, f"- {said}" if said else "", extra),
            (model, product.brand, noun, name, f"({spec})" if spec else "", said),
        )
    )
    title = " ".join(part for part in parts if part)
    return _letters(dice, _shorten(dice, title), keep=f"{product.model} {product.name} {product.spec}")


def _shorten(dice: random.Random, title: str) -> str:
    for long, short in people().short.items():
        if long in title and dice.random() < 0.3:
            title = title.replace(long, short)
    return title


def _letters(dice: random.Random, title: str, keep: str) -> str:
    habits = people().habits
    if dice.random() < habits["typo"]:
        title = _slip(dice, title, set(keep.split()))
    style = dice.random()
    if style < habits["lower"]:
        return title.lower()
    if style < habits["lower"] + habits["upper"]:
        return title.upper()
    return title[0].upper() + title[1:]


def _slip(dice: random.Random, title: str, keep: set[str]) -> str:
    """Two neighbouring letters swapped, or one lost, in a word that is neither a code nor short."""
    words = title.split(" ")
    able = [i for i, word in enumerate(words) if word.isalpha() and len(word) > 4 and word not in keep]
    if not able:
        return title
    at = dice.choice(able)
    word, letter = words[at], dice.randrange(1, len(words[at]) - 2)
    if dice.random() < 0.5:
        words[at] = word[:letter] + word[letter + 1] + word[letter] + word[letter + 2 :]
    else:
        words[at] = word[:letter] + word[letter + 1 :]
    return " ".join(words)

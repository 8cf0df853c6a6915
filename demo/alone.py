"""The small town's market: the same offers whatever causes are at work, but for what these causes do.

`simulate(causes={"hazard"})` is two years of offers, sales and wanted posts in which storms alone move prices. What is
drawn for an offer depends on the seed, the category, the region and the day only, so that two such towns differ in
what a cause does and in nothing else.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from demo.causes import World, categories, products, settings, world
from demo.goods import Product
from demo.people import Grade, people, write_title


@dataclass(frozen=True, slots=True)
class Ad:
    """Something offered from `first_day` to `last_day`, or, of `kind` "wanted", looked for on `first_day`.

    `ask` is in US dollars; `sold_for` what it fetched on its last day, None where it did not sell. `honest` is False
    of the ring's own.
    """

    id: str
    kind: str
    seller: str
    region: str
    place: str
    category: str
    product: str
    grade: str
    condition: str
    title: str
    first_day: date
    last_day: date
    ask: float
    sold_for: float | None
    honest: bool = True


@dataclass(frozen=True)
class SmallTown:
    """A simulated market and the world that moves it."""

    world: World
    goods: tuple[str, ...]
    ads: tuple[Ad, ...]

    def true_value(self, product: str, grade: str, region: str, day: date) -> float:
        """The true value in US dollars."""
        thing = products()[product]
        return thing.base * math.exp(sum(self.world.effects(thing.category, grade, region, day).values()))


def simulate(
    causes: Collection[str],
    *,
    seed: int = 7,
    end: date,
    traces: Collection[str] | None = None,
    goods: Collection[str] | None = None,
    busy: float = 1.0,
) -> SmallTown:
    """Two years of the market up to `end`, moved by `causes` alone. Equal arguments, equal towns.

    `traces` says what can be observed, whether it does anything or not; `goods` are the categories traded (all where
    none are named); `busy` times the number of offers.
    """
    around = world(seed, end, causes, traces)
    traded = tuple(word for word in categories() if goods is None or word in goods)
    found: list[Ad] = []
    for n in range((end - around.start).days + 1):
        day = around.start + timedelta(days=n)
        for word in traded:
            for region in people().regions:
                found += _day(around, word, region, day, busy)
        if "attack" in around.causes and products()[settings()["attack"]["product"]].category in traded:
            found += _ring(around, day, busy)
    return SmallTown(around, traded, tuple(found))


def _day(around: World, category: str, region: str, day: date, busy: float) -> Iterator[Ad]:
    said = settings()["trade"]
    dice = random.Random(f"{around.seed}/{category}/{region}/{day}")
    scarce = around.shown("scarcity", category, region, day)
    usual = busy * float(said["per_day"][region])
    kept = math.exp(-settings()["scarcity"]["fewer"] * scarce)
    for number in range(_count(dice, usual)):
        # Each offer has dice of its own: one that is left out changes no other.
        own = random.Random(f"{around.seed}/{category}/{region}/{day}/{number}")
        if own.random() < kept:
            yield _offer(around, own, category, region, day, f"{category[:2]}{region[-2:]}{day:%y%m%d}{number}")
    looked = (
        busy * said["wanted"] * math.exp(settings()["demand"]["wanted"] * around.shown("demand", category, region, day))
    )
    draws = random.Random(f"{around.seed}/{category}/{region}/{day}/wanted")
    for number in range(_count(draws, looked)):
        yield _wanted(around, category, region, day, number)


def _count(dice: random.Random, mean: float) -> int:
    return int(mean) + (dice.random() < mean - int(mean))


def _offer(around: World, dice: random.Random, category: str, region: str, day: date, name: str) -> Ad:
    said, lively = settings()["trade"], settings()["demand"]
    product = dice.choice([each for each in products().values() if each.category == category])
    grade = _grade(around, dice)
    seller, lean = dice.choice(_sellers(around.seed, region))
    own = lean + dice.gauss(0.0, said["noise"])
    wanted = around.shown("demand", category, region, day)
    stays = dice.randint(*said["days"]) * math.exp(-lively["sooner"] * wanted)
    until = day + timedelta(days=max(round(stays), 1))
    sold = dice.random() < min(said["sells"] + lively["sells"] * wanted, 0.97)
    place, condition = dice.choice(people().regions[region].places).name, dice.choice(grade.forms)
    title = write_title(dice, product, categories()[category], grade)
    return Ad(
        id=name,
        kind="asking",
        seller=seller,
        region=region,
        place=place,
        category=category,
        product=product.key,
        grade=grade.name,
        condition=condition,
        title=title,
        first_day=day,
        last_day=until,
        ask=round(_value(around, product, grade.name, region, day) * math.exp(own + said["gap"]), 2),
        sold_for=round(_value(around, product, grade.name, region, until) * math.exp(own), 2) if sold else None,
    )


def _grade(around: World, dice: random.Random) -> Grade:
    grades = people().grades
    drawn = dice.choices(list(grades.values()), [each.share for each in grades.values()])[0]
    return drawn if "condition" in around.causes else grades["good"]


def _value(around: World, product: Product, grade: str, region: str, day: date) -> float:
    last = min(day, around.end)
    return product.base * math.exp(sum(around.effects(product.category, grade, region, last).values()))


def _wanted(around: World, category: str, region: str, day: date, number: int) -> Ad:
    dice = random.Random(f"{around.seed}/{category}/{region}/{day}/wanted/{number}")
    product = dice.choice([each for each in products().values() if each.category == category])
    pays = settings()["trade"]["offered"] * math.exp(dice.gauss(0.0, 0.12))
    return Ad(
        id=f"w{category[:2]}{region[-2:]}{day:%y%m%d}{number}",
        kind="wanted",
        seller=f"n{dice.randrange(16**6):06x}",
        region=region,
        place=dice.choice(people().regions[region].places).name,
        category=category,
        product=product.key,
        grade="good",
        condition="Good",
        title=f"Looking for {product.brand} {product.model} {categories()[category].word}",
        first_day=day,
        last_day=day,
        ask=round(_value(around, product, "good", region, day) * pays, 2),
        sold_for=None,
    )


def _ring(around: World, day: date, busy: float) -> Iterator[Ad]:
    """Sellers in league who ask a multiple of one product's value."""
    said = settings()["attack"]
    if not said["to"] <= (around.end - day).days <= said["from"]:
        return
    product = products()[said["product"]]
    per_day = sum(settings()["trade"]["per_day"].values()) * busy / settings()["products"]
    dice = random.Random(f"{around.seed}/ring/{day}")
    for number in range(_count(dice, per_day * said["share"] / (1 - said["share"]))):
        value = _value(around, product, "good", "US-MO", day) * said["times"] * math.exp(dice.gauss(0.0, 0.05))
        yield Ad(
            id=f"ring{day:%y%m%d}{number}",
            kind="asking",
            seller=f"ring{dice.randrange(said['sellers'])}",
            region="US-MO",
            place=people().regions["US-MO"].places[0].name,
            category=product.category,
            product=product.key,
            grade="good",
            condition="Good",
            title=write_title(dice, product, categories()[product.category], people().grades["good"]),
            first_day=day,
            last_day=day + timedelta(days=14),
            ask=round(value, 2),
            sold_for=None,
            honest=False,
        )


@cache
def _sellers(seed: int, region: str) -> list[tuple[str, float]]:
    said, dice = settings()["trade"], random.Random(f"{seed}/people/{region}")
    return [
        (f"{region[-2:].lower()}{dice.randrange(16**6):06x}{number}", dice.gauss(0.0, said["seller_spread"]))
        for number in range(said["sellers"])
    ]

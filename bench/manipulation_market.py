"""A made-up market with known truth, and the attackers that are let loose on it: for `bench.manipulation`.

Honest: ln price = product + condition + gap of the kind + what the seller is like + noise, level 0 throughout. Each of
the five products attacked is alone in its category with six other products, so that one run attacks all five.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.identity import product_of
from features.market import finish
from features.taxonomy import categorise

FIRST, DAYS = 20_000, 150
LAST = FIRST + DAYS - 1
NOISE, SELLER = 0.10, 0.05
GRADES = {"like new": 0.15, "good": 0.0, "fair": -0.25}
GAP = 0.10

# Title, price and number of honest listings of the product attacked; beside it its category's other products.
ATTACKED = {
    "Makita DHP453 cordless drill 18V": (90.0, 5),
    "Trek Marlin 5 mountain bike": (380.0, 10),
    "Canon EOS 600D DSLR camera": (240.0, 20),
    "Dell Latitude E7470 laptop 8GB 256GB": (260.0, 50),
    "Samsung Galaxy S21 smartphone 128GB": (210.0, 200),
}
OTHERS = {
    "drill": ("DeWalt DCD771 cordless drill 20V", "Bosch GSR12 cordless drill 12V", "Ryobi P208 cordless drill 18V",
              "Milwaukee M2801 cordless drill 18V", "Hilti SF6H cordless drill 22V", "Metabo BS18L cordless drill 18V"),
    "bicycle": ("Giant Talon 3 mountain bike", "Specialized Rockhopper mountain bike", "Cube Aim mountain bike",
                "Scott Aspect 950 mountain bike", "Cannondale Quick road bike", "Bianchi Sprint road bike"),
    "camera": ("Nikon D3500 DSLR camera", "Sony A6000 mirrorless camera", "Fujifilm XT30 mirrorless camera",
               "Pentax K70 DSLR camera", "Olympus EM10 mirrorless camera", "Panasonic G7 mirrorless camera"),
    "laptop": ("Lenovo ThinkPad T480 laptop 16GB 512GB", "HP EliteBook 840 laptop 8GB 256GB",
               "Acer Aspire A515 laptop 8GB 512GB", "Asus Zenbook UX425 laptop 16GB 512GB",
               "Apple MacBook A1708 laptop 8GB 128GB", "MSI GF63 laptop 16GB 512GB"),
    "phone": ("Google Pixel 6 smartphone 128GB", "Apple iPhone 12 smartphone 64GB", "Xiaomi Mi11 smartphone 128GB",
              "Motorola G60 smartphone 128GB", "Nokia X20 smartphone 128GB", "OnePlus N200 smartphone 64GB"),
}  # fmt: skip
WORDS = (
    "boxed charger included clean tested works bargain pickup bag spare barely used receipt complete warranty".split()
)


@dataclass(frozen=True)
class Attack:
    """`kind` of attacker, the share of the product's comparables that are his, and his price as a factor."""

    kind: str
    share: float
    factor: float


def honest(seed: int) -> pd.DataFrame:
    """The market without attackers: raw rows, one a listing."""
    random = np.random.default_rng(seed)
    sellers = [f"s{number}" for number in range(260)]
    # A few traders sell much, most people a thing or two.
    activity = random.pareto(1.2, len(sellers)) + 0.3
    activity /= activity.sum()
    lean = random.normal(0, SELLER, len(sellers))
    rows: list[dict[str, Any]] = []
    for title, price, count in _goods(random):
        for number in range(count):
            who = int(random.choice(len(sellers), p=activity))
            day = FIRST + int(random.integers(DAYS))
            rows.append(
                _honest_row(random, title, price, sellers[who], float(lean[who]), day, f"h{len(rows)}-{number}")
            )
    return pd.DataFrame(rows)


def _goods(random: np.random.Generator) -> list[tuple[str, float, int]]:
    goods = [(title, price, count) for title, (price, count) in ATTACKED.items()]
    for titles in OTHERS.values():
        goods += [(title, float(np.exp(random.normal(5.3, 0.5))), int(random.integers(15, 30))) for title in titles]
    return goods


def _honest_row(
    random: np.random.Generator, title: str, price: float, seller: str, lean: float, day: int, name: str
) -> dict[str, Any]:
    grade = str(random.choice(list(GRADES), p=[0.25, 0.5, 0.25]))
    kind = "sold" if random.random() < 0.4 else "asking"
    log = math.log(price) + GRADES[grade] + (GAP if kind == "asking" else 0.0) + lean + random.normal(0, NOISE)
    return row(name, day, kind, reworded(random, title), log, seller, grade, title)


def reworded(random: np.random.Generator, title: str) -> str:
    """The product's title with a seller's own words behind it."""
    return " ".join([title, *random.choice(WORDS, size=int(random.integers(0, 4)), replace=False)])


def row(
    name: str, day: int, kind: str, title: str, log: float, seller: str, grade: str, of: str, **more: Any
) -> dict[str, Any]:
    """One listing of the product whose plain title is `of`."""
    category = categorise(None, of)
    known = {
        "listing": f"market/{name}", "source": "market", "id": name, "day": day,
        "observed_at": pd.Timestamp(day, unit="D", tz="UTC"), "kind": kind,
        "title": title, "ln_price": log, "ln_list": math.nan, "price": f"{math.exp(log):.2f}",
        "currency": "USD", "condition": grade, "category": category, "brand": None, "gtin": None, "mpn": None,
        "product": product_of(of, None, None, None, category), "seller": seller, "region": "US-MO", "attributes": "{}",
        "url": None, "image": None, "found_at": name, "look": None, "look_day": None,
    }  # fmt: skip
    return {**known, **more}


def table(*parts: pd.DataFrame) -> pd.DataFrame:
    """Raw rows as the market table that models read."""
    return finish(pd.concat(parts, ignore_index=True))


def attacked(attack: Attack, seed: int) -> pd.DataFrame:
    """The raw rows that one attacker of each product adds."""
    random = np.random.default_rng([seed, int(1000 * attack.share), int(1000 * attack.factor)])
    rows: list[dict[str, Any]] = []
    for place, (title, (price, count)) in enumerate(ATTACKED.items()):
        k = max(1, math.ceil(attack.share * count / (1 - attack.share) - 1e-9))
        rows += KINDS[attack.kind](random, title, math.log(price), math.log(attack.factor), k, f"{attack.kind}{place}")
    return pd.DataFrame(rows)


# An attacker makes k rows about a product of log price `true`, `lie` above it, all names beginning with `tag`.
Maker = Callable[[np.random.Generator, str, float, float, int, str], list[dict[str, Any]]]


def _one_seller(
    random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str
) -> list[dict[str, Any]]:
    """An old trader with other honest sales offers the product k times within three weeks."""
    rows = _cover(random, f"{tag}-trader", tag, 4)
    for n in range(k):
        day = LAST - int(random.integers(21))
        rows.append(row(f"{tag}-{n}", day, "asking", title, true + lie + GAP, f"{tag}-trader", "good", title))
    return rows


def _relister(
    random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str
) -> list[dict[str, Any]]:
    """One thing, put up again and again as another listing with other words and, half the time, another grade."""
    grades = list(GRADES)
    return [
        row(f"{tag}-{n}", LAST - n % 21, ("asking", "sold")[n % 2], reworded(random, title),
            true + lie + 0.02 * random.normal(), f"{tag}-again", grades[n % 3], title)
        for n in range(k)
    ]  # fmt: skip


def _sybils(random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str) -> list[dict[str, Any]]:
    """Fresh accounts, one sale each over three weeks, prices and words as diverse as honest ones."""
    return [
        row(f"{tag}-{n}", LAST - int(random.integers(21)), "sold", reworded(random, title),
            true + lie + NOISE * random.normal(), f"{tag}-{n}", "good", title)
        for n in range(k)
    ]  # fmt: skip


def _patient(
    random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str
) -> list[dict[str, Any]]:
    """The same accounts made months ahead, each with three honest sales of other things."""
    rows = _sybils(random, title, true, lie, k, tag)
    for n in range(k):
        rows += _cover(random, f"{tag}-{n}", f"{tag}-{n}", 3)
    return rows


def _cover(random: np.random.Generator, seller: str, tag: str, count: int) -> list[dict[str, Any]]:
    """Sales of things that nobody else sells, long ago: a history that moves nothing of the market's."""
    things = ("garden chair oak", "table lamp brass", "picture frame silver", "wool rug red", "book shelf pine")
    out = []
    for n, thing in enumerate(things[:count]):
        day, log = FIRST + int(random.integers(60)), 3.0 + 0.05 * random.normal()
        out.append(row(f"{tag}-cover{n}", day, "sold", thing, log, seller, "good", thing))
    return out


def _ring(random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str) -> list[dict[str, Any]]:
    """Fresh accounts offer the same within four days, in nearly the same words at nearly the same price."""
    return [
        row(f"{tag}-{n}", LAST - int(random.integers(4)), "asking", f"{title} tested {WORDS[n % 2]}",
            true + lie + GAP + 0.01 * random.normal(), f"{tag}-{n}", "good", title)
        for n in range(k)
    ]  # fmt: skip


def _wash(random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str) -> list[dict[str, Any]]:
    """Three accounts sell the thing round among themselves, dearer each time; the buyers are known."""
    out = []
    for n in range(k):
        day, buyer = LAST - 28 + 28 * n // max(k - 1, 1), {"buyer": f"{tag}-{(n + 1) % 3}"}
        log = true + lie * (n + 1) / k
        out.append(
            row(
                f"{tag}-{n}",
                day,
                "sold",
                reworded(random, title),
                log,
                f"{tag}-{n % 3}",
                "good",
                title,
                attributes=json.dumps(buyer),
            )
        )
    return out


def _drift(random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str) -> list[dict[str, Any]]:
    """Fresh accounts over ten weeks, each a little dearer than the last, the whole factor at the end."""
    return [
        row(f"{tag}-{n}", LAST - 70 + 70 * n // max(k - 1, 1), "sold", reworded(random, title),
            true + lie * (n + 1) / k + 0.03 * random.normal(), f"{tag}-{n}", "good", title)
        for n in range(k)
    ]  # fmt: skip


def _source(random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str) -> list[dict[str, Any]]:
    """An import in one file: another source, no sellers named, each row a sale of its own."""
    rows = []
    for n in range(k):
        made = row(
            f"{tag}-{n}",
            LAST - int(random.integers(60)),
            "sold",
            reworded(random, title),
            true + lie + NOISE * random.normal(),
            "",
            "good",
            title,
        )
        rows.append({**made, "source": "import", "listing": f"import/{tag}-{n}", "seller": f"import/{tag}-{n}"})
    return rows


def _extreme(
    random: np.random.Generator, title: str, true: float, lie: float, k: int, tag: str
) -> list[dict[str, Any]]:
    """Fresh accounts with absurd prices: the factor's third power."""
    return _sybils(random, title, true, 3 * lie, k, tag)


KINDS: dict[str, Maker] = {
    "one seller": _one_seller, "relisted item": _relister, "wash trades": _wash, "fresh accounts": _sybils,
    "coordinated ring": _ring, "slow drift": _drift, "import file": _source, "extreme prices": _extreme,
    "patient accounts": _patient,
}  # fmt: skip

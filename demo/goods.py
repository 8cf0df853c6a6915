"""The goods of the town: categories, products with their true base values, and the things that are there only once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Season:
    """A yearly swing of log prices: `size` at the peak (`month`, `day`), `cycles` peaks a year."""

    size: float
    month: int
    day: int
    cycles: int


@dataclass(frozen=True, slots=True)
class Category:
    """What is true of all products of a kind; `nouns[0]` is the plain word for it. Rates are of log value a year."""

    nouns: tuple[str, ...]
    weight: float
    trend: float
    depreciation: float
    season: Season
    storm: float
    conditions: dict[str, float]
    sizes: tuple[str, ...]
    extras: tuple[str, ...]
    accessories: tuple[tuple[str, float], ...]

    @property
    def word(self) -> str:
        return self.nouns[0]


@dataclass(frozen=True, slots=True)
class Product:
    """One model. `base` is its true value in US dollars: good, home region, no season, on the town's last day."""

    key: str
    category: str
    brand: str
    model: str
    name: str
    spec: str
    base: float
    msrp: float
    gtin: str

    @property
    def text(self) -> str:
        """The product in plain words, as a person would ask for it."""
        return f"{self.brand} {self.model} {self.name} {self.category} {self.spec}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Several products sold as one thing."""

    title: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is traded: categories by their word, products by their key, and the curiosities."""

    categories: dict[str, Category]
    products: dict[str, Product]
    unique: tuple[tuple[str, float], ...]
    bundles: tuple[Bundle, ...]

    def of(self, category: str) -> list[Product]:
        return [product for product in self.products.values() if product.category == category]


def read_toml(name: str) -> dict[str, Any]:
    """One of the town's data files."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def catalogue() -> Catalogue:
    """The town's goods, as written in data/goods.toml and data/curiosities.toml."""
    categories, products = read_goods(read_toml("goods"))
    odd = read_toml("curiosities")
    return Catalogue(
        categories=categories,
        products=products,
        unique=tuple((title, float(value)) for title, value in odd["unique"]),
        bundles=tuple(Bundle(title, tuple(parts)) for title, *parts in odd["bundle"]),
    )


def read_goods(said: dict[str, Any], first_number: int = 1) -> tuple[dict[str, Category], dict[str, Product]]:
    """Categories by their word and products by their key, of a table as in data/goods.toml."""
    categories: dict[str, Category] = {}
    products: dict[str, Product] = {}
    for word, told in said.items():
        categories[word] = _category(told)
        for item in told["products"]:
            product = _product(word, item, number=len(products) + first_number, known=products)
            products[product.key] = product
    return categories, products


def _category(told: dict[str, Any]) -> Category:
    return Category(
        nouns=tuple(told["nouns"]),
        weight=told["weight"],
        trend=told["trend"],
        depreciation=told["depreciation"],
        season=Season(*told["season"]),
        storm=told["storm"],
        conditions={grade: told[grade] for grade in ("fair", "parts") if grade in told},
        sizes=tuple(told.get("sizes", ())),
        extras=tuple(told["extras"]),
        accessories=tuple((title, float(value)) for title, value in told["accessories"]),
    )


def _product(category: str, item: dict[str, Any], number: int, known: dict[str, Product]) -> Product:
    key = slug(f"{item['brand']} {item['model']}")
    variants = [other for other in known if other.startswith(key)]
    # Consoles and phones come in sizes: the size belongs to the product, and so to its key.
    if variants or category in ("game console", "phone"):
        key = slug(f"{key} {item['spec']}")
    return Product(
        key=key,
        category=category,
        brand=item["brand"],
        model=item["model"],
        name=item["name"],
        spec=item["spec"],
        base=float(item["base"]),
        msrp=float(item["msrp"]),
        gtin=_gtin(number),
    )


def slug(text: str, words: int | None = None) -> str:
    """Text as a part of an address: lower case, joined by hyphens; its first `words` words alone if that is given."""
    parts = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join(parts[:words])


def _gtin(number: int) -> str:
    """A GTIN-13 from the range for use inside shops (prefix 2), so that no real article's number is claimed."""
    digits = f"2{number * 7919 % 10**11:011d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"

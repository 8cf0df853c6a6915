"""What is offered and sold, what is published about prices of goods, and what goods are."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One observation of one listing: who (a pseudonym) offered or sold what, where, when, for how much.

    The listing is (`source`, `id`); the observation is (listing, `observed_at`, `price`, `kind`).
    `price` is for the whole of what is offered, in `currency`. `attributes` holds every field that has no name of its
    own, as the source wrote it. `found_at` says where a person finds the original ("deals.csv line 17", a URL) and
    `price_path` which part of it the price was read from ("column price", "jsonld offers.price").
    """

    record: ClassVar[str] = "listing"
    key: ClassVar[tuple[str, ...]] = ("source", "id", "observed_at", "price", "kind")

    source: str
    id: str
    kind: str
    title: str
    price: Decimal
    currency: str
    observed_at: datetime
    list_price: Decimal | None = None
    condition: str | None = None
    category: str | None = None
    brand: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    seller: str | None = None
    region: str | None = None
    place: str | None = None
    url: str | None = None
    image: str | None = None
    description: str | None = None
    ended_at: datetime | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)
    run: str
    row: int
    found_at: str
    price_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """What a maker or a shop asks for a new article: one observation of (`source`, `id`).

    Unlike a listing it is no offer of one thing by one person. `id` is the article within its source.
    """

    record: ClassVar[str] = "list_price"
    key: ClassVar[tuple[str, ...]] = ("source", "id", "observed_at", "price", "currency")

    source: str
    id: str
    title: str
    price: Decimal
    currency: str
    observed_at: datetime
    brand: str | None = None
    category: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    released_on: date | None = None
    region: str | None = None
    url: str | None = None
    image: str | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)
    run: str
    row: int
    found_at: str
    price_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """One value of a published series: an average price, a guide price, an index.

    The series is (`source`, `series`). `period` is the first day of the time the value is of, `days` about how long
    that is (1, 7, 30, 91, 365). `statistic` is "mean", "median", "min", "max", "index", "guide" or the source's own
    word; `currency` is None for an index. A value that was revised is a row of its own, told apart by `observed_at`:
    when it was published, or read where that is not known.
    """

    record: ClassVar[str] = "price_series"
    key: ClassVar[tuple[str, ...]] = ("source", "series", "period", "value")

    source: str
    series: str
    title: str
    period: date
    days: int
    value: Decimal
    statistic: str
    observed_at: datetime
    currency: str | None = None
    unit: str | None = None
    volume: Decimal | None = None
    region: str | None = None
    place: str | None = None
    category: str | None = None
    gtin: str | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)
    run: str
    row: int
    found_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFact:
    """What an article is, by its number: name, brand, category, how much is in it. No price: none is known there.

    The article is (`source`, `id`), `id` its GTIN. `observed_at` is when its source last changed the fact, or when it
    was read where that is not known: so an unchanged fact read again is already known. `quantity` is in `unit` ("g").
    """

    record: ClassVar[str] = "product_fact"
    key: ClassVar[tuple[str, ...]] = ("source", "id", "observed_at")

    source: str
    id: str
    title: str
    observed_at: datetime
    brand: str | None = None
    category: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    image: str | None = None
    url: str | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)
    run: str
    row: int
    found_at: str

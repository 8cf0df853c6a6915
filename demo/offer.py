"""One thing on offer at one venue of the town, over the days that it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.people import Place, Seller


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing on offer at one venue, from `first_day` to `last_day` (both included).

    `asks` are the asking prices in US dollars with the day from which each holds; empty where none was named.
    `sold_for` is what it fetched on `last_day`, None where it did not sell. `product` is the product's key, None for
    bundles, accessories and things of one kind. `grade` is the true condition, `condition` what the form says of it.
    """

    number: int
    venue: str
    seller: Seller
    product: str | None
    title: str
    category: str | None
    brand: str | None
    model: str | None
    gtin: str | None
    msrp: Decimal | None
    grade: str
    condition: str | None
    note: str
    first_day: date
    last_day: date
    asks: tuple[tuple[date, Decimal], ...]
    sold_for: Decimal | None
    shows_sold: bool

    @property
    def region(self) -> str:
        return self.seller.region

    @property
    def place(self) -> Place:
        return self.seller.place

    def on(self, day: date) -> bool:
        """Whether it is on offer that day."""
        return self.first_day <= day <= self.last_day

    def sold_out(self, day: date) -> bool:
        """Whether its page says that day that it is sold."""
        return self.shows_sold and self.sold_for is not None and day >= self.last_day

    def price_on(self, day: date) -> Decimal | None:
        """The price its page shows that day: the last asking price named, or what it fetched once it is sold out."""
        if self.sold_out(day):
            return self.sold_for
        named = [price for since, price in self.asks if since <= day]
        return named[-1] if named else None

    def changed_on(self, day: date) -> date:
        """The last day, up to `day`, on which what its page shows changed."""
        changes = [self.first_day, *(since for since, _ in self.asks if since <= day)]
        return self.last_day if self.sold_out(day) else max(changes)

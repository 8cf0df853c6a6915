"""A product as the search shows it: one row of mart.product, kept in the index as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from warehouse.valuation import minor_unit


@dataclass(frozen=True, slots=True)
class Product:
    """One thing the market trades, as mart.product has it; `median_price` is decimal text in `currency`."""

    product: str
    title: str
    category: str | None
    brand: str | None
    listings: int
    sellers: int
    first_seen: date | None
    last_seen: date | None
    median_price: str | None
    currency: str | None

    def packed(self) -> str:
        """The product as JSON text, for `unpacked`."""
        return json.dumps([getattr(self, name) for name in _NAMES], ensure_ascii=False, default=date.isoformat)


_NAMES = tuple(each.name for each in fields(Product))


def unpacked(text: str) -> Product:
    """The product that `packed` gave this text."""
    row = json.loads(text)
    row[6:8] = [None if day is None else date.fromisoformat(day) for day in row[6:8]]
    return Product(*row)


def of_row(row: tuple[Any, ...]) -> Product:
    """A product from its fields in their order, the title and the price as the mart has them."""
    name, title, category, brand, listings, sellers, first_seen, last_seen, median, currency = row
    price = None if median is None else money(median, currency)
    return Product(name, title or name, category, brand, listings, sellers, first_seen, last_seen, price, currency)


def money(amount: Any, currency: str | None) -> str:
    """An amount as decimal text with the currency's minor unit, half-even."""
    return str(Decimal(str(amount)).quantize(minor_unit(currency or "USD"), rounding=ROUND_HALF_EVEN))

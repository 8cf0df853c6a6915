"""What things in the town are truly worth. Only the demo's summary and the town's own tests read this."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.goods import Product, catalogue
from demo.people import grade_of
from demo.town import Town

CENT = Decimal("0.01")
# Asked for in turn over the products of the comparison; good is what people ask for most.
GRADES = ("good", "good", "like new", "fair")
PER_CATEGORY = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A thing to ask the value of, as a person would, and its true value in US dollars on `day`."""

    text: str
    condition: str
    region: str
    day: date
    product: str
    category: str
    true_value: Decimal


def true_value(town: Town, thing: Product | str, condition: str | None, region: str, day: date) -> Decimal:
    """The true value of a product (or its key, or a title that names it), in US dollars to the cent.

    `condition` is a grade or words for one (None: good), `region` an ISO 3166-2 code of the town.
    Raises LookupError where the thing, the condition or the region is none of the town's.
    """
    product = thing if isinstance(thing, Product) else find(thing)
    grade = grade_of(condition)
    return Decimal(town.climate.value(product, grade.name, region, day)).quantize(CENT)


def true_factors(town: Town, product: Product, condition: str | None, region: str, day: date) -> dict[str, float]:
    """The multipliers that lead from the product's base to its true value, by name."""
    return town.climate.factors(product, grade_of(condition).name, region, day)


def find(title: str) -> Product:
    """The product that a title names: by its key, or by brand or model and, among variants, the specification.

    Raises LookupError where no model of the town is named, or more than one.
    """
    products = catalogue().products
    if title in products:
        return products[title]
    said = _plain(title)
    named = [p for p in products.values() if _plain(p.model) in said]
    longest = max((len(p.model) for p in named), default=0)
    named = [p for p in named if len(p.model) == longest]
    if len(named) > 1:
        # Variants of one model are told apart by their specification, where the title has it.
        named = [p for p in named if _plain(p.spec) in said] or named
    if len(named) != 1:
        what = "names no product" if not named else "names several products"
        raise LookupError(f'"{title}" {what} of the town')
    return named[0]


def questions(town: Town, day: date | None = None) -> list[Question]:
    """About forty things to compare values by: some of every category, in both regions and several conditions.

    `day` is the day of the true values, the town's last where none is given.
    """
    when = day or town.end
    asked: list[Question] = []
    for category in catalogue().categories:
        for product in catalogue().of(category)[:PER_CATEGORY]:
            place = len(asked)
            condition = GRADES[place % len(GRADES)]
            region = "US-IL" if place % 3 == 2 else "US-MO"
            value = true_value(town, product, condition, region, when)
            asked.append(Question(product.text, condition, region, when, product.key, category, value))
    return asked


def _plain(text: str) -> str:
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "

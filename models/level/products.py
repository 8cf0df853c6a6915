"""Reference prices of products: a published price that follows the raw one under the same clip as the market level.

A product with enough distinct sellers in a period has a reference price of its own: the value of the product in good
condition, for all regions, out of season. It starts from its area's dampening. In periods without evidence of its own
it moves with its area's published level as far as the drivers moved that, and of the rest by a share that grows with
the time since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.condition import REFERENCE
from features.level import category_unit, nearest, period_start, product_unit
from features.market import ALL_REGIONS
from models.base.compose import Market, compare
from models.base.reference import Reference
from models.base.worth import base_values
from models.knobs import Knobs
from models.level.closed import Closed
from models.level.dampening import move
from models.level.evidence import sellers_by_product, sellers_so_far
from models.level.state import Levels, ProductLevel
from models.training.vintage import Vintage

# Days without evidence of its own after which a product is moved by half of what its area's level did.
_FOLLOWS = 60.0


@dataclass(frozen=True)
class ProductNow:
    """A product's log reference price on a day: raw, published, and the distinct sellers of the open period."""

    raw: float
    published: float
    sellers: int


def lag(at: Closed, unit: str, product: ProductNow | None, settled: bool) -> float:
    """Log of published over raw of the most specific unit: the product where it has a reference price, else its area.

    A thing that is `settled` by its own sales holds nothing of its area's level but what the drivers make of it: no
    more than that can lag behind.
    """
    if product is not None:
        return product.published - product.raw
    published, found = nearest(at.published, unit)
    if found is None:
        return 0.0
    raw, above = nearest(at.raw, unit)
    if not settled:
        return published - raw
    most = abs(sum(at.shocks.get(above or "", ())))
    return min(max(published - raw, -most), most)


def standard_questions(market: Market, products: Sequence[str]) -> pd.DataFrame:
    """Products as questions: the title they were first seen under, good, all regions, nothing else known."""
    first = market.rows.iloc[[market.first_of_product[product] for product in products]]
    return pd.DataFrame(
        {
            "title": first["title"].to_numpy(object),
            "category": first["category"].to_numpy(object),
            "product": np.array(products, dtype=object),
            "brand": first["brand"].to_numpy(object),
            "grade": REFERENCE,
            "region": ALL_REGIONS,
            "attributes": [{} for _ in products],
            "ln_list": np.nan,
        }
    )


def raw_reference(
    market: Market, levels: Levels, reference: Reference, products: Sequence[str], day: int | np.ndarray, knobs: Knobs
) -> tuple[np.ndarray, list[str]]:
    """Raw log reference prices of products as known on a day (or a day for each), and their categories.

    The products must have been seen by then.
    """
    questions = standard_questions(market, products)
    days = np.broadcast_to(np.asarray(day), len(questions))
    compared = compare(questions, days, market, reference, knobs.comparables, levels)
    base = base_values(questions, compared, reference.vintage)
    return base.value + levels.of_questions(questions, days)[0], list(questions["category"])


def products_on(
    market: Market, levels: Levels, reference: Reference, asked: Sequence[tuple[str, str, int]], knobs: Knobs
) -> list[ProductNow | None]:
    """The reference prices of products (product, category, day) as known on those days; None where a product has none
    from an earlier period."""
    start = [_start(levels, *each) for each in asked]
    known = [place for place, each in enumerate(start) if each is not None]
    out: list[ProductNow | None] = [None] * len(asked)
    if not known:
        return out
    days = np.array([asked[place][2] for place in known])
    raw, _ = raw_reference(market, levels, reference, [asked[place][0] for place in known], days, knobs)
    for place, value in zip(known, raw.tolist(), strict=True):
        published, (product, category, day) = start[place], asked[place]
        assert published is not None
        period = period_start(day, levels.knobs.period)
        sellers = sellers_so_far(levels, product, period, day)
        if sellers >= levels.knobs.n_min and levels.product_settled(product, day) is None:
            before = carried(levels, product, category, period, levels.before(period), day)
            assert before is not None
            published = move(before, value, levels.step)
        out[place] = ProductNow(value, published, sellers)
    return out


def _start(levels: Levels, product: str, category: str, day: int) -> float | None:
    """What is published of a product on a day without evidence of that day's period."""
    settled = levels.product_settled(product, day)
    if settled is not None:
        return settled.published
    return carried(levels, product, category, period_start(day, levels.knobs.period), levels.at(day), day)


def close_products(market: Market, levels: Levels, vintage: Vintage, until: int, knobs: Knobs) -> None:
    """Settle the products' reference prices for the periods closed since the last call."""
    done = max((history[-1].period for history in levels.products.values()), default=-(10**9))
    reference = Reference(market, vintage, until)
    length = levels.knobs.period
    for closed in levels.closed:
        if closed.period <= done or closed.period <= vintage.cutoff - length:
            continue
        evidence = sellers_by_product(levels, closed.period, closed.period + length)
        products = sorted(product for product, n in evidence.items() if n >= levels.knobs.n_min)
        if not products:
            continue
        day = closed.period + length - 1
        raw, categories = raw_reference(market, levels, reference, products, day, knobs)
        for product, value, category in zip(products, raw, categories, strict=True):
            published = next_published(levels, product, category, float(value), closed)
            published = levels.fixed.get(product_unit(product), {}).get(closed.period, published)
            history = levels.products.setdefault(product, [])
            history.append(ProductLevel(closed.period, float(value), published, evidence[product]))


def next_published(levels: Levels, product: str, category: str, raw: float, closed: Closed) -> float:
    """A product's published log reference price after a period with evidence of its own."""
    day = closed.period + levels.knobs.period - 1
    start = carried(levels, product, category, closed.period, levels.before(closed.period), day)
    if start is None:
        return raw + lag(closed, category_unit(category), None, settled=False)
    return move(start, raw, levels.step)


def carried(levels: Levels, product: str, category: str, period: int, at: Closed, day: int) -> float | None:
    """The reference price published before `period`, moved by what its area's published level did since, as it stands
    `at` that time: all that the drivers did, and of the rest the more the longer ago.

    What by `day` was newly understood as season is no longer in it: it stands beside it.
    """
    before = levels.product_before(product, period)
    if before is None:
        return None
    area = category_unit(category)
    then = levels.before(before.period + 1)
    season = levels.newly_season(category, before.period, min(day, at.period + levels.knobs.period - 1))
    moved = nearest(at.published, area)[0] - nearest(then.published, area)[0] + season
    most = abs(_driven(at, area) - _driven(then, area))
    driven = min(max(moved, -most), most)
    days = max(at.period - before.period, 0)
    start = before.published - levels.newly_season(category, before.period, day)
    return start + driven + (moved - driven) * days / (days + _FOLLOWS)


def _driven(at: Closed, area: str) -> float:
    """What the drivers make of an area's level."""
    return float(sum(at.shocks.get(nearest(at.raw, area)[1] or "", ())))

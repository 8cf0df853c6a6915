"""Reference prices of products: a published price that follows the raw one under the same clip as the market level.

A product with enough distinct sellers in a period has a reference price of its own: the value of the product in good
condition, for all regions, out of season. It starts from its area's dampening. In periods without evidence of its own
it moves only as its area's published level does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.condition import REFERENCE
from features.level import category_unit, nearest, product_unit
from features.market import ALL_REGIONS
from models.base.compose import Market, Reference, compare
from models.base.worth import base_values
from models.knobs import Knobs
from models.level.dampening import move
from models.level.state import Levels, ProductLevel
from models.training.vintage import Vintage


def standard_questions(rows: pd.DataFrame, products: Sequence[str], day: int) -> pd.DataFrame:
    """Products as questions: the title they were first seen under, good, all regions, nothing else known."""
    first = rows[rows["product"].isin(set(products))].drop_duplicates("product", keep="first")
    first = first[first["day"] <= day].set_index("product").reindex(list(products))
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
    market: Market, levels: Levels, reference: Reference, products: Sequence[str], day: int, knobs: Knobs
) -> tuple[np.ndarray, list[str]]:
    """Raw log reference prices of products as known on a day, and their categories."""
    questions = standard_questions(market.rows, products, day)
    days = np.full(len(questions), day)
    compared = compare(questions, days, market, reference, knobs.comparables, levels.open_rows)
    base = base_values(questions, compared, reference.vintage)
    raw = levels.at(day).raw
    level = np.array([nearest(raw, category_unit(category))[0] for category in questions["category"]])
    return base.value + level, list(questions["category"])


def close_products(market: Market, levels: Levels, vintage: Vintage, until: int, knobs: Knobs) -> None:
    """Settle the products' reference prices for the periods closed since the last call."""
    done = max((history[-1].period for history in levels.products.values()), default=-(10**9))
    reference = Reference(market, vintage, until)
    length = levels.knobs.period
    for closed in levels.closed:
        if closed.period <= done or closed.period <= vintage.cutoff - length:
            continue
        evidence = _sellers(levels, closed.period, closed.period + length)
        products = sorted(product for product, n in evidence.items() if n >= levels.knobs.n_min)
        if not products:
            continue
        day = closed.period + length - 1
        raw, categories = raw_reference(market, levels, reference, products, day, knobs)
        for product, value, category in zip(products, raw, categories, strict=True):
            published = next_published(
                levels, product, category, closed.period, float(value), closed.raw, closed.published
            )
            published = levels.fixed.get(product_unit(product), {}).get(closed.period, published)
            history = levels.products.setdefault(product, [])
            history.append(ProductLevel(closed.period, float(value), published, evidence[product]))


def next_published(
    levels: Levels,
    product: str,
    category: str,
    period: int,
    raw: float,
    area_raw: dict[str, float],
    area_published: dict[str, float],
) -> float:
    """A product's published log reference price after a period with evidence of its own."""
    start = carried(levels, product, category, period, levels.before(period).published)
    if start is None:
        area = category_unit(category)
        level, found = nearest(area_published, area)
        return raw + (level - nearest(area_raw, area)[0] if found is not None else 0.0)
    return move(start, raw, levels.step)


def carried(levels: Levels, product: str, category: str, period: int, area_published: dict[str, float]) -> float | None:
    """The reference price published before `period`, moved as its area's published level has moved since."""
    before = levels.product_before(product, period)
    if before is None:
        return None
    area = category_unit(category)
    then = nearest(levels.before(before.period + 1).published, area)[0]
    return before.published + nearest(area_published, area)[0] - then


def _sellers(levels: Levels, first: int, behind: int) -> dict[str, int]:
    """Independent sellers of each product from day `first` to before day `behind`."""
    low, high = np.searchsorted(levels.days, [first, behind])
    part = levels.rows.iloc[low:high].reset_index(drop=True)
    if levels.trust is None:
        return {str(product): int(n) for product, n in part.groupby("product")["seller"].nunique().items()}
    there = part.groupby("product").indices
    return {str(product): levels.trust.number(low + place, int(behind) - 1) for product, place in there.items()}


def sellers_so_far(levels: Levels, product: str, first: int, day: int) -> int:
    """Independent sellers of one product from day `first` to the end of `day`."""
    low, high = np.searchsorted(levels.days, [first, day + 1])
    part = levels.rows.iloc[low:high]
    there = np.flatnonzero(part["product"].to_numpy(object) == product)
    if levels.trust is None or len(there) == 0:
        return int(part["seller"].iloc[there].nunique())
    return levels.trust.number(low + there, day)

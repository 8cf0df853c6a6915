"""The trade cap of one value: what the thing was worth before, from the history of its published level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from features.level import nearest
from features.market import day_date, day_number
from models.answers.answer import Point
from models.caps.baseline import History, level_before, surge_start
from models.caps.cap import Cap, cap_for
from models.caps.declarations import Declaration
from models.level.products import carried
from models.level.state import Learned, Levels
from warehouse.valuation import Valuation, minor_unit


def trade_cap(valuation: Valuation, point: Point, learned: Learned, declarations: Sequence[Declaration]) -> Cap | None:
    """The cap beside a value; None where nothing limits it, or nothing was published before.

    The baseline is the value itself with the published level of before in the place of today's, so it is in the
    season, condition and currency of the question.
    """
    if valuation.fmv is None:
        return None
    knobs, fmv = learned.knobs.caps, float(valuation.fmv)
    history, now = _history(point, learned.levels, knobs.lookback)
    surged = surge_start([*history, (point.day, now)], knobs.surge, knobs.baseline_days)

    def before(day: date) -> Decimal | None:
        level = level_before(history, day_number(day), knobs.baseline_days)
        return None if level is None else Decimal(repr(fmv * math.exp(level - now)))

    return cap_for(
        day=day_date(point.day),
        region=str(point.row["region"]),
        category=str(point.row["category"]),
        currency=valuation.currency,
        baseline=before,
        declarations=declarations,
        surge=None if surged is None else day_date(surged),
        knobs=knobs,
    )


def worth_before(valuation: Valuation, point: Point, learned: Learned, day: date) -> Decimal | None:
    """What the thing was worth before `day`, in today's season; None where no level was published before it."""
    history, now = _history(point, learned.levels, learned.knobs.caps.lookback)
    level = level_before(history, day_number(day), learned.knobs.caps.baseline_days)
    place = minor_unit(valuation.currency)
    if valuation.fmv is None or level is None:
        return None
    return Decimal(repr(float(valuation.fmv) * math.exp(level - now))).quantize(place, rounding=ROUND_HALF_EVEN)


def _history(point: Point, levels: Levels, lookback: int) -> tuple[History, float]:
    """The published level at the end of each period before the day, of the product or its area; and today's."""
    out: list[tuple[int, float]] = []
    product, category = str(point.row["product"]), str(point.row["category"])
    length = levels.knobs.period
    for closed in levels.closed:
        last = closed.period + length - 1
        if not point.day - lookback <= last < point.day:
            continue
        if point.product is not None:
            own = carried(levels, product, category, last + 1, closed, last)
            if own is not None:
                out.append((last, own))
            continue
        level, found = nearest(closed.published, point.unit)
        if found is not None:
            out.append((last, level))
    now = point.product.published if point.product is not None else nearest(point.at.published, point.unit)[0]
    return out, now

"""The weekly index of a category as a snapshot holds it: matched products, one price a seller."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from features.index.window import published_index
from features.level import segment_unit

# One seller counts once in a week and unit: the median of his prices; the unit's price is the mean of its sellers'
# logs. Asking and sold prices are units of their own, so the gap between them is no movement.
_UNITS = """
    WITH seen AS (
        SELECT coalesce(link.product, i.key, i.product) || '|' || coalesce(i.grade, '') || '|' || (o.kind = 'asking')
                AS held,
            (date_diff('day', DATE '1970-01-01', o.observed_on) - 4) // 7 AS week,
            o.source || '/' || coalesce(o.seller, o.id) AS who,
            ln(o.price_anchor) AS log_price
        FROM core.observation AS o
        JOIN core.identity AS i USING (source, id)
        -- The product as it stood on the day: what was merged later says nothing about earlier days.
        LEFT JOIN core.product_link AS link
            ON link.product_key = i.key AND o.observed_on >= link.day
            AND (link.until IS NULL OR o.observed_on < link.until)
        WHERE i.category = $category AND ($region IS NULL OR o.region = $region) AND o.price_anchor > 0
            AND o.kind IN ('asking', 'sold', 'traded') AND o.observed_at < $until
    )
    SELECT held AS unit, week AS period, median(log_price) AS log_price
    FROM seen WHERE held IS NOT NULL GROUP BY held, week, who ORDER BY held, week, who
"""
_LEVEL = """
    SELECT (date_diff('day', DATE '1970-01-01', period) - 4) // 7 AS week, arg_max(published, period) AS published
    FROM mart.level WHERE unit = $unit AND period < $end GROUP BY week
"""


def weekly_index(
    connection: Any, category: str, region: str | None, *, window: int, method: str, as_of: date | None
) -> list[dict[str, Any]]:
    """By week: its first day, the index (1 in the first), the units seen, and the published level where there is one.

    Weeks that are not over by `as_of` are left out. Raises ValueError for an unknown method.
    """
    after = (as_of or date(9999, 1, 1)) + timedelta(days=1)
    asked = {"category": category, "region": region, "until": f"{after}T00:00:00Z"}
    table = connection.execute(_UNITS, asked).df()
    if as_of is not None:
        table = table[table["period"] * 7 + 4 + 7 <= (after - date(1970, 1, 1)).days]
    index = published_index(table, window=window, method=method)
    unit = segment_unit(category, region or "")
    level = dict(connection.execute(_LEVEL, {"unit": unit, "end": after}).fetchall())
    units = table.groupby("period")["unit"].nunique()
    return [
        {
            "week": (date(1970, 1, 1) + timedelta(days=int(period) * 7 + 4)).isoformat(),
            "index": round(math.exp(value), 6) if math.isfinite(value) else None,
            "units": int(units[period]),
            "published_level": round(math.exp(level[int(period)]), 6) if int(period) in level else None,
        }
        for period, value in index.items()
    ]

"""The offers a snapshot has seen begin and end, each valued as of the day before it began.

An offer *sold* where the same listing was seen sold later. It *ended* where its source says when, or where it was
missing from its source for longer than `still_there` days while that source, which looks at its offers again and again,
went on being read. Where sales are known, an end without one is a withdrawal (censored); where a market never says what
was sold, ends are taken for sales, and the answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
import pandas as pd

from features.market import day_date, day_number
from models.forecast.selling import Offers, of_records
from models.knobs import SellingKnobs
from warehouse.valuation import Valuation, ValuationRequest

_ASKED = """
    SELECT
        o.source, o.id, i.category,
        min(o.observed_on) FILTER (o.kind = 'asking') AS first,
        max(o.observed_on) FILTER (o.kind = 'asking') AS last,
        min(o.observed_on) FILTER (o.kind IN ('sold', 'traded')) AS sold,
        min(CAST(o.ended_at AT TIME ZONE 'UTC' AS DATE)) FILTER (o.ended_at < $until) AS ended,
        arg_min(o.price, o.observed_at) FILTER (o.kind = 'asking') AS price,
        arg_min(o.currency, o.observed_at) FILTER (o.kind = 'asking') AS currency,
        arg_min(o.title, o.observed_at) AS title,
        any_value(o.condition) AS condition, any_value(o.region) AS region, any_value(o.brand) AS brand
    FROM core.observation AS o
    LEFT JOIN core.identity AS i USING (source, id)
    WHERE o.observed_at < $until AND o.price > 0
    GROUP BY o.source, o.id, i.category
    HAVING first IS NOT NULL
    ORDER BY first DESC, o.source, o.id
"""
_READ = """
    SELECT source, max(day) AS newest, avg((looks > 1)::INTEGER) >= 0.3 AS looks_again
    FROM (
        SELECT source, id, max(observed_on) AS day, count(DISTINCT observed_on) AS looks
        FROM core.observation WHERE observed_at < $until AND kind = 'asking' GROUP BY source, id
    )
    GROUP BY source
"""


class Values(Protocol):
    """What says what a thing was worth."""

    def value_many(self, requests: list[ValuationRequest]) -> list[Valuation]: ...


@dataclass(frozen=True)
class Seen:
    """Offers with their worth, and how their ends are known."""

    offers: Offers
    sold: int
    ended: int
    still_there: int
    ends_are_sales: bool


def offers_seen(connection: Any, day: date, knobs: SellingKnobs) -> pd.DataFrame:
    """All offers known by the end of a day, newest first: `days` offered, `sold` and `over` (ended without a sale)."""
    until = {"until": f"{day + timedelta(days=1)}T00:00:00Z"}
    rows = connection.execute(_ASKED, until).df()
    if rows.empty:
        return rows.assign(days=0.0, was_sold=False, over=False)
    read = connection.execute(_READ, until).df().set_index("source")
    for name in ("first", "last", "sold", "ended"):
        rows[name] = pd.to_datetime(rows[name])
    newest = rows["source"].map(read["newest"]).pipe(pd.to_datetime)
    missing = rows["source"].map(read["looks_again"]).fillna(False).astype(bool)
    missing &= (newest - rows["last"]).dt.days > knobs.still_there
    was_sold = rows["sold"].notna() & (rows["sold"] >= rows["first"])
    over = ~was_sold & (rows["ended"].notna() | missing)
    over_at = rows["last"].where(~missing, rows["last"] + pd.Timedelta(days=1))
    over_at = over_at.where(rows["ended"].isna(), rows["ended"]).where(~was_sold, rows["sold"])
    # Ended on the day it began: half a day is the best one can say.
    days = (over_at - rows["first"]).dt.days.clip(lower=0).astype(float)
    return rows.assign(days=days.where(days > 0, 0.5), was_sold=was_sold, over=over)


def with_worth(rows: pd.DataFrame, values: Values, category: str | None, knobs: SellingKnobs) -> Seen:
    """The newest offers with what each asked over its worth on the day before it was first seen.

    At most `knobs.offers` are valued, those of `category` first; of those that still stand with a single day seen
    nothing is learned, and they are left out.
    """
    if rows.empty:
        return Seen(of_records([]), 0, 0, 0, False)
    told = rows[rows["was_sold"] | rows["over"] | (rows["days"] >= 1)]
    own = told["category"] == category
    chosen = pd.concat([told[own], told[~own]]).head(knobs.offers)
    answers = values.value_many([_request(row) for row in chosen.itertuples()])
    worth = np.array([float(each.fmv) if each.fmv else np.nan for each in answers])
    asked = np.log(chosen["price"].astype(float).to_numpy()) - np.log(worth)
    sold, over = chosen["was_sold"].to_numpy(bool), chosen["over"].to_numpy(bool)
    known = np.isfinite(asked)
    ends_are_sales = int(sold[known].sum()) < knobs.least_ended
    offers = Offers(
        asked[known],
        chosen["category"].fillna("").to_numpy(object)[known],
        chosen["days"].to_numpy(float)[known],
        (sold | over if ends_are_sales else sold)[known],
    )
    counted = [int(part[known].sum()) for part in (sold, over, ~sold & ~over)]
    return Seen(offers, counted[0], counted[1], counted[2], ends_are_sales)


def _request(row: Any) -> ValuationRequest:
    """The thing offered, valued with what was known in the week before: offers of one week share a day."""
    first = day_number(row.first.date())
    said = {
        name: str(value)
        for name, value in (("brand", row.brand), ("category", row.category))
        if isinstance(value, str) and value
    }
    return ValuationRequest(
        text=str(row.title)[:2000],
        attributes=said,
        condition=row.condition if isinstance(row.condition, str) else None,
        region=row.region if isinstance(row.region, str) else None,
        currency=str(row.currency),
        as_of=day_date((first - 4) // 7 * 7 + 3),
    )

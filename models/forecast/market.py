"""The series a snapshot holds: published levels with their season, sales by week, published price series.

Everything is as of a day: a period counts once it is over, and what was published later is not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from features.index.series import cap_of, censored, local_level, mixed
from features.level import parent, segment_unit
from features.market import day_number
from models.forecast.series import MONTH, Series, regular
from warehouse.errors import BadInput

SeasonThen = Callable[[str, np.ndarray], np.ndarray]
"""The season of a category on days, in logs, each as it was known that day."""

_STEPS = {1: 7.0, 7: 7.0, 30: MONTH, 31: MONTH, 91: 3 * MONTH, 182: 6 * MONTH, 365: 12 * MONTH}
_LEVEL = """
    SELECT date_diff('day', DATE '1970-01-01', period) AS day, days, published
    FROM mart.level WHERE unit = $unit AND published IS NOT NULL AND period + CAST(days AS INTEGER) <= $after
    ORDER BY period
"""
_SALES = """
    SELECT (date_diff('day', DATE '1970-01-01', o.observed_on) - 4) // 7 AS week,
        count(DISTINCT o.source || '/' || coalesce(o.seller, o.id)) AS sales
    FROM core.observation AS o JOIN core.identity AS i USING (source, id)
    WHERE i.category = $category AND ($region IS NULL OR o.region = $region)
        AND o.kind IN ('sold', 'traded') AND o.observed_at < $until
    GROUP BY week ORDER BY week
"""
_SERIES = """
    SELECT source, series, statistic, days, any_value(title) AS title, any_value(currency) AS currency,
        any_value(unit) AS unit, count(*) AS n
    FROM raw.price_series WHERE series = $name OR source || '/' || series = $name
    GROUP BY source, series, statistic, days ORDER BY n DESC, source, series, statistic, days
"""
_VALUES = """
    SELECT date_diff('day', DATE '1970-01-01', period) AS day, value
    FROM raw.price_series
    WHERE source = $source AND series = $series AND statistic = $statistic AND days = $days AND value > 0
        AND period + CAST(days AS INTEGER) <= $after
    -- The value that stood that day; of a file brought in later, the first that came.
    QUALIFY row_number() OVER (
        PARTITION BY period
        ORDER BY observed_at >= $until,
            CASE WHEN observed_at < $until THEN -epoch(observed_at) ELSE epoch(observed_at) END,
            loaded_at DESC, row DESC
    ) = 1
    ORDER BY period
"""
_HIGHEST = """
    SELECT series, max(value)::DOUBLE FROM raw.price_series
    WHERE source = $source AND statistic = $statistic AND period < $after GROUP BY series
"""


class UnknownSeries(BadInput):
    """A price series is named that the snapshot does not hold."""


@dataclass(frozen=True)
class PublishedSeries:
    """A published price series made regular: weekly levels of a daily one, else its own periods."""

    id: str
    title: str
    currency: str | None
    unit: str | None
    statistic: str
    series: Series
    notes: tuple[str, ...]


def levels(
    connection: Any, category: str, region: str | None, day: date, season: SeasonThen, least: int
) -> list[Series]:
    """The published level of the segment, season included, then of the areas above it; those too short are left out.

    The first of the list is the most specific that has `least` periods; an empty list says that none has.
    """
    unit: str | None = segment_unit(category, region or "")
    out = []
    while unit is not None:
        rows = connection.execute(_LEVEL, {"unit": unit, "after": day + timedelta(days=1)}).fetchall()
        if rows:
            step = float(max(rows[-1][1], 1))
            days, values = (np.array([row[place] for row in rows], float) for place in (0, 2))
            with_season = values + season(category, days.astype(int))
            # Days under a hazard are periods of their own; the last of a week stands for it.
            series = regular(unit, days.astype(int), with_season, max(step, 7.0))
            if len(series.values) >= least:
                out.append(series)
        unit = parent(unit)
    return out


def sales(connection: Any, category: str, region: str | None, day: date) -> Series | None:
    """Log of one more than the sellers who sold in each week that is over; None where no sale is known."""
    until = f"{day + timedelta(days=1)}T00:00:00Z"
    rows = connection.execute(_SALES, {"category": category, "region": region, "until": until}).fetchall()
    newest = (day_number(day) + 1 - 4) // 7 - 1
    counts = {int(week): int(count) for week, count in rows if week <= newest}
    if not counts:
        return None
    weeks = np.arange(min(counts), newest + 1)
    values = np.log1p([counts.get(int(week), 0) for week in weeks])
    return Series(f"sales of {category}", weeks * 7 + 4, values, 7.0)


def published_series(connection: Any, name: str, day: date) -> PublishedSeries:
    """The series of that id ("series" or "source/series"), as known at the end of a day.

    Of several statistics the one with most values is taken. A daily series becomes the robust level at each week's
    end, because its days carry what leaked into them. Raises UnknownSeries.
    """
    found = connection.execute(_SERIES, {"name": name}).fetchall()
    if not found:
        raise UnknownSeries(f'no price series has the id "{name}"; the view mart.price_series lists what there is')
    source, series, statistic, days, title, currency, unit, _ = found[0]
    after, until = day + timedelta(days=1), f"{day + timedelta(days=1)}T00:00:00Z"
    key = {"source": source, "statistic": statistic, "after": after}
    rows = connection.execute(_VALUES, {**key, "series": series, "days": days, "until": until}).fetchall()
    if not rows:
        raise UnknownSeries(f'the price series "{name}" has no value above 0 by {day}')
    when, values = np.array([row[0] for row in rows]), np.log([float(row[1]) for row in rows])
    notes = [] if len(found) == 1 else [f"of {len(found)} series by that name: {source}/{series}, {statistic}"]
    if days == 1:
        highest = dict(connection.execute(_HIGHEST, key).fetchall())
        whole, said = _weekly(when, values, highest, series)
        notes += said
    else:
        whole = regular(series, when, values, _STEPS.get(int(days), float(days)))
    return PublishedSeries(f"{source}/{series}", title, currency, unit, statistic, whole, tuple(notes))


def _weekly(when: np.ndarray, values: np.ndarray, highest: dict[str, float], name: str) -> tuple[Series, list[str]]:
    """The robust level at the last day seen of each week, and what speaks against the series."""
    week = (when - 4) // 7
    last = np.flatnonzero(np.append(np.diff(week) > 0, True))
    found = local_level(when, values, when[last])
    said = (
        censored(found.level[-1], found.spread[-1], math.exp(values.max()), cap_of(highest)),
        mixed(found.spread[-1]),
    )
    return regular(name, week[last] * 7 + 4, found.level, 7.0), [each for each in said if each]

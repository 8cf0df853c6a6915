"""What numeraires are told by, read from a snapshot's database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.answers.currency import Rates
from models.exchange.yardsticks import Community, Series, Wage, Yardsticks, basket

_COMMODITIES = """
    SELECT commodity, period, days, price::DOUBLE, currency, unit, source
    FROM mart.commodity_price
    WHERE list_contains(?, commodity) AND price > 0
    ORDER BY commodity, source, unit, currency, period
"""
# The median over occupations, each as often as people work in it.
_WAGES = """
    WITH paid AS (
        SELECT upper(region) AS region, period, currency, source, median::DOUBLE AS hour,
            coalesce(employment, 1)::DOUBLE AS people
        FROM mart.wage_rate
        WHERE region IS NOT NULL AND median > 0
    ),

    counted AS (
        SELECT *,
            sum(people) OVER (PARTITION BY region, period, currency, source ORDER BY hour, people) AS below,
            sum(people) OVER (PARTITION BY region, period, currency, source) AS whole,
            count(*) OVER (PARTITION BY region, period, currency, source) AS occupations
        FROM paid
    )

    SELECT region, period, min(hour), currency, source, any_value(occupations)
    FROM counted
    WHERE below >= whole / 2
    GROUP BY region, period, currency, source
    ORDER BY region, period, any_value(occupations), source
"""
_LOCAL = """
    SELECT upper(region), mode(currency ORDER BY currency) FROM mart.listing WHERE region IS NOT NULL GROUP BY 1
    UNION
    SELECT upper(split_part(region, '-', 1)), mode(currency ORDER BY currency)
    FROM mart.listing WHERE region LIKE '__-%' GROUP BY 1
"""


def read_yardsticks(connection: Any, anchor: str, community: Community | None) -> Yardsticks:
    """The yardsticks of a snapshot's database; `community` is its policy, given as data."""
    return Yardsticks(
        Rates.read(connection, anchor),
        _commodities(connection),
        _wages(connection),
        community,
        dict(connection.execute(_LOCAL).fetchall()),
    )


def _commodities(connection: Any) -> dict[str, Series]:
    wanted = ["gold", *(name for name, _, _ in basket()[1])]
    rows: dict[str, dict[tuple[str, str, str], list[tuple[Any, float]]]] = {}
    for commodity, period, days, price, currency, unit, source in connection.execute(_COMMODITIES, [wanted]).fetchall():
        known = period + timedelta(days=int(days) or 1)
        rows.setdefault(commodity, {}).setdefault((source, unit, currency), []).append((known, price))
    out = {}
    for commodity, each in rows.items():
        # Of several sources the one that goes furthest.
        (source, unit, currency), prices = max(each.items(), key=lambda item: (item[1][-1][0], len(item[1]), item[0]))
        days, values = zip(*prices, strict=True)
        out[commodity] = Series(days, values, currency, unit, source)
    return out


def _wages(connection: Any) -> dict[str, tuple[Wage, ...]]:
    out: dict[str, list[Wage]] = {}
    for region, period, hour, currency, source, occupations in connection.execute(_WAGES).fetchall():
        out.setdefault(region, []).append(Wage(period, float(hour), currency, source, int(occupations)))
    return {region: tuple(wages) for region, wages in out.items()}

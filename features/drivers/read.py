"""Reading the drivers from the warehouse."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from features.drivers.commodity import commodity
from features.drivers.demand import demand
from features.drivers.hazard import episodes
from features.drivers.offers import count
from features.drivers.scarcity import scarcity
from features.drivers.table import DEMAND, WEATHER, Drivers, Episodes, Steps
from features.drivers.weather import weather
from features.market import day_date
from warehouse.records import HazardEvent

_EARLIER = 30  # days before the market's first day of which the weather is kept
_BEFORE = 400  # days before the market's first day from which hazards are of interest


def read_drivers(connection: Any, market: pd.DataFrame) -> Drivers:
    """All drivers of a market table (sorted by day) that the warehouse knows something of."""
    first, last = int(market["day"].iloc[0]), int(market["day"].iloc[-1])
    regions = sorted({str(region) for region in market["region"].unique()} - {""})
    steps: dict[tuple[str, str, str], Steps] = {}
    source: dict[str, str] = {}
    counts = count(_offers(connection, last))
    if counts is not None:
        steps |= demand(counts) | scarcity(counts)
        source |= dict.fromkeys((*DEMAND, "scarcity"), "listings")
    prices = _frame(connection, "driver_commodities", last)
    titles: tuple[str, ...] = ()
    if len(prices):
        found, titles = commodity(prices, market.groupby("category", sort=True)["day"].min().to_dict())
        steps |= found
        source["commodity"] = _names(prices)
    observed = _frame(connection, "driver_weather", last)
    observed = observed[observed["region"].isin(regions)]
    if len(observed):
        # The climate needs the years before; the market does not.
        steps |= {key: each.since(first - _EARLIER) for key, each in weather(observed).items()}
        source |= dict.fromkeys(WEATHER, _names(observed))
    hazards = _hazards(connection, first, last, regions, _share(market))
    if hazards:
        source["hazard"] = ", ".join(sorted(hazards[1]))
    return Drivers(steps, hazards[0] if hazards else {}, source, titles)


def _frame(connection: Any, name: str, last: int) -> pd.DataFrame:
    sql = resources.files("features").joinpath(f"sql/{name}.sql").read_text("utf-8")
    table: pd.DataFrame = connection.sql(sql, params=[day_date(last)]).to_arrow_table().to_pandas()
    return table


def _names(table: pd.DataFrame) -> str:
    return ", ".join(sorted({str(name) for name in table["source"].unique()}))


def _offers(connection: Any, last: int) -> pd.DataFrame:
    rows = _frame(connection, "driver_offers", last)
    words = {name: rows[name].astype(object).where(rows[name].notna(), "") for name in ("category", "region")}
    return rows.assign(**words, day=rows["day"].astype(np.int64), ended=rows["ended"].astype(float))


def _share(market: pd.DataFrame) -> Callable[[str, int], float]:
    """The part of all offers up to a day that came from a region."""
    days = market["day"].to_numpy()
    own = {str(region): np.sort(part.to_numpy()) for region, part in market.groupby("region")["day"]}

    def share(region: str, day: int) -> float:
        seen = int(np.searchsorted(days, day, side="right"))
        return float(np.searchsorted(own[region], day, side="right")) / seen if seen and region in own else 0.0

    return share


def _hazards(
    connection: Any, first: int, last: int, regions: list[str], share: Callable[[str, int], float]
) -> tuple[dict[tuple[str, str], Episodes], set[str]] | None:
    known = {field.name for field in dataclasses.fields(HazardEvent)}
    cursor = connection.execute(
        "SELECT * FROM raw.hazard_event WHERE sent >= ? AND sent < ? AND status = 'actual' ORDER BY sent, source, id",
        [day_date(first) - timedelta(days=_BEFORE), day_date(last + 1)],
    )
    names = [column[0] for column in cursor.description]
    rows = [{name: value for name, value in zip(names, row, strict=True) if name in known} for row in cursor.fetchall()]
    told = ("geocodes", "attributes")
    events = [HazardEvent(**(row | {name: json.loads(row[name] or "{}") for name in told})) for row in rows]
    found = episodes(events, regions, share)
    return (found, {one.source for one in events}) if found else None

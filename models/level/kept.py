"""Levels as tables: what is kept with a snapshot, and what of it is published."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from features.level import product_unit
from models.level.state import Closed, Learned, Levels, Part, ProductLevel
from models.shocks.effects import FACTORS, NONE

_PRODUCT = "product:"
_WHOLE, _PART = "period", "part"
_Row = tuple[str, int, int, float, float, int, str, tuple[float, ...]]


def state_table(levels: Levels) -> pd.DataFrame:
    """All levels, one row per unit and period: unit, period (days since 1970), days, raw, published (NaN: none),
    evidence, whether it is a calendar period or a part of one, and what the drivers make of the raw level."""
    rows = [row for closed in levels.closed for row in _of_closed(closed, levels.knobs.period)]
    for unit, found in sorted(levels.settled.items()):
        rows += [(unit, each.period, each.days, each.raw, each.published, each.evidence, _PART, NONE) for each in found]
    for product, history in sorted(levels.products.items()):
        unit, days = product_unit(product), levels.knobs.period
        rows += [(unit, each.period, days, each.raw, each.published, each.evidence, _WHOLE, NONE) for each in history]
    return _table(rows)


def level_table(levels: Levels) -> pd.DataFrame:
    """What is published: a period, or in its place its parts where a hazard was active in it."""
    table = state_table(levels)
    length = levels.knobs.period
    week = (table["period"] - 4) // length
    parts = table["what"] == _PART
    divided = set(zip(table["unit"][parts], week[parts], strict=True))
    whole = [key not in divided for key in zip(table["unit"], week, strict=True)]
    return table[parts | pd.Series(whole, index=table.index, dtype=bool)].reset_index(drop=True)


def running_levels(learned: Learned) -> pd.DataFrame:
    """The levels of the period that is not over yet, as of the data's end; of areas with evidence in it."""
    levels = learned.levels
    if not learned.vintages:
        return _table([])
    at = levels.at(int(levels.days[-1]))
    if levels.closed and at.period <= levels.closed[-1].period:
        return _table([])
    table = _table(list(_of_closed(at, levels.knobs.period)))
    since = table["unit"].map(at.since)
    own = since.notna()
    table.loc[own, "days"] = (int(levels.days[-1]) - since[own] + 1).astype(np.int64)
    table.loc[own, "period"] = since[own].astype(np.int64)
    return table


def fill(levels: Levels, table: pd.DataFrame) -> None:
    """Read back what `state_table` made."""
    if "what" not in table:  # as it was kept before there were parts
        table = table.assign(what=_WHOLE, days=levels.knobs.period)
    product = table["unit"].str.startswith(_PRODUCT)
    for period, part in table[~product & (table["what"] == _WHOLE)].groupby("period", sort=True):
        levels.closed.append(_closed(int(str(period)), part))
    for unit, part in table[table["what"] == _PART].groupby("unit", sort=True):
        columns = (part[name].tolist() for name in ("period", "days", "raw", "published", "evidence"))
        levels.settled[str(unit)] = [Part(*row) for row in zip(*columns, strict=True)]
    for unit, part in table[product].groupby("unit", sort=True):
        ordered = part.sort_values("period")
        columns = (ordered[name].tolist() for name in ("period", "raw", "published", "evidence"))
        levels.products[str(unit).removeprefix(_PRODUCT)] = [ProductLevel(*row) for row in zip(*columns, strict=True)]


def _of_closed(closed: Closed, days: int) -> Iterator[_Row]:
    for unit in sorted(closed.raw):
        published = closed.published.get(unit, float("nan"))
        evidence, shocks = closed.evidence.get(unit, 0), closed.shocks.get(unit, NONE)
        yield unit, closed.period, days, closed.raw[unit], published, evidence, _WHOLE, shocks


def _closed(period: int, part: pd.DataFrame) -> Closed:
    units = [str(unit) for unit in part["unit"]]
    published = {unit: each for unit, each in zip(units, part["published"].tolist(), strict=True) if each == each}
    shocks: dict[str, tuple[float, ...]] = {}
    if FACTORS[0] in part:
        found = part[list(FACTORS)].to_numpy(float)
        shocks = {units[n]: tuple(found[n].tolist()) for n in np.flatnonzero(found.any(axis=1)).tolist()}
    evidence = {unit: int(n) for unit, n in zip(units, part["evidence"], strict=True)}
    return Closed(period, dict(zip(units, part["raw"].tolist(), strict=True)), published, evidence, shocks)


def _table(rows: list[_Row]) -> pd.DataFrame:
    names = ["unit", "period", "days", "raw", "published", "evidence", "what"]
    table = pd.DataFrame([row[:-1] for row in rows], columns=names)
    shocks = np.array([row[-1] for row in rows], float).reshape(-1, len(FACTORS))
    whole = dict.fromkeys(("period", "days", "evidence"), np.int64)
    table = table.astype({"unit": object, "what": object, "raw": float, "published": float, **whole})
    return table.assign(**{name: shocks[:, place] for place, name in enumerate(FACTORS)})

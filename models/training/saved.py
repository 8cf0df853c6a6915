"""A run's learning on disk: written into a snapshot's folder, read back into a valuer.

The folder holds `market.parquet` (the market table with each row's level and residual), `levels.parquet` (areas and
products by period) and `vintages/<key>/` (hard links into the store of vintages).
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.comparables import TitleIndex
from features.level import product_unit
from features.market import plain_words
from models.base.compose import Market
from models.knobs import Knobs
from models.level.state import Closed, Learned, Levels, ProductLevel
from models.training.vintage import Vintage

FOLDER = "models"
_PRODUCT = "product:"


def save(learned: Learned, folder: Path, vintages: Path) -> None:
    """Write what was learned below `folder`/models; vintages are linked from the store at `vintages`."""
    target = folder / FOLDER
    target.mkdir(parents=True)
    rows = learned.market.rows.assign(
        attributes=[json.dumps(each, sort_keys=True, ensure_ascii=False) for each in learned.market.rows["attributes"]],
        level=learned.market.level,
        season=learned.market.season,
        residual=learned.levels.residual,
    )
    rows.to_parquet(target / "market.parquet", index=False, compression="zstd")
    level_table(learned.levels).to_parquet(target / "levels.parquet", index=False, compression="zstd")
    head = {"knobs": learned.knobs.model_dump(mode="json"), "vintages": [each.key for each in learned.vintages]}
    (target / "learned.json").write_text(json.dumps(head, sort_keys=True), "utf-8")
    for vintage in learned.vintages:
        (target / "vintages" / vintage.key).mkdir(parents=True)
        for path in sorted((vintages / vintage.key).iterdir()):
            _link(path, target / "vintages" / vintage.key / path.name)


def load(folder: Path) -> Learned:
    """Read back what `save` wrote."""
    source = folder / FOLDER
    head: dict[str, Any] = json.loads((source / "learned.json").read_text("utf-8"))
    knobs = Knobs.model_validate(head["knobs"])
    table = pd.read_parquet(source / "market.parquet")
    rows = plain_words(table.drop(columns=["level", "season", "residual"]))
    rows["attributes"] = [json.loads(text) for text in rows["attributes"]]
    market = Market(
        rows, TitleIndex(rows), table["level"].to_numpy(float, copy=True), table["season"].to_numpy(float, copy=True)
    )
    levels = Levels(rows, table["residual"].to_numpy(float, copy=True), knobs.level)
    _fill(levels, pd.read_parquet(source / "levels.parquet"))
    return Learned(market, [Vintage.load(source / "vintages" / key) for key in head["vintages"]], levels, knobs)


def level_table(levels: Levels) -> pd.DataFrame:
    """All levels, one row per unit and period: unit, period (days since 1970), raw, published (NaN: none), evidence."""
    rows: list[tuple[str, int, float, float, int]] = []
    for closed in levels.closed:
        for unit in sorted(closed.raw):
            published = closed.published.get(unit, float("nan"))
            rows.append((unit, closed.period, closed.raw[unit], published, closed.evidence.get(unit, 0)))
    for product, history in sorted(levels.products.items()):
        rows += [(product_unit(product), each.period, each.raw, each.published, each.evidence) for each in history]
    table = pd.DataFrame(rows, columns=["unit", "period", "raw", "published", "evidence"])
    return table.astype({"unit": object, "period": np.int64, "raw": float, "published": float, "evidence": np.int64})


def running_levels(learned: Learned) -> pd.DataFrame:
    """The levels of the period that is not over yet, as of the data's end; of areas with evidence in it."""
    levels = learned.levels
    if not learned.vintages:
        return level_table(Levels(levels.rows.iloc[:0], levels.residual[:0], levels.knobs))
    at = levels.at(int(levels.days[-1]))
    if levels.closed and at.period <= levels.closed[-1].period:
        return level_table(Levels(levels.rows.iloc[:0], levels.residual[:0], levels.knobs))
    only = Levels(levels.rows.iloc[:0], levels.residual[:0], levels.knobs, closed=[at])
    return level_table(only)


def _fill(levels: Levels, table: pd.DataFrame) -> None:
    product = table["unit"].str.startswith(_PRODUCT)
    for period, part in table[~product].groupby("period", sort=True):
        raw = dict(zip(part["unit"], part["raw"], strict=True))
        told = part[part["published"].notna()]
        published = dict(zip(told["unit"], told["published"], strict=True))
        evidence = {str(u): int(n) for u, n in zip(part["unit"], part["evidence"], strict=True)}
        levels.closed.append(Closed(int(str(period)), raw, published, evidence))
    for unit, part in table[product].groupby("unit", sort=True):
        levels.products[str(unit).removeprefix(_PRODUCT)] = [
            ProductLevel(*row)
            for row in zip(
                *(part.sort_values("period")[name].tolist() for name in ("period", "raw", "published", "evidence")),
                strict=True,
            )
        ]


def _link(source: Path, target: Path) -> None:
    """A hard link where the file system has them, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)

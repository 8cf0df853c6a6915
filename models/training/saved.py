"""A run's learning on disk: written into a snapshot's folder, read back into a valuer.

The folder holds `market.parquet` (the market table with each row's level and residual), `levels.parquet` (areas and
products by period), `drivers.parquet` and `drivers.json` (what may have moved prices, and what is known of that) and
`vintages/<key>/` (hard links into the store of vintages).
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
from features.integrity.trust import Trust
from features.market import plain_words
from models.base.compose import Market
from models.knobs import as_kept
from models.level.kept import fill, level_table, running_levels, state_table
from models.level.pace import Pace
from models.level.state import Learned, Levels
from models.training.drivers_kept import load_side, save_side
from models.training.vintage import Vintage

__all__ = ["FOLDER", "level_table", "load", "running_levels", "save"]
FOLDER = "models"


def save(learned: Learned, folder: Path, vintages: Path) -> None:
    """Write what was learned below `folder`/models; vintages are linked from the store at `vintages`."""
    target = folder / FOLDER
    target.mkdir(parents=True)
    rows = learned.market.rows.assign(
        attributes=[json.dumps(each, sort_keys=True, ensure_ascii=False) for each in learned.market.rows["attributes"]],
        level=learned.market.level,
        season=learned.market.season,
        assumed_region=learned.market.region,
        residual=learned.levels.residual,
        shock=learned.levels.shock,
    )
    rows.to_parquet(target / "market.parquet", index=False, compression="zstd")
    save_side(learned.levels.side, target)
    state_table(learned.levels).to_parquet(target / "levels.parquet", index=False, compression="zstd")
    head = {
        "knobs": learned.knobs.model_dump(mode="json"),
        "vintages": [each.key for each in learned.vintages],
        "paces": [[cutoff, pace.to_dict()] for cutoff, pace in learned.levels.paces],
    }
    (target / "learned.json").write_text(json.dumps(head, sort_keys=True), "utf-8")
    for vintage in learned.vintages:
        (target / "vintages" / vintage.key).mkdir(parents=True)
        for path in sorted((vintages / vintage.key).iterdir()):
            _link(path, target / "vintages" / vintage.key / path.name)


def load(folder: Path) -> Learned:
    """Read back what `save` wrote."""
    source = folder / FOLDER
    head: dict[str, Any] = json.loads((source / "learned.json").read_text("utf-8"))
    knobs = as_kept(head["knobs"])
    table = pd.read_parquet(source / "market.parquet")
    # Snapshots from before there were drivers have no shocks.
    shock = table.pop("shock").to_numpy(float, copy=True) if "shock" in table else np.zeros(len(table))
    # Those from before regions were kept apart from levels have nothing assumed of them.
    located = table.pop("assumed_region").to_numpy(float, copy=True) if "assumed_region" in table else None
    rows = plain_words(table.drop(columns=["level", "season", "residual"]))
    rows["attributes"] = [json.loads(text) for text in rows["attributes"]]
    market = Market(
        rows,
        TitleIndex(rows),
        table["level"].to_numpy(float, copy=True),
        table["season"].to_numpy(float, copy=True),
        np.full(len(rows), np.nan) if located is None else located,
        Trust(rows),
    )
    residual, side = table["residual"].to_numpy(float, copy=True), load_side(source)
    levels = Levels(rows, residual, knobs.level, trust=market.trust, side=side, shock=shock)
    levels.paces = [(int(cutoff), Pace(**told)) for cutoff, told in head.get("paces", ())]
    fill(levels, pd.read_parquet(source / "levels.parquet"))
    return Learned(market, [Vintage.load(source / "vintages" / key) for key in head["vintages"]], levels, knobs)


def _link(source: Path, target: Path) -> None:
    """A hard link where the file system has them, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)

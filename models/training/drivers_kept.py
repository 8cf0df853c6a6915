"""The drivers of a snapshot on disk, with what was known of their effects."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from features.drivers import Drivers, Episodes
from features.drivers.table import steps_frame, steps_of
from models.level.market_side import MarketSide
from models.shocks.effects import Shocks

_STEPS, _HEAD = "drivers.parquet", "drivers.json"


def save_side(side: MarketSide, folder: Path) -> None:
    """Write drivers and effects into a snapshot's folder of models; nothing where there are none."""
    if not side.drivers:
        return
    words = dict.fromkeys(("name", "category", "region"), "category")
    steps_frame(side.drivers).astype(words).to_parquet(folder / _STEPS, index=False, compression="zstd")
    head = {
        "source": dict(side.drivers.source),
        "titles": list(side.drivers.titles),
        "known": [[cutoff, shocks.to_dict()] for cutoff, shocks in side.known],
        "hazards": [
            {"kind": kind, "region": region} | {name: getattr(each, name).tolist() for name in Episodes.__slots__}
            for (kind, region), each in sorted(side.drivers.hazards.items())
        ],
    }
    (folder / _HEAD).write_text(json.dumps(head, sort_keys=True), "utf-8")


def load_side(folder: Path) -> MarketSide:
    """Read back what `save_side` wrote."""
    if not (folder / _HEAD).exists():
        return MarketSide()
    head = json.loads((folder / _HEAD).read_text("utf-8"))
    frame = pd.read_parquet(folder / _STEPS)
    frame = frame.astype(dict.fromkeys(("name", "category", "region"), object))
    hazards = {(each["kind"], each["region"]): _episodes(each) for each in head["hazards"]}
    drivers = Drivers(steps_of(frame), hazards, head["source"], tuple(head["titles"]))
    return MarketSide(drivers, [(int(cutoff), Shocks.from_dict(told)) for cutoff, told in head["known"]])


def _episodes(told: dict[str, list[float]]) -> Episodes:
    return Episodes(
        start=np.array(told["start"], np.int64),
        weight=np.array(told["weight"], float),
        share=np.array(told["share"], float),
        active=np.array(told["active"], np.int64).reshape(-1, 2),
        news=np.array(told["news"], np.int64),
    )

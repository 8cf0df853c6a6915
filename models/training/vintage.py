"""A vintage: everything learned from what was known at the end of one day, kept on disk and never changed.

Effects, hedonic model, out-of-fold predictions of the listings it learned from, blend weights and conformal scores all
belong to the same cut-off, so that a valuation as of a day uses nothing that was learned from a later one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from features.taxonomy import OTHER
from features.text import WORD_BITS
from models.base.blend import Blend
from models.base.depreciation import NO_LIST_PRICES, ListPrices
from models.base.hedonic import Hedonic
from models.base.kernel import Kernel
from models.effects import Effects

# Share of a title's pieces, by weight. Titles of goods like those learned from lie above 0.3, those of another world of
# goods below 0.1 (sneakers against electronics).
_FAMILIAR = 0.25


@dataclass(frozen=True)
class Vintage:
    """What was learned by the end of day `cutoff` (days since 1970). `key` is the hash of what it was learned from.

    `guessed` has the out-of-fold log price at the reference of each listing it learned from (the index), one column
    for each kind of information. `scores` has one row per replayed case: see `models.interval`.
    """

    key: str
    cutoff: int
    listings: int
    effects: Effects
    hedonic: Hedonic
    guessed: pd.DataFrame
    blend: Blend
    scores: pd.DataFrame
    notes: dict[str, float] = field(default_factory=dict)
    kernel: Kernel | None = None
    listed: ListPrices = NO_LIST_PRICES

    def knows(self, rows: pd.DataFrame) -> np.ndarray:
        """Whether enough of each title's words and pieces were met for the model's answer to mean something."""
        return self.hedonic.knows(rows) >= _FAMILIAR

    def met(self, rows: pd.DataFrame) -> np.ndarray:
        """Whether goods of each row's category were learned from. Pieces alone are met in any title: of "bread" seven
        tenths, among phones and drills."""
        out: np.ndarray = rows["category"].isin({*self.hedonic.categories.known, OTHER}).to_numpy(bool)
        return out

    @cached_property
    def idf(self) -> np.ndarray:
        """Weights of the hashed words, as known at the cut-off."""
        out: np.ndarray = self.hedonic.ridge.idf[: 2**WORD_BITS]
        return out

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.hedonic.save(folder)
        self.guessed.to_parquet(folder / "guessed.parquet")
        self.scores.to_parquet(folder / "scores.parquet", index=False)
        head = {
            "key": self.key,
            "cutoff": self.cutoff,
            "listings": self.listings,
            "effects": self.effects.to_json(),
            "blend": self.blend.to_json(),
            "notes": self.notes,
            "kernel": self.kernel.to_json() if self.kernel is not None else None,
            "listed": self.listed.to_json(),
        }
        (folder / "vintage.json").write_text(json.dumps(head, sort_keys=True), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Vintage:
        head = json.loads((folder / "vintage.json").read_text("utf-8"))
        return cls(
            key=head["key"],
            cutoff=head["cutoff"],
            listings=head["listings"],
            effects=Effects.from_json(head["effects"]),
            hedonic=Hedonic.load(folder),
            guessed=pd.read_parquet(folder / "guessed.parquet"),
            blend=Blend.from_json(head["blend"]),
            scores=pd.read_parquet(folder / "scores.parquet"),
            notes=head["notes"],
            kernel=Kernel.from_json(head["kernel"]) if head["kernel"] is not None else None,
            listed=ListPrices.from_json(head["listed"]),
        )

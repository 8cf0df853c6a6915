"""What looks arranged: a suspicion with its reason, the rows it is about, and the days on which it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# How much of its weight a row keeps under a suspicion of each kind.
FACTORS = {
    "coordinated": 0.02,  # several new sellers, one product, prices far off the others'
    "self_trade": 0.02,  # one and the same buys and sells
    "circle": 0.05,  # A sells to B, B to C, C to A
    "same_pair": 0.1,  # two who trade with each other again and again
    "escalation": 0.1,  # one thing, sold dearer and dearer
}
HOLDS = 180  # days after which a suspicion has lapsed; the rows it is about have grown old by then


@dataclass(frozen=True)
class Flag:
    """A suspicion. `rows` are positions in the market table, `raised` the day from which it lowers their weight,
    `lifted` the day from which it no longer does; `score` is in nats, or a count where the kind is a matter of fact."""

    kind: str
    product: str
    sellers: tuple[str, ...]
    rows: np.ndarray
    raised: int
    lifted: int
    score: float
    message: str

    @property
    def factor(self) -> float:
        return FACTORS[self.kind]

    def as_row(self, days: np.ndarray) -> dict[str, Any]:
        """For a table of flags: kind, product, sellers, window and score."""
        seen = days[self.rows]
        return {
            "kind": self.kind, "product": self.product, "sellers": list(self.sellers), "rows": len(self.rows),
            "first_day": int(seen.min()), "last_day": int(seen.max()), "raised": self.raised, "lifted": self.lifted,
            "score": self.score, "message": self.message,
        }  # fmt: skip

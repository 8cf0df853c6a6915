"""An `Explanation`: a valuation with its computation taken apart, and what would change it."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.caps.cap import Cap
from models.explanation.parts import Group
from warehouse.valuation import Valuation


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Contribution(_Frozen):
    """What one thing known of a thing adds to its base: `log` in natural logs, `amount` in the currency."""

    group: Group
    name: str = Field(description="The attribute, or measure; empty where the group has but one part")
    log: str
    amount: str


class Contributions(_Frozen):
    """The base as a sum: `start` and all amounts make `base`, to the minor unit.

    `start` is the usual value at the reference (the geometric mean of `usual_of`: a category, or "" for all of the
    market), from `listings` listings. amount = log × (base − start) / ln(base / start).
    """

    currency: str
    usual_of: str
    listings: int
    start: str
    base: str
    parts: list[Contribution]


class Alternative(_Frozen):
    """One thing changed, and the value that the valuer then gives."""

    change: Literal["condition", "season", "region"]
    to: str
    fmv: str
    difference: str
    note: str | None = None


class Explanation(_Frozen):
    """A valuation, and why. `contributions` is null where nothing was learned, or nothing is known.

    `trade_cap` is the most that is suggested in a trade during a surge or a declared emergency; it is no part of the
    value. `waterfall` is a Vega-Lite specification with its data in it.
    """

    valuation: Valuation
    contributions: Contributions | None = None
    what_if: list[Alternative] = []
    trade_cap: Cap | None = None
    waterfall: dict[str, Any] | None = None

    def canonical_json(self) -> bytes:
        """Equal bytes for equal content, as a valuation's: sorted keys, no blanks, UTF-8."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()

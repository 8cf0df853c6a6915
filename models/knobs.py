"""The knobs of the value models, read from `data/knobs.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from features.anchors.rules import CurrencyRule


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VintageKnobs(_Group):
    every: str
    min_listings: int
    keep_months: int


class HedonicKnobs(_Group):
    folds: int
    ridge_alpha: float
    crossed_alpha: float
    near_rows: int
    trees: int
    learning_rate: float
    leaves: int
    min_leaf: int
    blank_share: float
    max_rows: int


class EffectKnobs(_Group):
    min_rows: int
    season_span: int


class ComparableKnobs(_Group):
    titles: int
    per_title: int
    shown: int
    min_similarity: float
    sharpness: float
    half_life: float
    sold_weight: float
    near: int = 80
    near_looked_at: int = 600
    near_least: int = 4


class LevelKnobs(_Group):
    period: int
    n_min: int
    kappa: float
    trim: float
    step_down: float
    step_up: float


class IntervalKnobs(_Group):
    coverage: float
    min_bin: int
    replayed: int


class ExplanationKnobs(_Group):
    background: int
    smallest: float
    places: int


class CapKnobs(_Group):
    times: float
    times_needed: float
    baseline_days: int
    window_days: int
    surge: float
    lookback: int


class ForecastKnobs(_Group):
    coverage: float
    origins: int
    least: int
    season_span: int
    better: float
    weeks: int
    most_weeks: int


class SellingKnobs(_Group):
    chance: float
    alpha: float
    least_ended: int
    least_own: int
    offers: int
    still_there: int
    furthest: float


class ShockKnobs(_Group):
    min_weeks: int
    min_cells: int
    help: float
    once: float
    sure: float


class Knobs(_Group):
    """All knobs; see the comments in `data/knobs.toml`."""

    anchor: str
    vintages: VintageKnobs
    hedonic: HedonicKnobs
    effects: EffectKnobs
    comparables: ComparableKnobs
    level: LevelKnobs
    shocks: ShockKnobs
    interval: IntervalKnobs
    forecast: ForecastKnobs
    selling: SellingKnobs
    explanation: ExplanationKnobs
    caps: CapKnobs
    currency: CurrencyRule

    @model_validator(mode="before")
    @classmethod
    def _groups_of_today(cls, said: Any) -> Any:
        # A snapshot from before a group of knobs was there was made without it: today's values do no harm.
        return {**_file(), **said} if isinstance(said, dict) else said


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(resources.files("models").joinpath("data/knobs.toml").read_text("utf-8"))


@cache
def default_knobs() -> Knobs:
    return Knobs.model_validate(_file())

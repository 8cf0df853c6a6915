"""The knobs of the value models, read from `data/knobs.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VintageKnobs(_Group):
    every: str
    min_listings: int
    keep_months: int


class HedonicKnobs(_Group):
    folds: int
    ridge_alpha: float
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


class Knobs(_Group):
    """All knobs; see the comments in `data/knobs.toml`."""

    anchor: str
    vintages: VintageKnobs
    hedonic: HedonicKnobs
    effects: EffectKnobs
    comparables: ComparableKnobs
    level: LevelKnobs
    interval: IntervalKnobs


@cache
def default_knobs() -> Knobs:
    return Knobs.model_validate(tomllib.loads(resources.files("models").joinpath("data/knobs.toml").read_text("utf-8")))

"""The knobs of the value models, read from `data/knobs.toml`."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from features.anchors.rules import CurrencyRule
from warehouse.errors import BadInput

# Groups that are only read when a question is answered: a change of theirs leaves what was learned as it is.
ANSWERING = ("forecast", "selling", "explanation", "caps", "community", "services", "promotion")


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VintageKnobs(_Group):
    every: str
    min_listings: int
    keep_months: int


class HedonicKnobs(_Group):
    folds: int
    folds_of_few: int
    few_rows: int
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
    # With what snapshots from before these were knobs are read.
    kept: int = 12000
    half_life: float = 120.0
    pool: float = 160.0
    gain: float = 0.8


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
    stay: float
    once: float
    sure: float


class CommunityKnobs(_Group):
    least: int
    newcomer: float
    pull: float
    furthest: float
    most_bias: float
    most_share: float
    threshold: float
    common: float
    same: float
    burst_minutes: float
    burst_near: float
    pull_cases: float


class PromotionKnobs(_Group):
    newest: float
    least: int
    cases: int
    rows: int
    segment: int
    worse: float
    sure: float


class ServiceKnobs(_Group):
    kappa: float
    window: int
    spread: float
    between: float
    sold_weight: float
    shown: int


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
    community: CommunityKnobs
    currency: CurrencyRule
    services: ServiceKnobs
    promotion: PromotionKnobs


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(resources.files("models").joinpath("data/knobs.toml").read_text("utf-8"))


@cache
def default_knobs() -> Knobs:
    return Knobs.model_validate(_file())


def as_kept(said: Mapping[str, Any]) -> Knobs:
    """The knobs that a snapshot was made with, as it kept them.

    What was no knob then has today's value, and what is none any more is left out: a snapshot outlives the code that
    made it.
    """
    merged: dict[str, Any] = {}
    for name, today in _file().items():
        kept = said.get(name, today)
        if isinstance(today, dict) and isinstance(kept, Mapping):
            kept = {knob: kept.get(knob, value) for knob, value in today.items()}
        merged[name] = kept
    return Knobs.model_validate(merged)


def taught_by(knobs: Knobs) -> dict[str, Any]:
    """The knobs that change what is learned, by group; the anchor among them."""
    return {name: group for name, group in knobs.model_dump(mode="json").items() if name not in ANSWERING}


def overridden(said: Mapping[str, Any], where: str) -> Knobs:
    """The project's knobs with what an operator said of some. BadInput names a knob there is not, or a wrong value.

    `said` has groups of knobs, as `data/knobs.toml` has; `where` is the file or option it was said in. The anchor is
    no knob of the file: it is the operator's setting.
    """
    known = {name: group for name, group in _file().items() if isinstance(group, dict)}
    every = [f"{name}.{knob}" for name, group in known.items() for knob in group]
    merged: dict[str, Any] = dict(_file())
    for name, group in said.items():
        asked = [f"{name}.{knob}" for knob in group] if isinstance(group, Mapping) else [name]
        for one in asked:
            if one not in every:
                raise BadInput(f'{where}: there is no knob "{one}"; {_near(one, every)}')
        merged[name] = {**known[name], **group}
    try:
        return Knobs.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{where}: {place} = {first['input']!r:.60}: {first['msg']}") from None


def _near(asked: str, every: list[str]) -> str:
    last = asked.rsplit(".", 1)[-1]
    near = difflib.get_close_matches(asked, every, n=4, cutoff=0.6)
    near += [one for one in every if one.rsplit(".", 1)[-1] == last or one.split(".")[0] == last]
    some = list(dict.fromkeys(near))[:8]
    return f"near it: {', '.join(some)}" if some else "`katy models knobs` shows them all"


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What differs between two sets of knobs as they are kept ("hedonic.trees 260 → 300")."""
    out = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            out += [f"{name}.{line}" for line in changed(before, after)]
        elif before != after:
            out.append(f"{name} {_said(before)} → {_said(after)}")
    return out


def _said(value: Any) -> str:
    return "none" if value is None else "…" if isinstance(value, Mapping) else str(value)


def documented() -> list[tuple[str, str, str]]:
    """(group, knob, comment) of every knob, in the order of the file; a comment that goes on is put together."""
    out: list[tuple[str, str, str]] = []
    group = ""
    for line in resources.files("models").joinpath("data/knobs.toml").read_text("utf-8").splitlines():
        code, _, comment = (part.strip() for part in line.partition("#"))
        if code.startswith("["):
            group = code.strip("[]")
        elif "=" in code and group:
            out.append((group, code.partition("=")[0].strip(), comment))
    return out

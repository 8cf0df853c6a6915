"""Training one vintage: effects, hedonic, blend and scores, from the rows known at its cut-off."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np
import pandas as pd

from features.integrity.teaching import teaches
from features.market import last_of_each_listing, without_copies
from features.text import char_matrix, inverse_document_frequency, weighted, word_matrix
from models.base import hedonic as hedonic_model
from models.base.blend import DEFAULT, learn_blend
from models.base.compose import Market, kernel_of, widely, with_nearest
from models.base.depreciation import NO_LIST_PRICES, curves_out_of_fold, learn_curves, learn_weights
from models.base.teach import ENOUGH, Lesson, learn_covariances, learn_kernel, with_telling
from models.base.trees import Information, folds_for
from models.base.worth import base_values
from models.effects import Effects, fit_effects
from models.knobs import Knobs, taught_by
from models.level.state import Levels
from models.matched import matched_regions
from models.training.replay import NOTHING, own_of, pairs_of, replay, sample, score
from models.training.vintage import Vintage

_ENOUGH_REPLAYED = 400
_TAUGHT = 700  # cases that teach how comparables are weighed and blended


def train(market: Market, levels: Levels, cutoff: int, key: str, before: Vintage | None, knobs: Knobs) -> Vintage:
    """Learn a vintage from the rows of `market` up to day `cutoff`; `market.level` must be known up to there."""
    latest, target, first = _from_each_alone(market, levels, cutoff, key, knobs)
    # With no vintage before, whose misses are replayed, it is these that size the intervals as well.
    cases = sample(latest, _TAUGHT if before is not None else knobs.interval.replayed)
    pairs, days, reference = pairs_of(cases, market, first, levels, knobs)
    own = own_of(cases, reference)
    # A case is what a value of the day before would have had to hit: with the level known then, not the one known now.
    out = first.effects.taken_out(cases, levels.of_questions(cases, days)[0], *_assumed(cases))
    at_reference = cases["ln_price"].to_numpy(float) - out
    start = kernel_of(first, knobs.comparables)
    kernel = learn_kernel(pairs, at_reference - own, start)
    replayed = replay(market, levels, before, before.cutoff + 1, cutoff, knobs) if before is not None else NOTHING
    wider = widely(pairs, market, kernel, knobs.comparables)
    lesson = replayed.lesson
    if lesson is None or len(lesson.near) < ENOUGH:
        lesson = Lesson(pairs, at_reference - own, wider, np.ones(len(cases), bool))
    covariance = learn_covariances(lesson, start.covariance[""])
    kernel = dataclasses.replace(kernel, covariance=covariance)
    first = dataclasses.replace(first, kernel=kernel)
    compared = with_nearest(wider, pairs, market, kernel, knobs.comparables)
    evidence = np.array([each.evidence for each in compared])
    # What is settled by its own kind is not blended, and says nothing of how the rest is.
    loose = np.array([not each.settled for each in compared], bool)
    mean = np.array([each.mean for each in compared])
    blend = learn_blend(evidence[loose], mean[loose], (at_reference - own)[loose])
    blended = base_values(cases, compared, dataclasses.replace(first, blend=blend, listed=NO_LIST_PRICES), own).value
    folds = folds_for(len(latest), knobs.hedonic)
    away = curves_out_of_fold(latest, target, cases, folds) - blended
    listed = learn_weights(first.listed, evidence, away, at_reference - blended)
    second = dataclasses.replace(first, blend=blend, listed=listed)
    base = base_values(cases, compared, second, own)
    reference.vintage = second
    scores = replayed.scores
    if before is not None and before.notes.get("replayed"):
        carried = before.scores[before.scores["day"] <= before.cutoff]
        scores = pd.concat([carried, scores]) if len(carried) else scores
    if len(scores) < _ENOUGH_REPLAYED:
        own_scores = score(cases, days, base, reference, market, levels, knobs)
        scores = pd.concat([scores, own_scores]) if len(scores) else own_scores
    notes = {"replayed": float(before is not None), "oof_mdae": float(np.median(np.abs(at_reference - base.value)))}
    return dataclasses.replace(second, scores=scores.tail(knobs.interval.kept).reset_index(drop=True), notes=notes)


def _from_each_alone(
    market: Market, levels: Levels, cutoff: int, key: str, knobs: Knobs
) -> tuple[pd.DataFrame, np.ndarray, Vintage]:
    """What is learned of each listing by itself, before any is compared with others: effects, hedonic model, curves.

    Also the newest row of each listing, and their log prices at the reference.
    """
    high = int(np.searchsorted(market.rows["day"].to_numpy(), cutoff, side="right"))
    known = market.rows.iloc[:high].assign(level=market.level[:high], assumed=market.season[:high], row=np.arange(high))
    known = known.assign(located=market.region[:high], moved=levels.of_categories(high), shock=levels.shock[:high])
    latest = without_copies(last_of_each_listing(known)).tail(knobs.hedonic.max_rows).reset_index(drop=True)
    level, (assumed, located) = latest["level"].to_numpy(float), _assumed(latest)
    place, titles = pd.factorize(latest["title"].to_numpy(object))
    words = word_matrix(titles.tolist())
    idf = np.concatenate([inverse_document_frequency(words), inverse_document_frequency(char_matrix(titles.tolist()))])
    rows_words = weighted(words, idf[: words.shape[1]])[place]
    # Taken out is the category's level alone: what a region keeps apart from it for good is the region's own effect.
    # The season shows in prices with their level, for a level may hold what was not yet known to be the season.
    moved = latest["moved"].to_numpy(float) + np.nan_to_num(assumed)
    apart = latest["ln_price"] - moved - latest["shock"]
    effects = fit_effects(latest.assign(ln_price=apart), rows_words, knobs.effects, moved)
    effects = _with_matched_regions(effects, latest, apart.to_numpy(float), knobs)
    target = latest["ln_price"].to_numpy(float) - effects.taken_out(latest, level, assumed, located)
    heard = _heard(market, latest, target, cutoff)
    taught = latest[heard].reset_index(drop=True)
    model, guessed = hedonic_model.learn(taught, target[heard], idf, knobs.hedonic)
    first = Vintage(
        key=key,
        cutoff=cutoff,
        listings=len(latest),
        effects=effects,
        hedonic=model,
        guessed=pd.DataFrame(
            guessed, index=pd.Index(taught["listing"], name="listing"), columns=[kind.name for kind in Information]
        ),
        blend=DEFAULT,
        scores=NOTHING.scores,
        listed=learn_curves(latest, target),
    )
    start = with_telling(kernel_of(None, knobs.comparables), latest, target)
    return latest, target, dataclasses.replace(first, kernel=start)


def _heard(market: Market, latest: pd.DataFrame, target: np.ndarray, cutoff: int) -> np.ndarray:
    """Which of the newest rows teach the hedonic model: those that are neither suspected nor far from all others."""
    if market.trust is None:
        return np.ones(len(latest), bool)
    row = latest["row"].to_numpy(int)
    heard = teaches(latest, target, market.trust.suspected(row, np.full(len(row), cutoff)))
    # Where most are suspected there is nothing else to learn from.
    return heard if 2 * heard.sum() >= len(heard) else np.ones(len(latest), bool)


def _assumed(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The effects of season and region that were assumed when the rows' levels were found."""
    return rows["assumed"].to_numpy(float), rows["located"].to_numpy(float)


def _with_matched_regions(effects: Effects, latest: pd.DataFrame, apart: np.ndarray, knobs: Knobs) -> Effects:
    """The effects with those of regions from matched sales, where enough of them are there; `apart` are log prices
    without level and season."""
    bare = dataclasses.replace(effects, region={}, season={})
    found = matched_regions(latest, apart - bare.adjustment(latest), knobs.effects.min_rows)
    return effects if found is None else dataclasses.replace(effects, region=found)


def vintage_key(data: str, cutoff: int, before: Vintage | None, knobs: Knobs, code_version: str) -> str:
    """The identity of a vintage: the data it knows, the knobs that teach, the code, and the vintage it builds on."""
    teaching = json.dumps(taught_by(knobs), sort_keys=True)
    parts = (data, str(cutoff), before.key if before is not None else "", teaching, code_version)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]

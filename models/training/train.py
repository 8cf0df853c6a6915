"""Training one vintage: effects, hedonic, blend and scores, from the rows known at its cut-off."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np
import pandas as pd

from features.level import segment_unit
from features.market import last_of_each_listing, without_copies
from features.text import char_matrix, inverse_document_frequency, weighted, word_matrix
from models.base import hedonic as hedonic_model
from models.base.blend import DEFAULT, learn_blend
from models.base.compose import Market, Reference, kernel_of, own_hedonic, weigh
from models.base.depreciation import NO_LIST_PRICES, curves_out_of_fold, learn_curves, learn_weights
from models.base.gather import gather
from models.base.pairs import Pairs
from models.base.teach import learn_kernel, with_telling
from models.base.trees import Information
from models.base.worth import Base, base_values
from models.effects import Effects, fit_effects, seasonal_categories
from models.interval import SCORE_COLUMNS, Calibration, score_table, shape_of
from models.knobs import Knobs, taught_by
from models.level.products import lag, products_on
from models.level.state import Levels
from models.life.linear import linear_value
from models.matched import matched_regions
from models.training.vintage import Vintage

_ENOUGH_REPLAYED = 400
_TAUGHT = 700  # cases that teach how comparables are weighed and blended


def train(market: Market, levels: Levels, cutoff: int, key: str, before: Vintage | None, knobs: Knobs) -> Vintage:
    """Learn a vintage from the rows of `market` up to day `cutoff`; `market.level` must be known up to there."""
    latest, target, first = _from_each_alone(market, cutoff, key, knobs)
    cases = _sample(latest, _TAUGHT)
    pairs, days, reference = _pairs(cases, market, first, levels, knobs)
    own = _own(cases, reference)
    # A case is what a value of the day before would have had to hit: with the level known then, not the one known now.
    out = first.effects.taken_out(cases, levels.of_questions(cases, days)[0], cases["assumed"].to_numpy(float))
    at_reference = cases["ln_price"].to_numpy(float) - out
    kernel = learn_kernel(pairs, at_reference - own, kernel_of(first, knobs.comparables), market, knobs.comparables)
    first = dataclasses.replace(first, kernel=kernel)
    compared = weigh(pairs, market, kernel, knobs.comparables)
    evidence = np.array([each.evidence for each in compared])
    # What is settled by its own kind is not blended, and says nothing of how the rest is.
    loose = np.array([not each.settled for each in compared], bool)
    mean = np.array([each.mean for each in compared])
    blend = learn_blend(evidence[loose], mean[loose], (at_reference - own)[loose])
    blended = base_values(cases, compared, dataclasses.replace(first, blend=blend, listed=NO_LIST_PRICES), own).value
    away = curves_out_of_fold(latest, target, cases, knobs.hedonic.folds) - blended
    listed = learn_weights(first.listed, evidence, away, at_reference - blended)
    second = dataclasses.replace(first, blend=blend, listed=listed)
    base = base_values(cases, compared, second, own)
    reference.vintage = second
    scores = pd.DataFrame(columns=list(SCORE_COLUMNS))
    if before is not None:
        replayed = replay(market, levels, before, before.cutoff + 1, cutoff, knobs)
        carried = before.scores[before.scores["day"] <= before.cutoff] if before.notes.get("replayed") else None
        replayed = pd.concat([carried, replayed]) if carried is not None and len(carried) else replayed
        scores = replayed
    if len(scores) < _ENOUGH_REPLAYED:
        own_scores = _score(cases, days, base, reference, market, levels, knobs)
        scores = pd.concat([scores, own_scores]) if len(scores) else own_scores
    notes = {"replayed": float(before is not None), "oof_mdae": float(np.median(np.abs(at_reference - base.value)))}
    return dataclasses.replace(second, scores=scores.tail(knobs.interval.kept).reset_index(drop=True), notes=notes)


def _from_each_alone(market: Market, cutoff: int, key: str, knobs: Knobs) -> tuple[pd.DataFrame, np.ndarray, Vintage]:
    """What is learned of each listing by itself, before any is compared with others: effects, hedonic model, curves.

    Also the newest row of each listing, and their log prices at the reference.
    """
    high = int(np.searchsorted(market.rows["day"].to_numpy(), cutoff, side="right"))
    known = market.rows.iloc[:high].assign(level=market.level[:high], assumed=market.season[:high])
    latest = without_copies(last_of_each_listing(known)).tail(knobs.hedonic.max_rows).reset_index(drop=True)
    level, assumed = latest["level"].to_numpy(float), latest["assumed"].to_numpy(float)
    titles = sorted(set(latest["title"]))
    words = word_matrix(titles)
    idf = np.concatenate([inverse_document_frequency(words), inverse_document_frequency(char_matrix(titles))])
    rows_words = weighted(word_matrix(list(latest["title"])), idf[: words.shape[1]])
    # A level found while no season was known holds the season, and must not take it out of what is to show it now.
    seasonal = latest["category"].isin(seasonal_categories(latest, knobs.effects.season_span)).to_numpy()
    apart = np.where(seasonal & (assumed == 0), 0.0, level)
    effects = fit_effects(latest.assign(ln_price=latest["ln_price"] - apart), rows_words, knobs.effects)
    effects = _with_matched_regions(effects, latest, apart, knobs)
    target = latest["ln_price"].to_numpy(float) - effects.taken_out(latest, level, assumed)
    model, guessed = hedonic_model.learn(latest, target, idf, knobs.hedonic)
    first = Vintage(
        key=key,
        cutoff=cutoff,
        listings=len(latest),
        effects=effects,
        hedonic=model,
        guessed=pd.DataFrame(
            guessed, index=pd.Index(latest["listing"], name="listing"), columns=[kind.name for kind in Information]
        ),
        blend=DEFAULT,
        scores=pd.DataFrame(columns=list(SCORE_COLUMNS)),
        listed=learn_curves(latest, target),
    )
    start = with_telling(kernel_of(None, knobs.comparables), latest, target)
    return latest, target, dataclasses.replace(first, kernel=start)


def _with_matched_regions(effects: Effects, latest: pd.DataFrame, level: np.ndarray, knobs: Knobs) -> Effects:
    """The effects with those of regions from matched sales, where enough of them are there."""
    bare = dataclasses.replace(effects, region={})
    found = matched_regions(
        latest, latest["ln_price"].to_numpy(float) - level - bare.adjustment(latest), knobs.effects.min_rows
    )
    return effects if found is None else dataclasses.replace(effects, region=found)


def replay(market: Market, levels: Levels, vintage: Vintage, first: int, last: int, knobs: Knobs) -> pd.DataFrame:
    """Scores of a sample of the listings seen from day `first` to day `last`, valued as of the day before each.

    Only of goods that the vintage knows: elsewhere its intervals are not taken from scores either.
    """
    low, high = np.searchsorted(market.rows["day"].to_numpy(), [first, last + 1])
    window = market.rows.iloc[low:high].assign(level=market.level[low:high])
    cases = _sample(last_of_each_listing(window).reset_index(drop=True), knobs.interval.replayed)
    # What the vintage could not have answered for is no case of its answers.
    cases = cases[vintage.knows(cases)].reset_index(drop=True) if len(cases) else cases
    if len(cases) == 0:
        return pd.DataFrame(columns=list(SCORE_COLUMNS))
    pairs, days, reference = _pairs(cases, market, vintage, levels, knobs)
    compared = weigh(pairs, market, kernel_of(vintage, knobs.comparables), knobs.comparables)
    base = base_values(cases, compared, vintage, _own(cases, reference))
    scores = _score(cases, days, base, reference, market, levels, knobs)
    missed = Calibration(vintage.scores, knobs.interval).missed(scores)
    # The same case with the linear baseline in the place of the base value.
    return scores.assign(missed=missed, linear=scores["score"].to_numpy() + base.value - linear_value(cases, vintage))


def _pairs(
    cases: pd.DataFrame, market: Market, vintage: Vintage, levels: Levels, knobs: Knobs
) -> tuple[Pairs, np.ndarray, Reference]:
    """The cases beside their comparables, as known the day before each; those days, and the market as it was seen."""
    days = cases["day"].to_numpy() - 1
    reference = Reference(market, vintage, int(days.max()))
    telling = kernel_of(vintage, knobs.comparables).telling
    return gather(cases, days, market, reference, knobs.comparables, levels, telling), days, reference


def _own(cases: pd.DataFrame, reference: Reference) -> np.ndarray:
    """Hedonic values of the cases, out of fold where they were learned from, by what is known of each."""
    vintage = reference.vintage
    assert vintage is not None
    out: np.ndarray = own_hedonic(cases, vintage)[np.arange(len(cases)), reference.information(cases)]
    return out


def _score(
    cases: pd.DataFrame,
    days: np.ndarray,
    base: Base,
    reference: Reference,
    market: Market,
    levels: Levels,
    knobs: Knobs,
) -> pd.DataFrame:
    """ln(price) − ln(published value of the day before), in the kind of price the case is; reckoned as a valuation."""
    vintage = reference.vintage
    assert vintage is not None
    asked = list(zip(cases["product"].astype(str), cases["category"].astype(str), days.tolist(), strict=True))
    distinct = list(dict.fromkeys(asked))
    known = dict(zip(distinct, products_on(market, levels, reference, distinct, knobs), strict=True))
    lags = np.zeros(len(cases))
    for place, (category, region) in enumerate(zip(cases["category"], cases["region"], strict=True)):
        at, product = levels.at(int(days[place])), known[asked[place]]
        lags[place] = lag(at, segment_unit(category, region), product, base.compared[place].settled)
    level = levels.of_questions(cases, days)[0]
    value = base.value + vintage.effects.adjustment(cases) + level + lags
    return score_table(
        cases["day"].to_numpy(),
        cases["category"].to_numpy(object),
        value,
        base.evidence,
        np.abs(lags) > 1e-9,
        cases["ln_price"].to_numpy(float) - value,
        [shape_of(each, -float(late)) for each, late in zip(base.compared, lags, strict=True)],
    )


def _sample(cases: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most `most` cases, chosen by the hash of their listing: the same ones whatever else there is."""
    if len(cases) <= most:
        return cases
    rank = pd.util.hash_array(("case " + cases["listing"].astype(str)).to_numpy(object).astype(str))
    return cases.iloc[np.sort(np.argsort(rank, kind="stable")[:most])].reset_index(drop=True)


def vintage_key(data: str, cutoff: int, before: Vintage | None, knobs: Knobs, code_version: str) -> str:
    """The identity of a vintage: the data it knows, the knobs that teach, the code, and the vintage it builds on."""
    teaching = json.dumps(taught_by(knobs), sort_keys=True)
    parts = (data, str(cutoff), before.key if before is not None else "", teaching, code_version)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]

"""Pairs of questions and comparables: what the learned kernel and the kriging of the nearest are told of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.comparables import Found
from features.condition import UNSTATED
from features.taxonomy import OTHER
from models.base import kernel as kernels
from models.base.kernel import Kernel
from models.base.kriging import Covariance, Kriged, Nearest, krige
from models.base.local import Telling, choose, distances

if TYPE_CHECKING:
    from models.base.compose import Market


@dataclass(frozen=True)
class Near:
    """The nearest comparables of those `question`s that have any: market `row`s (−1: an empty place), q × n, and how
    alike their titles are; `pairs.above` is not yet held against the wider comparables. `share` is the part of a voice
    that trust and the seller's other offers leave each."""

    question: np.ndarray
    row: np.ndarray
    similarity: np.ndarray
    share: np.ndarray
    pairs: Nearest

    def part(self, chosen: np.ndarray, most: int) -> Near:
        """Some questions, each with its `most` nearest at most."""
        cut = replace(
            self.pairs.part(chosen),
            **{
                name: getattr(self.pairs, name)[chosen][:, :most]
                for name in (
                    "there",
                    "age",
                    "title",
                    "far",
                    "place",
                    "asking",
                    "grade",
                    "share",
                    "above",
                    "drift",
                    "since",
                    "voice",
                )
            },
        )
        return Near(
            self.question[chosen],
            self.row[chosen][:, :most],
            self.similarity[chosen][:, :most],
            self.share[chosen][:, :most],
            cut,
        )


@dataclass(frozen=True)
class Pairs:
    """All that is compared: flat arrays with an entry for each (question, market row), in order of the questions.

    `share` is the part of a weight that trust and one seller's other offers leave; `above` as in `Compared`.
    """

    category: np.ndarray
    question: np.ndarray
    row: np.ndarray
    similarity: np.ndarray
    x: np.ndarray
    share: np.ndarray
    above: np.ndarray
    near: Near | None


def pair_features(
    questions: pd.DataFrame,
    days: np.ndarray,
    flat: Found,
    market: Market,
    telling: tuple[Telling, ...],
) -> np.ndarray:
    """The features of `models.base.kernel.FEATURES`, a row for each pair."""
    seen = {name: market.column(name)[flat.row] for name in ("category", "grade", "region", "product", "kind")}
    asked = {
        name: questions[name].to_numpy(object)[flat.question] for name in ("category", "grade", "region", "product")
    }
    age = np.maximum(days[flat.question] - market.index.day[flat.row], 0).astype(float)
    out = np.zeros((len(flat.row), len(kernels.FEATURES)))
    out[:, kernels.LOG_AGE], out[:, kernels.AGE] = np.log1p(age), age / 30.0
    out[:, kernels.UNLIKENESS] = -np.log(np.clip(flat.similarity, 1e-3, 1.0))
    known = (asked["category"] != OTHER) & (seen["category"] != OTHER)
    out[:, kernels.CATEGORY] = (seen["category"] != asked["category"]) & known
    out[:, kernels.GRADE] = (seen["grade"] != asked["grade"]) & (asked["grade"] != UNSTATED)
    out[:, kernels.REGION] = (seen["region"] != asked["region"]) & (asked["region"] != "") & (seen["region"] != "")
    out[:, kernels.PRODUCT] = seen["product"] != asked["product"]
    out[:, kernels.ASKING] = seen["kind"] == "asking"
    if telling:
        own = coordinates(questions, telling)
        far = distances(own[flat.question], market.places.of(flat.row, telling), telling)
        out[:, kernels.ATTRIBUTES] = np.minimum(far, 3.0)
    return out


def coordinates(questions: pd.DataFrame, telling: tuple[Telling, ...]) -> np.ndarray:
    """Coordinates of the questions in the telling attributes, shape (questions, attributes)."""
    said = list(questions["attributes"])
    return np.stack([each.of(said) for each in telling], axis=1) if telling else np.zeros((len(said), 0))


def nearest_of(
    own: np.ndarray,
    listing: np.ndarray,
    place: np.ndarray,
    age: np.ndarray,
    telling: tuple[Telling, ...],
    most: int,
    worded_so: np.ndarray,
) -> np.ndarray:
    """Places of the `most` nearest among candidates in order of time, those that tell most first.

    No other wording takes the place of one that is `worded_so` as the question is: that it is the same thing is a
    guess, and a new make of a thing, sold a great deal in its first weeks, would speak for the old one.
    """
    far = distances(own, place, telling)
    so = np.flatnonzero(worded_so)
    chosen = so[choose(listing[so], far[so], age[so], most)]
    rest = np.flatnonzero(~worded_so & ~np.isin(listing, listing[chosen]))
    chosen = np.append(chosen, rest[choose(listing[rest], far[rest], age[rest], most - len(chosen))])
    return chosen[np.lexsort((-chosen, 3.0 * far[chosen] + np.log1p(age[chosen])))]


def kriged(near: Near, kernel: Kernel, category: np.ndarray, wider: np.ndarray) -> Kriged:
    """Kriging of the nearest around what the wider comparables say (`wider`, one for each question of `near`)."""
    by: Covariance | list[Covariance] = [kernel.covariance_of(str(each)) for each in category[near.question]]
    if len(kernel.covariance) == 1:
        by = kernel.covariance[""]
    pairs = replace(near.pairs, above=near.pairs.above - wider[:, np.newaxis])
    return krige(pairs, by)

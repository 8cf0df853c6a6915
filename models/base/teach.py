"""Teaching the kernel: θ and covariances from cases of the past, valued with what was known the day before each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.base.compose import Compared
from models.base.covariance import learn_covariance
from models.base.kernel import Kernel, learn_theta
from models.base.kriging import Covariance
from models.base.local import learn_telling
from models.base.pairs import Near, Pairs

_OWN_THETA = 250  # cases from which a category has a θ of its own
_OWN_COVARIANCE = 120  # and a covariance
_CASES, _NEAREST = 400, 48  # as many are enough to learn a covariance from
ENOUGH = 30  # from as many the covariance is learned at all


def with_telling(kernel: Kernel, rows: pd.DataFrame, target: np.ndarray) -> Kernel:
    """The kernel with the attributes that tell most in these rows (`target`: log prices at the reference)."""
    return replace(kernel, telling=learn_telling(rows, target))


def learn_kernel(pairs: Pairs, target: np.ndarray, start: Kernel) -> Kernel:
    """The kernel by which the cases of `pairs` are valued best; `target` is what each stood above its hedonic value.

    Learned for all together, then for each category with enough cases, from there.
    """
    theta = {"": learn_theta(pairs.question, pairs.x, pairs.share, pairs.above, target, start.theta[""])}
    asked = pairs.category[pairs.question]
    for name, count in zip(*np.unique(pairs.category.astype(str), return_counts=True), strict=True):
        if count >= _OWN_THETA and count < len(pairs.category):
            chosen = asked == name
            theta[str(name)] = learn_theta(
                pairs.question[chosen], pairs.x[chosen], pairs.share[chosen], pairs.above[chosen], target, theta[""]
            )
    return replace(start, theta=theta)


@dataclass(frozen=True)
class Lesson:
    """Cases of the past beside their comparables, what each stood above its hedonic value (`target`), and what the
    wider comparables tell of it (`compose.widely`). `listened` says which of the cases teach."""

    pairs: Pairs
    target: np.ndarray
    wider: list[Compared]
    listened: np.ndarray

    @property
    def near(self) -> np.ndarray:
        """Places, among the questions that have nearest comparables, of those that teach."""
        near = self.pairs.near
        return np.zeros(0, int) if near is None else np.flatnonzero(self.listened[near.question])


def learn_covariances(lesson: Lesson, start: Covariance) -> dict[str, Covariance]:
    """The covariance of the nearest comparables of all ("" ), and of each category with enough cases."""
    near, category, heard = lesson.pairs.near, lesson.pairs.category, lesson.near
    if near is None or len(heard) < ENOUGH:
        return {"": start}
    wider = np.array([each.mean for each in lesson.wider])
    target, first = lesson.target - wider, start
    out = {"": _covariance(near, heard, target, wider, first)}
    of = category[near.question[heard]]
    names, counts = np.unique(of.astype(str), return_counts=True)
    for name, count in zip(names, counts, strict=True):
        if count >= _OWN_COVARIANCE and count < len(heard):
            chosen = heard[of == name]
            out[str(name)] = _covariance(near, chosen, target, wider, out[""])
    return out


def _covariance(near: Near, chosen: np.ndarray, target: np.ndarray, wider: np.ndarray, start: Covariance) -> Covariance:
    # The newest (cases are in order of time): a thing just out does not trade as it will in a year.
    part = near.part(chosen[-_CASES:], _NEAREST)
    pairs = replace(part.pairs, above=part.pairs.above - wider[part.question][:, np.newaxis])
    return learn_covariance(pairs, target[part.question], start)

"""Kriging of the nearest comparables: what one thing stands at today, from what things of its very kind sold for.

For goods that trade often a weighted mean is too blunt: a sale of yesterday in another size tells where the product
stands today, a sale of last month in this size what the size is worth beside the others. Both are read at once from a
Gaussian process (simple kriging: Cressie, Statistics for Spatial Data, 1993, §3.2; in time it is the stationary form of
a local level model: Harvey 1989, §2.3) with the covariance of two log prices i and j

    start² + [same title]·(title² + level²·exp(−|tᵢ − tⱼ|/level_days) + burst²·exp(−|tᵢ − tⱼ|/burst_days))
    + (premium²·exp(−h/reach) + exact²·[h = 0])·exp(−|tᵢ − tⱼ|/premium_days),

`level` being by how much the title wanders over months and `burst` over days, h how far their telling attributes (the
size) lie apart, and noise of its own in each price. Single prices that do not fit are held back by Cauchy weights,
which fall to nothing. All in natural logs and days.

What has just come out stands above where it will: around its mean a title that was first seen s days ago is higher by
excess·exp(−s/excess_days). Without it a falling price is always seen too late, for the process knows no direction.

The process is the local level of the thing itself over time. What the area's level did since a sale moves its price
only by the share age/(age + follows): of the last days the thing's own sales tell more than the mean of others does,
of last year they tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from models.base.influence import bounded
from models.base.robust import row_medians

_HUBER = 0.7  # residuals beyond so many times the noise are held to it
_FAR = 4.0  # scales from the middle of all at which a price counts half to begin with
_ROUNDS = 3
_GROSS, _GROSS_LEAST = 4.0, float(np.log(1.5))  # scales, and logs at the least, beyond which a price is left out
_BLOCK = 128
_JITTER = 1e-8


@dataclass(frozen=True)
class Covariance:
    """Standard deviations (`start`, `title`, `level`, `premium`, `exact`, `noise`) in logs, times in days, `reach` in
    units of attribute distance, `asking` and `grade` as multiples of the noise of asking prices and other grades. At
    the age `follows` a price is moved by half of what its area's level did since. `excess` (log) is by how much things
    stand above where they will when they come out."""

    start: float = 0.15
    title: float = 0.10
    level: float = 0.20
    level_days: float = 120.0
    burst: float = 0.03
    burst_days: float = 7.0
    premium: float = 0.20
    reach: float = 2.4
    exact: float = 0.03
    premium_days: float = 240.0
    noise: float = 0.04
    follows: float = 30.0
    asking: float = 1.5
    grade: float = 1.3
    excess: float = 0.0
    excess_days: float = 14.0

    @classmethod
    def from_dict(cls, raw: dict[str, float]) -> Covariance:
        return cls(**raw)

    def to_dict(self) -> dict[str, float]:
        return asdict(self)

    def with_logs(self, logs: np.ndarray) -> Covariance:
        """The same with the learned parameters, in the order of `LEARNED`, at exp(`logs`)."""
        return replace(self, **{name: float(np.exp(log)) for name, log in zip(LEARNED, logs, strict=True)})

    @property
    def logs(self) -> np.ndarray:
        return np.log([getattr(self, name) for name in LEARNED])


LEARNED = (
    "start",
    "title",
    "level",
    "level_days",
    "burst",
    "premium",
    "reach",
    "exact",
    "premium_days",
    "noise",
    "follows",
)
assert set(LEARNED) <= {each.name for each in fields(Covariance)}


@dataclass(frozen=True)
class Nearest:
    """The nearest comparables of many questions, each row padded to one length: q questions × n comparables.

    `there` says which places are filled. `age` in days (0: the day that is known last); `same_title` against the
    question, `title` a number for each title; `far` is the attribute distance to the question and `place` the
    attributes' coordinates, q × n × a, with `words` (a) telling which of them are names rather than numbers. `asking`
    and `grade` say whether the price is asked, and of another grade; `share` is the part of a voice that each may have
    (0–1). `above` are log prices at the reference above the hedonic value, less what the wider comparables say; `drift`
    is by how much the level of each price's area stood above the question's, what the drivers make of it left out.
    `since` is how many days before each price the thing was first seen, `asked_since` how many before the question.
    `voice` is a number for each price's seller.
    """

    there: np.ndarray
    age: np.ndarray
    title: np.ndarray
    asked_title: np.ndarray
    far: np.ndarray
    place: np.ndarray
    words: np.ndarray
    asking: np.ndarray
    grade: np.ndarray
    share: np.ndarray
    above: np.ndarray
    drift: np.ndarray
    since: np.ndarray
    asked_since: np.ndarray
    voice: np.ndarray

    def part(self, chosen: slice | np.ndarray) -> Nearest:
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        return Nearest(**{name: part if name == "words" else part[chosen] for name, part in parts.items()})

    def __len__(self) -> int:
        return len(self.there)


@dataclass(frozen=True)
class Kriged:
    """For each question its comparables moved to today (`above`), their coefficients (the sum product with `above` is
    `mean`, exactly), and how many prices of its own kind and day they are worth."""

    above: np.ndarray
    coefficient: np.ndarray
    mean: np.ndarray
    evidence: np.ndarray


def krige(near: Nearest, by: Covariance | list[Covariance], rounds: int = _ROUNDS, *, bound: bool = True) -> Kriged:
    """The best linear predictor of each question, prices that do not fit held back and no voice moving it far (where
    `bound`: models.base.influence); `by` for all, or one for each."""
    parts = [slice(low, low + _BLOCK) for low in range(0, max(len(near), 1), _BLOCK)]
    return _joined(
        Kriging(near.part(part)).solve(by if isinstance(by, Covariance) else by[part], rounds, bound=bound)
        for part in parts
    )


class Kriging:
    """Questions that are kriged by one covariance after the other: what of theirs does not hang on it is kept."""

    def __init__(self, near: Nearest) -> None:
        self._empty = np.zeros(near.there.shape)
        self._blocks = [_Block(near.part(slice(low, low + _BLOCK))) for low in range(0, len(near), _BLOCK)]

    def solve(self, by: Covariance | list[Covariance], rounds: int = _ROUNDS, *, bound: bool = True) -> Kriged:
        """As `krige`."""
        if not self._blocks:
            return Kriged(self._empty, self._empty, np.zeros(0), np.zeros(0))
        out = []
        for place, block in enumerate(self._blocks):
            own = by if isinstance(by, Covariance) else by[place * _BLOCK : (place + 1) * _BLOCK]
            out.append(_solve(block, _Columns(own), rounds, bound))
        return _joined(out)


def _joined(parts: Iterable[Kriged]) -> Kriged:
    columns = zip(*((each.above, each.coefficient, each.mean, each.evidence) for each in parts), strict=True)
    return Kriged(*(np.concatenate(each) for each in columns))


class _Columns:
    """Parameters as numbers, or as columns that multiply q × n (`at(name)`) where each question has its own."""

    def __init__(self, by: Covariance | list[Covariance]) -> None:
        self.by = by

    def at(self, name: str, axes: int) -> np.ndarray | float:
        if isinstance(self.by, Covariance):
            return float(getattr(self.by, name))
        return np.array([getattr(each, name) for each in self.by]).reshape((-1,) + (1,) * axes)


class _Gaps:
    """Days apart, whether of one title, and attribute distance of pairs of prices; and how far each decay lets them
    know of each other, for the parameter it was last asked with: learning changes one parameter at a time."""

    def __init__(self, days: np.ndarray, alike: np.ndarray, far: np.ndarray) -> None:
        self.days, self.alike, self.far = days, alike, far
        self.axes = days.ndim - 1
        self._faded: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def faded(self, by: _Columns, name: str) -> np.ndarray:
        """exp(−gap / parameter): of the attribute distance for `reach`, else of the days."""
        value = np.asarray(by.at(name, self.axes))
        known = self._faded.get(name)
        if known is None or not np.array_equal(known[0], value):
            known = self._faded[name] = value, np.exp(-(self.far if name == "reach" else self.days) / value)
        return known[1]


class _Block:
    """Some questions with the gaps among their prices and to what is asked."""

    def __init__(self, near: Nearest) -> None:
        self.near = near
        self.both = near.there[:, :, np.newaxis] & near.there[:, np.newaxis, :]
        self.among = _Gaps(
            np.abs(near.age[:, :, np.newaxis] - near.age[:, np.newaxis, :]),
            near.title[:, :, np.newaxis] == near.title[:, np.newaxis, :],
            _distances(near.place, near.words),
        )
        self.to = _Gaps(near.age, near.title == near.asked_title[:, np.newaxis], near.far)
        nothing = np.zeros((len(near), 1))
        self.itself = _Gaps(nothing, np.ones(nothing.shape, bool), nothing)


def _solve(block: _Block, by: _Columns, rounds: int, bound: bool) -> Kriged:
    near = block.near
    there, n = near.there, near.there.shape[1]
    among, to = _covariance(by, block.among) * block.both, _covariance(by, block.to) * there
    noise = by.at("noise", 1) ** 2 * np.where(near.asking, by.at("asking", 1), 1.0) ** 2
    own = noise * np.where(near.grade, by.at("grade", 1), 1.0) ** 2
    # One of many copies says less; it is not the less strange for that.
    noise = own / np.maximum(near.share, 1e-3)
    # `above` is moved by all that the area's level did since: what the thing does not follow is put back.
    follows = by.at("follows", 1)
    falls = np.exp(-near.since / by.at("excess_days", 1)) - np.exp(
        -near.asked_since[:, np.newaxis] / by.at("excess_days", 1)
    )
    above = near.above + near.drift * follows / (near.age + follows) - by.at("excess", 1) * falls
    above = np.where(there, above, 0.0)
    diagonal = np.arange(n)
    first = held = _at_first(above, np.where(there, near.share, 0.0), own)
    right = np.stack([above, to], axis=-1)
    for step in range(rounds):
        matrix = among.copy()
        matrix[:, diagonal, diagonal] += np.where(there, noise / held, 1.0) + _JITTER
        solved = np.linalg.solve(matrix, right)
        if step < rounds - 1:
            residual = np.abs(solved[..., 0]) * noise / held
            held = np.minimum(first, _HUBER * np.sqrt(own) / np.maximum(residual, _HUBER * np.sqrt(own)))
    coefficient = np.where(there, solved[..., 1], 0.0)
    if bound:
        away = (coefficient * above).sum(axis=1) - row_medians(above, np.where(there, near.share, 0.0))[:, 0]
        coefficient = bounded(np.linalg.inv(matrix), coefficient, solved[..., 0], near.voice, there, away)
    prior = np.ravel(_covariance(by, block.itself))
    left = np.maximum(prior - (coefficient * to).sum(axis=1), 1e-9)
    unit = np.ravel(np.broadcast_to(by.at("noise", 1), (len(there), 1))) ** 2
    return Kriged(above, coefficient, (coefficient * above).sum(axis=1), np.maximum(unit * (1 / left - 1 / prior), 0.0))


def _at_first(above: np.ndarray, share: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Weights before anything is solved: what lies far from the middle of all must not pull the solution. The middle is
    of voices, not of prices: one seller's many are one."""
    away = np.abs(above - row_medians(above, share))
    scale = 1.4826 * row_medians(away, share)
    held: np.ndarray = 1.0 / (1.0 + (away / (_FAR * np.maximum(scale, np.sqrt(noise)))) ** 4)
    # A linear predictor follows what is left of a weight: gross errors (Hampel 1974) have none.
    return np.where(away > np.maximum(_GROSS * scale, _GROSS_LEAST), 1e-6, held)


def _covariance(by: _Columns, gaps: _Gaps) -> np.ndarray:
    axes = gaps.axes
    start, title, level = (by.at(name, axes) ** 2 for name in ("start", "title", "level"))
    wanders = level * gaps.faded(by, "level_days")
    wanders = wanders + by.at("burst", axes) ** 2 * gaps.faded(by, "burst_days")
    same = start + np.where(gaps.alike, title + wanders, 0.0)
    premium = by.at("premium", axes) ** 2 * gaps.faded(by, "reach")
    premium = premium + np.where(gaps.far == 0, by.at("exact", axes) ** 2, 0.0)
    out: np.ndarray = same + premium * gaps.faded(by, "premium_days")
    return out


def _distances(place: np.ndarray, words: np.ndarray) -> np.ndarray:
    out = np.zeros((len(place), place.shape[1], place.shape[1]))
    for number, names in enumerate(words):
        at = place[:, :, number]
        out += distance(at[:, :, np.newaxis], at[:, np.newaxis, :], bool(names))
    return out


def distance(one: ArrayLike, other: ArrayLike, names: bool) -> np.ndarray:
    """How far two values of an attribute lie apart: numbers by their difference (they come scaled), names by 0 or 1;
    one that is not known (NaN) is 1 from any that is."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    gap = (one != other).astype(float) if names else np.abs(one - other)
    unknown = np.isnan(one).astype(int) + np.isnan(other)
    return np.where(unknown == 0, gap, np.where(unknown == 1, 1.0, 0.0))

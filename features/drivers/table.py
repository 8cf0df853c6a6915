"""The table of drivers: steps through time by name, category and region, and the episodes of hazards.

A step holds from its day until the next one of its series, as long as it is not too old. "" as category or region means
all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

DETAILS = 8  # the most that a series has
# Days after which a step says nothing any more.
_LASTS = {"wanted": 21, "turnover": 21, "scarcity": 21, "commodity": 120}
_LASTS_WEATHER = 10
# Series of these names that a category has for all regions stand for a region that has none of its own.
_FALLS_BACK = frozenset({"wanted", "turnover", "scarcity", "commodity"})
WEATHER = ("rain", "heat", "cold", "frost", "snow")
DEMAND = ("wanted", "turnover")


@dataclass(frozen=True, slots=True)
class Steps:
    """One series: from `day` on (days since 1970, rising) it stands at `value`; `detail` (a row for each step, up to
    `DETAILS` figures) has what its words need."""

    day: np.ndarray
    value: np.ndarray
    detail: np.ndarray

    def since(self, day: int) -> Steps:
        """The steps from a day on."""
        low = int(np.searchsorted(self.day, day))
        return Steps(self.day[low:], self.value[low:], self.detail[low:])

    def place(self, days: np.ndarray, lasts: int) -> np.ndarray:
        """For each day the step that holds on it; −1 where none does."""
        at = np.searchsorted(self.day, days, side="right") - 1
        known = at >= 0
        if known.any():
            known &= np.asarray(days) - self.day[np.maximum(at, 0)] <= lasts
        out: np.ndarray = np.where(known, at, -1)
        return out


@dataclass(frozen=True, slots=True)
class Episodes:
    """A kind of hazard in one region. On `start` one begins, or gets worse, of `weight` (1 is severe).

    `share` is the part of the market's offers that came from the region until then. `active` are the first and last
    days (n × 2) on which one is in force, `news` the days of a start, update or end.
    """

    start: np.ndarray
    weight: np.ndarray
    share: np.ndarray
    active: np.ndarray
    news: np.ndarray

    def felt(self, days: np.ndarray, rise: float, half_life: float) -> np.ndarray:
        """How strongly it is felt: rises to its weight over `rise` days and then halves every `half_life` days.

        Of episodes one upon the other the strongest counts.
        """
        age = np.asarray(days, float)[..., np.newaxis] - self.start
        rising = (age + 1) / (rise + 1)
        falling = 0.5 ** (np.maximum(age - rise, 0) / half_life)
        felt = np.where(age < 0, 0.0, np.where(age < rise, rising, falling)) * self.weight
        out: np.ndarray = felt.max(axis=-1) if len(self.start) else np.zeros(np.shape(days))
        return out

    def is_active(self, day: int) -> bool:
        return bool(((self.active[:, 0] <= day) & (day <= self.active[:, 1])).any()) if len(self.active) else False

    def has_news(self, first: int, last: int) -> bool:
        """Whether one began, was told anew or ended from day `first` to day `last`."""
        return bool(((self.news >= first) & (self.news <= last)).any())

    def newest(self, day: int) -> int | None:
        """The first day of the newest episode by a day."""
        begun = self.start[self.start <= day]
        return int(begun.max()) if len(begun) else None


@dataclass(frozen=True, slots=True)
class Seen:
    """One driver on one day: value, what its words need, since when it holds, and whose series it is."""

    value: float
    detail: tuple[float, ...]
    day: int
    category: str
    region: str


@dataclass(frozen=True)
class Drivers:
    """All drivers. `source` says of each name who was read; `titles` are the names of raw materials by number."""

    steps: Mapping[tuple[str, str, str], Steps] = field(default_factory=dict)
    hazards: Mapping[tuple[str, str], Episodes] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    titles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps or self.hazards)

    @property
    def kinds(self) -> list[str]:
        """The kinds of hazards there are."""
        return sorted({kind for kind, _ in self.hazards})

    def key(self, name: str, category: str, region: str) -> tuple[str, str, str] | None:
        """The series that speaks for a category in a region, if there is one."""
        own = "" if name in WEATHER else category
        tried = [(name, own, region)] + ([(name, own, "")] if name in _FALLS_BACK else [])
        return next((key for key in tried if key in self.steps), None)

    def value(self, name: str, category: str, region: str, days: np.ndarray) -> np.ndarray:
        """The driver on each day; NaN where nothing is known."""
        key = self.key(name, category, region)
        if key is None:
            return np.full(len(days), np.nan)
        steps = self.steps[key]
        at = steps.place(days, _LASTS.get(name, _LASTS_WEATHER))
        out: np.ndarray = np.where(at >= 0, steps.value[np.maximum(at, 0)], np.nan)
        return out

    def now(self, name: str, category: str, region: str, day: int) -> float:
        """The driver on one day; 0 where nothing is known."""
        key = self.key(name, category, region)
        if key is None:
            return 0.0
        steps = self.steps[key]
        at = int(steps.day.searchsorted(day, side="right")) - 1
        if at < 0 or day - steps.day[at] > _LASTS.get(name, _LASTS_WEATHER):
            return 0.0
        value = float(steps.value[at])
        return value if value == value else 0.0

    def seen(self, name: str, category: str, region: str, day: int) -> Seen | None:
        """The driver on one day with what its words need; None where nothing is known."""
        key = self.key(name, category, region)
        if key is None:
            return None
        steps = self.steps[key]
        at = int(steps.place(np.array([day]), _LASTS.get(name, _LASTS_WEATHER))[0])
        if at < 0 or not np.isfinite(steps.value[at]):
            return None
        detail = (*map(float, steps.detail[at]), *(float("nan"),) * (DETAILS - steps.detail.shape[1]))
        return Seen(float(steps.value[at]), detail, int(steps.day[at]), key[1], key[2])

    def felt(self, kind: str, region: str, days: np.ndarray, rise: float, half_life: float) -> np.ndarray:
        """How strongly a kind of hazard is felt in a region; for all regions together, the mean by their offers."""
        if region:
            episodes = self.hazards.get((kind, region))
            return np.zeros(len(days)) if episodes is None else episodes.felt(days, rise, half_life)
        out = np.zeros(len(days))
        for (one, _), episodes in self.hazards.items():
            if one == kind and len(episodes.start):
                shares = Episodes(
                    episodes.start, episodes.weight * episodes.share, episodes.share, episodes.active, episodes.news
                )
                out += shares.felt(days, rise, half_life)
        return out

    def digest(self, until: int) -> str:
        """A hash of all that was known by the end of a day."""
        out = hashlib.sha256()
        for key in sorted(self.steps):
            steps = self.steps[key]
            high = int(np.searchsorted(steps.day, until, side="right"))
            if high:
                out.update(repr(key).encode() + steps.day[:high].tobytes() + steps.value[:high].tobytes())
        for pair in sorted(self.hazards):
            one = self.hazards[pair]
            begun = one.start <= until
            if begun.any():
                out.update(repr(pair).encode() + one.start[begun].tobytes() + one.weight[begun].tobytes())
        return out.hexdigest()


def steps_frame(drivers: Drivers) -> pd.DataFrame:
    """All steps as one frame, to be kept."""
    parts = []
    for name, category, region in sorted(drivers.steps):
        steps = drivers.steps[name, category, region]
        part = pd.DataFrame(steps.detail, columns=[f"detail_{n}" for n in range(steps.detail.shape[1])])
        parts.append(part.assign(name=name, category=category, region=region, day=steps.day, value=steps.value))
    columns = ["name", "category", "region", "day", "value", *(f"detail_{n}" for n in range(DETAILS))]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns) if parts else pd.DataFrame(columns=columns)


def steps_of(frame: pd.DataFrame) -> dict[tuple[str, str, str], Steps]:
    """What `steps_frame` made, read back."""
    out = {}
    for key, part in frame.groupby(["name", "category", "region"], sort=True):
        name, category, region = (str(each) for each in key)
        detail = part[[f"detail_{n}" for n in range(DETAILS)]].to_numpy(float)
        said = np.flatnonzero(np.isfinite(detail).any(axis=0))
        detail = detail[:, : int(said[-1]) + 1 if len(said) else 0].copy()
        out[name, category, region] = Steps(part["day"].to_numpy(np.int64), part["value"].to_numpy(float), detail)
    return out

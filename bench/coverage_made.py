"""What `katy bench coverage` measures on without any file: made-up scores that drift, and a made-up market."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from bench.manipulation_market import ATTACKED, GAP, GRADES, OTHERS, reworded
from features.market import day_date
from models.interval import Calibration, Shape, score_table, scores_on
from models.knobs import IntervalKnobs

FIRST = 19_000
_MONTH = 30
_SHARES = np.array([0.3, 0.2, 0.15, 0.12, 0.09, 0.07, 0.05, 0.02])


def made_scores(seed: int, months: int, per_month: int) -> pd.DataFrame:
    """Scores of eight categories whose noise wanders by month and jumps twice; heavy tails, longer upwards; wider for
    little evidence and for dear things; some of them beside a published value that lags."""
    random = np.random.default_rng(seed)
    count = len(_SHARES)
    usual, noise, wander = random.normal(5, 1.2, count), np.exp(random.normal(-2.3, 0.4, count)), np.zeros(count)
    parts = []
    for month in range(months):
        wander = 0.9 * wander + random.normal(0, 0.12, count)
        if month in (12, 21):
            wander[random.integers(count, size=3)] += random.choice([-0.5, 0.6])
        day = np.sort(random.integers(_MONTH * month, _MONTH * (month + 1), per_month))
        of = random.choice(count, per_month, p=_SHARES)
        ln_value = usual[of] + random.normal(0, 1.0, per_month)
        evidence, unlike = np.exp(random.normal(0, 1.8, per_month)), np.exp(random.normal(0, 0.4, per_month))
        gap = np.where(random.random(per_month) < 0.15, random.normal(0, 0.1, per_month), 0.0)
        scale = noise[of] * np.exp(wander[of] + 0.15 * np.abs(ln_value - 5)) * np.sqrt(unlike)
        scale = scale * (1 + 1.2 / (1 + 3 * evidence))
        error = 0.75 * random.standard_t(3.5, per_month)
        error = np.where(error > 0, 1.25, 0.85) * error
        score = random.normal(0, 0.15, count)[of] * noise[of] + scale * error + 0.7 * gap
        best, above = np.clip(0.4 + 0.15 * np.log1p(evidence), 0.2, 1.0), random.normal(0, 0.2, per_month)
        told = zip(noise[of] * unlike, best, above, gap, strict=True)
        shapes = [Shape(*each) for each in told]
        named = np.array([f"category {each}" for each in of], object)
        parts.append(score_table(day, named, ln_value, evidence, np.abs(gap) > 0, score, shapes))
    return pd.concat(parts, ignore_index=True)


def walked(scores: pd.DataFrame, knobs: IntervalKnobs, start: int = 3) -> pd.DataFrame:
    """Scores walked through as by vintages, month by month: of each month a sample is replayed and kept, all of it is
    judged by the intervals of what was known before its day. The first `start` months are not judged."""
    kept, out = scores.iloc[:0].assign(missed=np.zeros(0)), []
    rank = np.random.default_rng(0).random(len(scores))
    month = (scores["day"] // _MONTH).to_numpy()
    for number in np.unique(month):
        here = np.flatnonzero(month == number)
        replayed = np.zeros(len(here), bool)
        replayed[np.argsort(rank[here], kind="stable")[: knobs.replayed]] = True
        cases = _of_month(kept, scores.iloc[here], replayed, _MONTH * int(number) - 1, knobs)
        if number >= month[0] + start:
            out.append(cases.assign(inside=cases["missed"] == 0, week=cases["day"] // 7).drop(columns="missed"))
        kept = pd.concat([kept, cases[replayed].drop(columns="width")]).tail(knobs.kept)
    return pd.concat(out, ignore_index=True)


def _of_month(
    kept: pd.DataFrame, cases: pd.DataFrame, replayed: np.ndarray, cutoff: int, knobs: IntervalKnobs
) -> pd.DataFrame:
    """The cases of a month with what each `missed` and its interval's `width`, judged by what was known the day before:
    of the same month, those `replayed`."""
    missed, width = np.full(len(cases), np.nan), np.full(len(cases), np.nan)
    for day, places in cases.groupby("day").indices.items() if len(kept) else ():
        known = cases.assign(missed=missed)[replayed]
        calibration = Calibration(scores_on(kept, known, cutoff, int(str(day)) - 1, knobs), knobs)
        low, high = calibration.bounds_of(cases.iloc[places])
        missed[places], width[places] = calibration.missed(cases.iloc[places]), np.exp(high) - np.exp(low)
    return cases.assign(missed=missed, width=width)


def made_market(seed: int, days: int, per_day: int) -> pd.DataFrame:
    """Listings as a file has them: five categories of seven products seen often and seldom, prices of all tiers, levels
    that wander and jump, heavy-tailed noise whose size differs by category and wanders too; sellers' own words behind
    the titles."""
    random = np.random.default_rng(seed)
    titles = [*ATTACKED, *itertools.chain.from_iterable(OTHERS.values())]
    group = np.array([*range(len(OTHERS)), *np.repeat(np.arange(len(OTHERS)), 6)])
    price = random.normal(5.0, 1.3, len(titles))
    often = 1.0 / np.arange(1, len(titles) + 1)[random.permutation(len(titles))]
    noise = np.exp(random.normal(-2.4, 0.4, len(OTHERS)))
    weeks = days // 7 + 1
    level = random.normal(0, 0.012, (weeks, len(OTHERS))).cumsum(axis=0)
    level[weeks // 2 :, 1] += 0.25
    louder = np.clip(random.normal(0, 0.10, (weeks, len(OTHERS))).cumsum(axis=0), -0.7, 0.7)
    of = random.choice(len(titles), days * per_day, p=often / often.sum())
    grades, kinds = random.choice(list(GRADES), len(of)), random.choice(["sold", "asking"], len(of), p=[0.7, 0.3])
    error = 0.7 * random.standard_t(3.5, len(of))
    rows = []
    for place, number in enumerate(of.tolist()):
        day, where = place // per_day, int(group[number])
        log = price[number] + GRADES[str(grades[place])] + (GAP if kinds[place] == "asking" else 0.0)
        log += level[day // 7, where] + noise[where] * np.exp(louder[day // 7, where]) * error[place]
        rows.append(
            {
                "id": f"m{place}",
                "title": reworded(random, titles[number]),
                "price": f"{np.exp(log):.2f}",
                "currency": "USD",
                "kind": str(kinds[place]),
                "condition": str(grades[place]),
                "seller": f"s{random.integers(4000)}",
                "region": "US-MO",
                "observed_at": f"{day_date(FIRST + day)}T12:00:00Z",
            }
        )
    return pd.DataFrame(rows)

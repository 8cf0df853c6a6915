"""Is a change of knobs better? Both learn from the same rows and value the same things, out of time and unseen.

A candidate is promoted when its errors are smaller than chance makes them and no large category is worse off. Errors
are |ln value − ln price|, cut at 1 so that single wild prices do not decide; the bootstrap draws products, not rows,
for what errs on one of them errs on its likes (Cameron, Gelbach, Miller 2008).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.drivers import Drivers
from features.market import day_date
from models.knobs import Knobs, PromotionKnobs
from models.level.state import Learned
from models.training.learn import learn
from warehouse.errors import BadInput

_DRAWS = 1000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """How a candidate did beside what is in use. `better` and `worse` are beyond chance; both may be False."""

    table: list[dict[str, Any]]
    better: bool
    worse: bool
    why: str
    cases: int
    since: str


@dataclass(frozen=True)
class Held:
    """The things both are tried on: market rows first seen after a cut-off, and the cut-offs to learn at."""

    cases: pd.DataFrame
    cutoffs: list[int]


def try_knobs(
    rows: pd.DataFrame, current: Knobs, candidate: Knobs, *, drivers: Drivers | None, say: Say = lambda _: None
) -> Trial:
    """Learn by both knobs, value the newest unseen things, decide. BadInput where there are too few of them."""
    rules = candidate.promotion
    rows = rows.tail(rules.rows).reset_index(drop=True)
    held = hold_back(rows, rules)
    say(f"{len(held.cases)} things first seen after {day_date(held.cutoffs[-1])} are valued by both")
    old, new = (_learned(rows, knobs, held, drivers) for knobs in (current, candidate))
    return decide(held.cases, old, new, rules, day_date(held.cutoffs[-1]).isoformat())


def hold_back(rows: pd.DataFrame, rules: PromotionKnobs) -> Held:
    """The newest share of things, by the day they were first seen; a sample of them by hash where there are many."""
    first = rows.drop_duplicates("listing", keep="first")
    days = np.sort(first["day"].to_numpy())
    cut, earlier = (int(days[int((len(days) - 1) * share)]) for share in (1 - rules.newest, (1 - rules.newest) / 2))
    cases = first[first["day"] > cut]
    cases = cases[~cases[["seller", "title"]].duplicated()]
    if len(cases) < rules.least:
        raise BadInput(
            f"only {len(cases)} things were first seen after {day_date(cut)}; {rules.least} are needed to compare on"
        )
    if len(cases) > rules.cases:
        order = pd.util.hash_array(("trial " + cases["listing"].astype(str)).to_numpy(object).astype(str))
        cases = cases.iloc[np.sort(np.argsort(order, kind="stable")[: rules.cases])]
    return Held(cases.reset_index(drop=True), sorted({earlier, cut}))


def try_code(published: Learned, knobs: Knobs, *, say: Say = lambda _: None) -> Trial:
    """What a snapshot learned by the code of its day beside what this code learns from the same rows and cut-offs.

    BadInput where the snapshot has no vintage before the newest things.
    """
    rows, rules = published.market.rows, knobs.promotion
    held = hold_back(rows, rules)
    last = int(rows["day"].iloc[-1])
    cutoffs = [each.cutoff for each in published.vintages if each.cutoff < last]
    if not any(cutoff <= held.cutoffs[-1] for cutoff in cutoffs):
        raise BadInput(f"the snapshot learned nothing before {day_date(held.cutoffs[-1])}: there is nothing to compare")
    say(f"{len(held.cases)} things first seen after {day_date(held.cutoffs[-1])} are valued by both")
    old = _errors(published, held.cases)
    new = _learned(rows, knobs, Held(held.cases, cutoffs), published.levels.side.drivers)
    return decide(held.cases, old, new, rules, day_date(held.cutoffs[-1]).isoformat())


def _learned(rows: pd.DataFrame, knobs: Knobs, held: Held, drivers: Drivers | None) -> np.ndarray:
    learned = learn(rows, knobs, code_version="trial", cutoffs=held.cutoffs, drivers=drivers)
    return _errors(learned, held.cases)


def _errors(learned: Learned, cases: pd.DataFrame) -> np.ndarray:
    """|ln value − ln price| of each case, valued as of the day before it was seen; NaN where unknown."""
    from models.evaluation.evaluate import answers

    value = answers(learned, cases, cases["day"].to_numpy() - 1, forward=True)[0]
    out: np.ndarray = np.abs(np.log(value) - cases["ln_price"].to_numpy(float))
    return out


def decide(cases: pd.DataFrame, old: np.ndarray, new: np.ndarray, rules: PromotionKnobs, since: str) -> Trial:
    """The decision table of two sets of errors on the same cases (`category` and `product` name their groups)."""
    both = np.isfinite(old) & np.isfinite(new)
    lost = int((np.isfinite(old) & ~np.isfinite(new)).sum() - (np.isfinite(new) & ~np.isfinite(old)).sum())
    was, now = np.minimum(old[both], 1.0), np.minimum(new[both], 1.0)
    products = cases["product"].to_numpy(object)[both]
    categories = cases["category"].to_numpy(object)[both]
    rows, hurt = [_compared("all", was, now, products, rules)], []
    for category in pd.unique(categories):
        chosen = categories == category
        if chosen.sum() >= rules.segment:
            rows.append(_compared(str(category), was[chosen], now[chosen], products[chosen], rules))
            if rows[-1]["change"] > rules.worse and rows[-1]["low"] > 0:
                hurt.append(f"{category} ({100 * rows[-1]['change']:+.1f} %)")
    whole = rows[0]
    better, worse = whole["high"] < 0, whole["low"] > 0
    if lost > 0.01 * len(cases):
        hurt.append(f"{lost} things more are left without a value")
    return Trial(
        rows, better and not hurt, worse or bool(hurt), _why(whole, better, worse, hurt), int(both.sum()), since
    )


def _why(whole: dict[str, Any], better: bool, worse: bool, hurt: list[str]) -> str:
    told = f"mean error {whole['old']:.4f} → {whole['new']:.4f} ({100 * whole['change']:+.1f} %) on {whole['n']} things"
    said = "better beyond chance" if better else "worse beyond chance" if worse else "no better than chance makes it"
    return f"{said}: {told}" + (f"; worse off: {', '.join(hurt)}" if hurt else "")


def _compared(
    name: str, was: np.ndarray, now: np.ndarray, products: np.ndarray, rules: PromotionKnobs
) -> dict[str, Any]:
    """One row: errors, their change as a share, and the bootstrap's bounds of it."""
    base = max(float(was.mean()), 1e-9) if len(was) else 1.0
    low, high = _bounds((now - was) / base, products, rules.sure) if len(was) else (0.0, 0.0)
    change = float((now - was).mean()) / base if len(was) else 0.0
    middle = (float(np.median(was)), float(np.median(now))) if len(was) else (0.0, 0.0)
    return {
        "segment": name, "n": len(was), "old": base, "new": base * (1 + change), "change": change, "low": low,
        "high": high, "old_median": middle[0], "new_median": middle[1],
    }  # fmt: skip


def _bounds(differences: np.ndarray, products: np.ndarray, sure: float) -> tuple[float, float]:
    """Bounds of the mean by a bootstrap that draws products."""
    _, place = np.unique(products.astype(str), return_inverse=True)
    sums, sizes = np.bincount(place, differences), np.bincount(place)
    if len(sums) < 2:
        return -np.inf, np.inf
    weights = np.random.default_rng(7).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=_DRAWS)
    means = (weights @ sums) / np.maximum(weights @ sizes, 1)
    low, high = np.quantile(means, [(1 - sure) / 2, (1 + sure) / 2])
    return float(low), float(high)

"""Out-of-sample quality: every case is an item the models never saw, valued with what was known the day before.

Items are dealt into folds by a hash. For each fold everything (vintages, levels, comparables) is learned anew without
its items; the fold's items are then valued, forward in time, through the valuer itself, at the prices of the time after
the first cut-off. One item is one case: its newest observation. Baselines get the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.market import day_date, last_of_each_listing
from models.answers.currency import Rates
from models.answers.value import Published, Valuer
from models.base.trees import fold_of
from models.evaluation import baselines
from models.evaluation.met import understanding_of
from models.evaluation.metrics import rounded, summary
from models.knobs import Knobs
from models.level.state import Learned
from models.life.too_good import believable
from models.training import saved
from models.training.learn import learn
from warehouse.errors import BadInput
from warehouse.valuation import ValuationRequest

KATY = "katy"
_MOST_CASES = 4000
_LEAST_CASES = 30
_SHARES = (0.45, 0.6, 0.8)  # cut-offs, as shares of the cases in order of time; cases start behind the second


@dataclass(frozen=True)
class Plan:
    """When is learned and what is tested: cut-offs (empty: the data has no time to go forward in) and the cases."""

    cutoffs: list[int]
    cases: pd.DataFrame
    notes: list[str]


def evaluate(snapshot: Published, *, folds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """The report on a snapshot's data: notes, the number of cases, and a table of measures by category and model.

    Raises BadInput where there are too few items to test anything.
    """
    learned = saved.load(snapshot.path)
    rows, said = believable(learned.market.rows)
    report = evaluate_rows(rows, learned.knobs, folds=folds, say=say)
    return report | {"notes": [*said, *report["notes"]]}


def evaluate_rows(rows: pd.DataFrame, knobs: Knobs, *, folds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """`evaluate` on a market table."""
    plan = plan_of(rows)
    results = []
    for held in range(folds):
        cases = plan.cases[fold_of("evaluate " + plan.cases["listing"].astype(str), folds) == held]
        if len(cases) == 0:
            continue
        say(f"fold {held + 1} of {folds}: {len(cases)} items to value")
        known = rows[fold_of("evaluate " + rows["listing"].astype(str), folds) != held].reset_index(drop=True)
        results.append(_one_fold(known, cases.reset_index(drop=True), plan, knobs))
    outcome = pd.concat(results, ignore_index=True)
    return {
        "cases": len(outcome),
        "answered": int(np.isfinite(outcome[KATY]).sum()),
        "folds": folds,
        "notes": plan.notes,
        "table": report(outcome),
    }


def plan_of(rows: pd.DataFrame) -> Plan:
    """Cut-offs and cases of a market table."""
    items = last_of_each_listing(rows)
    if len(items) < 2 * _LEAST_CASES:
        raise BadInput(f"there are {len(items)} items; at least {2 * _LEAST_CASES} are needed to test on unseen ones")
    days = np.sort(items["day"].to_numpy())
    cutoffs = sorted({int(days[int(share * (len(days) - 1))]) for share in _SHARES})
    later = items[items["day"] > cutoffs[min(1, len(cutoffs) - 1)]]
    notes = []
    if len(later) < _LEAST_CASES:
        notes.append("The data has too little time to go forward in: folds by item only, all at the data's own end.")
        cutoffs, later = [], items
    elif len(later) < len(items):
        notes.append(f"Cases are the {len(later)} items last seen after {day_date(cutoffs[min(1, len(cutoffs) - 1)])}.")
    if len(later) > _MOST_CASES:
        rank = pd.util.hash_array(("sample " + later["listing"].astype(str)).to_numpy(object).astype(str))
        later = later.iloc[np.sort(np.argsort(rank, kind="stable")[:_MOST_CASES])]
        notes.append(f"Of these a sample of {_MOST_CASES}, chosen by hash.")
    return Plan(cutoffs, later, notes)


def _one_fold(known: pd.DataFrame, cases: pd.DataFrame, plan: Plan, knobs: Knobs) -> pd.DataFrame:
    forward = bool(plan.cutoffs)
    learned = learn(known, knobs, code_version="evaluation", cutoffs=plan.cutoffs)
    days = cases["day"].to_numpy() - 1 if forward else np.full(len(cases), int(known["day"].max()))
    out = pd.DataFrame({"category": cases["category"], "price": np.exp(cases["ln_price"].to_numpy(float))})
    value, low, high, _ = answers(learned, cases, days, forward=forward)
    out[KATY], out["low"], out["high"] = value, low, high
    # The ridge is fitted once for each cut-off, as the models are; the other two look at all rows up to the day.
    starts = [int(known["day"].iloc[0]) - 1, *plan.cutoffs] if forward else [int(known["day"].max())]
    block = np.searchsorted(starts, days, side="right") - 1
    for name in baselines.NAMES:
        out[name] = np.nan
    out["comparables median"] = np.exp(baselines.comparables_median(learned.market.index, known, cases, days))
    for number in np.unique(block):
        chosen = block == number
        then = known[known["day"] <= (starts[number] if forward else days.max())]
        out.loc[chosen, "category median"] = np.exp(baselines.category_median(then, cases[chosen]))
        out.loc[chosen, "ridge on text"] = np.exp(baselines.text_ridge(then, cases[chosen]))
    return out


def valuer_of(learned: Learned) -> Valuer:
    """A valuer of what was learned, that takes questions for the products that the market's wordings are."""
    return Valuer(
        learned,
        Rates(learned.knobs.anchor),
        snapshot_id="evaluation",
        code_version="evaluation",
        understanding=understanding_of(learned.market.rows),
    )


def answers(
    learned: Learned, cases: pd.DataFrame, days: np.ndarray, *, forward: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The valuer's answers, in the kind of price each case is: value, interval, and the weight that comparables had in
    it; NaN where unknown."""
    valuer = valuer_of(learned)
    requests = [
        request_of(case, None if not forward else int(day))
        for (_, case), day in zip(cases.iterrows(), days, strict=True)
    ]
    out = np.full((4, len(cases)), np.nan)
    for place, answer in enumerate(valuer.value_many(requests)):
        if answer.fmv is None or answer.low is None or answer.high is None:
            continue
        vintage = learned.vintage(int(days[place]))
        asking = cases["kind"].iat[place] == "asking" and vintage is not None
        gap = vintage.effects.of_gap(str(cases["category"].iat[place])) if asking and vintage is not None else 0.0
        out[:3, place] = np.array([float(answer.fmv), float(answer.low), float(answer.high)]) * np.exp(gap)
        out[3, place] = float(str(answer.subject.understood.get("comparables_weight", "nan")))
    return out[0], out[1], out[2], out[3]


def request_of(case: Any, day: int | None) -> ValuationRequest:
    """A market row as the question somebody would ask about it, its price left out."""
    attributes = {str(name): str(text) for name, text in case["attributes"].items()}
    for name in ("category", "brand", "gtin", "mpn"):
        if isinstance(case.get(name), str) and case[name]:
            attributes[name] = case[name]
    if np.isfinite(case["ln_list"]):
        attributes["list_price"] = f"{np.exp(case['ln_list']):.2f}"
    return ValuationRequest(
        text=str(case["title"])[:2000],
        attributes=attributes,
        condition=case["condition"] if isinstance(case["condition"], str) and case["condition"] else None,
        region=case["region"] or None,
        as_of=None if day is None else day_date(day),
    )


def report(outcome: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per category and model, all categories together first; each model on the cases that Katy answered."""
    answered = outcome[np.isfinite(outcome[KATY])]
    groups: list[tuple[str, pd.DataFrame]] = [("all", answered)]
    groups += sorted(answered.groupby("category"), key=lambda item: (-len(item[1]), str(item[0])))
    rows = []
    for category, part in groups:
        price = part["price"].to_numpy(float)
        for model in (KATY, *baselines.NAMES):
            bounds = (part["low"].to_numpy(float), part["high"].to_numpy(float)) if model == KATY else (None, None)
            measures = summary(part[model].to_numpy(float), price, *bounds)
            rows.append({"category": str(category), "model": model, **rounded(measures)})
    return rows

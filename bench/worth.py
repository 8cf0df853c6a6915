"""How well unseen things are valued, beside what a good analyst would try on the same rows.

    katy bench worth DATA_FOLDER [--only pc|ebay|…] [--folds 5] [--automl MINUTES] [--json FILE]

Items are dealt into folds; what Katy learns, she learns anew without a fold's items, whose newest prices are the cases.
Values come through the valuer itself. *Without comparables* is the hedonic model alone. MdAPE is the median absolute
percentage error; COD, PRD and PRB are those of the IAAO Standard on Ratio Studies (2013), whose bands are COD 5–15, PRD
0.98–1.03, PRB ±0.05. FLAML is optional and gets its minutes for each fold.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from bench import worth_peers
from bench.worth_data import DATA_SETS, DataSet, cases_of, market_of, prepared
from models.base.trees import fold_of
from models.evaluation import baselines, evaluate
from models.evaluation.metrics import rounded, summary
from models.knobs import Knobs, default_knobs
from models.training.learn import learn
from warehouse.errors import BadInput

SHOWN = ("MdAPE", "PPE10", "PPE20", "RMSLE", "COD", "PRD", "PRB", "coverage90", "width90")
WITHOUT = "katy without comparables"
console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


def main(argv: list[str] | None = None) -> int:
    asked = _arguments(argv)
    figures = measure(asked.folder, only=asked.only, folds=asked.folds, automl=asked.automl)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1), "utf-8")
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="katy bench worth", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="the folder with the data files, at any depth")
    parser.add_argument("--only", choices=sorted({d.name for d in DATA_SETS} | {d.group for d in DATA_SETS}))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--automl", type=float, metavar="MINUTES", help="FLAML's minutes for each fold")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    return parser.parse_args(argv)


def measure(folder: Path, *, only: str | None, folds: int, automl: float | None = None) -> dict[str, Any]:
    """The figures of each data set there is below `folder`, printed as they come; BadInput for none."""
    figures: dict[str, Any] = {}
    read: dict[tuple[str, str], pd.DataFrame | None] = {}
    for data in DATA_SETS:
        if only not in (None, data.name, data.group):
            continue
        key = (data.pattern, data.newest)
        if key not in read:
            read[key] = market_of(folder, data, lambda said: console.print(said, markup=False, style="dim"))
        rows = read[key]
        if rows is not None:
            figures[data.name] = one(prepared(rows, data), data, folds, automl)
    if not figures:
        raise BadInput(f"{folder} has none of the files that are measured: {', '.join(d.pattern for d in DATA_SETS)}")
    return figures


def one(rows: pd.DataFrame, data: DataSet, folds: int, automl: float | None) -> dict[str, Any]:
    """All models on one data set."""
    started = time.perf_counter()
    cases = cases_of(rows)
    fold = fold_of("evaluate " + cases["listing"].astype(str), folds)
    seen = fold_of("evaluate " + rows["listing"].astype(str), folds)
    parts = []
    for held in range(folds):
        known = rows[seen != held].reset_index(drop=True)
        parts.append(values(known, cases[fold == held].reset_index(drop=True), default_knobs(), data, automl))
    outcome = pd.concat(parts, ignore_index=True)
    report = table_of(outcome)
    _show(data, report, outcome, time.perf_counter() - started)
    told = {"what": data.what, "cases": len(outcome), "folds": folds, **refusals(outcome)}
    return {**told, "table": report, "evidence": widths(outcome)}


def values(known: pd.DataFrame, cases: pd.DataFrame, knobs: Knobs, data: DataSet, automl: float | None) -> pd.DataFrame:
    """Price, Katy's value and interval and each peer's value of each case, learned from `known`."""
    learned = learn(known, knobs, code_version="bench", cutoffs=[])
    days = np.full(len(cases), int(known["day"].max()))
    out = pd.DataFrame({"category": cases["category"], "price": np.exp(cases["ln_price"].to_numpy(float))})
    out[evaluate.KATY], out["low"], out["high"], out["evidence"] = evaluate.answers(learned, cases, days, forward=False)
    vintage = learned.vintages[-1]
    out[WITHOUT] = np.exp(vintage.hedonic.predict(cases) + vintage.effects.adjustment(cases))
    latest = cases_of(known)
    pieces = data.group == "ebay"
    target, texts, asked = latest["ln_price"].to_numpy(float), worth_peers.text_of(latest), worth_peers.text_of(cases)
    logs = {
        "category median": baselines.category_median(known, cases),
        "comparables median": baselines.comparables_median(learned.market.index, known, cases, days),
        "ridge on words": worth_peers.ridge(texts, target, asked),
        "ridge under LightGBM": worth_peers.stacked(latest, cases, pieces=pieces),
    }
    if pieces:
        logs["ridge on pieces"] = worth_peers.ridge(texts, target, asked, pieces=True)
    if automl is not None:
        logs["FLAML"] = worth_peers.automl(latest, cases, automl)
    return out.assign(**{name: np.exp(value) for name, value in logs.items()})


def table_of(outcome: pd.DataFrame) -> list[dict[str, Any]]:
    """One row for each model, all on the cases that Katy answered."""
    answered = outcome[np.isfinite(outcome[evaluate.KATY])]
    price = answered["price"].to_numpy(float)
    models = [name for name in outcome.columns if name not in ("category", "price", "low", "high", "evidence")]
    report = []
    for model in models:
        bounds = [answered[name].to_numpy(float) if model == evaluate.KATY else None for name in ("low", "high")]
        report.append({"model": model, **rounded(summary(answered[model].to_numpy(float), price, *bounds))})
    return report


def refusals(outcome: pd.DataFrame) -> dict[str, Any]:
    """How many cases Katy answered, and its median error where each refusal counts as wrong without bound: who leaves
    out what is hard has smaller errors on the rest."""
    error = np.abs(outcome[evaluate.KATY].to_numpy(float) / outcome["price"].to_numpy(float) - 1.0)
    answered = np.isfinite(error)
    return {
        "answered": int(answered.sum()),
        "MdAPE of all": round(float(np.median(np.where(answered, error, np.inf))), 4),
    }


def widths(outcome: pd.DataFrame) -> list[dict[str, Any]]:
    """Coverage and width of the intervals by the weight that comparables had: little evidence must make them wide."""
    answered = outcome[np.isfinite(outcome[evaluate.KATY])]
    edges = [-0.001, 0.2, 0.4, 0.6, 0.8, 1.0]
    out = []
    for low, high in itertools.pairwise(edges):
        part = answered[(answered["evidence"] > low) & (answered["evidence"] <= high)]
        if len(part) >= 20:
            arrays = (part[name].to_numpy(float) for name in (evaluate.KATY, "price", "low", "high"))
            out.append({"weight up to": high, **rounded(summary(*arrays))})
    return out


def _show(data: DataSet, report: list[dict[str, Any]], outcome: pd.DataFrame, seconds: float) -> None:
    told = refusals(outcome)
    title = (
        f"{data.name}: {data.what} ({len(outcome)} items, {told['answered']} answered; "
        f"MdAPE with refusals as misses {told['MdAPE of all']:.3f}; {seconds:.0f} s)"
    )
    table = Table("model", *SHOWN, title=title, title_justify="left")
    for row in report:
        table.add_row(str(row["model"]), *("" if row.get(name) is None else f"{row[name]:.3f}" for name in SHOWN))
    console.print(table)
    by = Table("weight up to", "n", "MdAPE", "coverage90", "width90")
    for row in widths(outcome):
        by.add_row(
            str(row["weight up to"]), str(row["n"]), *(f"{row[n]:.3f}" for n in ("MdAPE", "coverage90", "width90"))
        )
    console.print(by)


if __name__ == "__main__":
    sys.exit(main())

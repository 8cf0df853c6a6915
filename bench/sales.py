"""Values of things that trade often: each sale of some months valued with what was known the day before it.

The file goes through the real importer into a data folder of its own; vintages are learned at month ends, forward in
time; comparables and levels run up to the day before each sale. Beside Katy, computed in the same run: the median of
the last five earlier sales of the same thing (title and the attributes named by --same), its last sale, the median of
its category and, with --automl, FLAML (bench.sales_peers).

    katy bench sales FILE --map "title=Sneaker Name" --map "size=Shoe Size" … --same size --months 2018-09 2018-10
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.drill_home import katy
from bench.sales_baselines import baselines
from bench.sales_peers import automl
from features.market import day_number
from flows.pipeline import Run
from katy.context import console
from models.answers.value import Valuer
from models.evaluation.evaluate import request_of, valuer_of
from models.evaluation.metrics import MEASURES, rounded, summary
from models.knobs import default_knobs
from models.training.learn import learn
from warehouse.home import Home

_NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
_SINGLE = 60  # valuations asked one by one, for the latency


def market_table(file: Path, folder: Path, maps: Sequence[str], kind: str, currency: str) -> pd.DataFrame:
    """The market table of a file, through the importer and the pipeline's own steps up to it."""
    home = folder / "home"
    mapped = [word for each in maps for word in ("--map", each)]
    told = ["--source", "bench", "--kind", kind, "--currency", currency]
    katy(home, "import", "listings", str(file), *told, *mapped)
    with Run(
        Home(home), anchor=currency, clock=lambda: _NOW, say=lambda text: None, code_version="bench"
    ) as run:  # fmt: skip
        run.load()
        run.read()
        return run.rows


def bounds(months: Sequence[str]) -> tuple[int, int]:
    """First day of the first month and first day after the last, in days since 1970. Raises ValueError otherwise."""
    first, last = (date.fromisoformat(f"{month}-01") for month in (min(months), max(months)))
    after = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    return day_number(first), day_number(after)


def valued(rows: pd.DataFrame, cases: pd.DataFrame, currency: str) -> tuple[pd.DataFrame, dict[str, float]]:
    """Katy's answers to the cases as of the day before each (NaN: unknown), and what they took."""
    started = time.perf_counter()
    knobs = default_knobs().model_copy(update={"anchor": currency})
    known = rows[rows["day"] < cases["day"].max()].reset_index(drop=True)
    learned = learn(known, knobs, code_version="bench", say=lambda text: console.print(text, markup=False))
    took = {"learning_s": time.perf_counter() - started}
    valuer = valuer_of(learned)
    requests = [request_of(case, int(day) - 1) for (_, case), day in zip(cases.iterrows(), cases["day"], strict=True)]
    started = time.perf_counter()
    answers = valuer.value_many(requests)
    took["valuing_s"] = time.perf_counter() - started
    out = pd.DataFrame(
        {
            name: [float(text) if (text := getattr(each, name)) is not None else float("nan") for each in answers]
            for name in ("fmv", "market_value", "low", "high")
        }
    )
    took |= _latency(valuer, requests)
    return out, took


def _latency(valuer: Valuer, requests: list[Any]) -> dict[str, float]:
    """Seconds of one valuation asked alone, and of a batch of 2,000 of one day."""
    last = [each.model_copy(update={"as_of": requests[-1].as_of}) for each in requests]
    singles = []
    for each in last[-_SINGLE:]:
        started = time.perf_counter()
        valuer.value(each)
        singles.append(time.perf_counter() - started)
    batch = (last * (2000 // len(last) + 1))[:2000]
    started = time.perf_counter()
    valuer.value_many(batch)
    return {
        "one_ms_median": 1000 * float(np.median(singles)),
        "one_ms_p95": 1000 * float(np.quantile(singles, 0.95)),
        "batch_of_2000_s": time.perf_counter() - started,
    }


def table(ours: pd.DataFrame, plain: pd.DataFrame, price: np.ndarray) -> list[dict[str, Any]]:
    """Measures of every model on the cases that all of them answer, and Katy's on all that it answers."""
    everywhere = np.isfinite(plain).all(axis=1).to_numpy() & np.isfinite(ours["fmv"]).to_numpy()
    answered = np.isfinite(ours["fmv"]).to_numpy()
    out = []
    for where, chosen in (("answered by all", everywhere), ("answered by Katy", answered)):
        low, high = (ours[name].to_numpy(float)[chosen] for name in ("low", "high"))
        for name in ("fmv", "market_value"):
            measured = summary(ours[name].to_numpy(float)[chosen], price[chosen], low, high)
            out.append({"cases": where, "model": f"katy {name}", **rounded(measured)})
        if where == "answered by all":
            for name in plain:
                measured = summary(plain[name].to_numpy(float)[chosen], price[chosen])
                out.append({"cases": where, "model": str(name), **rounded(measured)})
    return out


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="sales: CSV (also .gz), JSON Lines, Parquet or XLSX")
    parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN")
    parser.add_argument("--same", nargs="*", default=[], help="attributes that make a thing the same, beside its title")
    parser.add_argument("--months", nargs="+", required=True, metavar="YYYY-MM", help="months whose sales are valued")
    parser.add_argument("--kind", default="sold")
    parser.add_argument("--currency", default="USD")
    parser.add_argument("--sample", type=int, default=0, help="so many sales, chosen by hash; 0: all")
    parser.add_argument("--automl", type=float, metavar="MINUTES", help="FLAML beside it, given so many minutes")
    parser.add_argument("--json", type=Path)
    return parser.parse_args(words)


def main() -> int:
    asked = arguments()
    first, after = bounds(asked.months)
    with tempfile.TemporaryDirectory() as folder:
        rows = market_table(asked.file, Path(folder), asked.map, asked.kind, asked.currency)
    rows = rows[rows["day"] < after].reset_index(drop=True)
    cases = rows[(rows["day"] >= first) & (rows["kind"] == asked.kind)]
    if asked.sample and asked.sample < len(cases):
        rank = pd.util.hash_array(cases["listing"].to_numpy(object).astype(str))
        cases = cases.iloc[np.sort(np.argsort(rank, kind="stable")[: asked.sample])]
    if len(cases) == 0:
        console.print(f"no sale of {', '.join(asked.months)} is in {asked.file}: nothing to value")
        return 1
    plain = baselines(rows, cases, asked.same)
    if asked.automl is not None:
        plain["FLAML"] = automl(rows, cases, asked.same, asked.automl)
    ours, took = valued(rows, cases, asked.currency)
    report = table(ours, plain, np.exp(cases["ln_price"].to_numpy(float)))
    took["memory_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    _show(report, took)
    if asked.json:
        told = {"rows": len(rows), "cases": len(cases), "table": report, "took": took}
        asked.json.write_text(json.dumps(told, indent=2), "utf-8")
    return 0


def _show(report: list[dict[str, Any]], took: dict[str, float]) -> None:
    from rich.table import Table

    # Models side by side: nine measures beside one another are too wide to read.
    for where in dict.fromkeys(str(row["cases"]) for row in report):
        models = [row for row in report if row["cases"] == where]
        shown = Table("", *(str(row["model"]) for row in models), title=f"Valued the day before; cases {where}")
        for name in MEASURES:
            if any(row.get(name) is not None for row in models):
                shown.add_row(name, *("" if row.get(name) is None else str(row[name]) for row in models))
        console.print(shown)
    console.print(", ".join(f"{name} {value:.4g}" for name, value in took.items()), markup=False)

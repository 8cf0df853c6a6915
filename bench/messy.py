"""How well things of messy, unknown tables are valued after a plain import, beside the least error there can be.

    katy bench messy [TABLE …] [--held-out] [--rows 1500] [--folds 3] [--json FILE]

Tables are made up from known price laws with known noise, in the shapes that people publish (`bench.messy_shapes` and
its neighbours). Each is written to a file, imported with nothing said but what a person must (a currency that stands
nowhere), and the things of one fold are valued from the others. *Floor* is the median error of a valuer who knows the
law: 0.6745 times the noise. *Blind* is what was measured of a held-out table before anything was mended on it.
*LightGBM* gets the file's own columns as they are read without cleaning: numbers as numbers, the rest as words.
*Prices right* is the share of the market's prices that are a row's true one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from bench.messy_held_out import BLIND
from bench.worth_messy import FLOOR, HELD_OUT, TABLES, Made, make
from flows.pipeline import Run
from models.base.trees import fold_of
from models.evaluation import evaluate
from models.knobs import default_knobs
from models.training.learn import learn
from spiders.files.importer import ImportOptions, import_listings
from warehouse.home import Home

console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="katy bench messy", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(TABLES)}; all of them without")
    parser.add_argument("--held-out", action="store_true", help="only the tables of the held-out group")
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("--folds", type=int, default=3, help="one of so many folds is valued, the others are known")
    parser.add_argument("--said", action="store_true", help="print what the import says of each table")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    asked = parser.parse_args(argv)
    unknown = set(asked.tables) - set(TABLES)
    if unknown:
        parser.error(f"no table {', '.join(sorted(unknown))}; there are: {', '.join(TABLES)}")
    figures = {}
    for name in asked.tables or (HELD_OUT if asked.held_out else TABLES):
        figures[name] = one(name, asked.rows, asked.folds, said=asked.said)
    console.print(table_of(figures))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1), "utf-8")
    return 0


def one(name: str, rows: int, folds: int, *, said: bool) -> dict[str, Any]:
    """The figures of one table."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="katy-bench-") as work:
        made = make(Path(work), name, rows)
        market, notes, reasons = imported(made, Path(work))
        raw = raw_columns(made)
    if said:
        for note in [*notes, str(dict(reasons)), str(dict(market.iloc[0]["attributes"])), str(market.iloc[0]["title"])]:
            console.print(note, markup=False, style="dim")
    figures = {"rows": len(made.prices), "market": len(market), "held back": sum(reasons.values())}
    figures |= {"prices right": right(made, market)} | valued(market, folds)
    figures |= {"floor": round(FLOOR, 4), "LightGBM": straightforward(raw, np.array(made.prices), folds)}
    if name in BLIND:
        figures["blind"] = BLIND[name] or "refused"
    figures |= {"categories": dict(Counter(market["category"]).most_common(3))}
    console.print(f"{name}: {figures} ({time.perf_counter() - started:.0f} s)", markup=False, style="dim")
    return figures


def imported(made: Made, folder: Path) -> tuple[pd.DataFrame, list[str], dict[str, int]]:
    """The market of a table that was imported plainly, what the import said, and what it held back by reason."""
    home = Home(folder / "home")
    options = ImportOptions(source="market", currency=made.shape.said, fallback_currency=made.shape.currency)
    report = import_listings(home, [made.path], options, clock=_now, say=lambda _: None)
    with Run(home, anchor=made.shape.currency, clock=_now, say=lambda _: None, code_version="bench") as run:
        run.load()
        run.read()
        return run.rows, report.notes, report.reasons


def right(made: Made, market: pd.DataFrame) -> float:
    """The share of the market's rows that have the price of one of the table's rows."""
    true = Counter(f"{np.log(price):.7f}" for price in made.prices if price > 0)
    found = Counter(f"{price:.7f}" for price in market["ln_price"])
    return round((true & found).total() / max(len(market), 1), 3)


def valued(market: pd.DataFrame, folds: int) -> dict[str, Any]:
    """The median error of what one fold is valued at, learned from the others, and the interval's coverage."""
    fold = fold_of("evaluate " + market["listing"].astype(str), folds)
    known, cases = (market[chosen].reset_index(drop=True) for chosen in (fold != 0, fold == 0))
    learned = learn(known, default_knobs(), code_version="bench", cutoffs=[])
    days = np.full(len(cases), int(known["day"].max()))
    value, low, high, _ = evaluate.answers(learned, cases, days, forward=False)
    price = np.exp(cases["ln_price"].to_numpy(float))
    answered = np.isfinite(value)
    inside = ((low <= price) & (price <= high))[answered]
    return {
        "Katy": _error(value[answered], price[answered]),
        "answered": round(float(answered.mean()), 3),
        "coverage90": round(float(inside.mean()), 3),
    }


def raw_columns(made: Made) -> pd.DataFrame:
    """The file as read without cleaning: columns of numbers, and words as categories."""
    shape = made.shape
    options: dict[str, Any] = {"sep": shape.delimiter, "encoding": shape.encoding, "decimal": shape.decimal}
    rows = pd.read_csv(made.path, skiprows=len(shape.before), **options).iloc[: len(made.prices)]
    rows = rows.drop(columns=[shape.price, *(["Price (in rupees)"] if "Price (in rupees)" in rows else [])])
    for name in rows.columns:
        if not pd.api.types.is_numeric_dtype(rows[name]):
            rows[name] = rows[name].astype(str).astype("category")
    rows.columns = pd.Index([f"c{place}" for place in range(len(rows.columns))])
    return rows


def straightforward(rows: pd.DataFrame, prices: np.ndarray, folds: int) -> float:
    """The median error of an untuned LightGBM on log price, over all rows that have a price."""
    import lightgbm

    priced = prices > 0
    rows, target = rows[priced].reset_index(drop=True), np.log(prices[priced])
    held = np.arange(len(rows)) % folds == 0
    options = {"verbosity": -1, "seed": 7, "num_threads": 1, "objective": "l1"}
    booster = lightgbm.train(options, lightgbm.Dataset(rows[~held], target[~held]), num_boost_round=300)
    return _error(np.exp(booster.predict(rows[held])), np.exp(target[held]))


def table_of(figures: dict[str, dict[str, Any]]) -> Table:
    """Everything as one table."""
    shown = ("market", "held back", "prices right", "floor", "Katy", "LightGBM", "answered", "coverage90", "blind")
    table = Table("table", *shown)
    for name, row in figures.items():
        told = [row.get(each, "") for each in shown]
        table.add_row(name, *(f"{each:.3f}" if isinstance(each, float) else str(each) for each in told))
    return table


def _error(value: np.ndarray, price: np.ndarray) -> float:
    return round(float(np.median(np.abs(value / price - 1))), 4)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())

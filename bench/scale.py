"""How learning and valuing grow with the market: time and memory from ten thousand to a million listings.

    katy bench scale [--listings 10000 100000 1000000] [--questions 4000] [--max-rows 400000] [--json FILE]

For each size a made-up market (bench/scale_market.py) is learned from as a run of the pipeline does, with two
cut-offs, trust, levels, drivers (demand and scarcity) and the store of vintages. The *last* vintage is the one that is
looked at: it has everything a vintage does, the replay of its predecessor among it. Beside it stand the very LightGBM
fits it made, made again bare on the same matrices, with the same settings. Then what was saved is opened by a new
process and valued from, beside a bare `predict` of the boosters on the same questions' matrix. Each part is a process
of its own, whose peak memory is its own. What a vintage learns from is limited to the newest `hedonic.max_rows`
listings; the table says how many. Times are by the clock, beside them the processor's (all threads), which other work
on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

SIZES = (10_000, 100_000, 1_000_000)
TIMES, GIGABYTES = 1.5, 8.0  # the limits
console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


def peak_gb() -> float:
    """The most memory this process has held so far, in GB (10⁹ bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def learned(folder: Path, listings: int, max_rows: int | None) -> dict[str, Any]:
    """Make the market, learn from it, save it; the last vintage's fits are written down in `folder`/fits."""
    import importlib

    from bench.scale_fits import Recorder
    from bench.scale_market import drivers, market
    from models.knobs import default_knobs
    from models.training import saved
    from models.training.store import VintageStore

    learning: Any = importlib.import_module("models.training.learn")  # whose `train` is looked at below
    started = time.perf_counter()
    rows = market(listings)
    made, empty_gb = time.perf_counter() - started, peak_gb()
    knobs = default_knobs()
    if max_rows is not None:
        knobs = knobs.model_copy(update={"hedonic": knobs.hedonic.model_copy(update={"max_rows": max_rows})})
    (folder / "fits").mkdir()
    store, last = VintageStore(folder / "vintages"), int(rows["day"].iloc[-1])
    ends, spent, recorder = [last - 30], [], Recorder(folder / "fits")
    plain, processor = learning.train, [0.0]

    def train(market: Any, levels: Any, cutoff: int, *more: Any) -> Any:
        begun, processor[0] = time.perf_counter(), time.process_time()
        if cutoff == last:
            with recorder:
                out = plain(market, levels, cutoff, *more)
        else:
            out = plain(market, levels, cutoff, *more)
        spent.append(time.perf_counter() - begun)
        processor[0] = time.process_time() - processor[0]
        return out

    learning.train = train
    started = time.perf_counter()
    known = drivers(rows)
    result = learning.learn(rows, knobs, code_version="bench", store=store, cutoffs=ends, drivers=known)
    whole = time.perf_counter() - started - recorder.writing
    learning.train = plain
    figures = {"made_seconds": made, "market_gb": empty_gb, "learn_seconds": whole, "peak_gb": peak_gb()}
    figures |= {"vintage_seconds": spent[-1] - recorder.writing, "lightgbm_seconds": recorder.inside}
    figures["vintage_processor"] = processor[0] - recorder.writing_processor
    figures |= {"earlier_vintages_seconds": sum(spent[:-1]), "vintages": len(spent)}
    figures |= {"rows": len(rows), "titles": len(result.market.index.titles), "taught": result.vintages[-1].listings}
    figures["products"] = int(rows["product"].nunique())
    started = time.perf_counter()
    saved.save(result, folder / "snapshot", store.folder)
    return figures | {"save_seconds": time.perf_counter() - started, "peak_gb_saved": peak_gb()}


def served(folder: Path, count: int) -> dict[str, Any]:
    """Open what was saved; values in a batch, one by one, and the boosters' bare predictions of the same questions."""
    import pandas as pd

    from bench.scale_market import questions
    from models.answers.asked import row_of
    from models.answers.currency import Rates
    from models.answers.value import Valuer
    from models.base.trees import threads
    from models.training import saved
    from warehouse.valuation import ValuationRequest

    started = time.perf_counter()
    known = saved.load(folder / "snapshot")
    opened = time.perf_counter() - started
    valuer = Valuer(known, Rates("USD"), snapshot_id="bench", code_version="bench")
    asked = [ValuationRequest.model_validate(each) for each in questions(known.market.rows, count + 300)]
    started = time.perf_counter()
    valuer.value(asked[0])
    first = time.perf_counter() - started
    started = time.perf_counter()
    answers = valuer.value_many(asked[:count])
    batch = time.perf_counter() - started
    alone = []
    for each in asked[count + 1 :]:
        started = time.perf_counter()
        valuer.value(each)
        alone.append(time.perf_counter() - started)
    day = known.levels.days[-1]
    frame = pd.DataFrame([row_of(each, each.as_of or _date(int(day)), valuer.rates) for each in asked[:count]])
    hedonic = known.vintages[-1].hedonic
    table, _, _ = hedonic.table(frame.assign(day=day))
    started = time.perf_counter()
    for booster in hedonic.boosters:
        booster.predict(table, num_threads=threads(len(table)))
    predict = time.perf_counter() - started
    p50, p95 = np.quantile(alone, (0.5, 0.95)) * 1000
    return {
        "open_seconds": opened, "first_seconds": first, "questions": count, "batch_per_second": count / batch,
        "predict_per_second": count / predict, "valued": sum(each.fmv is not None for each in answers),
        "p50_ms": float(p50), "p95_ms": float(p95), "peak_gb": peak_gb(),
    }  # fmt: skip


def _date(day: int) -> Any:
    from features.market import day_date

    return day_date(day)


def part(name: str, folder: Path, listings: int, count: int, max_rows: int | None) -> dict[str, Any]:
    """One part of a measurement, in this process."""
    from bench.scale_fits import bare

    if name == "learn":
        return learned(folder, listings, max_rows)
    return bare(folder / "fits") if name == "bare" else served(folder, count)


def measure(listings: int, count: int, max_rows: int | None) -> dict[str, Any]:
    """All figures of one size, each part in a process of its own."""
    figures: dict[str, Any] = {"listings": listings}
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        for each in ("learn", "bare", "serve"):
            console.print(f"{listings:,} listings: {each} …", style="dim")
            words = [each, name, str(listings), str(count), str(max_rows or "")]
            done = subprocess.run(
                [sys.executable, "-m", "bench.scale", "--part", *words], stdout=subprocess.PIPE, check=True
            )
            figures[each] = json.loads(done.stdout.splitlines()[-1])
    learn, bare = figures["learn"], figures["bare"]
    figures["times"] = learn["vintage_seconds"] / bare["seconds"]
    figures["times_processor"] = learn["vintage_processor"] / bare["processor"]
    console.print(json.dumps(figures), style="dim", soft_wrap=True, markup=False)
    return figures


def slope(sizes: list[int], values: list[float]) -> float:
    """The slope of a line through the logarithms: 1 is in proportion."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0]) if len(sizes) > 1 else math.nan


LINES = (
    ("rows learned from", "learn", "taught", "{:,}"),
    ("learning, 2 vintages, s", "learn", "learn_seconds", "{:.1f}"),
    ("last vintage, s", "learn", "vintage_seconds", "{:.1f}"),
    ("of it in LightGBM, s", "learn", "lightgbm_seconds", "{:.1f}"),
    ("the same fits bare, s", "bare", "seconds", "{:.1f}"),
    ("peak memory of learning, GB", "learn", "peak_gb", "{:.2f}"),
    ("of it the market table, GB", "learn", "market_gb", "{:.2f}"),
    ("open what was saved, s", "serve", "open_seconds", "{:.1f}"),
    ("first value after that, s", "serve", "first_seconds", "{:.1f}"),
    ("values a second, in a batch", "serve", "batch_per_second", "{:,.0f}"),
    ("bare predictions a second", "serve", "predict_per_second", "{:,.0f}"),
    ("one value, p50 ms", "serve", "p50_ms", "{:.0f}"),
    ("one value, p95 ms", "serve", "p95_ms", "{:.0f}"),
    ("peak memory of valuing, GB", "serve", "peak_gb", "{:.2f}"),
)


def show(found: list[dict[str, Any]]) -> bool:
    """The figures as a table; whether the largest market is within the limits."""
    sizes = [each["listings"] for each in found]
    table = Table("", *(f"{size:,}" for size in sizes), "slope", title="Growth with the number of listings")
    for words, each, name, form in LINES:
        values = [float(figures[each][name]) for figures in found]
        table.add_row(words, *(form.format(v if "," not in form else int(v)) for v in values), _slope(sizes, values))
    times = [figures["times"] for figures in found]
    table.add_row("last vintage / bare fits", *(f"{each:.2f}" for each in times), "")
    times = [figures["times_processor"] for figures in found]
    table.add_row("the same by processor time", *(f"{each:.2f}" for each in times), "")
    console.print(table)
    last = found[-1]
    if last["learn"]["taught"] < last["listings"]:
        console.print(
            f"The hedonic model of {last['listings']:,} listings, and with it the bare fits, was taught by the newest "
            f"{last['learn']['taught']:,} (knob hedonic.max_rows, copies once); trust, levels and comparables by all."
        )
    within: bool = last["times"] <= TIMES and last["learn"]["peak_gb"] < GIGABYTES
    console.print(
        f"{last['listings']:,} listings: {last['times']:.2f} times the bare fits (limit {TIMES}), "
        f"{last['learn']['peak_gb']:.2f} GB (limit {GIGABYTES:.0f}): {'within' if within else 'NOT within'} the limits."
    )
    return within


def _slope(sizes: list[int], values: list[float]) -> str:
    return f"{slope(sizes, values):.2f}" if len(sizes) > 1 and min(values) > 0 else ""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="katy bench scale", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--listings", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--questions", type=int, default=4000, help="valued in a batch")
    parser.add_argument("--max-rows", type=int, help="instead of the knob hedonic.max_rows")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--part", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.part:
        name, folder, listings, count, most = asked.part
        figures = part(name, Path(folder), int(listings), int(count), int(most) if most else None)
        sys.stdout.write(json.dumps(figures) + "\n")
        return 0
    found = [measure(size, asked.questions, asked.max_rows) for size in sorted(asked.listings)]
    within = show(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), "utf-8")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())

"""Whether intervals hold what they say, by category × price tier × amount of evidence.

    katy bench coverage [DATA_FOLDER | HOME] [--only scores|market|unseen|home|sales] [--json FILE]
    katy bench coverage --sales FILE --map "title=Name" … --months 2018-09 2018-10

*scores*: made-up scores that drift, walked through as vintages are, in seconds. *market*: a made-up market as a file,
imported, learned and published, then valued as of the day before each case from its titles alone. *unseen*: the tables
of `katy bench worth`, folds by item. *sales*: as `katy bench sales`. *home*: a data folder's own replayed cases, judged
by the intervals of the time before.

Each bin of 200 cases or more has a 95 % binomial interval (Clopper and Pearson 1934): at least 95 % of them should hold
0.90, and no bin of 2,000 or more should lie outside 88–92 %. Where days are known, the share that passes is told a
second time with the cases of a week taken as one another's kin (`bench/coverage_judge`). Width is the median of
(high − low)/value.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from bench.coverage_judge import CELLS, figures, pooled
from bench.coverage_made import made_market, made_scores, walked
from bench.drill_home import katy
from bench.sales import bounds, market_table
from bench.worth_data import DATA_SETS, cases_of, market_of, prepared
from flows.pipeline import Run
from models.answers.value import Valuer, open_valuer
from models.base.trees import fold_of
from models.evaluation.evaluate import request_of, valuer_of
from models.interval import evidence_class, tier
from models.knobs import Knobs, default_knobs
from models.level.state import Learned
from models.training.learn import learn
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.snapshot import current

_WORST = 8
_NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
PARTS = ("scores", "market", "unseen", "home", "sales")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder with data files, or a data folder of Katy's")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=[])
    parser.add_argument("--cases", type=int, default=30_000, help="of the made-up market, out of time")
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[1], help="of what is made up; several are told together"
    )
    parser.add_argument("--sales", type=Path, metavar="FILE")
    parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN")
    parser.add_argument("--months", nargs="+", default=[], metavar="YYYY-MM")
    parser.add_argument("--sample", type=int, default=12_000, help="so many sales, chosen by hash")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(words)


def main() -> int:
    asked, told = arguments(), {}
    knobs = default_knobs()
    wanted = asked.only or [name for name in PARTS if _there(name, asked)]
    for name in wanted:
        for what, outcome in _MEASURED[name](asked, knobs):
            told[what] = figures(outcome, knobs.interval.coverage)
            _show(what, told[what])
    if len(told) > 1:
        together = pooled(told)
        console.print(", ".join(f"{name} {value}" for name, value in together.items()), markup=False)
        told["together"] = together
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1), "utf-8")
    return 0


def _there(name: str, asked: argparse.Namespace) -> bool:
    if name == "sales":
        return asked.sales is not None
    home = asked.folder is not None and Home(asked.folder).landing.exists()
    return {"home": home, "unseen": asked.folder is not None and not home}.get(name, True)


def _scores(asked: argparse.Namespace, knobs: Knobs) -> list[tuple[str, pd.DataFrame]]:
    return [
        (f"made-up scores that drift, seed {seed}", walked(made_scores(seed, 33, 2500), knobs.interval))
        for seed in asked.seed
    ]


def _market(asked: argparse.Namespace, knobs: Knobs) -> list[tuple[str, pd.DataFrame]]:
    return [(f"made-up market, seed {seed}", _made(seed, asked.cases, knobs)) for seed in asked.seed]


def _made(seed: int, asked_cases: int, knobs: Knobs) -> pd.DataFrame:
    """A file that is imported, learned and published as any other; sold prices after the first quarter of the time are
    asked about by their titles alone."""
    days = 420
    made = made_market(seed, days, round(asked_cases / (days * 0.7 * 0.75)))
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "market.csv"
        made.to_csv(file, index=False)
        katy(home, "import", "listings", str(file), "--source", "made")
        with Run(
            Home(home), anchor=knobs.anchor, clock=lambda: _NOW, say=_say, code_version="bench", knobs=knobs
        ) as run:  # fmt: skip
            for step in run.steps.values():
                step()
            rows, learned = run.rows, run.learned
        cases = rows[(rows["day"] > rows["day"].iloc[0] + days // 4) & (rows["kind"] == "sold")]
        valuer = open_valuer(current(Home(home)))
        return outcome_of(learned, cases, cases["day"].to_numpy() - 1, valuer)


def _unseen(asked: argparse.Namespace, knobs: Knobs) -> list[tuple[str, pd.DataFrame]]:
    """The tables of `katy bench worth`, whose items are dealt into folds; each fold's are valued without them."""
    out = []
    for data in DATA_SETS:
        rows = market_of(asked.folder, data, _say)
        if rows is not None:
            out.append((data.what, _by_folds(prepared(rows, data), knobs)))
    if not out:
        raise BadInput(f"{asked.folder} has none of {', '.join(sorted({data.pattern for data in DATA_SETS}))}")
    return out


def _by_folds(rows: pd.DataFrame, knobs: Knobs, folds: int = 5) -> pd.DataFrame:
    cases = cases_of(rows)
    of_case, of_row = (fold_of("evaluate " + each["listing"].astype(str), folds) for each in (cases, rows))
    parts = []
    for held in range(folds):
        known = rows[of_row != held].reset_index(drop=True)
        learned = learn(known, knobs, code_version="bench", cutoffs=[])
        parts.append(outcome_of(learned, cases[of_case == held], None))
    return pd.concat(parts, ignore_index=True)


def _sales(asked: argparse.Namespace, knobs: Knobs) -> list[tuple[str, pd.DataFrame]]:
    first, after = bounds(asked.months)
    with tempfile.TemporaryDirectory() as folder:
        rows = market_table(asked.sales, Path(folder), asked.map, "sold", knobs.anchor)
    rows = rows[rows["day"] < after].reset_index(drop=True)
    cases = rows[rows["day"] >= first]
    rank = pd.util.hash_array(cases["listing"].to_numpy(object).astype(str))
    cases = cases.iloc[np.sort(np.argsort(rank, kind="stable")[: asked.sample])]
    known = rows[rows["day"] < cases["day"].max()].reset_index(drop=True)
    learned = learn(known, knobs, code_version="bench", say=_say)
    return [(f"sales of {', '.join(asked.months)}", outcome_of(learned, cases, cases["day"].to_numpy() - 1))]


def _home(asked: argparse.Namespace, knobs: Knobs) -> list[tuple[str, pd.DataFrame]]:
    from models.training import saved

    scores = saved.load(current(Home(asked.folder)).path).vintages[-1].scores
    if "missed" not in scores or scores["missed"].notna().sum() == 0:
        raise BadInput(f"no replayed case in {asked.folder} was judged yet: that takes a second month of data")
    judged = scores[scores["missed"].notna()]
    return [("replayed cases", judged.assign(inside=judged["missed"] == 0, width=np.nan, week=judged["day"] // 7))]


def outcome_of(
    learned: Learned, cases: pd.DataFrame, days: np.ndarray | None, valuer: Valuer | None = None
) -> pd.DataFrame:
    """CELLS, whether the price lay inside, the relative width and the week, of the cases that were answered; asking
    prices are held against the value moved by the gap. `days` None: all as of the data's own end."""
    valuer = valuer or valuer_of(learned)
    asked = [int(learned.levels.days[-1])] * len(cases) if days is None else days.astype(int).tolist()
    requests = [
        request_of(case, None if days is None else day) for (_, case), day in zip(cases.iterrows(), asked, strict=True)
    ]
    rows = []
    for place, (answer, day) in enumerate(zip(valuer.value_many(requests), asked, strict=True)):
        if answer.fmv is None or answer.low is None or answer.high is None:
            continue
        vintage = learned.vintage(day)
        asking = cases["kind"].iat[place] == "asking" and vintage is not None
        category = str(cases["category"].iat[place])
        gap = vintage.effects.of_gap(category) if asking and vintage is not None else 0.0
        value, low, high = (float(each) for each in (answer.fmv, answer.low, answer.high))
        evidence = float(str(answer.subject.understood.get("evidence", 0.0)))
        above = float(cases["ln_price"].iat[place]) - gap
        inside = np.log(low) <= above <= np.log(high) if low > 0 else above <= np.log(high)
        cell = (category, int(tier(np.log(value))), int(evidence_class(evidence)))
        rows.append((*cell, bool(inside), (high - low) / value, day // 7))
    out = pd.DataFrame(rows, columns=[*CELLS, "inside", "width", "week"])
    return out if days is not None else out.drop(columns="week")


_MEASURED = {"scores": _scores, "market": _market, "unseen": _unseen, "home": _home, "sales": _sales}


def _say(text: str) -> None:
    console.print(text, markup=False, style="dim")


def _show(what: str, told: dict[str, Any]) -> None:
    from rich.table import Table

    names = (*CELLS, "cases", "coverage", "low", "high", "width", "passes", "passes_by_week")
    worst = sorted(told["by_bin"], key=lambda row: (row["passes"], -abs(row["coverage"] - 0.9)))[:_WORST]
    shown = Table(*names, title=f"{what}: the bins furthest off")
    for row in worst:
        shown.add_row(*(str(row[name]) for name in names))
    console.print(shown)
    console.print(", ".join(f"{name} {value}" for name, value in told.items() if name != "by_bin"), markup=False)

"""Price indices on real series, beside the weekly trimmed mean and the naive chain; a robust level beside a raw mean.

    katy bench index DATA_FOLDER [--plot FILE.svg] [--json FILE]

*True level*: weekly prices with quantities have a benchmark, the multilateral Törnqvist (CCDI) index. Each index is
computed without quantities, from all units and from a thinned assortment in which a unit is seen one week in three, and
told by its distance from the benchmark. *Tracking*: an index learned from half of the products moves the other half's
last seen prices to the next ones; the figure is the median absolute log error, beside "prices do not move".
*Contaminated series*: the raw monthly mean of three models beside the robust level of the month's last day.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from bench import index_series
from features.index.geks import chained
from features.index.panel import panel, solve
from features.index.window import published_index
from features.level import trimmed_mean

SEED = 11
console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
_AGGREGATES = "Total U.S.|California|Great Lakes|Midsouth|Northeast|Plains|South Central|Southeast|West"


def weekly_level(table: pd.DataFrame, *, kappa: float = 8.0, trim: float = 0.25) -> pd.Series:
    """The published level's own arithmetic on a bare panel: a trimmed mean of what each unit brought above expectation.

    A unit's expectation is the mean of its earlier log prices with the level of their time taken out; a unit seen for
    the first time says nothing. The mean is shrunk to the level before it by n/(n + kappa).
    """
    level, past, out = 0.0, {}, {}
    for period, rows in table.groupby("period", sort=True):
        found = [
            (unit, price, np.mean(past[unit]) if unit in past else None)
            for unit, price in zip(rows["unit"], rows["log_price"], strict=True)
        ]
        over = np.array([price - expected for _, price, expected in found if expected is not None])
        if len(over):
            weight = len(over) / (len(over) + kappa)
            level = weight * trimmed_mean(over, trim) + (1 - weight) * level
        for unit, price, _ in found:
            past.setdefault(unit, []).append(price - level)
        out[period] = level
    return pd.Series(out, name="level")


def ways(table: pd.DataFrame, window: int) -> dict[str, pd.Series]:
    """Every index of a table, each period from what was known then."""
    whole = panel(table)
    return {
        "GEKS-Jevons, window": published_index(table, window=window, method="geks"),
        "time-product-dummy, window": published_index(table, window=window, method="tpd"),
        "time-product-dummy, robust": published_index(table, window=window, method="robust"),
        "weekly trimmed mean": weekly_level(table),
        "chained Jevons": pd.Series(chained(whole), index=whole.periods),
    }


def avocados(folder: Path) -> pd.DataFrame:
    """Weekly prices and volumes by place and type, regions that hold other places left out."""
    rows = pd.read_csv(folder / "price_history" / "avocado_weekly_2015_2020.csv.gz")
    rows = rows[~rows["geography"].str.fullmatch(_AGGREGATES) & (rows["average_price"] > 0)]
    weeks = (pd.to_datetime(rows["date"]) - pd.Timestamp("1970-01-01")).dt.days // 7
    return pd.DataFrame(
        {
            "unit": rows["geography"] + " " + rows["type"],
            "period": weeks,
            "log_price": np.log(rows["average_price"]),
            "value": rows["average_price"] * rows["total_volume"],
        }
    )


def benchmark(table: pd.DataFrame) -> pd.Series:
    """The multilateral Törnqvist index over the whole time (Caves, Christensen and Diewert 1982): needs quantities."""
    prices, seen = panel(table), panel(table.assign(weight=table["value"]))
    share = seen.weight / seen.weight.sum(axis=0)
    count = len(prices.periods)
    moved = np.zeros((count, count))
    for first in range(count):
        both = (seen.weight[:, [first]] > 0) & (seen.weight > 0)
        mean = np.where(both, share[:, [first]] + share, 0.0)
        moved[first] = (mean * (prices.price - prices.price[:, [first]])).sum(axis=0) / mean.sum(axis=0)
    laplacian = count * np.eye(count) - 1.0
    return pd.Series(solve(laplacian, moved.sum(axis=0), 0), index=prices.periods)


def against_truth(table: pd.DataFrame, window: int) -> list[dict[str, Any]]:
    """Distance of each index from the benchmark, from all units and from a thinned assortment."""
    truth = benchmark(table)
    random = np.random.default_rng(SEED)
    thin = table[random.random(len(table)) < 1 / 3]
    rows = []
    for name, some in (("all units", table), ("a third, at random", thin)):
        for index, found in ways(some, window).items():
            both = pd.concat([truth, found], axis=1, keys=["truth", "index"]).dropna()
            apart = both["index"] - both["truth"]
            moves = both.diff().dropna()
            rows.append(
                {
                    "seen": name,
                    "index": index,
                    "RMSE of the level": float(np.sqrt((apart - apart.mean()).pow(2).mean())),
                    "RMSE of the weekly move": float(np.sqrt((moves["index"] - moves["truth"]).pow(2).mean())),
                    "apart at the end": float(apart.iloc[-1] - apart.iloc[0]),
                }
            )
    return rows


def sneakers(folder: Path) -> pd.DataFrame:
    """Weekly median sold price of each sneaker and size; the segment is the brand."""
    rows = pd.read_csv(folder / "listings" / "stockx_sales_2017-09_2018-10.csv.gz")
    rows.columns = [name.strip() for name in rows.columns]
    week = (pd.to_datetime(rows["Order Date"]) - pd.Timestamp("1970-01-05")).dt.days // 7
    table = pd.DataFrame(
        {
            "segment": rows["Brand"].str.strip(),
            "unit": rows["Sneaker Name"] + " " + rows["Shoe Size"].astype(str),
            "product": rows["Sneaker Name"],
            "period": week,
            "log_price": np.log(rows["Sale Price"]),
        }
    )
    return table.groupby(["segment", "product", "unit", "period"], as_index=False)["log_price"].median()


def parts(folder: Path) -> pd.DataFrame:
    """List prices of PC parts on eleven dates; the segment is the category."""
    rows = pd.read_csv(folder / "list_prices" / "pc_parts_2023-07_2024-05.csv.gz")
    rows = rows[rows["price_usd"] > 0]
    table = pd.DataFrame(
        {
            "segment": rows["category"],
            "unit": rows["category"] + rows["name"] + rows["spec_json"],
            "period": pd.factorize(rows["snapshot_date"], sort=True)[0],
            "log_price": np.log(rows["price_usd"]),
        }
    )
    table = table.groupby(["segment", "unit", "period"], as_index=False)["log_price"].median()
    return table.assign(product=table["unit"])


def tracking(table: pd.DataFrame, window: int) -> list[dict[str, Any]]:
    """How well each index, learned from half of a segment's products, moves the other half's prices."""
    errors: dict[str, list[np.ndarray]] = {}
    random = np.random.default_rng(SEED)
    for _, segment in table.groupby("segment", sort=True):
        products = segment["product"].unique()
        if len(products) < 4:
            continue
        half = set(random.permutation(products)[::2])
        inside = segment["product"].isin(half)
        for learned, asked in ((segment[inside], segment[~inside]), (segment[~inside], segment[inside])):
            steps = _steps(asked)
            errors.setdefault("prices do not move", []).append(steps["moved"].to_numpy())
            for name, index in ways(learned, window).items():
                filled = index.reindex(range(int(table["period"].min()), int(table["period"].max()) + 1)).ffill()
                said = steps["to"].map(filled).to_numpy() - steps["from"].map(filled).to_numpy()
                errors.setdefault(name, []).append(steps["moved"].to_numpy() - np.nan_to_num(said))
    cases = {name: np.concatenate(some) for name, some in errors.items()}
    return [
        {
            "index": name,
            "cases": len(some),
            "mean |log error|": float(np.abs(some).mean()),
            "median |log error|": float(np.median(np.abs(some))),
            "mean log error": float(some.mean()),
        }
        for name, some in cases.items()
    ]


def _steps(table: pd.DataFrame) -> pd.DataFrame:
    """Each price beside the unit's price before it, at least one period and at most eight earlier."""
    ordered = table.sort_values(["unit", "period"])
    before = ordered.groupby("unit")[["period", "log_price"]].shift()
    steps = pd.DataFrame(
        {"from": before["period"], "to": ordered["period"], "moved": ordered["log_price"] - before["log_price"]}
    ).dropna()
    return steps[steps["to"] - steps["from"] <= 8]


def show(title: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left")
    for name, cell in rows[0].items():
        table.add_column(name, justify="left" if isinstance(cell, str) else "right")
    for row in rows:
        table.add_row(*(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row.values()))
    console.print(table)


def main() -> int:
    asked = argparse.ArgumentParser(prog=sys.argv[0], description=__doc__.partition("\n")[0])
    asked.add_argument("folder", type=Path, help="the folder with the public data files")
    asked.add_argument("--window", type=int, default=53, help="periods of the rolling window")
    asked.add_argument("--plot", type=Path, help="draw the contaminated series there (.svg or .png)")
    asked.add_argument("--json", type=Path, help="also write the figures there")
    said = asked.parse_args()
    figures: dict[str, Any] = {
        "against the index with quantities": against_truth(avocados(said.folder), said.window),
        "tracking sneakers' sold prices, by week": tracking(sneakers(said.folder), said.window),
        "tracking PC parts' list prices, eleven dates": tracking(parts(said.folder), said.window),
        **index_series.figures(said.folder),
    }
    for title, rows in figures.items():
        show(title, rows)
    if said.plot:
        index_series.plot(said.folder, said.plot)
        console.print(f"drawn: {said.plot}", markup=False)
    if said.json:
        said.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

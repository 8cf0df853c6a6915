"""How current the prices are that Katy knows, by the rule for when to look again, at the same budget of looks.

    python -m bench.freshness [--quick] [--json FILE] [--deals FILE]

Items change their prices at rates of a realistic mixture: most hardly ever, some every few weeks, a few several times a
day. Every rule starts with one look at each item and then has the same number of looks. Freshness is the share of
(item, moment) pairs at which the last seen price is the current one. The rules:

    equal          every item in turn
    proportional   as often as it changes, true rates told: what seems right and is not (Cho and Garcia-Molina 2003)
    katy           spiders.agent.freshness, with rates learned from its own looks alone
    oracle         the same rule with the true rates: as good as it can be

`--deals` replays the real price changes of a table of offers scraped many times (columns item_url, price, timestamp).
A number after ± is the standard error over the seeds.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import json
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from spiders.agent.freshness import Evidence, expected_freshness, learn_rates, marginal, most_due

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
# Days: no item twice in six hours, and each at least every two months.
SHORTEST, LONGEST = 0.25, 60.0
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


@dataclass(frozen=True)
class Trace:
    """When every item changed. Change k of an item has the price `version[k]`; equal numbers are equal prices.

    `keys` are item × stride + day, sorted, so that one search finds the version of many items at any moment. Each item
    is there from `born` to `gone`, and its first version begins at `born`. `rates` are the true ones, where there
    are; `shortest` is the shortest time between two looks at one item, in days.
    """

    keys: Array
    version: Numbers
    stride: float
    born: Array
    gone: Array
    rates: Array | None
    shortest: float = SHORTEST

    def at(self, items: Numbers, day: float) -> Numbers:
        """The versions of the items at a moment."""
        return self.version[np.searchsorted(self.keys, items * self.stride + day, side="right") - 1]

    @classmethod
    def of(
        cls, days: Sequence[Array], versions: Sequence[Numbers], gone: Array, rates: Array | None, shortest: float
    ) -> Trace:
        stride = float(max(one[-1] for one in days) + gone.max() + 1)
        keys = np.concatenate([number * stride + one for number, one in enumerate(days)])
        return cls(keys, np.concatenate(versions), stride, np.array([one[0] for one in days]), gone, rates, shortest)


@dataclass
class Looks:
    """What a rule may know at a slot: the items there, the days since each was seen, and what looks have found."""

    here: Numbers
    ages: Array
    evidence: Evidence
    slot: int
    budget: int
    common: Array


Rule = Callable[[Looks, Trace], Numbers]


def equal(looks: Looks, trace: Trace) -> Numbers:
    return looks.here[np.argsort(-looks.ages[looks.here], kind="stable")][: looks.budget]


def proportional(looks: Looks, trace: Trace) -> Numbers:
    assert trace.rates is not None
    return _first(looks, looks.ages[looks.here] * trace.rates[looks.here])


def oracle(looks: Looks, trace: Trace) -> Numbers:
    assert trace.rates is not None
    return _first(looks, marginal(trace.rates[looks.here], looks.ages[looks.here]))


def _first(looks: Looks, worth: Array) -> Numbers:
    worth = np.where(looks.ages[looks.here] >= LONGEST, np.inf, worth)
    return looks.here[np.argsort(-worth, kind="stable")][: looks.budget]


def katy(looks: Looks, trace: Trace) -> Numbers:
    known = looks.evidence
    if looks.slot % 4 == 0 or not len(looks.common):
        looks.common = learn_rates(known)
    here = looks.here
    part = Evidence(known.changes[here], known.changed_days[here], known.unchanged_days[here])
    return here[most_due(looks.ages[here], part, looks.common, looks.budget, trace.shortest, LONGEST)]


def replay(trace: Trace, rule: Rule, slots: Array, per_day: float) -> Array:
    """The share of items that are current in the middle between each slot and the next, under a rule."""
    count = len(trace.born)
    items = np.arange(count)
    seen, seen_at = trace.at(items, 0.0), trace.born.copy()
    seen = np.where(trace.born > 0, trace.version[np.searchsorted(trace.keys, items * trace.stride + trace.born)], seen)
    zero = np.zeros(count)
    looks = Looks(items, zero, Evidence(zero.copy(), zero.copy(), zero.copy()), 0, 0, np.zeros(0))
    spent, fresh = 0.0, []
    for number, (day, after) in enumerate(itertools.pairwise(slots)):
        looks.slot, looks.here = number, np.flatnonzero((trace.born < day) & (trace.gone >= day))
        if not len(looks.here):
            continue
        # What is not spent of a share of a look is there the next time.
        spent += per_day * (day - (slots[number - 1] if number else 0.0)) * (len(looks.here) / count)
        looks.budget, looks.ages = int(spent), day - seen_at
        spent -= looks.budget
        chosen = rule(looks, trace)
        found = trace.at(chosen, day)
        changed, waited = found != seen[chosen], day - seen_at[chosen]
        looks.evidence.changes[chosen] += changed
        looks.evidence.changed_days[chosen] += waited * changed
        looks.evidence.unchanged_days[chosen] += waited * ~changed
        seen[chosen], seen_at[chosen] = found, day
        middle = (day + after) / 2
        there = np.flatnonzero((trace.born <= middle) & (trace.gone >= middle))
        fresh.append(float((trace.at(there, middle) == seen[there]).mean()) if len(there) else 1.0)
    return np.array(fresh)


def mixture(count: int, days: float, seed: int) -> Trace:
    """Items of a second-hand market: 60 % hardly change, 30 % every few weeks, 10 % every day and more often."""
    random = np.random.default_rng(seed)
    kind = random.choice(3, size=count, p=(0.6, 0.3, 0.1))
    typical = np.array([1 / 500, 1 / 20, 1.5])[kind]
    rates = np.clip(typical * random.lognormal(0.0, np.array([1.0, 0.8, 0.8])[kind]), 0.0, 24.0)
    times, versions = [], []
    for rate in rates:
        changes = np.sort(random.uniform(0, days, random.poisson(rate * days)))
        times.append(np.concatenate([[0.0], changes]))
        versions.append(np.arange(len(changes) + 1))
    return Trace.of(times, versions, np.full(count, days + 1), rates, SHORTEST)


def deals(path: Path) -> tuple[Trace, Array]:
    """The offers of a table that were seen at least three times, and the moments it was scraped at, in days."""
    seen: dict[str, dict[float, str]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            item, price = re.search(r"/itm/(\d+)", row["item_url"]), row["price"].replace("US ", "")
            if item and price:
                moment = datetime.fromisoformat(row["timestamp"]).timestamp() / 86_400
                seen[item[1]][moment] = price
    kept = [dict(sorted(offers.items())) for offers in seen.values() if len(offers) >= 3]
    start = min(next(iter(offers)) for offers in kept)
    names = {price: number for number, price in enumerate(sorted({p for offers in kept for p in offers.values()}))}
    times, versions = [], []
    for offers in kept:
        prices = np.array([names[price] for price in offers.values()])
        changed = np.flatnonzero(np.concatenate([[True], prices[1:] != prices[:-1]]))
        times.append((np.array(list(offers)) - start)[changed])
        versions.append(prices[changed])
    gone = np.array([max(offers) - start for offers in kept])
    slots = np.unique(np.array([moment - start for offers in kept for moment in offers]))
    return Trace.of(times, versions, gone, None, float(np.diff(slots).min())), slots


def synthetic(count: int, days: float, seeds: int, shares: Sequence[float]) -> list[dict[str, object]]:
    """One line for each budget (looks per item and day): each rule's mean freshness, of all days and the last third."""
    rules: dict[str, Rule] = {"equal": equal, "proportional": proportional, "katy": katy, "oracle": oracle}
    traces = [mixture(count, days, seed) for seed in range(seeds)]
    slots = np.arange(SHORTEST, days + SHORTEST / 2, SHORTEST)
    lines = []
    for share in shares:
        means: dict[str, list[float]] = defaultdict(list)
        ends: dict[str, list[float]] = defaultdict(list)
        for trace in traces:
            for name, rule in rules.items():
                fresh = replay(trace, rule, slots, share * count)
                means[name].append(float(fresh.mean()))
                ends[name].append(float(fresh[-len(fresh) // 3 :].mean()))
        line: dict[str, object] = {"looks_per_item_and_day": share}
        line |= {name: _told(values) for name, values in means.items()}
        line |= {"equal_last_third": _told(ends["equal"]), "katy_last_third": _told(ends["katy"])}
        line |= {"katy_minus_equal": _told([k - e for k, e in zip(means["katy"], means["equal"], strict=True)])}
        rates = [trace.rates for trace in traces if trace.rates is not None]
        line |= {
            "equal_by_formula": _told([float(expected_freshness(r, np.full(count, 1 / share)).mean()) for r in rates])
        }
        lines.append(line)
    return lines


def real(path: Path, shares: Sequence[float]) -> list[dict[str, object]]:
    """The same on real price changes: what share of the offers' prices was known, for every look at 1/share of them."""
    trace, slots = deals(path)
    lines: list[dict[str, object]] = []
    for share in shares:
        # A scrape of everything was made at every slot; the rules get this share of it.
        per_day = share * len(trace.born) * len(slots) / float(slots[-1])
        told = {
            name: float(replay(trace, rule, slots, per_day).mean()) for name, rule in (("equal", equal), ("katy", katy))
        }
        lines.append({"share_of_offers_per_scrape": share, **{k: round(v, 4) for k, v in told.items()}})
    return lines


def _told(values: Sequence[float]) -> dict[str, float]:
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return {"mean": round(statistics.fmean(values), 4), "error": round(error, 4)}


def _print(title: str, lines: list[dict[str, object]]) -> None:
    table = Table(title=title, title_justify="left")
    for name in lines[0]:
        table.add_column(name.replace("_", " "), justify="right")
    for line in lines:
        table.add_row(
            *(f"{v['mean']:.3f} ± {v['error']:.3f}" if isinstance(v, dict) else f"{v:g}" for v in line.values())
        )
    console.print(table)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="fewer items, days and seeds")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--deals", type=Path, help="a table of offers scraped many times, to replay")
    said = parser.parse_args(words)
    began = time.monotonic()
    size = (500, 20.0, 2) if said.quick else (5_000, 90.0, 3)
    figures: dict[str, object] = {"items": size[0], "days": size[1], "seeds": size[2]}
    figures["synthetic"] = lines = synthetic(*size, (0.02, 0.05, 0.1, 0.2, 0.5))
    _print(
        f"Mean freshness: {size[0]} items, {size[1]:g} days, {size[2]} seeds, floor one look in {LONGEST:g} days", lines
    )
    if said.deals:
        figures["real"] = lines = real(said.deals, (0.02, 0.05, 0.1, 0.2, 0.5))
        _print(f"Mean freshness on real changes: {said.deals.name}", lines)
    figures["seconds"] = round(time.monotonic() - began, 1)
    console.print(f"{figures['seconds']} seconds")
    if said.json:
        said.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

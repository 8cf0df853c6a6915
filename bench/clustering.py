"""Products from 100,000 listings: time, memory, how pure and how whole they are, and how stable.

    python -m bench.clustering --listings 100000

The listings are made from a fixed seed: made-up products over 400 days, each worded by several sellers who leave words
out, write codes with and without hyphens and add chatter; so the truth is known. They are of the same kinds of goods as
the pairs that teach before a warehouse has labels, and so easier than life; `katy bench matching` measures public sets.
Three runs are made: all but a tenth of the listings, then all with the links of the first run, then all anew.

Limits: 4 minutes for 100,000 listings with 2 cores, 4 GB; of the products of the first run 99 % keep their id.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import comb
from typing import Any

from rich.console import Console
from rich.table import Table

from features.identity import product_of
from features.matching.assign import Assigner
from features.matching.clusters import Link, Unit
from features.matching.prior import make_product, write
from features.matching.scorers import Scorers
from features.taxonomy import categorise

SEED, DAYS, SELLERS = 7, 400, 5
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def listings(count: int, seed: int = SEED) -> tuple[list[Unit], dict[str, int]]:
    """`count` listings as the keys they have, each at its first day, and the product each key was written of."""
    dice = random.Random(seed)
    seen: list[tuple[int, str, Any, int]] = []
    product_number = 0
    while len(seen) < count:
        product = make_product(dice)
        for _ in range(1 + min(int(dice.expovariate(1 / (SELLERS - 1))), count - len(seen) - 1)):
            item = write(dice, product, "")
            key = product_of(item.title, item.brand, None, None, categorise(None, item.title))
            seen.append((dice.randrange(DAYS), key, item, product_number))
        product_number += 1
    units: dict[str, Unit] = {}
    truth: dict[str, int] = {}
    for day, key, item, number in sorted(seen, key=lambda one: (one[0], one[1], one[2].title)):
        if key not in units:
            units[key], truth[key] = Unit(key, day, replace(item, key=key)), number
    return list(units.values()), truth


def products(links: Sequence[Link]) -> dict[str, str]:
    """Where each key is after all links."""
    return {link.key: link.product for link in sorted(links, key=lambda link: link.day)}


def quality(where: dict[str, str], truth: dict[str, int]) -> dict[str, float]:
    """Pairs of keys in one product that are the same (precision), of the same that are in one (recall); purity."""
    inside: dict[str, Counter[int]] = defaultdict(Counter)
    for key, product in where.items():
        inside[product][truth[key]] += 1
    right = sum(comb(n, 2) for each in inside.values() for n in each.values())
    joined = sum(comb(sum(each.values()), 2) for each in inside.values())
    same = sum(comb(n, 2) for n in Counter(truth[key] for key in where).values())
    return {
        "products": len(inside),
        "true_products": len({truth[key] for key in where}),
        "precision": right / max(joined, 1),
        "recall": right / max(same, 1),
        "purity": sum(max(each.values()) for each in inside.values()) / max(len(where), 1),
    }


def measure(count: int) -> dict[str, Any]:
    """All figures of one run of the bench, by name."""
    units, truth = listings(count)
    scorers = Scorers([], [])
    started = time.perf_counter()
    scorer = scorers.latest.model
    taught = time.perf_counter() - started
    dice = random.Random(SEED)
    late = {unit.key for unit in units if dice.random() < 0.1}
    early = [unit for unit in units if unit.key not in late]

    def formed(some: Sequence[Unit], links: Sequence[Link] = ()) -> tuple[list[Link], float, float, Assigner]:
        wall, used = time.perf_counter(), time.process_time()
        assigner = Assigner(some, links, [], lambda day: scorer)
        new = assigner.run()
        return new, time.perf_counter() - wall, time.process_time() - used, assigner

    first, *_ = formed(early)
    second, again, _, _ = formed(units, first)
    anew, seconds, used, assigner = formed(units)
    before, after, scratch = products(first), products([*first, *second]), products(anew)
    ids = set(before.values())
    merged = {link.key for link in second if link.how == "merged"}
    return {
        "listings": count,
        "keys": len(units),
        "seconds": seconds,
        "cpu_seconds": used,
        "seconds_for_a_tenth_more": again,
        "seconds_to_teach": taught,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "candidates_per_key": assigner.count.candidates / len(units),
        "scored_per_key": assigner.count.scored / len(units),
        **quality(scratch, truth),
        "keys_kept": sum(after[key] == product for key, product in before.items()) / len(before),
        "products_kept": len(ids - merged) / len(ids),
        "keys_kept_anew": sum(scratch[key] == product for key, product in before.items()) / len(before),
        "products_kept_anew": len(ids & set(scratch.values())) / len(ids),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Products from listings: time, memory, purity, stability")
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    figures = measure(asked.listings)
    if asked.json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    table = Table("figure", "value", title=f"{asked.listings:,} listings to products")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), f"{value:,.4g}" if isinstance(value, float) else f"{value:,}")
    console.print(table)


if __name__ == "__main__":
    main()

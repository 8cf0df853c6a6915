"""The product search on a made-up market: time to build, size, and latency beside its limits.

    python -m bench.search [--products 1000000] [--queries 2000] [--json FILE]

The market is made from a fixed seed, as mart.product and mart.listing have it: brands, words and categories with the
skew of real ones (Zipf), model codes most of which are unique, measures, colours, barcodes, other titles. Then, one
request after the other in this process, as a worker of the API has them:

    search            words of a product in a realistic mix: a few, one alone, brand and model, a whole title, a
                      category, words joined or split, a barcode, nonsense; one in seven misspelt
    filters, facets   the same, narrowed by category, brand, price, region or kind, with all facets counted
    misspelt          one error in a word of each
    type-ahead        texts as they are typed, sign by sign
    two at once       the first mix from two threads

No text is asked twice, so that no cache of answers helps. "Of work" is what a request costs a processor: on a machine
that others use too, the clock shows their work as well. "Found" is the share of misspelt questions whose product is
among the first ten. Limits: 20 ms for 95 % of searches, 5 ms for 95 % of completions, three minutes to build.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from features.search.build import write_index
from features.search.index import FACETS, Asked, ProductSearch
from features.search.opening import open_folder

SEED = 1
LIMITS = {"search": 20.0, "filters, facets": 20.0, "misspelt": 20.0, "type-ahead": 5.0, "two at once": 20.0}
BUILD_SECONDS = 180.0
COLOURS = "black white silver blue red green grey gold pink yellow".split()
MEASURES = "16gb 32gb 64gb 128gb 256gb 512gb 1tb 18v 20v 10in 13in 15.6in 27in 55in 500ml 1l 2kg 5kg 100w 60w".split()
REGIONS = "US-MO US-IL US-CA US-NY US-TX DE-BE GB-LND".split()
Question = TypeVar("Question")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def _zipf(rng: np.random.Generator, kinds: int, size: int) -> Any:
    """Numbers below `kinds`, the smaller the more frequent: share ∝ 1 / rank."""
    share = 1 / np.arange(1.0, kinds + 1)
    return rng.choice(kinds, size=size, p=share / share.sum())


def _names(random_: random.Random, number: int, syllables: tuple[int, int]) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < number:
        parts = random_.choices("bcdfghjklmnprstvwz", k=random_.randint(*syllables))
        made["".join(part + random_.choice("aeiou") for part in parts) + random_.choice(["", "n", "r", "x", "st"])] = (
            None
        )
    return list(made)


def market(products: int) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    """A database with both marts, and the title of each product."""
    rng, random_ = np.random.default_rng(SEED), random.Random(SEED)
    brands, vocabulary = _names(random_, 20_000, (2, 3)), _names(random_, 60_000, (2, 4))
    categories = _names(random_, 200, (2, 3))
    brand, kind = _zipf(rng, len(brands), products), _zipf(rng, len(categories), products)
    word = _zipf(rng, len(vocabulary), products * 3).reshape(products, 3)
    chance = rng.random((products, 4))
    titles = []
    for row in range(products):
        parts = [brands[brand[row]].capitalize(), *(vocabulary[number] for number in word[row])]
        if chance[row, 0] < 0.5:
            letters = "".join(random_.choices(_LETTERS, k=random_.randint(2, 3)))
            parts.insert(1, f"{letters.upper()}{random_.randint(10, 99_999)}")
        parts += [categories[kind[row]]] if chance[row, 1] < 0.7 else []
        parts += [random_.choice(MEASURES)] if chance[row, 2] < 0.6 else []
        parts += [random_.choice(COLOURS)] if chance[row, 3] < 0.4 else []
        titles.append(" ".join(parts))
    sellers = rng.zipf(1.8, products).clip(1, 5_000)
    table = pa.table(
        {
            "gtin": [_barcode(row) if row % 5 == 0 else None for row in range(products)],
            "product": [f"thing-{row:07}" for row in range(products)],
            "title": titles,
            "category": [categories[number] for number in kind],
            "brand": [brands[number] for number in brand],
            "listings": pa.array(sellers * 2, pa.int64()),
            "sellers": pa.array(sellers, pa.int64()),
            "median_price": pa.array(np.round(np.exp(rng.normal(4, 1.3, products)), 2)),
        }
    )
    return _marts(table), titles


def _barcode(number: int) -> str:
    """An EAN-13 with its check digit."""
    digits = f"200{number:09}"
    return digits + str(-sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(digits)) % 10)


def _marts(table: pa.Table) -> duckdb.DuckDBPyConnection:
    """mart.product as given, and two listings of each product: one with its title, one with a word more."""
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    connection.register("made", table)
    connection.execute("CREATE SCHEMA mart")
    connection.execute(
        "CREATE TABLE mart.product AS SELECT * EXCLUDE (gtin), TIMESTAMPTZ '2026-01-01' AS first_seen, "
        "TIMESTAMPTZ '2026-11-01' AS last_seen, 'USD' AS currency FROM made"
    )
    connection.execute(
        """CREATE TABLE mart.listing AS
           SELECT product, title || CASE turn WHEN 1 THEN ' boxed' ELSE '' END AS title,
                  $regions[1 + (hash(product, turn) % len($regions))::INTEGER] AS region,
                  ['asking', 'sold'][1 + turn::INTEGER] AS kind,
                  ['new', 'like_new', 'good', 'fair'][1 + (hash(turn, product) % 4)::INTEGER] AS grade,
                  gtin, NULL::VARCHAR AS mpn
           FROM made, range(2) AS turns(turn)""",
        {"regions": REGIONS},
    )
    connection.unregister("made")
    return connection


def misspelt(random_: random.Random, text: str) -> str:
    """The text with one sign of one longer word changed, added, lost or swapped with the next."""
    words = text.split()
    longer = [place for place, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    if not longer:
        return text
    place = random_.choice(longer)
    word = words[place]
    at, sign = random_.randrange(len(word) - 1), random_.choice(_LETTERS)
    words[place] = random_.choice(
        [
            word[:at] + sign + word[at + 1 :],
            word[:at] + sign + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )
    return " ".join(words)


def question(random_: random.Random, title: str) -> str:
    """What somebody who looks for this product may ask."""
    words = title.split()
    share = random_.random()
    if share < 0.40:
        return " ".join(random_.sample(words, min(len(words), random_.randint(2, 4))))
    if share < 0.52:
        return random_.choice(words)
    if share < 0.70:
        return " ".join(words[:2])
    if share < 0.76:
        return title
    if share < 0.84:
        return f"{words[0]}{words[1]}"
    if share < 0.88:
        return "".join(random_.choices(_LETTERS, k=9))
    return misspelt(random_, " ".join(random_.sample(words, min(len(words), 3))))


def typed(random_: random.Random, title: str) -> list[str]:
    """A question as it grows under the fingers, from its first sign on."""
    text = " ".join(title.split()[: random_.randint(1, 3)]).lower()
    return [text[:end] for end in range(1, len(text) + 1)]


def narrowed(random_: random.Random, asked: Asked, table: Sequence[tuple[str, str]]) -> Asked:
    """The same question with one or two filters and all facets."""
    category, brand = random_.choice(table)
    kinds: list[dict[str, Any]] = [
        {"category": category},
        {"brand": brand},
        {"min_price": 20.0, "max_price": 200.0},
        {"max_price": 50.0},
        {"region": random_.choice(REGIONS), "kind": "sold"},
    ]
    return replace(asked, facets=FACETS, **random_.choice(kinds))


def timed(ask: Callable[[Question], object], questions: Iterable[Question]) -> list[tuple[float, float]]:
    """Milliseconds of each question, one after the other: by the clock, and of work (this thread's own)."""
    spent = []
    for each in questions:
        started, worked = time.perf_counter(), time.thread_time()
        ask(each)
        spent.append(((time.perf_counter() - started) * 1000, (time.thread_time() - worked) * 1000))
    return spent


def at_once(search: ProductSearch, questions: list[str], threads: int = 2) -> list[tuple[float, float]]:
    """Milliseconds of each question, asked from several threads."""
    spent: list[list[tuple[float, float]]] = [[] for _ in range(threads)]

    def ask(number: int) -> None:
        spent[number] = timed(search.search, map(Asked, questions[number::threads]))

    workers = [threading.Thread(target=ask, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [each for one in spent for each in one]


def measure(products: int, queries: int, folder: Path) -> dict[str, Any]:
    """Build and ask; figures in seconds, megabytes and milliseconds."""
    connection, titles = market(products)
    before = _memory()
    started, worked = time.perf_counter(), time.process_time()
    write_index(connection, folder)
    built, work = time.perf_counter() - started, time.process_time() - worked
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    table = connection.execute("SELECT DISTINCT category, brand FROM mart.product ORDER BY hash(brand) LIMIT 1000")
    pairs = table.fetchall()
    connection.close()
    peak = _memory()
    return {
        "products": products,
        "build_seconds": built,
        "build_seconds_of_work": work,
        "index_megabytes": size,
        "memory_megabytes": {"with the market": before, "built": peak},
        **ask(open_folder(folder), titles, pairs, queries),
    }


def ask(search: ProductSearch, titles: list[str], pairs: list[tuple[str, str]], queries: int) -> dict[str, Any]:
    """The figures of asking."""
    random_ = random.Random(SEED)

    def questions() -> list[str]:
        return [question(random_, random_.choice(titles)) for _ in range(queries)]

    asked, other = questions(), questions()
    filtered = [narrowed(random_, Asked(text), pairs) for text in questions()]
    chosen = random_.sample(range(len(titles)), 2 * queries)
    wrong = [(number, misspelt(random_, " ".join(titles[number].split()[:4]))) for number in chosen]
    beginnings = [text for _ in range(queries // 5) for text in typed(random_, random_.choice(titles))]
    spent = {
        "search": timed(search.search, map(Asked, asked)),
        "filters, facets": timed(search.search, filtered),
        "misspelt": timed(search.search, [Asked(text) for _, text in wrong[queries:]]),
        "type-ahead": timed(search.suggest, dict.fromkeys(beginnings)),
        "two at once": at_once(search, other),
    }
    known = wrong[: min(queries, 500)]
    found = sum(_finds(search, titles, number, text) for number, text in known) / len(known)
    return {"found": found, "milliseconds": {name: _quantiles(each) for name, each in spent.items()}}


def _finds(search: ProductSearch, titles: list[str], number: int, text: str) -> bool:
    return titles[number] in [product.title for product, _ in search.search(Asked(text, limit=10)).found]


def _memory() -> float:
    """The most memory this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _quantiles(spent: list[tuple[float, float]]) -> dict[str, float]:
    clock, work = zip(*spent, strict=True)
    names = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    by_clock = {name: float(np.percentile(clock, share)) for name, share in names.items()}
    return by_clock | {"p95 of work": float(np.percentile(work, 95)), "n": len(spent)}


def main() -> None:
    parser = argparse.ArgumentParser(description="The product search at a million products, beside its limits")
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--json", type=Path, default=None, metavar="FILE")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(asked.products, asked.queries, Path(folder) / "search")
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")
    columns = ("p50", "p95", "p99", "max", "p95 of work")
    table = Table("milliseconds", *columns, "n", "limit (p95)", title=f"{asked.products:,} products")
    for name, one in figures["milliseconds"].items():
        shown = [f"{one[each]:.1f}" for each in columns]
        table.add_row(name, *shown, str(one["n"]), f"{LIMITS[name]:g}")
    console.print(table)
    memory = ", ".join(f"{name} {size:,.0f}" for name, size in figures["memory_megabytes"].items())
    work = f"{figures['build_seconds_of_work']:.0f} s of work"
    console.print(f"built in {figures['build_seconds']:.0f} s, {work} (limit {BUILD_SECONDS:.0f})")
    console.print(f"index {figures['index_megabytes']:,.0f} MB; memory at most: {memory} MB")
    console.print(f"misspelt and found among the first ten: {figures['found']:.1%}")


if __name__ == "__main__":
    main()

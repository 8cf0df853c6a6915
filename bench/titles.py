"""Titles read per second, and how many of a labelled corpus are read right, field by field.

    katy bench titles [--corpus FILE] [--rounds 3] [--json]

The corpus is a table of titles with what is to be read in each (tests/features/data/titles.csv in the repository):
brand, codes, sizes ("128 gb 14 inch"), year, colour, quantity ("4 piece"), roles and grade; an empty cell means that
there is nothing to read. Right is a field read exactly as labelled, nothing more and nothing less. Speed is measured
without the caches over readers, on the corpus's titles made different by a running number, so that none is read twice.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from features.thing import Thing, read_thing
from warehouse.errors import BadInput

CORPUS = Path(__file__).parents[1] / "tests" / "features" / "data" / "titles.csv"
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

# Field → how a thing is written in the corpus.
WRITTEN: dict[str, Callable[[Thing], str]] = {
    "brand": lambda thing: thing.brand or "",
    "codes": lambda thing: " ".join(thing.codes),
    "sizes": lambda thing: " ".join(sorted(f"{number:g} {unit}" for number, unit in thing.sizes)),
    "year": lambda thing: str(thing.year or ""),
    "colour": lambda thing: thing.colour or "",
    "quantity": lambda thing: f"{thing.quantity} {thing.unit}" if thing.quantity else "",
    "roles": lambda thing: " ".join(sorted(thing.roles)),
    "grade": lambda thing: thing.grade,
}


def read_corpus(path: Path) -> list[dict[str, str]]:
    """The labelled titles of a table. Raises BadInput where it is not there or lacks a column."""
    if not path.is_file():
        raise BadInput(f"{path} is not there; name a table of labelled titles with --corpus")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = {"title", *WRITTEN} - set(rows[0] if rows else ())
    if missing:
        raise BadInput(f"{path} has no column {', '.join(sorted(missing))}; add what is to be read of each title")
    return rows


def labelled(field: str, cell: str) -> str:
    """A cell of the corpus in the one form it is compared in."""
    if field == "sizes":
        return " ".join(sorted(re.findall(r"[\d.]+ [a-z]+(?: [a-z]+)?", cell)))
    return " ".join(sorted(cell.split())) if field in ("codes", "roles") else cell


def mistakes(rows: list[dict[str, str]]) -> dict[str, list[tuple[str, str, str]]]:
    """Field → (title, labelled, read) where the reading is another than the label."""
    wrong: dict[str, list[tuple[str, str, str]]] = {field: [] for field in WRITTEN}
    for row in rows:
        thing = read_thing(row["title"])
        for field, written in WRITTEN.items():
            want, got = labelled(field, row[field]), written(thing)
            if want != got:
                wrong[field].append((row["title"], want, got))
    return wrong


def speed(titles: list[str], rounds: int) -> float:
    """Titles read per second of processor time in the fastest round; no title is read twice."""
    fastest = float("inf")
    for turn in range(rounds):
        fresh = [f"{title} {turn}{number}zq" for number, title in enumerate(titles * 10)]
        started = time.process_time()
        for title in fresh:
            read_thing(title)
        fastest = min(fastest, (time.process_time() - started) / len(fresh))
    return 1 / fastest


def main() -> None:
    parser = argparse.ArgumentParser(description="Titles read per second, and how many are read right")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    asked = parser.parse_args()
    rows = read_corpus(asked.corpus)
    wrong = mistakes(rows)
    per_second = speed([row["title"] for row in rows], asked.rounds)
    if asked.json:
        right = {field: 1 - len(found) / len(rows) for field, found in wrong.items()}
        figures = {"titles": len(rows), "titles_per_second": round(per_second), "right": right}
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    table = Table("field", "read right", "mistakes", title=f"{len(rows)} titles, {per_second:,.0f} read per second")
    for field, found in wrong.items():
        told = "; ".join(f"{title!r}: {want or 'nothing'} read as {got or 'nothing'}" for title, want, got in found[:3])
        table.add_row(field, f"{1 - len(found) / len(rows):.1%}", told)
    console.print(table)


if __name__ == "__main__":
    main()

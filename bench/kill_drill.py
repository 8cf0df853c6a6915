"""The kill drill: a run is killed by SIGKILL at random moments, and nothing may be lost, doubled or left behind.

    python -m bench.kill_drill --kills 20

A small data folder is made: one file imported and published, two more landed but not yet loaded. For each kill the
folder is copied, `katy run` is started on the copy (most plain, some through Prefect) and killed after a random time
within the length of an undisturbed run. Then:

    served     the snapshot that was current before (or a newly published one, where the kill came after the publish)
               is current, whole and answers a query
    gone       no process of that run is left five seconds later
    completes  the next `katy run` ends with 0 and publishes
    equal      the row counts of its snapshot equal those of an undisturbed run

The exit status is 1 when any of it does not hold.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

NOW = "2026-11-01T12:00:00"
RUN_LIMIT = 600  # seconds
LEFT_LIMIT = 5
console = Console(highlight=False)

COUNTS = {
    "listings": "SELECT count(*) FROM raw.listing",
    "distinct listings": "SELECT count(*) FROM (SELECT DISTINCT source, id, observed_at, price, kind FROM raw.listing)",
    "observations": "SELECT count(*) FROM mart.observation",
    "files": "SELECT count(*) FROM ops.loaded_file WHERE record = 'listing'",
    "rows of files": "SELECT coalesce(sum(loaded), 0) FROM ops.loaded_file WHERE record = 'listing'",
    "levels": "SELECT count(*) FROM mart.level",
}


@dataclass(slots=True)
class Kill:
    """What one kill showed."""

    way: str
    after: float
    served: bool = False
    gone: bool = False
    completes: bool = False
    equal: bool = False
    published_before_kill: bool = False
    remarks: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.served and self.gone and self.completes and self.equal


def katy(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. Raises CalledProcessError with its own words when it fails."""
    done = subprocess.run(command(home, *words), capture_output=True, text=True, timeout=RUN_LIMIT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"katy {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "katy", "--home", str(home), "--now", NOW, *words]


def write_listings(path: Path, start: int, number: int, seed: int) -> None:
    """A CSV of sold drills, bikes and coats: a price by category and condition, with noise."""
    pick = random.Random(seed)
    goods = {
        "drill": ("Brand{} cordless drill 18V model D{}", 60),
        "bike": ("Brand{} road bike frame 56 model R{}", 420),
        "coat": ("Brand{} winter coat down model W{}", 90),
    }
    conditions = {"new": 1.25, "good": 1.0, "fair": 0.7}
    first = datetime(2025, 1, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "price", "condition", "category", "seller", "observed_at"])
        for row in range(start, start + number):
            category, (words, price) = pick.choice(list(goods.items()))
            condition, share = pick.choice(list(conditions.items()))
            model = pick.randint(1, 6)
            paid = price * (0.7 + 0.1 * model) * share * pick.lognormvariate(0, 0.15)
            when = first + timedelta(hours=pick.randint(0, 24 * 600))
            title = words.format(model % 3, model)
            writer.writerow([row, title, f"{paid:.2f}", condition, category, f"s{row % 97}", when.isoformat()])


def prepare(folder: Path, rows: int) -> Path:
    """A home with one published snapshot and two landed files that the writer has not loaded yet."""
    home = folder / "base"
    files = [folder / f"part{number}.csv" for number in range(3)]
    for number, file in enumerate(files):
        write_listings(file, number * rows, rows, seed=number)
    katy(home, "import", "listings", str(files[0]), "--source", "drill", "--kind", "sold")
    katy(home, "run", "--plain")
    writer = home / "warehouse"
    shutil.copytree(writer, folder / "writer-before")
    for file in files[1:]:
        katy(home, "import", "listings", str(file), "--source", "drill", "--kind", "sold")
    # The landing files stay, the writer forgets them: the run under test has two files to load.
    shutil.rmtree(writer)
    (folder / "writer-before").rename(writer)
    return home


def ask(home: Path, query: str) -> list[Any]:
    """One row from the current snapshot, after its files were compared with their hashes."""
    from warehouse import query as queries
    from warehouse import snapshot as snapshots
    from warehouse.home import Home

    current = snapshots.current(Home(home))
    snapshots.verify(current)
    return list(queries.run(current, query, seconds=30, max_rows=1).rows[0])


def counted(home: Path) -> dict[str, int]:
    return {name: int(ask(home, query)[0]) for name, query in COUNTS.items()}


def current_id(home: Path) -> str:
    return (home / "snapshots" / "current").read_text().strip()


def left_behind(home: Path) -> list[int]:
    """Living processes that have the folder in their command line or environment."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            state = (process / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue  # it has just ended, or is not ours to look at
        if str(home).encode() in told and state != "Z":
            found.append(int(process.name))
    return found


def run_words(way: str) -> list[str]:
    return ["run", "--plain"] if way == "plain" else ["run"]


def drill(base: Path, copy: Path, way: str, after: float, expected: dict[str, int]) -> Kill:
    """Copy the base, run, kill, look, run again, count."""
    shutil.copytree(base, copy, symlinks=True)
    before = current_id(copy)
    result = Kill(way, after)
    process = subprocess.Popen(
        command(copy, *run_words(way)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Marks every process of this run, however it is started, so that a left one is found.
        env={**os.environ, "KATY_KILL_DRILL": str(copy)},
    )
    try:
        process.wait(after)
        result.remarks.append("ended before the kill")
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    result.published_before_kill = current_id(copy) != before
    result.served = _served(copy, result)
    result.gone = _gone(copy, result)
    try:
        katy(copy, *run_words(way))
        result.completes = True
        now = counted(copy)
        result.equal = now == expected
        if not result.equal:
            result.remarks.append(
                ", ".join(f"{k}: {now[k]} instead of {expected[k]}" for k in now if now[k] != expected[k])
            )
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        result.remarks.append(str(error)[-300:])
    if result.good:
        shutil.rmtree(copy)
    return result


def _served(home: Path, result: Kill) -> bool:
    from warehouse.errors import KatyError

    try:
        return int(ask(home, COUNTS["observations"])[0]) > 0
    except (KatyError, OSError) as error:
        result.remarks.append(str(error))
        return False


def _gone(home: Path, result: Kill) -> bool:
    deadline = time.monotonic() + LEFT_LIMIT
    while left := left_behind(home):
        if time.monotonic() > deadline:
            result.remarks.append(f"left behind: {left}")
            return False
        time.sleep(0.1)
    return True


def undisturbed(base: Path, folder: Path, way: str) -> tuple[float, dict[str, int]]:
    copy = folder / f"undisturbed-{way}"
    shutil.copytree(base, copy, symlinks=True)
    start = time.monotonic()
    katy(copy, *run_words(way))
    took = time.monotonic() - start
    counts = counted(copy)
    shutil.rmtree(copy)
    return took, counts


def show(kills: list[Kill]) -> None:
    table = Table(title="Kill drill", show_edge=False)
    for name in ("run", "killed after", "published", "served", "gone", "completes", "equal", "remarks"):
        table.add_column(name)
    for kill in kills:
        marks = ["yes" if ok else "NO" for ok in (kill.served, kill.gone, kill.completes, kill.equal)]
        published = "yes" if kill.published_before_kill else "no"
        table.add_row(kill.way, f"{kill.after:.2f} s", published, *marks, "; ".join(kill.remarks))
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill runs at random moments and see that nothing is lost.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--through-prefect", type=int, default=5, help="how many of the kills go through Prefect")
    parser.add_argument("--rows", type=int, default=400, help="rows in each of the three files")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    pick = random.Random(asked.seed)
    folder = Path(tempfile.mkdtemp(prefix="katy-kill-drill-"))
    console.print(f"seed {asked.seed}; working in {folder}")
    base = prepare(folder, asked.rows)
    ways = ["prefect" if number < asked.through_prefect else "plain" for number in range(asked.kills)]
    lengths, expected = {}, {}
    for way in dict.fromkeys(ways):
        lengths[way], expected[way] = undisturbed(base, folder, way)
        console.print(f"undisturbed, {way}: {lengths[way]:.1f} s, {json.dumps(expected[way])}")
    kills = []
    for number, way in enumerate(ways):
        kill = drill(base, folder / f"kill-{number}", way, pick.uniform(0.2, lengths[way]), expected[way])
        kills.append(kill)
        console.print(f"{number + 1}/{len(ways)} {way} after {kill.after:.2f} s: {'good' if kill.good else 'BAD'}")
    show(kills)
    good = all(kill.good for kill in kills)
    console.print(f"{sum(kill.good for kill in kills)} of {len(kills)} kills left everything as it must be")
    if good:
        shutil.rmtree(folder)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

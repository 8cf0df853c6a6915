"""The kill drill: a run is killed by SIGKILL at random moments, and nothing may be lost, doubled or left behind.

    python -m bench.kill_drill --kills 20

A small data folder is made: one file imported and published, two more landed but not yet loaded. For each kill the
folder is copied, `katy run` is started on the copy (most plain, some through Prefect) and killed at a random moment:
half of the kills anywhere within the length of an undisturbed run, the others a few random milliseconds after the run
was seen to do what is most delicate (write to the database, write a snapshot, move the pointer). Then:

    served     the snapshot that was current before (or a newly published one, where the kill came after the publish)
               is current, whole and answers a query
    gone       no process of that run is left five seconds later
    completes  the next `katy run` ends with 0 and publishes
    equal      the row counts of its snapshot equal those of an undisturbed run

The exit status is 1 when any of it does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.drill_home import RUN_LIMIT, command, katy, prepare

LEFT_LIMIT = 5
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)

COUNTS = {
    "listings": "SELECT count(*) FROM raw.listing",
    "distinct listings": "SELECT count(*) FROM (SELECT DISTINCT source, id, observed_at, price, kind FROM raw.listing)",
    "observations": "SELECT count(*) FROM mart.observation",
    "files": "SELECT count(*) FROM ops.loaded_file WHERE record = 'listing'",
    "rows of files": "SELECT coalesce(sum(loaded), 0) FROM ops.loaded_file WHERE record = 'listing'",
    "levels": "SELECT count(*) FROM mart.level",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How to kill one run: `latest` seconds after its start at the latest, `later` seconds after the aim was seen."""

    way: str
    aim: str
    latest: float
    later: float


@dataclass(slots=True)
class Kill:
    """What one kill showed."""

    way: str
    aim: str
    after: float
    home: Path
    too_late: bool = False
    served: bool = False
    gone: bool = False
    completes: bool = False
    equal: bool = False
    published_before_kill: bool = False
    remarks: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.served and self.gone and self.completes and self.equal


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


def seen(aim: str, home: Path, before: str) -> bool:
    """Whether the run is doing what the kill is aimed at."""
    if aim == "database":
        return any((home / "warehouse").glob("*.wal"))
    if aim == "snapshot":
        return any((home / "snapshots").glob(".tmp-*"))
    if aim == "pointer":
        return current_id(home) != before
    return False


def wait_for(aim: str, home: Path, before: str, process: subprocess.Popen[bytes], latest: float, later: float) -> None:
    """Return at the moment for the kill: after `latest` seconds, `later` after the aim is in sight, or at the end."""
    deadline = time.monotonic() + latest
    aimed = False
    while time.monotonic() < deadline and process.poll() is None:
        if not aimed and seen(aim, home, before):
            aimed = True
            deadline = time.monotonic() + later
        time.sleep(0.002)


def drill(base: Path, copy: Path, plan: Plan, expected: dict[str, int]) -> Kill:
    """Copy the base, run, kill, look, run again, count."""
    shutil.copytree(base, copy, symlinks=True)
    before = current_id(copy)
    way = plan.way
    began = time.monotonic()
    process = subprocess.Popen(
        command(copy, *run_words(way)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Marks every process of this run, however it is started, so that a left one is found.
        env={**os.environ, "KATY_KILL_DRILL": str(copy)},
    )
    wait_for(plan.aim, copy, before, process, plan.latest, plan.later)
    result = Kill(way, plan.aim, time.monotonic() - began, copy, too_late=process.poll() is not None)
    if result.too_late:
        return result
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


def planned(number: int, through_prefect: int, lengths: dict[str, float], pick: random.Random) -> Plan:
    """The kill of that number: the first ones through Prefect, every second one aimed."""
    way = "prefect" if number < through_prefect else "plain"
    if number % 2 == 0:
        return Plan(way, "any moment", pick.uniform(0.2, lengths[way]), 0.0)
    aim = ("database", "snapshot", "pointer")[number // 2 % 3]
    return Plan(way, aim, RUN_LIMIT, pick.uniform(0.0, 0.25))


def show(kills: list[Kill]) -> None:
    table = Table(title="Kill drill", show_edge=False)
    for name in ("run", "aim", "killed after", "published", "served", "gone", "completes", "equal", "remarks"):
        table.add_column(name)
    for kill in kills:
        marks = ["yes" if ok else "NO" for ok in (kill.served, kill.gone, kill.completes, kill.equal)]
        published = "yes" if kill.published_before_kill else "no"
        table.add_row(kill.way, kill.aim, f"{kill.after:.2f} s", published, *marks, "; ".join(kill.remarks))
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill runs at random moments and see that nothing is lost.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--through-prefect", type=int, default=5, help="how many of the kills go through Prefect")
    parser.add_argument("--rows", type=int, default=400, help="rows in each of the three files")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    pick = random.Random(asked.seed)
    folder = Path(tempfile.mkdtemp(prefix="katy-kill-drill-"))
    console.print(f"seed {asked.seed}; working in {folder}")
    base = prepare(folder, asked.rows)
    lengths, expected = {}, {}
    for way in ("plain", "prefect") if asked.through_prefect else ("plain",):
        lengths[way], expected[way] = undisturbed(base, folder, way)
        console.print(f"undisturbed, {way}: {lengths[way]:.1f} s, {json.dumps(expected[way])}")
    kills = []
    for number in range(asked.kills):
        while True:
            plan = planned(number, asked.through_prefect, lengths, pick)
            kill = drill(base, folder / f"kill-{number}", plan, expected[plan.way])
            if not kill.too_late:
                break
            # Runs are not all equally long; this one was over, so the next is killed earlier.
            lengths[plan.way] = kill.after
            shutil.rmtree(kill.home, ignore_errors=True)
        kills.append(kill)
        verdict = "good" if kill.good else f"BAD {kill.remarks}"
        console.print(f"{number + 1}/{asked.kills} {kill.way}, {kill.aim}, after {kill.after:.2f} s: {verdict}")
    show(kills)
    good = all(kill.good for kill in kills)
    console.print(f"{sum(kill.good for kill in kills)} of {len(kills)} kills left everything as it must be")
    if good:
        shutil.rmtree(folder)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

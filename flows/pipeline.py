"""The pipeline: load → features → train → publish, under the one writer lock.

Killed at any moment it leaves the last snapshot served: everything is made in the work folder and published whole, and
the next run clears away what was left. Levels join the landed history after the pointer has moved; a run killed
in between is completed by the next, from the snapshot's own copy.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from features.market import read_market, write_identity
from features.published import SOURCE, as_records, new_rows, read_fixed
from flows.timing import Stopwatch
from models import saved
from models.knobs import default_knobs
from models.learn import learn
from models.quality import replayed_table
from models.state import Learned
from models.store import VintageStore
from warehouse import build, landing, load, lock, snapshot
from warehouse.database import open_writer
from warehouse.errors import KatyError, NothingPublished
from warehouse.home import Home
from warehouse.snapshot import Snapshot

Say = Callable[[str], None]
_NEW_LEVELS = "new_levels.parquet"


@dataclass(frozen=True)
class RunResult:
    """What a run published, and how good the replayed values were, by category."""

    snapshot: Snapshot
    table: list[dict[str, Any]]
    seconds: dict[str, float]


def run(home: Home, *, anchor: str, clock: Callable[[], datetime], say: Say, code_version: str) -> RunResult:
    """Load what has landed, learn, and publish a snapshot. Raises KatyError where there is nothing to publish."""
    watch = Stopwatch()
    knobs = default_knobs().model_copy(update={"anchor": anchor})
    with lock.writer(home, say):
        snapshot.recover(home)
        _complete_last(home)
        connection = open_writer(home)
        try:
            with watch("load"):
                load.load(connection, home, clock(), say)
                build.build_core(connection, anchor)
            with watch("features"):
                write_identity(connection)
                rows = read_market(connection)
                fixed = read_fixed(connection)
            if len(rows) == 0:
                raise KatyError(_nothing(connection))
            _say_left_out(connection, say)
            store = VintageStore(home.vintages)
            home.vintages.mkdir(parents=True, exist_ok=True)
            with watch("train"):
                learned = learn(
                    rows,
                    knobs,
                    code_version=code_version,
                    store=store,
                    fixed=fixed,
                    extra_cutoffs=_earlier(home),
                    say=say,
                )
            with watch("publish"):
                published = _publish(home, connection, learned, fixed, clock(), code_version)
        finally:
            connection.close()
        _complete_last(home)
        snapshot.prune(home, keep=_named_by_trades(home))
        store.prune(_vintages_in_use(home))
    return RunResult(published, published.manifest["quality"], watch.seconds)


def _publish(
    home: Home, connection: Any, learned: Learned, fixed: dict[str, dict[int, float]], now: datetime, code_version: str
) -> Snapshot:
    work = home.work / landing.new_run(now)
    saved.save(learned, work, home.vintages)
    closed = saved.level_table(learned.levels)
    fresh = new_rows(closed, fixed).assign(reconstructed=not fixed)
    fresh.to_parquet(work / saved.FOLDER / _NEW_LEVELS, index=False)
    running = saved.running_levels(learned)
    _show_levels(connection, pd.concat([fresh, running.assign(reconstructed=False)]), learned.knobs.level.period, now)
    build.build_mart(connection)
    manifest = {
        "quality": replayed_table(learned),
        "vintages": [{"key": each.key, "cutoff": each.cutoff, "listings": each.listings} for each in learned.vintages],
        "cutoff_day": int(learned.levels.days[-1]),
        "knobs": learned.knobs.model_dump(mode="json"),
    }
    return snapshot.publish(home, connection, contents=work, manifest=manifest, now=now, code_version=code_version)


def _show_levels(connection: Any, table: pd.DataFrame, days: int, now: datetime) -> None:
    """Put this run's levels where the marts find them."""
    shown = table[table["published"].notna()].assign(days=days, published_at=now.astimezone(UTC))
    connection.register("level_rows", shown)
    connection.execute("DELETE FROM core.level_now")
    connection.execute(
        """INSERT INTO core.level_now BY NAME
           SELECT unit, DATE '1970-01-01' + CAST(period AS INTEGER) AS period, days, raw, published, evidence,
                  reconstructed, published_at FROM level_rows"""
    )
    connection.unregister("level_rows")


def _complete_last(home: Home) -> None:
    """Land the levels of the current snapshot where that has not been done: after a publish, or after a kill."""
    try:
        last = snapshot.current(home)
    except NothingPublished:
        return
    path = last.path / saved.FOLDER / _NEW_LEVELS
    at = datetime.fromisoformat(last.manifest["published_at"])
    if not path.is_file() or landing.landing_path(home, "published_level", SOURCE, _run_of(last), at).exists():
        return
    table = pd.read_parquet(path)
    if len(table) == 0:
        return
    days = int(last.manifest["knobs"]["level"]["period"])
    first = bool(table["reconstructed"].iloc[0])
    records = as_records(table, days=days, first_run=first, snapshot=last.id, published_at=at, run=_run_of(last))
    landing.land(home, records, source=SOURCE, run=_run_of(last), now=at)


def _run_of(published: Snapshot) -> str:
    """The run under which a snapshot's levels are landed: its own id, cut to a run's form, so that it is found again."""
    return published.id[:-2]


def _earlier(home: Home) -> list[int]:
    """Data cut-offs of the snapshots there are: each keeps its vintage, so that as-of answers stay what they were."""
    return sorted(
        {int(each.manifest["cutoff_day"]) for each in snapshot.listing(home) if "cutoff_day" in each.manifest}
    )


def _vintages_in_use(home: Home) -> set[str]:
    return {vintage["key"] for each in snapshot.listing(home) for vintage in each.manifest.get("vintages", [])}


def _named_by_trades(home: Home) -> set[str]:
    """Snapshots that open trades name, so that their evidence can still be looked up."""
    path: Path = home.root / "ledger" / "snapshots_in_use.json"
    return set(json.loads(path.read_text("utf-8"))) if path.is_file() else set()


def _nothing(connection: Any) -> str:
    row = connection.execute("SELECT count(*), count(*) FILTER (rate IS NULL) FROM core.observation").fetchone()
    observations, rateless = row
    if observations == 0:
        return "there is nothing to learn from: bring listings in with `katy import listings` or `katy collect` first"
    return (
        f"none of the {observations} observations can be valued: {rateless} are in currencies without an exchange rate; "
        "bring rates in with `katy collect ecb`, or choose the currency of your listings as anchor (KATY_ANCHOR)"
    )


def _say_left_out(connection: Any, say: Say) -> None:
    rows = connection.execute(
        "SELECT currency, count(*) FROM core.observation WHERE rate IS NULL GROUP BY currency ORDER BY currency"
    ).fetchall()
    for currency, count in rows:
        say(f"{count} observations in {currency} are left out: no exchange rate is known (katy collect ecb)")

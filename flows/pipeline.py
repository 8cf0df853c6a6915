"""The pipeline: load → features → train → publish, under the one writer lock.

Killed at any moment it leaves the last snapshot served: everything is made in the work folder and published whole, and
the next run clears away what was left. Levels join the landed history after the pointer has moved; a run killed
in between is completed by the next, from the snapshot's own copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from features.anchors.record import write_paid
from features.drivers import read_drivers
from features.guessing import Guesser
from features.identify import write_identity, write_products
from features.integrity.report import findings
from features.market import read_market
from features.matching.form import form_products, keep_links
from features.published import SOURCE, as_records, new_rows, read_fixed
from features.search import build as search
from features.understanding import save_understanding
from flows import life
from flows.timing import Stopwatch
from models.evaluation.quality import replayed_table
from models.knobs import Knobs, default_knobs
from models.level.state import Learned
from models.life.too_good import suspicions
from models.training import saved
from models.training.learn import learn
from models.training.store import VintageStore
from warehouse import build, landing, load, lock, snapshot
from warehouse.alarms import raise_alarms
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


class Run:
    """One run, step by step, inside the writer's lock: `with Run(…) as run: run.load(); run.read(); …`.

    Each step leaves what the next one needs on the object. Leaving the context closes the warehouse and lets go of the
    lock, whatever happened.
    """

    def __init__(
        self,
        home: Home,
        *,
        anchor: str,
        clock: Callable[[], datetime],
        say: Say,
        code_version: str,
        snapshots_in_use: Callable[[], set[str]] = set,
        knobs: Knobs | None = None,
        note: str = "",
    ) -> None:
        """`snapshots_in_use` names snapshots that must stay, because open trades lean on them; `knobs` are the
        operator's, the project's own without; `note` is kept with the run."""
        self.home, self.anchor, self.clock, self.say, self.code_version = home, anchor, clock, say, code_version
        self.snapshots_in_use = snapshots_in_use
        self.knobs: Knobs = (knobs or default_knobs()).model_copy(update={"anchor": anchor})
        self.note = note
        self.watch = Stopwatch()
        self.store = VintageStore(home.vintages)

    def __enter__(self) -> Run:
        with ExitStack() as stack:
            stack.enter_context(lock.writer(self.home, self.say))
            snapshot.recover(self.home)
            _complete_last(self.home)
            self.connection = open_writer(self.home)
            stack.callback(self.connection.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._stack.close()

    @property
    def steps(self) -> dict[str, Callable[[], None]]:
        """The steps by name, in their order."""
        return {"load": self.load, "features": self.read, "train": self.train, "publish": self.publish}

    def load(self) -> None:
        """Landing files into raw, raw into core."""
        with self.watch("load"):
            load.load(self.connection, self.home, self.clock(), self.say)
            build.build_rates(self.connection, self.anchor)
            write_paid(self.connection, self.anchor, self.knobs.currency)
            build.build_core(self.connection, self.anchor)

    def read(self) -> None:
        """Products and categories; the market table and the levels published before."""
        with self.watch("features"):
            self.guesser = Guesser(self.home.categories)
            write_identity(self.connection, self.guesser)
            now = self.clock()
            self.formed = form_products(
                self.connection,
                self.home,
                now=now,
                run=landing.new_run(now),
                say=self.say,
                code_version=self.code_version,
            )
            keep_links(self.connection, self.home, self.formed, now)
            write_products(self.connection)
            self.rows = read_market(self.connection)
            if write_paid(self.connection, self.anchor, self.knobs.currency, self.rows):
                build.build_core(self.connection, self.anchor)
                self.rows = read_market(self.connection)
            self.fixed = read_fixed(self.connection)
            self.drivers = read_drivers(self.connection, self.rows) if len(self.rows) else None
        if len(self.rows) == 0:
            raise KatyError(_nothing(self.connection))
        _say_left_out(self.connection, self.say)

    def train(self, cutoffs: Sequence[int] | None = None) -> None:
        """Vintages and levels; `cutoffs` in place of the month ends."""
        self.home.vintages.mkdir(parents=True, exist_ok=True)
        with self.watch("train"):
            self.suspected = suspicions(self.rows)
            self.chosen = life.knobs_that_hold(self.home, self.rows, self.knobs, self.drivers, say=self.say)
            self.knobs = self.chosen.knobs
            self.learned = learn(
                self.rows,
                self.knobs,
                code_version=self.code_version,
                store=self.store,
                fixed=self.fixed,
                cutoffs=cutoffs,
                extra_cutoffs=_earlier(self.home),
                drivers=self.drivers,
                say=self.say,
            )

    def publish(self) -> None:
        """The snapshot and its levels; then old snapshots and vintages go."""
        with self.watch("publish"):
            for each in self.suspected:
                self.say(each.message)
            self.published = _publish(
                self.home,
                self.connection,
                self.learned,
                self.fixed,
                self.clock(),
                self.code_version,
                self._understood,
                {
                    "quality": replayed_table(self.learned, self.suspected),
                    **life.described(self.learned, self.suspected, self.note, self.chosen),
                },
            )
            _complete_last(self.home)
            life.look_after(self.home, self.learned, self.suspected, self.clock)
            trust, last = self.learned.market.trust, int(self.learned.levels.days[-1])
            raise_alarms(self.home, SOURCE, findings(trust, last) if trust is not None else [], self.clock)
            snapshot.prune(self.home, keep=self.snapshots_in_use())
            self.store.prune(_vintages_in_use(self.home))

    def _understood(self, folder: Path) -> None:
        save_understanding(self.guesser.guesses, self.formed, folder)

    def perform(self) -> RunResult:
        """All steps, in this process alone."""
        with self:
            for step in self.steps.values():
                step()
            return self.result

    @property
    def result(self) -> RunResult:
        return RunResult(self.published, self.published.manifest["quality"], self.watch.seconds)


def run(
    home: Home,
    *,
    anchor: str,
    clock: Callable[[], datetime],
    say: Say,
    code_version: str,
    snapshots_in_use: Callable[[], set[str]] = set,
) -> RunResult:
    """Load what has landed, learn, and publish a snapshot. Raises KatyError where there is nothing to publish."""
    return Run(
        home, anchor=anchor, clock=clock, say=say, code_version=code_version, snapshots_in_use=snapshots_in_use
    ).perform()


def _publish(
    home: Home,
    connection: Any,
    learned: Learned,
    fixed: dict[str, dict[int, float]],
    now: datetime,
    code_version: str,
    save_understood: Callable[[Path], None],
    said: dict[str, Any],
) -> Snapshot:
    work = home.work / landing.new_run(now)
    saved.save(learned, work, home.vintages)
    save_understood(work)
    closed = saved.level_table(learned.levels)
    fresh = new_rows(closed, fixed)
    # Periods that were over before the last publication, but not in it, are replayed: their data came late.
    told_until = max(_earlier(home), default=int(learned.levels.days[-1]))
    fresh = fresh.assign(reconstructed=fresh["period"] + fresh["days"] - 1 <= told_until)
    fresh.to_parquet(work / saved.FOLDER / _NEW_LEVELS, index=False)
    running = saved.running_levels(learned)
    _show_levels(connection, pd.concat([fresh, running.assign(reconstructed=False)]), now)
    build.build_mart(connection)
    search.write_index(connection, work / search.FOLDER)
    manifest = said | {
        "vintages": [{"key": each.key, "cutoff": each.cutoff, "listings": each.listings} for each in learned.vintages],
        "cutoff_day": int(learned.levels.days[-1]),
        "knobs": learned.knobs.model_dump(mode="json"),
    }
    try:
        return snapshot.publish(home, connection, contents=work, manifest=manifest, now=now, code_version=code_version)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _show_levels(connection: Any, table: pd.DataFrame, now: datetime) -> None:
    """Put this run's levels where the marts find them."""
    shown = table[table["published"].notna()].assign(published_at=now.astimezone(UTC))
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
    if "days" not in table:  # as it was written before periods could be shorter
        table = table.assign(days=int(last.manifest["knobs"]["level"]["period"]))
    records = as_records(table, snapshot=last.id, published_at=at, run=_run_of(last))
    landing.land(home, records, source=SOURCE, run=_run_of(last), now=at)


def _run_of(published: Snapshot) -> str:
    """The run under which a snapshot's levels are landed: its own id, cut to a run's form, to be found again."""
    return published.id[:-2]


def _earlier(home: Home) -> list[int]:
    """Data cut-offs of the snapshots there are: each keeps its vintage, so that as-of answers stay what they were."""
    return sorted(
        {int(each.manifest["cutoff_day"]) for each in snapshot.listing(home) if "cutoff_day" in each.manifest}
    )


def _vintages_in_use(home: Home) -> set[str]:
    return {vintage["key"] for each in snapshot.listing(home) for vintage in each.manifest.get("vintages", [])}


def _nothing(connection: Any) -> str:
    row = connection.execute("SELECT count(*), count(*) FILTER (rate IS NULL) FROM core.observation").fetchone()
    observations, rateless = row
    if observations == 0:
        return "there is nothing to learn from: bring listings in with `katy import listings` or `katy collect` first"
    return (
        f"none of the {observations} observations can be valued: {rateless} are in currencies without an exchange "
        "rate; bring rates in with `katy collect ecb`, or choose the currency of your listings as anchor (KATY_ANCHOR)"
    )


def _say_left_out(connection: Any, say: Say) -> None:
    rows = connection.execute(
        "SELECT currency, count(*) FROM core.observation WHERE rate IS NULL GROUP BY currency ORDER BY currency"
    ).fetchall()
    for currency, count in rows:
        say(f"{count} observations in {currency} are left out: no exchange rate is known (katy collect ecb)")

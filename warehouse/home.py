"""The layout of the data folder (`KATY_HOME`): one place that knows where everything is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below the data folder. Nothing is created by asking for a path."""

    root: Path

    @property
    def landing(self) -> Path:
        """Immutable Parquet files: landing/<record>/<source>/<date>/<run>.parquet."""
        return self.root / "landing"

    @property
    def warehouse(self) -> Path:
        """The writer's DuckDB file. Readers use snapshots."""
        return self.root / "warehouse" / "katy.duckdb"

    @property
    def writer_lock(self) -> Path:
        return self.root / "warehouse" / "writer.lock"

    @property
    def snapshots(self) -> Path:
        """Published snapshots, one folder each, and the pointer to the current one."""
        return self.root / "snapshots"

    @property
    def current(self) -> Path:
        return self.snapshots / "current"

    @property
    def work(self) -> Path:
        """Unfinished work of a run; anything found here without a living run may be removed."""
        return self.root / "work"

    @property
    def vintages(self) -> Path:
        """Trained model vintages, named by the hash of what they learned from; shared by snapshots as hard links."""
        return self.root / "vintages"

    @property
    def matchers(self) -> Path:
        """Trained pair scorers, named by the hash of what they learned from."""
        return self.root / "matchers"

    @property
    def categories(self) -> Path:
        """Trained category models, named by the hash of what they learned from."""
        return self.root / "categories"

    @property
    def runs(self) -> Path:
        """What each run published, as its manifest tells it: kept when the snapshot is long gone."""
        return self.root / "runs"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def agents(self) -> Path:
        """What each agent knows of its source: what to ask, what was answered, how often it changes."""
        return self.root / "agents"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger" / "ledger.sqlite"

    @property
    def seller_key(self) -> Path:
        """The secret that turns sellers' names into pseudonyms; made at the first use, never leaves the folder."""
        return self.root / "seller.key"

    @property
    def prefect(self) -> Path:
        return self.root / "prefect"

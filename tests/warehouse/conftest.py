"""A data folder of its own for every test, and listings without the fields a test does not care about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from warehouse import build, database, load, lock, snapshot
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import FxRate, Listing, Record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Market:
    """A data folder and what happens to it: rows are seen, loaded, built."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.now = NOON

    def listing(self, **fields: Any) -> Listing:
        known: dict[str, Any] = {
            "source": "fair", "id": "1", "kind": "asking", "title": "Bosch drill", "price": Decimal(50),
            "currency": "USD", "observed_at": NOON, "run": "", "row": 1, "found_at": "fair.csv line 2",
            "price_path": "column price",
        }  # fmt: skip
        return Listing(**{**known, **fields})

    def rate(self, quote: str, rate: str, day: date, base: str = "EUR", **fields: Any) -> FxRate:
        known: dict[str, Any] = {"source": "bank", "kind": "official", "run": "", "row": 1, "found_at": "rates.csv"}
        return FxRate(base=base, quote=quote, rate=Decimal(rate), observed_on=day, **{**known, **fields})

    def land(self, *rows: Record) -> list[Path]:
        """Land rows of one source, each call as a run of its own, one second after the last."""
        self.now += timedelta(seconds=1)
        run = new_run(self.now)
        named = [dataclasses.replace(row, run=run) for row in rows]
        return land(self.home, named, source=rows[0].source, run=run, now=self.now) if rows else []

    def publish(self) -> snapshot.Snapshot:
        """Load what has landed, build, and publish it as it is, without models."""
        with lock.writer(self.home, print):
            connection = database.open_writer(self.home)
            load.load(connection, self.home, self.now)
            build.build_core(connection, "USD")
            build.build_mart(connection)
            published = snapshot.publish(
                self.home, connection, contents=None, manifest={}, now=self.now, code_version="0"
            )
            connection.close()
        return published


@pytest.fixture(scope="session")
def new_market() -> type[Market]:
    """For tests that share one market, or need two."""
    return Market


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return Market(tmp_path / "it's a [folder]")


@pytest.fixture
def writing(market: Market) -> Iterator[Callable[[], Any]]:
    """Open the market's warehouse as the writer; closed after the test."""
    connections: list[Any] = []

    def opened() -> Any:
        connections.append(database.open_writer(market.home))
        return connections[-1]

    with lock.writer(market.home, print):
        yield opened
        for connection in connections:
            connection.close()

"""A small second-hand market with known effects, published once for all tests that only ask about it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
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
from warehouse.snapshot import Snapshot

# A busy machine is no reason to fail a property.
settings.register_profile("katy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("katy")

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
    """The project's knobs, with fewer trees: for markets of some hundred listings."""
    knobs = default_knobs()
    return knobs.model_copy(
        update={
            "hedonic": knobs.hedonic.model_copy(update={"trees": 30, "folds": 2}),
            "interval": knobs.interval.model_copy(update={"replayed": 200, "min_bin": 30}),
        }
    )


@pytest.fixture(scope="session")
def new_town(tmp_path_factory: pytest.TempPathFactory, quick_knobs: Knobs) -> Callable[[], Town]:
    """Makes towns in data folders of their own."""
    return lambda: Town(tmp_path_factory.mktemp("town"), quick_knobs)


@pytest.fixture(scope="session")
def published(new_town: Callable[[], Town], bazaar: Bazaar) -> Iterator[Published]:
    """Three months of the bazaar with exchange rates, published. Only for asking: nobody changes it."""
    town = new_town()
    rates = [
        FxRate(source="bank", base="EUR", quote="USD", kind="official", rate=rate, observed_on=day, run="", row=1,
               found_at="rates.csv")
        for day, rate in ((bazaar.day(0), Decimal("1.10")), (bazaar.day(60), Decimal("1.25")))
    ]  # fmt: skip
    town.see(*bazaar.listings(86), *rates)
    snapshot = town.publish()
    valuer = open_valuer(snapshot)
    yield Published(town, snapshot, valuer)
    valuer.close()

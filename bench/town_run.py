"""A small town through the whole house: its files imported, its world read by agents, learned, published and asked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo.alone import SmallTown
from demo.causes import CAUSES, products
from demo.people import people
from demo.traces import write_listings, write_world
from warehouse.home import Home
from warehouse.snapshot import Snapshot
from warehouse.valuation import FACTOR_ORDER, ValuationRequest

if TYPE_CHECKING:
    from flows.pipeline import Run

# Factors that answer a cause; dampening and currency have none.
FACTORS = tuple(name for name in FACTOR_ORDER if name in CAUSES)
LIGHT = {"trees": 60, "folds": 2, "blank_share": 0.0}


@dataclass(frozen=True)
class Thing:
    """Something to ask the value of, with the day of the question."""

    product: str
    grade: str
    region: str
    day: date

    @property
    def category(self) -> str:
        return products()[self.product].category


def published(town: SmallTown, root: Path, *, light: bool = False) -> Snapshot:
    """Import the town's files below `root` as a person would, let agents read its world, and publish.

    `light` learns anew at the ends of quarters instead of months, the hedonic part with fewer trees and folds, and
    replays less: many times as quick. How condition, region, level, season and drivers are learned is as ever.
    """
    from flows.pipeline import Run
    from katy.version import code_version
    from models.knobs import default_knobs
    from spiders.agent.collect import collect
    from spiders.files.importer import ImportOptions, import_listings

    home = Home(root / "home")
    home.root.mkdir(parents=True)
    now = datetime.combine(town.world.end, time(23), UTC) + timedelta(days=1)

    def clock() -> datetime:
        return now

    for file in write_listings(town, root / "files"):
        options = ImportOptions(file.source, file.kind, file.mapping, file.fixed, "USD")
        report = import_listings(home, [file.path], options, clock=clock, say=_quiet)
        if report.loaded != file.rows:
            raise RuntimeError(f"{file.path.name}: {report.loaded} of {file.rows} rows loaded: {report.reasons}")
    for answer in write_world(town.world, root / "files"):
        read = collect(
            answer.agent,
            home,
            user_agent="Katy",
            clock=clock,
            say=_quiet,
            base=str(answer.path),
            targets=answer.targets,
            # Each place is a visit of its own.
            name=answer.path.stem.lower(),
        )
        if not read.landed:
            raise RuntimeError(f"{answer.path.name}: {answer.agent} landed nothing: {read.why}")
    knobs = default_knobs()
    if light:
        hedonic, interval = knobs.hedonic.model_copy(update=LIGHT), knobs.interval.model_copy(update={"replayed": 100})
        knobs = knobs.model_copy(update={"hedonic": hedonic, "interval": interval})
    run = Run(home, anchor="USD", clock=clock, say=_quiet, code_version=code_version(), knobs=knobs)
    return _by_quarters(run) if light else run.perform().snapshot


def _by_quarters(run: Run) -> Snapshot:
    """All steps of a run with a vintage for each quarter."""
    from features.market import day_date
    from models.training.learn import month_ends

    with run:
        run.load()
        run.read()
        ends = month_ends(run.rows["day"].to_numpy(), run.knobs.vintages.keep_months)
        quarters = [end for end in ends if day_date(end).month % 3 == 0]
        run.train(cutoffs=quarters)
        run.publish()
        return run.published


def _quiet(*_: object) -> None:
    """The bench tells its own story."""


def things(town: SmallTown, days: Iterable[date], grades: Iterable[str] = ("good",), per: int = 1) -> list[Thing]:
    """The first `per` products of each category, in each region, on each day."""
    chosen = [
        product.key
        for word in town.goods
        for product in [each for each in products().values() if each.category == word][:per]
    ]
    return [
        Thing(key, grade, region, day)
        for day in days
        for key in chosen
        for region in people().regions
        for grade in grades
    ]


def weeks(town: SmallTown, back: int, every: int = 7) -> list[date]:
    """Days from `back` days before the town's last to the last, oldest first."""
    return [town.world.end - timedelta(days=n) for n in range(back, -1, -every)]


def answers(town: SmallTown, snapshot: Snapshot, asked: list[Thing]) -> pd.DataFrame:
    """What Katy says of each thing beside what is true, in logs: a row a question, NaN where nothing is known.

    Columns: category, product, region, grade, day; true and `true_<cause>`; fmv, market (undampened), low, high, base,
    dampening and `said_<factor>`.
    """
    from models.answers.value import open_valuer

    requests = [
        ValuationRequest(
            text=products()[each.product].text,
            condition=people().grades[each.grade].forms[0],
            region=each.region,
            as_of=each.day,
        )
        for each in asked
    ]
    valuer = open_valuer(snapshot)
    try:
        given = valuer.value_many(requests)
    finally:
        valuer.close()
    rows = []
    for thing, value in zip(asked, given, strict=True):
        effects = town.world.effects(thing.category, thing.grade, thing.region, thing.day)
        said = {factor.name: math.log(float(factor.value)) for factor in value.factors}
        rows.append(
            {
                "category": thing.category,
                "product": thing.product,
                "region": thing.region,
                "grade": thing.grade,
                "day": pd.Timestamp(thing.day),
                "true": math.log(products()[thing.product].base) + sum(effects.values()),
                **{f"true_{name}": effects[name] for name in FACTORS},
                "fmv": _log(value.fmv),
                "market": _log(value.market_value),
                "low": _log(value.low),
                "high": _log(value.high),
                "base": _log(value.base),
                "dampening": said.get("dampening", float("nan")),
                **{f"said_{name}": said.get(name, float("nan")) for name in FACTORS},
            }
        )
    return pd.DataFrame(rows)


def _log(amount: str | None) -> float:
    return float("nan") if amount is None else float(np.log(float(amount)))

"""The noise column test: an attribute that says nothing, drawn at random for every listing, must not move values.

A model that moves by it has learned from chance, and moves by chance elsewhere too. Everything is learned twice from
the same rows, with the column and without, and the same things are valued, the noise named in the question as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.drivers import Drivers
from features.market import last_of_each_listing
from models.knobs import Knobs
from models.training.learn import learn

NAME = "batch mark"
LIMIT = 0.02  # a median move above this says that values lean on noise


@dataclass(frozen=True)
class Moved:
    """|change of value|, as shares: of the middle and of the 95th percentile of `things`."""

    median: float
    high: float
    things: int


def with_noise(rows: pd.DataFrame, seed: int = 7) -> pd.DataFrame:
    """The rows with a number without meaning among each listing's attributes; sightings of one listing agree."""
    random = np.random.default_rng(seed)
    drawn = {listing: f"{value:.3f}" for listing, value in zip(
        pd.unique(rows["listing"]), random.normal(50, 20, rows["listing"].nunique()), strict=True
    )}  # fmt: skip
    said = [{**each, NAME: drawn[name]} for each, name in zip(rows["attributes"], rows["listing"], strict=True)]
    return rows.assign(attributes=said)


def noise_moves(
    rows: pd.DataFrame, knobs: Knobs, *, drivers: Drivers | None = None, most_rows: int = 20_000, things: int = 300
) -> Moved:
    """How far the values of a sample of things move when a column of noise is learned from as well.

    Of a larger market the newest `most_rows` rows are taken.
    """
    from models.evaluation.evaluate import answers

    rows = rows.tail(most_rows).reset_index(drop=True)
    noisy = with_noise(rows)
    last = int(rows["day"].iloc[-1])
    chosen = np.flatnonzero(rows.index.isin(last_of_each_listing(rows).index))
    order = pd.util.hash_array(rows["listing"].iloc[chosen].to_numpy(object).astype(str))
    places = np.sort(chosen[np.argsort(order, kind="stable")[:things]])
    values = []
    for table in (rows, noisy):
        learned = learn(table, knobs, code_version="noise", cutoffs=[last], drivers=drivers)
        cases = table.iloc[places].reset_index(drop=True)
        values.append(answers(learned, cases, np.full(len(cases), last), forward=False)[0])
    both = np.isfinite(values[0]) & np.isfinite(values[1])
    moved = np.abs(values[1][both] / values[0][both] - 1)
    return Moved(float(np.median(moved)), float(np.quantile(moved, 0.95)), int(both.sum()))

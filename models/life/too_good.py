"""Data too good to be true: prices that can be computed from another column of the same row.

A used price made as a share of the new one says nothing about a market, and any model will look brilliant on it. Real
prices scatter: of appraisals whose ratios scatter by less than 5 % the IAAO Standard on Ratio Studies (2013) says to
look for sales chasing. Here the bar is far lower: half of the prices foretold within half a per cent, out of fold, by a
straight line or a small tree over the numbers of the row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.attributes import learn_reader
from features.market import last_of_each_listing
from warehouse.errors import BadInput

_LEAST = 60  # different things below which nothing is said
_MOST = 4000  # things looked at in a group, chosen by hash
_MEDIAN, _UPPER = 0.005, 0.02  # errors of the middle and of the third quarter, in logs, that no market has
_VARIED = 0.1  # robust spread of log prices below which there is nothing to foretell
_PRESENT = 0.5  # share of rows a column must be there for
_FOLDS, _COLUMNS = 4, 12
_COPIES = 0.5
_REST = "other columns"
FORMULA, RESTATED, COPIES = "formula", "restated", "copies"


@dataclass(frozen=True)
class Suspicion:
    """Why figures from a group of rows mean little. `kind` is formula (no accuracy is quoted), restated (a column says
    the price in other words, as a price per gigabyte does) or copies."""

    source: str
    category: str
    kind: str
    columns: tuple[str, ...]
    things: int
    error: float

    @property
    def where(self) -> str:
        return f"{self.source}, {self.category}" if self.category else self.source

    @property
    def message(self) -> str:
        said = " and ".join(self.columns)
        if self.kind == FORMULA:
            return (
                f"{self.where}: the price is a formula of {said} (median error {100 * self.error:.2f} % over "
                f"{self.things} things): no accuracy is quoted"
            )
        if self.kind == RESTATED:
            return (
                f"{self.where}: {said} say the price in other words (median error {100 * self.error:.2f} % over "
                f"{self.things} things): how well they foretell it says nothing"
            )
        return f"{self.where}: {100 * self.error:.0f} % of {self.things} listings copy another one word for word"


@dataclass(frozen=True)
class Found:
    """The best a plain formula does in a group: its columns, and the quartiles of its errors in logs, out of fold."""

    columns: tuple[str, ...]
    median: float
    upper: float
    things: int
    exact: bool = False


def suspicions(rows: pd.DataFrame) -> list[Suspicion]:
    """What is too good to be true in a market table: by source, else by category in it."""
    out: list[Suspicion] = []
    latest = last_of_each_listing(rows)
    for source, part in latest.groupby("source", sort=True):
        out += _copies(str(source), part)
        whole = _judge(str(source), "", best_formula(part))
        found = [whole]
        if whole is None and part["category"].nunique() > 1:
            found = [_judge(str(source), str(name), best_formula(some)) for name, some in part.groupby("category")]
        out += [each for each in found if each is not None]
    return out


def made_sources(found: Sequence[Suspicion]) -> set[tuple[str, str]]:
    """(source, category) of the groups of which no accuracy is quoted; an empty category means all of the source."""
    return {(each.source, each.category) for each in found if each.kind == FORMULA}


def believable(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows of which an accuracy can be quoted, and what is to be said. BadInput where none is left."""
    found = suspicions(rows)
    made = made_rows(rows, found)
    if len(rows) and made.all():
        raise BadInput("; ".join(each.message for each in found))
    return (rows[~made].reset_index(drop=True) if made.any() else rows), [each.message for each in found]


def made_rows(rows: pd.DataFrame, found: Sequence[Suspicion]) -> np.ndarray:
    """Which rows belong to a group whose price is a formula."""
    out = np.zeros(len(rows), bool)
    for source, category in made_sources(found):
        same = (rows["source"] == source).to_numpy()
        out |= same & (rows["category"] == category).to_numpy() if category else same
    return out


def _judge(source: str, category: str, found: Found | None) -> Suspicion | None:
    if found is None or not _too_good(found):
        return None
    kind = RESTATED if found.exact else FORMULA
    return Suspicion(source, category, kind, found.columns, found.things, found.median)


def _copies(source: str, part: pd.DataFrame) -> list[Suspicion]:
    every = max(1, len(part) // (5 * _MOST))
    if every > 1:  # some titles, all listings of these
        part = part[pd.util.hash_array(part["title"].to_numpy(object).astype(str)) % every == 0]
    said = [json.dumps(each, sort_keys=True) for each in part["attributes"]]
    again = part[["title", "day", "kind", "ln_price"]].assign(attributes=said).duplicated()
    share = float(again.mean())
    return [Suspicion(source, "", COPIES, (), len(part), share)] if len(part) >= _LEAST and share > _COPIES else []


def best_formula(part: pd.DataFrame) -> Found | None:
    """The plain formula that foretells the prices of a group best; None where there is too little to tell.

    `part` has one row per listing; of equal things (title and attributes) the newest counts.
    """
    if len(part) > 5 * _MOST:
        part = part.iloc[_some(part, 5 * _MOST)]
    said = [json.dumps(each, sort_keys=True) for each in part["attributes"]]
    thing = pd.util.hash_array((part["title"].astype(str) + pd.Series(said, part.index)).to_numpy(object).astype(str))
    part = part.iloc[np.sort(np.unique(thing[::-1], return_index=True)[1])] if len(part) else part
    if len(part) > _MOST:
        part = part.iloc[_some(part, _MOST)]
    price = part["ln_price"].to_numpy(float)
    if len(part) < _LEAST or _spread(price) < _VARIED:
        return None
    numbers, names = _numbers(part)
    if not names:
        return None
    fold = pd.util.hash_array(part["listing"].to_numpy(object).astype(str)) % _FOLDS
    tried = list(_formulas(numbers, names, price, fold))
    return min(tried, key=_plainest) if tried else None


def _plainest(found: Found) -> tuple[bool, bool, int, float]:
    """Of the formulas that are too good the one of the fewest columns, else the best one."""
    good = _too_good(found)
    return not good, good and _REST in found.columns, len(found.columns) if good else 0, found.median


def _too_good(found: Found) -> bool:
    return found.median <= _MEDIAN and found.upper <= _UPPER


def _some(part: pd.DataFrame, most: int) -> np.ndarray:
    """Places of `most` rows, chosen by the hash of the listing."""
    order = pd.util.hash_array(part["listing"].to_numpy(object).astype(str))
    return np.sort(np.argsort(order, kind="stable")[:most])


def _numbers(part: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """The columns of numbers that are there often enough and say different things, those nearest to the price first."""
    reader = learn_reader(list(part["attributes"]))
    table = np.column_stack([part["ln_list"].map(np.exp), reader.transform(list(part["attributes"]))]).astype(float)
    names = ["list price", *reader.names]
    price = part["ln_price"].rank().to_numpy(float)
    near: dict[int, float] = {}
    for column in range(1 + len(reader.numeric)):
        there = np.isfinite(table[:, column])
        if there.mean() >= _PRESENT and len(np.unique(table[there, column])) > 2:
            ranks = pd.Series(table[there, column]).rank().to_numpy(float)
            near[column] = -abs(float(np.corrcoef(ranks, price[there])[0, 1]))
    chosen = sorted(near, key=lambda column: near[column])[:_COLUMNS]
    return table[:, chosen], [names[column] for column in chosen]


def _formulas(numbers: np.ndarray, names: list[str], price: np.ndarray, fold: np.ndarray) -> Iterator[Found]:
    """What each kind of formula makes of the prices: a share of a column, a product, a sum, steps."""
    logs = np.log(np.where(numbers > 0, numbers, np.nan))
    for place in range(min(3, len(names))):
        share = price - logs[:, place]
        there = np.isfinite(share)
        if there.sum() < max(_LEAST, _PRESENT * len(price)):
            continue
        steady = share[there] - np.median(share[there])
        yield _found((names[place],), steady, exact=abs(float(np.median(share[there]))) < _MEDIAN)
        others = [column for column in range(len(names)) if column != place]
        for column in others:
            left = _tree(numbers[there][:, [column]], share[there], fold[there])
            yield _found((names[place], names[column]), left)
        if len(others) > 1:
            left = _tree(numbers[there][:, others], share[there], fold[there])
            yield _found((names[place], _REST), left)
        for column in others:
            both = there & np.isfinite(logs[:, column])
            if both.sum() >= max(_LEAST, _PRESENT * len(price)):
                product = price[both] - logs[both, place] - logs[both, column]
                yield _found((names[place], names[column]), product - np.median(product), exact=True)
    whole = np.isfinite(logs).all(axis=1)
    if whole.sum() >= max(_LEAST, _PRESENT * len(price)):
        for design, scale in ((logs[whole], np.ones(int(whole.sum()))), (numbers[whole], np.exp(-price[whole]))):
            yield _found(tuple(names), _line(design, price[whole], fold[whole], scale))
    yield _found(tuple(names), _tree(numbers, price, fold))


def _found(columns: tuple[str, ...], errors: np.ndarray, exact: bool = False) -> Found:
    size = np.abs(errors)
    return Found(columns, float(np.median(size)), float(np.quantile(size, 0.75)), len(size), exact)


def _tree(design: np.ndarray, target: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Errors of a small regression tree, out of fold."""
    from sklearn.tree import DecisionTreeRegressor

    out = np.zeros(len(target))
    for held in range(_FOLDS):
        inside = fold != held
        if inside.all() or not inside.any():
            continue
        tree = DecisionTreeRegressor(max_leaf_nodes=24, min_samples_leaf=8, random_state=7)
        out[~inside] = target[~inside] - tree.fit(design[inside], target[inside]).predict(design[~inside])
    return out


def _line(design: np.ndarray, target: np.ndarray, fold: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Errors of a weighted straight line, out of fold; with prices for a scale a sum, else a product of powers."""
    levels = not bool((scale == 1).all())
    wanted = np.exp(target) if levels else target
    full = np.column_stack([np.ones(len(target)), design])
    out = np.zeros(len(target))
    for held in range(_FOLDS):
        inside = fold != held
        weights = scale[inside][:, None]
        solved = np.linalg.lstsq(full[inside] * weights, wanted[inside] * weights[:, 0], rcond=None)[0]
        out[~inside] = (wanted[~inside] - full[~inside] @ solved) * scale[~inside]
    return out


def _spread(values: np.ndarray) -> float:
    """Half the distance between the quartiles."""
    low, high = np.quantile(values, [0.25, 0.75])
    return float(high - low) / 2

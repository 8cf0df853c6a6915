"""The nearest comparables: rows of the same wording or product, and the attributes by which their prices differ.

Of a thing that is sold hundreds of times the sixty newest rows are not the ones that tell most: a sale of the same size
a month ago tells more than one of another size yesterday, and both are wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import pandas as pd

from features.attributes import number
from models.base.kriging import distance

_MOST_TELLING = 2
_LEAST_EXPLAINED = 0.03
_ROWS = 20_000  # newest rows from which is learned what tells
_GROUP = 8  # rows of one product that a comparison within it needs
_BLOCK = 30  # days within which a product is taken to stand still
_VALUES = 40  # different values of an attribute in one look
_FAR = 3.0  # a unit of attribute distance is as far as this many e-foldings of age


@dataclass(frozen=True)
class Telling:
    """An attribute that parts the prices of one product. Words lie 1 apart, numbers by their difference over `scale`
    (the middle difference of two rows of one product)."""

    name: str
    words: bool
    scale: float

    def to_dict(self) -> dict[str, str | bool | float]:
        return asdict(self)

    def of(self, attributes: Sequence[Mapping[str, str]] | np.ndarray) -> np.ndarray:
        """Coordinates of some rows: scaled numbers, or a number for each word; NaN where it is not said."""
        read = _word if self.words else number
        out = np.array(
            [read(each[self.name]) if each and each.get(self.name) else np.nan for each in attributes], float
        )
        return out if self.words else out / self.scale


@lru_cache(maxsize=100_000)
def _word(text: str) -> float:
    return float(crc32(text.strip().casefold().encode()))


class Places:
    """Coordinates of a market's rows in telling attributes, made once for each attribute."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self._attributes = rows["attributes"].to_numpy(object)
        self._known: dict[Telling, np.ndarray] = {}
        self.listing = pd.factorize(rows["listing"])[0]

    def of(self, rows: np.ndarray, telling: Sequence[Telling]) -> np.ndarray:
        """Shape (len(rows), len(telling))."""
        out = np.empty((len(rows), len(telling)))
        for column, each in enumerate(telling):
            if each not in self._known:
                self._known = {**dict(list(self._known.items())[-16:]), each: each.of(self._attributes)}
            out[:, column] = self._known[each][rows]
        return out


def distances(one: np.ndarray, other: np.ndarray, telling: Sequence[Telling]) -> np.ndarray:
    """How far rows of coordinates lie apart, over all telling attributes."""
    out = np.zeros(np.broadcast_shapes(one.shape, other.shape)[:-1])
    for column, each in enumerate(telling):
        out += distance(one[..., column], other[..., column], each.words)
    return out


def choose(listing: np.ndarray, far: np.ndarray, age: np.ndarray, most: int) -> np.ndarray:
    """Of candidates in order of time the places of the `most` that tell most, each listing once (its newest)."""
    last = len(listing) - 1 - np.unique(listing[::-1], return_index=True)[1]
    cost = _FAR * far[last] + np.log1p(age[last])
    return np.sort(last[np.lexsort((-last, cost))[:most]])


def learn_telling(rows: pd.DataFrame, target: np.ndarray) -> tuple[Telling, ...]:
    """The attributes that explain most of how prices (`target`, logs at the reference) differ within a product.

    A product is compared with itself within thirty days; each row's value of an attribute is judged by the other rows
    of that value alone, drawn to nothing, so that an attribute with a value for every row explains nothing.
    """
    newest = rows.tail(_ROWS)
    table = pd.DataFrame({"product": newest["product"].to_numpy(object), "price": target[-len(newest) :]})
    # What has the same words is surely one product.
    often = newest.groupby("title")["title"].transform("size").to_numpy() >= 4 * _GROUP
    table["product"] = np.where(often, newest["title"].to_numpy(object), table["product"])
    block = [table["product"], newest["day"].to_numpy() // _BLOCK]
    inside = (table.groupby(block)["price"].transform("size") >= _GROUP).to_numpy()
    error = (table["price"] - table.groupby(block)["price"].transform("median")).to_numpy(float)
    attributes = newest["attributes"].to_numpy(object)[inside]
    product, error = table["product"].to_numpy(object)[inside], error[inside]
    whole = float((error**2).sum())
    if whole <= 0:
        return ()
    found = []
    for name in sorted({name for each in attributes if each for name in each}):
        telling = _read(name, attributes, product)
        if telling is None:
            continue
        explained = _explained(telling.of(attributes), product, error) / whole
        if explained >= _LEAST_EXPLAINED:
            found.append((-explained, name, telling))
    return tuple(telling for _, _, telling in sorted(found)[:_MOST_TELLING])


def _read(name: str, attributes: np.ndarray, product: np.ndarray) -> Telling | None:
    """The attribute as numbers where nearly all are, else as words; None where it is rare or always another."""
    texts = [str(each[name]) for each in attributes if each and each.get(name)]
    if len(texts) < max(_GROUP, 0.2 * len(attributes)):
        return None
    as_number = Telling(name, False, 1.0)
    values = as_number.of(attributes)
    if np.isfinite(values).sum() < 0.9 * len(texts):
        return Telling(name, True, 1.0)
    # Neighbours within a product, in a fixed order that has nothing to do with the attribute, are as good as any pair.
    order = np.argsort(product, kind="stable")
    gap = np.abs(np.diff(values[order]))[product[order][1:] == product[order][:-1]]
    gap = gap[np.isfinite(gap) & (gap > 0)]
    return Telling(name, False, float(np.median(gap))) if len(gap) else None


def _explained(values: np.ndarray, product: np.ndarray, error: np.ndarray) -> float:
    """Sum of squares that the other rows of the same product and value take away."""
    known = np.isfinite(values)
    ranks = pd.Series(values[known])
    if ranks.nunique() > _VALUES:
        ranks = pd.qcut(ranks, _VALUES, labels=False, duplicates="drop")
    groups = pd.Series(error[known]).groupby([product[known], ranks.to_numpy()])
    others = (groups.transform("sum") - error[known]) / (groups.transform("size") + 2.0)
    return float((error[known] ** 2).sum() - ((error[known] - others.to_numpy(float)) ** 2).sum())

"""Questions of so few words that they are a heading and not a thing: "guitar", "mountain bike", "iphone 12".

A model of prices takes a word that a title lacks for a sign, and prices "guitar" as a guitar that nobody could name
anything good of. Who asks so means the usual one. So such a question is read as the wording in the middle, by hedonic
value, of those that say all that it says and more, and its interval holds nine tenths of what these go for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from features.comparables import TitleIndex
from features.text import neutral, word_matrix
from features.thing import kinds_of
from models.base.compose import Compared, Market
from models.base.reference import Reference, own_hedonic
from models.base.trees import Information
from warehouse.valuation import ValuationRequest

_WORDS = 4  # a question of more words says what it is about
_LEAST = 5  # sellers of whose listings one is the usual one
_LOOKED_AT, _HEARD = 2000, 200  # newest listings looked at, and newest sellers heard
_STEP = 20_000  # rows looked through at first


@dataclass(frozen=True)
class Heading:
    """The usual one of what a question heads: its title and product, the sellers heard, and between which log prices,
    in the condition, region and time of the reference, the middle nine tenths (or what was asked for) of theirs lie."""

    title: str
    product: str
    sellers: int
    low: float
    high: float

    def said(self) -> str:
        """What the answer says of it, a sentence."""
        return (
            f"So few words fit what {self.sellers} sellers list: the value is that of the usual one of these,"
            f' "{self.title}", and the interval holds what most of them go for.'
        )


def headings(
    requests: Sequence[ValuationRequest],
    rows: Sequence[Mapping[str, Any]],
    compared: Sequence[Compared],
    day: int,
    market: Market,
    reference: Reference,
    coverage: float,
) -> dict[int, Heading]:
    """The headings among questions (`rows` are them as rows of the market table), by place.

    What has enough of the very same thing to be compared with is none, nor is what is told apart by anything but words.
    Before the first vintage there are none: comparables alone decide.
    """
    out: dict[int, Heading] = {}
    if reference.vintage is None:
        return out
    for place, (request, row, found) in enumerate(zip(requests, rows, compared, strict=True)):
        words = neutral(request.text).split()
        apart = row["attributes"] or np.isfinite(row["ln_list"]) or {"gtin", "mpn"} & request.attributes.keys()
        if found.settled or apart or not 0 < len(words) <= _WORDS:
            continue
        fuller = _fuller(row, day, market)
        if len(fuller) >= _LEAST:
            out[place] = _usual(row, fuller, market, reference, coverage)
    return out


def _fuller(row: Mapping[str, Any], day: int, market: Market) -> np.ndarray:
    """Market rows of the question's category whose titles say all that it says, the newest of each seller's; what is
    sold as something else (a lot, an accessory, parts) is left out."""
    index, said = market.index, frozenset(neutral(str(row["title"])).split())
    says = np.zeros(len(index.titles), bool)
    says[_saying(index, sorted(said))] = True
    category, found = market.column("category"), np.zeros(0, int)
    # From the newest backwards, so that a word that half a large market says costs no more than another.
    behind, step = int(np.searchsorted(index.day, day, side="right")), _STEP
    while behind > 0 and len(found) < _LOOKED_AT:
        first, behind, step = behind, max(behind - step, 0), 4 * step
        rows = behind + np.flatnonzero(says[index.title_of_row[behind:first]])
        found = np.append(rows[(category[rows] == row["category"]) & ~market.copied[rows]], found)
    found = found[-_LOOKED_AT:]
    sold_as, texts = kinds_of(str(row["title"])), market.column("title")[found]
    same = [said <= frozenset(neutral(text).split()) and kinds_of(text) == sold_as for text in texts.tolist()]
    found = found[np.array(same, bool)]
    _, newest = np.unique(index.seller[found][::-1], return_index=True)
    out: np.ndarray = found[len(found) - 1 - np.sort(newest)[:_HEARD][::-1]]
    return out


def _saying(index: TitleIndex, words: Sequence[str]) -> np.ndarray:
    """Numbers of the titles that have all of some words; of titles with other words of their hashes too."""
    # A word may say something of a condition when it stands alone ("new" of "new balance"): it is not asked for then.
    columns = [column for word in words for column in word_matrix([word]).indices.tolist()]
    said = [index.by_word.indices[index.by_word.indptr[each] : index.by_word.indptr[each + 1]] for each in columns]
    return reduce(np.intersect1d, sorted(said, key=len)).astype(int) if said else np.zeros(0, int)


def _usual(
    row: Mapping[str, Any], fuller: np.ndarray, market: Market, reference: Reference, coverage: float
) -> Heading:
    assert reference.vintage is not None
    kind = int(reference.information(pd.DataFrame([row]))[0])
    hedonic = own_hedonic(market.rows.iloc[fuller], reference.vintage, [Information(kind)])[:, 0]
    price = hedonic + reference.above[fuller, kind]
    # Of those in the middle, all about as dear, the shortest: it says least that was not asked.
    by_value, aside = np.argsort(hedonic, kind="stable"), len(fuller) // 20
    middle = fuller[by_value[(len(fuller) - 1) // 2 - aside : (len(fuller) - 1) // 2 + aside + 1]]
    title, product = min(
        ((str(market.column("title")[each]), str(market.column("product")[each])) for each in middle.tolist()),
        key=lambda one: (len(one[0]), one),
    )
    low, high = np.quantile(price, [(1 - coverage) / 2, (1 + coverage) / 2])
    return Heading(title, product, len(fuller), float(low), float(high))

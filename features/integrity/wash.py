"""Wash trades: sales that only look like sales, because the same people stand on both sides.

Where the other party of a sale is known (attribute `buyer`, a pseudonym made with the sellers' key), trades are edges
of a graph: a self-trade, a pair that trades again and again, a circle through which a thing comes back to who sold it.
Where it is not known, one thing (told by its photo) that is sold dearer and dearer stands out; no more can be said.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.integrity.flags import HOLDS, Flag

_MEMORY = 180  # days that a trade is remembered
_PAIR = 3  # trades of one pair from which on it is no chance
_LONGEST = 4  # trades of a circle
_BUYER = ("buyer", "buyer_name", "buyer name", "buyer_id", "bidder")  # headings by which a file may name who bought
_ESCALATIONS, _RISE = 4, math.log(1.5)


def wash_trades(rows: pd.DataFrame) -> list[Flag]:
    """The suspicions of wash trades in a market table sorted by day."""
    sold = np.flatnonzero(np.isin(rows["kind"].to_numpy(object), ["sold", "traded"]))
    sold = sold[~rows["listing"].duplicated(keep="first").to_numpy()[sold]]
    day, seller = rows["day"].to_numpy(), rows["seller"].to_numpy(object)
    product = rows["product"].to_numpy(object)
    attributes = rows["attributes"].to_numpy(object)[sold]
    trades = [
        (int(row), int(day[row]), str(seller[row]), buyer, str(product[row]))
        for row, buyer in zip(sold, map(buyer_of, attributes), strict=True)
        if buyer
    ]
    return [*_pairs(trades), *_circles(trades), *_escalations(rows, sold)]


def buyer_of(attributes: Mapping[str, Any] | None) -> str:
    """The pseudonym of who bought, under whichever heading a file named them; "" where it is not said."""
    said = attributes or {}
    return next((str(said[name]).strip() for name in _BUYER if said.get(name)), "")


_Trade = tuple[int, int, str, str, str]


def _pairs(trades: list[_Trade]) -> Iterator[Flag]:
    """Self-trades at once, and all trades of a pair from the third within half a year on."""
    between: dict[frozenset[str], deque[tuple[int, int]]] = defaultdict(deque)
    for row, day, seller, buyer, product in trades:
        if seller == buyer:
            what = f"{seller} sold to themselves"
            yield Flag("self_trade", product, (seller,), np.array([row]), day, day + HOLDS, 1.0, what)
            continue
        known = between[frozenset((seller, buyer))]
        known.append((row, day))
        while known[0][1] < day - _MEMORY:
            known.popleft()
        if len(known) >= _PAIR:
            # The first stays: a pair counts once.
            part = np.array([each for each, _ in known][1:])
            what = f"{seller} and {buyer} traded with each other {len(known)} times in {_MEMORY} days"
            yield Flag(
                "same_pair", product, tuple(sorted((seller, buyer))), part, day, day + HOLDS, float(len(known)), what
            )


def _circles(trades: list[_Trade]) -> Iterator[Flag]:
    """A product that comes back to one who sold it, through two to `_LONGEST` sales."""
    by_product: dict[str, list[_Trade]] = defaultdict(list)
    for trade in trades:
        by_product[trade[4]].append(trade)
    for product, part in by_product.items():
        out: dict[str, deque[_Trade]] = defaultdict(deque)
        for trade in part:
            _, day, seller, buyer, _ = trade
            if seller != buyer:
                for path in _paths(out, seller, buyer, day):
                    members = sorted({*(each[0] for each in path), trade[0]})
                    people = tuple(sorted({each[2] for each in path} | {seller}))
                    what = f"the thing came back to {buyer} through {len(members)} sales"
                    yield Flag(
                        "circle", product, people, np.array(members), day, day + HOLDS, float(len(members)), what
                    )
                out[buyer].append(trade)


def _paths(bought: Mapping[str, deque[_Trade]], seller: str, buyer: str, day: int) -> Iterator[list[_Trade]]:
    """The newest chain of earlier sales by which `seller` has the thing from `buyer`, the newest sale first."""
    stack: list[tuple[str, int, list[_Trade]]] = [(seller, day, [])]
    while stack:
        who, until, path = stack.pop()
        if len(path) >= _LONGEST - 1:
            continue
        for trade in list(bought.get(who, ()))[-8:]:
            if not day - _MEMORY <= trade[1] <= until or trade in path:
                continue
            if trade[2] == buyer:
                yield [*path, trade]
                return
            stack.append((trade[2], trade[1], [*path, trade]))


def _escalations(rows: pd.DataFrame, sold: np.ndarray) -> Iterator[Flag]:
    """One photo's thing, sold four times and more, each time dearer, half as dear again in all."""
    if "look" not in rows:
        return
    look = rows["look"].to_numpy(object)[sold]
    shown = sold[[isinstance(each, str) and bool(each) for each in look]]
    if len(shown) == 0:
        return
    price, day = rows["ln_price"].to_numpy(float), rows["day"].to_numpy()
    names = pd.Series(rows["look"].to_numpy(object)[shown])
    for _, places in names.groupby(names, sort=True).groups.items():
        chain: list[int] = []
        for row in shown[np.asarray(places, dtype=int)].tolist():
            chain = [*chain, row] if not chain or price[row] > price[chain[-1]] else [row]
            if len(chain) >= _ESCALATIONS and price[row] - price[chain[0]] >= _RISE:
                rise = math.exp(price[row] - price[chain[0]])
                sellers = tuple(sorted({str(rows["seller"].iat[each]) for each in chain}))
                what = f"one thing was sold {len(chain)} times, each time dearer, {rise:.1f} times as dear in all"
                raised = int(day[row])
                yield Flag(
                    "escalation", str(rows["product"].iat[row]), sellers, np.array(chain[1:]), raised, raised + HOLDS,
                    float(len(chain)), what,
                )  # fmt: skip

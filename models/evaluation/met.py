"""What things in question are, by a market table alone: for tests on rows that no snapshot keeps a book of products of.

A valuer that took each question for a thing of its own words would not be the one that people ask, nor the one whose
replayed misses size the intervals: with a book, a wording that was met is the product that it was found to be.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Any

import pandas as pd

from features.identity import product_of

_TOLD = ["title", "brand", "gtin", "mpn", "category"]


class Met:
    """The products of what a market table's rows said of their things, by day. Answers as
    `features.understanding.Understanding` does, but for what was not met: that is a thing of its own words here."""

    def __init__(self, rows: pd.DataFrame) -> None:
        """`rows` in order of time, as a market table is."""
        before = rows.groupby(_TOLD, dropna=False, sort=False)["product"].shift()
        self._since: dict[str, list[int]] = {}
        self._product: dict[str, list[str]] = {}
        changed = rows[[*_TOLD, "day", "product"]][(rows["product"] != before).to_numpy()]
        for title, brand, gtin, mpn, category, day, product in changed.itertuples(index=False, name=None):
            key = product_of(str(title), _text(brand), _text(gtin), _text(mpn), str(category))
            self._since.setdefault(key, []).append(int(day))
            self._product.setdefault(key, []).append(str(product))

    def understand(self, row: Mapping[str, Any], named: Mapping[str, str], day: int) -> dict[str, Any]:
        """The product of a question as known on a day (since 1970); nothing where its words were not met by then."""
        brand, gtin, mpn = (_text(named.get(name)) for name in ("brand", "gtin", "mpn"))
        key = product_of(str(row["title"]), brand, gtin, mpn, str(row["category"]))
        place = bisect.bisect_right(self._since.get(key, []), day)
        return {"product": self._product[key][place - 1]} if place else {}


def _text(value: object) -> str | None:
    return value or None if isinstance(value, str) else None

"""The comparables of a thing in hand, from one snapshot: sold and asking apart, each with its likeness and reasons.

These are for a person to look at; the value leans on its own (`models.base.compose`), which weighs them by age and
kind and moves their prices to the place and time in question. Both see the same titles, as known at the day's end.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from features.comparables.finder import Alike, Finder, Question
from features.comparables.wording import put_together
from features.condition import UNSTATED
from features.market import day_date, day_number, question
from features.thing import read_thing
from features.understanding import Understands
from models.answers.comparable_shapes import (
    KINDS,
    ComparableListing,
    Comparables,
    ComparablesRequest,
    Kind,
    OtherListing,
    UnknownListing,
    Why,
)
from models.level.state import Learned


class Comparer:
    """Finds comparables in what one snapshot holds. Safe to ask from several threads."""

    def __init__(self, learned: Learned | None, snapshot_id: str, understanding: Understands | None = None) -> None:
        self.learned, self.snapshot_id, self.understanding = learned, snapshot_id, understanding
        self._lock = threading.Lock()
        self._finder: Finder | None = None
        self._idf_on = lru_cache(maxsize=8)(self._idf)

    def compare(self, asked: ComparablesRequest) -> Comparables:
        """The comparables of a thing. Raises UnknownListing for a listing that was not known by the day."""
        return self._compare(asked, None)

    def of_product(
        self, product: str, *, kind: Kind | None = None, limit: int = 12, as_of: date | None = None
    ) -> Comparables:
        """The comparables of a product, asked for by the newest title it had by the day.

        Raises UnknownListing for a product that nothing was listed as by then.
        """
        row = self._newest("product", product, as_of)
        if row is None or self.learned is None:
            raise UnknownListing(f'no listing known by then is a "{product}": `katy search` finds products')
        newest = self.learned.market.rows.iloc[row]
        named = ("category", "brand", "gtin", "mpn")
        attributes = {name: str(newest[name]) for name in named if name in newest and _said(newest[name])}
        text = str(newest["title"])[:2000]
        asked = ComparablesRequest(text=text, attributes=attributes, kind=kind, limit=limit, as_of=as_of)
        return self._compare(asked, product)

    def _compare(self, asked: ComparablesRequest, product: str | None) -> Comparables:
        row = question(asked.text, asked.attributes, condition=asked.condition, region=None)
        if self.understanding is not None and self.learned is not None:
            row |= self.understanding.understand(row, asked.attributes, self._day(asked.as_of))
        condition = asked.condition or asked.attributes.get("condition")
        named = {name: asked.attributes.get(name) or None for name in ("brand", "gtin", "mpn")}
        thing = read_thing(asked.text, condition=condition, attributes=row["attributes"], **named)
        understood = {
            "category": row["category"],
            "product": product or row["product"],
            "brand": thing.brand,
            "grade": thing.grade,
            "codes": list(thing.codes),
            "sizes": [f"{value:g} {unit}" for value, unit in thing.sizes],
            "roles": sorted(thing.roles),
        }
        if self.learned is None:
            return self._answer(asked.as_of or date(1970, 1, 1), understood, {}, "no_data")
        day = self._day(asked.as_of)
        if day < int(self.learned.levels.days[0]):
            return self._answer(day_date(day), understood, {}, "before_data")
        seller = self._seller(asked.listing, asked.as_of)
        wanted = Question(thing, asked.text, row["category"], understood["product"], day, asked.listing, seller)
        kinds = KINDS if asked.kind is None else (asked.kind,)
        found = self._find().find(wanted, self._idf_on(day), kinds, asked.limit)
        reason: Why | None = None if any(found.values()) else "nothing_comparable"
        return self._answer(day_date(day), understood, found, reason)

    def _day(self, as_of: date | None) -> int:
        """The day asked about; a day after the data's end is the data's end, for nothing later is known."""
        assert self.learned is not None
        last = int(self.learned.levels.days[-1])
        return last if as_of is None else min(day_number(as_of), last)

    def _newest(self, name: Literal["product", "listing"], key: str, as_of: date | None) -> int | None:
        """The newest market row of a product or a listing as known by a day."""
        if self.learned is None:
            return None
        known = self._find().rows_by(name, key, self._day(as_of))
        return int(known[-1]) if len(known) else None

    def _find(self) -> Finder:
        with self._lock:
            if self._finder is None:
                assert self.learned is not None
                self._finder = Finder(self.learned.market.rows, self.learned.market.index)
            return self._finder

    def _idf(self, day: int) -> np.ndarray:
        """Word weights as known on a day: the vintage's, before the first one those of the titles seen by then."""
        assert self.learned is not None
        vintage = self.learned.vintage(day)
        return vintage.idf if vintage is not None else self.learned.market.index.idf(day)

    def _seller(self, listing: str | None, as_of: date | None) -> str | None:
        """Whose the listing asked about is."""
        if listing is None:
            return None
        row = self._newest("listing", listing, as_of)
        if row is None or self.learned is None:
            raise UnknownListing(f'no listing "{listing}" was known by then: a listing is named SOURCE/ID')
        return str(self.learned.market.rows["seller"].iat[row])

    def _answer(
        self, when: date, understood: dict[str, Any], found: dict[Kind, list[Alike]], reason: Why | None
    ) -> Comparables:
        lists = {kind: self._listings(found.get(kind, ())) for kind in KINDS}
        return Comparables(
            snapshot=self.snapshot_id, value_date=when.isoformat(), understood=understood, reason=reason, **lists
        )

    def _listings(self, found: Sequence[Alike]) -> list[ComparableListing]:
        if not found:
            return []
        assert self.learned is not None
        rows = self.learned.market.rows
        # Whole columns as they stand: a row taken out of the table would be a copy of mixed types, and slow.
        column = {name: rows[name].array for name in _SHOWN}
        return [_shown(each, {name: column[name][each.row] for name in _SHOWN}) for each in found]


_SHOWN = ("listing", "title", "kind", "price", "currency", "observed_at", "grade", "region", "url", "found_at")


def _shown(found: Alike, row: Mapping[str, Any]) -> ComparableListing:
    seen = pd.Timestamp(row["observed_at"]).to_pydatetime()
    utc = seen.astimezone(UTC) if seen.tzinfo else seen
    return ComparableListing(
        **{name: str(row[name]) for name in ("listing", "title", "kind", "currency", "found_at")},
        price=_plain(str(row["price"])),
        observed_at=f"{utc:%Y-%m-%dT%H:%M:%S}Z",
        condition=None if row["grade"] == UNSTATED else str(row["grade"]),
        region=_said(row["region"]),
        url=_said(row["url"]),
        similarity=found.similarity,
        reasons=list(found.reasons),
        stands_for=put_together(why for _, why in found.others),
        others=[OtherListing(listing=listing, why=why) for listing, why in found.others],
    )


def _said(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _plain(price: str) -> str:
    """Decimal text with cents, and with more places only where they say something."""
    whole, _, places = price.partition(".")
    return f"{whole}.{places.rstrip('0'):0<2}"


def open_comparer(valuer: Any, snapshot_id: str) -> Comparer:
    """The comparer beside a valuer of the same snapshot, on the valuer's own market table."""
    return Comparer(getattr(valuer, "learned", None), snapshot_id, getattr(valuer, "understanding", None))

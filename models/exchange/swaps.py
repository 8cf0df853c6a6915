"""What one can get for a thing: offers whose value lies within the interval of its own.

Valuing every offer at each question is too slow, and an offer's own price says most of what it is worth. So offers are
chosen in two steps. First by their asking price, lowered by the gap between asked and sold prices of their category (as
the newest vintage knows it), for all offers at once. Then the likeliest few are valued by the model, in one batch; what
was valued is kept as long as the snapshot is. Shown is the model's value; where it has none, the lowered asking price.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.condition import UNSTATED
from features.market import day_date
from models.exchange.worth import Worth, worth
from models.level.state import Learned
from warehouse.valuation import ValuationRequest

ON_OFFER_DAYS = 30
_VALUED = 60
_MOST_KEPT = 20_000
# What a step further away, or a grade of confidence less, costs in fit.
_PER_STEP, _PER_GRADE = 0.5, 0.15


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer: what it is worth in the anchor with its interval, and how it suits.

    `fit` is its distance from the thing's own value in half-widths of that interval (0: equal, 1: at its end);
    `away` 0 in the same region, 1 in the same country or without a region, 2 elsewhere; `by_model` says whose value
    it is.
    """

    listing: str
    title: str
    category: str
    region: str | None
    url: str | None
    found_at: str
    price: str
    currency: str
    seen: str
    value: Worth
    fit: float
    away: int
    by_model: bool

    @property
    def rank(self) -> float:
        """What offers are ordered by, least first."""
        return self.fit + _PER_STEP * self.away + _PER_GRADE * "ABCD".index(self.value.confidence)


class Swaps:
    """The offers of one snapshot. Safe to ask from several threads."""

    def __init__(self, valuer: Any) -> None:
        """`valuer` is a `models.answers.value.Valuer`; one without a market has no offers."""
        self.valuer = valuer
        self.learned: Learned | None = getattr(valuer, "learned", None)
        self._lock = threading.Lock()
        self._offers: pd.DataFrame | None = None
        self._valued: dict[str, Worth | None] = {}

    def find(
        self, own: Worth, *, region: str | None = None, category: str | None = None, not_like: str = "", limit: int = 10
    ) -> list[Offer]:
        """Offers for a thing of this value, the best first, one a seller; `not_like` leaves out a product."""
        rows = self._standing()
        if category:
            rows = rows[rows["category"] == category]
        if not_like:
            rows = rows[rows["product"] != not_like]
        if rows.empty:
            return []
        away = np.asarray([_away(region, other) for other in rows["region"]])
        fit = np.abs(_in_widths(rows["ln_worth"].to_numpy(float), own))
        near = np.flatnonzero(fit <= 1.5)
        likely = near[np.argsort(fit[near] + _PER_STEP * away[near], kind="stable")][:_VALUED]
        found = [self._offer(rows.iloc[place], own, int(away[place])) for place in self._valuing(rows, likely)]
        fitting = sorted((each for each in found if each.fit <= 1), key=lambda each: (each.rank, each.listing))
        return _one_a_seller(fitting, dict(zip(rows["listing"], rows["seller"], strict=True)))[:limit]

    def _standing(self) -> pd.DataFrame:
        """What is on offer at the snapshot's end: asked for in its last days, and not sold since."""
        with self._lock:
            if self._offers is None:
                self._offers = (
                    self._stand() if self.learned is not None else pd.DataFrame(columns=["category", "product"])
                )
            return self._offers

    def _stand(self) -> pd.DataFrame:
        assert self.learned is not None
        rows = self.learned.market.rows
        last = int(self.learned.levels.days[-1])
        newest = rows.drop_duplicates("listing", keep="last")
        standing = newest[(newest["kind"] == "asking") & (newest["day"] > last - ON_OFFER_DAYS)].copy()
        vintage = self.learned.vintage(last)
        gaps = {
            name: vintage.effects.of_gap(str(name)) if vintage is not None else 0.0
            for name in standing["category"].unique()
        }
        standing["ln_worth"] = standing["ln_price"] - np.asarray([gaps[name] for name in standing["category"]], float)
        return standing

    def _valuing(self, rows: pd.DataFrame, places: np.ndarray) -> list[int]:
        """Value what has not been valued yet, in one batch; gives the places back."""
        with self._lock:
            if len(self._valued) > _MOST_KEPT:
                self._valued.clear()
            unknown = [int(place) for place in places if rows["listing"].iat[int(place)] not in self._valued]
            asked = [_request(rows.iloc[place]) for place in unknown]
            for place, answer in zip(unknown, self.valuer.value_many(asked) if asked else [], strict=True):
                self._valued[str(rows["listing"].iat[place])] = worth(answer)
        return [int(place) for place in places]

    def _offer(self, row: pd.Series, own: Worth, away: int) -> Offer:
        asked = math.exp(float(row["ln_worth"]))
        known = self._valued.get(str(row["listing"]))
        value = known or Worth(asked, asked, asked, "D", str(row["category"]))
        return Offer(
            listing=str(row["listing"]),
            title=str(row["title"]),
            category=str(row["category"]),
            region=str(row["region"]) or None,
            url=row["url"] if isinstance(row["url"], str) else None,
            found_at=str(row["found_at"]),
            price=_plain(str(row["price"])),
            currency=str(row["currency"]),
            seen=day_date(int(row["day"])).isoformat(),
            value=value,
            fit=round(abs(float(_in_widths(np.asarray([math.log(value.value)]), own)[0])), 4),
            away=away,
            by_model=known is not None,
        )


def _request(row: pd.Series) -> ValuationRequest:
    """An offer as a question. Its own price is no part of it."""
    named = {name: str(row[name]) for name in ("category", "brand") if isinstance(row[name], str) and row[name]}
    attributes = {name: str(value) for name, value in dict(row["attributes"]).items()}
    grade = None if row["grade"] == UNSTATED else str(row["grade"]).replace("_", " ")
    return ValuationRequest(
        text=str(row["title"])[:2000], attributes={**attributes, **named}, condition=grade, region=row["region"] or None
    )


def _in_widths(logs: np.ndarray, own: Worth) -> np.ndarray:
    """Distances from the thing's own value in half-widths of its interval, below negative."""
    off = logs - math.log(own.value)
    up = max(math.log(own.high / own.value), 1e-6)
    down = max(math.log(own.value / own.low), 1e-6)
    return np.where(off >= 0, off / up, off / down)


def _away(region: str | None, other: Any) -> int:
    """How far an offer is, as far as regions tell."""
    if not region:
        return 0
    if not isinstance(other, str) or not other:
        return 1
    if other.casefold() == region.casefold():
        return 0
    return 1 if other.split("-")[0].casefold() == region.split("-")[0].casefold() else 2


def _one_a_seller(found: list[Offer], sellers: dict[str, str]) -> list[Offer]:
    seen: set[str] = set()
    out = []
    for offer in found:
        if sellers[offer.listing] not in seen:
            seen.add(sellers[offer.listing])
            out.append(offer)
    return out


def _plain(price: str) -> str:
    whole, _, places = price.partition(".")
    return f"{whole}.{places.rstrip('0'):0<2}"

"""Space and rental: what so many days cost, from rentals that were seen, else from what the thing itself is worth.

Seen rentals of any term are brought to a day's rent by price ∝ days ^ curve; the curve is that of the category's own
rentals as far as they are seen for several terms. Where none is seen, the owner's cost of a day stands in: interest,
wear and upkeep of the thing's value over the days it is let.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from features.taxonomy import tree
from models.base.robust import weighted_median
from models.services.jobs import service_data, word_forms
from models.services.reading import term
from models.services.rules import owners_day, rent, rental_curve
from models.services.scene import Scene, spread
from warehouse.valuation import Valuation

_FOR_RENT = re.compile(
    r"(?<!\w)(?:(?:for|to) (?:rent|hire|lease)|rent (?:a|an|my|the|our)|hire (?:a|an)|renting)(?!\w)"
)
_AWAY = re.compile(
    r"(?<!\w)(?:(?:for|to) (?:rent|hire|lease)|rentals?|rent|hire|renting|per|each|daily|weekly|monthly|hourly|"
    r"(?:for )?(?:\d+|one|two|three|four|five|six|seven|a|an)?[\s-]*(?:hour|day|night|weekend|week|month|year)s?|"
    r"a|an|my|the|our)(?!\w)|/"
)
_GROUPS = ("rental", "space")
_NO_RENT = ("land",)
_LEAST = 1


@dataclass
class Rentals:
    """The rows of a market that are rentals: log price, days, words; in order of days."""

    rows: pd.DataFrame
    _kept: dict[tuple[str, int], pd.DataFrame] = field(default_factory=dict)

    def of(self, category: str, day: int, window: int) -> pd.DataFrame:
        """The category's rentals known on a day, one for each seller, title and term, the newest."""
        key = (category, day)
        if key not in self._kept:
            if len(self._kept) > 200:
                self._kept.clear()
            rows = self.rows
            rows = rows[(rows["category"] == category) & (rows["day"] <= day) & (rows["day"] > day - window)]
            self._kept[key] = rows.drop_duplicates(["seller", "title", "days"], keep="last")
        return self._kept[key]


def rentals_of(market: pd.DataFrame) -> Rentals:
    """The rentals of a market table; `row` is their place in it."""
    names = {name for name in market["category"].unique() if _group(str(name)) is not None}
    out: list[dict[str, Any]] = []
    for place in np.flatnonzero(market["category"].isin(names).to_numpy(bool)):
        row = market.iloc[place]
        days = _days(str(row["title"]), row["attributes"], str(_group(str(row["category"]))))
        said = {name: row[name] for name in ("category", "day", "seller", "region", "ln_price", "title")}
        out.append(said | {"row": int(place), "days": days, "words": _content(str(row["title"]))})
    columns = ["category", "day", "seller", "region", "ln_price", "title", "row", "days", "words"]
    return Rentals(pd.DataFrame(out, columns=columns))


def value_rental(scene: Scene, rentals: Rentals, window: int) -> Valuation | None:
    """The rent of a thing or a space for the time asked; one unit of the usual time where none is said."""
    group = _group(scene.category)
    if scene.category in _NO_RENT or (group is None and not _FOR_RENT.search(scene.text)):
        return None
    rule = service_data("other")["rental"]
    days = _days(scene.request.text, scene.request.attributes, group or "rental")
    seen = _like(rentals.of(scene.category, scene.day, window), scene, group)
    if len(seen) >= _LEAST:
        return _from_rentals(scene, seen, days, rule)
    if group == "space":
        return scene.unknown("rental", "No rents of such space are known. Offers of like space, with the time they are "
                             "for (\"$500 per month\"), would tell.")  # fmt: skip
    return _from_value(scene, days, rule)


def _from_rentals(scene: Scene, seen: pd.DataFrame, days: float, rule: Mapping[str, Any]) -> Valuation:
    terms = np.log(seen["days"].to_numpy(float))
    slope, n = _slope(terms, seen["ln_price"].to_numpy(float))
    kappa = float(rule["kappa"])
    curve = rental_curve(slope, n, float(rule["curve"]), kappa, float(rule["curve_least"]), float(rule["curve_most"]))
    day_rates = seen["ln_price"].to_numpy(float) - curve * terms
    middle = weighted_median(day_rates, np.ones(len(seen)))
    deviation = 1.4826 * float(np.median(np.abs(day_rates - middle)))
    sellers = int(seen["seller"].nunique())
    wide = math.sqrt((sellers * deviation**2 + kappa * float(rule["spread"]) ** 2) / (sellers + kappa))
    ends = spread(math.sqrt(wide**2 + wide**2 / sellers))
    value = rent(math.exp(middle), days, curve)
    newest = seen.assign(level=day_rates).sort_values(["day", "row"], ascending=False)
    shown = tuple((int(row), float(level), 1.0) for row, level in zip(newest["row"], newest["level"], strict=True))
    words = (
        f"{len(seen)} rentals of {sellers} sellers make {math.exp(middle):.2f} {scene.rates.anchor} for a day; so many "
        f"days cost days^{curve:.2f} times that (learned from {n} pairs of terms, drawn to {rule['curve']}), here "
        f"{days:.3g} days."
    )
    return scene.worth("rental", value, ends, words, seen=shown, ln_rest=curve * math.log(days), days=round(days, 4))


def _from_value(scene: Scene, days: float, rule: Mapping[str, Any]) -> Valuation:
    thing = " ".join(_AWAY.sub(" ", scene.text).split())
    worth = scene.goods_in_anchor(scene.request.model_copy(update={"text": thing})) if thing else None
    if worth is None:
        return scene.unknown("rental", f"Neither rentals of it are known nor what {thing or 'it'} itself is worth. "
                             "Offers of rentals with their time (\"$12 per day\") would tell.")  # fmt: skip
    known = tree()
    category = scene.category if scene.category in known and known[scene.category].life else ""
    life = float((known[category].life if category else None) or rule["life"])
    figures = [float(rule[name]) for name in ("interest", "upkeep", "days_let", "handing_over")]
    value = rent(owners_day(worth[0], life, *figures), days, float(rule["curve"]))
    half = spread(float(rule["owner_spread"]))
    own = [math.log(end / worth[0]) for end in worth[1:]]
    ends = (-math.hypot(own[0], half[0]), math.hypot(own[1], half[1]))
    words = (
        f"No rentals of it are known. {thing} itself is worth {worth[0]:.2f} {scene.rates.anchor}; a year of it costs "
        f"its owner {figures[0]:.0%} interest, {1 / life:.0%} wear and {figures[1]:.0%} upkeep, earned in "
        f"{figures[2]:g} days let, × {figures[3]:g} for handing over and risk ({rule['estimate']}); {days:.3g} days "
        f"cost days^{rule['curve']} of it."
    )
    return scene.worth("rental", value, ends, words, thing=thing, days=round(days, 4))


def _like(rows: pd.DataFrame, scene: Scene, group: str | None) -> pd.DataFrame:
    """Rentals of the same thing by the words they share; of space, those of its region where there are five."""
    if group == "space":
        here = rows[rows["region"] == scene.region]
        return here if len(here) >= 5 else rows
    wanted = _content(scene.request.text)
    shared = [len(wanted & words) for words in rows["words"]]
    best = max(shared, default=0)
    return rows[[each == best and best > 0 for each in shared]]


def _slope(terms: np.ndarray, prices: np.ndarray) -> tuple[float, int]:
    """The middle slope of log price on log days over all pairs of different terms, and the number of pairs."""
    if len(terms) > 200:
        terms, prices = terms[-200:], prices[-200:]
    first, second = np.triu_indices(len(terms), 1)
    apart = np.abs(terms[first] - terms[second]) > 1e-9
    if not apart.any():
        return 0.0, 0
    gaps = (prices[first] - prices[second])[apart] / (terms[first] - terms[second])[apart]
    return float(np.median(gaps)), int(apart.sum())


def _days(text: str, attributes: Mapping[str, str], group: str) -> float:
    rule = service_data("other")["rental"]
    count, unit = term(f"{text} {attributes.get('term', '')} {_per(attributes.get('unit', ''))}") or (
        1.0, rule["usual"][group],
    )  # fmt: skip
    return count * float(rule["days"][unit])


def _per(unit: str) -> str:
    return f"per {unit.strip()}" if unit.strip() else ""


def _content(text: str) -> frozenset[str]:
    return frozenset(each for each in word_forms(_AWAY.sub(" ", text.casefold())) if each.isalpha() and len(each) > 2)


def _group(category: str) -> str | None:
    known = tree()
    return next((group for group in _GROUPS if known.under(category, group)), None)

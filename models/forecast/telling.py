"""What was found about times to come, as it is answered."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from features.market import day_date
from models.forecast.candidates import NAIVE, SEASONAL_NAIVE
from models.forecast.offers import Seen
from models.forecast.outlook import BestTime, Outlook
from models.forecast.selling import SaleModel
from models.forecast.series import Series
from models.forecast.shapes import Ahead, Best, NoPrice, Path, Selling
from warehouse.valuation import Valuation


def tell_path(name: str, series: Series, outlook: Outlook, text: Callable[[float], str]) -> Path:
    """A forecast in words and numbers; `text` writes a log value."""

    def said(log: float) -> str | None:
        return text(log) if math.isfinite(log) else None

    def score(model: str) -> float | None:
        found = outlook.scores.get(model, math.nan)
        return round(found, 4) if math.isfinite(found) else None

    rows = zip(outlook.days, outlook.path, outlook.low, outlook.high, strict=True)
    return Path(
        of=name, model=outlook.model, error=score(outlook.model), naive_error=score(NAIVE),
        seasonal_naive_error=score(SEASONAL_NAIVE), replayed=outlook.origins,
        season="believed" if outlook.season.believed else f"not believed: {outlook.season.why}",
        newest=day_date(int(series.days[-1])).isoformat(),
        items=[
            Ahead(day=day_date(int(day)).isoformat(), expected=text(mid), low=said(low), high=said(high))
            for day, mid, low, high in rows
        ],
    )  # fmt: skip


def tell_best(found: BestTime | None, days: np.ndarray) -> Best | None:
    """A best time in days and shares."""
    if found is None:
        return None
    gain, low, high = (round(math.expm1(log), 4) for log in (found.gain, found.low, found.high))
    return Best(day=day_date(int(days[found.step - 1])).isoformat(), gain=gain, low=low, high=high)


def tell_selling(
    snapshot: str, worth: Valuation, category: str, within: int, wanted: float, price: Decimal | None, seen: Seen,
    model: SaleModel | None,
) -> Selling:  # fmt: skip
    """The answer, whatever is missing."""
    fmv = Decimal(worth.fmv) if worth.fmv else None
    notes = ["offers that ended are taken for sold: hardly any sale is known"] if seen.ends_are_sales else []
    reason: NoPrice | None = None
    asked: float | None = None
    if model is None:
        reason, notes = "no_data", [f"{seen.sold} sold and {seen.ended} ended offers with a known worth are too few"]
    elif fmv is None:
        reason = "unknown_value"
    elif within > model.longest:
        reason = "too_far"
        notes.append(f"no offer was followed for longer than {model.longest:.0f} days")
    elif price is not None:
        asked = math.log(float(price / fmv))
        if not model.low <= asked <= model.high:
            notes.append("few offers asked so much or so little: the chance is drawn on from the others")
    else:
        slope, error = model.slope(category)
        asked = model.asked_for(category, within, wanted)
        if slope + 1.645 * error >= 0:
            reason, asked = "no_price_effect", None
            notes.append("dearer offers are not seen to sell more slowly")
        elif asked is None:
            reason = "out_of_reach"
            notes.append(f"not even at {math.exp(model.low):.2f} of its worth, the lowest that was seen")
        elif asked >= model.high:
            notes.append("nothing dearer was seen often enough to say more")
    known = model is not None and fmv is not None and reason != "too_far"
    fair = model.chance(category, 0.0, within) if model is not None and known else None
    there = model.chance(category, asked, within) if model is not None and asked is not None else fair
    said = price
    if asked is not None and fmv is not None and price is None:
        said = (fmv * Decimal(math.exp(asked))).quantize(fmv)
    return Selling(
        snapshot=snapshot, value_date=worth.value_date, asked=worth.subject.asked.text,
        within_days=within, currency=worth.currency, fmv=worth.fmv, price=str(said) if said is not None else None,
        chance=round(there.within, 4) if there else None, chance_low=round(there.low, 4) if there else None,
        chance_high=round(there.high, 4) if there else None, chance_wanted=wanted,
        chance_at_fmv=round(fair.within, 4) if fair else None, offers=len(seen.offers.days), sold=seen.sold,
        ended=seen.ended, notes=notes, reason=reason,
    )  # fmt: skip

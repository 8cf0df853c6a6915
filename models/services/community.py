"""Hours in a community's own measure: 1 hour = 1 credit for all, or the market's value told in K."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from models.exchange.worth import worth
from models.exchange.yardsticks import Community
from warehouse.valuation import Valuation

_K = Decimal("0.01")


def equal_hours(hours: float, hour_in_k: float) -> Decimal:
    """K for hours where an hour is an hour, whoever works it and at what: hours × the community's hour."""
    return (Decimal(repr(hours)) * Decimal(repr(hour_in_k))).quantize(_K, ROUND_HALF_EVEN)


def in_community(
    valuation: Valuation, community: Community | None, anchor_per_k: float | None
) -> dict[str, Any] | None:
    """A service by the community's policy: `equal` counts hours alone, `market` is its value in K.

    None where no policy is known, or the valuation is of no work. `anchor_per_k` is what a K is worth in the anchor.
    """
    hours = valuation.subject.understood.get("hours")
    if community is None or not hours:
        return None
    own = worth(valuation)
    market = None
    if own is not None and anchor_per_k:
        market = str(Decimal(repr(own.value / anchor_per_k)).quantize(_K, ROUND_HALF_EVEN))
    typical = float(hours[1])
    equal = equal_hours(typical, community.hour_in_k)
    told = f"At the market's value they are {market} K." if market else "Their market value is not known."
    return {
        "hours": f"{typical:g}",
        "credits": f"{typical:g}",
        "hour_in_k": f"{community.hour_in_k:g}",
        "equal": str(equal),
        "market": market,
        "since": community.holds_from.isoformat(),
        "words": (
            f"By the community's policy since {community.holds_from}, 1 hour is 1 credit and counts "
            f"{community.hour_in_k:g} K for everybody: {typical:g} hours are {equal} K. {told}"
        ),
    }

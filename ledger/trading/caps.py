"""The trade cap of a thing while the community's own crisis holds prices. Pure arithmetic.

    trade_cap = baseline × the stricter of what the valuation said (policy and statute) and the crisis' `surge_cap`

The valuation is made above the ledger and knows no community; its cap comes in as data. A cap limits what is suggested
in a trade. It is part of no FMV, no FMV record, no terms and no tax, and refuses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from ledger.policy.crises import Surge
from warehouse.valuation import minor_unit


@dataclass(frozen=True, slots=True)
class Stated:
    """A cap as a valuation states it for one piece: `amount` = `baseline` × `times`. One of the two may be unknown."""

    amount: Decimal
    currency: str
    baseline: Decimal | None = None
    times: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CrisisCap:
    """The cap that a crisis sets for one piece, in the currency of the valuation, and why."""

    amount: Decimal
    currency: str
    baseline: Decimal
    times: Decimal
    because: str
    since: date
    until: date


def usual_price(stated: Stated) -> Decimal | None:
    """What a thing cost before, by its cap: the baseline, or the amount over its multiple; None where neither is said.

    A price that was divided out is a few minor units too low at most, as the amount is rounded: never above.
    """
    if stated.baseline is not None:
        return stated.baseline
    if not stated.times:
        return None
    half = minor_unit(stated.currency) / 2
    exact = (Fraction(stated.amount) - Fraction(half)) / Fraction(stated.times)
    return _rounded_down(max(exact, Fraction(0)), stated.currency)


def held_by(surges: Sequence[Surge], goods: Collection[str]) -> Surge | None:
    """The strictest of the open crises that holds the price of such goods, named by their classes and category."""
    return next((each for each in surges if not set(goods).isdisjoint(each.goods)), None)


def stricter(
    stated: Stated | None, surge: Surge | None, *, currency: str, baseline: Decimal | None = None
) -> CrisisCap | None:
    """The crisis' cap, where it is stricter than the one that was `stated`; None where that one stands, or there is no
    crisis.

    `baseline` is what the thing cost before the crisis, where it is known; otherwise what the stated cap goes by. Where
    neither is known there is no cap: a price is not guessed.
    """
    before = [each for each in (baseline, None if stated is None else usual_price(stated)) if each is not None]
    if surge is None or not before:
        return None
    usual = min(before)
    times = _decimal(surge.times)
    amount = _rounded(Fraction(usual) * surge.times, currency)
    if stated is not None and stated.amount <= amount:
        return None
    return CrisisCap(amount, currency, usual, times, surge.because, surge.since, surge.until)


def not_known(surge: Surge) -> str:
    """What is said where a crisis holds the price of a thing and nobody knows what it usually costs."""
    return (
        f"{surge.because[:1].upper()}{surge.because[1:]}: at most {_decimal(surge.times)} times the usual price until "
        f"{surge.until}. What it usually cost is not known here, so no amount is named."
    )


def _decimal(times: Fraction) -> Decimal:
    return Decimal(times.numerator) / Decimal(times.denominator)


def _rounded(exact: Fraction, currency: str) -> Decimal:
    place = minor_unit(currency)
    return (round(exact / Fraction(place)) * place).quantize(place, rounding=ROUND_HALF_EVEN)


def _rounded_down(exact: Fraction, currency: str) -> Decimal:
    place = minor_unit(currency)
    return (exact // Fraction(place) * place).quantize(place)

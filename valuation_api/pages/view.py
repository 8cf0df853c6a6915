"""A `Valuation` turned into what the page shows: steps of the waterfall, rows of the table, comparables, plain words.

Pure functions; every number shown is computed from the valuation's own decimals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal
from urllib.parse import urlsplit

from models.photos.answer import PhotoRead, PhotoReason
from valuation_api.shelf import PricePoint
from warehouse.valuation import Comparable, Factor, Reason, Valuation, minor_unit

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
FACTOR_LABELS = {
    "condition": "Condition",
    "region": "Region",
    "trend": "Market trend",
    "season": "Season",
    "demand": "Demand",
    "scarcity": "Scarcity",
    "commodity": "Materials",
    "weather": "Weather",
    "hazard": "Disasters",
    "dampening": "Dampening",
    "currency": "Exchange rate",
}
CONFIDENCE_WORDS = {
    "A": "well supported",
    "B": "fairly sure",
    "C": "a rough estimate",
    "D": "little evidence",
}
UNKNOWN: dict[Reason, tuple[str, list[str]]] = {
    "no_data": (
        "Katy has not seen any prices yet.",
        ["Whoever runs this installation can import price lists or let the agents read a market."],
    ),
    "nothing_comparable": (
        "Katy has not seen anything like this change hands, so it will not guess.",
        [
            "Add the brand and the model number, if there is one.",
            "Try the plain word for it: “cordless drill” rather than “power tool thing”.",
            "If nothing like it is ever traded here, agree on a value between you and write down why.",
        ],
    ),
    "no_exchange_rate": (
        "Katy knows no exchange rate for this currency on that day.",
        ["Ask in one of the currencies below.", "Leave the date empty to use the newest rates."],
    ),
    "before_data": (
        "That day lies before the first price Katy has seen.",
        ["Choose a later date, or leave it empty for today's value."],
    ),
    "too_vague": (
        "These words could mean very different things.",
        ["Say what it is, the brand and the model.", "A size, a year or a capacity often decides the price."],
    ),
}
PICTURE_REASONS: dict[PhotoReason, str] = {
    "nothing_read": "There is nothing to read in the picture",
    "not_known": "Katy has not seen this thing change hands",
    "several_things": "There is more than one thing in the picture",
    "too_doubtful": "It could be one of several things",
    "no_value": "Katy knows what it is, but not what it is worth",
}
FACT_LABELS = {"category": "category", "brand": "brand", "grade": "condition", "region": "region"}
MOST_FACTS = 10
LONGEST_FACT = 60
LONGEST_READ = 300
KIND_WORDS = {"asking": "asked", "sold": "sold", "wanted": "wanted", "traded": "traded"}

StepKind = Literal["base", "up", "down", "total"]


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the waterfall, from `start` to `end` in the valuation's currency, with its label and its text."""

    label: str
    start: Decimal
    end: Decimal
    kind: StepKind
    text: str


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One row of the factor table: the multiplier, what it changes in money, and where it comes from."""

    label: str
    multiplier: str
    change: str
    evidence: list[str]
    origin: str
    neutral: bool


@dataclass(frozen=True, slots=True)
class ComparableRow:
    """A comparable as the page lists it; `url` is None unless it is a plain web address."""

    title: str
    url: str | None
    host: str | None
    price: str
    verb: str
    day: str
    adjusted: str
    details: str
    found_at: str
    weight: str


def money(amount: str | Decimal, currency: str) -> str:
    """An amount as people write it: "$1,234.50", "CHF 1,234.50", "−$3.00"."""
    value = Decimal(amount).quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)
    sign = "−" if value < 0 else ""
    return f"{sign}{SIGNS.get(currency, currency + ' ')}{abs(value):,}"


def multiplier(value: str) -> str:
    """A factor as text, with as many places as it needs: "×0.85", "×1.002134"."""
    short = Decimal(value).normalize()
    places = max(2, -int(short.as_tuple().exponent))
    return f"×{short:,.{places}f}"


def web_link(url: str | None) -> str | None:
    """`url` if a browser may be sent there (http or https, with a host), else None: it is whatever a seller wrote."""
    if url is None or any(ord(letter) < 33 for letter in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def _running(valuation: Valuation) -> Iterator[tuple[Factor, Decimal, Decimal]]:
    """Each factor but the exchange rate with the value before and after it, in the valuation's currency.

    Multiplication commutes: the base is converted first, so that every step is in the money that was asked for.
    """
    before = _converted_base(valuation)
    for factor in valuation.factors:
        if factor.name != "currency":
            after = before * Decimal(factor.value)
            yield factor, before, after
            before = after


def _converted_base(valuation: Valuation) -> Decimal:
    value = Decimal(valuation.base or 0)
    for factor in valuation.factors:
        if factor.name == "currency":
            value *= Decimal(factor.value)
    return value


def steps(valuation: Valuation) -> list[Step]:
    """The waterfall: the base, every factor that changes something, the value. Empty where the value is unknown."""
    if valuation.fmv is None or valuation.base is None:
        return []
    currency = valuation.currency
    base = _converted_base(valuation)
    shown = [Step("Typical price", Decimal(0), base, "base", money(base, currency))]
    for factor, before, after in _running(valuation):
        if before != after:
            text = ("+" if after > before else "") + money(after - before, currency)
            shown.append(Step(_label(factor), before, after, "up" if after > before else "down", text))
    fmv = Decimal(valuation.fmv)
    shown.append(Step("Fair value", Decimal(0), fmv, "total", money(fmv, currency)))
    return shown


def factor_rows(valuation: Valuation) -> list[FactorRow]:
    """Every factor in the order of the computation, also those that change nothing."""
    changes = {factor.name: after - before for factor, before, after in _running(valuation)}
    rows = []
    for factor in valuation.factors:
        neutral = Decimal(factor.value) == 1
        change = changes.get(factor.name, Decimal(0))
        text = "" if neutral or factor.name == "currency" else money(change, valuation.currency)
        origin = " · ".join(part for part in (factor.source, factor.date) if part)
        rows.append(
            FactorRow(
                _label(factor),
                multiplier(factor.value),
                f"+{text}" if text and change > 0 else text,
                list(factor.evidence),
                origin,
                neutral,
            )
        )
    return rows


def comparable_row(comparable: Comparable, currency: str) -> ComparableRow:
    """A comparable in words; `adjusted` is in the valuation's currency."""
    url = web_link(comparable.url)
    details = [text.replace("_", " ") for text in (comparable.condition, comparable.region) if text]
    return ComparableRow(
        title=comparable.title,
        url=url,
        host=urlsplit(url).hostname if url else None,
        price=money(comparable.price, comparable.currency),
        verb=KIND_WORDS.get(comparable.kind, comparable.kind),
        day=comparable.observed_at[:10],
        adjusted=money(comparable.adjusted, currency),
        details=" · ".join(details),
        found_at=comparable.found_at,
        weight=f"{comparable.weight:.0%}",
    )


@dataclass(frozen=True, slots=True)
class Range:
    """The interval as a line: positions of low, value and high in percent of its width."""

    low: float
    value: float
    high: float


def interval(valuation: Valuation) -> Range | None:
    """Where low, value and high stand on a line from zero to a little over high; None without an interval."""
    if valuation.fmv is None or valuation.low is None or valuation.high is None:
        return None
    low, value, high = (float(amount) for amount in (valuation.low, valuation.fmv, valuation.high))
    if high <= 0:
        return None
    scale = 100 / (high * 1.08)
    return Range(round(low * scale, 2), round(value * scale, 2), round(high * scale, 2))


def band(valuation: Valuation, currency: str) -> tuple[float, float, float] | None:
    """(low, fmv, high) for a plot in `currency`; None where the valuation is in another money or has no interval."""
    if valuation.currency != currency or None in (valuation.low, valuation.fmv, valuation.high):
        return None
    return float(valuation.low or 0), float(valuation.fmv or 0), float(valuation.high or 0)


def comparable_points(valuation: Valuation) -> list[PricePoint]:
    """The comparables' adjusted prices as points of a plot, oldest first."""
    points = [
        PricePoint(
            date.fromisoformat(comparable.observed_at[:10]),
            comparable.kind,
            *(comparable.adjusted,) * 3,
            1,
            valuation.currency,
        )
        for comparable in valuation.comparables
    ]
    return sorted(points, key=lambda point: (point.day, point.kind, point.median))


def facts(valuation: Valuation) -> list[tuple[str, str]]:
    """What was understood, as short label and text pairs: the thing's own fields first, then its attributes."""
    understood = valuation.subject.understood
    named = [(label, understood.get(name)) for name, label in FACT_LABELS.items()]
    attributes = understood.get("attributes")
    if isinstance(attributes, dict):
        named += [(str(name).replace("_", " "), value) for name, value in attributes.items()]
    shown = [(label, str(value).replace("_", " ")) for label, value in named if value not in (None, "")]
    return [(label, text) for label, text in shown if len(text) <= LONGEST_FACT][:MOST_FACTS]


def percent(share: float) -> str:
    """A probability in whole percent; certain is only what is."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{share:.0%}".replace("%", " %")


def picture_facts(read: PhotoRead) -> list[tuple[str, str]]:
    """What was read in pictures, as short label and text pairs."""
    listed = {
        "barcode": ", ".join(code.lstrip("0") or code for code in read.barcodes),
        "brand": read.brand or "",
        "model": ", ".join(code.upper() for code in read.codes),
        "words": " ".join(read.words),
    }
    return [(name, text[:LONGEST_READ]) for name, text in listed.items() if text]


def _label(factor: Factor) -> str:
    return FACTOR_LABELS.get(factor.name, factor.name.replace("_", " ").capitalize())

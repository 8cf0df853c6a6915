"""The answers of exchange, as the command and the API hand them out: JSON with decimal texts, and plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.answers.explain import UNKNOWN
from models.exchange.amounts import Counted, read_counted
from models.exchange.ratio import Ratio, offers, ratio
from models.exchange.swaps import ON_OFFER_DAYS, Offer, Swaps
from models.exchange.worth import Worth, times, told, worth
from models.exchange.yardsticks import Missing, Price, Yardsticks
from warehouse.valuation import Valuation, ValuationRequest

_ALIKE = (
    "The two values' errors are taken as independent: squares of the half-widths add.",
    "Both hang on the level of {}: their errors may go together, so the half-widths themselves add.",
)


def exchanged(
    valuation: Valuation, yardsticks: Yardsticks, measures: Sequence[str], region: str | None
) -> dict[str, Any]:
    """A valuation in each of these numeraires; what cannot be told says why in `missing`."""
    own = worth(valuation)
    day = date.fromisoformat(valuation.value_date)
    answer: dict[str, Any] = {
        "valuation": valuation.id,
        "value_date": valuation.value_date,
        "snapshot": valuation.snapshot,
        "confidence": valuation.confidence,
        "reason": valuation.reason,
        "in": {},
        "missing": {},
    }
    for name in measures:
        price = yardsticks.of(name, day, region)
        if isinstance(price, Missing):
            answer["missing"][name] = price.why
        elif own is not None:
            answer["in"][name] = told(own, price)
    return answer


def converted(
    amount: float, unit: str, yardsticks: Yardsticks, day: date, measures: Sequence[str], region: str | None
) -> dict[str, Any]:
    """An amount of one numeraire in others. What cannot be told says why in `missing`."""
    answer: dict[str, Any] = {
        "amount": f"{amount:g}",
        "unit": unit,
        "value_date": day.isoformat(),
        "in": {},
        "missing": {},
    }
    given = yardsticks.of(unit, day, region)
    if isinstance(given, Missing):
        return answer | {"missing": {unit: given.why}}
    whole = given.value * amount
    for name in measures:
        price = yardsticks.of(name, day, region)
        if isinstance(price, Missing):
            answer["missing"][name] = price.why
        else:
            said = told(Worth(whole, whole, whole, "A", ""), price)
            answer["in"][name] = {key: text for key, text in said.items() if key not in ("low", "high")}
    return answer


def trade_ratio(valuer: Any, first: str, second: str, *, region: str | None = None, as_of: date | None = None,
                measure: Price | Missing | None = None) -> dict[str, Any]:  # fmt: skip
    """How much of the first thing goes for the second; both are valued at one time and place."""
    things = (read_counted(first), read_counted(second))
    requests = [ValuationRequest(text=each.text, region=region, as_of=as_of) for each in things]
    values = valuer.value_many(requests)
    worths = [worth(value) for value in values]
    answer: dict[str, Any] = {
        "things": [
            {
                "asked": asked,
                "count": f"{counted.count:g}",
                "each": counted.text,
                "valuation": value.id,
                "confidence": value.confidence,
                "reason": value.reason,
                "value": told(times(each, counted.count), measure) if each and isinstance(measure, Price) else None,
            }
            for asked, counted, value, each in zip((first, second), things, values, worths, strict=True)
        ],
        "value_date": values[0].value_date,
        "snapshot": values[0].snapshot,
    }
    if isinstance(measure, Missing):
        answer["missing"] = measure.why
    one, other = worths
    if one is None or other is None:
        unknown = [
            (each.text, value) for each, value, known in zip(things, values, worths, strict=True) if known is None
        ]
        said = [
            f"What {text} is worth is not known. {value.narrative.removeprefix(UNKNOWN)}" for text, value in unknown
        ]
        return {**answer, "ratio": None, "offers": [], "even": None,
                "narrative": " ".join([*said, "So there is no ratio."])}  # fmt: skip
    return answer | _compared(things, one, other)


def _compared(things: tuple[Counted, Counted], one: Worth, other: Worth) -> dict[str, Any]:
    each = ratio(one, other)
    asked = things[0].count / things[1].count
    found = offers(each)
    stated = things[0].count != 1 or things[1].count != 1
    even = each.low <= asked <= each.high if stated else None
    assumed = _ALIKE[0] if each.independent else _ALIKE[1].format(one.hangs_on)
    return {
        "ratio": {
            "first_for_one_second": _digits(each.value),
            "low": _digits(each.low),
            "high": _digits(each.high),
            "independent": each.independent,
            "assumption": assumed,
        },
        "offers": [
            {"first": offer.first, "second": offer.second, "fit": f"{offer.fit:.2f}", "words": _offer(things, offer)}
            for offer in found
        ],
        "even": even,
        "narrative": _narrative(things, each, even, [_offer(things, offer) for offer in found], assumed),
    }


def _offer(things: tuple[Counted, Counted], offer: Any) -> str:
    return f"{things[0].said(offer.first)} for {things[1].said(offer.second)}"


def _narrative(things: tuple[Counted, Counted], each: Ratio, even: bool | None, said: list[str], assumed: str) -> str:
    first, second = things
    words = []
    if even is not None:
        what = f"{first.said(first.count)} for {second.said(second.count)}"
        asked = first.count / second.count
        much = "too little" if asked < each.low else "too much"
        words.append(
            f"{what[0].upper()}{what[1:]} is {'even' if even else much + ' of the first'}, as far as can be told."
        )
    between = f"{_digits(each.low)} to {_digits(each.high)}"
    words.append(f"One {second.text} is worth {_digits(each.value)} of {first.text} ({between}).")
    if said:
        words.append(f"In whole numbers: {'; '.join(said)}.")
    return " ".join([*words, assumed])


def swaps_for(
    valuer: Any, swaps: Swaps, request: ValuationRequest, anchor: str, *, category: str | None = None, limit: int = 10
) -> dict[str, Any]:
    """What one can get for a thing, at its value in the anchor."""
    valuation = valuer.value(request)
    own = worth(valuation)
    product = str(valuation.subject.understood.get("product", ""))
    found = [] if own is None else swaps.find(
        own, region=request.region, category=category, not_like=product, limit=limit
    )  # fmt: skip
    return {
        "valuation": valuation.id,
        "value_date": valuation.value_date,
        "snapshot": valuation.snapshot,
        "reason": valuation.reason,
        "value": None if own is None else _money(own, anchor),
        "how": (
            f"Offers of the last {ON_OFFER_DAYS} days, chosen by their asking price less what is usually taken off, "
            "then valued by the model like anything asked about; those within the thing's interval, one a seller, "
            "ordered by nearness of value, distance and confidence."
        ),
        "offers": [_swap(each, anchor) for each in found],
    }


def _swap(offer: Offer, anchor: str) -> dict[str, Any]:
    return {
        "listing": offer.listing,
        "title": offer.title,
        "category": offer.category,
        "region": offer.region,
        "distance": ("here", "in the country", "elsewhere")[offer.away],
        "price": f"{offer.price} {offer.currency}",
        "seen": offer.seen,
        "value": _money(offer.value, anchor),
        "by": "model" if offer.by_model else "asking price",
        "fit": f"{offer.fit:.2f}",
        "url": offer.url,
        "found_at": offer.found_at,
    }


def _money(value: Worth, currency: str) -> dict[str, str]:
    ends = {"amount": value.value, "low": value.low, "high": value.high}
    return {**{name: f"{end:.2f}" for name, end in ends.items()}, "currency": currency, "confidence": value.confidence}


def _digits(value: float) -> str:
    """Three significant digits, in plain decimal text."""
    from decimal import Decimal

    return f"{Decimal(f'{value:.3g}'):f}"

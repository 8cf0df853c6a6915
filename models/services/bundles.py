"""What a bundle is worth, as command and API hand it out: each part's valuation, their sum, and what bundles bring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import pandas as pd

from features.market import day_date
from models.exchange.amounts import read_counted
from models.services.asked import work_of
from models.services.bundle import Part, bundle_discount, together
from warehouse.valuation import Valuation, ValuationRequest

_SIGN = " + "
_LEAST_SELLERS = 5
_KAPPA = 8.0
_LOOKED_AT = 200
_MOST_PARTS = 8
_WORST = "ABCD"


class Valuing(Protocol):
    """What is needed of a valuer."""

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What bundles seen on the market bring of their parts' worth."""

    share: Decimal
    sellers: int


NOTHING_SEEN = Seen(Decimal(1), 0)


def parts_of(texts: Sequence[str]) -> list[str]:
    """The parts of a bundle: "drill + 2 hours of help" is two."""
    return [part.strip() for text in texts for part in text.split(_SIGN) if part.strip()]


def value_bundle(
    valuer: Valuing,
    texts: Sequence[str],
    *,
    region: str | None = None,
    currency: str | None = None,
    as_of: date | None = None,
    seen: Seen = NOTHING_SEEN,
) -> tuple[dict[str, Any], list[tuple[Valuation, ValuationRequest]]]:
    """The answer about a bundle, and the valuations behind it with their requests."""
    parts = parts_of(texts)
    counted = [_counted(part) for part in parts]
    requests = [ValuationRequest(text=text, region=region, currency=currency, as_of=as_of) for text, _ in counted]
    values = valuer.value_many(requests)
    first = values[0]
    answer: dict[str, Any] = {
        "parts": [
            {"asked": part, "each": text, "count": f"{count:g}", "valuation": value.id, "fmv": value.fmv,
             "low": value.low, "high": value.high, "confidence": value.confidence, "reason": value.reason}
            for part, (text, count), value in zip(parts, counted, values, strict=True)
        ],
        "value_date": first.value_date, "snapshot": first.snapshot, "currency": first.currency,
        "value": None, "low": None, "high": None, "sum_of_parts": None, "confidence": None,
        "discount": f"{seen.share:f}",
    }  # fmt: skip
    behind = list(zip(values, requests, strict=True))
    unknown = [part for part, value in zip(parts, values, strict=True) if value.fmv is None]
    if unknown:
        why = "; ".join(value.narrative for value in values if value.fmv is None)
        return answer | {"narrative": f"Without {', '.join(unknown)} there is no sum. {why}"}, behind
    pieces = [_piece(value, count) for value, (_, count) in zip(values, counted, strict=True)]
    whole = together(pieces, first.currency, seen.share)
    answer |= {
        "value": str(whole.value), "low": str(whole.low), "high": str(whole.high), "sum_of_parts": str(whole.parts),
        "confidence": max((value.confidence or "D" for value in values), key=_WORST.index),
    }  # fmt: skip
    return answer | {"narrative": _words(answer, pieces, seen)}, behind


def bundles_seen(valuer: Any, day: int) -> Seen:
    """What bundles whose title names their parts ("drill + saw") brought of those parts' worth, as of a day.

    Of each seller the newest counts; parts are valued as of the day before the bundle was seen, so that it does not
    speak for itself.
    """
    if valuer.learned is None:
        return NOTHING_SEEN
    rows: pd.DataFrame = valuer.learned.market.rows
    rows = rows[(rows["day"] <= day) & rows["title"].str.contains(_SIGN, regex=False)]
    rows = rows.drop_duplicates(["seller"], keep="last").tail(_LOOKED_AT)
    ratios = []
    for title, region, seen_on, ln_price in zip(
        rows["title"], rows["region"], rows["day"], rows["ln_price"], strict=True
    ):
        parts = [_counted(part) for part in parts_of([str(title)])]
        if not 2 <= len(parts) <= _MOST_PARTS:
            continue
        before = day_date(int(seen_on) - 1)
        asked = [ValuationRequest(text=text, region=region or None, as_of=before) for text, _ in parts]
        values = valuer.value_many(asked)
        if all(value.fmv is not None and Decimal(value.fmv) > 0 and value.confidence != "D" for value in values):
            worth = sum(float(value.fmv) * count for value, (_, count) in zip(values, parts, strict=True))
            ratios.append(math.exp(float(ln_price)) / worth)
    return Seen(bundle_discount(ratios, _LEAST_SELLERS, _KAPPA), len(ratios))


def _counted(part: str) -> tuple[str, float]:
    """A part as one thing and how many of it; work says its own hours and sessions."""
    if work_of(part, {}) is not None:
        return part, 1.0
    counted = read_counted(part)
    return counted.text, counted.count


def _piece(value: Valuation, count: float) -> Part:
    assert value.fmv is not None
    assert value.low is not None
    assert value.high is not None
    hangs_on = str(value.subject.understood.get("job") or value.subject.understood.get("category", ""))
    return Part(Decimal(value.fmv), Decimal(value.low), Decimal(value.high), Decimal(repr(count)), hangs_on)


def _words(answer: dict[str, Any], pieces: Sequence[Part], seen: Seen) -> str:
    named = ", ".join(
        f"{part['asked']} {(piece.value * piece.count):.2f}"
        for part, piece in zip(answer["parts"], pieces, strict=True)
    )
    money = answer["currency"]
    less = (
        f"Bundles of {seen.sellers} sellers bring × {answer['discount']} of their parts."
        if seen.share != 1
        else "No discount: too few bundles with known parts are seen, or they bring what their parts do."
    )
    return (
        f"Together about {answer['value']} {money}, between {answer['low']} and {answer['high']}: {named}, in sum "
        f"{answer['sum_of_parts']}. {less} The errors of parts of one kind of goods or work are taken to go together, "
        "those of different kinds for independent: half-widths add within a kind, their squares between kinds."
    )

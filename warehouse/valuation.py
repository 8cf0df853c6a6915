"""A `Valuation`: what a thing is worth, how sure that is, and the computation that says so.

The shape is a contract (docs/architecture.md). Money is decimal text; `base` and factor values are decimals with six
places, rounded once, and `fmv = quantize(base × Π factors)` with dampening and currency among them: the numbers shown
are the computation itself. `canonical_json` gives equal bytes for equal content.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

FACTOR_ORDER = (
    "condition",
    "region",
    "trend",
    "season",
    "demand",
    "scarcity",
    "commodity",
    "weather",
    "hazard",
    "dampening",
    "currency",
)
SIX_PLACES = Decimal("0.000001")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
Confidence = Literal["A", "B", "C", "D"]
# Why a value is unknown. Each is an answer, not an error.
Reason = Literal["no_data", "nothing_comparable", "no_exchange_rate", "before_data", "too_vague"]


class Frozen(BaseModel):
    """A shape that is exact: no field more, and none changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def iso_day(value: object) -> object:
    """A date, or its text, as it is; ValueError for anything else.

    Pydantic would also take a number, and read it as seconds since 1970.
    """
    if value is None or isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written as a date such as 2026-03-31")


class ValuationRequest(Frozen):
    """What is asked: words and attributes of a thing, and when, where and in which money its value is wanted."""

    text: str = Field(min_length=1, max_length=2000, description="The thing in a person's words")
    attributes: dict[str, str] = Field(default_factory=dict, description="Known fields, as a listing would carry them")
    condition: str | None = Field(default=None, max_length=200)
    region: str | None = Field(default=None, max_length=200)
    currency: str | None = Field(
        default=None,
        description="ISO 4217; the anchor currency where not given",
        json_schema_extra={"pattern": r"^\s*[A-Za-z]{3}\s*$"},
    )
    as_of: Annotated[date | None, BeforeValidator(iso_day)] = Field(
        default=None, description="Value with what was known at the end of this day"
    )

    @field_validator("currency")
    @classmethod
    def _currency(cls, value: str | None) -> str | None:
        if value is None:
            return None
        code = value.strip()
        if len(code) != 3 or not code.isalpha() or not code.isascii():
            raise ValueError(f'currency "{value}" is not an ISO 4217 code such as USD')
        return code.upper()


class Factor(Frozen):
    """One step from the base to the value: a multiplier, the evidence for it and where that came from."""

    name: str
    value: str
    evidence: list[str]
    source: str | None = None
    date: str | None = None


class Comparable(Frozen):
    """A listing the value leans on; `adjusted` is its price moved to the asked thing's time, place and condition."""

    listing: str
    title: str
    kind: str
    price: str
    currency: str
    observed_at: str
    condition: str | None
    region: str | None
    url: str | None
    found_at: str
    similarity: float
    weight: float
    adjusted: str


class Subject(Frozen):
    """What was asked, and what Katy understood of it."""

    asked: ValuationRequest
    understood: dict[str, Any]


class Valuation(Frozen):
    """A fair market value with its interval and reasons, or an honest unknown with a `reason`.

    `market_value` is the same computation without the dampening; `low` and `high` bound the 90 % interval.
    `snapshot` and `model` name what it was computed from; `id` is a hash of snapshot, code version and request.
    """

    id: str
    subject: Subject
    value_date: str
    currency: str
    fmv: str | None
    market_value: str | None
    low: str | None
    high: str | None
    confidence: Confidence | None
    base: str | None
    factors: list[Factor]
    comparables: list[Comparable]
    dampening: str | None
    narrative: str
    snapshot: str
    model: str
    reason: Reason | None = None

    @classmethod
    def unknown(
        cls, request: ValuationRequest, *, understood: dict[str, Any], when: date, reason: Reason, narrative: str,
        currency: str, snapshot: str, code_version: str, model: str,
    ) -> Valuation:  # fmt: skip
        """The honest answer where there is no value; `narrative` says why, and what would help."""
        return cls(
            id=valuation_id(snapshot, code_version, request),
            subject=Subject(asked=request, understood=understood),
            value_date=when.isoformat(),
            currency=currency,
            fmv=None,
            market_value=None,
            low=None,
            high=None,
            confidence=None,
            base=None,
            factors=[],
            comparables=[],
            dampening=None,
            narrative=narrative,
            snapshot=snapshot,
            model=model,
            reason=reason,
        )

    def canonical_json(self) -> bytes:
        """The bytes that are handed out, hashed and frozen into trades: sorted keys, no blanks, UTF-8."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()


def valuation_id(snapshot: str, code_version: str, request: ValuationRequest) -> str:
    """A valuation's identity: equal requests on one snapshot and code version get equal ids."""
    asked = json.dumps(request.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256("\n".join((snapshot, code_version, asked)).encode()).hexdigest()[:32]


_NO_CENTS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THREE_PLACES = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency (ISO 4217 minor units): 0.01 for most, 1 for JPY, 0.001 for KWD."""
    return Decimal("1") if currency in _NO_CENTS else Decimal("0.001" if currency in _THREE_PLACES else "0.01")


def recompute(base: str, factors: list[Factor], currency: str) -> Decimal:
    """The value that base and factors spell out: quantize(base × Π factors), half-even to the currency's minor unit."""
    product = Decimal(base)
    for factor in factors:
        product *= Decimal(factor.value)
    return product.quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)

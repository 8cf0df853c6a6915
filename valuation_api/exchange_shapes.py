"""The shapes of exchange: questions and answers about what goes for what. Amounts are decimal text."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TradeRatioRequest(_Frozen):
    """Two things in words; a number in front counts them ("7 loaves of bread")."""

    first: str = Field(min_length=1, max_length=2000, description="One thing")
    second: str = Field(min_length=1, max_length=2000, description="The other")
    region: str | None = Field(default=None, max_length=200, description="Where both are")


class RatioAnswer(_Frozen):
    """How many of the first go for one of the second, with the interval and what it assumes."""

    first_for_one_second: str
    low: str
    high: str
    independent: bool
    assumption: str


class OfferAnswer(_Frozen):
    """An offer in whole numbers; `fit` is its distance from the ratio in half-widths, 0 to 1."""

    first: int
    second: int
    fit: str
    words: str


class Told(_Frozen):
    """A value in a numeraire: the amount, and the price of one unit in the anchor with its day and source."""

    unit: str
    amount: str
    low: str | None = None
    high: str | None = None
    price: str
    date: str
    source: str


class RatioThing(_Frozen):
    """One side of a ratio: how it was read, and the valuation it hangs on."""

    asked: str
    count: str
    each: str
    valuation: str
    confidence: str | None
    reason: str | None
    value: Told | None


class TradeRatioAnswer(_Frozen):
    """The exchange ratio of two things; `ratio` null where a value is unknown. `even` judges the numbers asked."""

    things: list[RatioThing]
    value_date: str
    snapshot: str
    ratio: RatioAnswer | None
    offers: list[OfferAnswer]
    even: bool | None
    narrative: str
    missing: str | None = None


class ExchangeAnswer(_Frozen):
    """An amount in other numeraires; `missing` says what cannot be told, why, and the way out."""

    amount: str
    unit: str
    value_date: str
    in_: dict[str, Told] = Field(alias="in", serialization_alias="in")
    missing: dict[str, str]


class SwapRequest(_Frozen):
    """What somebody has, and what kind of things they would take for it."""

    text: str = Field(min_length=1, max_length=2000, description="The thing in a person's words")
    attributes: dict[str, str] = Field(default_factory=dict, description="Known fields, as a listing would carry them")
    condition: str | None = Field(default=None, max_length=200)
    region: str | None = Field(default=None, max_length=200)
    category: str | None = Field(default=None, max_length=200, description="Only offers of this category")


class Amount(_Frozen):
    """A value with its 90 % interval in one currency."""

    amount: str
    low: str
    high: str
    currency: str
    confidence: str


class SwapOffer(_Frozen):
    """One offer; `by` says whether the model values it or only its asking price does."""

    listing: str
    title: str
    category: str
    region: str | None
    distance: str
    price: str
    seen: str
    value: Amount
    by: str
    fit: str
    url: str | None
    found_at: str


class SwapAnswer(_Frozen):
    """What is on offer for a thing, best first; without a value of its own there is nothing, and `reason` says why."""

    valuation: str
    value_date: str
    snapshot: str
    reason: str | None
    value: Amount | None
    how: str
    offers: list[SwapOffer]


def day_of(cutoff: str, asked: date | None) -> date:
    """The day asked about, at most the data's end."""
    last = date.fromisoformat(cutoff[:10])
    return min(asked, last) if asked else last

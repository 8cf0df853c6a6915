"""The shapes of what is answered about times to come. Money and ratios are decimal text."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Why = Literal["no_data", "too_short"]
NoPrice = Literal["no_data", "unknown_value", "no_price_effect", "out_of_reach", "too_far"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ahead(_Frozen):
    """One period ahead: its first day, the expected value and its 90 % interval."""

    day: str
    expected: str = Field(description="In `currency`, or a multiple of the newest value where that is null")
    low: str | None = Field(description="null where too few earlier forecasts are known for an interval")
    high: str | None


class Best(_Frozen):
    """A period surely better than the next one: by what share, with its interval."""

    day: str
    gain: float
    low: float
    high: float


class Path(_Frozen):
    """A forecast and what supports it."""

    of: str = Field(description="What it is of: an area of the market, or a price series")
    model: str
    error: float | None = Field(description="Mean absolute scaled error of the model in earlier forecasts (MASE)")
    naive_error: float | None = Field(description="The same of saying that nothing changes")
    seasonal_naive_error: float | None = Field(description="The same of repeating the year before")
    replayed: int = Field(ge=0, description="Earlier forecasts it was chosen and sized by")
    season: str = Field(description="Whether a yearly season is believed, and why not where it is not")
    newest: str = Field(description="First day of the newest period known")
    items: list[Ahead]


class Forecast(_Frozen):
    """Prices and sales ahead for an area of the market, or values ahead of a published series."""

    snapshot: str
    value_date: str
    asked: str
    currency: str | None
    prices: Path | None = Field(description="null where nothing can be said; `reason` says why")
    sales: Path | None = Field(description="Sellers who sell in a week; null where no sales are known for long enough")
    best_to_sell: Best | None = Field(description="null unless earlier forecasts support it")
    best_to_buy: Best | None
    notes: list[str]
    reason: Why | None


class Selling(_Frozen):
    """The price at which a thing sells within a time, and the chance of that; `reason` where no price is said."""

    snapshot: str
    value_date: str
    asked: str
    within_days: int
    currency: str
    fmv: str | None
    price: str | None = Field(description="The highest price with the chance wanted, within what was seen")
    chance: float | None = Field(description="Of a sale within the time, at `price`; at the FMV where no price is said")
    chance_low: float | None
    chance_high: float | None
    chance_wanted: float
    chance_at_fmv: float | None
    offers: int = Field(ge=0, description="Offers learned from")
    sold: int = Field(ge=0, description="Of these, sold")
    ended: int = Field(ge=0, description="Of these, ended without a known sale")
    notes: list[str]
    reason: NoPrice | None

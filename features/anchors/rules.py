"""The thresholds by which a currency is judged. Their values, with the reasons, are in `models/data/knobs.toml`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class CurrencyRule(BaseModel):
    """When a currency is in trouble, and which rate then counts. Shares are of the rate, times are days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    premium_enter: float
    premium_leave: float
    premium_window: int
    premium_quotes: int
    volatility_enter: float
    volatility_leave: float
    volatility_window: int
    volatility_quotes: int
    crawl_enter: float
    crawl_leave: float
    crawl_span: int
    official_age: int
    slip: float
    carry: int
    implied_window: int
    implied_goods: int
    implied_sellers: int
    implied_band: float
    implied_age: int

"""Times to come: prices and sales ahead, and the price that sells in time.

GET /v1/forecasts/{category}       an area of the market, week by week
GET /v1/price-series/forecast      a published price series, period by period
GET /v1/selling                    the price at which a thing sells within a time
"""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Path, Query

from models.forecast.market import UnknownSeries
from models.forecast.shapes import Forecast, Selling
from valuation_api import problems
from valuation_api.days import AsOf
from valuation_api.leases import CurrentMarket
from valuation_api.live import Market, Valuer
from warehouse.valuation import ValuationRequest

if TYPE_CHECKING:
    from models.forecast.answering import Forecaster

_Name = Annotated[str | None, Query(min_length=1, max_length=100)]
_Ahead = Annotated[int, Query(ge=1, le=52, description="Periods ahead: weeks, or the series' own")]
_Money = Annotated[str | None, Query(pattern=r"^[A-Za-z]{3}$", description="ISO 4217; the anchor where not given")]


class _Forecasters:
    """One forecaster for each valuer in use; it goes when the valuer goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: WeakKeyDictionary[Valuer, Forecaster] = WeakKeyDictionary()

    def of(self, market: Market) -> Forecaster:
        from models.forecast.answering import open_forecaster
        from warehouse import query

        with self._lock:
            if market.valuer not in self._open:
                connection = query.read_only(market.snapshot.database)
                self._open[market.valuer] = open_forecaster(market.snapshot, connection, market.valuer)
            return self._open[market.valuer]


def router() -> APIRouter:
    """The routes; what was answered on a snapshot is kept as long as it is served."""
    routes = APIRouter(prefix="/v1", tags=["market data"])
    forecasters = _Forecasters()

    @routes.get("/forecasts/{category}", summary="Prices and sales ahead", responses=problems.described(404, 422, 503))
    def of_category(
        market: CurrentMarket,
        category: Annotated[str, Path(min_length=1, max_length=100, description="A category's id")],
        region: _Name = None,
        weeks: _Ahead = 12,
        as_of: AsOf = None,
    ) -> Forecast:
        """What prices and sales of a category may do; an area too new has the forecast of the one above it."""
        return forecasters.of(market).of_category(category, region, weeks, as_of)

    @routes.get("/price-series/forecast", summary="A price series ahead", responses=problems.described(404, 422, 503))
    def of_series(
        market: CurrentMarket,
        series: Annotated[str, Query(min_length=1, max_length=600, description="Its id, or source/id")],
        periods: _Ahead = 12,
        as_of: AsOf = None,
    ) -> Forecast:
        """What a published series of prices may do; a daily one by the week, cleared of what leaked into it."""
        try:
            return forecasters.of(market).of_series(series, periods, as_of)
        except UnknownSeries as error:
            raise problems.Problem(404, "unknown-series", "No such price series", str(error)) from error

    @routes.get("/selling", summary="The price that sells in time", responses=problems.described(422, 503))
    def selling(
        market: CurrentMarket,
        text: Annotated[str, Query(min_length=1, max_length=2000, description="The thing in a person's words")],
        within: Annotated[int, Query(ge=1, le=365, description="Days")] = 14,
        price: Annotated[float | None, Query(ge=0.01, le=1e12, description="The chance at this price instead")] = None,
        chance: Annotated[float, Query(ge=0.05, le=0.95, description="Of a sale, wanted")] = 0.5,
        condition: Annotated[str | None, Query(max_length=200)] = None,
        region: _Name = None,
        currency: _Money = None,
        as_of: AsOf = None,
    ) -> Selling:
        """Learned from offers that were seen to end; says "no_data" where hardly any were."""
        asked = ValuationRequest(text=text, condition=condition, region=region, currency=currency, as_of=as_of)
        amount = Decimal(f"{price:.2f}") if price is not None else None
        return forecasters.of(market).to_sell(market.valuer, asked, within, chance, amount)

    return routes

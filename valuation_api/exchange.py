"""What goes for what: `GET /v1/exchange`, `POST /v1/trade-ratios`, and `/v1/swaps` for what a thing can get.

The valuations behind the answers are kept like any that were given out, so that a trade can name them.
"""

from __future__ import annotations

import threading
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Body, Query

from ledger.books.store import Ledger
from ledger.books.units import RAILS_PER_K
from ledger.policy.dated import Policy
from ledger.trading import given
from models.exchange import answers
from models.exchange.reading import read_yardsticks
from models.exchange.swaps import Swaps
from models.exchange.yardsticks import Community, Yardsticks
from valuation_api import problems
from valuation_api.days import AsOf
from valuation_api.exchange_shapes import (
    ExchangeAnswer,
    SwapAnswer,
    SwapRequest,
    TradeRatioAnswer,
    TradeRatioRequest,
    day_of,
)
from valuation_api.leases import CurrentMarket
from valuation_api.live import Market, Valuer
from warehouse import query
from warehouse.errors import BadInput
from warehouse.valuation import Valuation, ValuationRequest

UNIT = r"^[A-Za-z]{1,7}$"
_WHAT = "An ISO 4217 code, local, K, hours, credits, gold or basket"
Unit = Annotated[str, Query(pattern=UNIT, description=_WHAT)]
Units = Annotated[
    list[Annotated[str, Query(pattern=UNIT)]], Query(alias="in", min_length=1, max_length=8, description=_WHAT)
]
Region = Annotated[str | None, Query(max_length=200, description="Where, such as US-MO")]
Limit = Annotated[int, Query(ge=1, le=50, description="At most so many offers")]


class _Kept:
    """Yardsticks and offers of each valuer in use; they go when the valuer goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._yardsticks: WeakKeyDictionary[Valuer, Yardsticks] = WeakKeyDictionary()
        self._swaps: WeakKeyDictionary[Valuer, Swaps] = WeakKeyDictionary()

    def yardsticks(self, market: Market, community: Community | None) -> Yardsticks:
        """Those of the snapshot, with the policy that holds now."""
        with self._lock:
            known = self._yardsticks.get(market.valuer)
            if known is None or known.community != community:
                connection = query.read_only(market.snapshot.database)
                try:
                    known = read_yardsticks(connection, _anchor(market), community)
                finally:
                    connection.close()
                self._yardsticks[market.valuer] = known
            return known

    def swaps(self, market: Market) -> Swaps:
        with self._lock:
            if market.valuer not in self._swaps:
                self._swaps[market.valuer] = Swaps(market.valuer)
            return self._swaps[market.valuer]


class _Keeping:
    """A valuer that keeps what it gives out in the ledger."""

    def __init__(self, valuer: Valuer, ledger: Ledger) -> None:
        self._valuer, self._ledger = valuer, ledger

    def value(self, request: ValuationRequest) -> Valuation:
        return self.value_many([request])[0]

    def value_many(self, requests: list[ValuationRequest]) -> list[Valuation]:
        values = list(self._valuer.value_many(requests))
        given.keep_many(self._ledger, list(zip(values, requests, strict=True)))
        return values


def router(ledger: Ledger) -> APIRouter:
    """The routes; the community's policy and what is given out are the ledger's."""
    routes = APIRouter(prefix="/v1", tags=["exchange"])
    kept = _Kept()

    @routes.get("/exchange", summary="An amount in other numeraires", responses=problems.described(422, 503))
    def exchange(
        amount: Annotated[float, Query(ge=0, le=1e12, description="How many")],
        unit: Unit,
        measures: Units,
        market: CurrentMarket,
        region: Region = None,
        as_of: AsOf = None,
    ) -> ExchangeAnswer:
        """Money, K, labour, gold and baskets of goods in each other, each with the price used, its day and source."""
        known = kept.yardsticks(market, community_of(ledger))
        day = day_of(str(market.snapshot.manifest["data_cutoff"]), as_of)
        return ExchangeAnswer.model_validate(answers.converted(amount, unit, known, day, measures, region))

    @routes.post(
        "/trade-ratios",
        summary="How much of one thing goes for another",
        responses=problems.described(400, 413, 415, 422, 503),
    )
    def ratio(asked: Annotated[TradeRatioRequest, Body()], market: CurrentMarket) -> TradeRatioAnswer:
        """The ratio of two values with its interval, and offers in whole numbers within it."""
        valuer = _Keeping(market.valuer, ledger)
        said = answers.trade_ratio(valuer, asked.first, asked.second, region=asked.region)
        return TradeRatioAnswer.model_validate(said)

    @routes.post("/swaps", summary="What a thing can get", responses=problems.described(400, 413, 415, 422, 503))
    def swaps(asked: Annotated[SwapRequest, Body()], market: CurrentMarket, limit: Limit = 10) -> SwapAnswer:
        """Offers whose value lies in the interval of the thing's own, the best first, one a seller."""
        return _swaps(market, asked, limit)

    @routes.get("/swaps", summary="What a thing in words can get", responses=problems.described(422, 503))
    def swaps_for(
        text: Annotated[str, Query(min_length=1, max_length=2000, description="The thing in a person's words")],
        market: CurrentMarket,
        region: Region = None,
        category: Annotated[str | None, Query(max_length=200, description="Only offers of this category")] = None,
        limit: Limit = 10,
    ) -> SwapAnswer:
        """Offers whose value lies in the interval of the thing's own, the best first, one a seller."""
        return _swaps(market, SwapRequest(text=text, region=region, category=category), limit)

    def _swaps(market: Market, asked: SwapRequest, limit: int) -> SwapAnswer:
        request = ValuationRequest(
            text=asked.text, attributes=asked.attributes, condition=asked.condition, region=asked.region
        )
        said = answers.swaps_for(
            _Keeping(market.valuer, ledger), kept.swaps(market), request, _anchor(market),
            category=asked.category, limit=limit,
        )  # fmt: skip
        return SwapAnswer.model_validate(said)

    return routes


def _anchor(market: Market) -> str:
    return str(market.snapshot.manifest["anchor"])


def community_of(ledger: Ledger) -> Community | None:
    """The policy that holds today, as data for the models."""
    try:
        held: Policy = ledger.policy()
    except BadInput:
        return None
    return Community(held.currency, float(held.currency_per_k), held.hour / RAILS_PER_K, held.holds_from)

"""How a request gets its market: a lease of the current snapshot from its first line to its last byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from valuation_api.live import LiveMarket, Market


def live_market(request: Request) -> LiveMarket:
    """The app's watcher of the published market."""
    live: LiveMarket = request.app.state.live
    return live


def _lease(live: Annotated[LiveMarket, Depends(live_market)]) -> Iterator[Market]:
    with live.lease() as market:
        yield market


Live = Annotated[LiveMarket, Depends(live_market)]
CurrentMarket = Annotated[Market, Depends(_lease)]

"""Is it alive, is it ready, and which snapshot does it serve."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from valuation_api import problems
from valuation_api.leases import CurrentMarket, Live

routes = APIRouter(tags=["operation"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Valuations can be had; `trouble` says why a newer snapshot is not served, where that is so."""

    status: Literal["ready"] = "ready"
    snapshot: str
    trouble: str | None = None


class CurrentSnapshot(BaseModel):
    """The snapshot that is served: its id, and its manifest with data cut-off, metrics and the hashes of its files."""

    id: str
    manifest: dict[str, Any] = Field(description="manifest.json as it was published")


@routes.get("/healthz", summary="Is the process alive?")
def alive() -> Alive:
    """Answers as long as the process does; says nothing about the data."""
    return Alive()


@routes.get("/readyz", summary="Can valuations be had?", responses=problems.described(503))
def ready(live: Live, market: CurrentMarket, response: Response) -> Ready:
    """Ready once a snapshot is open; a 503 problem with the way out before."""
    response.headers["Cache-Control"] = "no-store"
    return Ready(snapshot=market.snapshot.id, trouble=live.trouble)


@routes.get("/v1/snapshots/current", summary="The snapshot that is served", responses=problems.described(503))
def current_snapshot(market: CurrentMarket, response: Response) -> CurrentSnapshot:
    """The vintage of every answer given now."""
    response.headers["Cache-Control"] = "no-cache"
    return CurrentSnapshot(id=market.snapshot.id, manifest=market.snapshot.manifest)

"""The door for programs and people: `create_app(settings)` puts the routes, the guards and the live market together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from starlette.requests import HTTPConnection

from features.photo import close_reader
from ledger.books.store import open_ledger
from valuation_api import (
    accounts,
    agents,
    books,
    comparables,
    estimates,
    exchange,
    explanations,
    exports,
    forecasts,
    health,
    photos,
    policy,
    problems,
    products,
    promises,
    services,
    tax,
    thing_photos,
    things,
    trades,
    transfers,
    trust,
    trust_members,
    valuations,
    watches,
)
from valuation_api.guards import BodyLimit, SafeAnswers
from valuation_api.limits import Limited, RateLimits, is_limited
from valuation_api.live import LiveMarket, OpenValuer, Valuer
from valuation_api.pages import analysts, picture, trading, worth
from valuation_api.problems import Problem
from valuation_api.tending import Tender
from warehouse.home import Home
from warehouse.snapshot import Snapshot

DESCRIPTION = """
What a thing is worth today, here, and why; and trades that carry that value with them.

Valuations and market data need no key. Whatever belongs to a person needs `Authorization: Bearer <key>`, and every
write but a valuation an `Idempotency-Key` (in a batch of payments each has its own). Money is decimal text with an
ISO 4217 code. Every error is a problem document (RFC 9457).
"""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What the API is told by the front door; it reads no environment and no wall clock itself."""

    home: Home
    ledger_url: str
    clock: Callable[[], datetime]
    code_version: str
    open_valuer: OpenValuer | None = None
    """How a snapshot's valuer is opened; `models.answers.value.open_valuer` where not given."""
    tax_key: Callable[[], bytes] | None = None
    """Gives the key that taxpayer numbers are sealed with; without one, none is taken."""
    policy_file: Path | None = None
    """The community's policy; the built-in one where not given."""
    poll_seconds: float = 1.0
    """How often the pointer to the current snapshot is looked at."""
    most_body_bytes: int = 4 * 1024 * 1024
    rate_limits: RateLimits = field(default_factory=RateLimits)
    """How much one key and one address may ask of the ledger."""


def _models_valuer(code_version: str) -> Callable[[Snapshot], Valuer]:
    def opener(snapshot: Snapshot) -> Valuer:
        from models.answers.value import open_valuer

        return open_valuer(snapshot, code_version)

    return opener


def create_app(settings: ApiSettings) -> FastAPI:
    """The application, ready for any ASGI server. Starts also where nothing is published yet, and then says so."""
    ledger = open_ledger(settings.ledger_url, clock=settings.clock, policy_file=settings.policy_file)
    live = LiveMarket(
        settings.home, settings.open_valuer or _models_valuer(settings.code_version), poll_seconds=settings.poll_seconds
    )

    tender = Tender(ledger)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(live.start)
        tender.start()
        yield
        await anyio.to_thread.run_sync(tender.stop)
        await anyio.to_thread.run_sync(live.stop)
        close_reader()
        ledger.close()

    app = FastAPI(
        title="Katy",
        version=settings.code_version,
        description=DESCRIPTION,
        lifespan=lifespan,
        # The interactive documentation of FastAPI loads scripts from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    app.state.live = live
    problems.install(app, _tell)
    app.include_router(photos.router(ledger))
    app.include_router(valuations.router(ledger))
    app.include_router(explanations.router(ledger))
    app.include_router(comparables.router())
    app.include_router(exchange.router(ledger))
    app.include_router(services.router(ledger))
    app.include_router(forecasts.router())
    app.include_router(products.routes)
    app.include_router(exports.router())
    for of_persons in (accounts, transfers, promises, books, policy, trades, trust, trust_members):
        app.include_router(of_persons.router(ledger))
    app.include_router(tax.router(ledger, settings.tax_key))
    app.include_router(watches.router(ledger))
    app.include_router(thing_photos.router(ledger))
    app.include_router(things.router(ledger))
    app.include_router(estimates.router(ledger))
    app.include_router(agents.router(settings.home, settings.clock))
    app.include_router(health.routes)
    app.include_router(worth.router(ledger))
    app.include_router(analysts.router(settings.home))
    app.include_router(picture.router(ledger))
    app.include_router(trading.router(ledger))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "pages" / "static"), name="static")
    larger = dict.fromkeys((photos.PATH, thing_photos.PATH, picture.PATH), photos.MOST_BYTES)
    app.add_middleware(BodyLimit, limit=settings.most_body_bytes, tell=_tell, larger=larger)
    app.add_middleware(Limited, limits=settings.rate_limits, tell=_tell)
    app.add_middleware(SafeAnswers, tell=_tell)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _tell(problem: Problem, asked: HTTPConnection) -> Response:
    """A person with a browser who went astray gets a page; everybody under /v1, and every program, the document."""
    path = asked.url.path
    if not path.startswith("/v1/") and "text/html" in asked.headers.get("accept", ""):
        return worth.problem_page(problem)
    return problems.answer(problem, path)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, true also about errors: FastAPI's own idea of a 422 is replaced by the problem document."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = problems.SCHEMA
    for path, operations in document["paths"].items():
        for operation in operations.values():
            responses = operation["responses"]
            common = [422] if "422" in responses else []
            common += [429] if is_limited(path) else []
            if "requestBody" in operation:
                common += [400, 413, 415]
            for status, response in problems.described(*common, 500).items():
                responses[str(status)] = response
    app.openapi_schema = document
    return document

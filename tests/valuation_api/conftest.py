"""A small published market, and a valuer that is small but arithmetically true, for the tests of the API and the page.

Two years of drills and bikes are landed, loaded, built and published through the warehouse's own functions. One title
and one URL are hostile.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from ledger.books import accounts
from ledger.books.store import Ledger, open_ledger
from models.explanation.explain import plainly
from models.explanation.shapes import Explanation
from valuation_api import problems
from valuation_api.app import ApiSettings, create_app
from valuation_api.limits import Rate, RateLimits
from warehouse import build, database, landing, load, lock, query, snapshot
from warehouse.home import Home
from warehouse.records import FxRate, Listing
from warehouse.snapshot import Snapshot
from warehouse.valuation import (
    FACTOR_ORDER,
    Comparable,
    Factor,
    Subject,
    Valuation,
    ValuationRequest,
    recompute,
    valuation_id,
)

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
CODE_VERSION = "test"
HOSTILE_TITLE = 'Trek Marlin 5 bike <script>alert("gotcha")</script> & "quotes"'
THINGS = {
    "drill-dewalt-dcd771": ("DeWalt DCD771 cordless drill 20V", "drill", "DeWalt", 70),
    "drill-makita-xfd10": ("Makita XFD10 cordless drill 18V", "drill", "Makita", 95),
    "bike-trek-marlin-5": ("Trek Marlin 5 mountain bike", "bike", "Trek", 420),
    "phone-iphone-13": ("Apple iPhone 13 128GB", "phone", "Apple", 360),
}
EFFECTS = {"new": "1.180000", "like new": "1.090000", "fair": "0.840000", "poor": "0.610000"}


def listings(run: str, *, last: datetime = NOW, days: int = 700) -> Iterator[Listing]:
    """A listing every fortnight of each thing, asked and sold in turn, with a hostile one at the end."""
    row = 0
    for product, (title, category, brand, price) in THINGS.items():
        for back in range(days, -1, -14):
            row += 1
            moment = last - timedelta(days=back)
            worth = Decimal(price) * (100 + (row * 37) % 21 - 10) / 100 * (1000 + back) / 1000
            yield Listing(
                source="small",
                id=f"{product}-{back}",
                kind="sold" if row % 3 == 0 else "asking",
                title=title,
                price=worth.quantize(Decimal("0.01")),
                currency="USD",
                observed_at=moment,
                condition=("good", "fair", "like new")[row % 3],
                category=category,
                brand=brand,
                region=("US-MO", "US-IL")[row % 2],
                url=f"https://market.example/item/{row}",
                run=run,
                row=row,
                found_at=f"small.csv line {row + 1}",
                price_path="column price",
            )
    for number, url in enumerate(("javascript:alert(1)", "https://market.example/x?a=1&b=<2>")):
        yield Listing(
            source="small",
            id=f"bike-trek-marlin-5-hostile-{number}",
            kind="asking",
            title=HOSTILE_TITLE,
            price=Decimal("400.00"),
            currency="USD",
            observed_at=last,
            category="bike",
            url=url,
            run=run,
            row=row + 1 + number,
            found_at=f"small.csv line {row + 2 + number}",
            price_path="column price",
        )


def rates(run: str) -> Iterator[FxRate]:
    for row, (quote, rate) in enumerate({"USD": "1.10", "GBP": "0.85"}.items()):
        for back in range(0, 90, 3):
            yield FxRate(
                source="ecb",
                base="EUR",
                quote=quote,
                kind="official",
                rate=Decimal(rate),
                observed_on=NOW.date() - timedelta(days=back),
                run=run,
                row=row * 100 + back,
                found_at="test",
            )


def publish(home: Home, *, now: datetime = NOW, days: int = 700) -> Snapshot:
    """Land, load, build and publish the small market."""
    with lock.writer(home, lambda text: None, timeout=30):
        run = landing.new_run(now)
        landing.land(home, list(listings(run, last=now, days=days)), source="small", run=run, now=now)
        landing.land(home, list(rates(run)), source="ecb", run=run, now=now)
        connection = database.open_writer(home)
        try:
            load.load(connection, home, now)
            build.build_core(connection, "USD")
            connection.execute(database.script("core", "identity"))
            connection.execute("DELETE FROM core.identity")
            connection.execute(
                "INSERT INTO core.identity BY NAME SELECT DISTINCT source, id, "
                "regexp_replace(id, '-(hostile-)?[0-9]+$', '') AS product, category, 'good' AS grade FROM raw.listing"
            )
            build.build_mart(connection)
            return snapshot.publish(home, connection, contents=None, manifest={}, now=now, code_version=CODE_VERSION)
        finally:
            connection.close()


class SmallValuer:
    """Values a thing at the median of the listings whose title has all its words; base × factors is the value."""

    def __init__(self, published: Snapshot) -> None:
        self.snapshot_id = published.id
        self.closed = False
        connection = query.read_only(published.database)
        self._rows = connection.execute(
            "SELECT id, title, kind, price, currency, observed_at, condition, region, url, found_at, product, category "
            "FROM mart.listing ORDER BY observed_at DESC, id"
        ).fetchall()
        self._rates = dict(connection.execute("SELECT currency, max(rate) FROM mart.fx_rate GROUP BY 1").fetchall())
        connection.close()
        self._cut_off = str(published.manifest["data_cutoff"])[:10]

    def value(self, request: ValuationRequest) -> Valuation:
        assert not self.closed, "a valuer was asked after it was closed"
        if "explode" in request.text:
            raise RuntimeError("a fault nobody foresaw, with a secret in it")
        asked = request.text.lower().split()
        found = [row for row in self._rows if all(word in row[1].lower() for word in asked)]
        currency = request.currency or "USD"
        if not found:
            return self._unknown(request, "nothing_comparable")
        if currency != "USD" and currency not in self._rates:
            return self._unknown(request, "no_exchange_rate")
        return self._known(request, found[:15], currency)

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]:
        return [self.value(request) for request in requests]

    def explain(self, request: ValuationRequest) -> Explanation:
        return plainly(self.value(request))

    def close(self) -> None:
        self.closed = True

    def _known(self, request: ValuationRequest, found: list[Any], currency: str) -> Valuation:
        base = f"{statistics.median(float(row[3]) for row in found):.6f}"
        moved = {
            "condition": EFFECTS.get(request.condition or "", "1.000000"),
            "region": "1.034000" if request.region == "US-IL" else "1.000000",
            "trend": "0.971200",
            "season": "1.120000",
            "dampening": "0.960000",
            "currency": "1.000000" if currency == "USD" else f"{1 / self._rates[currency]:.6f}",
        }
        factors = [
            Factor(
                name=name,
                value=moved.get(name, "1.000000"),
                evidence=[f"{len(found)} listings" if moved.get(name, "1.000000") != "1.000000" else "no data"],
                source="small" if name in moved else None,
                date=self._cut_off if name in moved else None,
            )
            for name in FACTOR_ORDER
        ]
        fmv = recompute(base, factors, currency)
        market = recompute(base, [factor for factor in factors if factor.name != "dampening"], currency)
        return self._valuation(
            request,
            currency=currency,
            fmv=str(fmv),
            market_value=str(market),
            low=str((fmv * Decimal("0.78")).quantize(Decimal("0.01"))),
            high=str((fmv * Decimal("1.27")).quantize(Decimal("0.01"))),
            confidence="B" if len(found) > 5 else "D",
            base=base,
            factors=factors,
            comparables=[_comparable(row) for row in found],
            dampening="0.960000",
            understood={"product": found[0][10], "category": found[0][11], "grade": request.condition or "good"},
            narrative=f"{len(found)} listings like it have a middle price of {base[:-4]} USD. The season adds 12 %.",
        )

    def _unknown(self, request: ValuationRequest, reason: str) -> Valuation:
        return self._valuation(
            request, currency=request.currency or "USD", narrative="", reason=reason, understood={}, comparables=[]
        )

    def _valuation(self, request: ValuationRequest, *, understood: dict[str, Any], **said: Any) -> Valuation:
        empty: dict[str, Any] = dict.fromkeys(
            ("fmv", "market_value", "low", "high", "confidence", "base", "dampening", "reason")
        )
        return Valuation(
            id=valuation_id(self.snapshot_id, CODE_VERSION, request),
            subject=Subject(asked=request, understood=understood),
            value_date=str(request.as_of or self._cut_off),
            snapshot=self.snapshot_id,
            model="small",
            **{**empty, "factors": [], **said},
        )


def _comparable(row: Any) -> Comparable:
    id_, title, kind, price, currency, observed_at, condition, region, url, found_at, *_ = row
    return Comparable(
        listing=f"small/{id_}",
        title=title,
        kind=kind,
        price=f"{price:.2f}",
        currency=currency,
        observed_at=observed_at.astimezone(UTC).isoformat(),
        condition=condition,
        region=region,
        url=url,
        found_at=found_at,
        similarity=0.9,
        weight=0.066,
        adjusted=f"{price * Decimal('1.02'):.2f}",
    )


@dataclass(frozen=True)
class SmallMarket:
    """What the tests are handed: the home, and how to publish more and to make an app on it."""

    home: Home
    publish: Callable[..., Snapshot]

    def app(self, **settings: Any) -> FastAPI:
        said = {
            "home": self.home,
            "ledger_url": f"sqlite:///{self.home.ledger}",
            "clock": lambda: NOW,
            "code_version": CODE_VERSION,
            "open_valuer": SmallValuer,
            "poll_seconds": 0.05,
            "rate_limits": RateLimits(*[Rate(1_000_000)] * 3),
        }
        return create_app(ApiSettings(**{**said, **settings}))


@pytest.fixture(scope="session")
def small() -> ModuleType:
    """This module: its listings, rates and time."""
    return sys.modules[__name__]


@pytest.fixture
def empty_market(tmp_path: Path) -> SmallMarket:
    """A home in which nothing has been published."""
    return SmallMarket(Home(tmp_path), publish)


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> SmallMarket:
    """The small market, published once for all tests that only read it."""
    home = Home(tmp_path_factory.mktemp("market"))
    publish(home)
    return SmallMarket(home, publish)


@pytest.fixture(scope="session")
def client(market: SmallMarket) -> Iterator[TestClient]:
    """A client of an app that serves the small market."""
    with TestClient(market.app()) as browser:
        yield browser


@contextmanager
def _served(app: FastAPI) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()


@pytest.fixture(scope="session")
def served() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Puts an app behind a real server on loopback for the length of a block, which gets its URL."""
    return _served


@pytest.fixture(scope="session")
def _empty_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books without a line in them, to be copied: making their tables takes longer than most tests."""
    file = tmp_path_factory.mktemp("books") / "ledger.sqlite"
    open_ledger(f"sqlite:///{file}", clock=lambda: NOW).close()
    return file


@pytest.fixture
def ledger(tmp_path: Path, _empty_books: Path) -> Iterator[Ledger]:
    """Empty books."""
    shutil.copyfile(_empty_books, tmp_path / "ledger.sqlite")
    opened = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def town_of() -> Callable[..., TestClient]:
    """`town_of(*routers)`: a client of an app that has these routes and no others."""

    def made(*routers: APIRouter) -> TestClient:
        app = FastAPI()
        problems.install(app)
        for router in routers:
            app.include_router(router)
        return TestClient(app)

    return made


class Person:
    """Somebody with a key, who sends a new idempotency key with each write unless told another."""

    def __init__(self, town: TestClient, ledger: Ledger, name: str, **said: Any) -> None:
        made, self.key = accounts.create(ledger, name, **said)
        self.town, self.id, self.name, self.sent = town, made.id, name, 0

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None, **sent: Any) -> Any:
        self.sent += 1
        headers = {"Authorization": f"Bearer {self.key}", **sent.pop("headers", {})}
        if method != "GET":
            headers["Idempotency-Key"] = key or f"{self.id}-{self.sent}"
        said = {"json": body} if body is not None else {}
        return self.town.request(method, path, headers=headers, **said, **sent)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        return self.ask("POST", path, body, key)

    def bring(self, text: str, query: str = "", **sent: Any) -> Any:
        headers = {"Content-Type": "text/csv"}
        return self.ask("POST", f"/v1/things/import{query}", content=text.encode(), headers=headers, **sent)

    def me(self) -> Any:
        """The account, with its balance in K."""
        told = self.get("/v1/accounts/me").json()
        return {**told, **told["balances"]["K"]}

    def entries(self) -> Any:
        return self.get("/v1/accounts/me/entries").json()["entries"]


@pytest.fixture
def new_person(town: TestClient, ledger: Ledger) -> Callable[..., Person]:
    """`new_person(name)`: somebody in the town that the test module serves."""
    return lambda name, **said: Person(town, ledger, name, **said)


@pytest.fixture
def ada(new_person: Callable[[str], Person]) -> Person:
    return new_person("Ada")


@pytest.fixture
def bob(new_person: Callable[[str], Person]) -> Person:
    return new_person("Bob")

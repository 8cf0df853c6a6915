"""A real HTTP server on loopback, as well or as badly behaved as a test wants it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from loopback import serving

from spiders.agent.collect import collect
from spiders.agent.report import CollectReport
from spiders.source import Limits
from warehouse.home import Home
from warehouse.landing import landed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
USER_AGENT = "KatyBot/test (a test)"
QUICK = Limits(
    requests=200, seconds=40, answer_seconds=1.0, bytes=200_000, retries=1, longest_wait=3.0, first_wait=0.05
)


@dataclass
class Reply:
    """What a path answers. `etag` answers 304 where it is known; `never` keeps silent; `cut` ends in the middle."""

    body: str | bytes = ""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    never: bool = False
    cut: bool = False


Route = Reply | Callable[[int], Reply]


@dataclass
class Site:
    """A running site: `routes` by path, and every request it got as (path, headers)."""

    base: str
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def times_asked(self, path: str) -> int:
        return self.paths().count(path)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append((self.path, {name.title(): text for name, text in self.headers.items()}))
            site.times.append(time.monotonic())
            route = site.routes.get(self.path, Reply("not here", status=404))
            reply = route if isinstance(route, Reply) else route(site.times_asked(self.path))
            if reply.never:
                time.sleep(3.0)
                self.close_connection = True
                return
            known = reply.etag is not None and self.headers.get("If-None-Match") == reply.etag
            body = b"" if known else reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(304 if known else reply.status)
            headers = {"Content-Type": reply.kind, "Content-Length": str(len(body) + (50 if reply.cut else 0))}
            headers |= reply.headers | ({"ETag": reply.etag} if reply.etag else {})
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if reply.cut:
                self.close_connection = True

    return Handler


def _serve() -> Iterator[Site]:
    site = Site("")
    with serving(_handler(site)) as site.base:
        yield site


@pytest.fixture
def site() -> Iterator[Site]:
    yield from _serve()


@pytest.fixture(scope="module")
def module_site() -> Iterator[Site]:
    yield from _serve()


@pytest.fixture(scope="module")
def other_site() -> Iterator[Site]:
    """A second site: on loopback too, and not the one that was typed."""
    yield from _serve()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


Visit = Callable[..., CollectReport]


@pytest.fixture(scope="session")
def visit() -> Visit:
    """`visit(home, source, base, **more)`: collect with a fixed clock, no delay and little patience."""

    def run(home: Home, source: str, base: str | None, **more: Any) -> CollectReport:
        said = {"delay": 0.001, "limits": QUICK, "name": "test_site"} | more
        return collect(source, home, base=base, user_agent=USER_AGENT, clock=lambda: NOW, say=lambda text: None, **said)

    return run


@pytest.fixture(scope="session")
def rows() -> Callable[[Home, str], list[dict[str, Any]]]:
    """`rows(home, record)`: all landed rows of a record."""
    import pyarrow.parquet as pq

    def read(home: Home, record: str) -> list[dict[str, Any]]:
        return [row for path in landed(home, record) for row in pq.read_table(path, partitioning=None).to_pylist()]

    return read


@pytest.fixture(scope="session")
def reply() -> type[Reply]:
    return Reply


@pytest.fixture(scope="session")
def product_page() -> Callable[..., str]:
    """A product page with JSON-LD: `product_page(name, price, **offer)`."""
    import json

    def page(name: str, price: object, currency: str | None = "USD", **offer: Any) -> str:
        stated = {"@type": "Offer", "price": price, **({"priceCurrency": currency} if currency else {}), **offer}
        product = {"@context": "https://schema.org", "@type": "Product", "name": name, "offers": stated}
        return f'<html><h1>{name}</h1><script type="application/ld+json">{json.dumps(product)}</script></html>'

    return page


@pytest.fixture(scope="session")
def quick_limits() -> Limits:
    return QUICK

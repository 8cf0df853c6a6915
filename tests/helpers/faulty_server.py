"""A server on loopback that answers as badly as a table says, and a visit of it.

The tables of the fault drill name what is answered where they are written, so this is imported and is no fixture.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import loopback

from spiders.agent.collect import collect
from spiders.agent.report import CollectReport
from spiders.source import Limits
from warehouse.home import Home
from warehouse.landing import landed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LIMITS = Limits(requests=60, seconds=30, answer_seconds=1.0, bytes=200_000, retries=0, longest_wait=2, first_wait=0.05)

Write = Callable[[Any], None]


def said(
    body: str | bytes, status: int = 200, kind: str = "text/html; charset=utf-8", more: dict[str, str] | None = None
) -> Write:
    """An ordinary answer."""
    raw = body.encode() if isinstance(body, str) else body

    def write(to: Any) -> None:
        head = {"Content-Type": kind, "Content-Length": str(len(raw)), **(more or {})}
        lines = [f"HTTP/1.1 {status} x", *(f"{name}: {text}" for name, text in head.items())]
        to.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + raw)

    return write


def raw(*pieces: bytes, every: float = 0.0, forever: bool = False) -> Write:
    """Bytes as they are, and the connection closed; `forever` repeats the last piece until nobody listens."""

    def write(to: Any) -> None:
        to.close_connection = True
        with contextlib.suppress(OSError):
            for piece in pieces:
                to.wfile.write(piece)
                time.sleep(every)
            end = time.monotonic() + 6
            while forever and time.monotonic() < end:
                to.wfile.write(pieces[-1])
                time.sleep(every)

    return write


def reset(to: Any) -> None:
    """The connection is torn down (RST)."""
    to.close_connection = True
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.connection.close()


def moved(where: str, status: int = 301) -> Write:
    return said("", status=status, more={"Location": where})


def product(name: str, price: object, currency: str = "USD", **more: Any) -> str:
    node = {"@type": "Product", "name": name, "offers": {"price": price, "priceCurrency": currency}, **more}
    return f'<h1>{name}</h1><script type="application/ld+json">{json.dumps(node, ensure_ascii=False)}</script>'


HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PACKED = gzip.compress(product("Saw", 20, description="a saw " * 3_000).encode())


def sitemap(base: str, paths: list[str]) -> str:
    return "<urlset>" + "".join(f"<url><loc>{base}{path}</loc></url>" for path in paths) + "</urlset>"


@dataclass
class Server:
    """A server on loopback: `routes` from path to what is written, or from a path's beginning (ending in "*")."""

    base: str = ""
    routes: dict[str, Write] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def write(self, path: str) -> Write:
        starts = (route for start, route in self.routes.items() if start.endswith("*") and path.startswith(start[:-1]))
        return self.routes.get(path) or next(starts, said("not here", status=404))


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    site = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            with contextlib.suppress(OSError):
                site.write(self.path)(self)

    with loopback.serving(Handler) as site.base:
        yield site


def visit(home: Home, base: str, now: datetime = NOW, limits: Limits = LIMITS, **more: Any) -> CollectReport:
    return collect(
        "schema_org", home, base=base, user_agent="KatyBot/test", clock=lambda: now, say=lambda _: None,
        delay=0.001, name="drill", limits=limits, **more,
    )  # fmt: skip


def rows(home: Home, record: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return [row for path in landed(home, record) for row in pq.read_table(path, partitioning=None).to_pylist()]

"""Real HTTP servers on loopback that show the town's sites as of the day that the caller says it is.

`serve(town, day_getter)` starts one server a site, each on a free port of 127.0.0.1. A site is a function from what was
asked, and the day, to an answer; this module does HTTP: conditional requests, HEAD, style sheets and scripts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock_time
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from demo.town import Town

HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the path, the first value of each query field, and the site's own address ("http://127.0.0.1:4711")."""

    path: str
    query: dict[str, str]
    base: str

    def number(self, name: str, default: int) -> int:
        """A whole number ≥ 0 from the query; the default where it is missing or no such number."""
        value = self.query.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else default


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `changed` is the day its content last changed: with it come ETag, Last-Modified and 304 answers."""

    body: bytes
    kind: str = HTML
    status: HTTPStatus = HTTPStatus.OK
    changed: date | None = None


Site = Callable[[Town, date, Asked], Answer]


@dataclass(frozen=True, slots=True)
class RunningSites:
    """The sites while they run: their base addresses, and how many requests each has answered by status."""

    shop: str
    classifieds: str
    market: str
    answered: dict[str, dict[int, int]] = field(default_factory=dict)

    @property
    def starts(self) -> dict[str, str]:
        """Where an agent begins on each site."""
        return {
            "shop": f"{self.shop}/sitemap.xml",
            "classifieds": f"{self.classifieds}/search/sss",
            "market": f"{self.market}/browse",
        }


@contextmanager
def serve(town: Town, day_getter: Callable[[], date], ports: Mapping[str, int] | None = None) -> Iterator[RunningSites]:
    """The town's three sites, running until the block ends; every request asks `day_getter` what day it is.

    A site takes its port of `ports` where it can be had (so that links found earlier go on leading there), else a free
    one.
    """
    from demo.sites import classifieds, market, shop

    sites: dict[str, Site] = {"shop": shop.site, "classifieds": classifieds.site, "market": market.site}
    answered: dict[str, dict[int, int]] = {name: {} for name in sites}
    with ExitStack() as running:
        at = {}
        for name, site in sites.items():
            handler = _handler(site, town, day_getter, answered[name])
            server = _bound((ports or {}).get(name, 0), handler)
            server.daemon_threads, server.block_on_close = True, False
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"demo-{name}")
            thread.start()
            running.callback(thread.join)
            running.callback(server.server_close)
            running.callback(server.shutdown)
            at[name] = f"http://127.0.0.1:{server.server_address[1]}"
        yield RunningSites(at["shop"], at["classifieds"], at["market"], answered)


def _bound(port: int, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        if port == 0:
            raise
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def _handler(
    site: Site, town: Town, day_getter: Callable[[], date], answered: dict[int, int]
) -> type[BaseHTTPRequestHandler]:
    counting = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "TownSite/1"
        timeout = 30  # an idle connection is not kept for ever
        # Headers and body leave in one piece: in two, each page would wait for a delayed acknowledgement.
        wbufsize = 65_536
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are counted, not printed: the demo's own lines are what a person reads."""

        def _answer(self, *, with_body: bool) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            asked = Asked(unquote(parts.path), query, f"http://{self.headers.get('Host', 'localhost')}")
            answer = _static(asked) or site(town, day_getter(), asked)
            tag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
            status = answer.status
            if answer.changed and _known(self.headers.get_all("If-None-Match"), self.headers, tag, answer.changed):
                status = HTTPStatus.NOT_MODIFIED
            with counting:
                answered[status.value] = answered.get(status.value, 0) + 1
            self.send_response(status)
            if answer.changed:
                self.send_header("ETag", tag)
                self.send_header("Last-Modified", format_datetime(_midnight(answer.changed), usegmt=True))
            self.send_header("Cache-Control", "no-cache")
            if status != HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Type", answer.kind)
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if with_body and status != HTTPStatus.NOT_MODIFIED:
                self.wfile.write(answer.body)

    return Handler


def _known(tags: list[str] | None, headers: Any, tag: str, changed: date) -> bool:
    """Whether the client's copy is current (RFC 9110 13.1): If-None-Match decides where given, else the date."""
    if tags is not None:
        named = {one.strip().removeprefix("W/") for line in tags for one in line.split(",")}
        return tag in named or "*" in named
    since = headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _midnight(changed) <= moment


def _midnight(day: date) -> datetime:
    return datetime.combine(day, clock_time(), UTC)


def _static(asked: Asked) -> Answer | None:
    """A style sheet, script or picture of the sites; None where the path names none."""
    name = asked.path.removeprefix("/static/")
    path = HERE / "static" / name
    if not asked.path.startswith("/static/") or "/" in name or path.suffix not in KINDS or not path.is_file():
        return None
    return Answer(path.read_bytes(), KINDS[path.suffix])


def robots(asked: Asked, *lines: str) -> Answer:
    """A robots.txt for everybody, with the lines given."""
    return Answer("\n".join(("User-agent: *", *lines, "")).encode(), "text/plain; charset=utf-8")


def page(template: str, *, status: HTTPStatus = HTTPStatus.OK, changed: date | None = None, **told: Any) -> Answer:
    """An HTML page made of one of the templates."""
    return Answer(_templates().get_template(template).render(**told).encode(), HTML, status, changed)


def missing(site: str, asked: Asked) -> Answer:
    """There is no such page (any more)."""
    return page("missing.html", status=HTTPStatus.NOT_FOUND, site=site, path=asked.path)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""The fault drill: what a site can do wrong, what state a visit ends in then, and which alarm is raised.

Two tables read like a specification. `PAGES`: faults of single pages on a shop whose other pages are well; each loses
itself and no other. `SITES`: faults of a whole site that had been read well before; each ends in a verdict, a reason in
words, and the alarms it raises.
"""

# ruff: noqa: E501 - a line of a table is a fault
from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from spiders.agent.addresses import Gate
from spiders.agent.collect import collect
from spiders.agent.report import CollectReport
from spiders.source import Limits
from warehouse.alarms import open_alarms
from warehouse.home import Home
from warehouse.landing import land, landed, new_run

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LIMITS = Limits(requests=60, seconds=30, answer_seconds=1.0, bytes=200_000, retries=0, longest_wait=2, first_wait=0.05)
THINGS = 12

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

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads, block_on_close = True, False

        def handle_error(self, *_: Any) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    site.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def visit(home: Home, base: str, now: datetime = NOW, limits: Limits = LIMITS, **more: Any) -> CollectReport:
    return collect(
        "schema_org", home, base=base, user_agent="KatyBot/test", clock=lambda: now, say=lambda _: None,
        delay=0.001, name="drill", limits=limits, **more,
    )  # fmt: skip


def rows(home: Home, record: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return [row for path in landed(home, record) for row in pq.read_table(path, partitioning=None).to_pylist()]


# --- single pages ---------------------------------------------------------------------------------------------------


GOOD = product("Saw", 20).encode()
PACKED = gzip.compress(product("Saw", 20, description="a saw " * 3_000).encode())
BOMB = bytes(30_000_000)
LATIN = product("Gebrüder-Säge £", 20)
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def zstd(body: bytes) -> bytes:
    import pyarrow as pa

    packed: bytes = pa.compress(body, codec="zstd", asbytes=True)
    return packed


@dataclass(frozen=True)
class Page:
    """A page's fault: what is answered; then either why it was not got, or the title that was read."""

    what: str
    write: Write
    why: str | None = None
    title: str | None = None
    led_to: str | None = None


PAGES = [
    # the server says no
    Page("301 to itself", moved("/p/0"), why="in a circle"),
    Page("a circle of two", moved("/circle/a"), why="in a circle", led_to="/circle/b"),
    Page("six redirects, one after another", moved("/chain/1"), why="max redirections", led_to="/chain/5"),
    Page("five redirects, one after another", moved("/chain/2"), title="End of the chain", led_to="/chain/6"),
    Page("a redirect to nowhere", moved("http://"), why="in a circle"),
    Page("a redirect to a private address", moved("http://10.0.0.1/p/1"), why="another site"),
    Page("a redirect to another port here", moved("http://127.0.0.1:1/p/1"), why="private address", led_to="http://127.0.0.1:1/p/1"),
    Page("a redirect to this machine by name", moved("http://localhost/p/1"), why="another site"),
    Page("a redirect to this machine in IPv6", moved("http://[::1]/p/1"), why="another site"),
    Page("a redirect to a file", moved("file:///etc/passwd"), why="status 301"),
    Page("403", said("no", status=403), why="status 403"),
    Page("404", said("gone", status=404), why="status 404"),
    Page("410", said("gone", status=410), why="status 410"),
    Page("429", said("slow", status=429), why="status 429"),
    Page("500", said("oops", status=500), why="status 500"),
    Page("503", said("later", status=503), why="status 503"),
    Page("304 that was not asked for", said("", status=304), why="not asked whether it has changed"),
    # the connection breaks
    Page("reset", reset, why="lost"),
    Page("closed without a word", raw(), why="closed"),
    Page("a drip of bytes without end", raw(HTML + b"\r\n<h1>", b".", every=0.2, forever=True), why="took longer"),
    Page("a drip of headers without end", raw(HTML, b"X: y\r\n", every=0.2, forever=True), why="took longer"),
    Page("fewer bytes than Content-Length", raw(HTML + b"Content-Length: 9000\r\n\r\n" + GOOD), why="ended too early"),
    Page("chunks that stop", raw(HTML + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<h1>S\r\n"), why="ended too early"),
    Page("no HTTP at all", raw(b"SSH-2.0-OpenSSH_9.2\r\n"), why=""),
    Page("a header of 100 kB", raw(HTML + b"X: " + b"y" * 100_000 + b"\r\n\r\n" + GOOD), why=""),
    # too much
    Page("50 MB", raw(HTML + b"Content-Length: 50000000\r\n\r\n" + b"x" * 100_000), why="larger than"),
    Page("50 MB that were not announced", raw(HTML + b"\r\n", b"x" * 500_000, forever=True), why="larger than"),
    Page("a gzip bomb", said(gzip.compress(BOMB), more={"Content-Encoding": "gzip"}), why="unpacks to more"),
    Page("a brotli bomb", said(brotli.compress(BOMB, quality=5), more={"Content-Encoding": "br"}), why="unpacks to more"),
    Page("a zstd bomb", said(zstd(BOMB), more={"Content-Encoding": "zstd"}), why="unpacks to more"),
    Page("gzip in gzip", said(gzip.compress(gzip.compress(BOMB)), more={"Content-Encoding": "gzip, gzip"}), why="unpacks to"),
    # a body that is not what it should be
    Page("gzip cut short", said(PACKED[:-40], more={"Content-Encoding": "gzip"}), why="cut short"),
    Page("brotli cut short", said(brotli.compress(GOOD)[:-9], more={"Content-Encoding": "br"}), why="cut short"),
    Page("gzip that is none", said(GOOD, more={"Content-Encoding": "gzip"}), why="damaged"),
    Page("an image", said(b"\x89PNG\r\n\x1a\n\x00\x00", kind="image/png"), why="no page to read"),
    Page("an image that is called a page", said(b"\x89PNG\r\n\x1a\n\x00\x00\x01"), why="no page to read"),
    # odd, and read all the same
    Page("HTTP/1.0 without a length", raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + GOOD), title="Saw"),
    Page("200 cookies", raw(HTML + b"Set-Cookie: a=b\r\n" * 200 + b"Connection: close\r\n\r\n" + GOOD), title="Saw"),
    Page("UTF-8 that is called Latin", said(LATIN, kind="text/html; charset=iso-8859-1"), title="Gebrüder-Säge £"),
    Page("Latin that is called UTF-8", said(LATIN.encode("latin-1")), title="Gebrüder-Säge £"),
    Page("a charset that is none", said(LATIN, kind="text/html; charset=klingon"), title="Gebrüder-Säge £"),
    Page("gzip, whole", said(gzip.compress(GOOD), more={"Content-Encoding": "gzip"}), title="Saw"),
    Page("200 blocks in each other", said("<div>" * 200 + product("Deep", 20)), title="Deep"),
]  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One visit of a shop with all faults, a good page after each of them: the report, failures and titles by path."""
    with serving() as site, pytest.MonkeyPatch.context() as patch:
        patch.setattr("spiders.agent.report._MOST_FAILURES", 1_000)
        site.routes = {f"/p/{at}": page.write for at, page in enumerate(PAGES)}
        site.routes["/good/*"] = said(product("Good", 10))
        site.routes |= {"/circle/a": moved("/circle/b"), "/circle/b": moved("/circle/a")}
        site.routes |= {f"/chain/{at}": moved(f"/chain/{at + 1}") for at in range(1, 6)}
        site.routes["/chain/6"] = said(product("End of the chain", 20))
        paths = [path for at in range(len(PAGES)) for path in (f"/p/{at}", f"/good/p/{at}")]
        site.routes["/sitemap.xml"] = said(sitemap(site.base, paths), kind="application/xml")
        home = Home(tmp_path_factory.mktemp("pages"))
        limits = replace(LIMITS, requests=10 * len(PAGES), answer_seconds=0.7)
        report = visit(home, f"{site.base}/sitemap.xml", limits=limits)
        failures = {failure["url"].removeprefix(site.base): failure["why"] for failure in report.failures}
        titles = {row["found_at"].removeprefix(site.base): row["title"] for row in rows(home, "listing")}
        yield report, failures, titles


@pytest.mark.parametrize("at", range(len(PAGES)), ids=[page.what for page in PAGES])
def test_a_faulty_page_is_named_with_its_fault_or_read_all_the_same(pages: Any, at: int) -> None:
    _, failures, titles = pages
    page = PAGES[at]
    path = page.led_to or f"/p/{at}"
    if page.why is None:
        assert titles.get(path) == page.title, failures.get(path)
    else:
        assert page.why in failures[path]
        assert path not in titles
    assert titles[f"/good/p/{at}"] == "Good"


def test_a_visit_of_faulty_pages_accounts_for_every_one(pages: Any) -> None:
    report, failures, titles = pages
    assert report.verdict == "partly"
    assert report.failed == len(failures) == sum(page.why is not None for page in PAGES)
    assert report.landed == len(titles) == len(PAGES) + sum(page.title is not None for page in PAGES)
    assert f"{report.failed} pages were not got" in report.why


# --- whole sites ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A site's fault: `of` changes the routes of a healthy shop, given its base. Then the state and the alarms."""

    what: str
    of: Callable[[str], dict[str, Write]]
    verdict: str
    why: str
    alarms: frozenset[str]
    landed: int = 0
    most_asked: int = 30
    start: str = "/sitemap.xml"


def every(write: Write) -> Callable[[str], dict[str, Write]]:
    """All products answer so."""
    return lambda base: {f"/p/{at}": write for at in range(THINGS)}


def each(page: Callable[[int], str]) -> Callable[[str], dict[str, Write]]:
    return lambda base: {f"/p/{at}": said(page(at)) for at in range(THINGS)}


def shop(base: str) -> dict[str, Write]:
    """A healthy shop of twelve things."""
    routes = {f"/p/{at}": said(product(f"Thing {at}", 20 + at)) for at in range(THINGS)}
    routes["/sitemap.xml"] = said(sitemap(base, list(routes)), kind="application/xml")
    return routes


def shown(at: int) -> str:
    return f'<h1>Thing {at}</h1><p class="price">${20 + at}.00</p>'


def half_silent(at: int) -> str:
    node = json.dumps({"@type": "Product", "name": f"Thing {at}"})
    return f'{shown(at)}<script type="application/ld+json">{node}</script>'


CAPTCHA = (
    '<title>Robot check</title><h1>Are you a robot?</h1><div class="g-recaptcha"></div><script src="/c.js"></script>'
)
LOGIN = '<title>Log in</title><h1>Log in</h1><form><input name="u"><input type="password"></form>'


def robots(write: Write) -> Callable[[str], dict[str, Write]]:
    return lambda base: {"/robots.txt": write}


def sitemaps_without_end(base: str) -> dict[str, Write]:
    """An index that leads to another index, and so on for ever."""

    def index(to: Any) -> None:
        number = int("".join(filter(str.isdigit, to.path)) or 0)
        inner = "".join(f"<sitemap><loc>{base}/s/{number * 3 + at}.xml</loc></sitemap>" for at in (1, 2, 3))
        said(f"<sitemapindex>{inner}</sitemapindex>", kind="application/xml")(to)

    return {"/sitemap.xml": index, "/s/*": index}


def sitemap_of_itself(base: str) -> dict[str, Write]:
    index = f"<sitemapindex><sitemap><loc>{base}/sitemap.xml</loc></sitemap></sitemapindex>"
    return {"/sitemap.xml": said(index, kind="application/xml")}


def list_without_end(base: str) -> dict[str, Write]:
    """Pages that lead to a next one for ever, always new, always with a new thing."""

    def page(to: Any) -> None:
        number = int(to.path.rpartition("=")[2] or 0) if "=" in to.path else 0
        said(f'<a href="/item/{number}">x</a><a rel="next" href="/list?page={number + 1}">next</a>')(to)

    return {"/list*": page, "/item/*": said(product("Thing", 20))}


BLOCKED, UNREACHABLE = frozenset({"blocked"}), frozenset({"unreachable"})
SITES = [
    # nothing comes back
    Fault("403 everywhere", lambda b: {"/*": said("", 403)} | {"/sitemap.xml": said("", 403)}, "blocked", "status 403", BLOCKED),
    Fault("403 on every product", every(said("no", 403)), "blocked", "status 403", BLOCKED, most_asked=8),
    Fault("404 on every product", every(said("", 404)), "unreachable", "status 404", UNREACHABLE),
    Fault("429 without Retry-After", every(said("", 429)), "blocked", "status 429", BLOCKED, most_asked=8),
    Fault("429 until tomorrow", every(said("", 429, more={"Retry-After": "86400"})), "blocked", "429", BLOCKED, most_asked=3),
    Fault("500 everywhere", every(said("", 500)), "unreachable", "status 500", UNREACHABLE),
    Fault("503 everywhere", every(said("", 503)), "blocked", "status 503", BLOCKED, most_asked=8),
    Fault("every connection reset", every(reset), "unreachable", "lost", UNREACHABLE, most_asked=8),
    Fault("304 to everything", every(said("", 304)), "unreachable", "not asked whether", UNREACHABLE),
    # something else comes back
    Fault("an empty page", every(said("")), "blocked", "empty page", BLOCKED),
    Fault("a captcha", every(said(CAPTCHA)), "blocked", "Robot check", BLOCKED),
    Fault("a login", every(said(LOGIN)), "blocked", "login", frozenset({"login_wall"})),
    Fault("every page is cut short", every(said(PACKED[:-40], more={"Content-Encoding": "gzip"})), "unreachable", "cut short", UNREACHABLE),
    # the markup has changed
    Fault("no price anywhere", each(lambda at: f"<h1>Thing {at}</h1>"), "empty", "may have changed", frozenset({"empty"})),
    Fault("JSON-LD gone, the price only shown", each(shown), "complete", "12 rows", frozenset({"drift"}), landed=12),
    Fault("JSON-LD without a price, shown below it", each(half_silent), "complete", "12 rows", frozenset({"drift"}), landed=12),
    Fault("another currency", each(lambda at: product(f"Thing {at}", 20 + at, "EUR")), "complete", "12 rows", frozenset({"currency"}), landed=12),
    Fault("prices in cents", each(lambda at: product(f"Thing {at}", 2_000 + 100 * at)), "complete", "12 rows", frozenset({"price_jump"}), landed=12),
    Fault("prices in words", each(lambda at: product(f"Thing {at}", "on request")), "empty", "none of their rows believed", frozenset({"empty", "quarantine"})),
    Fault("most pages offer nothing", lambda b: {f"/p/{at}": said("<h1>Thing</h1>") for at in range(10)}, "complete", "2 rows", frozenset({"fewer_records"}), landed=2),
    # robots.txt
    Fault("robots.txt forbids", robots(said("User-agent: *\nDisallow: /", kind="text/plain")), "blocked", "robots.txt forbids", BLOCKED, most_asked=1),
    Fault("robots.txt is 500", robots(said("", 500)), "blocked", "robots.txt answers 500", BLOCKED, most_asked=1),
    Fault("robots.txt is 503", robots(said("", 503)), "blocked", "robots.txt answers 503", BLOCKED, most_asked=1),
    Fault("robots.txt is reset", robots(reset), "unreachable", "robots.txt cannot be read", UNREACHABLE, most_asked=1),
    Fault("robots.txt drips", robots(raw(HTML + b"\r\n", b"#", every=0.2, forever=True)), "unreachable", "robots.txt cannot be read", UNREACHABLE, most_asked=1),
    # no end
    Fault("indexes of sitemaps without end", sitemaps_without_end, "empty", "", frozenset({"empty"}), most_asked=45),
    Fault("a sitemap that names itself", sitemap_of_itself, "empty", "", frozenset({"empty"}), most_asked=2),
    Fault("a list without end", list_without_end, "partly", "limit on the number of requests", frozenset({"fewer_records"}), landed=30, most_asked=61, start="/list"),
]  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How the visit of a faulty site ended."""

    report: CollectReport
    alarms: frozenset[str]
    asked: list[str]
    reports: list[dict[str, Any]]


def healthy(home: Home, base: str, days: int) -> None:
    """The report of a good visit some days ago, as it would have landed."""
    started = NOW - timedelta(days=days)
    report = CollectReport(
        source="drill", reader="schema_org", of_record="listing", run=new_run(started), base=base, started_at=started,
        ended_at=started, why="12 rows landed", pages=THINGS + 1, read=THINGS, landed=THINGS,
        price_paths={"jsonld": THINGS}, prices_seen={"USD": [20.0 + at for at in range(THINGS)]},
        filled={"title": THINGS, "url": THINGS}, statuses={"200": THINGS + 1},
    )  # fmt: skip
    land(home, [report.run_report()], source="drill", run=report.run, now=started)


def ended(fault: Fault, folder: Path) -> Ended:
    """Visit the faulty site after four good days."""
    home = Home(folder)
    with serving() as site:
        base = site.base + fault.start
        for days in (1, 2, 3, 4):
            healthy(home, base, days)
        site.routes = shop(site.base) | fault.of(site.base)
        report = visit(home, base, limits=LIMITS)
        alarms = frozenset(one.alarm.kind for one in open_alarms(home, "drill"))
        asked, reports = list(site.asked), rows(home, "run_report")
    return Ended(report, alarms, asked, reports)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ended]]]:
    """All faulty sites, some at once: a visit waits more than it works."""
    with ThreadPoolExecutor(4) as pool:
        yield {fault.what: pool.submit(ended, fault, tmp_path_factory.mktemp("site")) for fault in SITES}


@pytest.mark.parametrize("fault", SITES, ids=[fault.what for fault in SITES])
def test_a_faulty_site_ends_in_a_clear_state_and_raises_its_alarm(fault: Fault, sites: Any) -> None:
    end: Ended = sites[fault.what].result()
    report = end.report
    assert (report.verdict, report.landed) == (fault.verdict, fault.landed), report.why
    assert fault.why in report.why
    assert end.alarms == fault.alarms, report.alarms
    assert len(end.asked) <= fault.most_asked + 1
    detail = json.loads(next(row["detail_json"] for row in end.reports if row["run"] == report.run))
    assert (detail["verdict"], detail["why"]) == (report.verdict, report.why)


def test_an_alarm_is_over_when_the_site_is_well_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with serving() as site:
        base = f"{site.base}/sitemap.xml"
        site.routes = shop(site.base) | every(said(CAPTCHA))(site.base)
        assert visit(home, base).verdict == "blocked"
        assert [one.alarm.kind for one in open_alarms(home)] == ["blocked"]
        assert b"looks like a block" in (home.logs / "alarms.log").read_bytes()
        site.routes = shop(site.base)
        assert visit(home, base, now=NOW + timedelta(hours=1)).verdict == "complete"
        assert open_alarms(home) == []


def test_a_name_that_means_a_private_address_is_refused_in_every_form() -> None:
    forms = "127.1 0x7f.0.0.1 0177.0.0.1 2130706433 localhost LOCALHOST. [::1] [::ffff:7f00:1] [::ffff:127.0.0.1]"
    more = (
        "[64:ff9b::7f00:1] [64:ff9b:1::a00:1] [::7f00:1] [2002:7f00:1::] [fec0::1] [fd00::1] [fe80::1%25eth0] 0 0.0.0.0"
    )
    gate = Gate("http://192.168.1.5:8000/shop")
    let_in = [form for form in (*forms.split(), *more.split()) if gate.refusal(f"http://{form}/x") is None]
    assert let_in == []
    assert gate.refusal("http://[64:ff9b::808:808]/x") is None
    assert gate.refusal("http://192.168.1.5:8000/other") is None


def test_a_name_that_changes_its_mind_after_the_gate_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the gate sees a public address, the connection would get a private one."""
    from twisted.internet.error import DNSLookupError

    from spiders.agent.addresses import _only_public

    monkeypatch.setattr("spiders.agent.addresses.resolve", lambda host: ["93.184.216.34"])
    assert Gate(None).refusal("http://rebinding.example/") is None
    with pytest.raises(DNSLookupError, match="private address"):
        _only_public("127.0.0.1", "rebinding.example")

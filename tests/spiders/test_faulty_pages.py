"""The fault drill, page by page: what a single page can do wrong on a shop whose other pages are well.

The table reads like a specification: each fault loses its own page and no other, and its reason is told in words.
"""

# ruff: noqa: E501 - a line of a table is a fault
from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from faulty_server import HTML, LIMITS, PACKED, Write, moved, product, raw, reset, rows, said, serving, sitemap, visit

from warehouse.home import Home

GOOD = product("Saw", 20).encode()
BOMB = bytes(30_000_000)
LATIN = product("Gebrüder-Säge £", 20)


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

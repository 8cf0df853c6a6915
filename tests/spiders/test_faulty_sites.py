"""The fault drill, site by site: what a whole site that had been read well before can do wrong.

The table reads like a specification: each fault ends in a verdict, a reason in words, and the alarms it raises.
"""

# ruff: noqa: E501 - a line of a table is a fault
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from faulty_server import HTML, LIMITS, NOW, PACKED, Write, product, raw, reset, rows, said, serving, sitemap, visit

from spiders.agent.report import CollectReport
from warehouse.alarms import open_alarms
from warehouse.home import Home
from warehouse.landing import land, new_run

THINGS = 12


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

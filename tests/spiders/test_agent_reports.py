"""What a visit does and says over time: asking for what has changed, budgets, keys, leave, copies, one at a time."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from filelock import FileLock

from spiders.agent.begin import NoKeyError, SwitchedOffError
from spiders.agent.collect import collect
from spiders.agent.report import CollectReport
from spiders.registry import sources
from warehouse.errors import BadInput, Busy
from warehouse.home import Home

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Visiting = Callable[..., CollectReport]


@pytest.fixture
def at(quick_limits: Any) -> Visiting:
    """`at(hours, home, source, base, **more)`: a visit so many hours after the first."""

    def run(hours: float, home: Home, source: str, base: str | None, **more: Any) -> CollectReport:
        said = {"delay": 0.001, "limits": quick_limits, "name": "test_site"} | more
        now = NOW + timedelta(hours=hours)
        return collect(source, home, base=base, user_agent="x", clock=lambda: now, say=lambda _: None, **said)

    return run


def sitemap(base: str, count: int) -> str:
    return "<urlset>" + "".join(f"<url><loc>{base}/p/{n}</loc></url>" for n in range(count)) + "</urlset>"


def changes(home: Home) -> dict[str, tuple[int, int]]:
    """Visits and changes of every page met, by what it was worth to be remembered: the hash of its ask."""
    with sqlite3.connect(home.agents / "test_site.sqlite") as database:
        return {key: (v, c) for key, v, c in database.execute("SELECT key, visits, changes FROM page")}


# --- asking only for what has changed ---------------------------------------------------------------------------------


def test_a_second_visit_asks_little_and_sees_everything_again(
    home: Home, at: Visiting, site: Any, reply: Any, product_page: Any, rows: Any
) -> None:
    """By ETag and by Last-Modified; a changed price is noticed, an unchanged page seen at the new time."""
    stamp = {"Last-Modified": "Fri, 20 Nov 2026 10:00:00 GMT"}
    prices = {n: 10 + n for n in range(4)}

    def by_date(times: int) -> Any:
        since = site.asked[-1][1].get("If-Modified-Since")
        return (
            reply(status=304) if since == stamp["Last-Modified"] else reply(product_page("Thing 3", 13), headers=stamp)
        )

    def fill() -> None:
        for n in (0, 1, 2):
            site.routes[f"/p/{n}"] = reply(product_page(f"Thing {n}", prices[n]), etag=f'W/"{prices[n]}"')
        # Its ETag is another one each time, and its content never.
        site.routes["/p/2"] = lambda times: reply(product_page("Thing 2", 12), etag=f'"{times}"')
        site.routes["/p/3"] = by_date

    fill()
    site.routes["/sitemap.xml"] = reply(sitemap(site.base, 4), kind="application/xml", etag='"map"')
    first = at(0, home, "schema_org", f"{site.base}/sitemap.xml")
    assert (first.verdict, first.landed, first.unchanged) == ("complete", 4, 0), first.why
    prices[1] = 9
    fill()
    second = at(24, home, "schema_org", f"{site.base}/sitemap.xml")
    assert (second.verdict, second.landed, second.unchanged) == ("complete", 4, 3), second.why
    assert second.statuses["304"] == 3
    assert second.bytes < first.bytes
    seen = {(row["title"], float(row["price"]), row["observed_at"].day) for row in rows(home, "listing")}
    assert seen == {(f"Thing {n}", 10.0 + n, 20) for n in range(4)} | {
        ("Thing 0", 10.0, 21), ("Thing 1", 9.0, 21), ("Thing 2", 12.0, 21), ("Thing 3", 13.0, 21)
    }  # fmt: skip
    assert sorted(changes(home).values()) == [(2, 0), (2, 0), (2, 0), (2, 0), (2, 1)]


def test_an_etag_that_stays_while_the_page_changes_hides_nothing_that_is_sent(
    home: Home, at: Visiting, site: Any, reply: Any, product_page: Any, rows: Any
) -> None:
    lying = {"ETag": '"always the same"'}
    site.routes = {"/p/1": lambda times: reply(product_page("Saw", 10 + times), headers=lying)}
    assert [at(hours, home, "schema_org", f"{site.base}/p/1").landed for hours in (0, 1)] == [1, 1]
    assert [float(row["price"]) for row in rows(home, "listing")] == [11, 12]
    assert list(changes(home).values()) == [(2, 1)]


def test_a_page_of_very_many_offers_is_read_each_time_and_followed(
    home: Home, at: Visiting, site: Any, reply: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than is remembered of a page: 304 would leave out its offers and its next page."""
    monkeypatch.setattr("spiders.agent.crawl._MOST_REMEMBERED", 5)

    def listed(first: int) -> str:
        things = [
            {"@type": "Product", "name": f"Thing {n}", "url": f"/item/{n}",
             "offers": {"price": n, "priceCurrency": "USD", "itemCondition": "UsedCondition"}}
            for n in range(first, first + 8)
        ]  # fmt: skip
        node = {"@type": "ItemList", "itemListElement": [{"item": thing} for thing in things]}
        return f'<script type="application/ld+json">{json.dumps(node)}</script>'

    site.routes = {
        "/list": reply(listed(10) + '<a rel="next" href="/list?page=2">next</a>', etag='"1"'),
        "/list?page=2": reply(listed(30), etag='"2"'),
    }
    reports = [at(hours, home, "schema_org", f"{site.base}/list") for hours in (0, 24)]
    assert [(one.verdict, one.landed, one.pages) for one in reports] == [("complete", 16, 2)] * 2
    assert not any("If-None-Match" in headers for _, headers in site.asked)


# --- budgets ----------------------------------------------------------------------------------------------------------


def test_a_budget_goes_to_pages_never_seen_and_then_to_those_that_change(
    home: Home, at: Visiting, site: Any, reply: Any, product_page: Any, quick_limits: Any
) -> None:
    """Twelve pages, two of which change every day, and a budget of six a visit."""
    day = 0
    fickle = {3, 9}

    def page(n: int) -> Callable[[int], Any]:
        return lambda times: reply(product_page(f"Thing {n}", 100 + n + (day if n in fickle else 0)))

    site.routes = {f"/p/{n}": page(n) for n in range(12)}
    site.routes["/sitemap.xml"] = reply(sitemap(site.base, 12), kind="application/xml")
    limits = replace(quick_limits, requests=7)
    looked = []
    for day in range(6):
        site.asked.clear()
        report = at(24 * day, home, "schema_org", f"{site.base}/sitemap.xml", limits=limits)
        looked.append([int(path[3:]) for path in site.paths() if path.startswith("/p/")])
        assert (report.verdict, len(looked[-1])) == ("partly", 6), report.why
        assert report.left == 6
    assert sorted(looked[0] + looked[1]) == list(range(12))
    later = [n for visit in looked[2:] for n in visit]
    steady = max(later.count(n) for n in range(12) if n not in fickle)
    assert min(later.count(n) for n in fickle) >= steady


def test_pages_of_a_list_come_in_their_order_however_little_they_are_worth(
    home: Home, at: Visiting, site: Any, reply: Any
) -> None:
    """Readers put later pages behind earlier ones by a worth below zero; they are asked for all the same."""

    def page(number: int) -> Any:
        products = [
            {"id": number * 10 + n, "title": f"Thing {number}-{n}", "handle": f"thing-{number}-{n}",
             "variants": [{"id": number * 100 + n, "title": "Default Title", "price": "10.00", "available": True}]}
            for n in range(250 if number < 3 else 3)
        ]  # fmt: skip
        return reply(json.dumps({"products": products}), kind="application/json")

    site.routes = {f"/products.json?limit=250&page={n}": page(n) for n in (1, 2, 3)}
    report = at(0, home, "shopify", f"{site.base}/products.json", currency="USD", limits=None)
    assert (report.pages, report.left) == (3, 0), report.why


# --- keys and leave ---------------------------------------------------------------------------------------------------

ID, SECRET = "katy-app/+id=1", "s3cret & more%/+="
TOKENS = ["v^1.1#first-token", "v^1.1#second-token"]


def ebay(site: Any, reply: Any, *, expires: bool = True) -> list[str]:
    """eBay's token server and search on loopback; the first token runs out after one page. Returns what is granted."""
    granted: list[str] = []
    path = "/buy/browse/v1/item_summary/search"

    def search(times: int) -> Any:
        asked, headers = site.asked[-1]
        if headers.get("Authorization") != f"Bearer {granted[-1]}":
            return reply(status=401, body=json.dumps({"errors": [{"message": f"bad token {headers}"}]}))
        if expires and times == 1 and "offset=200" in asked:
            return reply(status=401, body="expired")
        offset = int(parse_qs(urlsplit(asked).query)["offset"][0])
        articles = [
            {"itemId": f"v1|{offset + n}|0", "title": f"Drill {offset + n}", "condition": "Used",
             "price": {"value": "45.00", "currency": "USD"}, "buyingOptions": ["FIXED_PRICE"],
             "itemWebUrl": f"https://www.ebay.com/itm/{10**11 + offset + n}",
             "shortDescription": f"asked with {ID} and {SECRET}"}
            for n in range(200 if offset == 0 else 20)
        ]  # fmt: skip
        more = {"next": f"{site.base}{path}?offset=200"} if offset == 0 else {}
        return reply(json.dumps({"total": 220, "itemSummaries": articles, **more}), kind="application/json")

    for offset in (0, 200):
        site.routes[f"{path}?q=drill&limit=200&offset={offset}"] = search
    return granted


@pytest.fixture
def token_site(site: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The site, which also answers the POST for a token."""
    granted = ebay(site, reply)
    handler = next(one for one in _handlers(site))

    def do_post(self: Any) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        basic = base64.b64decode(self.headers["Authorization"].partition(" ")[2]).decode()
        site.asked.append((f"POST {self.path}", dict(self.headers.items())))
        ok = basic == f"{ID}:{SECRET}"
        if ok:
            granted.append(TOKENS[min(len(granted), 1)])
        body = json.dumps({"access_token": granted[-1]} if ok else {"error": "invalid_client"}).encode()
        self.send_response(200 if ok else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    monkeypatch.setattr(handler, "do_POST", do_post, raising=False)
    return site


def _handlers(site: Any) -> Any:
    """The handler class behind a running site."""
    import gc
    from http.server import ThreadingHTTPServer

    port = urlsplit(site.base).port
    for one in gc.get_objects():
        if isinstance(one, ThreadingHTTPServer) and one.server_address[1] == port:
            yield one.RequestHandlerClass


def folder_of(home: Home) -> bytes:
    """Every byte of the data folder, what is packed too."""
    from spiders.agent.archive import archived

    kept = [path.read_bytes() for path in home.root.rglob("*") if path.is_file()]
    for folder in home.archive.glob("*"):
        kept += [f"{answer.url} ".encode() + (body or b"") for answer, body in archived(home, folder.name)]
    import pyarrow.parquet as pq

    for path in home.landing.rglob("*.parquet"):
        kept.append(json.dumps(pq.read_table(path, partitioning=None).to_pylist(), default=str).encode())
    return b"\n".join(kept)


def test_leave_is_got_renewed_when_it_runs_out_and_kept_nowhere(home: Home, at: Visiting, token_site: Any) -> None:
    keys = {"ebay_client_id": ID, "ebay_client_secret": SECRET}
    report = at(0, home, "ebay_browse", token_site.base, keys=keys, targets=["drill"])
    assert (report.verdict, report.landed, report.statuses) == ("complete", 220, {"200": 4, "401": 1}), report.why
    assert [path for path in token_site.paths() if path.startswith("POST")] == ["POST /identity/v1/oauth2/token"] * 2
    kept = folder_of(home)
    basic = base64.b64encode(f"{ID}:{SECRET}".encode()).decode()
    for secret in (ID, SECRET, *TOKENS, basic, "s3cret", "s3cret%20%26"):
        assert secret.encode() not in kept
    assert b"asked with [key] and [key]" in kept


def test_a_wrong_key_is_told_and_not_repeated(home: Home, at: Visiting, token_site: Any) -> None:
    report = at(
        0,
        home,
        "ebay_browse",
        token_site.base,
        keys={"ebay_client_id": ID, "ebay_client_secret": "wr0ng-one"},
        targets=["drill"],
    )
    assert (report.verdict, report.landed) == ("blocked", 0)
    assert "grants no leave" in report.why or "401" in report.why
    assert b"wr0ng-one" not in folder_of(home)
    assert len(token_site.asked) <= 2


def test_a_key_in_an_address_is_kept_nowhere(home: Home, at: Visiting, site: Any, reply: Any) -> None:
    """FRED takes its key in the query, and a server that repeats the address it was asked with repeats the key."""
    key = "abcdef0123456789/+ x"

    class Echo(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            return reply(
                f'{{"error_message": "Bad Request, you asked {path} with {key}"}}', status=400, kind="application/json"
            )

    site.routes = Echo()
    report = at(0, home, "fred", site.base, keys={"fred_key": key, "fred_api_key": key}, targets=["CPIAUCSL"])
    assert report.landed == 0
    assert site.asked
    kept = folder_of(home)
    assert b"abcdef0123456789" not in kept


def test_without_its_keys_or_switched_off_a_source_says_the_way_out(home: Home, at: Visiting) -> None:
    with pytest.raises(NoKeyError, match="set KATY_KEY_EBAY_CLIENT_ID"):
        at(0, home, "ebay_browse", None)
    off = [source.name for source in sources().values() if source.off and not source.keys]
    assert off
    for name in off:
        with pytest.raises(SwitchedOffError, match=f"{name} is off"):
            at(0, home, name, None)
    assert not list(home.root.rglob("*.parquet"))


# --- targets, copies, one at a time -----------------------------------------------------------------------------------


def test_each_target_is_asked_for_once(home: Home, at: Visiting, site: Any, reply: Any) -> None:
    site.routes = {}
    report = at(0, home, "reverb", site.base, targets=["Strat", "Tele", "Strat", " "])
    asked = [parse_qs(urlsplit(path).query).get("query") for path in site.paths()]
    assert asked == [["Strat"], ["Tele"]]
    assert (report.verdict, report.failed) == ("unreachable", 2)


def test_where_a_source_cannot_be_reached_its_packaged_copy_is_read_and_said(
    home: Home, at: Visiting, rows: Any, short_euro_history: None
) -> None:
    bundled = at(0, home, "ecb", "bundled", name="ecb")
    assert (bundled.verdict, bundled.asked) == ("complete", 0), bundled.why
    assert bundled.landed == len(rows(home, "fx_rate")) > 1_000
    again = at(24, home, "ecb", "bundled", name="ecb")
    assert (again.verdict, again.landed, again.known) == ("complete", 0, bundled.landed)


def test_an_address_the_operator_typed_is_not_replaced_by_a_copy(
    home: Home, at: Visiting, site: Any, rows: Any
) -> None:
    report = at(0, home, "ecb", f"{site.base}/eurofxref.zip")
    assert (report.verdict, report.landed) == ("unreachable", 0)
    assert rows(home, "fx_rate") == []


def test_a_source_is_visited_by_one_at_a_time(
    home: Home, at: Visiting, site: Any, reply: Any, product_page: Any
) -> None:
    site.routes = {"/p/1": reply(product_page("Saw", 10))}
    home.agents.mkdir(parents=True)
    with FileLock(str(home.agents / "test_site.lock")):
        with pytest.raises(Busy, match="test_site is being read"):
            at(0, home, "schema_org", f"{site.base}/p/1")
        assert site.asked == []
        # Another source meanwhile, from the same place, is nobody's trouble.
        assert at(0, home, "schema_org", f"{site.base}/p/1", name="another").landed == 1
    assert at(0, home, "schema_org", f"{site.base}/p/1").landed == 1


@pytest.mark.parametrize(("base", "currency"), [("nowhere", None), ("https://a.example", "dollars")])
def test_what_cannot_be_asked_for_is_said_before_anything_is_done(
    home: Home, at: Visiting, base: str, currency: str | None
) -> None:
    with pytest.raises(BadInput):
        at(0, home, "schema_org", base, currency=currency)
    assert not Path(home.agents).exists()

"""Agents on real sites that behave well, badly and not at all; nothing is lost and nothing goes unsaid."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from warehouse.home import Home

BAD_JSON_LD = (
    '<h1>Saw</h1><script type="application/ld+json">/* shop */ {"@type": "Product", "name": "S\x01aw",'
    ' "additionalProperty": [{"name": "\\ud800x", "value": "y\\udfff"}],'
    ' "offers": {"price": "60", "priceCurrency": "USD",},};</script>'
)
MICRODATA = (
    '<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Vise</h1><div itemprop="offers" itemscope'
    ' itemtype="https://schema.org/Offer"><b itemprop="price">$ 9.50</b><meta itemprop="priceCurrency" content="USD">'
    "</div></div>"
)
OPENGRAPH = (
    '<head><meta property="og:title" content="Lamp"><meta property="product:price:amount" content="1.234,50">'
    '<meta property="product:price:currency" content="EUR"></head>'
)


def sitemap(base: str, paths: list[str]) -> str:
    return "<urlset>" + "".join(f"<url><loc>{base}{path}</loc></url>" for path in paths) + "</urlset>"


@pytest.fixture(scope="module")
def hostile(
    module_site: Any, other_site: Any, reply: Any, product_page: Callable[..., str], visit: Any,
    tmp_path_factory: pytest.TempPathFactory, rows: Any,
) -> Any:  # fmt: skip
    """One shop with everything that can go wrong, visited twice; the second time its good pages are unchanged."""
    site, page = module_site, product_page
    private = f"{other_site.base}/p/secret"
    other_site.routes["/p/secret"] = reply(page("Secret", 1))
    used = {
        "itemCondition": "UsedCondition",
        "availability": "https://schema.org/SoldOut",
        "seller": {"name": "Ann Lee"},
    }
    products = {
        "/p/good": reply(page("Drill, call 573-555-0100", "2,879.20", seller={"name": "Ann Lee"}), etag='"good"'),
        "/p/dirty": reply(BAD_JSON_LD, etag='"dirty"'),
        "/p/micro": reply(MICRODATA),
        "/p/graph": reply(OPENGRAPH),
        "/p/shown": reply('<h1>Ladder</h1><p class="price">$15.00</p>'),
        "/p/sold": reply(page("Bike", 80, availabilityEnds="2026-11-18T10:00:00Z", **used)),
        "/p/two": reply(page("Mower", 10) + '<meta property="og:price:amount" content="12">'),
        "/p/free": reply(page("Sofa", 0)),
        "/p/dear": reply(page("Moon", "1e12")),
        "/p/minus": reply(page("Hole", "-3")),
        "/p/money": reply(page("Coin", 5, currency=None)),
        "/p/word": reply(page("Rug", "12,5O")),
        "/p/script": reply(page("Cap &lt;script&gt;alert(1)&lt;/script&gt;", 7, url="javascript:alert(1)")),
        "/p/empty": reply("<h1>Coming soon</h1>"),
        "/p/gone": reply("gone", status=404),
        "/p/broken": reply("oops", status=500),
        "/p/silent": reply(never=True),
        "/p/loop": reply(status=302, headers={"Location": "/p/loop"}),
        "/p/inside": reply(status=302, headers={"Location": private}),
        "/p/away": reply(status=302, headers={"Location": "http://8.8.8.8/p/1"}),
        "/p/moved": reply(status=301, headers={"Location": "/p/good"}),
        "/p/huge": reply("x" * 300_000),
        "/p/file": reply(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", kind="image/png"),
        "/p/cut": reply(page("Half", 3), cut=True),
        "/p/forbidden": reply(page("No", 3)),
        "/p/later": lambda times: (
            reply(status=429, headers={"Retry-After": "1"}) if times == 1 else reply(page("Pan", 4))
        ),
    }
    index = f"<sitemapindex><sitemap><loc>{site.base}/products.xml.gz</loc></sitemap></sitemapindex>"
    urls = [*products, "/about", "http://8.8.8.8:9/p/1"]
    packed = gzip.compress(sitemap("", [u if "://" in u else site.base + u for u in urls]).encode())
    robots = f"User-agent: *\nDisallow: /p/forbidden\nSitemap: {site.base}/index.xml\n"
    site.routes = products | {
        "/robots.txt": reply(robots, kind="text/plain"),
        "/": reply("<h1>The shop</h1>"),
        "/index.xml": reply(index, kind="application/xml"),
        "/products.xml.gz": reply(packed, kind="application/gzip"),
    }
    home = Home(tmp_path_factory.mktemp("hostile"))
    first = visit(home, "schema_org", site.base)
    asked = list(site.asked)
    times = list(site.times)
    second = visit(home, "schema_org", f"{site.base}/p/good")

    return SimpleNamespace(
        home=home,
        first=first,
        second=second,
        site=site,
        other=other_site,
        asked=asked,
        times=times,
        listings={row["title"]: row for row in rows(home, "listing") if row["run"] == first.run},
        held={row["found_at"].removeprefix(site.base): row for row in rows(home, "quarantine")},
        failures={failure["url"].removeprefix(site.base): failure["why"] for failure in first.failures},
        reports=rows(home, "run_report"),
    )


def test_every_good_page_of_a_bad_shop_lands(hostile: Any) -> None:
    prices = {title: f"{row['price'].normalize():f} {row['currency']}" for title, row in hostile.listings.items()}
    assert prices == {
        "Drill, call [phone]": "2879.2 USD",
        "Saw": "60 USD",
        "Vise": "9.5 USD",
        "Lamp": "1234.5 EUR",
        "Ladder": "15 USD",
        "Bike": "80 USD",
        "Cap": "7 USD",
        "Pan": "4 USD",
    }


def test_a_listing_says_where_its_price_was_read(hostile: Any) -> None:
    assert {
        title: row["price_path"]
        for title, row in hostile.listings.items()
        if title in {"Saw", "Vise", "Lamp", "Ladder"}
    } == {
        "Saw": "jsonld offers.price",
        "Vise": "microdata offers.price",
        "Lamp": "opengraph offers.price",
        "Ladder": "selector [class*=price]",
    }
    assert hostile.first.price_paths["jsonld"] == 5
    assert hostile.listings["Saw"]["found_at"] == f"{hostile.site.base}/p/dirty"


def test_a_listing_is_named_by_its_path_and_a_sellers_name_does_not_stay(hostile: Any) -> None:
    drill, bike = hostile.listings["Drill, call [phone]"], hostile.listings["Bike"]
    assert drill["id"] == "p/good"
    assert drill["seller"] == bike["seller"] != "Ann Lee"
    assert all(b"Ann Lee" not in path.read_bytes() for path in hostile.home.landing.rglob("*.parquet"))


def test_a_used_thing_sold_out_is_a_sale_of_the_day_it_ended(hostile: Any) -> None:
    bike = hostile.listings["Bike"]
    assert (bike["kind"], bike["observed_at"].isoformat()) == ("sold", "2026-11-18T10:00:00+00:00")
    assert hostile.listings["Saw"]["kind"] == "asking"
    assert hostile.listings["Saw"]["observed_at"].isoformat() == "2026-11-20T12:00:00+00:00"


def test_a_hostile_address_is_kept_out_of_a_listing(hostile: Any) -> None:
    assert hostile.listings["Cap"]["url"] == f"{hostile.site.base}/p/script"


def test_what_is_not_believed_is_quarantined_with_its_reason(hostile: Any) -> None:
    assert {path: row["reason"] for path, row in hostile.held.items()} == {
        "/p/two": "ambiguous_price",
        "/p/free": "price_out_of_range",
        "/p/dear": "price_out_of_range",
        "/p/minus": "price_out_of_range",
        "/p/money": "bad_currency",
        "/p/word": "bad_price",
    }
    assert json.loads(hostile.held["/p/word"]["row_json"])["price"] == "12,5O"
    first = hostile.first
    assert first.read == first.landed + first.repeated + sum(first.quarantined.values())


def test_what_was_not_got_is_named_with_why(hostile: Any) -> None:
    failures = hostile.failures
    assert failures["/p/gone"] == "status 404"
    assert failures["/p/broken"] == "status 500"
    assert "private address" in failures[f"{hostile.other.base}/p/secret"]
    assert "robots.txt" in failures["/p/forbidden"]
    assert "in a circle" in failures["/p/loop"]
    assert "another site" in failures["/p/away"]
    assert {"/p/silent", "/p/huge", "/p/file", "/p/cut"} <= set(failures)
    assert hostile.first.verdict == "partly"
    assert any("pages offered nothing" in note for note in hostile.first.notes)


def test_no_redirect_leads_an_agent_into_the_network_it_runs_in(hostile: Any) -> None:
    assert hostile.other.asked == []


def test_what_robots_txt_forbids_is_not_asked_for(hostile: Any) -> None:
    paths = [path for path, _ in hostile.asked]
    assert paths[0] == "/robots.txt"
    assert paths.count("/robots.txt") == 1
    assert "/p/forbidden" not in paths


def test_an_agent_says_who_it_is(hostile: Any) -> None:
    assert {headers["User-Agent"] for _, headers in hostile.asked} == {"KatyBot/test (a test)"}


def test_a_failed_page_is_tried_again_but_not_for_ever(hostile: Any) -> None:
    paths = [path for path, _ in hostile.asked]
    assert (paths.count("/p/broken"), paths.count("/p/silent"), paths.count("/p/gone")) == (2, 2, 1)


def test_retry_after_is_waited_for(hostile: Any) -> None:
    first, second = (time for (path, _), time in zip(hostile.asked, hostile.times, strict=True) if path == "/p/later")
    assert second - first >= 1.0


def test_an_unchanged_page_is_asked_for_conditionally_and_still_observed(hostile: Any) -> None:
    second = hostile.second
    last_path, last_headers = hostile.site.asked[-1]
    assert (last_path, last_headers["If-None-Match"]) == ("/p/good", '"good"')
    assert (second.verdict, second.unchanged, second.landed) == ("complete", 1, 1)
    assert second.statuses == {"200": 1, "304": 1}


def test_each_run_leaves_its_report(hostile: Any) -> None:
    reports = {row["run"]: row for row in hostile.reports}
    first = reports[hostile.first.run]
    detail = json.loads(first["detail_json"])
    assert (first["rows_read"], first["rows_landed"]) == (hostile.first.read, hostile.first.landed)
    assert detail["statuses"]["404"] == 1
    assert detail["bytes"] > 5_000
    assert detail["coverage"]["title"] == 1.0
    assert detail["coverage"]["seller"] == 0.25


ROBOTS = [
    ("status 500", {"status": 500}, "blocked"),
    ("status 429", {"status": 429}, "blocked"),
    ("silence", {"never": True}, "unreachable"),
    ("a redirect loop", {"status": 302, "headers": {"Location": "/robots.txt"}}, "blocked"),
    ("status 404", {"status": 404}, "complete"),
    ("everything forbidden", {"body": "User-agent: *\nDisallow: /"}, "blocked"),
]


@pytest.mark.parametrize(("what", "answer", "verdict"), ROBOTS, ids=[what for what, _, _ in ROBOTS])
def test_rules_that_cannot_be_read_forbid_everything_and_missing_ones_nothing(
    what: str, answer: dict[str, Any], verdict: str, home: Home, visit: Any, site: Any, reply: Any, product_page: Any
) -> None:
    site.routes = {"/robots.txt": reply(**answer), "/p/1": reply(product_page("Drill", 20))}
    report = visit(home, "schema_org", f"{site.base}/p/1")
    assert (report.verdict, report.landed) == (verdict, int(verdict == "complete")), report.why
    assert ("/p/1" in site.paths()) == (verdict == "complete")
    if verdict != "complete":
        assert "robots.txt" in report.why


@pytest.mark.parametrize(
    ("answer", "verdict", "most"),
    [
        ({"status": 429}, "blocked", 8),
        ({"status": 429, "headers": {"Retry-After": "86400"}}, "blocked", 2),
        ({"status": 403}, "blocked", 8),
        ({"never": True}, "unreachable", 8),
    ],
    ids=["429", "429 until tomorrow", "403", "silence"],
)
def test_a_site_that_refuses_is_left_alone(
    answer: dict[str, Any], verdict: str, most: int, home: Home, visit: Any, site: Any, reply: Any
) -> None:
    site.routes = {f"/p/{n}": reply(**answer) for n in range(20)}
    site.routes["/sitemap.xml"] = reply(sitemap(site.base, [f"/p/{n}" for n in range(20)]), kind="text/xml")
    report = visit(home, "schema_org", f"{site.base}/sitemap.xml")
    assert (report.verdict, report.landed) == (verdict, 0)
    assert len(site.asked) <= 2 + most
    assert report.why


def test_a_list_is_followed_from_page_to_page_and_told_in_full_only_where_it_is(
    home: Home, visit: Any, site: Any, reply: Any, product_page: Any
) -> None:
    card = {"@type": "Product", "name": "Saw", "url": "/item/3", "offers": {"price": "6", "priceCurrency": "USD"}}
    card["offers"] |= {"itemCondition": "UsedCondition"}
    listed = {"@type": "ItemList", "itemListElement": [{"item": card}, {"url": "/item/4"}]}
    site.routes = {
        "/tools": reply(
            '<a href="/item/1">a</a><a href="/item/2">b</a><a href="/cart">c</a><a rel="next" href="/tools?p=2"></a>'
        ),
        "/tools?p=2": reply(f'<script type="application/ld+json">{json.dumps(listed)}</script>'),
        **{f"/item/{n}": reply(product_page(f"Thing {n}", n)) for n in (1, 2, 4)},
    }
    report = visit(home, "schema_org", f"{site.base}/tools")
    assert (report.verdict, report.landed) == ("complete", 4), report.why
    assert sorted(site.paths()) == sorted(["/robots.txt", "/tools", "/tools?p=2", "/item/1", "/item/2", "/item/4"])


def test_a_changed_site_that_yields_nothing_is_told(home: Home, visit: Any, site: Any, reply: Any) -> None:
    site.routes = {"/tools": reply("<h1>Tools</h1><p>new design</p>")}
    report = visit(home, "schema_org", f"{site.base}/tools")
    assert report.verdict == "empty"
    assert "the site may have changed" in report.why


def test_a_visit_ends_at_its_limit_and_says_so(
    home: Home, visit: Any, site: Any, reply: Any, product_page: Any, quick_limits: Any
) -> None:

    site.routes = {f"/p/{n}": reply(product_page(f"Thing {n}", n + 1)) for n in range(30)}
    site.routes["/sitemap.xml"] = reply(sitemap(site.base, [f"/p/{n}" for n in range(30)]), kind="text/xml")
    report = visit(home, "schema_org", f"{site.base}/sitemap.xml", limits=replace(quick_limits, requests=5), delay=0.05)
    assert report.verdict == "partly"
    assert "limit on the number of requests" in report.why
    assert 0 < report.landed < 10
    gaps = [later - earlier for earlier, later in zip(site.times, site.times[1:], strict=False)]
    assert min(gaps) >= 0.02


def test_saved_pages_are_read_from_their_folder(
    home: Home, visit: Any, tmp_path: Path, product_page: Any, rows: Any
) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "list.html").write_text('<a href="item/1.html">a</a><a href="item/2.html">b</a>')
    (tmp_path / "saved" / "item").mkdir()
    for number in (1, 2):
        saved = product_page(f"Thing {number}", number, url=f"https://shop.example/item/{number}")
        (tmp_path / "saved" / "item" / f"{number}.html").write_text(saved)
    report = visit(home, "schema_org", str(tmp_path / "saved" / "list.html"))
    assert (report.verdict, report.landed) == ("complete", 2), report.why
    assert {row["url"] for row in rows(home, "listing")} == {f"https://shop.example/item/{number}" for number in (1, 2)}


def test_a_broken_reader_is_told_and_what_it_had_read_still_lands(
    home: Home, visit: Any, site: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.agent.process._START", "import sys; sys.exit('out of memory')")
    report = visit(home, "schema_org", f"{site.base}/")
    assert report.verdict == "failed"
    assert "out of memory" in report.why

"""The town's three sites, asked over real HTTP on loopback."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from demo.sites.server import RunningSites, serve
from demo.town import Town, simulate

END = date(2026, 11, 20)


@dataclass
class Day:
    """A day that the test moves."""

    today: date = END

    def __call__(self) -> date:
        return self.today


@dataclass(frozen=True)
class Running:
    town: Town
    day: Day
    sites: RunningSites
    client: httpx.Client

    def get(self, url: str, **headers: str) -> httpx.Response:
        return self.client.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def products(self) -> list[str]:
        tree = ET.fromstring(self.get(self.sites.starts["shop"]).content)
        return [loc.text or "" for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


@pytest.fixture(scope="module")
def served() -> Iterator[Running]:
    town, day = simulate(7, 7, end=END), Day()
    with serve(town, day) as sites, httpx.Client(trust_env=False, timeout=10) as client:
        yield Running(town, day, sites, client)


@pytest.fixture
def running(served: Running) -> Running:
    served.day.today = END
    return served


def json_ld(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_every_site_has_a_robots_txt_that_lets_agents_in(running: Running) -> None:
    for base in (running.sites.shop, running.sites.classifieds, running.sites.market):
        answer = running.get(f"{base}/robots.txt")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert "User-agent: *\n" in answer.text
        assert "Disallow: /\n" not in answer.text


def test_the_shop_lists_its_stock_in_a_sitemap_and_each_page_tells_its_price(running: Running) -> None:
    stock = running.town.visible("shop", END)
    pages = running.products()
    assert len(pages) == len(set(pages)) == len(stock) <= 45
    for url, offer in zip(pages, stock, strict=True):
        data = json_ld(running.get(url).text)
        assert data["name"] == offer.title
        assert Decimal(data["offers"]["price"]) == offer.price_on(END)
        assert data["offers"]["priceCurrency"] == "USD"
        assert data["offers"]["url"] == url
        assert ("SoldOut" in data["offers"]["availability"]) == offer.sold_out(END)


def test_departments_lead_to_all_goods(running: Running) -> None:
    home = running.get(f"{running.sites.shop}/").text
    found: set[str] = set()
    for department in re.findall(r'href="(/department/[^"]+)"', home):
        found |= set(re.findall(r'class="product" href="([^"]+)"', running.get(running.sites.shop + department).text))
    assert {running.sites.shop + path for path in found} == set(running.products())


def test_a_shop_page_that_did_not_change_is_not_sent_again(running: Running) -> None:
    url = running.products()[-1]
    first = running.get(url)
    assert running.get(url, If_None_Match=first.headers["etag"]).status_code == 304
    assert running.get(url, If_None_Match=f'"other", W/{first.headers["etag"]}').status_code == 304
    assert running.get(url, If_None_Match='"other"').status_code == 200
    assert running.get(url, If_Modified_Since=first.headers["last-modified"]).status_code == 304
    assert running.get(url, If_Modified_Since="Thu, 01 Jan 2026 00:00:00 GMT").status_code == 200
    assert running.get(url, If_Modified_Since="some day").status_code == 200
    assert running.get(url, If_None_Match=first.headers["etag"]).content == b""


def test_a_reduced_price_changes_the_page_and_its_tag(running: Running) -> None:
    days = running.town.days
    reduced = next(
        offer
        for offer in running.town.live
        if offer.venue == "shop" and len(offer.asks) == 2 and offer.first_day in days and offer.asks[1][0] in days
    )
    since = reduced.asks[1][0]
    running.day.today = since - timedelta(days=1)
    url = next(url for url in running.products() if url.endswith(f"/{reduced.number}"))
    before = running.get(url)
    running.day.today = since
    after = running.get(url, If_None_Match=before.headers["etag"], If_Modified_Since=before.headers["last-modified"])
    assert after.status_code == 200
    assert Decimal(json_ld(after.text)["offers"]["price"]) < Decimal(json_ld(before.text)["offers"]["price"])
    assert after.headers["last-modified"] != before.headers["last-modified"]


def test_what_is_sold_says_so_on_its_last_day_and_is_gone_the_next(running: Running) -> None:
    sold = next(
        offer
        for offer in running.town.live
        if offer.venue == "shop" and offer.shows_sold and offer.sold_for and offer.last_day in running.town.days[:-1]
    )
    running.day.today = sold.last_day
    url = next(url for url in running.products() if url.endswith(f"/{sold.number}"))
    offer = json_ld(running.get(url).text)["offers"]
    assert offer["availability"] == "https://schema.org/SoldOut"
    assert Decimal(offer["price"]) == sold.sold_for
    running.day.today = sold.last_day + timedelta(days=1)
    assert url not in running.products()
    assert running.get(url).status_code == 404


def test_the_ads_stand_on_a_few_search_pages_joined_by_next(running: Running) -> None:
    ads = running.town.visible("classifieds", END)
    url, pages, links, items = running.sites.starts["classifieds"], 0, [], []
    while url:
        html = running.get(url).text
        pages += 1
        links += re.findall(r'<li class="cl-static-search-result" title="[^"]*">\s*<a href="([^"]+)"', html)
        items += json_ld(html)["itemListElement"]
        following = re.search(r'<a class="next" rel="next" href="([^"]+)"', html)
        url = running.sites.classifieds + following[1] if following else ""
    assert 2 <= pages <= 3
    assert len(links) == len(set(links)) == len(ads)
    assert all(re.search(r"/d/[a-z0-9-]+/\d{10}\.html$", link) for link in links)
    priced = [ad for ad in ads if ad.price_on(END) is not None]
    assert [item["item"]["name"] for item in items] == [ad.title for ad in priced]
    assert [Decimal(item["item"]["offers"]["price"]) for item in items] == [ad.price_on(END) for ad in priced]
    assert not any("url" in item["item"] for item in items)


def test_an_ad_has_a_page_of_its_own(running: Running) -> None:
    ad = running.town.visible("classifieds", END)[3]
    html = running.get(running.sites.starts["classifieds"]).text
    links = re.findall(r'<a href="([^"]+/d/[^"]+)"', html)
    page = running.get(links[3])
    assert page.status_code == 200
    assert f"post id: {ad.number}" in page.text


def test_without_its_script_the_market_shows_no_price(running: Running) -> None:
    shell = running.get(running.sites.starts["market"]).text
    assert "$" not in shell
    assert "itemprop" not in shell
    assert "JavaScript" in shell


def test_the_market_hands_out_its_items_page_by_page(running: Running) -> None:
    number: int | None = 1
    found: list[dict[str, Any]] = []
    pages = 0
    while number:
        answer = running.get(f"{running.sites.market}/api/items?page={number}").json()
        found, number, pages = found + answer["items"], answer["next"], pages + 1
    things = running.town.visible("market", END)
    assert pages <= 4
    assert [item["id"] for item in found] == [thing.number for thing in things]
    assert running.get(f"{running.sites.market}{found[0]['url']}").status_code == 200
    assert running.get(f"{running.sites.market}/api/items/1").status_code == 404


def test_pages_load_nothing_from_other_hosts(running: Running) -> None:
    urls = [running.products()[0], *running.sites.starts.values(), f"{running.sites.market}/static/market.js"]
    known = {running.sites.shop, running.sites.classifieds, running.sites.market}
    for url in urls:
        for loaded in re.findall(r'(?:src|<link[^>]* href|"image")\s*[=:]\s*"([^"]+)"', running.get(url).text):
            assert loaded.startswith(("/", *known)), loaded


@pytest.mark.parametrize(
    "path", ["/nothing", "/static/../server.py", "/static/%2e%2e/server.py", "/products/", "/item/", "/api/items/x"]
)
def test_what_is_not_there_is_a_404(running: Running, path: str) -> None:
    for base in (running.sites.shop, running.sites.classifieds, running.sites.market):
        assert running.get(base + path).status_code == 404


def test_head_tells_the_size_and_sends_nothing(running: Running) -> None:
    url = running.products()[0]
    answer = running.client.head(url)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(running.get(url).content)
    assert answer.content == b""


def test_titles_cannot_break_out_of_a_page(running: Running) -> None:
    html = running.get(running.sites.starts["classifieds"]).text
    assert html.count("</script>") == 1


def test_the_servers_listen_on_loopback_alone_and_stop(running: Running) -> None:
    with serve(running.town, running.day) as own:
        assert own.shop.startswith("http://127.0.0.1:")
        assert running.get(f"{own.shop}/robots.txt").status_code == 200
        assert own.answered["shop"] == {200: 1}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{own.shop}/robots.txt", trust_env=False, timeout=2)

"""Craigslist's search pages: a JSON-LD list without addresses, joined with the plain list that has them."""

from __future__ import annotations

import json
from typing import Any

from spiders.craigslist import read_ads
from spiders.web.pages import parse
from warehouse.home import Home

URL = "https://town.example/search/sss"


def item(name: str, price: str | None) -> dict[str, Any]:
    address = {"addressLocality": "Hermann", "addressRegion": "MO", "addressCountry": "US", "postalCode": ""}
    offers = {"priceCurrency": "USD", "availableAtOrFrom": {"@type": "Place", "address": address}}
    return {"@type": "Product", "name": name, "image": [], "offers": offers | ({"price": price} if price else {})}


def entry(title: str, price: str, number: int) -> str:
    return (
        f'<li class="cl-static-search-result" title="{title}"><a href="https://town.example/tls/d/words/{number}.html">'
        f'<div class="title">{title}</div><div class="details"><div class="price">{price}</div>'
        f'<div class="location"> Washington </div></div></a></li>'
    )


def page(items: list[dict[str, Any]], entries: list[str], more: str = "") -> str:
    listed = {
        "@type": "ItemList",
        "itemListElement": [{"position": str(n), "item": one} for n, one in enumerate(items)],
    }
    script = f'<script id="ld_searchpage_results" type="application/ld+json">{json.dumps(listed)}</script>'
    return f"<html><head>{script}</head><body><ol>{''.join(entries)}</ol>{more}</body></html>"


def test_ads_are_joined_by_order_and_title() -> None:
    html = page(
        [item("Drill", "40.00"), item("Saw", "60.00")],
        [entry("Drill", "$40", 7000000001), entry("Saw", "$60", 7000000002)],
    )
    ads = read_ads(parse(html, URL))
    assert [(ad.row["title"], ad.row["price"], ad.row["url"][-15:], ad.row["region"]) for ad in ads] == [
        ("Drill", "40.00", "7000000001.html", "US-MO"),
        ("Saw", "60.00", "7000000002.html", "US-MO"),
    ]
    assert ads[0].price_path == "jsonld itemListElement[0] offers.price"


def test_an_ad_missing_from_one_list_does_not_shift_the_others() -> None:
    entries = [entry("Drill", "$40", 1), entry("Ladder", "$15", 2), entry("Saw", "$60", 3)]
    ads = read_ads(parse(page([item("Drill", "40"), item("Saw", "60"), item("Vise", "9")], entries), URL))
    assert [(ad.row["title"], ad.row["price"]) for ad in ads] == [
        ("Drill", "40"), ("Ladder", "$15"), ("Saw", "60"), ("Vise", "9")]  # fmt: skip
    assert ads[1].price_path == "selector .price"
    assert "url" not in ads[3].row


def test_equal_titles_are_joined_in_their_order() -> None:
    html = page([item("Drill", "40"), item("Drill", "50")], [entry("Drill", "$40", 1), entry("Drill", "$50", 2)])
    assert [ad.reason for ad in read_ads(parse(html, URL))] == [None, None]


def test_two_prices_for_one_ad_are_ambiguous() -> None:
    ads = read_ads(parse(page([item("Drill", "40")], [entry("Drill", "$400", 1)]), URL))
    assert ads[0].reason == "ambiguous_price"


def test_what_somebody_looks_for_is_wanted_and_not_offered() -> None:
    ads = read_ads(parse(page([], [entry("WANTED: old drills", "$40", 1), entry("Most wanted drill", "$40", 2)]), URL))
    assert [ad.row.get("kind") for ad in ads] == ["wanted", None]


def test_all_search_pages_are_read_and_a_repost_is_an_ad_of_its_own(
    home: Home, visit: Any, site: Any, reply: Any, rows: Any
) -> None:
    entries = [entry("Drill", "$40", 7000000001), entry("Saw", "", 7000000002)]
    first = page([item("Drill", "40"), item("Saw", None)], entries, '<link rel="next" href="/search/sss?s=2">')
    second = page([item("Drill", "40")], [entry("Drill", "$40", 7000000009), entry("Drill", "$40", 7000000001)])
    site.routes = {"/search/sss": reply(first), "/search/sss?s=2": reply(second)}
    report = visit(home, "craigslist", f"{site.base}/search/sss")
    assert report.verdict == "complete", report.why
    assert (report.pages, report.quarantined) == (2, {"no_price": 1})
    assert (report.read, report.landed, report.repeated) == (4, 2, 1)
    listings = rows(home, "listing")
    assert {row["id"] for row in listings} == {"7000000001", "7000000009"}
    assert {(row["kind"], row["currency"], row["region"], row["place"]) for row in listings} == {
        ("asking", "USD", "US-MO", "Hermann, MO")
    }

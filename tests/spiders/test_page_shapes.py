"""Whatever a page is made of, its offers are texts that stand on it, and its links stay on its site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from offer_pages import URL, ld

from spiders.web.links import product_links, same_site
from spiders.web.page_offers import read_page
from spiders.web.pages import Page, parse
from spiders.web.paging import next_page
from spiders.web.products import Offer

KEYS = (
    "@type name offers price url itemListElement seller brand hasVariant priceSpecification availableAtOrFrom address "
    "@graph additionalProperty image"
).split()

json_values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner | st.sampled_from(["Product", "Offer", "ItemList", "AggregateOffer"]),
            max_size=6,
        )
    ),
    max_leaves=25,
)


def said(value: Any) -> Iterator[str]:
    """Every text and number in a value, as a text."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from said(inner)
    else:
        yield " ".join((value if isinstance(value, str) else json.dumps(value)).split())


def sound(page: Page) -> list[Offer]:
    """The offers of a page, each with texts alone, and the price's place; its links lead to its own site."""
    offers = read_page(page)
    for offer in offers:
        assert all(isinstance(text, str) and text for text in offer.row.values())
        assert bool(offer.price_path) == ("price" in offer.row)
        assert bool(offer.reason) == bool(offer.message)
    links = product_links(page)
    assert len(set(links)) == len(links)
    assert all(same_site(link, URL) for link in [*links, next_page(page) or URL])
    return offers


@given(json_values)
@settings(max_examples=150, deadline=None)
def test_whatever_shape_json_ld_has_its_offers_say_nothing_else(value: Any) -> None:
    page = parse(f"<h1>A</h1>{ld(value)}", URL)
    told = {*said(value), "A"}
    for offer in sound(page):
        # What has no title or no price is read all the same, and held back when it is landed.
        assert offer.row.get("title", "A") in told
        assert offer.reason or offer.row.get("price", "A") in told


HTML_PIECES = [
    *(
        '<a href="/p/2">x</a>',
        '<a href="//evil.example/p/3">x</a>',
        '<a rel="next" href="?page=2">',
        "<h1>A</h1>",
        "<h1",
    ),
    *('<link rel="next" href="http://evil.example/">', '<a href="javascript:x()/p/1">', "</a>", ">", '"', "&#", "<!--"),
    *('<script type="application/ld+json">', '{"@type": "Product", "name": "B", "offers":', "}", "</script>"),
    *('{"price": "5", "url": "//evil.example/p/4"}', '<b class="price">$7</b>', '<base href="http://evil.example/">'),
    *('<meta property="og:title" content="C">', '<meta property="product:price:amount" content="6">'),
]

broken_html = st.lists(st.sampled_from(HTML_PIECES) | st.text(max_size=8), max_size=30).map("".join)


@given(broken_html | st.text(max_size=300))
@settings(max_examples=120, deadline=None)
def test_whatever_html_is_read_its_links_stay_on_the_site_and_its_offers_are_texts(html: str) -> None:
    sound(parse(html, URL))

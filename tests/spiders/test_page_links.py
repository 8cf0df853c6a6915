"""Where a page leads: the products it lists, and the next page of its list."""

from __future__ import annotations

import pytest
from offer_pages import URL, ld

from spiders.web.links import product_links
from spiders.web.pages import parse
from spiders.web.paging import next_page


def test_links_of_a_list_are_what_it_calls_its_items_else_what_looks_like_products() -> None:
    named = parse(
        ld({"@type": "ItemList", "itemListElement": [{"url": "/x/1"}, {"item": {"@id": "/x/2"}}, "/x/3"]}), URL
    )
    assert product_links(named) == [f"https://shop.example/x/{n}" for n in (1, 2, 3)]
    linked = parse(
        '<nav><a href="/product/0"></a></nav><a href="/product/a">a</a><a href="/product/a#x">a</a>'
        '<a href="/cart">c</a><a href="//evil.example/product/b">b</a><a href="javascript:x()">x</a>',
        URL,
    )
    assert product_links(linked) == ["https://shop.example/product/a"]
    family = parse("".join(f'<a href="/t/{n}-drill">d</a>' for n in range(4)) + '<a href="/other">o</a>', URL)
    assert len(product_links(family)) == 4


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="next" href="?page=2">',
        '<a rel="next" href="?page=2">2</a>',
        '<a href="?page=2">Next ›</a>',
        '<a href="?page=2" class="pager next-link">2</a>',
        '<a href="?page=2" aria-label="Next page"><i></i></a>',
    ],
)
def test_the_next_page_is_found_however_it_is_marked(html: str) -> None:
    assert next_page(parse(html, URL)) == f"{URL}?page=2"
    assert next_page(parse('<a href="?page=2">2</a><a rel="next" href="http://other.example/">n</a>', URL)) is None

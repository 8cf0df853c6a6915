"""Which of the prices on a page is its offer's; a page with two prices is not believed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offer_pages import MICRODATA, URL, ld, one

from spiders.web.page_offers import drifted, read_page
from spiders.web.pages import parse
from spiders.web.shown import shown_prices


@pytest.mark.parametrize(
    "html",
    [
        ld({"@type": "Product", "name": "A", "offers": [{"price": "10"}, {"price": "12"}]}),
        ld({"@type": "Product", "name": "A", "offers": {"price": "10", "priceSpecification": {"price": "12"}}}),
        ld({"@type": "Product", "name": "A", "offers": {"@type": "AggregateOffer", "lowPrice": 10, "highPrice": 12}}),
        ld({"@type": "Product", "name": "Drill", "offers": {"price": "10"}})
        + MICRODATA.format(price='<span itemprop="price">12</span>'),
        ld({"@type": "Product", "name": "A", "offers": {"price": "10"}})
        + '<meta property="product:price:amount" content="12">',
        ld({"@type": "Product", "name": "A", "offers": {"price": "10"}}) + '<h1>A</h1><b class="price">$8.00</b>',
        '<meta property="og:price:amount" content="10"><meta property="og:price:amount" content="12"><h1>A</h1>',
        '<h1>A</h1><b class="price">$10</b><b class="price">$12</b>',
    ],
)
def test_a_page_with_two_prices_is_ambiguous(html: str) -> None:
    offer = one(html)
    assert offer.reason == "ambiguous_price"
    assert offer.message


@pytest.mark.parametrize(
    "shown", ["$2,879.20", "2879.2", "USD 2879.20", "$2879<sup>20</sup>", "<del>$3,000</del> 2,879.20"]
)
def test_one_amount_in_two_spellings_is_one_price(shown: str) -> None:
    product = {"@type": "Product", "name": "A", "offers": {"price": 2879.2, "priceCurrency": "USD"}}
    assert one(ld(product) + f'<h1>A</h1><b class="price">{shown}</b>').reason is None


SHOWN = {
    "WooCommerce's sale": (
        '<p class="price"><del aria-hidden="true"><span class="woocommerce-Price-amount"><bdi>$25.00</bdi></span></del>'
        '<span class="screen-reader-text">Original price was: $25.00.</span>'
        '<ins aria-hidden="true"><span class="woocommerce-Price-amount"><bdi>$20.50</bdi></span></ins></p>',
        ["$20.50"],
    ),
    "Magento's sale": (
        '<span class="old-price"><span class="price-container price-final_price tax weee"><span class="price-wrapper">'
        '<span class="price">$25.00</span></span></span></span>'
        '<span class="special-price"><span class="price-container"><span class="price-wrapper">'
        '<span class="price">$20.50</span></span></span></span>',
        ["$20.50"],
    ),
    "a price in parts, said twice": (
        '<span class="a-price"><span class="a-offscreen">$20.50</span><span aria-hidden="true">'
        '<span class="a-price-symbol">$</span><span class="a-price-whole">20<span class="a-price-decimal">.</span>'
        '</span><span class="a-price-fraction">50</span></span></span>',
        ["$20.50"],
    ),
    "a price in parts": (
        '<div class="price"><span class="price-symbol">$</span><span class="price-whole">20</span>'
        '<span class="price-cents">50</span></div>',
        ["$20 50"],
    ),
    "an old price inside": ('<p class="price"><span class="was">$25</span> $20.50</p>', ["$20.50"]),
    "a hidden template": ('<b class="price" style="display: none">$0.00</b><b class="price">$20.50</b>', ["$20.50"]),
    "what is saved, paid monthly or for delivery": (
        '<b class="price">$20.50</b><i class="price-save">Save $4</i><i class="price-note">$5/mo</i>'
        '<i class="price2">20 % off</i><i class="shipping-price">$4.95</i>',
        ["$20.50"],
    ),
    "an id": ('<b id="ourPrice">$20.50</b>', ["$20.50"]),
    "others, further from the heading": (
        '<main><div><h1>A</h1><b class="price">$20.50</b></div></main><div><b class="price">$9</b></div>',
        ["$20.50"],
    ),
}


@pytest.mark.parametrize(("html", "expected"), SHOWN.values(), ids=list(SHOWN))
def test_the_shown_price_is_the_one_a_person_would_pay(html: str, expected: list[str]) -> None:
    heading = "" if "<h1>" in html else "<h1>A</h1>"
    page = parse(heading + html, URL)
    assert [one.text for one in shown_prices(page)] == expected
    product = {"@type": "Product", "name": "A", "offers": {"price": "20.50", "priceCurrency": "USD"}}
    assert one(ld(product) + heading + html).reason is None
    stale = {"@type": "Product", "name": "A", "offers": {"price": "25.00", "priceCurrency": "USD"}}
    assert one(ld(stale) + heading + html).reason == "ambiguous_price"


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ("25.00", '<b class="price">$25.00</b><b class="price-sale">$20.50</b>'),
        ("25.00", '<b class="price">$25.00</b><b class="salePrice">$20.50</b>'),
        ("20.50", '<b class="price">20,50 €</b>'),
        ("19.99", '<b class="price">$1,999</b>'),
    ],
)
def test_what_the_page_shows_as_todays_price_must_be_the_one_it_tells(price: str, shown: str) -> None:
    product = {"@type": "Product", "name": "A", "offers": {"price": price, "priceCurrency": "USD"}}
    offer = one(ld(product) + "<h1>A</h1>" + shown)
    assert (offer.reason, offer.row["price"]) == ("ambiguous_price", price)


def test_a_price_read_from_a_lower_path_than_the_one_that_names_the_product_is_drift() -> None:
    named = ld({"@type": "Product", "name": "A"})
    page = parse(named + '<h1>A</h1><b class="price">$9</b>', URL)
    offers = read_page(page, prefix="rendered ")
    assert offers[0].price_path == "rendered selector [class*=price]"
    assert "jsonld names the product without a price" in str(drifted(page, offers))
    whole = parse(ld({"@type": "Product", "name": "A", "offers": {"price": "9"}}), URL)
    assert drifted(whole, read_page(whole)) is None
    assert drifted(page, []) is None


def test_one_clear_offer_is_not_shaken_by_the_prices_of_other_things() -> None:
    product = {
        "@type": "Product",
        "name": "A",
        "offers": {"price": "10", "priceCurrency": "USD"},
        "isRelatedTo": {"@type": "Product", "name": "B", "offers": {"price": "99"}},
    }
    others = (
        '<ul><li class="price">$99</li><li><b class="price">$98</b></li></ul><a href="/b"><b class="price">$97</b></a>'
    )
    assert one(ld(product) + others).reason is None


def test_a_list_price_stands_beside_the_price_and_not_against_it() -> None:
    specification = [{"price": "10"}, {"price": "15", "priceType": "https://schema.org/StrikethroughPrice"}]
    offer = one(ld({"@type": "Product", "name": "A", "offers": {"priceSpecification": specification}}))
    assert (offer.row["price"], offer.row["list_price"], offer.reason) == ("10", "15", None)
    per_kilo = [{"price": "10"}, {"price": "3.30", "referenceQuantity": {"unitCode": "KGM"}}]
    assert one(ld({"@type": "Product", "name": "A", "offers": {"priceSpecification": per_kilo}})).reason is None


amounts = st.decimals(min_value="0.01", max_value=10**6, places=2)


@given(amounts, amounts)
@settings(max_examples=60, deadline=None)
def test_two_prices_are_believed_only_where_they_are_one(first: Decimal, second: Decimal) -> None:
    product = {"@type": "Product", "name": "A", "offers": {"price": str(first), "priceCurrency": "USD"}}
    html = ld(product) + f'<meta property="product:price:amount" content="{second:,}">'
    assert (one(html).reason is None) == (first == second)

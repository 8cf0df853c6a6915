"""What a page offers, in every shape that occurs in the wild; a page with two prices is not believed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.web.jsonld import joined, plain
from spiders.web.links import product_links
from spiders.web.page_offers import drifted, read_page
from spiders.web.pages import parse
from spiders.web.paging import next_page
from spiders.web.products import Offer
from spiders.web.shown import shown_prices
from warehouse.reading.price import read_price

URL = "https://shop.example/p/1"


def read(html: str, url: str = URL) -> list[Offer]:
    return read_page(parse(html, url))


def ld(*products: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(product)}</script>' for product in products)


def one(html: str) -> Offer:
    offers = read(html)
    assert len(offers) == 1, offers
    return offers[0]


@pytest.mark.parametrize(
    "product",
    [
        {"@type": "Product", "name": "Drill", "offers": {"price": "20.50", "priceCurrency": "USD"}},
        {"@type": ["Thing", "Product"], "name": "Drill", "Offers": [{"price": 20.50, "priceCurrency": "USD"}]},
        {"@type": "http://schema.org/Product", "name": "Drill", "offers": {"@type": "Offer", "price": "$20.50"}},
        {"@graph": [{"@type": "WebSite"}, {"@type": "Product", "name": "Drill", "offers": {"price": "20.50"}}]},
        {"@type": "WebPage", "mainEntity": {"@type": "Product", "name": "Drill", "offers": {"price": 20.5}}},
        [{"@type": "Product", "name": "Drill", "offers": {"priceSpecification": {"price": 20.5}}}],
        {"@type": "Product", "name": "Drill", "offers": {"priceSpecification": [{"minPrice": 20.5, "maxPrice": 20.5}]}},
        {
            "@type": "Product",
            "name": "Drill",
            "offers": {"@type": "AggregateOffer", "lowPrice": 20.5, "highPrice": 20.5},
        },
        {"@type": "Product", "name": "Drill", "offers": {"@type": "AggregateOffer", "offers": [{"price": "20.50"}]}},
        {"@type": "Offer", "price": "20.50", "itemOffered": {"@type": "Product", "name": "Drill"}},
        {"@type": "Product", "name": "Drill", "price": "20.50"},
        {"@type": "ProductGroup", "name": "Drill", "hasVariant": [{"@type": "Product", "offers": {"price": "20.5"}}]},
    ],
)
def test_an_offer_is_found_wherever_schema_org_lets_it_stand(product: Any) -> None:
    offer = one(ld(product))
    assert offer.reason is None
    assert offer.row["title"] == "Drill"
    assert offer.price_path.startswith("jsonld offers")
    price = read_price(offer.row["price"])
    assert price is not None
    assert price.amount == Decimal("20.50")


def test_all_that_a_product_says_arrives_under_katys_names() -> None:
    product = {
        "@type": "Product",
        "name": "Bosch GSR",
        "brand": {"@type": "Brand", "name": "Bosch"},
        "gtin13": "4006381333931",
        "mpn": "06019F8109",
        "category": ["Tools", "Drills"],
        "image": [{"@type": "ImageObject", "url": "/a.jpg"}],
        "itemCondition": "https://schema.org/UsedCondition",
        "color": "blue",
        "weight": {"value": 1.2, "unitText": "kg"},
        "additionalProperty": [{"name": "Voltage", "value": "18 V"}, {"name": "Price", "value": "999"}],
        "offers": {
            "price": "80",
            "priceCurrency": "USD",
            "availability": "InStock",
            "seller": {"name": "Ann"},
            "availableAtOrFrom": {
                "address": {"addressLocality": "Hermann", "addressRegion": "MO", "addressCountry": "US"},
                "geo": {"latitude": 38.7, "longitude": -91.4},
            },
        },
    }
    row = one(ld(product)).row
    assert row == {
        "title": "Bosch GSR",
        "brand": "Bosch",
        "gtin": "4006381333931",
        "mpn": "06019F8109",
        "category": "Tools > Drills",
        "image": "https://shop.example/a.jpg",
        "condition": "UsedCondition",
        "color": "blue",
        "weight": "1.2 kg",
        "voltage": "18 V",
        "price (property)": "999",
        "price": "80",
        "currency": "USD",
        "availability": "InStock",
        "seller": "Ann",
        "place": "Hermann, MO",
        "region": "US-MO",
        "latitude": "38.7",
        "longitude": "-91.4",
        "url": URL,
    }


MICRODATA = """<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">Drill</h1>
<div itemprop="offers" itemscope itemtype="http://schema.org/Offer">{price}<meta itemprop="priceCurrency" content="USD">
<link itemprop="availability" href="http://schema.org/InStock"></div></div>"""


@pytest.mark.parametrize(
    "price",
    [
        '<span itemprop="price">$20.50</span>',
        '<meta itemprop="price" content="20.50">',
        '<span itemprop="price" content="20.50">only today</span>',
        '<data itemprop="price" value="20.5">20.50</data>',
    ],
)
def test_microdata_is_read_where_there_is_no_json_ld(price: str) -> None:
    offer = one(MICRODATA.format(price=price))
    assert offer.price_path == "microdata offers.price"
    assert read_price(offer.row["price"]).amount == Decimal("20.50")  # type: ignore[union-attr]


def test_opengraph_is_read_where_there_is_neither() -> None:
    offer = one(
        '<head><meta property="og:title" content="Drill"><meta property="og:price:amount" content="20.50">'
        '<meta property="product:price:currency" content="EUR"></head><h1>Drill</h1>'
    )
    assert (offer.price_path, offer.row["currency"]) == ("opengraph offers.price", "EUR")


def test_one_shown_price_is_the_last_resort_and_the_struck_out_one_is_not_it() -> None:
    offer = one('<h1>Drill</h1><p class="price"><del>$25</del> $20.50</p>')
    assert (offer.price_path, offer.row["price"]) == ("selector [class*=price]", "$20.50")


def test_json_ld_without_a_price_still_gives_its_words_to_the_microdata_that_has_one() -> None:
    row = one(
        ld({"@type": "Product", "name": "Drill X", "brand": "Bosch"})
        + MICRODATA.format(price="<b itemprop=price>9</b>")
    ).row
    assert (row["title"], row["brand"], row["price"]) == ("Drill", "Bosch", "9")


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


def test_what_stands_behind_the_end_of_a_page_is_read_too() -> None:
    product = ld({"@type": "Product", "name": "A", "offers": {"price": "10", "priceCurrency": "USD"}})
    assert one(f"<html><body><h1>A</h1></body></html>\n{product}").row["price"] == "10"
    late = '<meta property="og:price:amount" content="12">'
    assert one(f"<html><body><h1>A</h1>{product}</body></html>{late}").reason == "ambiguous_price"


def test_sellers_are_told_apart_without_standing_in_an_id() -> None:
    offers = [{"price": "10", "seller": "Ann Lee"}, {"price": "20", "seller": "Bob Ray"}]
    found = read(ld({"@type": "Product", "name": "A", "offers": offers}))
    assert [(o.row["price"], o.reason) for o in found] == [("10", None), ("20", None)]
    assert all("variant" not in o.row and "url" not in o.row for o in found)


def test_variants_of_one_address_get_ids_of_their_own() -> None:
    offers = [{"price": "10", "url": f"{URL}?v=1"}, {"price": "20", "url": f"{URL}?v=2"}]
    found = read(ld({"@type": "Product", "name": "A", "offers": offers}))
    assert [o.row["variant"] for o in found] == ["v=1", "v=2"]


def test_nodes_that_name_each_other_are_put_together_and_no_circle_breaks_it() -> None:
    values = [plain({"@graph": [{"@id": "#a", "b": {"@id": "#b"}}, {"@id": "#b", "c": {"@id": "#a"}, "d": 1}]})]
    graph = joined(values)[0]["@graph"]
    assert graph[0]["b"]["d"] == 1
    assert graph[0]["b"]["c"] == {"@id": "#a"}
    bomb = [{"@id": f"#{n}", "x": [{"@id": f"#{n + 1}"}] * 10} for n in range(30)]
    assert len(json.dumps(joined(bomb))) < 20_000_000


def test_long_hostile_scripts_are_given_up_in_good_time() -> None:
    for script in ("{" + " " * 400_000, "/*" * 200_000, '"' * 200_001, '{"a": ' + '\\"' * 200_000, "," * 300_000):
        page = parse(f'<script type="application/ld+json">{script}</script>', URL)
        assert page.jsonld == []
        assert page.unreadable_blocks <= 1


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


def test_offers_that_differ_in_more_than_the_price_are_listings_of_their_own() -> None:
    offers = [
        {"price": "10", "itemCondition": "UsedCondition", "seller": "Ann"},
        {"price": "20", "itemCondition": "NewCondition", "seller": "Bob"},
    ]
    found = read(ld({"@type": "Product", "name": "A", "url": URL, "offers": offers}))
    assert [(o.row["price"], o.reason) for o in found] == [("10", None), ("20", None)]
    assert len({o.row["variant"] for o in found}) == 2


def test_the_product_of_the_page_is_told_from_others_listed_on_it() -> None:
    def product(name: str, price: int, url: str) -> dict[str, Any]:
        return {"@type": "Product", "name": name, "url": url, "offers": {"price": price}}

    assert one(ld(product("A", 10, "/p/1?from=mail"), product("B", 20, "/p/2"))).row["title"] == "A"


def test_a_list_price_stands_beside_the_price_and_not_against_it() -> None:
    specification = [{"price": "10"}, {"price": "15", "priceType": "https://schema.org/StrikethroughPrice"}]
    offer = one(ld({"@type": "Product", "name": "A", "offers": {"priceSpecification": specification}}))
    assert (offer.row["price"], offer.row["list_price"], offer.reason) == ("10", "15", None)
    per_kilo = [{"price": "10"}, {"price": "3.30", "referenceQuantity": {"unitCode": "KGM"}}]
    assert one(ld({"@type": "Product", "name": "A", "offers": {"priceSpecification": per_kilo}})).reason is None


def test_sold_out_means_sold_for_a_used_thing_only() -> None:
    def kind(condition: str) -> str | None:
        offer = {"price": "10", "availability": "https://schema.org/SoldOut", "itemCondition": condition}
        return one(ld({"@type": "Product", "name": "A", "offers": offer})).row.get("kind")

    assert kind("https://schema.org/UsedCondition") == "sold"
    assert kind("https://schema.org/NewCondition") is None


@pytest.mark.parametrize("html", ["", "<p>about us</p>", "<h1>News</h1><p>nothing for sale</p>", "\x00\xff<<<>"])
def test_a_page_that_offers_nothing_gives_nothing(html: str) -> None:
    assert read(html) == []


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


amounts = st.decimals(min_value="0.01", max_value=10**6, places=2)


@given(amounts, amounts)
@settings(max_examples=60, deadline=None)
def test_two_prices_are_believed_only_where_they_are_one(first: Decimal, second: Decimal) -> None:
    product = {"@type": "Product", "name": "A", "offers": {"price": str(first), "priceCurrency": "USD"}}
    html = ld(product) + f'<meta property="product:price:amount" content="{second:,}">'
    assert (one(html).reason is None) == (first == second)


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


@given(json_values)
@settings(max_examples=150, deadline=None)
def test_no_shape_of_json_ld_breaks_the_reading(value: Any) -> None:
    page = parse(f"<h1>A</h1>{ld(value)}", URL)
    for offer in read_page(page):
        assert all(isinstance(text, str) for text in offer.row.values())
    product_links(page)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_html_breaks_the_reading(html: str) -> None:
    page = parse(html, URL)
    read_page(page)
    product_links(page)
    next_page(page)

"""What a page offers, in every shape that occurs in the wild."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from offer_pages import MICRODATA, URL, ld, one, read

from spiders.web.jsonld import joined, plain
from spiders.web.pages import parse
from warehouse.reading.price import read_price


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


def test_sold_out_means_sold_for_a_used_thing_only() -> None:
    def kind(condition: str) -> str | None:
        offer = {"price": "10", "availability": "https://schema.org/SoldOut", "itemCondition": condition}
        return one(ld({"@type": "Product", "name": "A", "offers": offer})).row.get("kind")

    assert kind("https://schema.org/UsedCondition") == "sold"
    assert kind("https://schema.org/NewCondition") is None


@pytest.mark.parametrize("html", ["", "<p>about us</p>", "<h1>News</h1><p>nothing for sale</p>", "\x00\xff<<<>"])
def test_a_page_that_offers_nothing_gives_nothing(html: str) -> None:
    assert read(html) == []

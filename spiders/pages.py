"""What a page says in machine-readable form: its JSON-LD, microdata and OpenGraph, all in one shape.

The fast pass looks at script and meta tags only; the microdata parser runs where a page has microdata of a product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from parsel import Selector

from spiders.jsonld import Node, listed, nodes, plain, read_blocks, text, types

PRODUCT_TYPES = frozenset(
    "product productmodel individualproduct someproducts productgroup vehicle car motorcycle book".split()
)
# What hangs below these keys is another product than the one the page is about.
RELATED = frozenset(
    "isrelatedto issimilarto isaccessoryorsparepartfor isconsumablefor isvariantof hasvariant review "
    "itemreviewed".split()
)
_OPENGRAPH = {
    "product:price:amount": "price",
    "og:price:amount": "price",
    "product:sale_price:amount": "sale_price",
    "product:price:currency": "pricecurrency",
    "og:price:currency": "pricecurrency",
    "product:availability": "availability",
    "og:availability": "availability",
    "product:condition": "itemcondition",
    "og:title": "name",
    "og:description": "description",
    "og:image": "image",
    "og:url": "url",
    "product:brand": "brand",
    "product:category": "category",
    "product:retailer_item_id": "sku",
    "product:gtin": "gtin",
    "product:ean": "gtin13",
    "product:isbn": "isbn",
    "product:mfr_part_no": "mpn",
}
_OFFER_KEYS = frozenset({"price", "pricecurrency", "availability", "itemcondition"})


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: its tree (of lxml.html), its address, and the nodes of each syntax (keys bare and lower-case)."""

    url: str
    tree: Any
    jsonld: list[Any] = field(default_factory=list)
    microdata: list[Node] = field(default_factory=list)
    opengraph: Node | None = None
    unreadable_blocks: int = 0

    def products(self, syntax: str) -> list[Node]:
        """The products of "jsonld", "microdata" or "opengraph", outermost first, without related ones."""
        if syntax == "opengraph":
            return [self.opengraph] if self.opengraph else []
        values = self.jsonld if syntax == "jsonld" else self.microdata
        return [_as_product(node) for node in _products(values)]


def parse(body: str, url: str) -> Page:
    """The page behind some HTML, however broken; an empty one has nothing on it."""
    tree = Selector(text=body, type="html").root
    base = tree.xpath("string(//base/@href)").strip()
    url = urljoin(url, base) if base else url
    scripts = tree.xpath('//script[starts-with(translate(@type, "LDJSON", "ldjson"), "application/ld+json")]')
    blocks = read_blocks([script.text_content() for script in scripts])
    return Page(
        url=url,
        tree=tree,
        jsonld=[plain(value) for value in blocks.values],
        microdata=_microdata(tree, url) if "itemtype" in body else [],
        opengraph=_opengraph(tree),
        unreadable_blocks=blocks.unreadable,
    )


def _products(values: Iterable[Any]) -> Iterable[Node]:
    for value in values:
        for node in nodes(value, skip=RELATED | {"offers", "itemoffered"}):
            if types(node) & PRODUCT_TYPES:
                yield node
            elif "offer" in types(node):
                # An offer that stands for itself and names what it offers.
                for thing in listed(node.get("itemoffered")):
                    if isinstance(thing, dict):
                        yield {**thing, "offers": [{k: v for k, v in node.items() if k != "itemoffered"}]}


def _as_product(node: Node) -> Node:
    """A price that hangs at the product itself is an offer, however the page nests it."""
    if "offers" not in node and ("price" in node or "pricespecification" in node):
        keys = _OFFER_KEYS | {"pricespecification"}
        return {**node, "offers": [{key: node[key] for key in keys if key in node}]}
    return node


def _microdata(tree: Any, url: str) -> list[Node]:
    from extruct.w3cmicrodata import MicrodataExtractor

    if not tree.xpath('//*[@itemtype[contains(., "schema.org") or contains(., "Schema.org")]]'):
        return []
    items = MicrodataExtractor().extract_items(tree, base_url=url)
    return [plain(_from_microdata(item)) for item in items]


def _from_microdata(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_microdata(item) for item in value]
    if isinstance(value, dict) and ("properties" in value or "type" in value):
        node = {key: _from_microdata(item) for key, item in value.get("properties", {}).items()}
        return {**node, "@type": value.get("type", []), **({"@id": value["id"]} if "id" in value else {})}
    if isinstance(value, dict):
        return value.get("value")
    return value


def _opengraph(tree: Any) -> Node | None:
    """The page's OpenGraph product as a schema.org-shaped node; None where there is no price in it.

    Two different prices are kept as two offers. A sale price replaces the price, which becomes the list price.
    """
    found: dict[str, list[str]] = {}
    for meta in tree.xpath("//meta[@content and (@property or @name)]"):
        key = _OPENGRAPH.get((meta.get("property") or meta.get("name")).strip().lower())
        value = meta.get("content").strip()
        if key and value and value not in found.setdefault(key, []):
            found[key].append(value)
    prices = found.get("sale_price") or found.get("price")
    if not prices:
        return None
    common = {key: found[key][0] for key in _OFFER_KEYS - {"price"} if found.get(key)}
    offers: list[Node] = [{"@type": "Offer", "price": price, **common} for price in prices]
    if found.get("sale_price") and found.get("price"):
        offers[0]["listprice"] = found["price"][0]
    rest = {key: values[0] for key, values in found.items() if key not in {*_OFFER_KEYS, "sale_price"}}
    return {"@type": "Product", **rest, "offers": offers}


def heading(page: Page) -> str | None:
    """The page's own heading: the only h1, else its title tag."""
    headings = [" ".join(h.text_content().split()) for h in page.tree.xpath("//h1")]
    titles = [t for t in headings if t]
    if len(titles) == 1:
        return titles[0]
    return text(page.tree.xpath("string(//head/title)"))


_OLD = re.compile(
    r"\b(?:was|old|list|strike|strikethrough|regular|rrp|msrp|before|original|compare|crossed)\b", re.IGNORECASE
)
_PRICE_ELEMENT = (
    '//*[contains(translate(@class, "PRICE", "price"), "price") or contains(translate(@id, "PRICE", "price"), "price")]'
)

_NOT_STRUCK_OUT = ".//text()[not(ancestor::del or ancestor::s or ancestor::strike)]"


def shown_prices(page: Page) -> list[str]:
    """The texts of the innermost elements that look like a price of what the page is about, each once.

    Struck-out and "was" prices are left out; so is what stands in lists of other products (links with a price).
    """
    found: list[str] = []
    for element in page.tree.xpath(_PRICE_ELEMENT):
        if element.xpath(f".{_PRICE_ELEMENT}") or not isinstance(element.tag, str):
            continue
        around = [element, *element.iterancestors()][:6]
        names = " ".join(re.sub(r"[-_]", " ", f"{e.get('class', '')} {e.get('id', '')}") for e in around[:2])
        if _OLD.search(names) or any(
            e.tag in {"del", "s", "strike", "a", "aside", "nav", "script", "li"} for e in around
        ):
            continue
        words = " ".join(" ".join(element.xpath(_NOT_STRUCK_OUT)).split())
        if re.search(r"\d", words) and len(words) <= 40 and words not in found:
            found.append(words)
    return found

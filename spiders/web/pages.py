"""What a page says in machine-readable form: its JSON-LD, microdata and OpenGraph, all in one shape.

A page is parsed once. Each syntax is read when it is asked for: script and meta tags cost next to nothing, and the
microdata parser runs only where a page has microdata of schema.org.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from spiders.web.jsonld import Blocks, Node, joined, listed, nodes, plain, read_blocks, types

PRODUCT_TYPES = frozenset(
    "product productmodel individualproduct someproducts productgroup vehicle car motorcycle book".split()
)
SYNTAXES = ("jsonld", "microdata", "opengraph")
# What hangs below these keys is another product than the one the page is about.
RELATED = frozenset(
    "isrelatedto issimilarto isaccessoryorsparepartfor isconsumablefor isvariantof hasvariant review "
    "itemreviewed".split()
)
_NOT_PRODUCTS = RELATED | {"offers", "itemoffered"}
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
# A node that only names another one: {"@id": "#drill"}.
_REFERENCE = re.compile(r'\{\s*(?:"@type"\s*:\s*"[^"]*"\s*,\s*)?"@id"\s*:\s*"[^"]*"\s*\}')
_OF_PRODUCTS = re.compile(
    r"chema\.org/(?i:\w*product\w*|offer|aggregateoffer|itemlist|offercatalog|vehicle|car|motorcycle|book)\b"
)
_NOTHING = b"<html/>"
_OFFER_KEYS = frozenset({"price", "pricecurrency", "availability", "itemcondition"})


class Page:
    """A parsed page: its address, its tree (of lxml.html), its text, and the nodes of each syntax.

    Keys of nodes are bare and lower-case ("offers"). `base` is what its links are relative to.
    """

    def __init__(self, url: str, tree: Any, body: str) -> None:
        self.url = url
        self.tree = tree
        self.body = body

    @cached_property
    def base(self) -> str:
        for element in self.tree.iter("base"):
            link = (element.get("href") or "").strip()
            if link:
                return join(self.url, link) or self.url
        return self.url

    @cached_property
    def _blocks(self) -> Blocks:
        return read_blocks(
            [
                script.text or ""
                for script in self.tree.iter("script")
                if script.get("type", "").strip().lower().startswith("application/ld+json")
            ]
        )

    @property
    def unreadable_blocks(self) -> int:
        """How many JSON-LD blocks could not be read."""
        return self._blocks.unreadable

    @cached_property
    def jsonld(self) -> list[Any]:
        values = [plain(value) for value in self._blocks.values]
        return joined(values) if _REFERENCE.search(self.body) else values

    @cached_property
    def microdata(self) -> list[Node]:
        # Breadcrumbs and the like are on most pages, and are no reason to look at every element of them.
        named = "itemtype" in self.body and _OF_PRODUCTS.search(self.body)
        return _microdata(self.tree, self.base) if named else []

    @cached_property
    def opengraph(self) -> Node | None:
        return _opengraph(self.tree)

    @cached_property
    def headings(self) -> list[Any]:
        """The h1 elements that say something."""
        return [heading for heading in self.tree.iter("h1") if words(heading)]

    @property
    def heading(self) -> str | None:
        """The page's own heading: the only h1, else its title."""
        return words(self.headings[0]) if len(self.headings) == 1 else self.title or None

    @cached_property
    def title(self) -> str:
        """What stands in the title tag."""
        return next((found for element in self.tree.iter("title") if (found := words(element))), "")

    def products(self, syntax: str) -> list[Node]:
        """The products of "jsonld", "microdata" or "opengraph", outermost first, without related ones."""
        if syntax == "opengraph":
            return [self.opengraph] if self.opengraph else []
        values = self.jsonld if syntax == "jsonld" else self.microdata
        return [_as_product(node) for node in _products(values)]


def parse(body: str, url: str) -> Page:
    """The page behind some HTML, however broken; an empty one has nothing on it."""
    parser = html.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    content = body.strip().replace("\x00", "").encode("utf-8", "replace") or _NOTHING
    tree = etree.fromstring(content, parser=parser)
    if tree is None:
        tree = etree.fromstring(_NOTHING, parser=parser)
    # What stands behind </html> is a neighbour of the tree and not in it; shops put scripts there.
    for late in list(tree.itersiblings()):
        tree.append(late)
    return Page(url, tree, body)


def words(element: Any) -> str:
    """An element's text as one line."""
    return " ".join(element.text_content().split())


def join(base: str, link: str) -> str:
    """A link as a whole address, or "" where it is none."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def _products(values: Iterable[Any]) -> Iterable[Node]:
    everything = [node for value in values for node in nodes(value, skip=_NOT_PRODUCTS)]
    inside = [name for node in everything if "hasvariant" in node for name in _variants(node)]
    for node in everything:
        kinds = types(node)
        if kinds & PRODUCT_TYPES:
            # A variant that its group has taken in is not a product beside it.
            if not inside or node.get("@id") not in inside:
                yield node
        elif "offer" in kinds:
            # An offer that stands for itself and names what it offers.
            for thing in listed(node.get("itemoffered")):
                if isinstance(thing, dict):
                    yield {**thing, "offers": [{k: v for k, v in node.items() if k != "itemoffered"}]}


def _variants(group: Node) -> list[str]:
    """The names of the variants that a group holds in full."""
    variants = [one for one in listed(group["hasvariant"]) if isinstance(one, dict) and len(one) > 1]
    return [one["@id"] for one in variants if isinstance(one.get("@id"), str)]


def _as_product(node: Node) -> Node:
    """A price that hangs at the product itself is an offer, however the page nests it."""
    if "offers" not in node and ("price" in node or "pricespecification" in node):
        keys = _OFFER_KEYS | {"pricespecification"}
        return {**node, "offers": [{key: node[key] for key in keys if key in node}]}
    return node


def _microdata(tree: Any, url: str) -> list[Node]:
    from extruct.w3cmicrodata import MicrodataExtractor

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
    for meta in tree.iter("meta"):
        key = _OPENGRAPH.get((meta.get("property") or meta.get("name") or "").strip().lower())
        value = (meta.get("content") or "").strip()
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

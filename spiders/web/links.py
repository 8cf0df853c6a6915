"""Where a page leads: the products it lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urldefrag, urlsplit

from spiders.web.jsonld import listed, nodes, text, types
from spiders.web.pages import RELATED, Page, join

# Path parts after which shops put a product.
_PRODUCT_PATH = re.compile(
    r"/(?:products?|items?|itm|p|dp|gp|pd|listings?|offers?|artikel|annonce|anzeige|ads?|d|produkte?|produit|shop/[^/]+)/[^/]+",
    re.IGNORECASE,
)
_NO_PRODUCT = re.compile(
    r"/(?:cart|basket|checkout|log-?in|sign-?in|sign-?up|register|account|wishlist|compare|contact|about|help|faq|terms|privacy|"
    r"impressum|blog|news|stores?|shipping|returns?|search|tags?|feed|rss|wp-\w+|api|static|assets)(?:/|$|\.)"
    r"|\.(?:jpe?g|png|gif|webp|svg|pdf|zip|css|js|xml|ico|mp4)$",
    re.IGNORECASE,
)
_FEWEST_ALIKE = 3


def product_links(page: Page) -> list[str]:
    """Addresses of products that a listing page leads to, in page order, each once.

    What the page itself calls the items of its list comes first. Otherwise links on the same site are judged by their
    path: those that look like a product's, else the largest family of at least three links built alike.
    """
    named = [join(page.base, link) for link in _listed_items(page)]
    if named:
        return _once(link for link in named if same_site(link, page.url))
    links = _once(
        link for link in _anchors(page) if same_site(link, page.url) and not _NO_PRODUCT.search(urlsplit(link).path)
    )
    return looking_like_products([link for link in links if urldefrag(link)[0] != urldefrag(page.url)[0]])


def looking_like_products(links: list[str]) -> list[str]:
    """Those of some links that look like products; all of the largest family of links where none does."""
    products = [link for link in links if _PRODUCT_PATH.search(urlsplit(link).path)]
    if products:
        return products
    families = Counter(_family(link) for link in links)
    if not families:
        return []
    family, size = families.most_common(1)[0]
    return [link for link in links if _family(link) == family] if size >= _FEWEST_ALIKE else []


def certain(links: list[str]) -> bool:
    """Whether some links are products' by their look, and not merely built alike."""
    return any(_PRODUCT_PATH.search(urlsplit(link).path) for link in links)


def is_front_page(url: str) -> bool:
    """Whether a URL names a site, and no page of it."""
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query and parts.scheme in {"http", "https"}


def same_site(link: str, base: str) -> bool:
    """Whether a link leads to the same host, or with files to the same folder or below it."""
    try:
        one, other = urlsplit(link), urlsplit(base)
    except ValueError:
        return False
    if one.scheme == other.scheme == "file":
        return one.path.startswith(other.path.rpartition("/")[0] + "/") and "/../" not in one.path
    return {one.scheme, other.scheme} <= {"http", "https"} and _site(one.netloc) == _site(other.netloc)


def _listed_items(page: Page) -> Iterable[str]:
    """URLs of the elements of the page's ItemList, and of products that are marked up with an address of their own."""
    for node in nodes([*page.jsonld, *page.microdata], skip=RELATED):
        if "itemlist" not in types(node):
            continue
        for element in listed(node.get("itemlistelement")):
            inner = element.get("item", element) if isinstance(element, dict) else element
            for place in (element, inner):
                link = text(place.get("url") or place.get("@id")) if isinstance(place, dict) else text(place)
                if link:
                    yield link
                    break
    for syntax in ("jsonld", "microdata"):
        products = page.products(syntax)
        if len(products) > 1:
            yield from (link for link in (text(product.get("url")) for product in products) if link)


def _anchors(page: Page) -> Iterable[str]:
    for anchor in page.tree.xpath("//a[@href][not(ancestor::nav) and not(ancestor::footer)]"):
        if "nofollow" not in anchor.get("rel", ""):
            yield urldefrag(join(page.base, anchor.get("href")))[0]


def _site(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")


def _family(link: str) -> tuple[str, ...]:
    """Links built alike: the same folders above the last part, and whether that has a number in it."""
    parts = urlsplit(link).path.strip("/").split("/")
    return (*parts[:-1], f"{len(parts)}", "number" if re.search(r"\d", parts[-1]) else "word")


def _once(links: Iterable[str]) -> list[str]:
    """Each link once; one that is another with a query behind it ("/item/5?from=list") is that other one."""
    distinct = dict.fromkeys(links)
    return [link for link in distinct if "?" not in link or link.partition("?")[0] not in distinct]

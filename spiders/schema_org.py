"""Any shop that publishes schema.org data: JSON-LD, microdata or OpenGraph, one product to a page.

The base may be a product, a page that lists products, a sitemap (also an index, also .gz), or a site's front page; then
the sitemaps that robots.txt names are read, else /sitemap.xml, else the front page is taken for a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from scrapy.http import Response, XmlResponse
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap

from spiders.links import looking_like_products, next_page, product_links
from spiders.pages import Page
from spiders.products import Offer
from spiders.source import Source
from spiders.visit import SiteSpider, is_front_page, sitemap_address

SOURCE = Source(
    name="schema_org",
    title="Any shop that publishes schema.org data",
    record="listing",
    spider="spiders.schema_org:SchemaOrgSpider",
    licence_note="The shop's own terms hold; facts and prices only, and only what robots.txt allows",
    cadence=timedelta(days=1),
)
_XML = (".xml", ".xml.gz")


class SchemaOrgSpider(SiteSpider):
    """Reads products; finds them through sitemaps, lists and next pages."""

    def parse(self, response: Response) -> Iterator[Any]:
        """The first answer: whatever the base turned out to be."""
        if is_front_page(response.url):
            yield from self.front(response)
        elif _is_sitemap(response):
            yield from self.sitemap(response)
        else:
            yield from self.listing(response)

    def front(self, response: Response) -> Iterator[Any]:
        """A site's front page: the way to its products, by sitemap where there is one."""
        told = {"front": response}
        if self.sitemaps:
            for link in dict.fromkeys(self.sitemaps):
                yield self.ask(link, self.sitemap)
        else:
            yield self.ask(sitemap_address(response.url), self.sitemap, self.no_sitemap, **told)

    def no_sitemap(self, failure: Any) -> Iterator[Any]:
        """No sitemap after all: the front page is a list like any other."""
        yield {"note": f"{failure.request.url} cannot be read; links were followed from the front page"}
        yield from self.listing(failure.request.cb_kwargs["front"])

    def sitemap(self, response: Response, front: Response | None = None) -> Iterator[Any]:
        """A sitemap or an index of sitemaps (sitemaps.org 0.9), plain or compressed."""
        body = self._unpacked(response)
        sitemap = _parsed(body) if _is_sitemap(response) and body else None
        if sitemap is None:
            if front is None:
                yield {"failed": {"url": response.url, "why": "it is no sitemap"}}
            else:
                yield from self.listing(front)
            return
        links = [entry["loc"] for entry in sitemap if entry.get("loc")]
        if sitemap.type == "sitemapindex":
            for link in links:
                yield self.ask(link, self.sitemap)
            return
        products = looking_like_products(links) or links
        if len(products) < len(links):
            others = len(links) - len(products)
            yield {"note": f"{others} of {len(links)} addresses in {response.url} do not look like products"}
        for link in products:
            yield self.ask(link, self.product)

    def listing(self, response: Response) -> Iterator[Any]:
        """A page given or reached as a list: its products and its next page; a product after all is taken as one.

        What the list tells in full is read from it; only the pages of the others are visited.
        """
        page = self.page(response)
        if page is None:
            yield self.unread(response)
            return
        offers = self.offers(page)
        links = [] if _about_one(offers, page) else product_links(page)
        full = {offer.row["url"] for offer in offers if _in_full(offer)}
        visits = [link for link in links if link not in full]
        kept = [o for o in offers if o.row.get("url") not in visits and not (links and _merely_shown(o))]
        yield from self.told(response, page, kept)
        for link in visits:
            yield self.ask(link, self.product)
        following = next_page(page) if links else None
        if following:
            yield self.ask(following, self.listing)

    def product(self, response: Response) -> Iterator[Any]:
        page = self.page(response)
        if page is None:
            yield self.unread(response)
            return
        yield from self.told(response, page, self.offers(page))

    def _unpacked(self, response: Response) -> bytes | None:
        """The bytes of a sitemap, also of a compressed one, no larger than any other answer may be."""
        body: bytes = response.body
        if not gzip_magic_number(response):
            return body
        unpacked: bytes = gunzip(body, max_size=self.settings.getint("DOWNLOAD_MAXSIZE"))
        return unpacked


def _is_sitemap(response: Response) -> bool:
    return (
        isinstance(response, XmlResponse)
        or bool(gzip_magic_number(response))
        or response.url.split("?")[0].endswith(_XML)
    )


def _parsed(body: bytes) -> Sitemap | None:
    try:
        sitemap = Sitemap(body)
    except (StopIteration, ValueError, SyntaxError):
        return None
    return sitemap if sitemap.type in {"sitemapindex", "urlset"} else None


def _about_one(offers: list[Offer], page: Page) -> bool:
    """Whether a page's offers are of one thing: all at its own address, and not merely prices shown in a list."""
    here = page.url.split("#")[0].split("?")[0].rstrip("/")
    links = {offer.row.get("url", here).split("#")[0].split("?")[0].rstrip("/") for offer in offers}
    return links == {here} and not any(_merely_shown(offer) for offer in offers)


def _in_full(offer: Offer) -> bool:
    """Whether an offer in a list tells all that a value needs, so that its own page need not be asked for."""
    return offer.reason is None and {"title", "price", "currency", "url", "condition"} <= offer.row.keys()


def _merely_shown(offer: Offer) -> bool:
    return "selector" in offer.price_path and offer.reason is not None

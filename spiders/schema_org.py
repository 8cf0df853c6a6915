"""Any shop that publishes schema.org data: JSON-LD, microdata or OpenGraph, one product to a page.

The base may be a product, a page that lists products, a sitemap (also an index, also .gz), or a site's front page; then
the sitemaps that robots.txt names are read, else /sitemap.xml, else the front page is taken for a list.

Traps: `@type` as a list, names in capitals, numbers and texts; a sign in `itemprop=price`; a range or a lowest price
is no price unless both ends are the same; JSON-LD with comments, control characters or a semicolon; two prices on one
page are not believed; stale JSON-LD beside a shown price; variants; "isbn:" in a productID; login walls, captchas and
empty shells; sitemaps and next pages without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from spiders.reader import Answer, Ask, Item, Note, Unreadable, Visit
from spiders.source import Source
from spiders.web.links import certain, is_front_page, looking_like_products, product_links, same_site
from spiders.web.offer import Offer
from spiders.web.page_reader import PageReader
from spiders.web.pages import Page
from spiders.web.paging import following
from spiders.web.sitemap import Sitemap, is_sitemap, read_sitemap, sitemap_address

SOURCE = Source(
    name="schema_org",
    title="Any shop that publishes schema.org data",
    records=("listing",),
    reader="spiders.schema_org:SchemaOrgReader",
    follows="https://schema.org/Product",
    licence_note="The shop's own terms hold; facts and prices only, and only what robots.txt allows",
    cadence=timedelta(days=1),
    fields={
        "id": "the item's number in the address, else its path",
        "title": "Product.name",
        "price": "Product.offers.price | priceSpecification.price | lowPrice where highPrice is the same",
        "currency": "Product.offers.priceCurrency",
        "list_price": "Product.offers.priceSpecification[priceType=ListPrice|StrikethroughPrice].price",
        "condition": "Product.offers.itemCondition",
        "kind": "sold where Product.offers.availability is SoldOut and the thing is used",
        "brand": "Product.brand.name",
        "category": "Product.category",
        "gtin": "Product.gtin13 | gtin | isbn | productID",
        "mpn": "Product.mpn",
        "seller": "Product.offers.seller.name",
        "place": "Product.offers.availableAtOrFrom.address",
        "url": "Product.offers.url | Product.url",
        "image": "Product.image",
        "description": "Product.description",
    },
)
# A sitemap is read before the pages it leads to, and among pages the one that was changed last.
_SITEMAPS_FIRST = 10.0
_MOST_SITEMAPS = 200
_DEEPEST_SITEMAP = 3
_MOST_LINKS = 100_000


class SchemaOrgReader(PageReader):
    """Reads products; finds them through sitemaps, lists and next pages."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit)
        # Only what keeps an endless site in bounds: after a crash counting begins anew, and nothing is lost.
        self._sitemaps = self._links = 0

    def parse(self, answer: Answer) -> Iterator[Item]:
        """The first answer: whatever the base turned out to be."""
        if is_front_page(answer.url):
            return self.front(answer)
        return self.sitemap(answer) if is_sitemap(answer) else self.listing(answer)

    def front(self, answer: Answer) -> Iterator[Item]:
        """A site's front page: the way to its products, by sitemap where there is one."""
        named: list[str] = getattr(self, "sitemaps", [])
        for link in dict.fromkeys(named) or [sitemap_address(answer.url)]:
            yield Ask(link, step="sitemap", told={"front": answer.url}, worth=_SITEMAPS_FIRST)

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """No sitemap after all: the front page is a list like any other."""
        return self._from_the_front(ask, why) if ask.step == "sitemap" and "front" in ask.told else None

    def _from_the_front(self, ask: Ask, why: str) -> Iterator[Item]:
        yield Note(f"{ask.url} cannot be read ({why}); links were followed from the front page")
        yield Ask(str(ask.told["front"]), step="listing", again="list")

    def sitemap(self, answer: Answer) -> Iterator[Item]:
        """A sitemap or an index of sitemaps (sitemaps.org 0.9), plain or compressed."""
        try:
            found = read_sitemap(answer, self.visit.now)
        except Unreadable as error:
            if "front" not in answer.ask.told:
                raise
            # Sites answer with a page of their own what they do not have.
            yield from self._from_the_front(answer.ask, str(error))
            return
        here = [place for place in found.places if same_site(place.link, self.visit.base)]
        if len(here) < len(found.places):
            yield Note(f"{len(found.places) - len(here)} addresses in {answer.url} are of other sites; none was asked")
        yield from self._inner(answer, Sitemap(here)) if found.index else self._pages(answer, Sitemap(here))

    def _inner(self, answer: Answer, index: Sitemap) -> Iterator[Item]:
        """The sitemaps of an index, the ones that were changed last first, and never without end."""
        depth = int(answer.ask.told.get("depth", 0)) + 1
        left = _MOST_SITEMAPS - self._sitemaps if depth <= _DEEPEST_SITEMAP else 0
        for place in index.places[:left]:
            self._sitemaps += 1
            yield Ask(place.link, step="sitemap", told={"depth": depth}, worth=_SITEMAPS_FIRST + place.worth)
        if len(index.places) > left:
            skipped = len(index.places) - left
            why = f"{_MOST_SITEMAPS} are read" if depth <= _DEEPEST_SITEMAP else "an index of indexes without end"
            yield Note(f"{skipped} of {len(index.places)} sitemaps in {answer.url} were not asked for: {why}")

    def _pages(self, answer: Answer, sitemap: Sitemap) -> Iterator[Item]:
        """The pages of a sitemap that look like products; all of them where none does."""
        links = [place.link for place in sitemap.places]
        products = set(looking_like_products(links) or links)
        if len(products) < len(links):
            others = len(links) - len(products)
            yield Note(f"{others} of {len(links)} addresses in {answer.url} do not look like products")
        wanted = [place for place in sitemap.places if place.link in products]
        left = _MOST_LINKS - self._links
        for place in wanted[:left]:
            self._links += 1
            yield Ask(place.link, step="product", worth=place.worth)
        if len(wanted) > left:
            yield Note(f"{len(wanted) - left} pages in {answer.url} were not asked for: {_MOST_LINKS} are kept in mind")

    def listing(self, answer: Answer) -> Iterator[Item]:
        """A page given or reached as a list: its products and its next page; a product after all is taken as one.

        What the list tells in full is read from it; only the pages of the others are visited.
        """
        page = self.page(answer)
        offers = self.offers(page)
        links = [] if _about_one(offers, page) else self._allowed(product_links(page))
        if not offers and not certain(links) and self.wall(answer, page):
            links = []
        full = {offer.row["url"] for offer in offers if _in_full(offer)}
        visits = [link for link in links if link not in full]
        kept = [o for o in offers if o.row.get("url") not in visits and not (links and _merely_shown(o))]
        yield from self.told(answer, page, kept, links)
        for link in visits:
            yield Ask(link, step="product")
        after = following(page, answer.ask.told, links) if links else None
        if isinstance(after, Note) or (after is not None and self._allowed([after.url])):
            yield after

    def product(self, answer: Answer) -> Iterator[Item]:
        page = self.page(answer)
        yield from self.told(answer, page, self.offers(page))

    def _allowed(self, links: list[str]) -> list[str]:
        """Those on the site of the visit: a saved page may say that it is another site's, and is not left for it."""
        return [link for link in links if same_site(link, self.visit.base)]


def _about_one(offers: list[Offer], page: Page) -> bool:
    """Whether a page's offers are of one thing: all at its own address, and not merely prices shown in a list."""
    here = _address(page.url)
    return {_address(o.row.get("url", here)) for o in offers} == {here} and not any(map(_merely_shown, offers))


def _address(url: str) -> str:
    return url.split("#")[0].split("?")[0].rstrip("/")


def _in_full(offer: Offer) -> bool:
    """Whether an offer in a list tells all that a value needs, so that its own page need not be asked for."""
    return offer.reason is None and {"title", "price", "currency", "url", "condition"} <= offer.row.keys()


def _merely_shown(offer: Offer) -> bool:
    return "selector" in offer.price_path and offer.reason is not None

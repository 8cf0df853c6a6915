"""Pages that a person saved in a browser and hands in: the way to read a market that only shows itself after a login.

A page is read as what it is: an item or a list of Facebook Marketplace, a page of Craigslist, else any page with
schema.org data. No link is followed. `katy import page` reads many of them (`spiders.web.import_pages`).

Traps: a listing is said in parts at several places of Facebook's scripts; a login wall is told as such; MHTML and web
archives beside plain pages; a saved page may have lost its address; free things, two prices and prices without a
currency are quarantined; of people nothing is taken but the seller's number, as a pseudonym.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from spiders.craigslist import is_craigslist, read_ads, read_posting
from spiders.reader import Answer, Item
from spiders.source import Source
from spiders.web.facebook import is_facebook, read_facebook
from spiders.web.offer import Offer
from spiders.web.page_offers import read_page
from spiders.web.page_reader import PageReader
from spiders.web.pages import Page
from spiders.web.saved import read_saved

SOURCE = Source(
    name="saved_pages",
    title="Pages that a person saved and hands in",
    records=("listing",),
    reader="spiders.saved_pages:SavedPageReader",
    follows="https://schema.org/Product",
    licence_note="A person's own copy of a page they were shown; facts and prices only. Katy logs in nowhere",
    cadence=timedelta(days=365),
    fields={
        "id": "the listing's number, else the page's address",
        "title": "Product.name | marketplace_listing_title",
        "price": "Product.offers.price | listing_price.amount",
        "currency": "Product.offers.priceCurrency | listing_price.currency",
        "list_price": "strikethrough_price.amount",
        "condition": "Product.offers.itemCondition | attribute_data[Condition].label",
        "kind": "sold where is_sold",
        "category": "Product.category | marketplace_listing_category_name",
        "seller": "Product.offers.seller.name | marketplace_listing_seller.id",
        "place": "Product.offers.availableAtOrFrom.address | location_text.text",
        "description": "Product.description | redacted_description.text",
        "attributes": "creation_time",
    },
    personal=("marketplace_listing_seller", "actors", "story_bucket", "seller_message", "messaging_thread"),
    target_note="no targets: one saved file is read",
)


class SavedPageReader(PageReader):
    """Reads one saved page, and nothing it leads to."""

    def parse(self, answer: Answer) -> Iterator[Item]:
        saved = read_saved(answer.body, PurePosixPath(urlsplit(answer.url).path).suffix.lower())
        page = saved.page(instead=answer.url if self.visit.saved else self.visit.base)
        yield from self.told(replace(answer, url=page.url), page, self.offers(page))

    def offers(self, page: Page) -> list[Offer]:
        if is_facebook(page):
            return read_facebook(page)
        if is_craigslist(page):
            return read_ads(page) or read_posting(page)
        return read_page(page)

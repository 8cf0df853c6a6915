"""What articles on eBay were sold for in the last 90 days, through its Marketplace Insights API.

A row is the last sale of an article: `lastSoldPrice` for one of it on `lastSoldDate`. An article of which several were
sold comes again with another date when the next one is.

Traps: a sale without its day is quarantined; an answer of the other interface (articles for sale) is named as such;
an article sold again comes again; else as in `ebay_browse`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from spiders.feeds.ebay_api import PERSONAL, SCOPE, TARGET_NOTE, EbayReader
from spiders.feeds.ebay_rows import common, money
from spiders.reader import Answer, Found, Item, Row, Unreadable
from spiders.source import Source
from warehouse.reading.urls import canonical

SOURCE = Source(
    name="ebay_sold",
    title="eBay: sold items (Marketplace Insights API)",
    records=("listing",),
    reader="spiders.ebay_sold:SoldReader",
    licence_note="eBay API License Agreement; a limited release, for applications that eBay has approved for it",
    follows="https://developer.ebay.com/api-docs/buy/marketplace-insights/resources/item_sales/methods/search",
    cadence=timedelta(days=1),
    fields={
        "title": "title",
        "id": "itemId",
        "kind": "sold",
        "price": "lastSoldPrice.value",
        "currency": "lastSoldPrice.currency",
        "observed_at, ended_at": "lastSoldDate",
        "condition": "condition; conditionId where the site does not speak English",
        "category": "categories[0].categoryName",
        "seller": "seller.username, as a pseudonym",
        "region": "itemLocation.country, and the state as the masked postalCode tells it",
        "url": "itemWebUrl",
    },
    base="https://api.ebay.com",
    api=True,
    keys=("ebay_client_id", "ebay_client_secret"),
    off="restricted access: eBay opens Marketplace Insights to approved applications; switch it on if yours is one",
    personal=PERSONAL,
    targets=("cordless drill", "bicycle", "laptop"),
    target_note=TARGET_NOTE.partition('; "details:"')[0],
    search=True,
    needs_target=True,
)


class SoldReader(EbayReader):
    """Sold prices."""

    search = "buy/marketplace_insights/v1_beta/item_sales/search"
    scope = f"{SCOPE}/buy.marketplace.insights"
    listed = "itemSales"

    def rows(self, articles: list[dict[str, Any]], answer: Answer) -> Iterator[Item]:
        for one in articles:
            yield self._found(one)

    def item(self, answer: Answer) -> Iterator[Item]:
        raise Unreadable("it is an article for sale, not a list of sales; ebay_browse reads it")
        yield

    def _found(self, said: dict[str, Any]) -> Found:
        sold: Row = {name: text for name, text in common(said, self.site).items() if name != "created_at"}
        sold |= money(said.get("lastSoldPrice")) | {"kind": "sold"}
        if said.get("totalSoldQuantity") is not None:
            sold["total_sold"] = str(said["totalSoldQuantity"])
        if said.get("bidCount") is not None:
            sold["bids"] = str(said["bidCount"])
        # Blank where it is missing: a sale without its day is not believed.
        sold["observed_at"] = sold["ended_at"] = str(said.get("lastSoldDate") or "")
        return Found("listing", sold, "lastSoldPrice.value", found_at=canonical(sold.get("url", "")))

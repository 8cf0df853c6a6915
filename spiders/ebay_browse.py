"""eBay's active listings through its Browse API: searches page by page, and single items where more is wanted.

A listing's price is what its seller asks. A bid in an auction is not: auctions without a buy-it-now price are counted
and left out. Where eBay has converted a price for the marketplace asked, the converted price is the one a buyer there
sees; what the seller wrote stands beside it as `converted_from`.

Traps: auctions (a bid is no price); converted prices; an original price may be a markdown or a list price; titles
with scripts and addresses that begin with javascript:; masked postal codes; "Does not apply" as a code; conditions in
the site's language; errors inside an answer; an article that has ended between search and look-up; nothing beyond
offset 10,000; pages that repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from spiders.feeds.ebay_api import PERSONAL, TARGET_NOTE, EbayReader, asked, checked, several
from spiders.feeds.ebay_rows import common, money
from spiders.reader import Answer, Ask, Found, Item, Note, Unreadable, Visit
from spiders.source import Source
from warehouse.reading.urls import canonical

SOURCE = Source(
    name="ebay_browse",
    title="eBay: active listings (Browse API)",
    records=("listing",),
    reader="spiders.ebay_browse:BrowseReader",
    licence_note="eBay API License Agreement: an application's keys are needed; 5,000 calls a day; data are shown with "
    "eBay as their source and not kept longer than needed",
    follows="https://developer.ebay.com/api-docs/buy/browse/resources/item_summary/methods/search",
    cadence=timedelta(hours=12),
    fields={
        "title": "title",
        "kind": "asking, always",
        "id": "itemId",
        "price": "price.value",
        "currency": "price.currency",
        "list_price": "marketingPrice.originalPrice.value (not where priceTreatment is MARKDOWN)",
        "condition": "condition; conditionId where the site does not speak English",
        "category": "categories[0].categoryName",
        "brand, gtin, mpn": "item: brand, gtin, mpn, or localizedAspects[]",
        "quantity": "item: lotSize",
        "seller": "seller.username, as a pseudonym",
        "region": "itemLocation.country, and the state as the masked postalCode tells it",
        "url": "itemWebUrl",
        "ended_at": "itemEndDate",
    },
    base="https://api.ebay.com",
    api=True,
    keys=("ebay_client_id", "ebay_client_secret"),
    personal=PERSONAL,
    targets=("cordless drill", "bicycle", "laptop"),
    target_note=TARGET_NOTE,
    search=True,
    needs_target=True,
)


class BrowseReader(EbayReader):
    """Asking prices."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit)
        # Rows whose details are being asked for. They hold persons, and so are not told with the ask.
        self._waiting: dict[str, Found] = {}

    def rows(self, articles: list[dict[str, Any]], answer: Answer) -> Iterator[Item]:
        target = str(answer.ask.told.get("target", ""))
        details = asked(target)[1]
        bids = 0
        for one in articles:
            if only_bids(one):
                bids += 1
                continue
            found = self._found(one)
            own = found.row.get("id")
            if details and own and not {"brand", "gtin"} <= set(found.row):
                self._waiting[own] = found
                yield self._item(own, -float(answer.ask.told["offset"]) - 0.5)
            else:
                yield found
        if bids:
            yield Note(f"{bids} auctions without a buy-it-now price: a bid is no asking price")

    def item(self, answer: Answer) -> Iterator[Item]:
        said = checked(answer.json())
        if "itemId" not in said:
            raise Unreadable(f"it is no article; its fields are {', '.join(list(said)[:8]) or 'none'}")
        self._waiting.pop(str(answer.ask.told.get("id")), None)
        if only_bids(said):
            yield Note("1 auction without a buy-it-now price: a bid is no asking price")
        else:
            yield self._found(said)

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """What the search said of an article stands, also where it has no page of its own any more."""
        found = self._waiting.pop(str(ask.told.get("id")), None) if ask.step == "item" else None
        if found is None:
            return None
        note = Note(f"details of {found.row['id']} were not to be had ({why}); the search's row stands")
        return iter((found, note))

    def _found(self, said: dict[str, Any]) -> Found:
        row = common(said, self.site) | money(said.get("price"))
        before: Any = said.get("marketingPrice")
        before = before if isinstance(before, dict) else {}
        original = money(before.get("originalPrice"))
        if original and original.get("currency") == row.get("currency"):
            # A markdown is from what the seller asked before; else it is the list price.
            marked = before.get("priceTreatment") in {"MARKDOWN", "MARKED_DOWN"}
            row["marked_down_from" if marked else "list_price"] = original.get("price", "")
        return Found("listing", row, "price.value", found_at=canonical(row.get("url", "")))


def only_bids(said: Mapping[str, Any]) -> bool:
    """Whether an article can only be bid for: its price is no asking price, and says little of what it will bring."""
    options = {str(one) for one in several(said.get("buyingOptions"))}
    return "AUCTION" in options and "FIXED_PRICE" not in options

"""Shops' offers and recorded prices of articles by GTIN, from UPCitemdb.

Each shop's offer is a listing of the day the shop was last seen (`updated_t`), new or used as it says, with the shop's
own list price. The lowest and highest price ever recorded are a series each; they say what was seen, not what is asked.

Traps: EAN and UPC of one article differ by a zero; 0 for no price; a blank currency; a code other than OK with status
200; an unknown article is 404 or an empty list; numbers with a wrong check digit are not asked for; the day's
requests may be used up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from spiders.feeds.gtins import gtins, refused
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Row, Unreadable, texts, with_headers
from spiders.source import Source
from warehouse.reading.gtin import read_gtin
from warehouse.reading.urls import canonical
from warehouse.reading.words import clean_text

SOURCE = Source(
    name="upcitemdb",
    title="UPCitemdb: shops' offers and recorded prices by GTIN",
    records=("listing", "price_series"),
    reader="spiders.upcitemdb:UpcItemDbReader",
    licence_note="UPCitemdb terms of service; the free trial answers 100 requests a day, 6 a minute; a plan's key more",
    follows="https://www.upcitemdb.com/wp/docs/main/development/responses/",
    cadence=timedelta(days=7),
    fields={
        "listing: kind": "asking, always",
        "price_series: series": "the GTIN, /lowest or /highest",
        "price_series: period, days": "the day of the visit, 1",
        "price_series: statistic": "lowest recorded, highest recorded",
        "listing: id": "items[].ean # offers[].domain, offers[].condition",
        "listing: price, list_price": "offers[].price, offers[].list_price",
        "listing: currency": "offers[].currency; blank means USD",
        "listing: observed_at": "offers[].updated_t",
        "listing: seller": "offers[].merchant, as a pseudonym",
        "price_series: value": "items[].lowest_recorded_price, items[].highest_recorded_price; 0 is none",
        "title, brand, category, mpn": "items[].title, brand, category, model",
        "gtin": "items[].ean or upc",
        "image": "items[].images[0]",
    },
    base="https://api.upcitemdb.com",
    currency="USD",
    api=True,
    delay=10.0,
    optional_keys=("upcitemdb_key",),
    targets=("0885911473170",),
    target_note="a GTIN: EAN, UPC or ISBN, with its check digit",
    needs_target=True,
)
_RECORDED = {"lowest_recorded_price": "lowest", "highest_recorded_price": "highest"}


class UpcItemDbReader(Reader):
    """One look-up for each GTIN."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved:
            yield Ask(self.visit.base)
            return
        for code, told in gtins(self.visit.targets):
            yield Ask(self.at("prod/trial/lookup", upc=code), told=told)

    def sign(self, ask: Ask) -> Ask:
        """With a plan's key the same is asked beside the trial."""
        key = self.visit.keys.get("upcitemdb_key")
        if not key:
            return ask
        paid = replace(ask, url=ask.url.replace("/prod/trial/", "/prod/v1/", 1))
        return with_headers(paid, user_key=key, key_type="3scale")

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """An article that is not known is answered with 404 or an empty list."""
        if status != 404:
            return None
        return iter([*refused(ask.told), Note(f"{ask.told.get('gtin')} is not known to UPCitemdb")])

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        if not isinstance(said, dict):
            raise Unreadable("it is no JSON object")
        code = said.get("code")
        if code not in (None, "OK", "NOT_FOUND"):
            raise Unreadable(f"UPCitemdb answers {code}: {said.get('message') or 'no message'}")
        items = said.get("items", [] if code == "NOT_FOUND" else None)
        if not isinstance(items, list):
            raise Unreadable(f"it has no items; its fields are {', '.join(list(said)[:5]) or 'none'}")
        yield from refused(answer.ask.told)
        if not items:
            yield Note(f"{answer.ask.told.get('gtin') or 'the article'} is not known to UPCitemdb")
        for item in items:
            if isinstance(item, dict):
                yield from self._article(item)
            else:
                yield Note(f"an entry of the items is none: {str(item)[:60]}")
        if answer.headers.get("x-ratelimit-remaining") == "0":
            yield Note(f"the day's requests are used up until {_moment(answer.headers.get('x-ratelimit-reset'))}")

    def _article(self, item: dict[str, Any]) -> Iterator[Item]:
        # Two GTINs of one article differ by a leading zero; the one that checks is its name.
        code = next(filter(None, (read_gtin(str(item.get(name) or "")) for name in ("ean", "upc", "gtin"))), None)
        shared = self._shared(item, code)
        holes = [words for field, words in _RECORDED.items() if _nothing(item.get(field))]
        for field, words in _RECORDED.items():
            if words not in holes:
                yield self._recorded(item, shared, field, words)
        if holes:
            yield Note(f"{code}: no {' and no '.join(holes)} recorded price")
        offers = item.get("offers")
        for offer in offers if isinstance(offers, list) else []:
            if isinstance(offer, dict):
                yield self._offer(offer, shared)

    def _shared(self, item: dict[str, Any], code: str | None) -> Row:
        images = item.get("images")
        return texts(
            title=item.get("title"),
            brand=item.get("brand"),
            category=item.get("category"),
            gtin=code,
            mpn=item.get("model"),
            image=images[0] if isinstance(images, list) and images else None,
            description=clean_text(str(item.get("description") or "")),
            **{name: item.get(name) for name in ("color", "size", "dimension", "weight", "asin")},
        )

    def _recorded(self, item: dict[str, Any], shared: Row, field: str, words: str) -> Found:
        row = {name: text for name, text in shared.items() if name not in {"image", "description"}}
        row |= texts(
            series=f"{shared.get('gtin') or item.get('elid') or ''}/{words}",
            title=f"{shared.get('title') or shared.get('gtin')}, {words} price recorded",
            period=self.visit.now.date().isoformat(),
            days=1,
            value=item.get(field),
            currency=item.get("currency") or "USD",
            # Of all the time it was watched: no minimum of the day.
            statistic=f"{words} recorded",
        )
        reason, message = _of_no_article(shared)
        at = None if reason else f"https://www.upcitemdb.com/upc/{shared['gtin']}"
        return Found("price_series", row, reason=reason, message=message, found_at=at)

    def _offer(self, offer: dict[str, Any], shared: Row) -> Found:
        shop = offer.get("domain") or offer.get("merchant")
        own = "/".join(str(part) for part in (shop, offer.get("condition")) if part)
        row = shared | texts(
            id=f"{shared.get('gtin', '')}#{own}",
            kind="asking",
            title=offer.get("title") or shared.get("title"),
            price=offer.get("price"),
            currency=offer.get("currency") or "USD",
            list_price=None if _nothing(offer.get("list_price")) else offer.get("list_price"),
            condition=offer.get("condition"),
            seller=offer.get("merchant"),
            url=offer.get("link"),
            availability=offer.get("availability"),
            shipping=offer.get("shipping"),
        )
        if str(offer.get("updated_t") or "0") != "0":
            row["observed_at"] = _moment(offer["updated_t"])
        reason, message = _of_no_article(shared)
        return Found("listing", row, "offers[].price", reason, message, canonical(row.get("url", "")))


def _of_no_article(shared: Row) -> tuple[str | None, str]:
    """Why a row is not believed to be of any article; nothing where its GTIN is right."""
    return (None, "") if "gtin" in shared else ("bad_gtin", "neither ean nor upc has a right check digit")


def _moment(epoch: Any) -> str:
    """Seconds since 1970 as ISO 8601; what is no such number stays as it is, to be refused with its row."""
    try:
        return datetime.fromtimestamp(int(str(epoch)), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return str(epoch)


def _nothing(price: Any) -> bool:
    """Whether no price is recorded: missing, blank or 0."""
    try:
        return price is None or not str(price).strip() or Decimal(str(price)) == 0
    except InvalidOperation:
        return False

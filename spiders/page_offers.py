"""Which offers a page makes, once its syntaxes have been compared.

JSON-LD is asked first, then microdata, then OpenGraph, then what the page shows. The first with a price gives the rows;
the others fill in what it leaves out and must not contradict it: a page that says two prices is not believed.
"""

from __future__ import annotations

import re
from decimal import Decimal

from spiders.pages import Page, heading, shown_prices
from spiders.products import Offer, Row, read_product
from warehouse.reading.price import read_price

SYNTAXES = ("jsonld", "microdata", "opengraph")


def read_page(page: Page, *, prefix: str = "") -> list[Offer]:
    """The offers of a page, in document order. `prefix` begins every price path ("rendered " after JavaScript).

    Where the page is about one product, that is the only one; where it lists several, each has its own URL.
    An empty list means that the page offers nothing; an offer without a price says that one was expected.
    """
    by_syntax = {
        syntax: _main([o for p in page.products(syntax) for o in read_product(p, syntax, page.url)], page)
        for syntax in SYNTAXES
    }
    priced = [syntax for syntax in SYNTAXES if any("price" in offer.row for offer in by_syntax[syntax])]
    known = [offers[0].row for offers in by_syntax.values() if len(offers) == 1]
    if not priced:
        offers = _from_what_is_shown(page, known)
    else:
        offers = list(by_syntax[priced[0]])
        if len(offers) == 1:
            rivals = [by_syntax[syntax][0] for syntax in priced[1:] if len(by_syntax[syntax]) == 1]
            offers = [_completed(_agreed(offers[0], rivals, page), known, page)]
    return [_prefixed(offer, prefix) for offer in offers]


def _main(offers: list[Offer], page: Page) -> list[Offer]:
    """The offers of the product the page is about, where one of several has the page's address; else all."""
    distinct = list(
        {(o.row.get("url"), o.row.get("variant"), o.row.get("title"), o.row.get("price")): o for o in offers}.values()
    )
    here = [offer for offer in distinct if _same_page(offer.row.get("url"), page.url)]
    without_address = [offer for offer in distinct if "url" not in offer.row]
    if not here and len(without_address) == 1:
        here = without_address
    return here if here and len(distinct) > len(here) else distinct


def _same_page(link: str | None, url: str) -> bool:
    return link is not None and link.split("#")[0].split("?")[0].rstrip("/") == url.split("#")[0].split("?")[0].rstrip(
        "/"
    )


def _agreed(offer: Offer, rivals: list[Offer], page: Page) -> Offer:
    """The offer, or the same as ambiguous where another part of the page names another price for it."""
    if offer.reason:
        return offer
    own = _amount(offer.row.get("price", ""), offer.row.get("currency"))
    for rival in rivals:
        other = _amount(rival.row.get("price", ""), rival.row.get("currency"))
        if own is not None and (rival.reason or (other is not None and other != own)):
            return _ambiguous(
                offer, f"{offer.price_path} says {offer.row['price']}, {rival.price_path} says {rival.row['price']}"
            )
    shown = shown_prices(page)
    if own is not None and shown and not any(_says(text, own, offer) for text in shown):
        amounts = {_amount(text, offer.row.get("currency")) for text in shown}
        if len(amounts) == 1 and None not in amounts:
            return _ambiguous(offer, f"{offer.price_path} says {offer.row['price']}, the page shows {shown[0]}")
    return offer


def _ambiguous(offer: Offer, message: str) -> Offer:
    return Offer(offer.row, offer.price_path, "ambiguous_price", message)


def _amount(text: str, currency: str | None) -> Decimal | None:
    read = read_price(text, currency)
    return None if read is None or read.upper is not None else read.amount


def _says(shown: str, amount: Decimal, offer: Offer) -> bool:
    """Whether a shown text is the amount, also where cents are set apart without a mark ("$19" and a raised "99")."""
    if _amount(shown, offer.row.get("currency")) == amount:
        return True
    digits = re.sub(r"\D", "", shown)
    return bool(digits) and digits in {re.sub(r"\D", "", f"{amount:.2f}"), re.sub(r"\D", "", f"{amount:f}")}


def _from_what_is_shown(page: Page, known: list[Row]) -> list[Offer]:
    """The last resort: one price shown beside one heading. Several shown prices are ambiguous.

    A page without a product node and without a single h1 is no product page: nothing is read from it.
    """
    if not known and len(page.tree.xpath("//h1")) != 1:
        return []
    row: Row = {}
    for syntax_row in known:
        row = {**syntax_row, **row}
    title = row.get("title") or heading(page)
    shown = shown_prices(page)
    if not title or not (shown or known):
        return []
    row = {**row, "title": title, "url": row.get("url", page.url)}
    if not shown:
        return [Offer(row, "")]
    row["price"] = shown[0]
    offer = Offer(row, "selector [class*=price]")
    amounts = {_amount(text, None) for text in shown}
    if len(amounts) > 1:
        offer.row["price"] = " | ".join(shown)
        return [_ambiguous(offer, f"the page shows {len(amounts)} prices: {', '.join(shown[:5])}")]
    return [offer]


def _completed(offer: Offer, known: list[Row], page: Page) -> Offer:
    """What the other syntaxes know and this one leaves out; the page's own address where none is given."""
    row = dict(offer.row)
    for other in known:
        for key, value in other.items():
            # The kind and the end of an offer belong to the offer that was read.
            if key not in {"price", "list_price", "kind", "ended_at", "variant"}:
                row.setdefault(key, value)
    title = row.get("title") or heading(page)
    if title:
        row["title"] = title
    row.setdefault("url", page.url)
    return Offer(row, offer.price_path, offer.reason, offer.message)


def _prefixed(offer: Offer, prefix: str) -> Offer:
    return Offer(offer.row, f"{prefix}{offer.price_path}", offer.reason, offer.message) if prefix else offer

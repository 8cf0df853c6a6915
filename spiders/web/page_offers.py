"""Which offers a page makes, once its syntaxes have been compared.

JSON-LD is asked first, then microdata, then OpenGraph, then what the page shows. The first with a price gives the rows;
the others fill in what it leaves out and must not contradict it: a page that says two prices is not believed.
"""

from __future__ import annotations

import re
from decimal import Decimal

from spiders.web.jsonld import types
from spiders.web.offer import Offer, Row
from spiders.web.pages import SYNTAXES, Page
from spiders.web.products import read_product
from spiders.web.shown import Shown, shown_prices
from spiders.web.variants import told_apart
from warehouse.reading.currency import read_currency
from warehouse.reading.price import PriceRead, read_price

_SHOWN = "selector [class*=price]"
_RAISED_CENTS = re.compile(r"(\D*\d[\d.,]*) (\d\d)(\D*)")
# The kind and the end of an offer belong to the offer that was read, and so do its prices.
_OWN = frozenset({"price", "list_price", "kind", "ended_at", "variant"})


def read_page(page: Page, *, prefix: str = "") -> list[Offer]:
    """The offers of a page, in document order. `prefix` begins every price path ("rendered " after JavaScript).

    Where the page is about one product, that is the only one; where it lists several, each has its own URL.
    An empty list means that the page offers nothing; an offer without a price says that one was expected.
    """
    by_syntax = {syntax: _read(page, syntax) for syntax in SYNTAXES}
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


def drifted(page: Page, offers: list[Offer]) -> str | None:
    """In words, where a page describes its product to machines without the price, and it was read from a lower path.

    So it is when a shop's markup has changed: the price is still read, and somebody should know.
    """
    paths = [offer.price_path.removeprefix("rendered ").split()[0] for offer in offers if offer.price_path]
    if not paths:
        return None
    used = min((SYNTAXES.index(path) if path in SYNTAXES else len(SYNTAXES)) for path in paths)
    silent = [syntax for syntax in SYNTAXES[:used] if page.products(syntax)]
    return f"{silent[0]} names the product without a price; it was read from {paths[0]}" if silent else None


def _read(page: Page, syntax: str) -> list[Offer]:
    """The offers of all products in one syntax; a group whose variants have pages of their own offers nothing."""
    products = page.products(syntax)
    offers: list[Offer] = []
    groups: list[Offer] = []
    for product in products:
        group = "productgroup" in types(product) and not product.get("offers")
        (groups if group else offers).extend(read_product(product, syntax, page.base))
    found = [*(one for one in groups if "price" in one.row or not offers), *offers]
    if len(products) == 1 and len(found) > 1 and not any("url" in one.row for one in found):
        return told_apart([_with_row(one, _addressed(one.row, page)) for one in found])
    return _main(found, page)


def _with_row(offer: Offer, row: Row) -> Offer:
    return Offer(row, offer.price_path, offer.reason, offer.message)


def _main(offers: list[Offer], page: Page) -> list[Offer]:
    """The offers of the product the page is about, where one of several has the page's address; else all."""
    if len(offers) < 2:
        return offers
    distinct = list(
        {(o.row.get("url"), o.row.get("variant"), o.row.get("title"), o.row.get("price")): o for o in offers}.values()
    )
    here = [offer for offer in distinct if _same_page(offer.row.get("url"), page.url)]
    without_address = [offer for offer in distinct if "url" not in offer.row]
    if not here and len(without_address) == 1:
        here = without_address
    return here if here and len(distinct) > len(here) else distinct


def _same_page(link: str | None, url: str) -> bool:
    return link is not None and _address(link) == _address(url)


def _address(url: str) -> str:
    return url.split("#")[0].split("?")[0].rstrip("/")


def _agreed(offer: Offer, rivals: list[Offer], page: Page) -> Offer:
    """The offer, or the same as ambiguous where another part of the page names another price for it."""
    own = None if offer.reason else _read_amount(offer.row.get("price", ""), offer.row.get("currency"))
    if own is None:
        return offer
    for rival in rivals:
        other = _read_amount(rival.row.get("price", ""), rival.row.get("currency"))
        if rival.reason or (other is not None and _differ(own, other)):
            return _ambiguous(offer, f"{offer.price_path} says {_said(offer)}, {rival.price_path} says {_said(rival)}")
    rival_shown = _contradicting(shown_prices(page), own)
    if rival_shown is not None:
        return _ambiguous(offer, f"{offer.price_path} says {_said(offer)}, the page shows {rival_shown}")
    return offer


def _said(offer: Offer) -> str:
    return f"{offer.row.get('price', '')} {offer.row.get('currency', '')}".strip()


def _contradicting(shown: list[Shown], own: PriceRead) -> str | None:
    """The price a person sees instead of the one that is told to machines, if the page clearly shows another one."""
    read = [(one, amount) for one in shown if (amount := _shown_amount(one.text, own.currency)) is not None]
    differing = [one for one, amount in read if _differ(own, amount)]
    agreeing = [one for one, amount in read if not _differ(own, amount)]
    if any(one.now for one in differing) and not any(one.now for one in agreeing):
        return next(one.text for one in differing if one.now)
    unread = len(read) < len(shown)
    if agreeing or not differing or unread:
        return None
    amounts = {amount.amount for _, amount in read}
    return differing[0].text if len(amounts) == 1 else None


def _shown_amount(text: str, hint: str | None) -> PriceRead | None:
    """A shown price, also where cents are set apart without a mark ("$19" and a raised "99")."""
    raised = _RAISED_CENTS.fullmatch(text)
    return _read_amount(f"{raised[1]}.{raised[2]}{raised[3]}" if raised else text, hint)


def _differ(one: PriceRead, other: PriceRead) -> bool:
    """Whether two prices are two: compared as decimals, and in their currencies where both are known."""
    return one.amount != other.amount or bool(one.currency and other.currency and one.currency != other.currency)


def _ambiguous(offer: Offer, message: str) -> Offer:
    return Offer(offer.row, offer.price_path, "ambiguous_price", message)


def _read_amount(text: str, currency: str | None) -> PriceRead | None:
    """One exact amount, in the stated currency where the text names none."""
    read = read_price(text, currency) if text else None
    if read is None or read.upper is not None or read.why:
        return None
    stated = read_currency(currency) if currency and not read.currency else None
    return PriceRead(read.amount, stated) if stated else read


def _from_what_is_shown(page: Page, known: list[Row]) -> list[Offer]:
    """The last resort: one price shown beside one heading. Several shown prices are ambiguous.

    A page without a product node and without a single h1 is no product page: nothing is read from it.
    """
    if not known and len(page.headings) != 1:
        return []
    row: Row = {}
    for syntax_row in known:
        row = {**syntax_row, **row}
    title = row.get("title") or page.heading
    shown = [one.text for one in shown_prices(page)] if title else []
    if not title or not (shown or known):
        return []
    row = _addressed({**row, "title": title}, page)
    if not shown:
        return [Offer(row, "")]
    row["price"] = shown[0]
    amounts = {_amount(text) for text in shown}
    if len(amounts) > 1:
        message = f"the page shows {len(amounts)} prices: {', '.join(shown[:5])}"
        return [_ambiguous(Offer({**row, "price": " | ".join(shown)}, _SHOWN), message)]
    return [Offer(row, _SHOWN)]


def _amount(text: str) -> Decimal | None:
    read = _shown_amount(text, None)
    return read.amount if read else None


def _completed(offer: Offer, known: list[Row], page: Page) -> Offer:
    """What the other syntaxes know and this one leaves out; the page's own address where none is given."""
    row = dict(offer.row)
    for other in known:
        for key, value in other.items():
            if key not in _OWN:
                row.setdefault(key, value)
    title = row.get("title") or page.heading
    if title:
        row["title"] = title
    return _with_row(offer, _addressed(row, page))


def _addressed(row: Row, page: Page) -> Row:
    """The row with the page's own address where it has none. The place of a saved file is nobody's business."""
    return row if "url" in row or page.url.startswith("file:") else {**row, "url": page.url}


def _prefixed(offer: Offer, prefix: str) -> Offer:
    return Offer(offer.row, f"{prefix}{offer.price_path}", offer.reason, offer.message) if prefix else offer

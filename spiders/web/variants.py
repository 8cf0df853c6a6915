"""One product, several offers: variants that are listings of their own, or two prices for one thing."""

from __future__ import annotations

from urllib.parse import urlsplit

from spiders.web.offer import Offer
from warehouse.reading.price import read_price
from warehouse.reading.urls import canonical

# What makes two offers of one product two listings.
_TELLING = ("url", "sku", "gtin", "mpn", "condition", "seller", "size", "color", "title")
# What may stand in the id of a listing: not its seller, who is a person.
_NAMING = tuple(name for name in _TELLING if name not in {"url", "seller"})


def told_apart(offers: list[Offer]) -> list[Offer]:
    """Several offers of one product are several listings only where something but the price tells them apart.

    Otherwise the page names two prices for one thing, and none of them is believed. Offers that lead to the same page
    get what tells them apart as `variant`, which becomes part of their id.
    """
    priced = [offer for offer in offers if offer.row.get("price")]
    if len(priced) < 2:
        return priced or offers[:1]
    groups: dict[tuple[str | None, ...], list[Offer]] = {}
    for offer in priced:
        groups.setdefault(tuple(offer.row.get(key) for key in _TELLING), []).append(offer)
    distinct = [_one_price(group) for group in groups.values()]
    by_page: dict[str, list[Offer]] = {}
    for offer in distinct:
        by_page.setdefault(_page(offer), []).append(offer)
    named = {id(offer): one for group in by_page.values() for offer, one in zip(group, _named(group), strict=True)}
    return [named[id(offer)] for offer in distinct]


def same_numbers(texts: list[str]) -> bool:
    """Whether some price texts say one amount: 2879.2 and "$2,879.20" do."""
    read = [read_price(one) for one in texts]
    return None not in read and len({one.amount for one in read if one}) == 1


def _one_price(group: list[Offer]) -> Offer:
    first = group[0]
    prices = list(dict.fromkeys(f"{o.row['price']} {o.row.get('currency', '')}".strip() for o in group))
    one_currency = len({o.row.get("currency") for o in group}) == 1
    if len(prices) == 1 or (one_currency and same_numbers([o.row["price"] for o in group])):
        return first
    message = f"{first.price_path}: {len(prices)} prices for one thing ({', '.join(prices[:5])})"
    return Offer({**first.row, "price": " | ".join(prices)}, first.price_path, "ambiguous_price", message)


def _page(offer: Offer) -> str:
    """Where an offer leads: "?variant=2" is the same page as "?variant=1", and an id is made of the page."""
    url = offer.row.get("url", "")
    return canonical(url) or url


def _named(offers: list[Offer]) -> list[Offer]:
    """Offers of one page, each with the `variant` that names it.

    Where only the seller tells them apart, they are left without an address: then they are named by a hash in which the
    seller stands as a pseudonym.
    """
    if len(offers) < 2:
        return offers
    for names in (*([name] for name in _NAMING), list(_NAMING)):
        own = [" ".join(filter(None, (offer.row.get(name) for name in names))) for offer in offers]
        if len(set(own)) == len(offers) and all(own):
            return [_with(offer, {"variant": one}) for offer, one in zip(offers, own, strict=True)]
    queries = [urlsplit(offer.row.get("url", "")).query for offer in offers]
    if len(set(queries)) == len(offers):
        return [_with(offer, {"variant": one} if one else {}) for offer, one in zip(offers, queries, strict=True)]
    return [Offer({k: v for k, v in o.row.items() if k != "url"}, o.price_path, o.reason, o.message) for o in offers]


def _with(offer: Offer, more: dict[str, str]) -> Offer:
    return Offer({**offer.row, **more}, offer.price_path, offer.reason, offer.message)

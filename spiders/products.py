"""From a product node to rows of texts: one for each offer that stands for itself.

A row has Katy's field names as keys (and attributes beside them) and the page's own words as values: nothing is
converted here. Microdata and OpenGraph come in the shape of JSON-LD, so that one reading does for all three.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from spiders.jsonld import Node, bare, listed, text, types
from warehouse.reading.price import read_price

Row = dict[str, str]

_GTINS = ("gtin", "gtin14", "gtin13", "gtin12", "gtin8", "isbn")
_ATTRIBUTES = (
    "color",
    "size",
    "material",
    "pattern",
    "sku",
    "weight",
    "width",
    "height",
    "depth",
    "releasedate",
    "productiondate",
)
_VEHICLE = ("mileagefromodometer", "vehiclemodeldate", "fueltype", "vehicletransmission")
_NAMES = frozenset(
    "id title price currency list_price kind condition category brand gtin mpn quantity unit seller region place url "
    "image description observed_at ended_at availability variant latitude longitude".split()
)
# schema.org's ItemAvailability values that mean: it has been sold.
_SOLD = frozenset({"soldout"})
_USED = frozenset({"usedcondition", "refurbishedcondition", "damagedcondition", "used", "refurbished"})
# What makes two offers of one product two listings.
_TELLING = ("url", "sku", "gtin", "condition", "seller", "size", "color", "title")
_LIST_PRICES = frozenset({"listprice", "strikethroughprice", "msrp", "srp", "regularprice"})


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer of a product: its row, the price's place on the page, and what is wrong with the price, if anything."""

    row: Row
    price_path: str
    reason: str | None = None
    message: str = ""


@dataclass(slots=True)
class _Price:
    amount: str | None = None
    currency: str | None = None
    listed_at: str | None = None
    path: str = ""
    upper: str | None = None
    others: list[str] = field(default_factory=list)


def read_product(product: Node, syntax: str, url: str) -> list[Offer]:
    """The offers of a product; one without a price where it has none. `syntax` begins every price path."""
    inherited = _product_row(product, url)
    variants = [v for v in listed(product.get("hasvariant")) if isinstance(v, dict)]
    if variants and "offers" not in product:
        found = [o for variant in variants for o in read_product({**_parent(product), **variant}, syntax, url)]
        return _told_apart(found)
    offers = [node for node in listed(product.get("offers")) if isinstance(node, dict)]
    single = [inner for offer in offers for inner in _unfold(offer)]
    if not single:
        return [Offer(inherited, "")] if "name" in product else []
    found = []
    for place, offer in enumerate(single):
        step = f"offers[{place}]" if len(single) > 1 else "offers"
        found.append(_read_offer(offer, inherited, f"{syntax} {step}", url))
    return _told_apart(found)


def _parent(group: Node) -> Node:
    """What a variant takes over from its group where it says nothing itself."""
    return {
        k: v
        for k, v in group.items()
        if k not in {"hasvariant", "@type", "@id", "productgroupid", "sku", "offers", "url"}
    }


def _unfold(offer: Node) -> list[Node]:
    """An AggregateOffer that lists its offers is those; one without is a range."""
    inner = [node for node in listed(offer.get("offers")) if isinstance(node, dict)]
    if inner and "aggregateoffer" in types(offer) | {"aggregateoffer" if "lowprice" in offer else ""}:
        shared: Node = {k: offer[k] for k in ("pricecurrency", "seller") if k in offer}
        return [{**shared, **node} for node in inner]
    return [offer]


def _read_offer(offer: Node, inherited: Row, path: str, url: str) -> Offer:
    row = dict(inherited)
    price = _price(offer, path)
    _put(row, "price", price.amount)
    _put(row, "currency", price.currency)
    _put(row, "list_price", price.listed_at)
    _put(row, "url", _link(offer.get("url"), url) or row.get("url"))
    _put(row, "condition", _last(offer.get("itemcondition")) or row.get("condition"))
    _put(row, "seller", text(offer.get("seller")) or text(offer.get("offeredby")))
    _put(row, "sku", text(offer.get("sku")) or row.get("sku"))
    _place(row, offer.get("availableatorfrom") or offer.get("areaserved"))
    available = _last(offer.get("availability"))
    _put(row, "availability", available)
    # A used thing is one of a kind: sold out means sold. A new article sold out is one that may come again.
    if available and bare(available) in _SOLD and bare(row.get("condition", "")) in _USED:
        row["kind"] = "sold"
        _put(row, "ended_at", text(offer.get("availabilityends")) or text(offer.get("validthrough")))
    if price.upper is not None and price.upper != price.amount:
        row["price"] = f"{price.amount} - {price.upper}"
        return Offer(row, price.path, "ambiguous_price", f"{price.path}: the page gives a range, {row['price']}")
    if price.others and not _same_numbers([price.amount or "", *price.others]):
        row["price"] = " | ".join([price.amount or "", *price.others])
        return Offer(row, price.path, "ambiguous_price", f"{price.path}: the offer names {row['price']}")
    return Offer(row, price.path)


def _same_numbers(texts: list[str]) -> bool:
    """Whether some price texts say one amount: 2879.2 and "$2,879.20" do."""
    read = [read_price(one) for one in texts]
    return None not in read and len({one.amount for one in read if one}) == 1


def _price(offer: Node, path: str) -> _Price:
    """The offer's price from wherever schema.org lets it stand; list prices are kept apart."""
    found = _Price(amount=text(offer.get("price")), currency=text(offer.get("pricecurrency")), path=f"{path}.price")
    found.listed_at = text(offer.get("listprice"))
    for part in listed(offer.get("pricespecification")):
        # A price per kilogram stands beside the price; it is not another one.
        if isinstance(part, dict) and "referencequantity" not in part:
            _specified(part, found, path)
    if found.amount is None:
        found.amount, found.upper = text(offer.get("lowprice")), text(offer.get("highprice"))
        found.path = f"{path}.lowPrice" if found.amount else ""
    return found


def _specified(part: Node, found: _Price, path: str) -> None:
    """One PriceSpecification, taken into what was found so far."""
    amount = text(part.get("price"))
    if bare(text(part.get("pricetype")) or "") in _LIST_PRICES:
        found.listed_at = amount
        return
    found.currency = found.currency or text(part.get("pricecurrency"))
    if amount is None and text(part.get("minprice")):
        amount, found.upper = text(part.get("minprice")), text(part.get("maxprice"))
    if amount is not None and found.amount is None:
        found.amount, found.path = amount, f"{path}.priceSpecification.price"
    elif amount is not None and amount != found.amount:
        found.others.append(amount)


def _product_row(product: Node, url: str) -> Row:
    row: Row = {}
    _put(row, "title", text(product.get("name")))
    _put(row, "description", text(product.get("description")))
    _put(row, "brand", text(product.get("brand")) or text(product.get("manufacturer")))
    _put(row, "category", _category(product.get("category")))
    _put(row, "condition", _last(product.get("itemcondition")))
    _put(row, "mpn", text(product.get("mpn")))
    _put(row, "gtin", next((text(product.get(key)) for key in _GTINS if text(product.get(key))), None))
    product_id = text(product.get("productid")) or ""
    scheme, _, number = product_id.partition(":")
    if scheme.lower() in _GTINS and number:
        row.setdefault("gtin", number.strip())
    _put(row, "url", _link(product.get("url"), url) or _link(product.get("@id"), url))
    _put(row, "image", _link(_image(product.get("image")), url))
    for key in ("model", *_ATTRIBUTES, *_VEHICLE):
        _put(row, key, _measure(product.get(key)))
    for extra in listed(product.get("additionalproperty")):
        if isinstance(extra, dict) and text(extra.get("name")):
            name = " ".join(str(text(extra.get("name"))).split()).lower()
            # A property that somebody calls "price" is not the price.
            row.setdefault(f"{name} (property)" if name in _NAMES else name, _measure(extra) or "")
    return {key: value for key, value in row.items() if value}


def _measure(value: Any) -> str | None:
    """A QuantitativeValue or PropertyValue as people write it ("12.5 kg"); any other value as text."""
    for item in listed(value):
        if isinstance(item, dict) and "value" in item:
            unit = text(item.get("unittext")) or text(item.get("unitcode"))
            number = text(item.get("value"))
            return f"{number} {unit}" if number and unit else number
    return text(value)


def _place(row: Row, value: Any) -> None:
    """Where the thing is: address into place and region (ISO 3166-2 where country and state are codes), geo beside."""
    for where in listed(value):
        if isinstance(where, str):
            row.setdefault("place", where)
        if not isinstance(where, dict):
            continue
        inner = where.get("address")
        address: Node = inner if isinstance(inner, dict) else where
        country, state = text(address.get("addresscountry")), text(address.get("addressregion"))
        locality = text(address.get("addresslocality")) or text(where.get("name"))
        postal = text(address.get("postalcode"))
        _put(row, "place", ", ".join(part for part in (locality, state, postal) if part) or text(where.get("address")))
        if state and country and len(country) == 2 and 1 <= len(state) <= 3:
            row["region"] = f"{country}-{state}".upper()
        geo = where.get("geo")
        if isinstance(geo, dict):
            _put(row, "latitude", text(geo.get("latitude")))
            _put(row, "longitude", text(geo.get("longitude")))


def _told_apart(offers: list[Offer]) -> list[Offer]:
    """Several offers of one product are several listings only where something but the price tells them apart.

    Otherwise the page names two prices for one thing, and none of them is believed.
    """
    priced = [offer for offer in offers if offer.row.get("price")]
    if len(priced) < 2:
        return priced or offers[:1]
    groups: dict[tuple[str | None, ...], list[Offer]] = {}
    for offer in priced:
        groups.setdefault(tuple(offer.row.get(key) for key in _TELLING), []).append(offer)
    distinct = [_one_price(group) for group in groups.values()]
    return [_own_id(offer, distinct) for offer in distinct]


def _one_price(group: list[Offer]) -> Offer:
    first = group[0]
    prices = list(dict.fromkeys(f"{o.row['price']} {o.row.get('currency', '')}".strip() for o in group))
    one_currency = len({o.row.get("currency") for o in group}) == 1
    if len(prices) == 1 or (one_currency and _same_numbers([o.row["price"] for o in group])):
        return first
    message = f"{first.price_path}: {len(prices)} prices for one thing ({', '.join(prices[:5])})"
    return Offer({**first.row, "price": " | ".join(prices)}, first.price_path, "ambiguous_price", message)


def _own_id(offer: Offer, among: list[Offer]) -> Offer:
    """Offers that share a URL get what tells them apart as `variant`, which becomes part of their id."""
    url = offer.row.get("url", "")
    if sum(other.row.get("url", "") == url for other in among) < 2:
        return offer
    telling = (key for key in _TELLING if key != "url" and len({o.row.get(key) for o in among}) == len(among))
    key = next(telling, None)
    own = offer.row.get(key, "") if key else " ".join(offer.row.get(key, "") for key in _TELLING if key != "url")
    return Offer({**offer.row, "variant": own}, offer.price_path, offer.reason, offer.message)


def _category(value: Any) -> str | None:
    names = [text(item) for item in listed(value)]
    return " > ".join(name for name in names if name) or None


def _image(value: Any) -> str | None:
    for item in listed(value):
        link = text(item.get("url") or item.get("contenturl")) if isinstance(item, dict) else text(item)
        if link:
            return link
    return None


def _last(value: Any) -> str | None:
    """ "https://schema.org/UsedCondition" → "UsedCondition"."""
    name = text(value)
    return name.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1] if name and " " not in name else name


def _link(value: Any, base: str) -> str | None:
    link = text(value) if not isinstance(value, dict) else text(value.get("@id") or value.get("url"))
    if not link:
        return None
    try:
        joined = urljoin(base, link)
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None


def _put(row: Row, key: str, value: str | None) -> None:
    if value:
        row[key] = value

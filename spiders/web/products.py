"""From a product node to rows of texts: one for each offer that stands for itself.

A row has Katy's field names as keys (and attributes beside them) and the page's own words as values: nothing is
converted here. Microdata and OpenGraph come in the shape of JSON-LD, so that one reading does for all three.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spiders.web.jsonld import Node, bare, listed, text, types
from spiders.web.offer import Offer, Row
from spiders.web.pages import join
from spiders.web.variants import same_numbers, told_apart

__all__ = ["Offer", "Row", "read_product"]

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
_LIST_PRICES = frozenset({"listprice", "strikethroughprice", "msrp", "srp", "regularprice", "suggestedretailprice"})
_PRICED = frozenset({"price", "pricespecification", "lowprice"})
# Specifications of what is paid beside the price, or by some people only, or for some other amount of it.
_CHARGES = frozenset({"deliverychargespecification", "paymentchargespecification"})
_OTHER_PRICES = frozenset({"referencequantity", "validformembertier", "billingduration", "billingincrement"})
# What belongs to a group of variants, and not to each of them.
_GROUPS_OWN = frozenset(
    {"hasvariant", "@type", "@id", "productgroupid", "sku", "gtin", "mpn", "offers", "url", "variesby"}
)


@dataclass(slots=True)
class _Price:
    amount: str | None = None
    currency: str | None = None
    listed_at: str | None = None
    path: str = ""
    upper: str | None = None
    lowest: bool = False
    others: list[str] = field(default_factory=list)


def read_product(product: Node, syntax: str, url: str) -> list[Offer]:
    """The offers of a product; one without a price where it has none. `syntax` begins every price path.

    Variants and the group they are of complete each other; where variants name their prices, the group's range of
    prices says nothing more.
    """
    for group in listed(product.get("isvariantof")):
        if isinstance(group, dict):
            product = {**_parent(group), **product}
    variants = [v for v in listed(product.get("hasvariant")) if isinstance(v, dict)]
    parent = _parent(product)
    found = [o for v in variants for o in read_product({**parent, **_without_group(v)}, syntax, url)]
    if any("price" in offer.row for offer in found) or (found and "offers" not in product):
        return told_apart(found)
    return _read_offers(product, syntax, url)


def _read_offers(product: Node, syntax: str, url: str) -> list[Offer]:
    inherited = _product_row(product, url)
    offers = [node for node in listed(product.get("offers")) if isinstance(node, dict)]
    single = [inner for offer in offers for inner in _unfold(offer)]
    if not single:
        return [Offer(inherited, "")] if "name" in product else []
    if len(single) == 1:
        return [_read_offer(single[0], inherited, f"{syntax} offers", url)]
    return told_apart([_read_offer(offer, inherited, f"{syntax} offers[{at}]", url) for at, offer in enumerate(single)])


def _parent(group: Node) -> Node:
    """What a variant takes over from its group where it says nothing itself."""
    return {key: value for key, value in group.items() if key not in _GROUPS_OWN}


def _without_group(variant: Node) -> Node:
    """A variant inside its group: what it says of the group again would lead in a circle."""
    return {key: value for key, value in variant.items() if key != "isvariantof"}


def _unfold(offer: Node) -> list[Node]:
    """An AggregateOffer that lists its offers with their prices is those; one without is a range."""
    inner = [node for node in listed(offer.get("offers")) if isinstance(node, dict)]
    if any(not _PRICED.isdisjoint(node) for node in inner):
        shared: Node = {k: offer[k] for k in ("pricecurrency", "seller", "itemcondition") if k in offer}
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
    return _one_amount(Offer(row, price.path), price)


def _one_amount(offer: Offer, price: _Price) -> Offer:
    """The offer, as ambiguous where its price is not one amount."""
    amounts = [price.amount or "", *price.others]
    if price.upper is not None and not same_numbers([price.amount or "", price.upper]):
        said = f"{price.amount} - {price.upper}"
        message = f"{price.path}: the page gives a range, {said}"
    elif price.others and not same_numbers(amounts):
        said = " | ".join(amounts)
        message = f"{price.path}: the offer names {said}"
    elif price.lowest:
        said = f"from {price.amount}"
        message = f"{price.path}: the page gives the lowest price alone, {price.amount}"
    else:
        return offer
    return Offer({**offer.row, "price": said}, offer.price_path, "ambiguous_price", message)


def _price(offer: Node, path: str) -> _Price:
    """The offer's price from wherever schema.org lets it stand; list prices are kept apart."""
    amounts = _texts(offer.get("price"))
    found = _Price(currency=text(offer.get("pricecurrency")) or _money(offer.get("price")), path=f"{path}.price")
    if amounts:
        found.amount, found.others = amounts[0], amounts[1:]
    found.listed_at = text(offer.get("listprice"))
    for part in listed(offer.get("pricespecification")):
        if isinstance(part, dict) and _OTHER_PRICES.isdisjoint(part) and not types(part) & _CHARGES:
            _specified(part, found, path)
    if found.amount is None:
        found.amount, found.upper = text(offer.get("lowprice")), text(offer.get("highprice"))
        found.path = f"{path}.lowPrice" if found.amount else ""
        found.lowest = found.amount is not None and found.upper is None and text(offer.get("offercount")) != "1"
    return found


def _texts(value: Any) -> list[str]:
    """All texts of a value that should be one: a price that stands there twice may be two prices."""
    return list(dict.fromkeys(found for item in listed(value) if (found := text(item))))


def _money(value: Any) -> str | None:
    """The currency inside a MonetaryAmount."""
    return next((text(item.get("currency")) for item in listed(value) if isinstance(item, dict)), None)


def _specified(part: Node, found: _Price, path: str) -> None:
    """One PriceSpecification, taken into what was found so far."""
    amount = text(part.get("price"))
    if bare(text(part.get("pricetype")) or "") in _LIST_PRICES:
        found.listed_at = amount
        return
    found.currency = found.currency or text(part.get("pricecurrency"))
    lowest = False
    if amount is None and text(part.get("minprice")):
        amount, found.upper = text(part.get("minprice")), text(part.get("maxprice"))
        lowest = found.upper is None
    if amount is not None and found.amount is None:
        found.amount, found.path, found.lowest = amount, f"{path}.priceSpecification.price", lowest
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
    _put(row, "gtin", next((found for key in _GTINS if key in product and (found := text(product[key]))), None))
    product_id = text(product.get("productid")) or ""
    scheme, _, number = product_id.partition(":")
    if scheme.lower() in _GTINS and number:
        row.setdefault("gtin", number.strip())
    _put(row, "url", _link(product.get("url"), url) or _link(product.get("@id"), url))
    _put(row, "image", _link(_image(product.get("image")), url))
    for key in ("model", *_ATTRIBUTES, *_VEHICLE):
        if key in product:
            _put(row, key, _measure(product[key]))
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
    whole = join(base, link)
    return whole if whole.startswith(("http://", "https://")) else None


def _put(row: Row, key: str, value: str | None) -> None:
    if value:
        row[key] = value

"""An article on eBay as a row: what summaries, articles and sales say alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spiders.feeds.ebay_api import several, whole
from spiders.feeds.ebay_place import place_of
from spiders.files.plan import FIELDS
from spiders.reader import Row, texts
from warehouse.reading.words import clean_text

_ENGLISH = frozenset("AU CA GB HK IE MY PH SG US".split())
# https://developer.ebay.com/devzone/finding/callref/enums/conditionIdList.html
_CONDITIONS = {
    **{"1000": "New", "1500": "New other", "1750": "New with defects", "2000": "Certified refurbished"},
    **{"2010": "Excellent refurbished", "2020": "Very good refurbished", "2030": "Good refurbished"},
    **{"2500": "Seller refurbished", "2750": "Like new", "2990": "Pre-owned: excellent", "3000": "Used"},
    **{"3010": "Pre-owned: fair", "4000": "Very good", "5000": "Good", "6000": "Acceptable"},
    "7000": "For parts or not working",
}
_NO_CODE = frozenset({"does not apply", "doesnotapply", "not applicable", "n/a", "na", "none", "unknown"})


def money(amount: Any) -> Row:
    """A price of eBay's ({value, currency, convertedFrom…}) as a row's."""
    if not isinstance(amount, dict):
        return {}
    original = (amount.get("convertedFromValue"), amount.get("convertedFromCurrency"))
    said = f"{original[0]} {original[1]}" if all(original) else None
    return texts(price=amount.get("value"), currency=amount.get("currency"), converted_from=said)


def common(said: Mapping[str, Any], site: str) -> Row:
    """What a summary, an article and a sale say alike: everything but the price."""
    region, place = place_of(said.get("itemLocation"))
    seller = said.get("seller")
    names = [one.get("categoryName") for one in several(said.get("categories")) if isinstance(one, dict)]
    path = said.get("categoryPath")
    image = said.get("image")
    condition, number = said.get("condition"), said.get("conditionId")
    if site not in _ENGLISH or not condition:
        condition = _CONDITIONS.get(str(number), condition)
    description = said.get("shortDescription") or said.get("description")
    options = several(said.get("buyingOptions"))
    aspects = _aspects(said.get("localizedAspects"))
    row = texts(
        id=said.get("itemId"),
        title=said.get("title"),
        kind="asking",
        condition=condition,
        category=names[0] if names else str(path).split("|")[-1] if path else None,
        brand=said.get("brand"),
        gtin=_code(said.get("gtin")),
        mpn=_code(said.get("mpn")),
        seller=seller.get("username") if isinstance(seller, dict) else None,
        region=region,
        place=place,
        url=said.get("itemWebUrl"),
        image=image.get("imageUrl") if isinstance(image, dict) else None,
        description=clean_text(str(description)) if description else None,
        ended_at=said.get("itemEndDate"),
        quantity=said.get("lotSize") if whole(said.get("lotSize")) > 1 else None,
        condition_id=number,
        condition_description=said.get("conditionDescription"),
        condition_descriptors=_descriptors(said.get("conditionDescriptors")),
        buying_options=" ".join(map(str, options)),
        shipping=_shipping(said.get("shippingOptions")),
        item_group_type=said.get("itemGroupType"),
        epid=said.get("epid"),
        created_at=said.get("itemCreationDate"),
        other_categories="; ".join(str(name) for name in names[1:] if name),
    )
    return aspects | row


def _aspects(said: Any) -> Row:
    """An article's own words about itself ("Colour": "Red"); its codes and brand become fields."""
    found: Row = {}
    fields = {"brand": "brand", "mpn": "mpn", "upc": "gtin", "ean": "gtin", "isbn": "gtin", "gtin": "gtin"}
    for one in several(said):
        name, value = (
            (str(one.get(key) or "").strip() for key in ("name", "value")) if isinstance(one, dict) else ("", "")
        )
        folded = name.casefold()
        if folded in fields:
            value = value if folded == "brand" else _code(value) or ""
        if name and value:
            found.setdefault(fields.get(folded) or (f"aspect {name}" if folded in FIELDS else name), value)
    return found


def _code(text: Any) -> str | None:
    return None if text is None or str(text).strip().casefold() in _NO_CODE else str(text)


def _descriptors(said: Any) -> str | None:
    """Graded cards: [{name: "Grade", values: [{content: "10"}]}] → "Grade: 10"."""
    parts = []
    for one in several(said):
        values = one.get("values") if isinstance(one, dict) else None
        inner = [
            str(value.get("content")) for value in several(values) if isinstance(value, dict) and value.get("content")
        ]
        if inner:
            parts.append(f"{one.get('name')}: {', '.join(inner)}")
    return "; ".join(parts) or None


def _shipping(said: Any) -> str | None:
    """The first way of sending it, as eBay orders them: "9.99 USD", else how the cost is found ("CALCULATED")."""
    first = next((one for one in several(said) if isinstance(one, dict)), None)
    if first is None:
        return None
    cost = money(first.get("shippingCost"))
    return f"{cost['price']} {cost.get('currency', '')}".strip() if "price" in cost else first.get("shippingCostType")

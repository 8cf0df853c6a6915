"""The exports of a Shopify shop as things: its products file and its inventory file, with the old and the new headers.

In the products file a product is several rows with one handle: the first has its title, each row with a price, a SKU or
an option is a variant, and a row with none of these is a further picture. In the inventory file a variant has one row
for each location, which are added up; older ones have a column for each location instead.
(Shopify Help Center, "Using CSV files to import and export products" and "Exporting or importing inventory with a CSV
file".)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.owned.thing_imports import Arrival, LeftOut
from ledger.owned.things import key_of
from spiders.files.identity import digest
from spiders.files.inventory_rows import FIELDS, Columns, RowRefused, Units, read_pieces, reading_units, said_of
from spiders.files.table import Table
from warehouse.reading.words import fold_header, is_blank

# Headers of both generations of the files, folded.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "handle": ("handle", "urlhandle"),
    "title": ("title",),
    "brand": ("vendor",),
    "category": ("type", "productcategory"),
    "external_id": ("variantsku", "sku"),
    "gtin": ("variantbarcode", "barcode"),
    "worth": ("variantprice", "price"),
    "paid": ("costperitem",),
    "condition": ("googleshopping/condition",),
    "mpn": ("googleshopping/mpn",),
    "gift": ("giftcard",),
}
_OF_THE_PRODUCT = ("title", "brand", "category", "condition", "mpn", "gift")
_OF_A_VARIANT = ("external_id", "worth", "gtin", "paid")
# Where the stock is said, the newest word first.
_STOCK = ("onhand(new)", "onhand(current)", "onhand", "variantinventoryqty", "inventoryquantity", "available")
_OPTIONS = (1, 2, 3)
# The columns of an inventory file that are no locations.
_NOT_A_LOCATION = ("hscode", "coo", "location", "binname", "incoming", "unavailable", "committed")


@dataclass
class Shopify:
    """What a Shopify file holds; `parts` are rows of further pictures and locations."""

    form: str
    rows: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    parts: int = 0


@dataclass
class _Variant:
    place: str
    key: str
    texts: dict[str, str]
    options: dict[str, str]
    quantities: list[str]


def is_shopify(columns: Sequence[str]) -> bool:
    """Whether a table is an export of a Shopify shop, by its headers."""
    folded = set(map(fold_header, columns))
    return bool(folded & {"handle", "urlhandle"}) and "title" in folded and "option1value" in folded


def read_shopify(table: Table, fixed: Mapping[str, str], currency: str | None) -> Shopify:
    """The variants of a Shopify file, each as a thing."""
    columns = _columns(table.columns)
    stocked = [columns.attributes[name] for name in _STOCK if name in columns.attributes]
    locations = _locations(table.columns) if "worth" not in columns.places else []
    made = Shopify("Shopify inventory" if "worth" not in columns.places else "Shopify products")
    variants: dict[str, _Variant] = {}
    products: dict[str, dict[str, str]] = {}
    for row in table.rows():
        made.rows += 1
        place = table.place(row)
        if row.cells is None:
            made.left_out.append(LeftOut(place=place, reason="broken_row", message=row.problem))
            continue
        texts = {name: text for name in columns.places if not is_blank(text := columns.text(name, row.cells))}
        handle = texts.pop("handle", "") or texts.get("title", "")
        first = "title" in texts and handle not in products
        product = products.setdefault(handle, {})
        options = _options(columns, row.cells, product)
        stock = [row.cells[at] for at in stocked if not is_blank(row.cells[at])][:1]
        for name in _OF_THE_PRODUCT:
            if name in texts:
                product.setdefault(name, texts[name])
        if not (first or options or stock or any(name in texts for name in _OF_A_VARIANT)):
            made.parts += 1
            continue
        key = digest("\n".join((handle, *options.values())))
        quantities = [row.cells[at] for at in locations if not is_blank(row.cells[at])] or stock
        if key in variants:
            variants[key].quantities += quantities
            made.parts += 1
            continue
        variants[key] = _Variant(place, f"shopify:{key}", {**product, **texts}, options, quantities)
    _take(made, list(variants.values()), reading_units(table, columns, currency), fixed)
    return made


def _take(made: Shopify, variants: list[_Variant], units: Units, fixed: Mapping[str, str]) -> None:
    skus = Counter(each.texts["external_id"].strip() for each in variants if "external_id" in each.texts)
    for each in variants:
        try:
            if each.texts.pop("gift", "").casefold() == "true":
                raise RowRefused("gift_card", "a gift card is no thing")
            said = _said(each, units, fixed)
        except RowRefused as refused:
            made.left_out.append(LeftOut(place=each.place, reason=refused.reason, message=str(refused)))
            continue
        sku = said.get("external_id")
        # A shop may give one SKU to several variants; then it tells none of them.
        own = key_of(sku) if sku and skus[sku] == 1 else each.key
        made.arrivals.append(Arrival(each.place, own, said))


def _said(each: _Variant, units: Units, fixed: Mapping[str, str]) -> dict[str, Any]:
    texts = {name: text for name, text in fixed.items() if name in FIELDS} | each.texts
    # A product without options has the one value "Default Title".
    options = {name: text for name, text in each.options.items() if text != "Default Title"}
    if "title" in texts:
        texts["title"] = " ".join((texts["title"], *options.values()))
    attributes = {name: text for name, text in fixed.items() if name not in FIELDS} | options
    said = said_of(texts, attributes, units)
    if each.quantities:
        said["quantity"] = sum(read_pieces(text, units.marks.get("quantity")) for text in each.quantities)
    return said


def _options(columns: Columns, cells: Sequence[str], product: dict[str, str]) -> dict[str, str]:
    """The variant's options by name, such as {"Size": "M"}; names are said in the product's first row alone."""
    found: dict[str, str] = {}
    for number in _OPTIONS:
        name, value = (columns.attributes.get(f"option{number}{part}") for part in ("name", "value"))
        if value is None or is_blank(cells[value]):
            continue
        if name is not None and not is_blank(cells[name]):
            product[f"option {number}"] = cells[name].strip()
        found[product.get(f"option {number}", f"Option {number}")] = cells[value].strip()
    return found


def _columns(names: Sequence[str]) -> Columns:
    folded: dict[str, int] = {}
    for place, name in enumerate(names):
        folded.setdefault(fold_header(name), place)
    places: dict[str, tuple[int, ...]] = {
        name: (folded[found],)
        for name, headers in _HEADERS.items()
        if (found := next((each for each in headers if each in folded), None)) is not None
    }
    others = {name: at for name, at in folded.items() if name.startswith("option") or name in _STOCK}
    return Columns(list(names), places, others)


def _locations(names: Sequence[str]) -> list[int]:
    """The columns of an older inventory file that count the stock at one location each."""
    known = {header for headers in _HEADERS.values() for header in headers}
    folded = [fold_header(name) for name in names]
    if any(name in _STOCK for name in folded):
        return []
    return [
        at for at, name in enumerate(folded) if name not in known and not name.startswith(("option", *_NOT_A_LOCATION))
    ]

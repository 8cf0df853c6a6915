"""An inventory in a file becomes things that somebody owns: any table with a title, or an export of a Shopify shop.

Every row is taken, is part of another (the further pictures of a Shopify product), or is left out with the reason. A
blank cell says nothing: what is known of a thing from before stays. Amounts are for one piece.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.owned.thing_imports import Arrival, LeftOut
from ledger.owned.things import key_of
from spiders.files.finder import Finder
from spiders.files.formats import open_table
from spiders.files.headers import header_currency, title_columns
from spiders.files.identity import digest
from spiders.files.inventory_rows import FIELDS, Columns, RowRefused, Units, reading_units, said_of
from spiders.files.inventory_shopify import is_shopify, read_shopify
from spiders.files.table import Table
from warehouse.errors import BadInput
from warehouse.reading.currency import read_code
from warehouse.reading.words import fold_header, is_blank

# Headers, folded, that mean a field, the surest first.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "name", "item", "product", "itemname", "productname", "itemtitle", "thing", "article"),
    "external_id": (
        *("externalid", "sku", "id", "itemnumber", "inventorynumber", "assettag", "assetid", "articlenumber"),
        *("productcode", "stocknumber"),
    ),
    "brand": ("brand", "make", "manufacturer", "maker", "vendor", "brandname"),
    "gtin": ("gtin", "ean", "upc", "isbn", "barcode"),
    "mpn": ("mpn", "modelnumber", "partnumber", "manufacturerpartnumber", "modelno."),
    "category": ("category", "type", "producttype", "productcategory", "department"),
    "condition": ("condition", "grade"),
    "quantity": ("quantity", "qty", "count", "stock", "onhand", "instock", "pieces", "inventoryquantity"),
    "paid": ("paid", "pricepaid", "purchaseprice", "cost", "unitcost", "costprice", "costperitem", "boughtfor"),
    "worth": (
        *("worth", "value", "estimatedvalue", "currentvalue", "price", "askingprice", "sellingprice", "unitprice"),
        "retailprice",
    ),
    "paid_on": ("paidon", "purchasedate", "datepurchased", "dateofpurchase", "boughton", "purchasedon", "bought"),
    "region": ("region",),
    "currency": ("currency", "currencycode"),
}
# What in a row says which thing it is, where it has no id; amounts, quantities and dates change.
_TELLING = ("title", "brand", "gtin", "mpn", "category", "condition", "attributes")


@dataclass(frozen=True, slots=True)
class InventoryOptions:
    """What a person says about a file: `mapping` is field → column ("Brand + Model" joins two), `fixed` field → value
    for rows that have none. Any other field name is an attribute. `currency` (ISO 4217) holds where a row names none.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None

    def checked(self) -> InventoryOptions:
        """These options under the fields' own names; BadInput where they make no sense."""
        currency = None if self.currency is None else read_code(self.currency)
        if self.currency is not None and currency is None:
            raise BadInput(f'currency "{self.currency}" is no ISO 4217 code such as USD')
        own = {fold_header(name): name for name in FIELDS}
        return InventoryOptions(
            {own.get(fold_header(name), name.strip()): text for name, text in self.mapping.items()},
            {own.get(fold_header(name), name.strip()): text for name, text in self.fixed.items()},
            currency,
        )


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a file holds: rows = arrivals + parts + left out.

    `parts` are rows that add to another's thing: further pictures, the stock at further places. `form` says what the
    file was taken for.
    """

    form: str
    rows: int
    arrivals: list[Arrival]
    left_out: list[LeftOut]
    parts: int = 0
    notes: list[str] = field(default_factory=list)


def read_inventory(path: Path, options: InventoryOptions | None = None) -> Inventory:
    """Read a file (CSV, also .gz, JSON Lines, Parquet, XLSX). BadInput where it is no table of things."""
    said = (options or InventoryOptions()).checked()
    table = open_table(path)
    if is_shopify(table.columns) and not said.mapping:
        found = read_shopify(table, said.fixed, said.currency)
        return Inventory(found.form, found.rows, found.arrivals, found.left_out, found.parts, list(table.notes))
    return _read_table(table, said)


def _read_table(table: Table, options: InventoryOptions) -> Inventory:
    columns = _columns(table, options)
    units = reading_units(table, columns, options.currency)
    arrivals: list[Arrival] = []
    left_out: list[LeftOut] = []
    equal: dict[str, int] = {}
    rows = 0
    for row in table.rows():
        rows += 1
        place = table.place(row)
        if row.cells is None:
            left_out.append(LeftOut(place=place, reason="broken_row", message=row.problem))
            continue
        try:
            arrivals.append(_arrival(place, columns, row.cells, units, options.fixed, equal))
        except RowRefused as refused:
            left_out.append(LeftOut(place=place, reason=refused.reason, message=str(refused)))
    return Inventory("table", rows, arrivals, left_out, notes=[*table.notes, *units.notes()])


def _arrival(
    place: str, columns: Columns, cells: Sequence[str], units: Units, fixed: Mapping[str, str], equal: dict[str, int]
) -> Arrival:
    texts = {name: text for name, text in fixed.items() if name in FIELDS}
    attributes = {name: text for name, text in fixed.items() if name not in FIELDS}
    texts |= {name: text for name in columns.places if not is_blank(text := columns.text(name, cells))}
    attributes |= {name: cells[at] for name, at in columns.attributes.items() if not is_blank(cells[at])}
    said = said_of(texts, attributes, units)
    if said.get("external_id"):
        return Arrival(place, key_of(said["external_id"]), said)
    row = digest(json.dumps([said.get(name) for name in _TELLING], sort_keys=True, ensure_ascii=False))
    equal[row] = equal.get(row, 0) + 1
    return Arrival(place, f"row:{row}:{equal[row]}", said)


def _columns(table: Table, options: InventoryOptions) -> Columns:
    """Which column is which field: as the person says, else as the headers say; the rest are attributes."""
    finder = Finder(table.name, list(table.columns))
    mapped = {name: finder.find(name, text) for name, text in options.mapping.items()}
    places = {name: at for name, at in mapped.items() if name in FIELDS}
    extra = {name: at[0] for name, at in mapped.items() if name not in FIELDS}
    taken = {at[0] for at in mapped.values() if len(at) == 1}
    folded: dict[str, int] = {}
    for place, column in enumerate(table.columns):
        folded.setdefault(_folded(column), place)
    for name, headers in _HEADERS.items():
        found = next((folded[each] for each in headers if each in folded and folded[each] not in taken), None)
        if name not in places and name not in options.fixed and found is not None:
            places[name] = (found,)
            taken.add(found)
    attributes = extra | {column: at for at, column in enumerate(table.columns) if at not in taken}
    if "title" not in places and "title" not in options.fixed:
        sample = [row.cells for row, _ in zip(table.rows(), range(200), strict=False) if row.cells is not None]
        places["title"] = title_columns(places, attributes, sample)
        if not places["title"]:
            missing = finder.missing("title", "title")
            raise BadInput(f"{missing}. Where these are no names of columns, put a first row above with such names")
    return Columns(list(table.columns), places, attributes)


def _folded(header: str) -> str:
    """A header as it is compared, without what it says of the currency: "Price (USD)" and "price_usd" are "price"."""
    currency = header_currency([header])
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", header)
    if currency is not None:
        words = [word for word in re.split(r"[\s_]+", plain) if word.upper() != currency and word not in "$€£¥₹"]
        plain = " ".join(words)
    return fold_header(plain)

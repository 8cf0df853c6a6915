"""What a table of list prices, exchange rates or published prices looks like: its fields, and what files call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spiders.agent.believe import fields_of
from warehouse.errors import BadInput
from warehouse.reading.words import fold_header
from warehouse.records import FxRate, ListPrice, PriceSeries


@dataclass(frozen=True, slots=True)
class Shape:
    """A record's table. `amount` and `moment` are the fields of its number and its time; `key` is the field that the
    columns (or rows) of a wide table name. `aliases` are headers, folded, that mean a field, the surest first.
    `numbers` are fields whose column shows the decimal mark.
    """

    record: str
    amount: str
    moment: str
    key: str | None
    aliases: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    dates: tuple[str, ...]
    extras: bool = True
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", fields_of(self.record))

    def field_named(self, text: str) -> str:
        """The field a person means by a name in --map or --set; an attribute's name as it stands."""
        folded = fold_header(text)
        by_name = {fold_header(name): name for name in self.fields}
        if folded in by_name:
            return by_name[folded]
        meant = (name for name, words in self.aliases.items() if folded in words)
        return next(meant, text.strip())


_AMOUNTS = ("price", "value", "rate", "amount", "v")
_DAYS = ("date", "day", "d", "timestamp", "time", "datetime")
LIST_PRICES = Shape(
    record=ListPrice.record,
    amount="price",
    moment="observed_at",
    key=None,
    aliases={
        "id": ("itemnumber", "sku", "asin", "productid", "itemid", "productcode", "articlenumber", "setnumber"),
        "title": ("name", "productname", "itemname"),
        "price": ("listprice", "retailprice", "msrp", "rrp", "uvp", "srp", "value", "amount"),
        "observed_at": ("snapshotdate", "observedon", "asof", "date", "timestamp", "scrapedat", "datetime", "day"),
        "released_on": ("releasedate", "released", "launchdate"),
        "gtin": ("ean", "upc", "barcode", "isbn"),
        "mpn": ("partnumber", "modelnumber", "manufacturerpartnumber"),
        "brand": ("manufacturer", "maker", "brandname"),
        "category": ("productcategory", "producttype"),
        "url": ("producturl", "itemurl", "link"),
        "image": ("imageurl", "photo"),
    },
    numbers=("price",),
    dates=("observed_at", "released_on"),
)
RATES = Shape(
    record=FxRate.record,
    amount="rate",
    moment="observed_on",
    key="quote",
    aliases={
        "observed_on": ("observedat", "observationdate", "period", "asof", *_DAYS),
        "rate": ("exchangerate", "fxrate", "close", *_AMOUNTS),
        "base": ("basecurrency", "from", "fromcurrency"),
        "quote": ("quotecurrency", "to", "tocurrency", "target", "currency", "currencycode"),
        "kind": ("ratekind", "market"),
    },
    numbers=("rate",),
    dates=("observed_on",),
    extras=False,
)
SERIES = Shape(
    record=PriceSeries.record,
    amount="value",
    moment="period",
    key="series",
    aliases={
        "period": ("observationdate", "observedon", *_DAYS, "week", "month", "quarter", "year"),
        "value": ("averageprice", "avgprice", "meanprice", "medianprice", "mean", "median", "average", *_AMOUNTS),
        "series": ("seriesid", "seriesname", "id"),
        "title": ("name", "productname", "itemname", "item", "product"),
        "volume": ("totalvolume", "count", "sales", "n"),
        "statistic": ("measure", "metric"),
        "place": ("geography", "location", "city", "market"),
    },
    numbers=("value", "volume"),
    dates=("period", "observed_at"),
)
SHAPES: Mapping[str, Shape] = {shape.record: shape for shape in (LIST_PRICES, RATES, SERIES)}


def shape_of(record: str) -> Shape:
    """The shape of a record; BadInput where its rows are in no file."""
    if record not in SHAPES:
        raise BadInput(f'"{record}" is no record that files are imported for: {", ".join(SHAPES)}')
    return SHAPES[record]

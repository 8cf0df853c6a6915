"""The records that travel through the house: what was seen in the market, and what the house says of its own work.

Every record is a frozen dataclass; its Arrow schema, and with it the layout of its landing files, follows from its type
hints. Money is `Decimal` with an ISO 4217 code, time is UTC, places are ISO 3166-2 codes or the source's own words,
sellers are keyed hashes. Field names follow schema.org where it has one. `Valuation` stands in `warehouse.valuation`.
"""

from __future__ import annotations

import types
import typing
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

import pyarrow as pa

from warehouse.records.market import Listing, ListPrice, PriceSeries, ProductFact
from warehouse.records.photos import PhotoLook
from warehouse.records.products import ProductLink
from warehouse.records.work import Alarm, Judgement, PublishedLevel, Quarantined, RunReport
from warehouse.records.world import CommodityPrice, FxRate, HazardEvent, WageRate, WeatherObservation

__all__ = [
    "DECIMAL",
    "KINDS",
    "OBSERVATIONS",
    "RECORDS",
    "Alarm",
    "CommodityPrice",
    "FxRate",
    "HazardEvent",
    "Judgement",
    "Kind",
    "ListPrice",
    "Listing",
    "PhotoLook",
    "PriceSeries",
    "ProductFact",
    "ProductLink",
    "PublishedLevel",
    "Quarantined",
    "RateKind",
    "Record",
    "RunReport",
    "WageRate",
    "WeatherObservation",
    "arrow_schema",
]

Kind = Literal["asking", "sold", "wanted", "traded"]
KINDS: tuple[Kind, ...] = ("asking", "sold", "wanted", "traded")
RateKind = Literal["official", "parallel", "implied"]

# Wide enough for any price in any currency and for an exchange rate's digits; DuckDB's and Arrow's largest decimal.
DECIMAL = pa.decimal128(38, 10)

Record = (
    Listing
    | ListPrice
    | PriceSeries
    | ProductFact
    | FxRate
    | CommodityPrice
    | WageRate
    | WeatherObservation
    | HazardEvent
    | Quarantined
    | Judgement
    | RunReport
    | Alarm
    | PublishedLevel
    | ProductLink
    | PhotoLook
)
RECORDS: dict[str, type[Record]] = {kind.record: kind for kind in typing.get_args(Record)}
# What agents and files bring from the outside world.
OBSERVATIONS = (
    "listing",
    "list_price",
    "price_series",
    "product_fact",
    "fx_rate",
    "commodity_price",
    "wage_rate",
    "weather_observation",
    "hazard_event",
    "photo_look",
)

_ARROW: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    Decimal: DECIMAL,
    datetime: pa.timestamp("us", tz="UTC"),
    date: pa.date32(),
}


def arrow_schema(record: type[Record]) -> pa.Schema:
    """The Arrow schema of a record's landing files; a `dict` becomes a JSON string, `X | None` a nullable column."""
    fields = []
    for name, hint in typing.get_type_hints(record).items():
        if typing.get_origin(hint) is ClassVar:
            continue
        nullable = typing.get_origin(hint) in (types.UnionType, typing.Union)
        bare = next(a for a in typing.get_args(hint) if a is not type(None)) if nullable else hint
        column = pa.string() if typing.get_origin(bare) is dict else _ARROW[bare]
        fields.append(pa.field(name, column, nullable=nullable))
    return pa.schema(fields)

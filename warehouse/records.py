"""The records that travel through the house: what was seen in the market, and what the house says of its own work.

Every record is a frozen dataclass; its Arrow schema, and with it the layout of its landing files, follows from its type
hints. Money is `Decimal` with an ISO 4217 code, time is UTC, places are ISO 3166-2 codes or the source's own words,
sellers are keyed hashes. Field names follow schema.org where it has one. `Valuation` stands in `warehouse.valuation`.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

import pyarrow as pa

Kind = Literal["asking", "sold", "wanted", "traded"]
KINDS: tuple[Kind, ...] = ("asking", "sold", "wanted", "traded")
RateKind = Literal["official", "parallel", "implied"]

# Wide enough for any price in any currency and for an exchange rate's digits; DuckDB's and Arrow's largest decimal.
DECIMAL = pa.decimal128(38, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One observation of one listing: who (a pseudonym) offered or sold what, where, when, for how much.

    The listing is (`source`, `id`); the observation is (listing, `observed_at`, `price`, `kind`).
    `price` is for the whole of what is offered, in `currency`. `attributes` holds every field that has no name of its
    own, as the source wrote it. `found_at` says where a person finds the original ("deals.csv line 17", a URL) and
    `price_path` which part of it the price was read from ("column price", "jsonld offers.price").
    """

    record: ClassVar[str] = "listing"
    key: ClassVar[tuple[str, ...]] = ("source", "id", "observed_at", "price", "kind")

    source: str
    id: str
    kind: str
    title: str
    price: Decimal
    currency: str
    observed_at: datetime
    list_price: Decimal | None = None
    condition: str | None = None
    category: str | None = None
    brand: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    seller: str | None = None
    region: str | None = None
    place: str | None = None
    url: str | None = None
    image: str | None = None
    description: str | None = None
    ended_at: datetime | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)
    run: str
    row: int
    found_at: str
    price_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FxRate:
    """One exchange rate of one day: `rate` units of `quote` for one unit of `base`."""

    record: ClassVar[str] = "fx_rate"
    key: ClassVar[tuple[str, ...]] = ("source", "base", "quote", "kind", "observed_on")

    source: str
    base: str
    quote: str
    kind: str
    rate: Decimal
    observed_on: date
    run: str
    row: int
    found_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row that was read but not believed, whole, with the reason and all that is needed to read it again.

    `row_json` is the row as it was found (column → text), `reading_json` the options it was read with (mapping, fixed
    values, currency, kind).
    """

    record: ClassVar[str] = "quarantine"
    key: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    source: str
    of_record: str
    reason: str
    message: str
    found_at: str
    row_json: str
    reading_json: str
    quarantined_at: datetime
    run: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A decision of a person about something Katy read: the release of a quarantined row, with its corrections."""

    record: ClassVar[str] = "judgement"
    key: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    source: str
    about: str
    verdict: str
    detail_json: str
    judged_at: datetime
    run: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What one run of one source did: how much was asked, read, landed and refused, and how good the reading was.

    `file_sha256` is the hash of an imported file's bytes together with the options it was read with, so that the same
    file is known again. `detail_json` holds counts by reason, status codes and field coverage.
    """

    record: ClassVar[str] = "run_report"
    key: ClassVar[tuple[str, ...]] = ("run", "found_at")

    source: str
    run: str
    row: int
    of_record: str
    found_at: str
    started_at: datetime
    ended_at: datetime
    rows_read: int
    rows_landed: int
    rows_quarantined: int
    file_sha256: str | None = None
    detail_json: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLevel:
    """One row of the never-revised history of market levels.

    `unit` is what the level belongs to ("all", "category:drill", "segment:drill|US-MO", "product:<id>"); `period` the
    first day of the calendar period, `days` its length. `raw` and `published` are natural logs: relative to the unit's
    reference for areas of the market, of the price in the anchor currency for a product. `evidence` is the number of
    distinct sellers seen in the period. `reconstructed` marks periods replayed from before the first publication.
    """

    record: ClassVar[str] = "published_level"
    key: ClassVar[tuple[str, ...]] = ("unit", "period", "snapshot")

    source: str
    unit: str
    period: date
    days: int
    raw: float
    published: float
    evidence: int
    reconstructed: bool
    snapshot: str
    published_at: datetime
    run: str
    row: int


Record = Listing | FxRate | Quarantined | Judgement | RunReport | PublishedLevel
RECORDS: dict[str, type[Record]] = {
    kind.record: kind for kind in (Listing, FxRate, Quarantined, Judgement, RunReport, PublishedLevel)
}

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

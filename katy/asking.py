"""Questions from the command line: words, options and files become valuation requests, and answers become a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic

from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.valuation import ValuationRequest

if TYPE_CHECKING:
    from models.answers.value import Valuer
    from spiders.files.plan import Plan
    from spiders.files.table import Table, TableRow
    from warehouse.records import Listing
    from warehouse.valuation import Valuation

ANSWER_COLUMNS = ("fmv", "low", "high", "currency", "confidence", "reason")
_CHUNK = 4000
# Folded names of fields that an offer or a sale has, and a thing in question has not.
_OF_AN_OFFER = frozenset({"price", "observedat", "endedat", "kind"})
_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """`FIELD=VALUE` options as a dictionary; BadInput names one without an equals sign."""
    out = {}
    for text in texts:
        name, sign, rest = text.partition("=")
        if not sign or not name.strip():
            raise BadInput(f'{option} "{text}" is not FIELD=VALUE, such as {option} brand=Makita')
        out[name.strip()] = rest.strip()
    return out


def valuer_of(home: Home) -> Valuer:
    """The valuer of the current snapshot; NothingPublished where there is none."""
    from katy.version import code_version
    from models.answers.value import open_valuer
    from warehouse import snapshot

    return open_valuer(snapshot.current(home), code_version())


def build_request(
    text: str,
    fields: dict[str, str],
    condition: str | None,
    region: str | None,
    currency: str | None,
    as_of: date | datetime | None,
) -> ValuationRequest:
    """One request; BadInput says what is wrong with it."""
    rest = dict(fields)
    try:
        return ValuationRequest(
            text=rest.pop("title", text),
            condition=condition or rest.pop("condition", None),
            region=region or rest.pop("region", None),
            currency=currency or rest.pop("currency", None),
            as_of=as_of.date() if isinstance(as_of, datetime) else as_of,
            attributes=rest,
        )
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the request"
        raise BadInput(f"{where}: {first['msg']}") from error


def value_file(
    valuer: Valuer,
    path: Path,
    out: Path,
    mapping: dict[str, str],
    fields: dict[str, str],
    condition: str | None,
    region: str | None,
    currency: str | None,
    as_of: datetime | None,
) -> tuple[int, int]:
    """Value each row of a file, in its order, into `out`; returns the rows and how many got a value.

    Rows are read by the import's own code, so that a column means here what it meant there. A price column is not
    looked at. Raises BadInput for what the import would refuse as a whole, and for an unknown kind of output file.
    """
    from spiders.files.formats import open_table

    if out.suffix not in {".csv", ".parquet", ".jsonl"}:
        raise BadInput(f"{out.name}: the answers go to a .csv, .parquet or .jsonl file")
    if out.resolve() == path.resolve():
        raise BadInput(f"{out.name} is the file that is read; name another for the answers")
    table = open_table(path)
    asked = _Asked(_plan_of(table, mapping, fields, currency), condition, region, currency, as_of)
    money = currency.strip().upper() if currency else valuer.rates.anchor
    rows, known = 0, 0
    with _Writer(out, table.columns) as writer:
        for chunk in _chunks(table.rows()):
            read = [asked.request(row) for row in chunk]
            answers = iter(valuer.value_many([each for each in read if isinstance(each, ValuationRequest)]))
            for row, each in zip(chunk, read, strict=True):
                answer = _cells(next(answers)) if isinstance(each, ValuationRequest) else _refused(each, money)
                known += bool(answer["fmv"])
                rows += 1
                writer.write(list(row.cells or [row.text]), answer)
    return rows, known


def _plan_of(table: Table, mapping: dict[str, str], fields: dict[str, str], currency: str | None) -> Plan:
    """How to read things in question from a table: as the import would, but for what only an offer or a sale has.

    A price, dates and the kind of a listing are no part of a thing: such columns are known for what they are, so that
    they do not pass for attributes, and then not looked at.
    """
    from spiders.files.plan import ImportOptions, learn, resolve
    from warehouse.reading.words import fold_header

    columns = {fold_header(column): column for column in reversed(table.columns)}
    mapped = {name: column for name, column in mapping.items() if name != "price" or fold_header(column) in columns}
    if "price" in columns:
        mapped.setdefault("price", columns["price"])
    fixed = {name: value for name, value in fields.items() if fold_header(name) not in _OF_AN_OFFER}
    options = ImportOptions("batch", mapping=mapped, fixed={**fixed, "price": "1"}, currency=currency).checked()
    sample = [row.cells for row, _ in zip(table.rows(), range(200), strict=False) if row.cells is not None]
    now = datetime(1970, 1, 1, tzinfo=UTC)
    plan = resolve(options, table.name, table.columns, sample, now, _LAST_MOMENT)
    plan = learn(plan, (row.cells for row in table.rows() if row.cells is not None))
    places = {name: at for name, at in plan.places.items() if fold_header(name) not in _OF_AN_OFFER}
    return replace(plan, places=places)


class _Asked:
    """Rows of a file as requests."""

    def __init__(
        self, plan: Plan, condition: str | None, region: str | None, currency: str | None, as_of: datetime | None
    ) -> None:
        self.plan, self.condition, self.region, self.currency, self.as_of = plan, condition, region, currency, as_of

    def request(self, row: TableRow) -> ValuationRequest | str:
        """The request of one row, or the reason why it is none."""
        from spiders.files.rows import Place, read_row
        from warehouse.reading.dates import read_instant
        from warehouse.reading.words import fold_header
        from warehouse.records import Quarantined

        if row.cells is None:
            return "broken_row"
        place = Place(f"line {row.line}", "batch", row.line, self.plan.imported_at)
        listing = read_row(self.plan, row.cells, place)
        if isinstance(listing, Quarantined):
            return listing.reason
        fields = _fields(listing)
        stated = next((fields.pop(name) for name in list(fields) if fold_header(name) == "asof"), None)
        currency = self.currency or (listing.currency if self._states_currency(row.cells) else None)
        moment = read_instant(stated, self.plan.order) if stated else self.as_of
        if stated and moment is None:
            return "bad_date"
        try:
            return build_request(listing.title[:2000], fields, self.condition, self.region, currency, moment)
        except BadInput:
            return "bad_request"

    def _states_currency(self, cells: Sequence[str]) -> bool:
        """Whether a currency is said for this row, or for all: then its value is wanted in it."""
        from warehouse.reading.words import is_blank

        places = self.plan.places.get("currency", ())
        return "currency" in self.plan.fixed or any(not is_blank(cells[place]) for place in places)


def _fields(listing: Listing) -> dict[str, str]:
    named = ("condition", "category", "brand", "gtin", "mpn", "region")
    fields = {name: str(value) for name in named if (value := getattr(listing, name))}
    if listing.list_price is not None:
        fields["list_price"] = f"{listing.list_price} {listing.currency}"
    return {**listing.attributes, **fields}


def _cells(answer: Valuation) -> dict[str, str]:
    given = {"fmv": answer.fmv, "low": answer.low, "high": answer.high, "currency": answer.currency}
    return {
        name: text or "" for name, text in {**given, "confidence": answer.confidence, "reason": answer.reason}.items()
    }


def _refused(reason: str, currency: str) -> dict[str, str]:
    return {"fmv": "", "low": "", "high": "", "currency": currency, "confidence": "", "reason": reason}


def _chunks(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    chunk: list[TableRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class _Writer:
    """Answers beside their rows, written to a file beside and renamed when it is whole."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self.path, self.partial = path, path.with_name(f".{path.name}.partial")
        # An input column of the same name keeps its content under another one.
        self.columns = [f"{name} (given)" if name in ANSWER_COLUMNS else name for name in columns]
        self.rows: list[dict[str, Any]] = []

    def __enter__(self) -> _Writer:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.partial.open("w", encoding="utf-8", newline="")
        if self.path.suffix == ".csv":
            self.csv = csv.writer(self.file)
            self.csv.writerow([*self.columns, *ANSWER_COLUMNS])
        return self

    def write(self, cells: list[str], answer: dict[str, str]) -> None:
        cells += [""] * (len(self.columns) - len(cells))
        whole = {**dict(zip(self.columns, cells, strict=False)), **answer}
        if self.path.suffix == ".csv":
            self.csv.writerow([*cells[: len(self.columns)], *(answer[name] for name in ANSWER_COLUMNS)])
        elif self.path.suffix == ".jsonl":
            self.file.write(json.dumps(whole, ensure_ascii=False) + "\n")
        else:
            self.rows.append(whole)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.file.close()
        if kind is not None:
            self.partial.unlink(missing_ok=True)
            return
        if self.path.suffix == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            schema = pa.schema([(name, pa.string()) for name in (*self.columns, *ANSWER_COLUMNS)])
            pq.write_table(pa.Table.from_pylist(self.rows, schema), self.partial)
        self.partial.replace(self.path)

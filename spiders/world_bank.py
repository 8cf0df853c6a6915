"""The World Bank's Pink Sheet: monthly prices of raw materials since 1960, and indices of them.

The workbook's address changes with each release, so its link is looked for on the page of the commodity markets.

Traps: the address of the workbook changes with each release; names drift ("Crude oil, average") and are folded to
keys that stay; the header is taller in some releases than in others, so it is whatever stands above the first month;
cents become dollars, exactly; "…" is a hole, counted and left out; a price that is not positive is quarantined; two
columns of one name are kept apart; remarks below the table are counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

from parsel import Selector

from spiders.feeds.workbook import open_workbook, rows_of
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source

SOURCE = Source(
    name="world_bank",
    title="World Bank: Pink Sheet of commodity prices",
    records=("commodity_price", "price_series"),
    reader="spiders.world_bank:PinkSheet",
    licence_note="CC BY 4.0 (World Bank Terms of Use for Datasets): free to use with the World Bank named",
    follows="https://www.worldbank.org/en/research/commodity-markets",
    cadence=timedelta(days=7),
    base="https://www.worldbank.org/en/research/commodity-markets",
    fields={
        "statistic": "index, always",
        "days": "30: a month",
        "commodity": 'sheet "Monthly Prices": the name above the units, folded; earlier names are kept',
        "title": "the same name, as written",
        "period": "first column, 1960M01",
        "price": "the cell; cents become dollars",
        "currency": "units below the name: ($/bbl)",
        "unit": "units below the name: ($/bbl)",
        "observed_at": "Updated on …",
        "series": 'sheet "Monthly Indices": the lowest name above the column, folded',
        "category": 'sheet "Monthly Indices": the groups above that name',
        "value": "the cell",
    },
    largest=16 * 1024 * 1024,
)

WORKBOOK = "cmo-historical-data-monthly.xlsx"
PRICES, INDICES = "Monthly Prices", "Monthly Indices"
# Where there was no price. Everything else that is no number is quarantined.
HOLES = frozenset({"", "…", "..", "...", "-", "–", "n/a", "N/A", "NA"})
# Names that were changed while the series went on, folded: new → the one kept.
RENAMED = {
    "beef_world": "beef",
    "chicken": "meat_chicken",
    "lamb": "meat_sheep",
    "oranges": "orange",
    "rubber_rss3": "rubber_sgp_mys",
    "rubber_tsr_20": "rubber_tsr20",
    "rice_vietnamese_5": "rice_viet_namese_5",
    "crude_oil_avg": "crude_oil_average",
    "natural_gas_lng_japan": "liquefied_natural_gas_japan",
    "lng_japan": "liquefied_natural_gas_japan",
    "aluminium": "aluminum",
}
_PERIOD = re.compile(r"\s*(\d{4})\s*M\s*(\d{1,2})\s*", re.I)
_DATED = re.compile(r"(\d{4})-(\d{2})-\d{2}(?:T.*)?")
_UPDATED = re.compile(r"updated on\s+(.+)", re.I)
_UNIT = re.compile(r"\(?\s*(US\$|\$|cents|US cents|¢)\s*(?:/|per)\s*(.+?)\s*\)?\s*", re.I)
_INDEX = re.compile(r"\(?\s*(\d{4}\s*=\s*100)\s*\)?")
# The Bank's own short codes, in a row of their own in some releases: CRUDE_PETRO, iENERGY.
_CODE = re.compile(r"[iK]?[A-Z][A-Z0-9_]{2,}")
_NOT_POSITIVE = re.compile(r"-.*|0+(?:\.0*)?")
_MOST_HEADER_ROWS = 30


@dataclass(frozen=True, slots=True)
class _Column:
    """A series: its place in the row, key, name as written, and what its numbers are."""

    place: int
    key: str
    title: str
    currency: str | None = None
    unit: str | None = None
    # The decimal places to shift by: -2 for cents.
    shift: int = 0
    category: str = ""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet above and below its first dated row; `base` says what an index is 100 in, `updated` is an ISO day."""

    name: str
    header: list[list[str]]
    rows: Iterator[list[str]]
    updated: str | None
    base: str | None


def fold_name(name: str) -> str:
    """The stable key of a name: "Crude oil, average" → "crude_oil_average", "Coal, African **" → "coal_african"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    folded = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return RENAMED.get(folded, folded)


def read_unit(text: str) -> tuple[str, str, int] | None:
    """("USD", "bbl", 0) of "($/bbl)", ("USD", "kg", -2) of "(cents/kg)": currency, unit, and the places to shift by.

    The shift is exact: a number of cents times 10⁻² is the number of dollars. None where it is no price per unit.
    """
    found = _UNIT.fullmatch(text.strip())
    if found is None:
        return None
    cents = "cent" in found[1].lower() or found[1] == "¢"
    return "USD", found[2].lower(), -2 if cents else 0


class PinkSheet(Reader):
    """Finds the workbook on the page and reads its two monthly sheets."""

    def parse(self, answer: Answer) -> Iterator[Item]:
        """The page of the commodity markets, or the workbook itself where that was named."""
        if answer.body.startswith(b"PK\x03\x04"):
            yield from self.workbook(answer)
            return
        links = _links(answer)
        if not links:
            raise Unreadable(
                f"there is no link to {WORKBOOK} on it; the page has changed. Name the workbook itself with --base"
            )
        if len(links) > 1:
            yield Note(f"{len(links)} different workbooks are linked; the first is read: {links[0]}")
        if self.visit.saved and not links[0].startswith("file:"):
            raise Unreadable(f"it is a saved page; the workbook is at {links[0]}. Save that and name it with --base")
        yield Ask(links[0], step="workbook")

    def workbook(self, answer: Answer) -> Iterator[Item]:
        """The workbook: prices, then indices."""
        name = answer.url.rsplit("/", 1)[-1]
        book = open_workbook(answer.body, name)
        sheets = {sheet.title.strip().lower(): sheet for sheet in book.worksheets}
        if PRICES.lower() not in sheets:
            raise Unreadable(f'{name} has no sheet "{PRICES}"; it has {", ".join(book.sheetnames)[:200]}')
        try:
            for title, columns in ((PRICES, _price_columns), (INDICES, _index_columns)):
                if title.lower() not in sheets:
                    yield Note(f'{name} has no sheet "{title}"', kind="drift")
                    continue
                sheet = _open_sheet(title, rows_of(sheets[title.lower()], name))
                found = list(columns(sheet))
                yield from _repeated(found, sheet)
                yield from _read(sheet, found)
        finally:
            book.close()


def _links(answer: Answer) -> list[str]:
    links = [urljoin(answer.url, one.strip()) for one in Selector(text=answer.text).xpath("//a/@href").getall()]
    wanted = [one for one in links if unquote(urlsplit(one).path).lower().endswith(f"/{WORKBOOK}")]
    return list(dict.fromkeys(one.split("#")[0] for one in wanted))


def _open_sheet(name: str, rows: Iterator[list[str]]) -> _Sheet:
    """The header is whatever stands above the first row that begins with a month."""
    header: list[list[str]] = []
    for row in islice(rows, _MOST_HEADER_ROWS):
        if row and _month(row[0]):
            break
        header.append([" ".join(cell.split()) for cell in row])
    else:
        raise Unreadable(f'sheet "{name}" has no row that begins with a month such as 1960M01')
    words = [cell for line in header for cell in line[:1]]
    updated = next((_day(found[1]) for word in words if (found := _UPDATED.search(word))), None)
    base = next((found[1].replace(" ", "") for word in words if (found := re.search(r"(\d{4} ?= ?100)", word))), None)
    return _Sheet(name, header, _with(row, rows), updated, base)


def _with(first: list[str], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rest


def _price_columns(sheet: _Sheet) -> Iterator[_Column]:
    """Names stand on the last filled row above the units."""
    lines = _named_lines(sheet)
    units = next((at for at, line in enumerate(lines) if any(_a_unit(cell) for cell in line[1:])), 0)
    if not units:
        raise Unreadable(f'sheet "{sheet.name}" has no row of names with units such as ($/bbl) below it')
    for place, title in enumerate(lines[units - 1]):
        if not place or not title:
            continue
        unit = lines[units][place] if place < len(lines[units]) else ""
        if index := _INDEX.fullmatch(unit):
            yield _Column(place, fold_name(title), title, unit=index[1])
        elif known := read_unit(unit):
            yield _Column(place, fold_name(title), title, *known)
        else:
            # Handed over as it is: without a currency it is quarantined, and says so.
            yield _Column(place, fold_name(title), title, currency="", unit=unit)


def _named_lines(sheet: _Sheet) -> list[list[str]]:
    """The header's lines with something above the columns, without the Bank's codes."""
    lines = [line for line in sheet.header if any(line[1:])]
    return [line for line in lines if not all(_CODE.fullmatch(cell) for cell in line[1:] if cell)]


def _a_unit(text: str) -> bool:
    return read_unit(text) is not None or _INDEX.fullmatch(text) is not None


def _index_columns(sheet: _Sheet) -> Iterator[_Column]:
    """Names stand on several rows, a group above and left of its members; the lowest one is the column's own."""
    lines = _named_lines(sheet)
    above: list[tuple[int, str]] = []
    for place in range(1, max((len(line) for line in lines), default=0)):
        named = [(depth, line[place]) for depth, line in enumerate(lines) if place < len(line) and line[place]]
        if not named:
            continue
        depth, title = named[-1]
        above = [one for one in above if one[0] < depth]
        groups = " > ".join(name for _, name in above)
        above.append((depth, title))
        yield _Column(place, f"{fold_name(title)}_index", title, unit=sheet.base, category=groups)


def _repeated(columns: list[_Column], sheet: _Sheet) -> Iterator[Note]:
    """Two columns of one name would overwrite each other; the second is kept under another key."""
    seen: set[str] = set()
    for at, column in enumerate(columns):
        if column.key in seen:
            columns[at] = replace(column, key=f"{column.key}_{column.place}")
            yield Note(
                f'sheet "{sheet.name}" has "{column.title}" twice; the second is {columns[at].key}', kind="drift"
            )
        seen.add(column.key)


def _read(sheet: _Sheet, columns: Sequence[_Column]) -> Iterator[Item]:
    cells = holes = others = 0
    for row in sheet.rows:
        period = _month(row[0]) if row else ""
        if not period:
            others += any(cell.strip() for cell in row)
            continue
        for column in columns:
            text = row[column.place].strip() if column.place < len(row) else ""
            cells += 1
            if text in HOLES:
                holes += 1
            else:
                yield _found(column, period, text, sheet.updated)
    yield Note(f'sheet "{sheet.name}": {len(columns)} series, {cells} cells, {holes} of them empty by design')
    if others:
        yield Note(f'sheet "{sheet.name}": {others} rows below the table begin with no month and are left out')


def _found(column: _Column, period: str, text: str, updated: str | None) -> Found:
    common = {"title": column.title, "period": period, "days": "30", "unit": column.unit, "observed_at": updated}
    if column.currency is None:
        return Found(
            "price_series",
            texts(series=column.key, value=text, statistic="index", category=column.category, **common),
        )
    price = _shifted(text, column.shift)
    row = texts(commodity=column.key, price=price, currency=column.currency, **common)
    if _NOT_POSITIVE.fullmatch(price):
        return Found("commodity_price", row, reason="bad_price", message=f'price "{text}" is not a positive number')
    return Found("commodity_price", row)


def _shifted(text: str, shift: int) -> str:
    """The number with its point moved, exactly; any other text as it is."""
    if not shift:
        return text
    try:
        return format(Decimal(text).scaleb(shift), "f")
    except InvalidOperation:
        return text


def _month(text: str) -> str:
    """The first day of "1960M01" (or of a date that a spreadsheet made of it) in ISO 8601; "" of any other text."""
    found = _PERIOD.fullmatch(text) or _DATED.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02d}-01" if found else ""


def _day(text: str) -> str | None:
    """ "October 04, 2022" in ISO 8601."""
    for form in ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), form).date().isoformat()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    return None

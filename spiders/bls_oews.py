"""BLS OEWS: what an hour of each occupation is paid in the United States, its states and metropolitan areas, each May.

Zips of workbooks, one row for each area and occupation. Newest first is asked for; where a release is not out yet, the
one before it is.

Traps: names of columns in small letters and as they were in earlier releases; "1,847,900" and "$133,080"; *, ** and #
are no numbers (suppressed, top-coded) and are kept as attributes; groups of occupations and single industries are
counted and left out; area codes that lost their zeros; a zip that is not out yet (404); the year stands in the file's
name only.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from spiders.feeds.workbook import files_inside, open_workbook, rows_of
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Row, Unreadable, texts
from spiders.source import Source

SOURCE = Source(
    name="bls_oews",
    title="BLS OEWS: hourly wages by occupation and area",
    records=("wage_rate",),
    reader="spiders.bls_oews:Wages",
    licence_note="Public domain (bls.gov/opub/copyright-information.htm); BLS asks to be named and for few requests",
    follows="https://www.bls.gov/oes/oes_doc.htm",
    cadence=timedelta(days=30),
    base="https://www.bls.gov/oes/special-requests/",
    currency="USD",
    delay=10.0,
    targets=("nat", "st", "ma"),
    target_note='"nat", "st" or "ma" (nation, states, metropolitan areas), or a release by name: "oesm25nat"',
    fields={
        "currency": "USD, always",
        "occupation": "OCC_CODE",
        "scheme": "the classification of that year",
        "title": "OCC_TITLE",
        "area": "AREA",
        "place": "AREA_TITLE",
        "region": "PRIM_STATE, or AREA where it is a state's FIPS code; none for metropolitan areas",
        "period": "May of the year in the file's name",
        "employment": "TOT_EMP",
        "mean": "H_MEAN; A_MEAN / 2080 where only that is published",
        "p10": "H_PCT10",
        "p25": "H_PCT25",
        "median": "H_MEDIAN",
        "p75": "H_PCT75",
        "p90": "H_PCT90",
        "attributes": "the sign (*, **, #) by its column; hourly_from",
    },
    largest=64 * 1024 * 1024,
    needs_target=True,
)

# "Annual wages have been calculated by multiplying the hourly mean wage by a 'year-round, full-time' hours figure of
# 2,080 hours": the note below every OEWS table (bls.gov/oes/current/oes_nat.htm). Here it is taken back.
HOURS_A_YEAR = Decimal(2080)
_CENT = Decimal("0.01")
# "*" no wage estimate, "**" no employment estimate, "#" at or above the top wage published, "~" below half a per cent.
SIGNS = frozenset({"*", "**", "#", "~"})
_FIGURES = {"mean": "MEAN", "p10": "PCT10", "p25": "PCT25", "median": "MEDIAN", "p75": "PCT75", "p90": "PCT90"}
# As earlier releases called them.
_OLDER = {
    "OCC_GROUP": "O_GROUP",
    "GROUP": "O_GROUP",
    "STATE": "AREA_TITLE",
    "AREA_NAME": "AREA_TITLE",
    "ST": "PRIM_STATE",
}
_NEEDED = ("OCC_CODE", "OCC_TITLE", "TOT_EMP")
# FIPS 5-2 codes of states, with the territories that OEWS has; with "US-" before them they are ISO 3166-2.
_FIPS = (
    "01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD "
    "25MA 26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD "
    "47TN 48TX 49UT 50VT 51VA 53WA 54WV 55WI 56WY 66GU 72PR 78VI"
)
STATES = {code[:2]: code[2:] for code in _FIPS.split()}
_NATION = "99"
_US_NUMBER = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_NAMED_YEAR = re.compile(r"(?:_M_?|oesm)(20\d\d|\d\d)(?!\d)", re.I)
_RELEASE = re.compile(r"oesm(\d\d)([a-z0-9]+)")


@dataclass(slots=True)
class _Left:
    """What is left out of a table, by why, and how many detailed rows say nothing at all."""

    rows: int = 0
    groups: Counter[str] = field(default_factory=Counter)
    industries: int = 0
    silent: int = 0
    footers: int = 0


class Wages(Reader):
    """Reads the tables in a release's zip."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved or not self.visit.targets or self.visit.base.lower().endswith((".zip", ".xlsx")):
            yield Ask(self.visit.base)
            return
        # May's figures are published in the spring after.
        newest = (self.visit.now.year - 1) % 100
        for target in self.visit.targets:
            if _RELEASE.fullmatch(target):
                yield Ask(self.at(f"{target}.zip"))
            else:
                yield Ask(self.at(f"oesm{newest:02d}{target}.zip"), told={"or": f"oesm{newest - 1:02d}{target}.zip"})

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """A release that is not out yet is no failure: the one before it is read."""
        if status == 404 and "or" in ask.told:
            return iter((Note(f"{ask.url} is not out yet"), Ask(self.at(str(ask.told["or"])))))
        return None

    def parse(self, answer: Answer) -> Iterator[Item]:
        release = answer.url.rsplit("/", 1)[-1]
        tables = 0
        for name, content in files_inside(answer, ".xlsx", ".csv"):
            for title, rows in _tables(name, content):
                columns, rows = _header(rows)
                if columns is None:
                    yield Note(f'{name}, "{title}", is no table of wages; left out')
                    continue
                tables += 1
                yield from self._read(columns, rows, _year(name, title, release), name)
        if not tables:
            raise Unreadable(f"{release} holds no table with the columns {', '.join(_NEEDED)}")

    def _read(self, columns: Mapping[str, int], rows: Iterator[list[str]], year: int, name: str) -> Iterator[Item]:
        left = _Left()
        for cells in rows:
            row = {one: cells[place].strip() for one, place in columns.items() if place < len(cells)}
            if self._wanted(row, cells, left):
                said = _wage(row, year)
                if any(one in said for one in ("employment", *_FIGURES)) or not _all_signs(row):
                    yield Found("wage_rate", said)
                else:
                    left.silent += 1
        yield from _told(left, name)

    def _wanted(self, row: Row, cells: list[str], left: _Left) -> bool:
        """Whether a row is about one occupation in all industries; `left` counts the others."""
        filled = sum(bool(cell.strip()) for cell in cells)
        if filled < 2:
            left.footers += filled
            return False
        left.rows += 1
        group = row.get("O_GROUP", "").lower()
        # Earlier releases leave it out; there the codes of groups end in 0.
        group = group or ("group" if row.get("OCC_CODE", "").endswith("0") else "detailed")
        if group != "detailed":
            left.groups[group] += 1
            return False
        if row.get("I_GROUP", "").lower() not in {"", "cross-industry"} or row.get("NAICS", "").strip("0"):
            left.industries += 1
            return False
        return True


def _tables(name: str, content: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
    if name.lower().endswith(".csv"):
        yield name, csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")))
        return
    book = open_workbook(content, name)
    try:
        for sheet in book.worksheets:
            yield sheet.title, rows_of(sheet, name)
    finally:
        book.close()


def _header(rows: Iterator[list[str]]) -> tuple[dict[str, int] | None, Iterator[list[str]]]:
    """Where each column stands, by its name in capitals; None where the first rows name no wages."""
    for _, cells in zip(range(8), rows, strict=False):
        names = [re.sub(r"\W+", "_", cell.strip().upper()) for cell in cells]
        columns: dict[str, int] = {}
        for place, name in enumerate(names):
            columns.setdefault(_OLDER.get(name, name), place)
        if all(name in columns for name in _NEEDED):
            return columns, rows
    return None, rows


def _year(*names: str) -> int:
    for name in names:
        found = _NAMED_YEAR.search(name)
        if found:
            return int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
    raise Unreadable(f'"{names[0]}" does not say its year; name it as BLS does: national_M2025_dl.xlsx')


def scheme_of(year: int) -> str:
    """The Standard Occupational Classification of a release (bls.gov/oes/oes_ques.htm, "classification")."""
    if year >= 2021:
        return "SOC 2018"
    if year >= 2019:
        return "SOC 2018/2010 hybrid"
    return "SOC 2010" if year >= 2010 else "SOC 2000"


def _wage(row: Row, year: int) -> Row:
    area, state = _place(row)
    said = texts(
        occupation=row.get("OCC_CODE"),
        scheme=scheme_of(year),
        title=row.get("OCC_TITLE"),
        area=area,
        place=row.get("AREA_TITLE") or ("United States" if area == _NATION else None),
        region=state,
        period=f"{year}-05-01",
        currency="USD",
        prim_state=row.get("PRIM_STATE"),
    )
    _figure(said, row, "employment", "TOT_EMP")
    derived = False
    for name, column in _FIGURES.items():
        _figure(said, row, name, f"H_{column}")
        # "#" is no hole: the wage is known to be high, so it is not guessed from anything else.
        if name in said or row.get(f"H_{column}", "") not in {"", "*"}:
            continue
        yearly = plain_number(row.get(f"A_{column}", ""))
        if row.get(f"A_{column}") == "#":
            said[f"a_{column.lower()}"] = "#"
        if yearly:
            said[name] = str((Decimal(yearly) / HOURS_A_YEAR).quantize(_CENT, ROUND_HALF_EVEN))
            said[f"a_{column.lower()}"] = yearly
            derived = True
    if derived:
        # Such people (teachers, pilots) mostly work fewer hours than that, so an hour of theirs is worth more.
        said["hourly_from"] = "annual / 2080"
    return said


def _figure(said: Row, row: Row, name: str, column: str) -> None:
    """A number under its name, a sign under its column's; any other text is handed on, to be refused."""
    text = row.get(column, "")
    if text in SIGNS:
        said[column.lower()] = text
    elif text:
        said[name] = plain_number(text) or text


def plain_number(text: str) -> str:
    """ "$133,080" → "133080", "1,847,900" → "1847900"; "" of what is no number in that writing."""
    found = _US_NUMBER.fullmatch(text.strip())
    return found[1].replace(",", "") + (found[2] or "") if found else ""


def _place(row: Row) -> tuple[str, str | None]:
    """The area's code with the zeros a spreadsheet takes away, and its ISO 3166-2 code where it is one."""
    # The national tables of earlier releases have no area at all.
    area = row.get("AREA", _NATION)
    kind = row.get("AREA_TYPE", "")
    if area.isdigit():
        area = area.zfill({"4": 5, "6": 7}.get(kind, 2))
    if area == _NATION or kind == "1":
        return area, "US"
    state = row.get("PRIM_STATE", "").upper() if kind in {"2", "3"} else ""
    state = state if state in STATES.values() else STATES.get(area, "")
    return area, f"US-{state}" if state else None


def _all_signs(row: Row) -> bool:
    """Whether everything that is missing is missing by a sign, or by being blank."""
    columns = ["TOT_EMP", *(f"{kind}_{one}" for kind in "HA" for one in _FIGURES.values())]
    return all(row.get(one, "") in SIGNS or not row.get(one) for one in columns)


def _told(left: _Left, name: str) -> Iterator[Note]:
    groups = ", ".join(f"{count} {group}" for group, count in left.groups.most_common())
    parts = [f"{left.rows} rows"]
    if groups:
        parts.append(f"{sum(left.groups.values())} of them groups of occupations ({groups})")
    if left.industries:
        parts.append(f"{left.industries} of single industries or owners")
    if left.silent:
        parts.append(f"{left.silent} with every figure suppressed")
    if left.footers:
        parts.append(f"{left.footers} lines of remarks")
    yield Note(f"{name}: {'; '.join(parts)}")

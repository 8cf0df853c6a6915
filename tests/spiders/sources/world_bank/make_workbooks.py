"""Makes the workbooks of these cases anew: `python tests/spiders/sources/world_bank/make_workbooks.py`.

The layout is that of the real file: names on row index 4, units below, months in the first column; indices below row
index 9 with their names on several rows.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).parent
TOP = "World Bank Commodity Price Data (The Pink Sheet)"
UPDATED = "Updated on November 03, 2026"


def lying_about_its_size(content: bytes) -> bytes:
    """The same workbook with sheets that claim to be one cell large, as some programs write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/"):
                text = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', text)
            new.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return lying_about_its_size(out.getvalue())


def monthly() -> Workbook:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "AFOSHEET"
    prices = book.create_sheet("Monthly Prices")
    for line in (
        [TOP],
        ["monthly prices in nominal US dollars, 1960 to present"],
        ["(monthly series are available only in nominal US dollars)"],
        [UPDATED],
        [None, "Crude oil, average", "Coal, South African **", "Rubber, RSS3", "Plywood", "Natural gas index", "Urea ",
         "Gold", "Gold", "Rice, Thai 5% ", "Moon dust", None],
        [None, "($/bbl)", "($/mt)", "($/kg)", "(cents/sheet)", "(2010=100)", "($/mt)", "($/troy oz)", "($/troy oz)",
         "($/mt)", "(per handful)", None],
        [None, "CRUDE_PETRO", "COAL_SAFRICA", "RUBBER1_MYSG", "PLYWOOD", "iNATGAS", "UREA_EE_BULK", "GOLD", "GOLD_B",
         "RICE_05", "DUST"],
        ["1960M01", 1.63000011444, "…", 0.8223, 149.17497836621, "…", 42.25, 35.27, "..", 104.45, None],
        ["2026M10", 61.4, 88, 2.113, 550, 131.25, "n.q.", 4001, 4002, 0, 7],
        ["2026M11", -37.63, "#N/A", "1,234.5", "cheap"],
        ["2027M03", 70],
        ["2026M13", 71],
        [],
        ["** not included in the index"],
    ):  # fmt: skip
        prices.append(line)
    indices = book.create_sheet("Monthly Indices")
    for line in (
        [TOP],
        ["monthly indices based on nominal US dollars, 2010=100, 1960 to present"],
        ["(monthly series are available only in nominal US dollar terms)"],
        [UPDATED],
        [],
        [None, "Energy", "Non-energy", None, None, None, None, "Precious Metals"],
        [None, None, None, "Agriculture", None, None, "Metals  & Minerals"],
        [None, None, None, None, "Food"],
        [None, None, " ", " ", None, "Oils & Meals", None, " "],
        [None, "iENERGY", "iNONFUEL", "iAGRICULTURE", "iFOOD", "iFATS_OILS", "iMETMIN", "iPRECIOUSMET"],
        ["1960M01", 2.13444915445322, 18.81589520307, 22.0320871106, 21.19410147097, 23.16907720375, 12.8618468473,
         3.26873458679],
        ["1960M02", 2, "..", None, 21, 22.4, 12.8],
        [],
    ):  # fmt: skip
        indices.append(line)
    book.create_sheet("Description").append(["Series Description"])
    return book


def other_layout() -> Workbook:
    """No indices, months that a spreadsheet made dates of, no "Updated on", no units row above the first month."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "monthly prices "
    for line in ([TOP], [None, "Copper"], [None, "$/mt"], ["2026-09-01T00:00:00", 9200.5], ["2026 M 10", 9300]):
        sheet.append(line)
    return book


def annual() -> Workbook:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Annual Prices (Nominal)"
    sheet.append([1960, 1.63])
    return book


if __name__ == "__main__":
    content = saved(monthly())
    (HERE / "page_and_workbook" / "CMO-Historical-Data-Monthly.xlsx").write_bytes(content)
    (HERE / "saved_workbook" / "CMO-Historical-Data-Monthly.xlsx").write_bytes(saved(other_layout()))
    (HERE / "other_layout" / "CMO-Historical-Data-Monthly.xlsx").write_bytes(saved(annual()))
    (HERE / "damaged_workbook" / "CMO-Historical-Data-Monthly.xlsx").write_bytes(content[: len(content) // 2])

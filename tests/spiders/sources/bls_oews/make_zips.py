"""Makes the zips of these cases anew: `python tests/spiders/sources/bls_oews/make_zips.py`.

The columns are those of the May 2019 to 2025 files; the older release is that of May 2016.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).parent
FIGURES = "MEAN PCT10 PCT25 MEDIAN PCT75 PCT90"
COLUMNS = (
    "AREA AREA_TITLE AREA_TYPE PRIM_STATE NAICS NAICS_TITLE I_GROUP OWN_CODE OCC_CODE OCC_TITLE O_GROUP TOT_EMP "
    "EMP_PRSE JOBS_1000 LOC_QUOTIENT PCT_TOTAL PCT_RPT H_MEAN A_MEAN MEAN_PRSE H_PCT10 H_PCT25 H_MEDIAN H_PCT75 "
    "H_PCT90 A_PCT10 A_PCT25 A_MEDIAN A_PCT75 A_PCT90 ANNUAL HOURLY"
).split()
Place = tuple[object, str, object, str]
NATION: Place = ("99", "U.S.", "1", "US")
PUERTO_RICO: Place = ("72", "Puerto Rico", "3", "PR")


def row(
    place: Place,
    code: str | None,
    title: str,
    group: str,
    employed: object,
    hourly: str,
    yearly: str = "",
    **more: object,
) -> list[object]:
    """A line of a table. Wages are words: "32.60" stays a text, "=32.60" is a number as Excel has it."""
    said: dict[str, object] = dict(zip(("AREA", "AREA_TITLE", "AREA_TYPE", "PRIM_STATE"), place, strict=True))
    said |= {"NAICS": "000000", "NAICS_TITLE": "Cross-industry", "I_GROUP": "cross-industry", "OWN_CODE": "1235"}
    said |= {"OCC_CODE": code, "OCC_TITLE": title, "O_GROUP": group, "TOT_EMP": employed}
    for kind, words in (("H", hourly), ("A", yearly)):
        for name, word in zip(FIGURES.split(), words.split(), strict=False):
            said[f"{kind}_{name}"] = float(word[1:]) if word.startswith("=") else word.replace("_", " ")
    return [{**said, **more}.get(name) for name in COLUMNS]


def workbook(title: str, *lines: Sequence[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for line in lines:
        sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(path: str, files: dict[str, bytes]) -> None:
    """A zip whose files do not carry the time they were made."""
    with zipfile.ZipFile(HERE / path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


DESCRIPTION = workbook("Field Descriptions", ["May 2025 OEWS Estimates"], ["Field", "Field Description"], ["occ_code"])

NATIONAL = workbook(
    "national_M2025_dl",
    COLUMNS,
    row(NATION, "00-0000", "All Occupations", "total", "154,187,380", "32.66 14.4 17.9 23.8 37.9 58.1"),
    row(NATION, "47-0000", "Construction and Extraction Occupations", "major", 6_200_000, "30 18 22 28 36 47"),
    # Numbers as texts with separators and the sign of money.
    row(NATION, "47-2111", "Electricians", "detailed", "712,580", "$32.60 $19.09 23.20 29.61 39.23 50.82",
        "$67,810 39,710 48,250 61,590 81,600 105,700"),
    # Numbers as numbers; the highest are top-coded.
    row(NATION, "29-1216", "General Internal Medicine Physicians", "detailed", 67_120,
        "=118.01 =31.28 =75.9 =107.5 # #", "=245450 =65060 =157870 =223310 # #"),
    # Only a yearly wage is published, only an hourly one.
    row(NATION, "25-2021", "Elementary School Teachers, Except Special Education", "detailed", "1,409,330",
        "* * * * * *", "$133,080 46,960 51,690 62,340 79,560 #", ANNUAL="TRUE"),
    row(NATION, "27-2011", "Actors", "detailed", "**", "=41.3 =15.6 =17.7 =23.33 =38.4 #", HOURLY=True),
    # Nothing but signs; a text that is neither number nor sign; no code.
    row(NATION, "53-4099", "Rail Transportation Workers, All Other", "detailed", "**", "* * * * * *", "* * * * * *"),
    row(NATION, "47-2152", "Plumbers, Pipefitters, and Steamfitters", "detailed", "455,940",
        "see_note =19 =23.5 =30.3 =39.6 =50.6"),
    row(NATION, None, "Lost code", "detailed", 10, "1 1 1 1 1 1"),
    # The same occupation in one industry, and by owner.
    row(NATION, "47-2111", "Electricians", "detailed", "480,000", "33 19 23 30 40 51", NAICS="238210",
        I_GROUP="4-digit"),
    row(NATION, "47-2111", "Electricians", "detailed", "650,000", "33 19 23 30 40 51",
        I_GROUP="cross-industry, ownership", OWN_CODE="5"),
    ["Source: Occupational Employment and Wage Statistics"],
)  # fmt: skip

HAIR = "Hairdressers, Hairstylists, and Cosmetologists"
# The header in small letters; a code that a spreadsheet made a number of.
STATES = workbook(
    "state_M2025_dl",
    [name.lower() for name in COLUMNS],
    row((1, "Alabama", 2, "AL"), "39-5012", HAIR, "detailed", "2,310", "=17.02 =9.3 =11.2 =14.5 =18.9 =28.1"),
    row(PUERTO_RICO, "39-5012", HAIR, "detailed", "900", "12.10 10.5 10.6 11 12 15.2"),
    row(PUERTO_RICO, "39-5010", "Barbers, Hairdressers, Hairstylists and Cosmetologists", "broad", "950", ""),
)

BICYCLES = "Bicycle Repairers"
METRO = workbook(
    "MSA_M2025_dl",
    COLUMNS,
    row(("41180", "St. Louis, MO-IL", "4", "MO"), "49-3091", BICYCLES, "detailed", "150",
        "=18.9 =14 =16.3 =18 =21.5 =24.8"),
)  # fmt: skip
RURAL = workbook(
    "BOS_M2025_dl",
    COLUMNS,
    row((100_001, "Northwest Alabama nonmetropolitan area", "6", "AL"), "49-3091", BICYCLES, "detailed", "**",
        "* * * =15.25 * *"),
)  # fmt: skip

OLDER_NATIONAL = workbook(
    "national_dl",
    "OCC_CODE OCC_TITLE OCC_GROUP TOT_EMP EMP_PRSE H_MEAN A_MEAN H_PCT10 H_PCT25 H_MEDIAN H_PCT75 H_PCT90".split(),
    ["49-3090", "Miscellaneous Vehicle Mechanics", "broad", "43,960", 2.2, "14.1", "29,330"],
    ["49-3091", BICYCLES, "detailed", "11,740", 4.1, "13.96", "29,040", "9.65", "11.22", "13.34", "15.92", "19.24"],
)
OLDER_STATE = workbook(
    "State_dl",
    "AREA ST STATE OCC_CODE OCC_TITLE OCC_GROUP TOT_EMP H_MEAN A_MEAN H_MEDIAN ANNUAL".split(),
    ["29", "MO", "Missouri", "49-3091", BICYCLES, None, "170", "13.10", "27,240", "12.62", None],
    ["29", "MO", "Missouri", "49-3090", "Miscellaneous Vehicle Mechanics", None, "570", "13.4", "27,900", "12.7", None],
    ["29", "MO", "Missouri", "25-2021", "Elementary School Teachers", "detailed", "26,060", "*", "49,340", "*", "TRUE"],
)

if __name__ == "__main__":
    packed(
        "releases/nat.zip",
        {
            "oesm25nat/field_descriptions.xlsx": DESCRIPTION,
            "oesm25nat/~$national_M2025_dl.xlsx": b"open",
            "oesm25nat/national_M2025_dl.xlsx": NATIONAL,
        },
    )
    packed("releases/st.zip", {"oesm25st/state_M2025_dl.xlsx": STATES})
    metro = {"oesm25ma/MSA_M2025_dl.xlsx": METRO, "oesm25ma/BOS_M2025_dl.xlsx": RURAL}
    packed("releases/ma.zip", {**metro, "__MACOSX/._BOS_M2025_dl.xlsx": b"no"})
    packed("older_release/nat.zip", {"oesm16nat/national_M2016_dl.xlsx": OLDER_NATIONAL})
    packed("older_release/st.zip", {"oesm16st/state_M2016_dl.xlsx": OLDER_STATE})
    packed("no_wages/nat.zip", {"oesm25nat/field_descriptions.xlsx": DESCRIPTION})
    (HERE / "named_file" / "wages.xlsx").write_bytes(OLDER_STATE)

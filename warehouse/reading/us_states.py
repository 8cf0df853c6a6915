"""The states and territories of the United States by what sources call them: postal code, FIPS code, name.

Codes: ANSI INCITS 38 (FIPS 5-2). Regions: ISO 3166-2:US. Micronesia, the Marshall Islands and Palau stand in
FIPS too, and the United States declare disasters there, but they are countries of their own.
"""

from __future__ import annotations

from functools import cache

# code FIPS name
_STATES = """
AL 01 Alabama; AK 02 Alaska; AZ 04 Arizona; AR 05 Arkansas; CA 06 California; CO 08 Colorado; CT 09 Connecticut;
DE 10 Delaware; DC 11 District of Columbia; FL 12 Florida; GA 13 Georgia; HI 15 Hawaii; ID 16 Idaho; IL 17 Illinois;
IN 18 Indiana; IA 19 Iowa; KS 20 Kansas; KY 21 Kentucky; LA 22 Louisiana; ME 23 Maine; MD 24 Maryland;
MA 25 Massachusetts; MI 26 Michigan; MN 27 Minnesota; MS 28 Mississippi; MO 29 Missouri; MT 30 Montana; NE 31 Nebraska;
NV 32 Nevada; NH 33 New Hampshire; NJ 34 New Jersey; NM 35 New Mexico; NY 36 New York; NC 37 North Carolina;
ND 38 North Dakota; OH 39 Ohio; OK 40 Oklahoma; OR 41 Oregon; PA 42 Pennsylvania; RI 44 Rhode Island;
SC 45 South Carolina; SD 46 South Dakota; TN 47 Tennessee; TX 48 Texas; UT 49 Utah; VT 50 Vermont; VA 51 Virginia;
WA 53 Washington; WV 54 West Virginia; WI 55 Wisconsin; WY 56 Wyoming; AS 60 American Samoa; GU 66 Guam;
MP 69 Northern Mariana Islands; PR 72 Puerto Rico; VI 78 Virgin Islands
"""
# ISO 3166-1 alpha-3 of the freely associated states, by postal and by FIPS code.
COUNTRIES = {"FM": "FSM", "MH": "MHL", "PW": "PLW", "64": "FSM", "68": "MHL", "70": "PLW"}


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Codes by every other name, FIPS codes by code."""
    rows = [one.split(None, 2) for one in " ".join(_STATES.split()).split(";")]
    codes = {key.casefold(): code for code, fips, name in rows for key in (code, fips, name)}
    return codes, {code: fips for code, fips, _ in rows}


def state_of(text: str) -> str | None:
    """The postal code of a state named by postal code, FIPS code ("1", "01") or name; None for anything else."""
    text = " ".join(text.split())
    return _known()[0].get(text.zfill(2).casefold() if text.isdecimal() else text.casefold())


def fips_of(code: str) -> str:
    """The two digits of a state's FIPS code: "MO" → "29"."""
    return _known()[1][code]


def region_of(text: str) -> str | None:
    """The ISO 3166-2 code of a state named in any of those ways: "Missouri" → "US-MO"."""
    code = state_of(text)
    return None if code is None else f"US-{code}"

"""Where an article on eBay lies, from its itemLocation: a region as far as it can be told, and no more of a place.

eBay masks postal codes ("631**", "N2E***") and seldom names the state. The first three digits of a US ZIP code and the
first letter of a Canadian postal code tell it. What is not masked is masked here: a whole code can be one house.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

# The lowest three-digit ZIP prefix of each stretch and its state (USPS Publication 65 and Labeling List L002).
_ZIP_STRETCHES = (
    "005 NY 006 PR 008 VI 009 PR 010 MA 028 RI 030 NH 039 ME 050 VT 055 MA 056 VT 060 CT 070 NJ 090 - 100 NY 150 "
    "PA 197 DE 200 DC 201 VA 202 DC 206 MD 220 VA 247 WV 270 NC 290 SC 300 GA 320 FL 340 - 341 FL 350 AL 370 TN "
    "386 MS 398 GA 400 KY 430 OH 460 IN 480 MI 500 IA 530 WI 550 MN 569 - 570 SD 580 ND 590 MT 600 IL 630 MO 660 "
    "KS 680 NE 700 LA 716 AR 730 OK 733 TX 734 OK 750 TX 800 CO 820 WY 832 ID 840 UT 850 AZ 870 NM 885 TX 889 NV "
    "900 CA 962 - 967 HI 969 - 970 OR 980 WA 995 AK"
).split()
_STARTS, _STATES = _ZIP_STRETCHES[::2], _ZIP_STRETCHES[1::2]
# Canada Post, forward sortation areas; X is shared by two territories.
_PROVINCES = {
    **{"A": "NL", "B": "NS", "C": "PE", "E": "NB", "G": "QC", "H": "QC", "J": "QC", "K": "ON", "L": "ON", "M": "ON"},
    **{"N": "ON", "P": "ON", "R": "MB", "S": "SK", "T": "AB", "V": "BC", "Y": "YT"},
}
_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"[A-Z]{2,3}")
_SHOWN = 3


def place_of(location: Any) -> tuple[str | None, str | None]:
    """(region, place) of an itemLocation: ISO 3166-2 where the state is known, else the country; city and masked code.

    ({"country": "US", "postalCode": "631**"} → "US-MO", "631**")
    """
    if not isinstance(location, dict):
        return None, None
    said = {
        name: str(location.get(name) or "").strip() for name in ("city", "stateOrProvince", "postalCode", "country")
    }
    country, code = said["country"].upper(), said["postalCode"].upper()
    state = said["stateOrProvince"]
    place = ", ".join(filter(None, (said["city"], masked(code)))) or None
    if not _COUNTRY.fullmatch(country):
        return said["country"] or None, place
    known = state.upper() if _SUBDIVISION.fullmatch(state.upper()) and state.isupper() else _state(country, code)
    return (f"{country}-{known}" if known else country), place


def masked(code: str) -> str:
    """A postal code with no more than its first three signs: "63103" → "631**"."""
    return code[:_SHOWN] + re.sub(r"[^\W_]", "*", code[_SHOWN:])


def _state(country: str, code: str) -> str | None:
    if country == "US" and re.match(r"[0-9]{3}", code):
        at = bisect_right(_STARTS, code[:3]) - 1
        return None if at < 0 or _STATES[at] == "-" else _STATES[at]
    return _PROVINCES.get(code[:1]) if country == "CA" else None

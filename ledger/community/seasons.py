"""The days of the equinoxes and solstices, and the other days of a year that a policy names.

Meeus, Astronomical Algorithms (2nd ed.), chapter 27: the mean moment by a polynomial in the year, corrected by 24
periodic terms; right to about a minute for 1951 to 2050. Terrestrial time is taken as 69 seconds ahead of UTC, which
holds for the first half of this century to within some seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import cos, radians

from ledger.policy.sections_giving import DATES

# Table 27.B, years 1000 to 3000: the Julian day by powers of (year - 2000) / 1000.
_MEAN = {
    "march equinox": (2451623.80984, 365242.37404, 0.05169, -0.00411, -0.00057),
    "june solstice": (2451716.56767, 365241.62603, 0.00325, 0.00888, -0.00030),
    "september equinox": (2451810.21715, 365242.01767, -0.11575, 0.00337, 0.00078),
    "december solstice": (2451900.05952, 365242.74049, -0.06223, -0.00823, 0.00032),
}
# Table 27.C: amplitude, and the angle at the epoch and by century, in degrees.
_TERMS = (
    (485, 324.96, 1934.136), (203, 337.23, 32964.467), (199, 342.08, 20.186), (182, 27.85, 445267.112),
    (156, 73.14, 45036.886), (136, 171.52, 22518.443), (77, 222.54, 65928.934), (74, 296.72, 3034.906),
    (70, 243.58, 9037.513), (58, 119.81, 33718.147), (52, 297.17, 150.678), (50, 21.02, 2281.226),
    (45, 247.54, 29929.562), (44, 325.15, 31555.956), (29, 60.93, 4443.417), (18, 155.12, 67555.328),
    (17, 288.79, 4562.452), (16, 198.04, 62894.029), (14, 199.76, 31436.921), (12, 95.39, 14577.848),
    (12, 287.11, 31931.756), (12, 320.81, 34777.259), (9, 227.73, 1222.114), (8, 15.45, 16859.074),
)  # fmt: skip
_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)  # Julian day 2451545.0
_TERRESTRIAL_AHEAD = timedelta(seconds=69)


def moment(name: str, year: int) -> datetime:
    """When the sun's `name` ("march equinox" …) is in a year, in UTC."""
    thousands = (year - 2000) / 1000
    mean = sum(factor * thousands**power for power, factor in enumerate(_MEAN[name]))
    centuries = (mean - 2451545.0) / 36525
    angle = radians(35999.373 * centuries - 2.47)
    swing = sum(size * cos(radians(start + speed * centuries)) for size, start, speed in _TERMS)
    julian = mean + 0.00001 * swing / (1 + 0.0334 * cos(angle) + 0.0007 * cos(2 * angle))
    return _EPOCH + timedelta(days=julian - 2451545.0) - _TERRESTRIAL_AHEAD


def day(name: str, year: int) -> date:
    """The day (UTC) of a season's name or of "12-25" in a year."""
    if name in DATES:
        return moment(name, year).date()
    return date.fromisoformat(f"{year}-{name}")


def last_and_next(names: Iterable[str], today: date) -> tuple[date, date]:
    """The newest of the days that has come, today included, and the next one."""
    days = sorted(day(name, year) for name in names for year in range(today.year - 1, today.year + 2))
    return max(each for each in days if each <= today), min(each for each in days if each > today)

"""What the community gives by its policy: grants, credits, bonuses and the jubilee.

All percentages are fractions of one, all amounts are rails. `source` is the account of the house that gives; its floor
is the cap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.books.units import MINUTES, K
from ledger.policy.sections_fields import Fields
from ledger.policy.sections_taking import EVERYBODY, MEMBERS

# What speaks for a new member: a tier that is verified, people who vouch, skills, and things registered.
REASONS = ("verified", "vouch", "skill", "listing")
DATES = ("march equinox", "june solstice", "september equinox", "december solstice")


@dataclass(frozen=True, slots=True)
class Points:
    """What each of a kind is worth in rails, and how many count."""

    each: int
    most: int


@dataclass(frozen=True, slots=True)
class Grants:
    """[policy.grants]: once to a member, `after_days` after joining: `base` and the points, together at most `most`."""

    source: str
    base: int
    most: int
    after_days: int
    points: Mapping[str, Points]
    verified: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """[policy.work]: credit for community work, in minutes or in K at the hour, at most `percent` of the value of the
    trades finished in the last `days` days."""

    source: str
    unit: str
    percent: Fraction
    days: int


@dataclass(frozen=True, slots=True)
class Repair:
    """[policy.repair]: a share of the agreed value of a repair to both sides of its trade: at most `most` for a repair
    and `most_a_month` for an account."""

    source: str
    percent: Fraction
    most: int
    most_a_month: int
    kinds: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Essentials:
    """[policy.essentials]: `amount` a month times a member's need, to be spent on `categories` within `days` days.
    `otherwise` is the factor of a member without a recorded need; 0: only those with one get it."""

    source: str
    amount: int
    needs: Mapping[str, Fraction]
    otherwise: Fraction
    categories: tuple[str, ...]
    days: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jubilee:
    """[policy.jubilee]: on `dates`, and `within_days` days after: forgive a share of a debt up to `forgive_most`, take
    a share of what exceeds `above`, and give `gift` to all."""

    source: str
    into: str
    dates: tuple[str, ...]
    within_days: int
    forgive: Fraction
    forgive_most: int
    take: Fraction
    above: int
    gift: int
    kinds: tuple[str, ...]


def grants(table: Any) -> Grants:
    """Read [policy.grants]. Raises `ValueError` or `BadInput`, naming the field."""
    read = Fields("grants", table)
    points = {}
    for name, inner in read.tables("points").items():
        if name not in REASONS:
            raise ValueError(f"[policy.grants.points] are for {', '.join(REASONS)}, not {name!r}")
        points[name] = Points(inner.rails("each"), inner.whole("most", 1))
        inner.done()
    made = Grants(
        source=read.text("from", "grants"),
        base=read.rails("base"),
        most=read.rails("most"),
        after_days=read.whole("after_days", 0),
        points=points,
        verified=read.names("verified", ("verified",)),
        kinds=read.names("kinds", MEMBERS),
    )
    read.done()
    if made.most < made.base:
        raise ValueError("[policy.grants] most is not below base")
    return made


def work(table: Any) -> Work:
    """Read [policy.work]. Raises `ValueError`, naming the field."""
    read = Fields("work", table)
    made = Work(
        source=read.text("from", "work"),
        unit=read.choice("unit", (MINUTES, K), MINUTES),
        percent=read.percent("percent", "10"),
        days=read.whole("days", 30, least=1),
    )
    read.done()
    return made


def repair(table: Any) -> Repair:
    """Read [policy.repair]. Raises `ValueError` or `BadInput`, naming the field."""
    read = Fields("repair", table)
    made = Repair(
        source=read.text("from", "repair"),
        percent=read.percent("percent"),
        most=read.rails("most"),
        most_a_month=read.rails("most_a_month"),
        kinds=read.names("kinds", ("service", "time")),
        words=tuple(word.casefold() for word in read.names("words")),
    )
    read.done()
    return made


def essentials(table: Any) -> Essentials:
    """Read [policy.essentials]. Raises `ValueError` or `BadInput`, naming the field."""
    read = Fields("essentials", table)
    factors = read.inner("needs")
    made = Essentials(
        source=read.text("from", "essentials"),
        amount=read.rails("amount"),
        needs={name: factors.number(name, most=10) for name in factors.there()},
        otherwise=read.number("otherwise", "0", most=10),
        categories=read.names("categories"),
        days=read.whole("days", 30, least=1),
        kinds=read.names("kinds", MEMBERS),
    )
    read.done()
    return made


def jubilee(table: Any) -> Jubilee:
    """Read [policy.jubilee]. Raises `ValueError` or `BadInput`, naming the field."""
    read = Fields("jubilee", table)
    made = Jubilee(
        source=read.text("from", "jubilee"),
        into=read.text("into", "pool"),
        dates=read.names("dates", DATES),
        within_days=read.whole("within_days", 7),
        forgive=read.percent("forgive_percent"),
        forgive_most=read.rails("forgive_most"),
        take=read.percent("take_percent"),
        above=read.rails("above"),
        gift=read.rails("gift"),
        kinds=read.names("kinds", EVERYBODY),
    )
    read.done()
    for date in made.dates:
        if date not in DATES and not _is_day(date):
            raise ValueError(
                f'[policy.jubilee] a date is one of {", ".join(DATES)} or a day such as "12-25", not {date!r}'
            )
    return made


def _is_day(text: str) -> bool:
    month, dash, day = text.partition("-")
    # The 29th of February is not in every year.
    longest = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}
    whole = dash == "-" and len(text) == 5 and text.isascii() and (month + day).isdigit()
    return whole and 1 <= int(month) <= 12 and 1 <= int(day) <= longest.get(int(month), 31)

"""What a crisis changes in a community's policy while it lasts: [policy.crises.NAME]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.books.units import rails
from ledger.policy.sections_fields import Fields

# What a household cannot do without: water, food, shelter and medical goods.
ESSENTIALS = ("water", "food", "shelter", "medical")


@dataclass(frozen=True, slots=True)
class CrisisRule:
    """What one kind of crisis changes; amounts in rails, None: nothing.

    `floor` is for every tier that may owe at all, and never a stricter one. `relief` goes once to each member of
    `relief_tiers` from the house's account `source`. `surge_cap` is how many times its usual price is suggested at most
    in a trade for goods of the classes `surge_goods`, or of categories of these names.
    """

    demurrage: bool = True
    fee: bool = True
    insurance: bool = True
    floor: int | None = None
    hour: int | None = None
    surge_cap: Fraction | None = None
    surge_goods: tuple[str, ...] = ESSENTIALS
    relief: int | None = None
    relief_tiers: tuple[str, ...] = ()
    source: str = "relief"


def crises(table: Any) -> Mapping[str, CrisisRule]:
    """Read [policy.crises]. Raises `ValueError` or `BadInput`, naming the crisis and the field."""
    if not isinstance(table, dict):
        raise ValueError(f"[policy.crises] is a table of crises, not {table!r}")
    return {name: _rule(Fields(f"crises.{name}", inner)) for name, inner in table.items()}


def _rule(read: Fields) -> CrisisRule:
    made = CrisisRule(
        demurrage=read.yes("demurrage", True),
        fee=read.yes("fee", True),
        insurance=read.yes("insurance", True),
        floor=rails(read.text("floor")) if read.has("floor") else None,
        hour=read.rails("hour") if read.has("hour") else None,
        surge_cap=read.number("surge_cap") if read.has("surge_cap") else None,
        surge_goods=read.names("surge_goods", ESSENTIALS),
        relief=read.rails("relief") if read.has("relief") else None,
        relief_tiers=read.names("relief_tiers", ("verified",)),
        source=read.text("from", "relief"),
    )
    read.done()
    if (made.floor or 0) > 0 or made.hour == 0:
        raise ValueError(f"[policy.{read.section}] a floor is at most zero, an hour above it")
    if made.surge_cap is not None and made.surge_cap < 1:
        raise ValueError(
            f"[policy.{read.section}] surge_cap is at least 1: what a thing usually costs may be asked for it"
        )
    return made

"""What the community takes by its policy: the fee on a trade, and demurrage on what lies still.

All percentages are fractions of one, all amounts are rails.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.policy.sections_fields import Fields

PAID_BY = ("payer", "payee", "split")
MEMBERS = ("member",)
EVERYBODY = ("member", "business")


@dataclass(frozen=True, slots=True)
class Fee:
    """[policy.fee]: a share of the smaller side of a finished trade, into an account of the house."""

    percent: Fraction
    paid_by: str
    into: str


@dataclass(frozen=True, slots=True)
class Demurrage:
    """[policy.demurrage]: a share, each month, of what an account has held for `from_day` days or longer and what
    exceeds the exemption of its tier, into an account of the house."""

    percent: Fraction
    from_day: int
    into: str
    kinds: tuple[str, ...]


def fee(table: Any) -> Fee:
    """Read [policy.fee]. Raises `ValueError`, naming the field."""
    read = Fields("fee", table)
    made = Fee(read.percent("percent"), read.choice("paid_by", PAID_BY, "payer"), read.text("into", "pool"))
    read.done()
    return made


def demurrage(table: Any) -> Demurrage:
    """Read [policy.demurrage]. Raises `ValueError`, naming the field."""
    read = Fields("demurrage", table)
    made = Demurrage(
        percent=read.percent("percent"),
        from_day=read.whole("from_day", 90),
        into=read.text("into", "pool"),
        kinds=read.names("kinds", EVERYBODY),
    )
    read.done()
    return made

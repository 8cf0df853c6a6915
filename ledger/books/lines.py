"""Lines: what a transfer or a promise changes at one account. Together they sum to zero in every unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.books.units import UNITS, K

Place = tuple[str, str]  # account and unit


@dataclass(frozen=True, slots=True)
class Line:
    """One account's share of a transfer: rails or minutes that come in (above zero) or go out (below)."""

    account: str
    amount: int
    unit: str = K


def check_balanced(lines: Sequence[Line]) -> None:
    """Assert what every transfer is: two lines or more that sum to zero per unit. A breach is a fault in Katy."""
    assert len(lines) >= 2, "a transfer has at least two lines"
    totals: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        assert line.unit in UNITS, f"{line.unit} is no unit of the books"
        totals[line.unit] += line.amount
    assert not any(totals.values()), "the lines of a transfer sum to zero"


def net(lines: Sequence[Line]) -> dict[Place, int]:
    """What the lines change for each account in each unit."""
    changes: defaultdict[Place, int] = defaultdict(int)
    for line in lines:
        changes[line.account, line.unit] += line.amount
    return dict(changes)

"""What a policy says of trades: when K goes into escrow, when witnesses are needed, how local trade is encouraged.

    [policy.escrow]     trades_below, above
    [policy.witnesses]  above, count, proof_above
    [policy.local]      within_miles, percent, beyond_percent

Each is optional. A policy without a table has no escrow, asks for no witness, encourages nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.books.units import rails


@dataclass(frozen=True, slots=True)
class Escrow:
    """K is kept by the house until a trade is done where a party has finished fewer than `trades_below` trades, or
    where more than `above` rails are paid (None: whatever the amount)."""

    trades_below: int
    above: int | None

    def needed(self, amount: int, fewest_finished: int) -> bool:
        """Whether `amount` rails between parties of whom the newer one has finished so many trades are kept."""
        return amount > 0 and (fewest_finished < self.trades_below or (self.above is not None and amount > self.above))


@dataclass(frozen=True, slots=True)
class Witnesses:
    """A trade that pays more than `above` rails needs the word of `count` others before it is done; above `proof_above`
    also both deliveries marked, one of them with a photo (None: never)."""

    above: int
    count: int
    proof_above: int | None


@dataclass(frozen=True, slots=True)
class Local:
    """The encouragement for local trade: up to `miles` it is `percent`, by the first band that fits; `beyond` after the
    last. It is shown beside a trade, never in a value, its record or the tax."""

    bands: tuple[tuple[int, int], ...]
    beyond: int

    def percent(self, miles: int) -> int:
        """The encouragement for a distance in hundredths of a mile."""
        for within, percent in self.bands:
            if miles < within or ((within, percent) == self.bands[-1] and miles == within):
                return percent
        return self.beyond


def escrow(table: Mapping[str, Any]) -> Escrow:
    """`[policy.escrow]`. Raises `ValueError`, `KeyError` or `BadInput`."""
    _known(table, {"trades_below", "above"}, "escrow")
    made = Escrow(int(table.get("trades_below", 0)), rails(table["above"]) if "above" in table else None)
    if made.trades_below < 0 or (made.above or 0) < 0:
        raise ValueError("escrow: trades_below and above are not below zero")
    return made


def witnesses(table: Mapping[str, Any]) -> Witnesses:
    """`[policy.witnesses]`. Raises `ValueError`, `KeyError` or `BadInput`."""
    _known(table, {"above", "count", "proof_above"}, "witnesses")
    proof = rails(table["proof_above"]) if "proof_above" in table else None
    made = Witnesses(rails(table["above"]), int(table.get("count", 1)), proof)
    if made.above < 0 or not 1 <= made.count <= 9 or (proof is not None and proof < made.above):
        raise ValueError("witnesses: above is not below zero, count is 1 to 9, proof_above is not below above")
    return made


def local(table: Mapping[str, Any]) -> Local:
    """`[policy.local]`: `within_miles` and `percent` are lists of the same length, the nearest band first."""
    _known(table, {"within_miles", "percent", "beyond_percent"}, "local")
    within, percent = [int(each) for each in table["within_miles"]], [int(each) for each in table["percent"]]
    beyond = int(table.get("beyond_percent", 0))
    if not within or len(within) != len(percent) or within != sorted(set(within)) or within[0] <= 0:
        raise ValueError("local: within_miles rises, and percent has as many numbers")
    if not all(-100 <= each <= 100 for each in (*percent, beyond)):
        raise ValueError("local: percents are -100 to 100")
    return Local(tuple((miles * 100, each) for miles, each in zip(within, percent, strict=True)), beyond)


def _known(table: Mapping[str, Any], fields: set[str], what: str) -> None:
    odd = sorted(table.keys() - fields)
    if odd:
        raise ValueError(f"{what} has {', '.join(sorted(fields))}, not {odd}")

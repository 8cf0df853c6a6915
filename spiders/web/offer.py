"""An offer of a page, as texts: what all reading of pages hands on."""

from __future__ import annotations

from dataclasses import dataclass

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer of a product: its row, the price's place on the page, and what is wrong with the price, if anything."""

    row: Row
    price_path: str
    reason: str | None = None
    message: str = ""

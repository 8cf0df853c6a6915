"""A labelled pair: what the pair model learns from, wherever the label came from."""

from __future__ import annotations

from dataclasses import dataclass

from features.matching.item import Item


@dataclass(frozen=True, slots=True)
class Label:
    """Two items, whether they are one product, since which day (since 1970) that is known, and how much it counts."""

    left: Item
    right: Item
    same: bool
    day: int = 0
    weight: float = 1.0

"""One side of a pair: the words of a listing or a product, nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """What a listing or a product says of itself.

    ``price`` is in one currency for both sides of a pair and not logged. Every field but
    ``key`` and ``title`` may be missing (None or empty); nothing is guessed to fill it.
    """

    key: str
    title: str
    brand: str | None = None
    description: str | None = None
    category: str | None = None
    price: float | None = None
    gtin: str | None = None
    mpn: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()

"""Which product the listings of one wording are examples of, from which day on, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductLink:
    """From `day` on the listings whose key is `product_key` are examples of `product`.

    The key of a listing is made from its identifiers, model codes or words when it is first seen; a product's id is
    the key that founded it. `how` is founded (a product of its own), exact (the same maker's number), matched (the pair
    model and the guard of the cluster agree), merged (its product turned out to be an older one), split (an exact
    contradiction) or person (somebody decided). `probability` is that of being the same product, `why` says it in
    words, `model` is the key of the scorer. Links are only ever added: the last one on or before a day holds on it.
    """

    record: ClassVar[str] = "product_link"
    key: ClassVar[tuple[str, ...]] = ("product_key", "day", "how", "product", "decided_at")

    source: str
    product_key: str
    product: str
    day: date
    how: str
    why: str
    decided_at: datetime
    probability: float | None = None
    model: str | None = None
    run: str
    row: int

"""A page of a list that may be long: what is left out is never left unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a list. `next` is the id behind which the page after this one begins; None where nothing follows."""

    items: tuple[Item, ...]
    next: str | None

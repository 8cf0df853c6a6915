"""The shapes of a question for comparables and of its answer. Money is decimal text; likeness goes from 0 to 1."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from warehouse.errors import BadInput
from warehouse.valuation import Frozen, iso_day

MOST = 50
Kind = Literal["sold", "asking"]
KINDS: tuple[Kind, ...] = ("sold", "asking")
Why = Literal["no_data", "before_data", "nothing_comparable"]


class UnknownListing(BadInput):
    """A listing or a product is named that was not known by the day."""


def _whole(value: object) -> object:
    # JSON has one kind of number: 6.0 is six, but a text or a truth value is none.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("limit is a whole number")
    return value


class ComparablesRequest(Frozen):
    """What is asked: a thing in words and attributes, and which comparables are wanted."""

    text: str = Field(min_length=1, max_length=2000, description="The thing in a person's words")
    attributes: dict[str, str] = Field(default_factory=dict, description="Known fields, as a listing would carry them")
    condition: str | None = Field(default=None, max_length=200)
    kind: Kind | None = Field(default=None, description="Only sold ones, or only asking ones; both where not given")
    limit: Annotated[int, BeforeValidator(_whole)] = Field(
        default=12, ge=1, le=MOST, description="At most so many of each kind"
    )
    as_of: Annotated[date | None, BeforeValidator(iso_day)] = Field(
        default=None, description="Compare with what was known at the end of this day"
    )
    listing: str | None = Field(
        default=None, max_length=600, description="The listing that is asked about: it is left out, as source/id"
    )


class OtherListing(Frozen):
    """A listing that a comparable stands for: `why` is relisting, copy, photo or cross-post."""

    listing: str
    why: str


class ComparableListing(Frozen):
    """A listing to compare with; `price` is decimal text in its own currency, as it was last seen by the day."""

    listing: str
    title: str
    kind: str
    price: str
    currency: str
    observed_at: str
    condition: str | None
    region: str | None
    url: str | None
    found_at: str
    similarity: float = Field(ge=0, le=1)
    reasons: list[str]
    stands_for: list[str] = Field(description='What was put together with it: "3 relistings"')
    others: list[OtherListing]


class Comparables(Frozen):
    """The answer: the best of each kind first. `reason` says why both lists are empty, where they are."""

    snapshot: str
    value_date: str
    understood: dict[str, Any]
    sold: list[ComparableListing]
    asking: list[ComparableListing]
    reason: Why | None = None

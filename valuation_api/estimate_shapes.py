"""What goes over the wire for members' estimates. Amounts are decimal text, for one piece."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ledger.estimating.estimate_subjects import ABOUT, OwnersRange, Subject
from ledger.estimating.estimates import Given, Standing
from ledger.owned.thing_terms import LONGEST
from models.community.answer import CombinedValue, CommunityValue, ModelValue
from valuation_api.thing_shapes import Amount, Currency, _text

About = Annotated[
    str,
    Field(
        pattern=ABOUT,
        max_length=340,
        description="thing_…, product:ID, listing:SOURCE/ID or free:a-name",
        examples=["free:carved-chest"],
    ),
]


class PutUp(BaseModel):
    """A thing of one's own that the members may see and estimate from now on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    thing: str = Field(pattern="^thing_[0-9a-f]{20}$")


class Closing(BaseModel):
    """The round that one put up is over; `trade` is the finished trade by which the thing went, if it did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: About
    trade: str | None = Field(default=None, pattern="^trade_[0-9a-f]{20}$")


class EstimateAsked(BaseModel):
    """What one takes a thing to be worth. The first estimate of something in free words says what it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: About
    amount: Amount
    currency: Currency
    own: bool = Field(default=False, description="It is one's own: kept, and not counted")
    title: str | None = _text("title", "What it is, of something in free words")
    category: str | None = _text("category", "In one's own words")
    condition: str | None = _text("condition", 'Such as "like new"')
    region: str | None = _text("region", "ISO 3166-2, such as US-MO")

    def said(self) -> dict[str, Any]:
        """How it is named, where it is."""
        return {name: text for name in LONGEST if name in type(self).model_fields and (text := getattr(self, name))}


class RoundTold(BaseModel):
    """A round of estimates about one thing."""

    about: str
    title: str
    said: dict[str, Any] = Field(description="What the thing is, as far as it is shown")
    category: str
    currency: str
    created_at: str
    closed_at: str | None

    @classmethod
    def of(cls, subject: Subject) -> RoundTold:
        return cls(title=subject.title, **subject.model_dump(exclude={"id", "opened_by"}))


class RoundList(BaseModel):
    """What there is to estimate, the newest first."""

    items: list[RoundTold]


class PriceTold(BaseModel):
    """The price that followed, for one piece."""

    amount: str
    source: str
    at: str


class ValuesTold(BaseModel):
    """What a thing is taken to be worth, each by its name; nothing of others before one's own estimate.

    `combined` is offered only where the model is in doubt. The owner's range and own opinion are part of no value.
    """

    round: RoundTold
    mine: Given | None
    estimates: int = Field(description="How many people have estimated it, its owner apart")
    shown: bool = Field(description="Whether the values below are shown: after one's own estimate, or at the end")
    model: ModelValue | None = None
    community: CommunityValue | None = None
    combined: CombinedValue | None = None
    owner: OwnersRange | None = None
    price: PriceTold | None = None
    notes: list[str] = []

    @classmethod
    def of(cls, standing: Standing, **values: Any) -> ValuesTold:
        return cls(
            round=RoundTold.of(standing.subject),
            mine=standing.mine,
            estimates=standing.estimates,
            shown=standing.shown,
            owner=standing.owner,
            price=None if standing.price is None else PriceTold(**standing.price),
            **values,
        )

"""What goes over the wire for things that people own. Amounts are decimal text, for one piece."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ledger.owned.thing_imports import Brought, LeftOut
from ledger.owned.thing_terms import LONGEST, MOST_ATTRIBUTES, MOST_PIECES
from ledger.owned.things import Looked, Thing, Valued

_WORDS = r"^[^\x00]+$"


def _text(name: str, description: str) -> Any:
    return Field(default=None, min_length=1, max_length=LONGEST[name], pattern=_WORDS, description=description)


Amount = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", examples=["300", "49.90"])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["USD"])]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-03-31"])]
Code = Annotated[str, Field(pattern=r"^[0-9Xx -]{8,20}$")]
PictureHash = Annotated[str, Field(pattern="^[0-9a-f]{16,64}$")]
Quantity = Annotated[int, Field(ge=0, le=MOST_PIECES, strict=True)]


class ThingChanged(BaseModel):
    """What is newly said of a thing: fields that are not named stay, null takes one away (RFC 7396)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = _text("title", "What it is, as one would offer it")
    brand: str | None = _text("brand", "The maker")
    gtin: Code | None = Field(default=None, description="EAN, UPC or ISBN")
    mpn: str | None = _text("mpn", "The maker's part number")
    category: str | None = _text("category", "In one's own words")
    condition: str | None = _text("condition", 'Such as "like new"')
    attributes: dict[str, str | None] | None = Field(
        default=None, max_length=MOST_ATTRIBUTES, description="Further fields, as a listing would carry them"
    )
    region: str | None = _text("region", "ISO 3166-2, such as US-MO")
    quantity: Quantity | None = Field(default=None, description="How many there are; of 0 nothing is told")
    currency: Currency | None = Field(default=None, description="ISO 4217, of the amounts and of the values")
    paid: Amount | None = Field(default=None, description="What was paid for one")
    paid_on: Day | None = None
    worth: Amount | None = Field(default=None, description="What one takes it to be worth")
    wants_low: Amount | None = Field(default=None, description="The least one would let one go for")
    wants_high: Amount | None = Field(default=None, description="What one would like for one; part of no value")
    picture_hash: PictureHash | None = Field(default=None, description="A perceptual hash; no picture is kept")

    def said(self) -> dict[str, Any]:
        """The fields that were sent, null among them."""
        return self.model_dump(exclude_unset=True)


class ThingAsked(ThingChanged):
    """A thing that one owns. It is valued whenever new values are published."""

    title: str = Field(
        min_length=1, max_length=LONGEST["title"], pattern=_WORDS, description="What it is, as one would offer it"
    )
    external_id: str | None = _text("external_id", "One's own key for it, such as a SKU; it stays")


class ThingTold(BaseModel):
    """A thing of one's own; `checked` is its newest value, null until values are published."""

    id: str
    title: str
    brand: str | None
    gtin: str | None
    mpn: str | None
    category: str | None
    condition: str | None
    attributes: dict[str, str]
    region: str | None
    quantity: int
    currency: str | None
    paid: str | None
    paid_on: str | None
    worth: str | None
    wants_low: str | None
    wants_high: str | None
    external_id: str | None
    picture_hash: str | None
    created_at: str
    changed_at: str
    checked: Looked | None

    @classmethod
    def of(cls, thing: Thing) -> ThingTold:
        told = thing.model_dump(include={"id", "created_at", "changed_at", "checked"})
        return cls(**thing.owned.model_dump(), **told)


class ThingList(BaseModel):
    """One's own things, the one added first first."""

    items: list[ThingTold]
    next_after: str | None = Field(description="Ask for things after this one to go on; null at the end")

    @classmethod
    def of(cls, things: list[Thing], *, more: bool) -> ThingList:
        return cls(items=[ThingTold.of(each) for each in things], next_after=things[-1].id if more else None)


class ThingValues(BaseModel):
    """What a thing was worth in the newest snapshots, the newest first."""

    items: list[Valued]


class ThingRemoved(BaseModel):
    """The thing is gone, with its values and notices."""

    id: str


class ThingsBrought(BaseModel):
    """What became of a file: rows = added + changed + known + parts of others + left out."""

    form: str = Field(description="What the file was taken for: a table, or an export of a Shopify shop")
    rows: int
    added: int
    changed: int
    known: int
    parts: int = Field(description="Rows that add to another: further pictures, the stock at further places")
    left_out: list[LeftOut]
    notes: list[str]
    dry_run: bool

    @classmethod
    def of(
        cls,
        brought: Brought,
        *,
        form: str,
        rows: int,
        parts: int,
        unread: list[LeftOut],
        notes: list[str],
        dry_run: bool,
    ) -> ThingsBrought:
        left_out = [*unread, *brought.left_out]
        counts = brought.model_dump(exclude={"left_out"})
        return cls(**counts, form=form, rows=rows, parts=parts, left_out=left_out, notes=notes, dry_run=dry_run)

"""What goes over the wire for price watches and notices. Amounts and percentages are decimal text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from ledger.watching.outbox import Notice
from ledger.watching.watch_rules import Direction
from ledger.watching.watch_terms import LONGEST, Figure, Kind, Terms, rule_in_words
from ledger.watching.watches import Checked, Watch

Condition = Literal["new", "open_box", "refurbished", "like_new", "very_good", "good", "fair", "parts", "used"]
Decimals = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", examples=["300", "49.90"])]


def _text(name: str, description: str) -> Any:
    return Field(min_length=1, max_length=LONGEST[name], pattern=r"^[^\x00]+$", description=description)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OneProduct(_Asked):
    """A product, by its id as `GET /v1/products` gives it."""

    product: Annotated[str, _text("product", "A product's id")]


class Search(_Asked):
    """Every listing whose title, brand or category has all these words."""

    words: Annotated[str, _text("words", "Words that a listing must have, in any order")]


class AmountRule(_Asked):
    """The price is below, or above, an amount."""

    kind: Literal["below", "above"]
    amount: Decimals


class ChangeRule(_Asked):
    """The price has changed by so many per cent within the window, however small the steps."""

    kind: Literal["change"]
    percent: Decimals
    direction: Direction = "either"


def _subject(said: Any) -> str:
    named = said.keys() if isinstance(said, dict) else said.model_fields_set if isinstance(said, BaseModel) else ()
    return "tag:product" if "product" in named else "tag:words"


def _rule(said: Any) -> str:
    kind = said.get("kind") if isinstance(said, dict) else getattr(said, "kind", None)
    return "tag:change" if kind == "change" else "tag:amount"


class WatchAsked(_Asked):
    """What to watch and what for. Filters that are not given hold for every listing."""

    subject: Annotated[
        Annotated[OneProduct, Tag("tag:product")] | Annotated[Search, Tag("tag:words")], Discriminator(_subject)
    ]
    rule: Annotated[
        Annotated[AmountRule, Tag("tag:amount")] | Annotated[ChangeRule, Tag("tag:change")], Discriminator(_rule)
    ]
    window_days: Literal[7, 30, 90] = Field(default=30, description="How many days the rule looks back")
    kind: Kind = Field(default="asking", description="Prices that are asked, or prices that were paid")
    price: Figure = Field(default="median", description="Which price of a day counts, over the listings seen that day")
    region: Annotated[str, _text("region", "ISO 3166-2 (or its country), or a place in a source's words")] | None = None
    condition: Condition | None = Field(default=None, description='A grade; "used" is like_new to fair')
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None,
        description="Only listings priced in it, as written; else all, in the currency values are formed in",
    )
    unit: Annotated[str, _text("unit", "The price for one of these, of listings that say how many")] | None = None

    def terms(self) -> Terms:
        rule = self.rule.model_dump(exclude={"kind"})
        filters = self.model_dump(exclude={"subject", "rule"})
        return Terms.model_validate({**self.subject.model_dump(), **rule, **filters, "rule": self.rule.kind})


class WatchTold(BaseModel):
    """A watch; `checked` is what was found when it was last looked at, with `trouble` where it cannot speak."""

    id: str
    terms: Terms
    in_words: str
    created_at: str
    cancelled_at: str | None
    checked: Checked | None

    @classmethod
    def of(cls, watch: Watch) -> WatchTold:
        return cls(
            id=watch.id,
            terms=watch.terms,
            in_words=f"{watch.terms.title}: {rule_in_words(watch.terms)}",
            created_at=watch.created_at,
            cancelled_at=watch.cancelled_at,
            checked=watch.checked,
        )


class WatchList(BaseModel):
    """One's own watches, oldest first."""

    items: list[WatchTold]


class NoticeTold(BaseModel):
    """Something one is told, until it is dismissed; `repeated` says how often it happened again."""

    id: str
    kind: str
    watch: str | None
    subject: str
    body: str
    data: dict[str, Any] = Field(description="The figures it leans on, and the snapshot they were seen in")
    created_at: str
    put_at: str = Field(description="When it happened last")
    repeated: int
    last_told_at: str | None = Field(description="When a notifier or the log was told last")
    dismissed_at: str | None

    @classmethod
    def of(cls, notice: Notice) -> NoticeTold:
        return cls(**notice.model_dump(exclude={"account", "cause"}))


class NoticeList(BaseModel):
    """One's own notices, what happened last first."""

    items: list[NoticeTold]
    next_before: str | None = Field(description="Ask for notices before this one to go on; null at the end")

    @classmethod
    def of(cls, notices: list[Notice], *, more: bool) -> NoticeList:
        return cls(items=[NoticeTold.of(each) for each in notices], next_before=notices[-1].id if more else None)

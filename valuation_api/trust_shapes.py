"""What goes over the wire for invitations, vouches, consents and what members see of each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ledger.books.units import k_text
from ledger.trust.aggregates import Cell
from ledger.trust.members import Aggregates, Figure, Profile
from ledger.trust.vouches import LONGEST_NOTE
from valuation_api.accounts_shapes import Asked, Who
from valuation_api.days import MaybeDay

What = Literal["profile", "reputation", "at_least", "entries"]
Note = Annotated[str, Field(max_length=LONGEST_NOTE, pattern=r"^[^\x00]*$")]
Code = Annotated[
    str, Field(pattern=r"^([0-9A-TV-Za-tv-z][ -]?){20}$", description="20 letters and digits, in any groups")
]
NewName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Joining(Asked):
    """An account to be opened with an invitation's code."""

    code: Code
    name: NewName
    kind: Literal["member", "business"] = "member"


class Vouching(Asked):
    """Whom one stands for."""

    account: Who
    note: Note | None = Field(default=None, description="Why; the other reads it")


class Consenting(Asked):
    """Who may see what of one's own, up to the end of which day (UTC); as long as is usual where none is said."""

    viewer: Who
    what: What
    until: MaybeDay = None


class AggregatesTold(BaseModel):
    """A member as every other sees it, coarse on purpose. `enough` false: too few trades to say anything.

    `average` is about what it gives in a trade, in K; `rating` about what may be expected of the next one, in per cent.
    """

    account: str
    name: str
    enough: bool
    trades_at_least: int | None
    average: str | None
    kinds: list[str]
    completion_percent: int | None
    rating_percent: int | None

    @classmethod
    def of(cls, found: Aggregates) -> AggregatesTold:
        average = None if found.average is None else k_text(found.average)
        return cls(**{**found.model_dump(), "average": average, "kinds": list(found.kinds)})


class MemberTold(BaseModel):
    """A member: aggregates for everybody, `profile` and `reputation` where it has let the asking account see them."""

    aggregates: AggregatesTold
    profile: Profile | None
    reputation: Figure | None


class AtLeastTold(BaseModel):
    """Whether a member's reputation is at least so many per cent: the lower end of its interval is."""

    account: str
    percent: int
    at_least: bool


class CellTold(BaseModel):
    """Trades of one month and kind of leg: members who gave, trades, and what was given, in K, rounded."""

    month: str
    kind: str
    members: int
    trades: int
    value: str

    @classmethod
    def of(cls, cell: Cell) -> CellTold:
        return cls(month=cell.month, kind=cell.kind, members=cell.members, trades=cell.trades, value=k_text(cell.value))


class CommunityTold(BaseModel):
    """Groups that are large enough; smaller ones are left out, and no totals are told."""

    cells: list[CellTold]

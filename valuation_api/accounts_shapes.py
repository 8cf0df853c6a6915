"""What goes over the wire for accounts and what moves between them.

Amounts of K are decimal text with at most two places ("6.50"), amounts of time credit whole minutes as text ("90").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.books import standings
from ledger.books.standings import Account, Standing
from ledger.books.transfers import LONGEST_MEMO, Movement
from ledger.books.units import LARGEST_MINUTES, MINUTES, K, checked_amount, k_text, rails
from ledger.policy.dated import Policy
from warehouse.errors import BadInput

Unit = Literal["K", "min"]
Amount = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$",
        description="Decimal text: K with at most two places, or whole minutes",
        examples=["6.50", "90"],
    ),
]
Who = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]+$", description="An account's id or name")]
Memo = Annotated[str, Field(max_length=LONGEST_MEMO, pattern=r"^[^\x00]*$")]


class Asked(BaseModel):
    """A body that is sent: nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paid(Asked):
    """What is paid, and to whom."""

    to: Who
    amount: Amount
    unit: Unit = "K"
    memo: Memo = ""

    @property
    def parts(self) -> int:
        """The amount in rails or minutes. Raises `BadInput` for a part of a minute and for what is too large."""
        return amount_of(self.amount, self.unit)


def amount_of(text: str, unit: str) -> int:
    """An amount of the wire in rails or minutes. Raises `BadInput`."""
    if unit == K:
        return rails(text)
    if not text.isascii() or not text.isdigit():
        raise BadInput(f'"{text}" is not a time: write whole minutes, such as 90 (at most {LARGEST_MINUTES})')
    return checked_amount(int(text), unit)


def told(amount: int, unit: str) -> str:
    """Rails or minutes as they are written on the wire."""
    return k_text(amount) if unit == K else str(amount)


class BalanceTold(BaseModel):
    """Where an account stands in one unit, and how far it may go.

    `spendable` may still go out and `room` come in, promises counted; `left_today` is what the day's limit (UTC)
    leaves. Null: no such limit.
    """

    unit: Unit
    balance: str
    pending_out: str
    pending_in: str
    floor: str | None
    ceiling: str | None
    daily: str | None
    spendable: str | None
    room: str | None
    left_today: str | None

    @classmethod
    def of(cls, standing: Standing, today: str) -> BalanceTold:
        unit, limits = standing.unit, standing.limits

        def open_ended(amount: int | None) -> str | None:
            return None if amount is None else told(amount, unit)

        def at_least_none(amount: int | None) -> str | None:
            return None if amount is None else told(max(amount, 0), unit)

        return cls.model_validate(
            {
                "unit": unit,
                "balance": told(standing.posted, unit),
                "pending_out": told(standing.pending_out, unit),
                "pending_in": told(standing.pending_in, unit),
                "floor": open_ended(limits.floor),
                "ceiling": open_ended(limits.ceiling),
                "daily": open_ended(limits.daily),
                "spendable": at_least_none(standing.spendable),
                "room": at_least_none(standing.room),
                "left_today": at_least_none(standing.left_on(today)),
            }
        )


class Balances(BaseModel):
    """An account's balances by unit: K and time credit."""

    K: BalanceTold
    min: BalanceTold


class AccountTold(BaseModel):
    """An account: who it is, where it stands in both units, and the limits that have come near (`warnings`)."""

    id: str
    name: str
    kind: str
    tier: str
    created_at: str
    balances: Balances
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, holder: Account, stands: Sequence[Standing], policy: Policy, today: str) -> AccountTold:
        found = {standing.unit: BalanceTold.of(standing, today) for standing in stands}
        return cls(
            id=holder.id,
            name=holder.name,
            kind=holder.kind,
            tier=holder.tier,
            created_at=holder.created_at,
            balances=Balances(K=found[K], min=found[MINUTES]),
            warnings=standings.warnings(_as_of(stands, today), holder.id, policy),
        )


def _as_of(stands: Iterable[Standing], today: str) -> list[Standing]:
    # What went out on an earlier day warns nobody today.
    return [standing.after(standings.Move(), today) for standing in stands]


class EntryTold(BaseModel):
    """One entry of the asking account: above zero came in, below went out.

    `seq` is its number in the chain, by which `/v1/ledger/entries/{seq}/proof` shows that it is there. `reference` is
    the trade or the promise that it settles.
    """

    seq: int
    transfer: str
    kind: str
    unit: Unit
    amount: str
    memo: str
    reference: str | None
    at: str

    @classmethod
    def of(cls, movement: Movement) -> EntryTold:
        said = movement.model_dump()
        return cls.model_validate({**said, "amount": told(movement.amount, movement.unit)})


class EntriesTold(BaseModel):
    """Entries, the newest first."""

    entries: list[EntryTold]
    next: str | None = Field(description="The `after` of the page behind this one; null at the end")

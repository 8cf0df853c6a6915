"""A member's own credit for essentials over HTTP.

GET  /v1/policy/credits         what is left of it, the credit that ends first first
POST /v1/policy/credits/spend   spend it with somebody who provides an essential
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.books.units import k_text, rails
from ledger.community import essentials
from ledger.community.essentials import Credit
from valuation_api import problems
from valuation_api.accounts_shapes import Amount, Asked, Memo, Who
from valuation_api.auth import idempotency_key, party

Key = Annotated[str, Depends(idempotency_key)]
_WRITES = problems.described(400, 401, 403, 409, 422, 429, 503)


class SpendingAsked(Asked):
    """What is spent on an essential, and with whom."""

    to: Who
    amount: Amount
    category: Annotated[
        str, Field(min_length=1, max_length=40, pattern=r"^[^\x00]+$", description="One of the policy's, such as food")
    ]
    memo: Memo = ""


class CreditTold(BaseModel):
    """A month's credit, in K; what is left may be spent until the end of `last_day` (UTC)."""

    id: str
    amount: str
    spent: str
    left: str
    last_day: str

    @classmethod
    def of(cls, credit: Credit) -> CreditTold:
        return cls(
            id=credit.id,
            amount=k_text(credit.amount),
            spent=k_text(credit.spent),
            left=k_text(credit.left),
            last_day=credit.last_day,
        )


class CreditsTold(BaseModel):
    """The credits that are open today, and what is left of them together."""

    credits: list[CreditTold]
    left: str


class SpentTold(BaseModel):
    """What was spent. `transfer` went from the community to whoever provides the essential."""

    transfer: str
    amount: str
    category: str


def add_to(routes: APIRouter, ledger: Ledger) -> None:
    """Add the routes of credits."""
    asking = Depends(party(ledger))

    @routes.get("/credits", summary="My credit for essentials", responses=problems.described(401, 429, 503))
    def credits(by: Account = asking) -> CreditsTold:
        """What one may spend on essentials. It is a permission with an end, and no balance."""
        found = essentials.credits(ledger, by.id)
        left = sum(each.left for each in found)
        return CreditsTold(credits=[CreditTold.of(each) for each in found], left=k_text(left))

    @routes.post("/credits/spend", status_code=201, summary="Spend my credit for essentials", responses=_WRITES)
    def spend(*, by: Account = asking, key: Key, asked: SpendingAsked) -> SpentTold:
        """The community pays whoever provides the essential, as far as the credit reaches (409 else)."""
        made = essentials.spend(
            ledger,
            key=key,
            by=by.id,
            payee=asked.to,
            amount=rails(asked.amount),
            category=asked.category,
            note=asked.memo,
        )
        spent = max(line.amount for line in made.lines)
        return SpentTold(transfer=made.id, amount=k_text(spent), category=asked.category)

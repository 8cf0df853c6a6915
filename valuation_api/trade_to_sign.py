"""What waits for one's signature, over HTTP: a signer is no party, and reads here what they are asked to sign.

GET  /v1/trades/to-sign                        proposed trades of businesses for which the asker signs
GET  /v1/schedules/to-sign                     their schedules, proposed or running

Each with its terms and their hash (`terms_sha256`), which POST …/{id}/sign is given. What the asker has signed, and
what needs no signature more, is not listed. Both are read page by page: while `next` is told, there is more.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from ledger import to_sign, to_sign_schedules, waiting
from ledger.books.store import Ledger
from ledger.books.units import k_text
from ledger.to_sign import Signatures
from ledger.to_sign_schedules import ScheduleToSign
from ledger.trading.trade_view import Party
from valuation_api import problems
from valuation_api.auth import Asker, LedgerRoute, asker
from valuation_api.trade_schedules import ScheduleTold
from valuation_api.trade_shapes import TradeTold

_READS = problems.described(401, 404, 422, 503)
_NEXT = Field(description="The `after` of the page behind this one, which may be short or empty; null at the end")
TradeBehind = Annotated[
    str | None, Query(pattern="^trade_[0-9a-f]{20}$", description="Go on behind this: the `next` of the page before")
]
ScheduleBehind = Annotated[
    str | None, Query(pattern="^schedule_[0-9a-f]{20}$", description="Go on behind this: the `next` of the page before")
]
Limit = Annotated[int, Query(ge=1, le=waiting.MOST)]


class SignaturesTold(BaseModel):
    """How far the signatures of a business are."""

    business: Party
    pays: str = Field(description="The most K that leave it at once, with fee and insurance as foreseen")
    needed: int
    signed: int
    too_few: bool = Field(description="Whether the business has fewer signers than are needed")

    @classmethod
    def of(cls, found: Signatures) -> SignaturesTold:
        return cls(
            business=found.business,
            pays=k_text(found.pays),
            needed=found.needed,
            signed=found.signed,
            too_few=found.too_few,
        )


class TradeToSignTold(BaseModel):
    """A proposed trade as its parties see it, and the signatures of one of them."""

    trade: TradeTold
    signatures: SignaturesTold


class TradesToSignTold(BaseModel):
    """A page of trades, the newest first."""

    trades: list[TradeToSignTold]
    next: str | None = _NEXT


class ScheduleToSignTold(BaseModel):
    """A schedule as its parties see it, and the signatures of one of them. `pays` is for one period that is not settled
    yet, `fee` and `insurance` of it go to the community."""

    schedule: ScheduleTold
    signatures: SignaturesTold
    fee: str
    insurance: str
    alone: str | None = Field(
        description="The most K that an early end, such as a default, takes of it while too few have signed"
    )

    @classmethod
    def of(cls, found: ScheduleToSign) -> ScheduleToSignTold:
        return cls(
            schedule=ScheduleTold.of(found.schedule),
            signatures=SignaturesTold.of(found.signatures),
            fee=k_text(found.most.fee),
            insurance=k_text(found.most.insured),
            alone=None if found.alone is None else k_text(found.alone),
        )


class SchedulesToSignTold(BaseModel):
    """A page of schedules, the newest first."""

    schedules: list[ScheduleToSignTold]
    next: str | None = _NEXT


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`, below the prefix of whoever includes them, and before those of `{id}`."""
    routes = APIRouter(route_class=LedgerRoute)
    asking = Depends(asker(ledger))

    @routes.get("/trades/to-sign", tags=["trades"], summary="Trades that wait for my signature", responses=_READS)
    def trades_to_sign(by: Asker = asking, after: TradeBehind = None, limit: Limit = waiting.MOST) -> TradesToSignTold:
        """For a signer of a business that is a party; the newest first."""
        found = to_sign.listing(ledger, by.id, after=after, limit=limit)
        told = [
            TradeToSignTold(trade=TradeTold.of(each.trade), signatures=SignaturesTold.of(each.signatures))
            for each in found.items
        ]
        return TradesToSignTold(trades=told, next=found.next)

    @routes.get(
        "/schedules/to-sign", tags=["schedules"], summary="Schedules that wait for my signature", responses=_READS
    )
    def schedules_to_sign(
        by: Asker = asking, after: ScheduleBehind = None, limit: Limit = waiting.MOST
    ) -> SchedulesToSignTold:
        """For a signer of a business that is a party; the newest first. One that runs waits again where signers or the
        policy have changed."""
        found = to_sign_schedules.listing(ledger, by.id, after=after, limit=limit)
        return SchedulesToSignTold(schedules=[ScheduleToSignTold.of(each) for each in found.items], next=found.next)

    return routes

"""What goes over the wire for trades. Amounts of K are decimal text with two places."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ledger.books.units import LARGEST_MINUTES, k_text, rails
from ledger.trading.fairness import Side
from ledger.trading.legs import LONGEST_TEXT, Giver, LegDraft, LegKind
from ledger.trading.offers import MOST_MILES
from ledger.trading.trade_view import Fee, LegView, Party, State, StepView, Trade
from ledger.trading.trades import LONGEST_REASON, MOST_LEGS
from valuation_api.days import MaybeDay

K = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$", description="An amount of K", examples=["6.50"])]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
WhoToTrade = Annotated[
    str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]+$", description="An account's id or name")
]


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LegAsked(_Asked):
    """One leg: goods and services name a `valuation` of one piece; time (labour) and minutes (time credits) have
    `minutes`; K has an `amount`; cash has `cash` in the community's currency."""

    giver: Giver
    kind: LegKind
    description: Text = ""
    quantity: Decimal = Field(default=Decimal(1), gt=0, le=1_000_000, decimal_places=3)
    valuation: str | None = Field(
        default=None, pattern="^[0-9a-f]{32}$", description="The id of a valuation given out by POST /v1/valuations"
    )
    amount: K | None = None
    minutes: int | None = Field(default=None, ge=1, le=LARGEST_MINUTES)
    cash: K | None = Field(default=None, description="Money that changes hands beside the books, at its face value")
    declared: K | None = Field(default=None, description="Another value for the whole leg, in K")
    attestation: Text | None = Field(default=None, description="Why the declared value holds, in the party's words")

    def draft(self) -> LegDraft:
        return LegDraft(
            giver=self.giver,
            kind=self.kind,
            description=self.description,
            quantity=self.quantity,
            valuation=self.valuation,
            amount=rails(self.amount) if self.amount is not None else None,
            minutes=self.minutes,
            cash=Decimal(self.cash) if self.cash is not None else None,
            declared=rails(self.declared) if self.declared is not None else None,
            attestation=self.attestation,
        )


class OfferAsked(_Asked):
    """What is offered: both sides give something, and one may add K, minutes or cash for the difference."""

    legs: list[LegAsked] = Field(min_length=2, max_length=MOST_LEGS)
    reason: str | None = Field(
        default=None, max_length=LONGEST_REASON, pattern=r"^[^\x00]*$", description="Needed for a trade far from fair"
    )
    deliver_by: MaybeDay = Field(default=None, description="The day (UTC) by which both sides deliver")
    miles: Decimal | None = Field(
        default=None, ge=0, le=MOST_MILES // 100, decimal_places=2, description="Between the parties; moves no value"
    )

    def said(self) -> dict[str, Any]:
        """The offer as `ledger.trading.trades` takes it."""
        return {
            "legs": [leg.draft() for leg in self.legs],
            "reason": self.reason,
            "deliver_by": self.deliver_by,
            "miles": None if self.miles is None else int(self.miles * 100),
        }


class TradeAsked(OfferAsked):
    """A trade proposed to `counterparty`."""

    counterparty: WhoToTrade


class CounterAsked(OfferAsked):
    """Other legs for a trade; "proposer" and "counterparty" stay who they are."""

    terms_sha256: Sha256 | None = Field(default=None, description="The terms of the offer that is answered")


class AcceptAsked(_Asked):
    """The offer that is meant; needed where there was more than one."""

    terms_sha256: Sha256 | None = None


class LegTold(BaseModel):
    """A leg with its values in K; `fmv_sha256` is the hash of the frozen record at `…/legs/{position}/fmv`."""

    position: int
    giver: Giver
    kind: str
    description: str
    quantity: str
    amount: str | None
    minutes: int | None
    cash: str | None = Field(description="Amount and currency")
    fair: str | None = Field(description="Fair market value of the whole leg in K; null where none is known")
    low: str | None
    high: str | None
    declared: str | None
    attestation: str | None
    agreed: str
    fmv_kind: str
    fmv_sha256: str
    valuation: str | None
    value_date: str | None

    @classmethod
    def of(cls, leg: LegView) -> LegTold:
        told = leg.model_dump()
        for name in ("amount", "fair", "low", "high", "declared", "agreed"):
            told[name] = _k(told[name])
        return cls.model_validate(told)


class SideTold(BaseModel):
    """Everything one party gives, in K."""

    value: str
    agreed: str
    low: str | None
    high: str | None

    @classmethod
    def of(cls, side: Side) -> SideTold:
        return cls(value=k_text(side.value), agreed=k_text(side.agreed), low=_k(side.low), high=_k(side.high))


class FairnessTold(BaseModel):
    """Both sides beside each other; `notices` is what both parties are told."""

    proposer: SideTold
    counterparty: SideTold
    ratio: str
    gap_percent: str
    overlap: bool | None
    asks_reason: bool
    notices: tuple[str, ...]


class FeeTold(BaseModel):
    """What the community takes in K; `foreseen`: as it would be, nothing is held yet."""

    proposer: str
    counterparty: str
    foreseen: bool

    @classmethod
    def of(cls, fee: Fee) -> FeeTold:
        return cls(proposer=k_text(fee.proposer), counterparty=k_text(fee.counterparty), foreseen=fee.foreseen)


class EncouragementTold(BaseModel):
    """What the community says for trade nearby, in percent and K of the smaller side. It is part of no value, no record
    and no tax."""

    miles: str
    percent: int
    amount: str


class OfferTold(BaseModel):
    """One offer in the history of a trade."""

    number: int
    made_by: str
    made_at: str
    reason: str | None
    terms_sha256: str
    deliver_by: str | None
    miles: str | None


class TradeTold(BaseModel):
    """A trade as its two parties see it. `legs` are those of the newest offer, and `turn` is who may answer it; `needs`
    is what is missing before the trade can be done."""

    id: str
    state: State
    proposer: Party
    counterparty: Party
    legs: list[LegTold]
    fairness: FairnessTold
    reason: str | None
    terms_sha256: str
    transfer: str | None
    confirmed_by: tuple[str, ...]
    cancel_asked_by: tuple[str, ...]
    proposed_at: str
    accepted_at: str | None
    done_at: str | None
    cancelled_at: str | None
    turn: str | None
    deliver_by: str | None
    offers: list[OfferTold]
    steps: list[StepView]
    escrow: bool
    fee: FeeTold
    insurance: FeeTold
    encouragement: EncouragementTold | None
    needs: tuple[str, ...]
    share_percent: int | None
    cause: str | None
    at_fault: str | None
    schedule: str | None

    @classmethod
    def of(cls, trade: Trade) -> TradeTold:
        told = trade.model_dump(exclude={"legs", "fairness", "offers", "fee", "insurance", "encouragement"})
        fairness = trade.fairness.model_dump(exclude={"proposer", "counterparty"})
        beside = trade.encouragement
        return cls(
            **told,
            legs=[LegTold.of(leg) for leg in trade.legs],
            fairness=FairnessTold(
                **fairness,
                proposer=SideTold.of(trade.fairness.proposer),
                counterparty=SideTold.of(trade.fairness.counterparty),
            ),
            offers=[OfferTold(**each.model_dump() | {"miles": _miles(each.miles)}) for each in trade.offers],
            fee=FeeTold.of(trade.fee),
            insurance=FeeTold.of(trade.insurance),
            encouragement=None
            if beside is None
            else EncouragementTold(
                miles=str(_miles(beside.miles)), percent=beside.percent, amount=k_text(beside.amount)
            ),
        )


def _miles(hundredths: int | None) -> str | None:
    return None if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"


def _k(amount: int | None) -> str | None:
    return None if amount is None else k_text(amount)

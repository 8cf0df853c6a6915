"""What goes over the wire for trades, transfers and accounts. Amounts of K are decimal text with two places."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.books.accounts import Standing
from ledger.books.transfers import LONGEST_MEMO, Movement, Transfer
from ledger.books.units import LARGEST_MINUTES, k_text, rails
from ledger.trading.fairness import Side
from ledger.trading.legs import LONGEST_TEXT, Giver, LegDraft, LegKind
from ledger.trading.trade_view import LegView, Party, State, Trade
from ledger.trading.trades import LONGEST_REASON, MOST_LEGS

K = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$", description="An amount of K", examples=["6.50"])]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
WhoToTrade = Annotated[
    str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]+$", description="An account's id or name")
]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LegAsked(_Asked):
    """One leg: goods and services name a `valuation` of one piece; time has `minutes`; K has an `amount`."""

    giver: Giver
    kind: LegKind
    description: Text = ""
    quantity: Decimal = Field(default=Decimal(1), gt=0, le=1_000_000, decimal_places=3)
    valuation: str | None = Field(
        default=None, pattern="^[0-9a-f]{32}$", description="The id of a valuation given out by POST /v1/valuations"
    )
    amount: K | None = None
    minutes: int | None = Field(default=None, ge=1, le=LARGEST_MINUTES)
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
            declared=rails(self.declared) if self.declared is not None else None,
            attestation=self.attestation,
        )


class TradeAsked(_Asked):
    """A trade proposed to `counterparty`; both sides give something, and one may add K for the difference."""

    counterparty: WhoToTrade
    legs: list[LegAsked] = Field(min_length=2, max_length=MOST_LEGS)
    reason: str | None = Field(
        default=None, max_length=LONGEST_REASON, pattern=r"^[^\x00]*$", description="Needed for a trade far from fair"
    )


class TransferAsked(_Asked):
    """K paid from the asking account to `to`."""

    to: WhoToTrade
    amount: K
    memo: str = Field(default="", max_length=LONGEST_MEMO, pattern=r"^[^\x00]*$")


class LegTold(BaseModel):
    """A leg with its values in K; `fmv_sha256` is the hash of the frozen record at `…/legs/{position}/fmv`."""

    position: int
    giver: Giver
    kind: str
    description: str
    quantity: str
    amount: str | None
    minutes: int | None
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


class TradeTold(BaseModel):
    """A trade as its two parties see it."""

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

    @classmethod
    def of(cls, trade: Trade) -> TradeTold:
        told = trade.model_dump(exclude={"legs", "fairness"})
        fairness = trade.fairness.model_dump(exclude={"proposer", "counterparty"})
        return cls(
            **told,
            legs=[LegTold.of(leg) for leg in trade.legs],
            fairness=FairnessTold(
                **fairness,
                proposer=SideTold.of(trade.fairness.proposer),
                counterparty=SideTold.of(trade.fairness.counterparty),
            ),
        )


class TransferTold(BaseModel):
    """A transfer as it stands in the books."""

    id: str
    kind: str
    amount: str
    payer: str
    payee: str
    memo: str
    created_at: str

    @classmethod
    def of(cls, transfer: Transfer) -> TransferTold:
        payer, payee = sorted(transfer.lines, key=lambda line: line.amount)
        return cls(
            id=transfer.id,
            kind=transfer.kind,
            amount=k_text(payee.amount),
            payer=payer.account,
            payee=payee.account,
            memo=transfer.memo,
            created_at=transfer.created_at,
        )


class EntryTold(BaseModel):
    """One entry of the asking account: above zero came in, below went out."""

    seq: int
    transfer: str
    kind: str
    amount: str
    memo: str
    trade: str | None
    at: str

    @classmethod
    def of(cls, movement: Movement) -> EntryTold:
        return cls(
            seq=movement.seq,
            transfer=movement.transfer,
            kind=movement.kind,
            amount=k_text(movement.amount),
            memo=movement.memo,
            trade=movement.reference,
            at=movement.at,
        )


class AccountTold(BaseModel):
    """The asking account: its balance in K, what is pending, how far it may go, and its newest entries."""

    id: str
    name: str
    kind: str
    tier: str
    unit: Literal["K"] = "K"
    balance: str
    pending_out: str
    pending_in: str
    floor: str
    ceiling: str | None
    spendable: str
    room: str | None
    entries: list[EntryTold]
    next_before: int | None = Field(description="Ask for entries before this number to go on; null at the end")

    @classmethod
    def of(cls, standing: Standing, movements: list[Movement], *, more: bool) -> AccountTold:
        holder = standing.account
        return cls(
            id=holder.id,
            name=holder.name,
            kind=holder.kind,
            tier=holder.tier,
            balance=k_text(standing.posted),
            pending_out=k_text(standing.pending_out),
            pending_in=k_text(standing.pending_in),
            floor=k_text(standing.limits.floor),
            ceiling=_k(standing.limits.ceiling),
            spendable=k_text(max(standing.spendable, 0)),
            room=None if standing.room is None else k_text(max(standing.room, 0)),
            entries=[EntryTold.of(movement) for movement in movements],
            next_before=movements[-1].seq if more else None,
        )


def _k(amount: int | None) -> str | None:
    return None if amount is None else k_text(amount)

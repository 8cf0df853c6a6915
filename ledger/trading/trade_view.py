"""A trade as its two parties see it. Amounts are rails; the API writes them as K."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ledger.trading.fairness import Fairness
from ledger.trading.legs import Giver, Leg

State = Literal["proposed", "accepted", "disputed", "done", "cancelled"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Party(_Frozen):
    """One side of a trade."""

    id: str
    name: str


class LegView(_Frozen):
    """One leg with its values in rails; `cash` as its record says it. `fmv_sha256` names its frozen record, `valuation`
    the one in that record."""

    position: int
    giver: Giver
    kind: str
    description: str
    quantity: str
    amount: int | None
    minutes: int | None
    cash: str | None = None
    fair: int | None
    low: int | None
    high: int | None
    declared: int | None
    attestation: str | None
    agreed: int
    fmv_kind: str
    fmv_sha256: str
    valuation: str | None
    value_date: str | None

    @classmethod
    def of(cls, leg: Leg, giver: Giver) -> LegView:
        said = json.loads(leg.record.content)
        frozen = said if leg.record.kind == "valuation" else {}
        return cls(
            position=leg.position,
            giver=giver,
            kind=leg.kind,
            description=leg.description,
            quantity=leg.quantity,
            amount=leg.amount if leg.kind == "k" else None,
            minutes=leg.amount if leg.kind in {"time", "minutes"} else None,
            cash=f"{said['cash']} {said['currency']}" if leg.kind == "cash" else None,
            fair=leg.fair.value,
            low=leg.fair.low,
            high=leg.fair.high,
            declared=leg.declared,
            attestation=leg.attestation,
            agreed=leg.worth.agreed,
            fmv_kind=leg.record.kind,
            fmv_sha256=leg.record.sha256,
            valuation=frozen.get("id"),
            value_date=frozen.get("value_date"),
        )


class OfferView(_Frozen):
    """One offer in the history of a trade; `deliver_by` is a day (UTC), `miles` hundredths of a mile."""

    number: int
    made_by: str
    made_at: str
    reason: str | None
    terms_sha256: str
    deliver_by: str | None
    miles: int | None


class StepView(_Frozen):
    """Something that happened: "delivered", "no_show", "witness", "dispute", "split", "agreed", "decided"."""

    step: str
    by: str
    at: str
    note: str | None
    percent: int | None
    photo_sha256: str | None


class Fee(_Frozen):
    """What the community takes in rails and who pays it: as held, or, `foreseen`, by the policy of the offer's day."""

    proposer: int
    counterparty: int
    foreseen: bool


class Encouragement(_Frozen):
    """What a community says for trade nearby: a share of the smaller side, in percent and in rails. It stands beside
    the trade and is part of no value, no record and no tax."""

    miles: int
    percent: int
    amount: int


class Trade(_Frozen):
    """A trade with the legs of its newest offer, what each has said, and how fair it is.

    `turn` is who may answer a proposal. `escrow`: whether the house keeps what the legs move until the trade ends.
    `insurance` is what its services pay into the community's insurance, beside the `fee`. `needs` says in words what is
    still missing before it can be done.
    """

    id: str
    state: State
    proposer: Party
    counterparty: Party
    legs: tuple[LegView, ...]
    fairness: Fairness
    reason: str | None
    terms_sha256: str
    transfer: str | None
    confirmed_by: tuple[str, ...]
    cancel_asked_by: tuple[str, ...]
    proposed_at: str
    accepted_at: str | None
    done_at: str | None
    cancelled_at: str | None
    turn: str | None = None
    deliver_by: str | None = None
    offers: tuple[OfferView, ...] = ()
    steps: tuple[StepView, ...] = ()
    escrow: bool = False
    fee: Fee = Fee(proposer=0, counterparty=0, foreseen=False)
    insurance: Fee = Fee(proposer=0, counterparty=0, foreseen=False)
    encouragement: Encouragement | None = None
    needs: tuple[str, ...] = ()
    share_percent: int | None = None
    cause: str | None = None
    at_fault: str | None = None
    schedule: str | None = None


class TradeLine(_Frozen):
    """A trade in a list, from one party's side: what I give and get in words, and whether it waits for me."""

    id: str
    state: State
    other: Party
    gives: tuple[str, ...]
    gets: tuple[str, ...]
    waits_for_me: bool
    proposed_at: str
    ended_at: str | None


class TradeList(_Frozen):
    """A page of trades, the newest first; `next` is the `after` of the page behind it."""

    trades: tuple[TradeLine, ...]
    next: str | None

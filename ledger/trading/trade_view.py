"""A trade as its two parties see it. Amounts are rails; the API writes them as K."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ledger.trading.fairness import Fairness
from ledger.trading.legs import Giver, Leg

State = Literal["proposed", "accepted", "done", "cancelled"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Party(_Frozen):
    """One side of a trade."""

    id: str
    name: str


class LegView(_Frozen):
    """One leg with its values in rails. `fmv_sha256` names its frozen record, `valuation` the one in that record."""

    position: int
    giver: Giver
    kind: str
    description: str
    quantity: str
    amount: int | None
    minutes: int | None
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
        frozen = json.loads(leg.record.content) if leg.record.kind == "valuation" else {}
        return cls(
            position=leg.position,
            giver=giver,
            kind=leg.kind,
            description=leg.description,
            quantity=leg.quantity,
            amount=leg.amount if leg.kind == "k" else None,
            minutes=leg.amount if leg.kind == "time" else None,
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


class Trade(_Frozen):
    """A trade with its legs, what each has said, and how fair it is."""

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

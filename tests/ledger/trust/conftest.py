"""Members with a past: trades that ended in every way."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from ledger.books import accounts
from ledger.books.store import Ledger
from ledger.trading import delivering, disputes, trades
from ledger.trading.legs import LegDraft


class Market:
    """Books to test with, and short words for what members do in them. A trade is an hour for 20 K."""

    def __init__(self, ledger: Ledger, clock: Any) -> None:
        self.ledger, self.clock = ledger, clock
        self._keys = itertools.count()

    @property
    def key(self) -> str:
        return f"key-{next(self._keys)}"

    def member(self, name: str, tier: str = "verified") -> str:
        return accounts.create(self.ledger, name, tier=tier)[0].id

    def proposed(self, giver: str, payer: str, amount: int = 20_00) -> str:
        legs = [
            LegDraft(giver="proposer", kind="time", minutes=60, description="an hour"),
            LegDraft(giver="counterparty", kind="k", amount=amount),
        ]
        day = (self.clock.now + timedelta(days=1)).date()
        made = trades.propose(
            self.ledger,
            key=self.key,
            proposer=giver,
            counterparty=payer,
            legs=legs,
            deliver_by=day,
            reason="as we agreed",
        )
        return made.id

    def accepted(self, giver: str, payer: str) -> str:
        trade = self.proposed(giver, payer)
        trades.accept(self.ledger, key=self.key, by=payer, trade_id=trade)
        return trade

    def done(self, giver: str, payer: str) -> str:
        trade = self.accepted(giver, payer)
        for by in (giver, payer):
            trades.confirm(self.ledger, key=self.key, by=by, trade_id=trade)
        return trade

    def cancelled(self, giver: str, payer: str) -> str:
        trade = self.accepted(giver, payer)
        trades.cancel(self.ledger, key=self.key, by=giver, trade_id=trade)
        return trade

    def no_show(self, giver: str, payer: str) -> str:
        trade = self.accepted(giver, payer)
        self.clock.move(days=2)
        delivering.no_show(self.ledger, key=self.key, by=payer, trade_id=trade)
        return trade

    def disputed(self, giver: str, payer: str, percent: int, *, decided_by: str | None) -> str:
        """Opened by the payer; decided, or settled between the two."""
        trade = self.accepted(giver, payer)
        disputes.dispute(self.ledger, key=self.key, by=payer, trade_id=trade, reason="only half an hour")
        said: dict[str, Any] = {"trade_id": trade, "percent": percent}
        if decided_by is not None:
            disputes.decide(self.ledger, key=self.key, by=decided_by, note="so be it", as_treasurer=True, **said)
            return trade
        disputes.suggest(self.ledger, key=self.key, by=payer, **said)
        disputes.agree(self.ledger, key=self.key, by=giver, **said)
        return trade


@pytest.fixture
def market(ledger: Ledger, clock: Any) -> Market:
    return Market(ledger, clock)

"""Trades that are not one for one in a day: escrow, half a dispute, a schedule, a policy that changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ledger.books import transfers
from ledger.books.store import Ledger
from ledger.tax import filing, record
from ledger.trading import disputes, schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft

pytestmark = pytest.mark.usefixtures("exchange", "any_number")


def test_half_of_the_k_after_a_dispute_is_half_of_the_income(
    ledger: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    coat = LegDraft(giver="proposer", kind="goods", valuation=value("coat", "40.00"))
    k = LegDraft(giver="counterparty", kind="k", amount=4001)
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=[coat, k])
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    disputes.dispute(ledger, key="d", by=bob, trade_id=made.id, reason="torn")
    disputes.suggest(ledger, key="s", by=ada, trade_id=made.id, percent=50)
    disputes.agree(ledger, key="g", by=bob, trade_id=made.id, percent=50)

    (line,) = record.of_year(ledger, ada, 2026).trades

    assert (line.received, line.barter, line.legs[1].amount) == ("20.00", "20.00", "20.00 K")  # 20.005, half-even
    assert filing.draft(ledger, 2026)[1].box_13 == 2000


def test_a_schedule_is_told_trade_by_trade(
    ledger: Ledger, clock: Any, value: Callable[..., str], ada: str, bob: str
) -> None:
    today = clock().date()
    bread = LegDraft(giver="proposer", kind="goods", valuation=value("bread", "10.00"))
    haircut = LegDraft(giver="counterparty", kind="service", valuation=value("haircut", "20.00"))
    made = schedules.propose(
        ledger,
        key="p",
        proposer=ada,
        counterparty=bob,
        legs=[
            ScheduledDraft(leg=bread, first_day=today, every_days=7, times=2),
            ScheduledDraft(leg=haircut, first_day=today + timedelta(days=7), every_days=None, times=1),
        ],
    )
    schedules.accept(ledger, key="a", by=bob, schedule_id=made.id)
    clock.move(days=8)
    for number, (by, position, occurrence) in enumerate(((bob, 1, 1), (bob, 1, 2), (ada, 2, 1))):
        schedules.receive(
            ledger, key=f"r{number}", by=by, schedule_id=made.id, position=position, occurrence=occurrence
        )

    (line,) = record.of_year(ledger, ada, 2026).trades

    assert (line.day, line.received, line.given) == ("2026-11-22", "20.00", "20.00")
    assert filing.draft(ledger, 2026)[1].box_13 == 4000


def test_payments_outside_trades_are_on_no_form_and_said(ledger: Ledger, ada: str, bob: str) -> None:
    transfers.pay(ledger, key="one", payer=ada, payee=bob, amount=700)
    back = transfers.pay(ledger, key="two", payer=ada, payee=bob, amount=900)
    transfers.reverse(ledger, key="back", by=bob, transfer_id=back.id)

    told = filing.draft(ledger, 2026)[1]

    assert told.forms == 0
    assert any("payments outside trades: 1, of 7.00 K in all" in warning for warning in told.warnings)

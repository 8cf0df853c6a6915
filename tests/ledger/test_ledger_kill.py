from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from ledger import verification
from ledger.books import accounts, transfers
from ledger.books.store import Ledger
from ledger.trading import trades
from ledger.trading.legs import LegDraft

KILLS = 10
ROOT = Path(__file__).parents[2]


def test_a_writer_killed_at_any_moment_leaves_nothing_half_and_everything_confirmed(databases: Any) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.ledger_kills", "--kills", str(KILLS), "--url", databases.new()],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout.partition(": ")[2])
    assert told["kills"] == KILLS
    assert told["kills_with_a_thread"]["inside a transaction"] > KILLS // 2
    assert told["requests"] > KILLS


class InjectedError(Exception):
    """A fault that was put in on purpose."""


def test_a_fault_at_any_statement_of_a_confirmation_leaves_everything_as_it_was(
    ledger: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=value("coat", "20.00")),
        LegDraft(giver="counterparty", kind="k", amount=20_00),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    accepted = trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    half = trades.confirm(ledger, key="c", by=bob, trade_id=made.id)
    left = 0

    def fail_at_last(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise InjectedError

    event.listen(ledger.engine, "before_cursor_execute", fail_at_last)
    event.listen(ledger.engine, "commit", fail_at_last)
    tried = 0
    while True:
        tried += 1
        left = tried
        try:
            done = trades.confirm(ledger, key="d", by=ada, trade_id=made.id)
        except InjectedError:
            left = 0
            assert trades.view(ledger, by=ada, trade_id=made.id) == half
            assert verification.verify(ledger).faults == ()
            continue
        break

    left = 0
    assert tried > 15
    assert accepted.state == "accepted"
    assert done.state == "done"
    assert accounts.standing(ledger, ada).posted == 20_00
    assert len(transfers.movements(ledger, ada)) == 1

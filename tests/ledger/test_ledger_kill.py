from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event, select

from ledger.books import accounts, chain, transfers
from ledger.books.store import Ledger
from ledger.tables import idempotency, trade, transfer
from ledger.trading import trades
from ledger.trading.legs import LegDraft

ROUNDS = 12
ROOT = Path(__file__).parents[2]


def test_a_writer_killed_at_any_moment_leaves_nothing_half_and_everything_confirmed(
    ledger: Ledger, value: Callable[..., str]
) -> None:
    payer, _ = accounts.create(ledger, "Mill", tier="business", kind="business")
    payee, _ = accounts.create(ledger, "Bakery", tier="business", kind="business")
    url = ledger.engine.url.render_as_string(hide_password=False)
    script = Path(__file__).with_name("kill_zone.py")
    ran = subprocess.run(
        [sys.executable, str(script), url, str(ROUNDS), "7", payer.id, payee.id, value("drill", "45.00")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    told = [line.split() for line in ran.stdout.splitlines()]
    said = {word: {name for verb, name in told if verb == word} for word in {verb for verb, _ in told}}
    assert len(said["ready"]) == ROUNDS
    assert len(said["paid"]) > ROUNDS

    with ledger.reading() as connection:
        keys = set(connection.execute(select(idempotency.c.key).where(idempotency.c.answer.is_not(None))).scalars())
        states = {row.id: row.state for row in connection.execute(select(trade.c.id, trade.c.state))}
        kinds = Counter(connection.execute(select(transfer.c.kind)).scalars())
    assert said["paid"] <= keys
    assert {states[name] for name in said["done"]} <= {"done"}
    assert {states[name] for name in said["accepted"]} <= {"accepted", "done"}
    assert said["proposed"] <= states.keys()
    # At most the one thing that was under way in each round may have been kept without being told.
    assert 0 <= kinds["payment"] - len(said["paid"]) <= len(said["begin"] - said["paid"])
    assert kinds["trade"] == sum(state == "done" for state in states.values())
    assert chain.verify(ledger).faults == ()


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
            assert chain.verify(ledger).faults == ()
            continue
        break

    left = 0
    assert tried > 15
    assert accepted.state == "accepted"
    assert done.state == "done"
    assert accounts.standing(ledger, ada).posted == 20_00
    assert len(transfers.movements(ledger, ada)) == 1

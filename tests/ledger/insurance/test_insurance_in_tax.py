"""Contributions and payouts in the tax records and in the books to take away. On both databases."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.books import accounts
from ledger.books.errors import WrongState
from ledger.books.store import Ledger
from ledger.tax import exports, journal, kind, record
from ledger.trading import disputes, trades

Value = Callable[..., str]


def test_the_tax_record_names_it_as_a_fee_and_as_nobodys_income(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    kind.put(ledger, kind="barter_exchange", name="Katy", holds_from=date(2026, 1, 1))
    made = books.finished(books.work_for_k(value("rewiring", "30.00"), ada, bob, 30_00))
    told = {who: record.of_year(ledger, account=who, year=2026).trades[0] for who in (ada, bob)}

    assert made.state == "done"
    assert [(each.fee_k, each.fee, each.received, each.given) for each in told.values()] == [
        ("1.50", "1.50", "30.00", "30.00"),
        ("0.30", "0.30", "30.00", "30.00"),
    ]


def test_nothing_is_paid_before_a_dispute_has_ended_and_the_trades_own_papers_stay(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    kind.put(ledger, kind="barter_exchange", name="Katy", holds_from=date(2026, 1, 1))
    work = value("rewiring", "30.00")
    books.finished(books.work_for_k(work, ada, bob, 30_00))
    made = books.work_for_k(work, ada, bob, 30_00, key="sparks")
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    disputes.dispute(ledger, key="x", by=bob, trade_id=made.id, reason="it sparks")
    with pytest.raises(WrongState, match="has not ended"):
        books.pay(made, bob, 1_00)
    disputes.decide(
        ledger, key="d", by=accounts.create(ledger, "Judge")[0].id, trade_id=made.id, percent=100, note="it holds",
        as_treasurer=True,
    )  # fmt: skip
    before = record.of_year(ledger, account=bob, year=2026)
    books.pay(made, bob, 1_00)

    assert record.of_year(ledger, account=bob, year=2026).trades == before.trades
    assert books.sound()


def test_the_books_to_take_away_balance_with_contributions_and_payouts(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str, tmp_path: Path
) -> None:
    kind.put(ledger, kind="barter_exchange", name="Katy", holds_from=date(2026, 1, 1))
    work = value("rewiring", "30.00")
    books.finished(books.work_for_k(work, ada, bob, 30_00))
    books.pay(books.disputed(books.work_for_k(work, ada, bob, 30_00, key="sparks"), 50), bob, 2_00)
    checker = Path(__file__).parents[3] / ".venv" / "checkers" / "bin" / "bean-check"
    if not checker.exists():
        pytest.skip("bean-check is not here; `make test` installs it where it can")
    for name, books in (
        ("ada", journal.of_member(ledger, ada, 2026)),
        ("bob", journal.of_member(ledger, bob, 2026)),
        ("community", journal.of_community(ledger, 2026)),
    ):
        file = tmp_path / f"{name}.beancount"
        file.write_text(exports.beancount(books), encoding="utf-8")
        checked = subprocess.run([checker, file], capture_output=True, text=True, timeout=60)
        assert (checked.returncode, checked.stderr) == (0, ""), file.read_text(encoding="utf-8")

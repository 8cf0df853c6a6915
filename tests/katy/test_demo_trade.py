"""The demo's trade: two things a neighbour would swap, between two newcomers."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from told_values import told_value

from katy.demo_summary import Compared
from katy.demo_trade import LEAST, MOST, find_deal, open_accounts, show
from ledger.books import accounts
from ledger.books.store import open_ledger

CENTS = st.integers(1, 200_000).map(lambda cents: Decimal(cents) / 100)


def thing(category: str, fmv: Decimal | None) -> Compared:
    text = None if fmv is None else str(fmv)
    return told_value(f"a {category}", category, Decimal(1), text, text, text)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | CENTS), max_size=8))
def test_a_deal_is_between_known_values_of_different_kinds_and_what_is_paid_on_top_is_modest(
    things: list[tuple[str, Decimal | None]],
) -> None:
    deal = find_deal([thing(category, fmv) for category, fmv in things])
    if deal is not None:
        assert deal.dear.question.category != deal.cheap.question.category
        assert deal.dear.said == deal.cheap.said + deal.difference
        assert LEAST <= deal.difference <= MOST
        assert deal.difference <= deal.cheap.said


def test_two_things_of_like_worth_make_a_deal() -> None:
    deal = find_deal([thing("drill", Decimal("60.00")), thing("coat", Decimal("85.50")), thing("book", None)])
    assert deal is not None
    assert (deal.dear.question.category, deal.difference) == ("coat", Decimal("25.50"))


def test_nothing_to_swap_is_no_deal() -> None:
    assert find_deal([]) is None
    assert find_deal([thing("drill", Decimal(60)), thing("drill", Decimal(80))]) is None
    assert find_deal([thing("drill", Decimal(60)), thing("generator", Decimal(900))]) is None


def test_each_demo_trades_between_newcomers(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    try:
        first, second = open_accounts(ledger), open_accounts(ledger)
        assert [party.name for party in (*first, *second)] == ["Ada", "Bo", "Ada 2", "Bo 2"]
        for party in (*first, *second):
            known = accounts.authenticate(ledger, party.key)
            assert known is not None
            assert known[0].id == party.account
    finally:
        ledger.close()


def test_a_finished_trade_is_shown_with_where_its_fee_went() -> None:
    out = io.StringIO()
    done = {
        "id": "trade_1",
        "state": "done",
        "proposer": {"name": "Ada"},
        "counterparty": {"name": "Bo"},
        "legs": [{"kind": "k", "giver": "counterparty", "amount": "25.50"}],
        "fee": {"proposer": "0.00", "counterparty": "0.45", "foreseen": False},
        "balances": {"Ada": "25.50", "Bo": "-25.95"},
    }

    show(Console(file=out, width=200), done)
    assert "Ada 25.50 K, Bo -25.95 K, the community's pool 0.45 K of fee; together they are zero." in out.getvalue()

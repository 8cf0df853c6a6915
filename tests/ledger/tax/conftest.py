"""A town of two trades for the tax papers: finished trades in a year, a barter exchange, and a key for the numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ledger.books.store import Ledger
from ledger.tax import barter, kind, profile, tin
from ledger.tax.profile import Profile
from ledger.tax.tin import Tin
from ledger.trading import trades
from ledger.trading.legs import LegDraft

KEY = bytes(range(32))
NEXT_YEAR = datetime(2027, 1, 20, 12, tzinfo=UTC)
Deal = Callable[..., str]


@pytest.fixture
def deal(ledger: Ledger) -> Deal:
    """Proposes, accepts and confirms a trade; returns its id."""
    number = itertools.count()

    def done(proposer: str, counterparty: str, *legs: LegDraft, reason: str | None = "as agreed") -> str:
        key = f"deal-{next(number)}"
        made = trades.propose(ledger, key=key, proposer=proposer, counterparty=counterparty, legs=legs, reason=reason)
        trades.accept(ledger, key=f"{key}-a", by=counterparty, trade_id=made.id)
        for party in (proposer, counterparty):
            trades.confirm(ledger, key=f"{key}-{party}", by=party, trade_id=made.id)
        return made.id

    return done


@pytest.fixture
def bread_and_bike(deal: Deal, value: Callable[..., str], ada: str, bob: str) -> str:
    """Ada bakes, Bob repairs: 7 loaves at 6.50 against a repair at 45, and 0.50 K for the difference."""
    return deal(
        ada,
        bob,
        LegDraft(giver="proposer", kind="goods", quantity=Decimal(7), valuation=value("loaf of rye bread", "6.50")),
        LegDraft(giver="counterparty", kind="service", valuation=value("bicycle repair", "45.00")),
        LegDraft(giver="counterparty", kind="k", amount=50),
    )


@pytest.fixture
def exchange(ledger: Ledger) -> None:
    """The community is a barter exchange all through 2026."""
    kind.put(
        ledger,
        kind="barter_exchange",
        holds_from=date(2026, 1, 1),
        name="Katy Trail Exchange",
        address="1 Depot Street, Saint Charles, MO 63301",
        phone="636-555-0100",
        ein=tin.read("12-3456789", "ein"),
    )


@pytest.fixture
def any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are due however few exchanges there were."""
    monkeypatch.setattr(barter, "FEWEST_EXCHANGES", 1)


@pytest.fixture
def says(ledger: Ledger) -> Callable[..., Profile]:
    """A member says what it is for the tax papers."""
    number = itertools.count()

    def put(account: str, name: str, *, number_: Tin | None = None, **said: Any) -> Profile:
        asked = profile.Asked(
            legal_name=name,
            address=said.pop("address", "2 Main Street, Saint Charles, MO 63301"),
            recipient=said.pop("recipient", "individual"),
            number=number_,
            **said,
        )
        return profile.put(ledger, key=f"profile-{next(number)}", account=account, asked=asked, tin_key=KEY)

    return put


@pytest.fixture
def tax_key() -> bytes:
    return KEY


@pytest.fixture
def year_is_over(clock: Any) -> Callable[[], None]:
    def move() -> None:
        clock.now = NEXT_YEAR

    return move

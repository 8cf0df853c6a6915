"""Towns to govern: books with a policy of their own, members with a past, and trades that were finished."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ledger import verification
from ledger.books import accounts, transfers
from ledger.books.store import Ledger, open_ledger
from ledger.community import runs
from ledger.policy import dated
from ledger.tables import (
    account,
    audit_head,
    chain_head,
    essentials_credit,
    hold,
    metadata,
    policy_run,
    policy_share,
    transfer,
)
from ledger.trading import trades
from ledger.trading.legs import LegDraft

Change = tuple[str, str]


class Town:
    """Books to test with, and short words for what happens in them."""

    def __init__(self, ledger: Ledger, clock: Any) -> None:
        self.ledger, self.clock = ledger, clock
        self._keys = itertools.count()

    def member(self, name: str, tier: str = "verified", kind: str = "member") -> str:
        return accounts.create(self.ledger, name, tier=tier, kind=kind)[0].id

    def pay(self, payer: str, payee: str, amount: int) -> str:
        """The last payment's id. No single one is so large that a business needs signatures for it."""
        while amount > 500_00:
            transfers.pay(self.ledger, key=self.key(), payer=payer, payee=payee, amount=500_00)
            amount -= 500_00
        return transfers.pay(self.ledger, key=self.key(), payer=payer, payee=payee, amount=amount).id

    def trade(self, one: str, other: str, minutes: int, description: str = "work") -> str:
        """A finished trade: minutes of time for the K they are worth by the day's hour."""
        worth = self.ledger.policy().hours_in_rails(minutes)
        legs = [
            LegDraft(giver="proposer", kind="time", minutes=minutes, description=description),
            LegDraft(giver="counterparty", kind="k", amount=worth),
        ]
        made = trades.propose(self.ledger, key=self.key(), proposer=one, counterparty=other, legs=legs)
        trades.accept(self.ledger, key=self.key(), by=other, trade_id=made.id)
        for by in (one, other):
            trades.confirm(self.ledger, key=self.key(), by=by, trade_id=made.id)
        return made.id

    def key(self) -> str:
        return f"key-{next(self._keys)}"

    def balance(self, account: str, unit: str = "K") -> int:
        return accounts.standing(self.ledger, account, unit).posted

    def house(self, name: str, unit: str = "K") -> int:
        told = [each.posted for each in accounts.listing(self.ledger, unit) if each.account.tier == f"house.{name}"]
        return told[0] if told else 0

    def balances(self, unit: str = "K") -> dict[str, int]:
        return {each.account.id: each.posted for each in accounts.listing(self.ledger, unit)}

    def run(self, rule: str, period: str | None = None) -> runs.Run:
        return runs.run(self.ledger, rule, period, by="operator")

    def rows(self) -> Mapping[str, list[Any]]:
        """Everything that is written anywhere."""
        with self.ledger.reading() as connection:
            return {table.name: list(connection.execute(select(table))) for table in metadata.sorted_tables}

    def marks(self) -> Any:
        """What changes with every write of the community's: both chains, and how many rows of everything there are."""
        counted = (account, transfer, hold, policy_run, policy_share, essentials_credit)
        heads = select(chain_head.c.hash).scalar_subquery(), select(audit_head.c.hash).scalar_subquery()
        counts = (select(func.count()).select_from(table).scalar_subquery() for table in counted)
        with self.ledger.reading() as connection:
            return connection.execute(select(*heads, *counts)).one()

    def sound(self) -> None:
        """The books are sound, sum to zero in every unit, and tell what every run did."""
        assert verification.verify(self.ledger).faults == ()
        assert [sum(self.balances(unit).values()) for unit in ("K", "min")] == [0, 0]


@pytest.fixture
def open_town(databases: Any, clock: Any, tmp_path: Path) -> Iterator[Callable[..., Town]]:
    """Opens a town whose policy is the default one with some of its text changed."""
    opened: list[Ledger] = []

    def make(*changes: Change) -> Town:
        blocks = dated.DEFAULT.read_text(encoding="utf-8").split("\n\n")
        # Trades are finished here by their two parties alone.
        text = "\n\n".join(block for block in blocks if "[policy.witnesses]" not in block)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "policy.toml"
        path.write_text(text, encoding="utf-8")
        opened.append(open_ledger(databases.new(), clock=clock, policy_file=path))
        return Town(opened[-1], clock)

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def town(open_town: Callable[..., Town]) -> Town:
    """A town by the default policy."""
    return open_town()

"""A community with an insurance: the default policy with that section switched on, and short words for what is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, transfers
from ledger.books.store import Ledger, open_ledger
from ledger.community import insurance
from ledger.policy import dated
from ledger.trading import disputes, given, trades
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade
from warehouse.valuation import Valuation

Change = tuple[str, str]
DEFAULT = dated.DEFAULT.read_text(encoding="utf-8")


def with_insurance(*changes: Change) -> str:
    """The default policy with its insurance switched on: the marks of comments are taken away, as its text says."""
    start = DEFAULT.index("# [policy.insurance]")
    end = DEFAULT.index("\n\n", start)
    written = re.sub(r"(?m)^# ?", "", DEFAULT[start:end])
    # Nobody has to wait for witnesses here.
    policy = "\n\n".join(
        block
        for block in f"{DEFAULT[:start]}{written}{DEFAULT[end:]}".split("\n\n")
        if "[policy.witnesses]" not in block
    )
    for old, new in changes:
        assert old in policy, old
        policy = policy.replace(old, new, 1)
    return policy


class Insured:
    """Books to test with, and short words for what happens in them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def people(self, *names: str, **said: Any) -> list[str]:
        return [accounts.create(self.ledger, name, **said)[0].id for name in names]

    def keep(self, made: Valuation) -> str:
        """Give out a valuation; its id, as a trade names it."""
        given.keep(self.ledger, made, made.subject.asked)
        return made.id

    def work_for_k(self, work: str, giver: str, payer: str, amount: int, key: str = "p") -> Trade:
        """A service for K."""
        legs = [
            LegDraft(giver="proposer", kind="service", valuation=work),
            LegDraft(giver="counterparty", kind="k", amount=amount),
        ]
        said: dict[str, Any] = {"legs": legs, "reason": "we agree"}
        return trades.propose(self.ledger, key=key, proposer=giver, counterparty=payer, **said)

    def finished(self, made: Trade) -> Trade:
        trades.accept(self.ledger, key=f"a{made.id}", by=made.counterparty.id, trade_id=made.id)
        for by in (made.proposer.id, made.counterparty.id):
            done = trades.confirm(self.ledger, key=f"c{made.id}", by=by, trade_id=made.id)
        return done

    def disputed(self, made: Trade, percent: int) -> Trade:
        one, other = made.proposer.id, made.counterparty.id
        trades.accept(self.ledger, key=f"a{made.id}", by=other, trade_id=made.id)
        disputes.dispute(self.ledger, key=f"x{made.id}", by=other, trade_id=made.id, reason="it sparks")
        disputes.suggest(self.ledger, key=f"s{made.id}", by=one, trade_id=made.id, percent=percent)
        return disputes.agree(self.ledger, key=f"g{made.id}", by=other, trade_id=made.id, percent=percent)

    def by_name(self) -> dict[str, int]:
        told = {each.account.name: each.posted for each in accounts.listing(self.ledger)}
        assert sum(told.values()) == 0
        return {name: amount for name, amount in told.items() if amount}

    def pay(self, made: Trade, payee: str, amount: int, **said: Any) -> transfers.Transfer:
        words = {"key": "pay", "by": "operator", "reason": "the lamp burnt", "as_treasurer": True, **said}
        return insurance.pay(self.ledger, trade_id=made.id, payee=payee, amount=amount, **words)

    def sound(self) -> bool:
        return verification.verify(self.ledger).faults == ()


@pytest.fixture
def insured_policy(tmp_path: Path) -> Callable[..., Path]:
    """`insured_policy(*changes)`: a file with the default policy, its insurance switched on and some text changed."""

    def write(*changes: Change) -> Path:
        path = tmp_path / f"policy{len(list(tmp_path.glob('policy*')))}.toml"
        path.write_text(with_insurance(*changes), encoding="utf-8")
        return path

    return write


@pytest.fixture
def open_books(databases: Any, clock: Any, insured_policy: Callable[..., Path]) -> Iterator[Callable[..., Insured]]:
    """`open_books(*changes)`: books of a community with an insurance; `insured=False`: by the default policy."""
    opened: list[Ledger] = []

    def make(*changes: Change, insured: bool = True) -> Insured:
        path = insured_policy(*changes) if insured else None
        opened.append(open_ledger(databases.new(), clock=clock, policy_file=path))
        return Insured(opened[-1])

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def books(open_books: Callable[..., Insured]) -> Insured:
    return open_books()


@pytest.fixture
def ledger(books: Insured) -> Ledger:
    return books.ledger

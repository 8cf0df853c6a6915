from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select

from ledger import verification
from ledger.books import accounts, engine, standings, store, transfers
from ledger.books.errors import KeyInFlight, LedgerError, LimitReached
from ledger.books.store import Ledger, open_ledger
from ledger.books.transfers import Transfer
from ledger.books.units import K
from ledger.tables import entry, hold
from ledger.trading import trades
from ledger.trading.legs import LegDraft
from warehouse.errors import Busy

CLIENTS = 16
ROOT = Path(__file__).parents[2]


# Limits alone: no fee, no escrow, no limit by day, so that only what was paid decides where the two accounts stand.
POLICY = """
[[policy]]
holds_from = 2000-01-01
currency = "USD"
currency_per_k = "1.00"
hour = "20.00"
reason_above_percent = 30

[policy.tiers.basic]
floor = "-100.00"
ceiling = "1000.00"
floor_minutes = -600
ceiling_minutes = 6000
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return file


@pytest.fixture
def ledger(databases: Any, clock: Any, policy: Path) -> Iterator[Ledger]:
    """Empty books with limits alone."""
    opened = open_ledger(databases.new(), clock=clock, policy_file=policy)
    yield opened
    opened.close()


@pytest.fixture
def other_process(ledger: Ledger, clock: Any, policy: Path) -> Iterator[Ledger]:
    """The same books, opened a second time, as another process has them: nothing in memory is shared."""
    opened = open_ledger(ledger.engine.url.render_as_string(hide_password=False), clock=clock, policy_file=policy)
    yield opened
    opened.close()


def at_once(work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(work, range(CLIENTS)))


def refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except LimitReached:
        return True
    return False


def test_sixteen_clients_at_the_limits_of_two_accounts_break_none(
    ledger: Ledger, other_process: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=value("coat", "60.00")),
        LegDraft(giver="counterparty", kind="k", amount=60_00),
    ]

    def hammer(client: int) -> tuple[int, int]:
        chance = random.Random(client)
        books = (ledger, other_process)[client % 2]
        paid = stopped = 0
        for number in range(12):
            payer, payee = (ada, bob) if (client + number) % 2 else (bob, ada)
            key = f"{client}-{number}"
            if number % 4 == 3:
                trade = trades.propose(books, key=key, proposer=payee, counterparty=payer, legs=legs).id
                if refused(lambda: trades.accept(books, key=key + "a", by=payer, trade_id=trade)):  # noqa: B023
                    stopped += 1
                    continue
                for by in (payer, payee):
                    trades.confirm(books, key=key + "c", by=by, trade_id=trade)
                paid += 60_00 if payer == ada else -60_00
                continue
            amount = chance.choice((30_00, 70_00, 99_99, 100_00))
            if refused(lambda: transfers.pay(books, key=key, payer=payer, payee=payee, amount=amount)):  # noqa: B023
                stopped += 1
            else:
                paid += amount if payer == ada else -amount
        return paid, stopped

    results = at_once(hammer)

    found = verification.verify(ledger)
    assert found.faults == ()
    assert accounts.standing(ledger, bob).posted == sum(paid for paid, _ in results)
    assert accounts.standing(ledger, ada).pending_out == accounts.standing(ledger, bob).pending_in == 0
    assert sum(stopped for _, stopped in results) > 0
    with ledger.reading() as connection:
        entries = connection.execute(select(entry.c.account, entry.c.amount).order_by(entry.c.seq)).all()
    running = {ada: 0, bob: 0}
    for account, amount in entries:
        running[account] += amount
        assert -100_00 <= running[account] <= 1_000_00, "no limit was broken at any moment"


def test_sixteen_processes_at_the_limits_of_two_accounts_break_none_and_leave_no_lock(
    ledger: Ledger, policy: Path, ada: str, bob: str
) -> None:
    url = ledger.engine.url.render_as_string(hide_password=False)
    ran = subprocess.run(
        [sys.executable, "-m", "bench.ledger_hammer", url, str(policy), ada, bob, "--payments", "12"],
        capture_output=True,
        text=True,
        timeout=150,
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert result["stuck"] == 0
    assert sum(result["told"].values()) == CLIENTS * 12
    assert set(result["told"]) == {"accepted", "refused by a limit"}
    assert verification.verify(ledger).faults == ()
    limits = ledger.policy().tier("basic").limits
    with ledger.reading() as connection:
        moved = connection.execute(select(entry.c.account, entry.c.unit, entry.c.amount).order_by(entry.c.seq)).all()
        open_holds = connection.execute(select(hold.c.id).where(hold.c.state == "open")).all()
    running: Counter[tuple[str, str]] = Counter()
    for account, unit, amount in moved:
        running[account, unit] += amount
        assert (limits[unit].floor or 0) <= running[account, unit] <= (limits[unit].ceiling or 0)
    assert open_holds == [], "a promise whose end was refused by no limit has ended"
    if ledger.engine.dialect.name == "postgresql":
        assert left_standing(ledger) == []


def left_standing(ledger: Ledger) -> list[Any]:
    """What waits for a lock, or holds a transaction open, on a PostgreSQL server besides whoever asks."""
    asked = """
        SELECT pid, state, query FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
        UNION ALL SELECT pid, mode, relation::regclass::text FROM pg_locks WHERE NOT granted
    """
    with ledger.engine.connect() as connection:
        return list(connection.exec_driver_sql(asked).all())


def test_one_key_sent_by_sixteen_clients_is_done_once(
    ledger: Ledger, other_process: Ledger, ada: str, bob: str
) -> None:
    def send(client: int) -> Transfer | None:
        try:
            return transfers.pay((ledger, other_process)[client % 2], key="k", payer=ada, payee=bob, amount=5)
        except KeyInFlight:
            return None

    answers = {answer for answer in at_once(send) if answer is not None}
    assert len(answers) == 1
    assert accounts.standing(ledger, bob).posted == 5


def test_a_trade_confirmed_by_both_at_once_moves_its_k_once(
    ledger: Ledger, other_process: Ledger, value: Callable[..., str], ada: str, bob: str
) -> None:
    coat = value("coat", "60.00")
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=coat),
        LegDraft(giver="counterparty", kind="k", amount=60_00),
    ]
    trade = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs).id
    trades.accept(ledger, key="a", by=bob, trade_id=trade)

    def say(client: int) -> str:
        books, by = (ledger, other_process)[client % 2], (ada, bob)[client // 2 % 2]
        step = trades.cancel if client % 8 == 7 else trades.confirm
        try:
            return step(books, key=f"{client}", by=by, trade_id=trade).state
        except LedgerError as error:
            return type(error).__name__

    said = at_once(say)
    ended = trades.view(ledger, by=ada, trade_id=trade).state
    assert ended in {"done", "cancelled"}
    assert said.count(ended) >= 1
    assert accounts.standing(ledger, ada).posted == (60_00 if ended == "done" else 0)
    assert accounts.standing(ledger, ada).pending_in == 0
    assert verification.verify(ledger).faults == ()


def test_an_account_opened_by_sixteen_clients_is_opened_once(ledger: Ledger, other_process: Ledger) -> None:
    def open_it(client: int) -> str:
        try:
            return accounts.create((ledger, other_process)[client % 2], "Ada")[0].id
        except LedgerError:
            return "taken"

    assert sorted(answer == "taken" for answer in at_once(open_it)) == [False] + [True] * (CLIENTS - 1)


def test_who_cannot_get_in_is_told_to_try_again(
    ledger: Ledger, clock: Any, policy: Path, monkeypatch: pytest.MonkeyPatch, ada: str, bob: str
) -> None:
    for module in (store, engine):
        monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    waiting = open_ledger(ledger.engine.url.render_as_string(hide_password=False), clock=clock, policy_file=policy)
    with ledger.unit_of_work() as unit:
        standings.locked(unit, {(ada, K)})
        with pytest.raises(Busy, match="try again"):
            transfers.pay(waiting, key="k", payer=ada, payee=bob, amount=5)
        assert accounts.standing(waiting, ada).posted == 0, "readers wait for nobody"

    transfers.pay(waiting, key="k", payer=ada, payee=bob, amount=5)
    waiting.close()
    assert accounts.standing(ledger, ada).posted == -5


def test_a_lost_connection_is_told_as_such_and_a_new_one_is_made(ledger: Ledger, ada: str, bob: str) -> None:
    if ledger.engine.dialect.name == "sqlite":
        pytest.skip("a file has no connection to lose")

    def lose(connection: Any, *_: object) -> None:
        pid = connection.connection.dbapi_connection.info.backend_pid
        with create_engine(ledger.engine.url).connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")

    event.listen(ledger.engine, "before_cursor_execute", lose, once=True)
    with pytest.raises(Busy, match="cannot be reached"):
        transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)
    transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)
    assert accounts.standing(ledger, ada).posted == -5

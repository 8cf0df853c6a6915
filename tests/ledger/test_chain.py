from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, func, insert, select, text

from ledger import verification
from ledger.books import links, transfers
from ledger.books.store import Ledger
from ledger.tables import entry, transfer
from ledger.trading import trades
from ledger.trading.legs import LegDraft


@pytest.fixture
def books(ledger: Ledger, value: Callable[..., str], ada: str, bob: str) -> Ledger:
    """Four payments (entries 1 to 8), a finished trade, an accepted one and a proposed one."""
    for number in range(4):
        transfers.pay(ledger, key=f"{number}", payer=ada, payee=bob, amount=100 + number, memo="bread")
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=value("coat", "20.00"), quantity=Decimal(2)),
        LegDraft(giver="counterparty", kind="service", valuation=value("haircut", "35.00")),
        LegDraft(giver="counterparty", kind="k", amount=500),
    ]
    made = [trades.propose(ledger, key=f"t{n}", proposer=ada, counterparty=bob, legs=legs) for n in range(3)]
    for trade in made[:2]:
        trades.accept(ledger, key=f"a{trade.id}", by=bob, trade_id=trade.id)
    for by in (ada, bob):
        trades.confirm(ledger, key="c", by=by, trade_id=made[0].id)
    return ledger


def tamper(ledger: Ledger, statement: str, **values: Any) -> None:
    """Change one row as somebody with the database's own password would, past triggers and foreign keys."""
    intruder = create_engine(ledger.engine.url)
    with intruder.begin() as connection:
        run = connection.exec_driver_sql
        if intruder.dialect.name == "postgresql":
            run("SET LOCAL session_replication_role = replica")
        else:
            for (name,) in run("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                run(f"DROP TRIGGER {name}")
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        assert connection.execute(text(statement), used).rowcount == 1
    intruder.dispose()


def last(ledger: Ledger) -> int:
    """The number of the last entry."""
    with ledger.reading() as connection:
        return int(connection.execute(select(func.max(entry.c.seq))).scalar_one())


def hash_again(ledger: Ledger, seq: int) -> str:
    """The hash an entry's present content gives."""
    columns = (*entry.c, *(column.label(f"transfer_{column.name}") for column in transfer.c))
    with ledger.reading() as connection:
        row = connection.execute(
            entry.select()
            .with_only_columns(*columns)
            .join(transfer, transfer.c.id == entry.c.transfer)
            .where(entry.c.seq == seq)
        ).one()
    return links._hash_of(row)


def test_untouched_books_are_sound(books: Ledger) -> None:
    found = verification.verify(books)

    assert found.sound
    assert found.entries == last(books) > 8


def test_a_changed_amount_is_named_by_its_entry(books: Ledger) -> None:
    tamper(books, "UPDATE entry SET amount = amount - 1 WHERE seq = 3")

    faults = verification.verify(books).faults
    assert str(faults[0]).startswith("entry 3: was changed")
    assert any("sum to -1" in str(fault) for fault in faults)
    assert any("its balance says" in str(fault) for fault in faults)


@pytest.mark.parametrize("place", ["inside", "at the end"])
def test_an_entry_that_was_hashed_again_is_named_too(books: Ledger, place: str) -> None:
    seq = 4 if place == "inside" else last(books)
    tamper(books, f"UPDATE entry SET amount = amount + 1 WHERE seq = {seq}")
    own = hash_again(books, seq)
    tamper(books, f"UPDATE entry SET hash = '{own}' WHERE seq = {seq}")

    first = verification.verify(books).faults[0]
    assert first.where == f"entry {seq}"
    assert "hashed again" in first.what


def test_a_changed_memo_is_named_by_the_entries_of_its_transfer(books: Ledger) -> None:
    tamper(
        books,
        "UPDATE transfer SET memo = 'gold' WHERE id = (SELECT transfer FROM entry WHERE seq = 5)",
    )

    assert [fault.where for fault in verification.verify(books).faults] == ["entry 5", "entry 6"]


def test_a_missing_entry_is_named(books: Ledger) -> None:
    tamper(books, "DELETE FROM entry WHERE seq = 2")

    assert str(verification.verify(books).faults[0]).startswith("entry 2: is missing")


def test_a_missing_end_is_named(books: Ledger) -> None:
    end = last(books)
    tamper(books, f"DELETE FROM entry WHERE seq = {end}")

    told = str(verification.verify(books).faults[0])
    assert told.startswith(f"entry {end}: the chain's head is entry {end}, the last one is {end - 1}")


def test_an_entry_out_of_nowhere_is_named(books: Ledger, ada: str) -> None:
    end = last(books)
    with books.unit_of_work() as unit:
        row = {"seq": end + 1, "transfer": "transfer_x", "line": 1, "account": ada, "unit": "K", "amount": 5}
        unit.connection.execute(
            insert(transfer).values(id="transfer_x", kind="gift", made_by=ada, memo="", created_at=unit.now)
        )
        unit.connection.execute(insert(entry).values(**row, previous="0" * 64, hash="0" * 64))
        unit.commit()

    faults = [str(fault) for fault in verification.verify(books).faults]
    assert faults[0].startswith(f"entry {end}: ")
    assert any("transfer_x: has 1 entries" in fault for fault in faults)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE balance SET posted = posted + 1 WHERE account = :ada AND unit = 'K'", "its balance says"),
        ("UPDATE balance SET pending_in = 0 WHERE account = :ada AND unit = 'K'", "its holds say"),
        ("UPDATE hold_line SET amount = amount - 1 WHERE line = 1 AND hold = :held", "not to zero"),
        ("UPDATE trade SET state = 'cancelled' WHERE state = 'accepted'", "is cancelled, but its holds are ['open']"),
        ("UPDATE trade SET state = 'done' WHERE state = 'proposed'", "is done by transfer None"),
        ("UPDATE trade SET state = 'proposed' WHERE state = 'done'", "is proposed, but"),
        ("UPDATE trade SET reason = 'because' WHERE state = 'done'", "not those of its newest offer"),
        ("UPDATE trade SET terms_sha256 = 'x' WHERE state = 'done'", "carries the hash of other terms"),
        (
            "UPDATE leg SET fair = 1 WHERE position = 1 AND trade = :done",
            "the terms of its offer 1 do not give their hash",
        ),
        ("DELETE FROM leg WHERE position = 2 AND trade = :done", "the terms of its offer 1 do not give their hash"),
        ("DELETE FROM trade WHERE id = :done", "the trade is not there"),
        ("UPDATE fmv_record SET content = :other WHERE kind = 'k_rate'", "its bytes do not give its hash"),
    ],
)
def test_whatever_was_changed_is_found(books: Ledger, ada: str, statement: str, told: str) -> None:
    with books.reading() as connection:
        done = connection.exec_driver_sql("SELECT id FROM trade WHERE state = 'done'").scalar_one()
        held = connection.exec_driver_sql("SELECT id FROM hold WHERE state = 'open'").scalar_one()
    tamper(books, statement, ada=ada, done=done, held=held, other=b"{}")

    faults = [str(fault) for fault in verification.verify(books).faults]
    assert any(told in fault for fault in faults), faults

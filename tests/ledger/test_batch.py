"""Many payments in one request do what the same payments do one by one, and each has its own answer."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import given as given_
from hypothesis import strategies as st
from sqlalchemy import text

from ledger import verification
from ledger.books import accounts, batch, transfers
from ledger.books.batch import Payment
from ledger.books.store import Ledger, open_ledger
from warehouse.errors import KatyError


def test_each_payment_has_its_own_answer(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    asked = [
        Payment(key="1", payee="Bob", amount=60_00, memo="bread"),
        Payment(key="2", payee=eve, amount=60_00),
        Payment(key="3", payee="Zed", amount=1),
        Payment(key="1", payee="Bob", amount=60_00, memo="bread"),
        Payment(key="1", payee="Bob", amount=61_00),
        Payment(key="4", payee="Ada", amount=1),
        Payment(key="5", payee=eve, amount=40_00),
        Payment(key="a b", payee=eve, amount=1),
        Payment(key="6", payee=eve, amount=0),
    ]
    told = batch.pay_many(ledger, payer=ada, payments=asked)

    assert [each.refused or "posted" for each in told] == [
        "posted", "LimitReached", "Unknown", "posted", "KeyReused", "BadInput", "posted", "BadInput", "BadInput",
    ]  # fmt: skip
    assert told[0].transfer == told[3].transfer  # twice in one batch: once
    assert accounts.standing(ledger, ada).posted == -100_00
    assert batch.pay_many(ledger, payer=ada, payments=asked[:1]) == told[:1]
    alone = transfers.pay(ledger, key="1", payer=ada, payee="Bob", amount=60_00, memo="bread")
    assert alone.id == told[0].transfer
    assert verification.verify(ledger).sound


def test_a_key_stands_for_what_came_first_with_it_even_if_that_was_refused(ledger: Ledger, ada: str, bob: str) -> None:
    asked = [Payment(key="1", payee="Bob", amount=500_00), Payment(key="1", payee="Bob", amount=5_00)]
    told = [[each.refused for each in batch.pay_many(ledger, payer=ada, payments=asked)] for _ in range(2)]

    # Sent again, as after an answer that was lost, a batch is answered the same.
    assert told == [["LimitReached", "KeyReused"]] * 2
    assert accounts.standing(ledger, ada).posted == 0


def test_an_empty_batch_is_nothing(ledger: Ledger, ada: str) -> None:
    assert batch.pay_many(ledger, payer=ada, payments=[]) == []
    assert verification.verify(ledger).entries == 0


def test_each_key_is_one_look_into_the_index(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        if ledger.engine.dialect.name == "postgresql":
            connection.execute(text("SET enable_seqscan = off"))  # it reads so small a table whole
        statement, asked = batch._answered(ledger.engine.dialect.name, [("acc_1", "a"), ("acc_2", "b")])
        how = "EXPLAIN QUERY PLAN" if ledger.engine.dialect.name == "sqlite" else "EXPLAIN"
        plan = " ".join(str(row) for row in connection.execute(text(f"{how} {statement}"), asked))

    one_look = r"SEARCH kept USING INDEX \w+ \(account=\? AND key=\?\)|Index Cond.*account.*key"
    assert re.search(one_look, plan), plan


def test_a_large_batch_lands_whole(ledger: Ledger, ada: str, bob: str) -> None:
    asked = [
        (payer, Payment(key=f"{n}", payee=payee, amount=7, memo="ü\t\\N"))
        for n in range(60)
        for payer, payee in ((ada, bob), (bob, ada))
    ]
    told = batch.post_many(ledger, asked)

    assert all(each.state == "posted" for each in told)
    assert verification.verify(ledger).entries == 240
    assert verification.verify(ledger).sound


payments = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 12), st.sampled_from([1, 30_00, 55_00, 120_00])),
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given_(asked=payments)
def test_a_batch_does_what_its_payments_do_one_by_one(asked: list[Any], databases: Any, clock: Any) -> None:
    def told_by(together: bool) -> tuple[list[str], list[int]]:
        books = open_ledger(databases.new(), clock=clock)
        ids = [accounts.create(books, name)[0].id for name in "ABC"]
        wanted = [
            (ids[payer], Payment(key=f"k{key}", payee="ABCD"[payee], amount=amount))
            for payer, payee, key, amount in asked
        ]
        said = []
        if together:
            said = [each.refused or "posted" for each in batch.post_many(books, wanted)]
        else:
            first: dict[tuple[str, str], Payment] = {}
            for payer, each in wanted:
                # A key of a batch stands for what came first with it, refused or not.
                if first.setdefault((payer, each.key), each) != each:
                    said.append("KeyReused")
                    continue
                try:
                    transfers.pay(books, payer=payer, key=each.key, payee=each.payee, amount=each.amount)
                    said.append("posted")
                except KatyError as refused:
                    said.append(type(refused).__name__)
        assert verification.verify(books).sound
        balances = [one.posted for one in accounts.listing(books)]
        books.close()
        return said, balances

    assert told_by(True) == told_by(False)

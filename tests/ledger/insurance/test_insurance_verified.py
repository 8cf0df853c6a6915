"""Verification ties contributions and payouts to their trades. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text, update

from ledger import verification
from ledger.books.store import Ledger
from ledger.tables import trade

Value = Callable[..., str]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"insurance_proposer": 1_51}, "its entries moved"),
        ({"insurance_proposer": 31_00}, "for services that are worth 3000"),
        ({"insurance_proposer": 0}, "pays 0 rails into the insurance, and the account for it is"),
        ({"insurance_proposer": -1_00, "insurance_counterparty": 2_00}, "which only takes from a trade"),
    ],
)
def test_verify_ties_contributions_to_their_trades(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str, change: dict[str, int], told: str
) -> None:
    made = books.finished(books.work_for_k(value("rewiring", "30.00"), ada, bob, 30_00))
    with ledger.engine.execution_options(katy_write=True).begin() as connection:
        connection.execute(update(trade).where(trade.c.id == made.id).values(**change))

    assert told in " ".join(str(each) for each in verification.verify(ledger).faults)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE trade SET cause = NULL", "not for a trade that was disputed"),
        ("UPDATE account SET kind = 'pool' WHERE tier = 'house.insurance'", "another account did"),
        ("UPDATE trade SET proposer = :eve WHERE proposer = :bob", "no party of"),
    ],
)
def test_verify_ties_payouts_to_disputed_trades(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str, eve: str, statement: str, told: str
) -> None:
    work = value("rewiring", "30.00")
    books.finished(books.work_for_k(work, ada, bob, 30_00))
    made = books.disputed(books.work_for_k(work, bob, ada, 30_00, key="sparks"), 50)
    books.pay(made, bob, 1_00)
    assert books.sound()
    with ledger.engine.execution_options(katy_write=True).begin() as connection:
        names = {name: id for name, id in (("eve", eve), ("bob", bob)) if f":{name}" in statement}
        connection.execute(text(statement), names)

    assert told in " ".join(str(each) for each in verification.verify(ledger).faults)

"""What the treasurer pays out of the community's insurance, and to whom. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.books import audit_log, transfers
from ledger.books.errors import KeyReused, LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger
from ledger.community import insurance
from warehouse.errors import BadInput

Value = Callable[..., str]


def test_the_insurance_pays_a_party_of_a_disputed_trade_and_no_more_than_there_is(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str, eve: str
) -> None:
    work = value("rewiring", "30.00")
    books.finished(books.work_for_k(work, ada, bob, 30_00))
    quiet = books.finished(books.work_for_k(work, ada, bob, 30_00, key="quiet"))
    made = books.disputed(books.work_for_k(work, ada, bob, 30_00, key="sparks"), 50)
    assert insurance.standing(ledger).posted == 3_75
    before = books.by_name()

    with pytest.raises(NotAllowed, match="by a treasurer"):
        books.pay(made, bob, 1_00, as_treasurer=False)
    with pytest.raises(NotAllowed, match="a trade of their own"):
        books.pay(made, bob, 1_00, by=bob)
    with pytest.raises(BadInput, match="says why"):
        books.pay(made, bob, 1_00, reason=" ")
    with pytest.raises(BadInput, match="above zero"):
        books.pay(made, bob, 0)
    with pytest.raises(BadInput, match="a party of the trade"):
        books.pay(made, eve, 1_00)
    with pytest.raises(WrongState, match="was not disputed"):
        books.pay(quiet, bob, 1_00)
    with pytest.raises(Unknown):
        books.pay(made.model_copy(update={"id": "trade_" + "0" * 20}), bob, 1_00)
    with pytest.raises(LimitReached, match=r"holds 3\.75 K, less than the 3\.76 K"):
        books.pay(made, bob, 3_76)
    assert books.by_name() == before

    paid = books.pay(made, "Bob", 3_00)
    assert books.pay(made, "Bob", 3_00) == paid  # the same key pays once
    with pytest.raises(KeyReused):
        books.pay(made, "Bob", 3_01)
    after = books.by_name()
    assert (after["Bob"] - before["Bob"], after["community insurance"]) == (3_00, 75)
    stands = insurance.standing(ledger)
    assert [(each.trade, each.payee, each.amount, each.reason) for each in stands.payouts] == [
        (made.id, "Bob", 3_00, "the lamp burnt")
    ]
    assert (stands.posted, stands.contributed, stands.trades, stands.otherwise) == (75, 3_75, 3, 0)
    logged = audit_log.listing(ledger, action="insurance.paid")
    assert [(each.actor, each.subject, "burnt" in each.details) for each in logged] == [("operator", bob, False)]
    assert transfers.movements(ledger, bob)[0].memo == "the lamp burnt"
    assert books.sound()

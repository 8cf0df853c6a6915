"""Bringing an inventory in: every row is accounted for, again is no more than once, and a try changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.books.errors import KeyReused
from ledger.books.store import Ledger
from ledger.owned import thing_imports, things
from ledger.owned.thing_imports import Arrival, Brought, bring
from warehouse.errors import BadInput


def arrival(number: object, **said: Any) -> Arrival:
    return Arrival(f"a.csv line {number}", f"own:{number}", {"title": f"Thing {number}", **said})


def counts(brought: Brought) -> tuple[int, int, int, list[str]]:
    return brought.added, brought.changed, brought.known, [each.reason for each in brought.left_out]


def test_every_row_is_added_or_named_with_its_reason(ledger: Ledger, ada: str) -> None:
    rows = [
        arrival(1, worth="5", currency="USD"),
        arrival(2, worth="5"),
        arrival(3, quantity=0),
        arrival(1, title="Another"),
        Arrival("a.csv line 9", "x" * 161, {"title": "Lamp"}),
    ]
    brought = bring(ledger, key="k", by=ada, arrivals=rows)

    assert counts(brought) == (1, 0, 0, ["refused", "none_in_stock", "same_id", "refused"])
    assert brought.left_out[0].place == "a.csv line 2"
    assert "needs its currency" in brought.left_out[0].message
    assert "161" in brought.left_out[3].message or "160" in brought.left_out[3].message
    assert bring(ledger, key="k", by=ada, arrivals=rows) == brought, "the same request again"
    with pytest.raises(KeyReused):
        bring(ledger, key="k", by=ada, arrivals=rows[:1])


def test_the_same_file_again_adds_nothing_and_a_newer_one_changes(ledger: Ledger, ada: str, bob: str) -> None:
    rows = [arrival(n, worth="5", currency="USD", attributes={"colour": "red"}) for n in range(5)]
    assert counts(bring(ledger, key="1", by=ada, arrivals=rows)) == (5, 0, 0, [])
    assert counts(bring(ledger, key="2", by=ada, arrivals=rows)) == (0, 0, 5, [])
    newer = [arrival(0, quantity=0), arrival(1, attributes={"size": "L"}), arrival(7)]
    assert counts(bring(ledger, key="3", by=ada, arrivals=newer)) == (1, 2, 0, [])

    zero, one, *_ = things.listing(ledger, ada)
    by_key = {each.owned.title: each.owned for each in things.listing(ledger, ada)}
    assert (by_key["Thing 0"].quantity, by_key["Thing 0"].worth) == (0, "5"), "what a file does not say stays"
    assert by_key["Thing 1"].attributes == {"colour": "red", "size": "L"}
    assert zero.account == one.account == ada
    assert things.listing(ledger, bob) == []
    assert counts(bring(ledger, key="1", by=bob, arrivals=rows)) == (5, 0, 0, []), "another's rows are another's"


def test_a_try_changes_nothing_and_says_what_would_become_of_it(ledger: Ledger, ada: str) -> None:
    rows = [arrival(n) for n in range(3)]
    tried = bring(ledger, key="k", by=ada, arrivals=rows, dry_run=True)
    assert things.listing(ledger, ada) == []
    assert bring(ledger, key="k", by=ada, arrivals=rows) == tried


def test_a_full_account_takes_what_fits(ledger: Ledger, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thing_imports, "MOST_THINGS", 3)
    bring(ledger, key="0", by=ada, arrivals=[arrival(1)])
    brought = bring(ledger, key="1", by=ada, arrivals=[arrival(n) for n in range(5)])
    assert counts(brought) == (2, 0, 1, ["too_many", "too_many"])
    monkeypatch.setattr(thing_imports, "MOST_ROWS", 4)
    with pytest.raises(BadInput, match="several files"):
        bring(ledger, key="2", by=ada, arrivals=[arrival(n) for n in range(5)])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rows_are_neither_lost_nor_doubled(ledger: Ledger, data: st.DataObject) -> None:
    from ledger.books import accounts
    from ledger.books.canonical import new_id

    by = accounts.create(ledger, new_id("x"))[0].id
    numbers = data.draw(st.lists(st.integers(0, 9), max_size=12))
    rows = [
        arrival(n, **({"worth": "5"} if bad else {}), quantity=quantity)
        for n, bad, quantity in ((n, data.draw(st.booleans()), data.draw(st.integers(0, 2))) for n in numbers)
    ]
    first = bring(ledger, key="1", by=by, arrivals=rows)
    again = bring(ledger, key="2", by=by, arrivals=rows)

    for brought in (first, again):
        assert brought.added + brought.changed + brought.known + len(brought.left_out) == len(rows)
    assert (again.added, again.changed, again.known) == (0, 0, first.added)
    assert len(things.listing(ledger, by)) == first.added

"""Values of things and what is told of them: once for each good reason, to the owner, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ledger.books.store import Ledger
from ledger.owned import thing_values, things
from ledger.owned.thing_rules import Rise, rules
from ledger.owned.thing_values import Seen, batch, judge
from ledger.owned.thing_words import Demand
from ledger.owned.things import Thing, Valued
from ledger.watching import outbox

FIRST = date(2026, 3, 1)


@pytest.fixture
def drill(ledger: Ledger, ada: str) -> Thing:
    said = {"title": "Makita DHP453 cordless drill", "paid": "60.00", "paid_on": "2024-05-01", "currency": "USD"}
    return things.add(ledger, key="add", by=ada, said=said)


def seen(thing: Thing, fmv: object, day: int = 0, **said: Any) -> Seen:
    worth = None if fmv is None else Decimal(str(fmv))
    value = Valued(
        snapshot=f"202603{day + 1:02}T000000Z-00000000",
        value_date=str(FIRST + timedelta(days=day)),
        currency="USD",
        fmv=None if worth is None else f"{worth:.2f}",
        low=None if worth is None else f"{worth * Decimal('0.8'):.2f}",
        high=None if worth is None else f"{worth * Decimal('1.25'):.2f}",
        confidence=None if worth is None else "B",
        reason="no_data" if worth is None else None,
    )
    known: dict[str, Any] = {"product": "drill-dhp453", "category": "drill"}
    return Seen(thing=thing.id, question=thing.owned.question, value=value, **{**known, **said})


def wanted(day: int = 0, **said: Any) -> Demand:
    known: dict[str, Any] = {"level": "product", "name": "drill-dhp453", "wanted": Rise(40, 10, 25.0, 0.0001)}
    return Demand(until=FIRST + timedelta(days=day), **{**known, **said})


def test_an_owner_is_told_that_a_thing_is_worth_more_than_was_paid(ledger: Ledger, drill: Thing, ada: str) -> None:
    (told,) = judge(ledger, [seen(drill, 120)])

    assert (told.account, told.kind) == (ada, "thing")
    assert told.subject == "Makita DHP453 cordless drill: worth more than you think, about 120.00 USD"
    assert "90 % of such things bring 96.00 to 150.00 USD (confidence B)" in told.body
    assert "You paid 60.00 USD on 2024-05-01." in told.body
    assert told.data["thing"] == drill.id
    assert outbox.listing(ledger, ada) == [told]

    found = things.view(ledger, by=ada, thing_id=drill.id)
    assert found.checked is not None
    assert (found.checked.fmv, found.checked.product, found.checked.category) == ("120.00", "drill-dhp453", "drill")


def test_the_same_again_says_nothing_and_a_tenth_more_repeats_it(ledger: Ledger, drill: Thing, ada: str) -> None:
    said = [
        len(judge(ledger, [seen(drill, value, day)])) for day, value in enumerate((120, 120, 131, 90, 131, 132, 133))
    ]
    assert said == [1, 0, 0, 0, 0, 1, 0]
    (told,) = outbox.listing(ledger, ada)
    assert told.repeated == 1
    assert "132.00" in told.subject

    outbox.dismiss(ledger, key="d", by=ada, notice_id=told.id)
    assert judge(ledger, [seen(drill, 144, 10)]) == [], "less than a tenth above what was told"
    (anew,) = judge(ledger, [seen(drill, 146, 11)])
    assert anew.id != told.id


def test_what_the_owner_says_goes_before_what_was_paid(ledger: Ledger, drill: Thing, ada: str) -> None:
    drill = things.change(ledger, key="c", by=ada, thing_id=drill.id, said={"worth": "150", "quantity": 3})
    assert judge(ledger, [seen(drill, 180)]) == []
    (told,) = judge(ledger, [seen(drill, 240, 1)])
    assert "You put it at 150 USD." in told.body
    assert "one of your 3" in told.body


def test_unknown_is_kept_and_told_to_nobody(ledger: Ledger, drill: Thing, ada: str) -> None:
    assert judge(ledger, [seen(drill, None)]) == []
    (value,) = things.values(ledger, by=ada, thing_id=drill.id)
    assert (value.fmv, value.reason) == (None, "no_data")


def test_of_what_is_out_of_stock_nothing_is_told(ledger: Ledger, drill: Thing, ada: str) -> None:
    drill = things.change(ledger, key="c", by=ada, thing_id=drill.id, said={"quantity": 0})
    assert judge(ledger, [seen(drill, 500, demand=wanted())]) == []
    assert len(things.values(ledger, by=ada, thing_id=drill.id)) == 1


def test_demand_is_told_once_for_a_period(ledger: Ledger, drill: Thing, ada: str) -> None:
    gone = Rise(20, 4, 12.0, 0.00001)
    (told,) = judge(ledger, [seen(drill, 60, demand=wanted(gone=gone, stood_now=6.2, stood_before=15.0))])
    assert told.subject.startswith("You may be sitting on something")
    assert "40 were sold or asked for, in the 28 days before 10." in told.body
    assert "An offer stands 6 days now, 15 before." in told.body
    assert told.data["wanted"] == {"now": 40, "before": 10, "expected": "25.0", "chance": "0.0001"}

    days = rules().days
    assert judge(ledger, [seen(drill, 60, 1, demand=wanted(1))]) == []
    assert judge(ledger, [seen(drill, 60, 2, demand=wanted(days - 1))]) == []
    outbox.dismiss(ledger, key="d", by=ada, notice_id=told.id)
    assert judge(ledger, [seen(drill, 60, 3, demand=wanted(days - 1))]) == []
    (again,) = judge(ledger, [seen(drill, 60, 4, demand=wanted(days, level="category", name="power_drill"))])
    assert "things of its category (power drill)" in again.body


def test_another_question_starts_anew(ledger: Ledger, drill: Thing, ada: str) -> None:
    judge(ledger, [seen(drill, 120)])
    changed = things.change(ledger, key="c", by=ada, thing_id=drill.id, said={"condition": "like new"})

    assert outbox.listing(ledger, ada, dismissed=True) == things.values(ledger, by=ada, thing_id=drill.id) == []
    assert changed.checked is None
    assert judge(ledger, [seen(drill, 130, 1)]) == [], "a value of what was asked before is not of this thing"
    assert things.view(ledger, by=ada, thing_id=drill.id).checked is None
    assert len(judge(ledger, [seen(changed, 121, 1)])) == 1


def test_a_removed_thing_is_silent(ledger: Ledger, drill: Thing, ada: str) -> None:
    judge(ledger, [seen(drill, 120)])
    things.remove(ledger, key="r", by=ada, thing_id=drill.id)
    assert outbox.listing(ledger, ada, dismissed=True) == []
    assert judge(ledger, [seen(drill, 240, 1)]) == []


def test_the_newest_values_are_kept_newest_first(
    ledger: Ledger, drill: Thing, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    monkeypatch.setattr(thing_values, "rules", lambda: replace(rules(), values=4))
    for day in (0, 1, 2, 3, 3, 4, 5):
        judge(ledger, [seen(drill, 100 + day, day)])
    assert [value.fmv for value in things.values(ledger, by=ada, thing_id=drill.id)] == [
        "105.00", "104.00", "103.00", "102.00",
    ]  # fmt: skip


def test_each_owner_is_told_of_their_own(ledger: Ledger, drill: Thing, ada: str, bob: str) -> None:
    other = things.add(ledger, key="b", by=bob, said={"title": "Saw", "paid": "10", "currency": "USD"})
    put = judge(ledger, [seen(drill, 120), seen(other, 50)])

    assert {each.account for each in put} == {ada, bob}
    for by, mine, theirs in ((ada, "drill", "Saw"), (bob, "Saw", "drill")):
        (told,) = outbox.listing(ledger, by)
        assert mine in told.body
        assert theirs not in told.body


def test_judged_by_many_at_once_there_is_one_notice(ledger: Ledger, drill: Thing) -> None:
    with ThreadPoolExecutor(8) as runs:
        put = list(runs.map(lambda _: judge(ledger, [seen(drill, 120)]), range(8)))
    assert sorted(map(len, put)) == [0] * 7 + [1]


def test_batches_pass_over_everything_once(ledger: Ledger, ada: str, bob: str) -> None:
    make: Callable[[str, int], Thing] = lambda by, n: things.add(  # noqa: E731
        ledger, key=str(n), by=by, said={"title": f"Thing {n}"}
    )
    made = {make(by, n).id for n in range(5) for by in (ada, bob)}
    met: list[str] = []
    while part := batch(ledger, after=met[-1] if met else "", limit=3):
        met += [each.id for each in part]
    assert len(met) == 10
    assert set(met) == made

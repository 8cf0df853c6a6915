"""Things in the books: seen by their owner alone, kept in one form, and gone for good when they are removed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from ledger.books.errors import KeyReused, LedgerError, LimitReached, Unknown
from ledger.books.store import Ledger
from ledger.owned import thing_imports, things
from ledger.owned.thing_terms import checked, merged
from ledger.owned.things import Thing
from ledger.tables import metadata
from ledger.watching import outbox
from ledger.watching.outbox import Draft
from warehouse.errors import BadInput

DRILL = {"title": "Makita DHP453 cordless drill", "paid": "60.00", "currency": "USD", "condition": "like new"}


@pytest.fixture
def add(ledger: Ledger) -> Callable[..., Thing]:
    def make(by: str, key: str = "add", **said: Any) -> Thing:
        return things.add(ledger, key=key, by=by, said={**DRILL, **said})

    return make


def everything(ledger: Ledger) -> str:
    """All that the books hold, as text."""
    with ledger.reading() as connection:
        return "\n".join(str(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def test_a_thing_is_seen_by_its_owner_alone(ledger: Ledger, add: Any, ada: str, bob: str) -> None:
    made = add(ada)

    assert things.view(ledger, by=ada, thing_id=made.id) == made
    assert things.listing(ledger, ada) == [made]
    assert things.listing(ledger, bob) == []
    for touch in (
        lambda: things.view(ledger, by=bob, thing_id=made.id),
        lambda: things.values(ledger, by=bob, thing_id=made.id),
        lambda: things.listing(ledger, bob, after=made.id),
        lambda: things.change(ledger, key="c", by=bob, thing_id=made.id, said={"worth": "1"}),
        lambda: things.remove(ledger, key="r", by=bob, thing_id=made.id),
    ):
        with pytest.raises(Unknown) as refused:
            touch()
        with pytest.raises(Unknown) as absent:
            things.view(ledger, by=bob, thing_id="thing_0")
        assert str(refused.value) == str(absent.value).replace("thing_0", made.id), "as if it were not there"
    assert things.view(ledger, by=ada, thing_id=made.id) == made


def test_the_same_request_registers_one_thing(ledger: Ledger, add: Any, ada: str) -> None:
    first = add(ada, key="k")
    assert add(ada, key="k") == first
    with pytest.raises(KeyReused):
        add(ada, key="k", title="Something else")
    assert add(ada, key="other").id != first.id, "one may own two"


def test_an_id_of_one_s_own_is_had_once_by_each(ledger: Ledger, add: Any, ada: str, bob: str) -> None:
    add(ada, key="1", external_id="SKU 1")
    with pytest.raises(LedgerError, match='"SKU 1"'):
        add(ada, key="2", external_id="SKU 1")
    add(bob, key="3", external_id="SKU 1")
    with pytest.raises(BadInput, match="it stays"):
        things.change(
            ledger, key="4", by=ada, thing_id=things.listing(ledger, ada)[0].id, said={"external_id": "SKU 2"}
        )


def test_a_change_leaves_what_is_not_named(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada, attributes={"voltage": "18 V", "colour": "teal"})
    changed = things.change(
        ledger, key="c", by=ada, thing_id=made.id,
        said={"worth": "90", "condition": None, "attributes": {"colour": None, "chuck": "13 mm"}},
    )  # fmt: skip

    assert changed.owned.worth == "90"
    assert changed.owned.condition is None
    assert changed.owned.attributes == {"voltage": "18 V", "chuck": "13 mm"}
    assert changed.owned.paid == "60.00"
    cleared = things.change(ledger, key="c2", by=ada, thing_id=made.id, said={"attributes": None})
    assert cleared.owned.attributes == {}
    odd = things.change(ledger, key="c4", by=ada, thing_id=made.id, said={"brand": "Makita\ud800"})
    assert odd.owned.brand == "Makita\ufffd"
    with pytest.raises(BadInput, match="title"):
        things.change(ledger, key="c3", by=ada, thing_id=made.id, said={"title": None})


def test_what_is_removed_leaves_no_word_behind(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada, title="Grandmother's violin", attributes={"maker": "Stainer"}, region="AT-7")
    things.change(ledger, key="c", by=ada, thing_id=made.id, said={"worth": "31337"})
    row = thing_imports.Arrival("a.csv line 2", "own:9", {"title": "Grandmother's bow", "paid": "x"})
    thing_imports.bring(ledger, key="i", by=ada, arrivals=[row])
    draft = Draft(
        account=ada, kind="thing", cause=f"{made.id}:worth", evidence="1", subject="violin", body="violin", data={}
    )
    told = outbox.put(ledger, draft)
    assert told is not None
    outbox.mark_told(ledger, told, "log")
    assert "violin" in everything(ledger)

    things.remove(ledger, key="r", by=ada, thing_id=made.id)
    left = everything(ledger)
    for word in ("violin", "Stainer", "AT-7", "31337", "bow", told.id):
        assert word not in left
    assert things.remove(ledger, key="r", by=ada, thing_id=made.id).id == made.id, "the same request again"
    with pytest.raises(Unknown):
        things.remove(ledger, key="r2", by=ada, thing_id=made.id)


def test_nobody_registers_without_end(ledger: Ledger, add: Any, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(things, "MOST_THINGS", 3)
    with ThreadPoolExecutor(6) as clients:

        def ask(number: int) -> bool:
            try:
                return bool(add(ada, key=str(number)))
            except LimitReached:
                return False

        assert sum(clients.map(ask, range(6))) == 3
    assert things.count(ledger) == things.count(ledger, ada) == 3


def test_things_come_in_pages_in_the_order_they_were_added(ledger: Ledger, add: Any, ada: str, clock: Any) -> None:
    made = []
    for number in range(7):
        made.append(add(ada, key=str(number)).id)
        clock.move(seconds=number % 2)
    seen: list[str] = []
    while page := things.listing(ledger, ada, after=seen[-1] if seen else None, limit=3):
        seen += [each.id for each in page]
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"title": None}, "title: say what"),
        ({"title": "  "}, "title: say what"),
        ({"title": "?!"}, "no word"),
        ({"title": "x" * 501}, "at most 500"),
        ({"paid": "12,50"}, "not an amount"),
        ({"worth": "-5"}, "not an amount"),
        ({"worth": "1e3"}, "not an amount"),
        ({"currency": "dollars"}, "not an ISO 4217"),
        ({"currency": None}, "needs its currency"),
        ({"gtin": "4006381333932"}, "check digit"),
        ({"quantity": 1.5}, "whole number"),
        ({"quantity": True}, "whole number"),
        ({"quantity": -1}, "whole number"),
        ({"paid_on": "31.3.2026"}, "no day"),
        ({"attributes": {str(n): "x" for n in range(31)}}, "at most 30"),
        ({"attributes": {"a": "x" * 301}}, "too long"),
        ({"attributes": "x"}, "a text each"),
        ({"picture_hash": "XYZ"}, "hexadecimal"),
        ({"colour": "red"}, "no such field"),
    ],
)
def test_what_cannot_be_said_of_a_thing_is_refused_by_its_field(said: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        checked({**DRILL, **said})


def test_hostile_words_are_kept_as_plain_text(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada, title="Dri\x00ll\n<script>alert(1)</script>\u202e Makita &amp; co \ud800", currency="usd")
    assert made.owned.title == "Dri ll Makita & co \ufffd"
    assert made.owned.currency == "USD"
    assert things.view(ledger, by=ada, thing_id=made.id) == made


def test_the_question_is_that_of_the_words_and_not_of_the_money() -> None:
    one = checked({**DRILL, "gtin": "4006381333931", "attributes": {"voltage": "18 V"}, "region": "US-MO"})
    same = merged(one, {"worth": "500", "paid_on": "2026-03-31", "quantity": 7})
    assert one.question == same.question
    assert one.question != merged(one, {"condition": "fair"}).question
    assert one.question != merged(one, {"currency": "EUR"}).question

    asked = one.request()
    assert (asked.text, asked.condition, asked.region, asked.currency) == (
        DRILL["title"], "like new", "US-MO", "USD",
    )  # fmt: skip
    assert asked.attributes == {"gtin": "4006381333931", "voltage": "18 V"}
    assert str(same.belief) == "500"
    assert str(one.belief) == "60.00"

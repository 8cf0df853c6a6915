"""Watches in the books: private to their owner, judged once for each new evidence, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import func, select

from ledger.books import accounts, migrate
from ledger.books.errors import LimitReached, Unknown
from ledger.books.store import Ledger, open_ledger
from ledger.tables import watch
from ledger.watching import outbox, watches
from ledger.watching.outbox import Notice
from ledger.watching.watch_rules import Point
from ledger.watching.watch_terms import Terms, rule_in_words
from ledger.watching.watches import Seen, Watch
from warehouse.errors import BadInput

FIRST = date(2026, 1, 5)
DRILL = Terms(words="makita drill", rule="change", percent="10", direction="down")


@pytest.fixture
def add(ledger: Ledger) -> Callable[..., Watch]:
    def make(by: str, terms: Terms = DRILL, key: str | None = None) -> Watch:
        return watches.create(ledger, key=key or f"{by}{terms.fingerprint}", by=by, terms=terms)

    return make


def seen(*prices: object, **said: Any) -> Seen:
    series = [Point(FIRST + timedelta(days=day), Decimal(str(price))) for day, price in enumerate(prices)]
    known = {
        "snapshot": "20261114T000000Z-00000000",
        "today": FIRST + timedelta(days=len(prices)),
        "currency": "USD",
        "title": "Makita drill",
        "series": series,
        "listings": 3,
        "examples": [{"title": "Makita DHP453", "price": "85.00", "currency": "USD", "url": "https://x.example/1"}],
    }
    return Seen(**{**known, **said})


def test_a_watch_is_seen_by_its_owner_alone(ledger: Ledger, add: Any, ada: str, bob: str) -> None:
    made = add(ada)

    assert watches.listing(ledger, ada) == [made] == [watches.view(ledger, by=ada, watch_id=made.id)]
    assert watches.listing(ledger, bob) == []
    with pytest.raises(Unknown, match="among yours"):
        watches.view(ledger, by=bob, watch_id=made.id)
    with pytest.raises(Unknown, match="among yours"):
        watches.cancel(ledger, key="k", by=bob, watch_id=made.id)


def test_the_same_watch_is_not_had_twice_but_by_two_people(ledger: Ledger, add: Any, ada: str, bob: str) -> None:
    first = add(ada, key="1")
    same = add(ada, DRILL.model_copy(update={"words": " makita   drill ", "percent": "10.0"}), key="2")

    assert same == first
    assert add(bob).id != first.id
    watches.cancel(ledger, key="3", by=ada, watch_id=first.id)
    assert add(ada, key="4").id != first.id


def test_sixteen_requests_for_one_watch_make_one(ledger: Ledger, ada: str) -> None:
    def ask(number: int) -> str:
        return watches.create(ledger, key=str(number), by=ada, terms=DRILL).id

    with ThreadPoolExecutor(16) as clients:
        assert len(set(clients.map(ask, range(16)))) == 1
    with ledger.reading() as connection:
        assert connection.execute(select(func.count()).select_from(watch)).scalar_one() == 1


def test_nobody_watches_without_end(ledger: Ledger, add: Any, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "MOST_WATCHES", 2)
    add(ada, DRILL)
    add(ada, DRILL.model_copy(update={"percent": "11"}))
    with pytest.raises(LimitReached, match="at most 2 watches"):
        add(ada, DRILL.model_copy(update={"percent": "12"}))


def test_creep_is_told_with_its_figures_and_the_same_evidence_only_once(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada)
    assert watches.judge(ledger, made.id, seen(100, 97, 94, 91)) == []
    (told,) = watches.judge(ledger, made.id, seen(100, 97, 94, 91, "89.90"))

    assert told.account == ada
    assert told.subject == "Makita drill down 10.1 %: 89.90 USD"
    assert "On 2026-01-05 it was 100 USD: -10.1 % in 4 days." in told.body
    assert "https://x.example/1" in told.body
    assert told.data["since"] == {"day": "2026-01-05", "price": "100"}
    assert told.data["percent"] == "-10.10"
    assert watches.judge(ledger, made.id, seen(100, 97, 94, 91, "89.90")) == []
    assert outbox.listing(ledger, ada) == [told]


def test_it_is_repeated_until_dismissed_and_then_armed_from_there(
    ledger: Ledger, add: Any, ada: str, clock: Any
) -> None:
    made = add(ada)
    notices: list[Notice] = []
    for days in range(1, 5):
        clock.move(days=1)
        notices += watches.judge(ledger, made.id, seen(100, *[88] * days))
    assert {each.id for each in notices} == {notices[0].id}
    assert [each.repeated for each in notices] == [0, 1, 2, 3]

    outbox.dismiss(ledger, key="d", by=ada, notice_id=notices[0].id)
    assert watches.judge(ledger, made.id, seen(100, *[88] * 6)) == []
    assert watches.judge(ledger, made.id, seen(100, *[88] * 6, 80)) == [], "9 % below the 88 that were told"
    (anew,) = watches.judge(ledger, made.id, seen(100, *[88] * 6, 80, 79))
    assert anew.id != notices[0].id
    assert anew.repeated == 0
    assert anew.data["since"]["price"] == "88"

    outbox.dismiss(ledger, key="e", by=ada, notice_id=anew.id)
    assert watches.judge(ledger, made.id, seen(100, *[88] * 6, 80, 79, 72)) == []
    (third,) = watches.judge(ledger, made.id, seen(100, *[88] * 6, 80, 79, 72, 71))
    assert third.data["since"]["price"] == "79", "the newest that was dismissed"


def test_an_amount_is_told_in_words(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada, Terms(product="p:1", rule="below", amount="90.0", condition="used", region="US-MO", currency="USD"))
    (told,) = watches.judge(ledger, made.id, seen("89.99", title="Makita DHP453", listings=1))

    assert told.subject == "Makita DHP453 is below 90: 89.99 USD"
    assert "The median asking price, used, US-MO, priced in USD, on 2026-01-05: 89.99 USD (1 listing)." in told.body
    assert told.data["since"] is None


def test_what_was_seen_is_kept_also_where_nothing_was(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada)
    assert made.checked is None
    assert watches.judge(ledger, made.id, seen(trouble="no listing with a price fits it yet")) == []
    (found,) = watches.listing(ledger, ada)
    assert found.checked is not None
    assert found.checked.trouble == "no listing with a price fits it yet"

    watches.judge(ledger, made.id, seen(100, 99))
    (found,) = watches.active(ledger)
    assert found.checked is not None
    assert (found.checked.trouble, found.checked.price, found.checked.days) == (None, "99", 2)


def test_a_cancelled_watch_is_silent_and_its_notices_are_gone(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada)
    watches.judge(ledger, made.id, seen(100, 80))
    gone = watches.cancel(ledger, key="c", by=ada, watch_id=made.id)

    assert gone.cancelled_at is not None
    assert watches.cancel(ledger, key="c2", by=ada, watch_id=made.id) == gone
    assert outbox.listing(ledger, ada) == outbox.pending(ledger, "log") == watches.listing(ledger, ada) == []
    assert watches.judge(ledger, made.id, seen(100, 80, 70)) == []


def test_judged_by_many_at_once_there_is_one_notice(ledger: Ledger, add: Any, ada: str) -> None:
    made = add(ada)
    with ThreadPoolExecutor(8) as runs:
        put = list(runs.map(lambda _: watches.judge(ledger, made.id, seen(100, 80)), range(8)))

    assert sorted(len(each) for each in put) == [0] * 7 + [1]
    (told,) = outbox.listing(ledger, ada)
    assert told.repeated == 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"words": None}, "on a product or on the words"),
        ({"product": "p"}, "on a product or on the words"),
        ({"words": "!?"}, "no word"),
        ({"words": "a\x00b"}, "printable"),
        ({"words": "x" * 201}, "1 to 200"),
        ({"window_days": 8}, "7, 30, 90 days, not 8"),
        ({"percent": None}, "has a percentage"),
        ({"percent": "0"}, "above 0"),
        ({"percent": "101"}, "at most 100"),
        ({"percent": "1e1"}, "not a percentage"),
        ({"amount": "5"}, "no amount"),
        ({"currency": "usd"}, "not a currency"),
        ({"rule": "below"}, "has the amount"),
        ({"rule": "below", "percent": None, "direction": "either", "amount": "0"}, "above zero"),
        ({"rule": "above", "percent": None, "amount": "٣", "direction": "either"}, "not an amount"),
    ],
)
def test_terms_that_cannot_be_are_refused_in_words(said: dict[str, Any], told: str, tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/l.sqlite", clock=lambda: pytest.fail("nothing is written"))
    with pytest.raises(BadInput, match=told):
        watches.create(ledger, key="k", by="nobody", terms=DRILL.model_copy(update=said))
    ledger.close()


def test_rules_read_as_a_person_says_them() -> None:
    assert rule_in_words(DRILL) == "10 % down within 30 days"
    assert rule_in_words(Terms(product="p", rule="above", amount="5"), "EUR") == "above 5 EUR"


def test_books_from_before_the_watches_are_brought_up_to_date(
    databases: Any, postgresql: str, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if databases.name == "sqlite":
        url = f"sqlite:///{tmp_path}/older.sqlite"
    else:
        server = postgresql.format(database="postgres").replace("postgresql:", "postgresql+psycopg:")
        engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE older")
        engine.dispose()
        url = postgresql.format(database="older")
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "HEAD", "r0001")
        older = open_ledger(url, clock=clock)
        ada = "acc_00000000000000000ada"
        with older.engine.begin() as connection:
            named = "'acc_00000000000000000ada', 'Ada', 'ada', 'member', 'basic', '2026-11-14T12:00:00.000000Z'"
            for statement in (
                f"INSERT INTO account (id, name, name_key, kind, tier, created_at) VALUES ({named})",
                "INSERT INTO balance (account, unit, posted, pending_out, pending_in) VALUES "
                "('acc_00000000000000000ada', 'K', 0, 0, 0)",
            ):
                connection.exec_driver_sql(statement)
        assert not sqlalchemy.inspect(older.engine).has_table("watch")
        older.close()

    ledger = open_ledger(url, clock=clock)
    assert watches.create(ledger, key="k", by=ada, terms=DRILL).account == ada
    assert accounts.standing(ledger, ada, "min").posted == 0
    ledger.close()

"""What people own after a publish, on real snapshots: values kept, owners told, and demand told from a busy agent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from features.identify import write_identity
from flows.things import Market, value_things
from ledger.books import accounts
from ledger.books.store import Ledger, open_ledger
from ledger.owned import thing_values, things
from ledger.owned.thing_rules import rules
from ledger.owned.things import Thing
from ledger.watching import outbox
from warehouse import build, database, landing, load, lock, query, snapshot
from warehouse.home import Home
from warehouse.records import Listing
from warehouse.snapshot import Snapshot
from warehouse.valuation import Valuation, ValuationRequest

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DRILL, LAPTOP = "Makita DHP453 cordless drill 18V", "Dell Latitude E7470 laptop 8GB 256GB"
DAYS = rules().days


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def ada(ledger: Ledger) -> str:
    return accounts.create(ledger, "Ada")[0].id


def own(ledger: Ledger, by: str, title: str = DRILL, **said: Any) -> Thing:
    return things.add(
        ledger, key=f"{by}{title}".replace(" ", "-"), by=by, said={"title": title, "currency": "USD", **said}
    )


def test_things_are_valued_and_their_owner_told_once(published: Any, ledger: Ledger, ada: str) -> None:
    cheap = own(ledger, ada, paid="30", condition="good")
    dear = own(ledger, ada, title=LAPTOP, worth="900", condition="good")
    odd = own(ledger, ada, title="Zzyx quondam frobnicator", paid="1")
    said: list[str] = []
    (told,) = value_things(published.snapshot, ledger, published.valuer, say=said.append)

    assert told.account == ada
    assert told.data["thing"] == cheap.id
    assert said == ["things valued: 3; notices: 1"]
    found = {each.id: each.checked for each in things.listing(ledger, ada)}
    asked = published.valuer.value(cheap.owned.request())
    assert found[cheap.id].fmv == asked.fmv
    assert Decimal(found[cheap.id].low) > 36
    assert found[cheap.id].product == asked.subject.understood["product"]
    assert found[dear.id].fmv is not None
    assert (found[odd.id].fmv, found[odd.id].reason) == (None, "nothing_comparable")
    (value,) = things.values(ledger, by=ada, thing_id=cheap.id)
    assert (value.snapshot, value.fmv) == (published.snapshot.id, asked.fmv)

    assert value_things(published.snapshot, ledger, published.valuer, say=said.append) == []
    assert len(things.values(ledger, by=ada, thing_id=cheap.id)) == 1
    assert outbox.listing(ledger, ada) == [told]


def test_values_are_in_the_owner_s_money_and_the_least_amount_too(published: Any, ledger: Ledger, ada: str) -> None:
    euro = things.add(ledger, key="e", by=ada, said={"title": DRILL, "paid": "30", "currency": "EUR"})
    (told,) = value_things(published.snapshot, ledger, published.valuer, say=lambda _: None)
    assert told.data["value"]["currency"] == "EUR"
    assert things.view(ledger, by=ada, thing_id=euro.id).checked == things.listing(ledger, ada)[0].checked


def test_one_thing_that_fails_costs_the_others_nothing(
    published: Any, ledger: Ledger, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fragile:
        def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]:
            if any("laptop" in request.text for request in requests):
                raise ZeroDivisionError("a fault")
            answers: list[Valuation] = published.valuer.value_many(requests)
            return answers

    monkeypatch.setattr(thing_values, "BATCH", 2)
    made = [own(ledger, ada, title=title, paid="30") for title in (DRILL, LAPTOP, "Trek Marlin 5 mountain bike")]
    said: list[str] = []
    value_things(published.snapshot, ledger, Fragile(), say=said.append)

    failed, count = said
    assert failed == f"thing {made[1].id} could not be valued: ZeroDivisionError: a fault"
    assert count.startswith("things valued: 2, 1 failed")
    valued = [each.checked is not None for each in (things.view(ledger, by=ada, thing_id=it.id) for it in made)]
    assert valued == [True, False, True]


def test_without_things_nothing_is_done(published: Any, ledger: Ledger) -> None:
    said: list[str] = []
    assert value_things(published.snapshot, ledger, published.valuer, say=said.append) == said == []


class Street:
    """A data folder whose listings are published without any learning; days are counted back from the last."""

    def __init__(self, home: Home) -> None:
        self.home, self.rows = home, list[Listing]()

    def see(self, title: str, days: Sequence[int], **said: Any) -> None:
        """A listing on each of these days; each has an id of its own unless told."""
        for back in days:
            known: dict[str, Any] = {
                "source": "street", "id": str(len(self.rows)), "kind": "sold", "title": title, "price": Decimal(90),
                "currency": "USD", "found_at": "street.csv", "price_path": "column price",
            }  # fmt: skip
            at = NOW - timedelta(days=back)
            self.rows.append(Listing(**{**known, "observed_at": at, **said}, run="", row=len(self.rows) + 1))

    def publish(self) -> Snapshot:
        from dataclasses import replace

        run = landing.new_run(NOW)
        for source in sorted({row.source for row in self.rows}):
            rows = [replace(row, run=run) for row in self.rows if row.source == source]
            landing.land(self.home, rows, source=source, run=run, now=NOW)
        with lock.writer(self.home, print):
            connection = database.open_writer(self.home)
            load.load(connection, self.home, NOW)
            build.build_core(connection, "USD")
            write_identity(connection)
            build.build_mart(connection)
            made = snapshot.publish(self.home, connection, contents=None, manifest={}, now=NOW, code_version="test")
            connection.close()
        return made


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(Home(tmp_path))


def demand(street: Street, title: str = DRILL) -> Any:
    """What has risen for a thing, as its product and category are known to the market."""
    published = street.publish()
    with closing(query.read_only(published.database)) as connection:
        kinds = connection.execute("SELECT product, category FROM mart.listing WHERE title = ?", [title]).fetchall()
        today = date.fromisoformat(str(published.manifest["data_cutoff"])[:10])
        (found,) = Market(connection, today).demand([kinds[0]])
    return found


def spread(number: int, after: int) -> list[int]:
    """So many days, spread over the period that begins `after` days ago."""
    return [after + place * (DAYS - 1) // max(number, 1) for place in range(number)]


NEW, OLD = 0, DAYS


def test_more_sales_and_wishes_than_before_are_demand(street: Street) -> None:
    street.see(LAPTOP, [*spread(300, NEW), *spread(300, OLD)])
    street.see(DRILL, [*spread(20, NEW), *spread(8, OLD)])
    street.see(DRILL, spread(25, NEW), kind="wanted")
    found = demand(street)

    assert (found.level, found.until) == ("product", NOW.date())
    assert (found.wanted.now, found.wanted.before) == (45, 8)
    # The market: 345 and 308.
    assert found.wanted.expected == pytest.approx(53 * 345 / 653)
    assert found.gone is None


def test_an_agent_that_reads_more_is_no_demand(street: Street) -> None:
    street.see(LAPTOP, [*spread(600, NEW), *spread(100, OLD)])
    street.see(DRILL, [*spread(45, NEW), *spread(8, OLD)])
    assert demand(street) is None


def test_a_source_that_is_new_is_no_demand(street: Street) -> None:
    street.see(LAPTOP, [*spread(300, NEW), *spread(300, OLD)])
    street.see(DRILL, [*spread(8, NEW), *spread(8, OLD)])
    street.see(DRILL, spread(80, NEW), source="newcomer")
    assert demand(street) is None


def test_one_seller_counts_once(street: Street) -> None:
    street.see(LAPTOP, [*spread(300, NEW), *spread(300, OLD)])
    street.see(DRILL, spread(8, OLD))
    street.see(DRILL, spread(80, NEW), seller="one busy shop")
    assert demand(street) is None


def test_offers_that_go_faster_are_demand(street: Street) -> None:
    def stood(title: str, number: int, days: int, after: int) -> None:
        for back in spread(number, after):
            end = NOW - timedelta(days=back)
            id = f"{title} {after} {len(street.rows)}"
            street.see(title, [back + days], kind="asking", id=id)
            street.see(title, [back], kind="asking", id=id, ended_at=end, price=Decimal(89))

    for after in (NEW, OLD):
        stood(LAPTOP, 200, 10, after)
    stood(DRILL, 40, 2, NEW)
    stood(DRILL, 8, 20, OLD)
    found = demand(street)

    assert found.wanted is None
    assert (found.gone.now, found.gone.before) == (40, 8)
    assert found.stood_now < 6
    assert found.stood_before > 10


def test_where_there_is_too_little_of_a_product_its_category_counts(street: Street) -> None:
    street.see(LAPTOP, [*spread(300, NEW), *spread(300, OLD)])
    for code in ("XFD10", "DCD771", "DCD996", "DHP484", "HP333D"):
        street.see(f"Cordless drill {code} 18V", [*spread(12, NEW), *spread(2, OLD)])
    street.see(DRILL, spread(2, OLD))
    found = demand(street)
    assert found.level == "category"
    assert found.wanted.now == 60


def test_an_empty_market_has_no_demand(street: Street) -> None:
    street.see(DRILL, [3])
    published = street.publish()
    with closing(query.read_only(published.database)) as connection:
        assert Market(connection, NOW.date()).demand([(None, None), ("nothing", "other")]) == [None, None]
        assert Market(connection, None).demand([("x", "y")]) == [None]

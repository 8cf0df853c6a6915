"""Price watches after a publish, on real snapshots: which listings count, and what becomes of creeping prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from features.condition import scale
from features.identify import write_identity
from flows import watches as looking
from flows.watches import condition_asked, evaluate_watches, preview
from ledger.books import accounts
from ledger.books.store import Ledger, open_ledger
from ledger.watching import outbox, watches
from ledger.watching.outbox import Notice
from ledger.watching.watch_terms import Terms
from warehouse import build, database, landing, load, lock, snapshot
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.records import FxRate, Listing
from warehouse.snapshot import Snapshot

FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)
DRILL = "Makita DHP453 cordless drill 18V"


class Street:
    """A data folder whose listings are published without any learning."""

    def __init__(self, home: Home) -> None:
        self.home, self.now, self.seen = home, FIRST, 0

    def see(self, day: int, price: object, **said: Any) -> None:
        """One listing of a day, in the order of the calls; each has an id of its own unless told."""
        self.seen += 1
        run = landing.new_run(self.now)
        known: dict[str, Any] = {
            "source": "street", "id": str(self.seen), "kind": "asking", "title": DRILL, "currency": "USD",
            "found_at": "street.csv", "price_path": "column price", "url": f"https://street.example/{self.seen}",
        }  # fmt: skip
        at = FIRST + timedelta(days=day)
        listing = Listing(**{**known, **said}, price=Decimal(str(price)), observed_at=at, run=run, row=1)
        landing.land(self.home, [listing], source="street", run=run, now=self.now)

    def rate(self, rate: str) -> None:
        run = landing.new_run(self.now)
        row = FxRate(
            source="bank", base="EUR", quote="USD", kind="official", rate=Decimal(rate), observed_on=FIRST.date(),
            run=run, row=1, found_at="bank",
        )  # fmt: skip
        landing.land(self.home, [row], source="bank", run=run, now=self.now)

    def publish(self, anchor: str = "USD") -> Snapshot:
        self.now += timedelta(minutes=1)
        with lock.writer(self.home, print):
            connection = database.open_writer(self.home)
            load.load(connection, self.home, self.now)
            build.build_core(connection, anchor)
            write_identity(connection)
            build.build_mart(connection)
            made = snapshot.publish(
                self.home, connection, contents=None, manifest={}, now=self.now, code_version="test"
            )
            connection.close()
        return made


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(Home(tmp_path))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", clock=lambda: FIRST)
    yield opened
    opened.close()


@pytest.fixture
def ada(ledger: Ledger) -> str:
    return accounts.create(ledger, "Ada")[0].id


@pytest.fixture
def add(ledger: Ledger, ada: str) -> Callable[..., str]:
    def make(**said: Any) -> str:
        terms = Terms(**{"words": "makita drill", "rule": "change", "percent": "10", **said})
        return watches.create(ledger, key=terms.fingerprint, by=ada, terms=terms).id

    return make


def evaluated(published: Snapshot, ledger: Ledger) -> list[Notice]:
    return evaluate_watches(published, ledger, say=lambda _: None)


def prices(published: Snapshot, **said: Any) -> list[str]:
    """The price of each day that a watch on the drill with these filters looks at."""
    terms = Terms(**{"words": "makita drill", "rule": "change", "percent": "10", **said})
    return [str(point.price) for point in preview(published, terms).series]


def test_a_price_that_creeps_from_run_to_run_is_told_and_repeated_until_dismissed(
    street: Street, ledger: Ledger, ada: str, add: Callable[..., str]
) -> None:
    add()
    told: list[tuple[int, str, int]] = []
    for day in range(13):
        street.see(day, Decimal(100) - day, id="the one drill")
        for notice in evaluated(street.publish(), ledger) if day > 7 else ():
            told.append((day, notice.subject, notice.repeated))

    assert [day for day, *_ in told] == [10, 11, 12]
    assert told[0][1] == '"makita drill" down 10.0 %: 90.00 USD'
    assert [repeated for *_, repeated in told] == [0, 1, 2]

    (notice,) = outbox.listing(ledger, ada)
    outbox.dismiss(ledger, key="seen", by=ada, notice_id=notice.id)
    for day, price in ((14, 80), (15, 79)):
        street.see(day, price, id="the one drill")
        again = evaluated(street.publish(), ledger)
        assert bool(again) == (price <= Decimal("79.2")), "ten per cent below the 88 that were told"


def test_the_same_snapshot_again_tells_nothing_new(street: Street, ledger: Ledger, add: Callable[..., str]) -> None:
    add()
    street.see(0, 100)
    street.see(1, 80)
    published = street.publish()

    assert len(evaluated(published, ledger)) == 1
    assert evaluated(published, ledger) == []
    assert evaluated(street.publish(), ledger) == [], "published again without anything new"


def test_a_product_is_watched_by_its_id_and_called_by_its_title(
    street: Street, ledger: Ledger, add: Callable[..., str]
) -> None:
    street.see(0, 95)
    street.see(0, 300, title="Dell Latitude E7470 laptop")
    published = street.publish()
    with database_of(published) as connection:
        ((product,),) = connection.execute("SELECT product FROM mart.product WHERE title = ?", [DRILL]).fetchall()
    add(words=None, product=product, rule="below", percent=None, amount="100")
    (told,) = evaluated(published, ledger)

    assert told.subject == f"{DRILL} is below 100: 95.00 USD"
    assert told.data["examples"] == [
        {"price": "95.00", "currency": "USD", "title": DRILL, "url": "https://street.example/1"}
    ]


def test_filters_choose_region_condition_kind_currency_and_unit(street: Street) -> None:
    street.rate("1.10")
    street.see(0, 100, region="US-MO", condition="new")
    street.see(1, 80, region="US-MO", condition="used")
    street.see(2, 70, region="DE-BE", place="Berlin", condition="fair")
    street.see(3, 60, kind="sold", region="us-il", condition="like new")
    street.see(4, 50, currency="EUR")
    street.see(5, 40, quantity=Decimal(4), unit="piece")
    published = street.publish()

    assert prices(published) == ["100.00", "80.00", "70.00", "55.00", "40.00"]
    assert prices(published, region="us-mo") == prices(published, region="US") == ["100.00", "80.00"]
    assert prices(published, region="berlin") == ["70.00"]
    assert prices(published, condition="used") == ["80.00", "70.00"]
    assert prices(published, condition="new") == ["100.00"]
    assert prices(published, kind="sold") == ["60.00"]
    assert prices(published, kind="sold", region="US-IL") == ["60.00"]
    assert prices(published, currency="EUR") == ["50.00"]
    assert prices(published, unit="Piece") == ["10.00"]


def test_the_figure_of_a_day_counts_each_listing_once(street: Street) -> None:
    for number in range(5):
        street.see(0, 10 + number, id="relisted")
    street.see(0, 100)
    street.see(0, 200)
    published = street.publish()

    assert prices(published) == ["100.00"]
    assert prices(published, price="lowest") == ["12.00"]


def test_a_search_finds_what_has_all_its_words(street: Street) -> None:
    cases = [
        ("drills makita", "MAKITA, drill!", True),
        ("café", "Cafe table", True),
        ("iphone 13", "Apple iPhone 13 128GB", True),
        ("iphone 13", "Apple iPhone 130", False),
        ("iphone 13", "iPhone 12, not 13000", False),
        ("dcd-771", "DeWalt DCD 771", True),
        ("rill", "drill", False),
        ("boss", "Hugo Boss watch", True),
        ("100%_", "drill 100", True),
        ("'; DROP TABLE x; --", "drill", False),
        ("пила", "Бензопила и Пила Makita", True),
    ]
    for day, (_, title, _) in enumerate(cases):
        street.see(day, 20, title=title)
    published = street.publish()

    for day, (words, title, found) in enumerate(cases):
        terms = Terms(words=words, rule="below", amount="1")
        on = {point.day for point in preview(published, terms).series}
        assert (FIRST.date() + timedelta(days=day) in on) is found, (words, title)


def test_hostile_titles_and_addresses_reach_nobody(street: Street, ledger: Ledger, add: Callable[..., str]) -> None:
    add(rule="below", percent=None, amount="100")
    street.see(0, 90, title="Makita\n\x1b[31m drill\u202e <script>" + "x" * 500, url="javascript:alert(1)")
    (told,) = evaluated(street.publish(), ledger)

    (example,) = told.data["examples"]
    assert "url" not in example
    assert example["title"].isprintable()
    assert len(example["title"]) == 120
    assert "\x1b" not in told.body


def test_a_watch_that_can_see_nothing_says_so(
    street: Street, ledger: Ledger, ada: str, add: Callable[..., str]
) -> None:
    add(words="makkita dril")
    street.see(0, 100)
    assert evaluated(street.publish(), ledger) == []
    (watch,) = watches.listing(ledger, ada)
    assert watch.checked is not None
    assert watch.checked.trouble == "no listing with a price fits it yet"


def test_prices_in_one_currency_are_never_held_against_those_in_another(
    street: Street, ledger: Ledger, ada: str, add: Callable[..., str]
) -> None:
    add()
    add(currency="USD")
    street.rate("2.00")
    street.see(0, 100)
    assert evaluated(street.publish(), ledger) == []
    street.see(1, 100)
    assert evaluated(street.publish(anchor="EUR"), ledger) == []

    trouble = {each.terms.currency: each.checked and each.checked.trouble for each in watches.listing(ledger, ada)}
    assert "values are formed in EUR now" in str(trouble[None])
    assert trouble["USD"] is None


def test_one_watch_that_fails_is_told_and_the_others_go_on(
    street: Street, ledger: Ledger, add: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(words="makita")
    add(words="drill")
    street.see(0, 100)
    street.see(1, 80)
    look, said = looking.look, []

    def fails_on_makita(market: Any, terms: Terms, **known: Any) -> Any:
        if terms.words == "makita":
            raise ZeroDivisionError("a fault")
        return look(market, terms, **known)

    monkeypatch.setattr(looking, "look", fails_on_makita)
    told = evaluate_watches(street.publish(), ledger, say=said.append)
    assert [each.subject for each in told] == ['"drill" down 20.0 %: 80.00 USD']
    assert any('on "makita" failed: ZeroDivisionError' in line for line in said)


def test_old_data_is_judged_as_of_its_own_time(street: Street, ledger: Ledger, add: Callable[..., str]) -> None:
    """Prices of long ago, published today: the end of the data is its present."""
    add(window_days=7)
    street.see(-900, 100)
    street.see(-899, 80)
    assert len(evaluated(street.publish(), ledger)) == 1
    street.see(0, 500, title="something else")
    assert evaluated(street.publish(), ledger) == []


def test_conditions_are_said_in_many_words() -> None:
    assert condition_asked("Used") == "used"
    assert condition_asked("Like New") == "like_new"
    assert [condition_asked(grade) for grade in scale().grades] == list(scale().grades)
    with pytest.raises(BadInput, match="no condition known here: used, new"):
        condition_asked("shiny")


def database_of(published: Snapshot) -> Any:
    from contextlib import closing

    from warehouse import query

    return closing(query.read_only(published.database))

"""Estimates after a publish: prices that followed, what was known before them, and the way into the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.estimates import follow, land_judgements
from ledger.books import accounts
from ledger.books.store import Ledger, open_ledger
from ledger.estimating import estimate_prices, estimates
from models.community.check import check, landed
from models.community.words import words_of
from models.knobs import default_knobs
from warehouse import database, load
from warehouse.home import Home
from warehouse.quarantine import judgements

KNOBS = default_knobs().community


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(bazaar: Any) -> Clock:
    return Clock(bazaar.noon(60) + timedelta(minutes=7))


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", clock=clock)
    yield opened
    opened.close()


def estimate(ledger: Ledger, about: str, *amounts: str, market: dict[str, str]) -> list[str]:
    people = []
    for number, amount in enumerate(amounts):
        by = accounts.create(ledger, f"{about} {number}"[-60:])[0].id
        estimates.give(ledger, key="k", by=by, about=about, amount=amount, currency="USD", market=market)
        people.append(by)
    return people


def test_a_product_s_sales_make_the_price_and_the_record(
    published: Any, ledger: Ledger, clock: Clock, tmp_path: Path
) -> None:
    with closing(duckdb.connect(str(published.snapshot.database), read_only=True)) as market:
        product, title = market.execute(
            "SELECT product, max(title) FROM mart.listing WHERE title LIKE 'Makita%' GROUP BY 1 ORDER BY count(*) DESC"
        ).fetchone()
        sales = market.execute(
            """SELECT o.seller, o.price, o.observed_at FROM mart.observation o JOIN mart.listing l USING (source, id)
               WHERE l.product = ? AND o.kind = 'sold' AND o.observed_at > ? ORDER BY o.observed_at, o.seller""",
            [product, clock.now],
        ).fetchall()
    first: dict[str, Any] = {}
    for seller, price, _ in sales:
        first.setdefault(seller, price)
    about = f"product:{product}"
    words = words_of(published.snapshot.database, about)
    assert words is not None
    assert words["title"] == title
    people = estimate(ledger, about, "80", "90", "95", "100", market=words)
    estimate(ledger, "product:nobody-sells-it", "5", market={"title": "A thing nobody sells"})

    said: list[str] = []
    assert follow(published.snapshot, ledger, published.valuer, KNOBS, say=said.append) == 1
    assert said == ["estimates: 1 rounds got their price from the market, 1 prices were held against them"]
    (price,) = estimates.evidence(ledger)["prices"]
    assert Decimal(price["amount"]) == sorted(list(first.values())[:3])[1]
    assert float(price["model"]["low"]) < 90 < float(price["model"]["high"])
    assert 80 < float(price["community"]["value"]) < 100
    assert follow(published.snapshot, ledger, published.valuer, KNOBS, say=said.append) == 0
    assert [each.subject.title for each in estimate_prices.waiting(ledger)] == ["A thing nobody sells"]

    home = Home(tmp_path / "home")
    home.root.mkdir()
    assert land_judgements(home, ledger, clock) == 6
    assert land_judgements(home, ledger, clock) == 0
    every = judgements(home)
    assert sorted(each.verdict for each in every) == ["estimate"] * 5 + ["price"]
    assert not any(by in str(every) for by in people), "no account's id gets into the warehouse"
    with closing(database.open_writer(home)) as connection:
        load.load(connection, home, clock.now)
        known, cases = landed(connection)
    assert (len(known.estimates), len(known.prices)) == (5, 1)
    assert {each.cases for each in check(cases, KNOBS)} == {1}
    assert set(cases) == {"all", words["category"]}


def test_a_listing_s_own_sale_is_its_price(published: Any, ledger: Ledger, clock: Clock) -> None:
    with closing(duckdb.connect(str(published.snapshot.database), read_only=True)) as market:
        source, id, amount = market.execute(
            """SELECT source, id, price FROM mart.observation
               WHERE kind = 'sold' AND observed_at > ? ORDER BY id LIMIT 1""",
            [clock.now],
        ).fetchone()
    about = f"listing:{source}/{id}"
    words = words_of(published.snapshot.database, about)
    assert words is not None
    estimate(ledger, about, "50", market=words)
    follow(published.snapshot, ledger, published.valuer, KNOBS, say=lambda _: None)
    (price,) = estimates.evidence(ledger)["prices"]
    assert Decimal(price["amount"]) == amount
    assert price["community"] == {}, "one person is no community"

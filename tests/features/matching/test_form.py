"""Products from what has landed: the same from the same files, decided once, obeying people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from features.identify import write_identity
from features.matching.decisions import decide
from features.matching.form import FormedProducts, form_products, keep_links, links_known
from features.matching.item import Item
from features.matching.prior import prior_labels
from features.matching.published import open_products, save_products
from warehouse import build, database, load, lock
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import Listing

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRIOR = prior_labels(40, seed=2)


class Shop:
    """A data folder in which listings are seen and products formed."""

    def __init__(self, root: Path) -> None:
        self.home, self.now, self.said = Home(root), NOON + timedelta(days=60), list[str]()

    def sees(self, *rows: tuple[str, int, str, dict[str, Any]]) -> None:
        self.now += timedelta(seconds=1)
        run = new_run(self.now)
        listings = [
            Listing(
                source="shop", id=name, kind="asking", title=title, price=Decimal(50), currency="USD", run=run, row=row,
                observed_at=NOON + timedelta(days=day), found_at="shop.csv", price_path="column price", **said,
            )
            for row, (name, day, title, said) in enumerate(rows, 1)
        ]  # fmt: skip
        land(self.home, listings, source="shop", run=run, now=self.now)

    @contextmanager
    def opened(self) -> Iterator[Any]:
        with lock.writer(self.home, print), closing(database.open_writer(self.home)) as connection:
            yield connection

    def forms(self) -> FormedProducts:
        self.now += timedelta(seconds=1)
        with self.opened() as connection:
            load.load(connection, self.home, self.now)
            build.build_core(connection, "USD")
            write_identity(connection)
            run = new_run(self.now)
            formed = form_products(connection, self.home, now=self.now, run=run, say=self.said.append, prior=PRIOR)
            keep_links(connection, self.home, formed, self.now)
            build.build_mart(connection)
        return formed

    def links(self) -> list[tuple[str, str, int, str]]:
        with self.opened() as connection:
            return [(link.key, link.product, link.day, link.how) for link in links_known(connection)]

    def history(self) -> list[tuple[Any, ...]]:
        with self.opened() as connection:
            sql = "SELECT key, product, how, until IS NULL FROM mart.product_history ORDER BY key, day"
            rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return rows


STOCK = (
    ("1", 0, "Makita combi drill", {"brand": "Makita", "mpn": "DHP453", "gtin": "4006381333931"}),
    ("2", 3, "akku schrauber", {"brand": "MAKITA", "mpn": "dhp-453"}),
    ("3", 3, "Trek Marlin 5 mountain bike", {}),
)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "home")
    shop.sees(*STOCK)
    return shop


def kinds(formed: FormedProducts) -> dict[str, str]:
    return {link.product_key: link.how for link in formed.links}


def test_listings_form_products_that_land_with_their_reasons(shop: Shop) -> None:
    formed = shop.forms()
    assert sorted(kinds(formed).values()) == ["exact", "founded", "founded"]
    (joined,) = [link for link in formed.links if link.how == "exact"]
    assert joined.product == "gtin-04006381333931"
    assert (joined.day - NOON.date()).days == 3
    assert "dhp453" in joined.why
    assert formed.keys.num_rows == 3
    assert formed.book.product_on(joined.product_key, 10**5) == joined.product
    assert (joined.product_key, joined.product, "exact", True) in shop.history()
    assert shop.said == ["products: 3 new wordings, 1 of them of products known before"]


def test_what_was_decided_is_not_decided_again(shop: Shop) -> None:
    shop.forms()
    assert shop.forms().links == []
    shop.sees(("4", 1, "combi drill dhp453 makita", {"brand": "makita", "mpn": "DHP453"}), ("5", 9, "oak table", {}))
    later = shop.forms()
    # The fourth listing has the key of the second; only the table is new.
    assert [link.how for link in later.links] == ["founded"]


def test_the_same_files_give_the_same_products_in_one_run_or_two(shop: Shop, tmp_path: Path) -> None:
    shop.forms()
    shop.sees(("6", 8, "Makita DHP453 drill", {"brand": "Makita", "mpn": "DHP453", "gtin": "4006381333931"}))
    shop.sees(("7", 9, "garden hose 20 m", {}))
    shop.forms()
    other = Shop(tmp_path / "other")
    other.sees(*STOCK)
    other.sees(("6", 8, "Makita DHP453 drill", {"brand": "Makita", "mpn": "DHP453", "gtin": "4006381333931"}))
    other.sees(("7", 9, "garden hose 20 m", {}))
    other.forms()
    assert sorted(shop.links()) == sorted(other.links())


def test_a_warehouse_built_again_from_its_landing_files_has_the_same_products(shop: Shop) -> None:
    shop.forms()
    before = shop.links()
    shutil.rmtree(shop.home.warehouse.parent)
    assert shop.forms().links == []
    assert shop.links() == before


def test_a_person_splits_a_product_at_the_next_run_and_for_good(shop: Shop) -> None:
    (joined,) = [link for link in shop.forms().links if link.how == "exact"]
    decide(shop.home, joined.product_key, joined.product, same=False, why="another colour", clock=lambda: shop.now)
    (split,) = shop.forms().links
    assert (split.how, split.product) == ("person", joined.product_key)
    assert "another colour" in split.why
    assert split.day == shop.now.date()
    assert shop.forms().links == []
    assert (joined.product_key, joined.product, "exact", False) in shop.history()
    assert (joined.product_key, joined.product_key, "person", True) in shop.history()


def test_the_learned_scorer_is_kept_below_the_data_folder_and_named_in_the_link(shop: Shop) -> None:
    shop.sees(
        ("8", 4, "antique brass banker desk lamp green glass shade", {}),
        ("9", 5, "antique brass banker desk lamp with green glass shade, tested!", {"description": "a lamp"}),
        ("10", 6, "brass banker desk lamp antique green glass shade vintage", {}),
    )
    formed = shop.forms()
    kept = {path.name for path in (shop.home.root / "matchers").iterdir()}
    assert kept == {formed.scorers.latest.key}
    assert all(link.model in kept for link in formed.links if link.how == "matched")
    save_products(formed, shop.home.root / "snapshot")
    _, scorer = open_products(shop.home.root / "snapshot") or pytest.fail("no book")
    assert scorer.key == formed.scorers.latest.key


def test_a_snapshot_answers_with_the_book_and_scorer_of_its_run(shop: Shop, tmp_path: Path) -> None:
    save_products(shop.forms(), tmp_path / "first")
    book, scorer = open_products(tmp_path / "first") or pytest.fail("no book")
    assert scorer.key == "words"
    asked = Item("", "makita dhp 453", brand="makita", mpn="DHP453")
    (found,) = book.resolve(asked, 30_000, scorer)
    assert found.product == "gtin-04006381333931"
    assert found.probability > 0.99
    assert open_products(tmp_path) is None


def test_links_of_a_run_that_was_killed_before_loading_them_are_taken_up(shop: Shop) -> None:
    formed = shop.forms()
    records = [replace(link, run="20260601T000000Z-abcdef") for link in formed.links]
    shutil.rmtree(shop.home.warehouse.parent)
    shutil.rmtree(shop.home.landing / "product_link")
    land(shop.home, records, source="matching", run="20260601T000000Z-abcdef", now=shop.now)
    assert shop.forms().links == []

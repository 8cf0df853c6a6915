"""Marketplaces and shops read by interface: places, persons, article numbers, facts, and a real page."""

from __future__ import annotations

import importlib
import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.agent.redact import redact
from spiders.feeds.ebay_place import masked, place_of
from spiders.feeds.gtins import gtins
from spiders.reader import Answer, Ask, Found, Item, Reader, Visit
from spiders.replay import believed, reader_of
from spiders.source import Source
from warehouse import build, database, load, lock
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import Listing, PriceSeries, ProductFact, Quarantined

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CASES = Path(__file__).parent / "sources"


def source_of(name: str) -> Source:
    source = importlib.import_module(f"spiders.{name}").SOURCE
    assert isinstance(source, Source)
    return source


def reader(name: str, base: str | None = None) -> Reader:
    source = source_of(name)
    visit = Visit(source=source, base=base or source.base or "", now=NOW, targets=source.targets)
    return reader_of(source, visit)


def read(one: Reader, ask: Ask, body: Any) -> list[Item]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(getattr(one, ask.step)(Answer(ask, ask.url, content)))


# --- places and persons --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "region"),
    [
        *(("631**", "US-MO"), ("63103", "US-MO"), ("100**", "US-NY"), ("005**", "US-NY"), ("201**", "US-VA")),
        *(("200**", "US-DC"), ("733**", "US-TX"), ("902**", "US-CA"), ("999**", "US-AK"), ("055**", "US-MA")),
        *(("096**", "US"), ("340**", "US"), ("004**", "US"), ("", "US"), ("***", "US"), ("٦٣١", "US")),
    ],
)
def test_the_masked_zip_code_of_an_article_tells_its_state(code: str, region: str) -> None:
    assert place_of({"country": "US", "postalCode": code})[0] == region


def test_a_canadian_article_lies_in_its_province_and_others_in_their_country() -> None:
    assert place_of({"country": "CA", "postalCode": "N2E***"}) == ("CA-ON", "N2E***")
    assert place_of({"country": "CA", "postalCode": "X0A***"})[0] == "CA"
    assert place_of({"country": "CN"}) == ("CN", None)
    assert place_of({"country": "US", "stateOrProvince": "MO", "city": "Saint Louis"}) == ("US-MO", "Saint Louis")
    assert place_of(None) == (None, None)


@given(st.text(max_size=12))
def test_no_more_than_three_signs_of_a_postal_code_are_kept(code: str) -> None:
    assert len(re.findall(r"[^\W_]", masked(code))) <= 3
    assert len(masked(code)) == len(code)


def test_no_seller_is_left_in_an_archived_page_of_ebay() -> None:
    page = (CASES / "ebay_browse/details/item1.json").read_text(encoding="utf-8")
    assert "jo_smith_63103" in page
    kept = redact(page, source_of("ebay_browse").personal, {"jo_smith_63103"})
    assert not any(word in kept for word in ("jo_smith", "jo@example.com", '"Jo"'))
    assert json.loads(kept)["brand"] == "DeWalt"


def test_no_contributor_is_left_in_an_archived_page_of_open_food_facts() -> None:
    page = (CASES / "open_food_facts/lookup/nutella.json").read_text(encoding="utf-8")
    source = source_of("open_food_facts")
    assert '"creator": "[person]"' in redact(page, source.personal, ())
    asked = unquote(next(iter(reader("open_food_facts").start())).url)
    assert not any(word in asked for word in ("creator", "editor", "photographers", "informers"))


# --- targets and facts ---------------------------------------------------------------------------------------------


def test_targets_that_are_no_gtins_are_told_with_the_first_ask() -> None:
    asked = gtins(["4006381333930", " 4006381333931 ", "4006381333931", "0-306-40615-2", "drill"])
    assert [code for code, _ in asked] == ["4006381333931", "9780306406157"]
    assert asked[0][1]["no_gtins"] == ["4006381333930", "drill"]
    assert "no_gtins" not in asked[1][1]


def test_targets_of_which_none_is_a_gtin_are_refused_before_anything_is_asked() -> None:
    with pytest.raises(BadInput, match="check digit: drill"):
        gtins(["drill"])


@given(st.integers(1, 10**9))
def test_cents_of_a_guide_are_dollars_to_the_cent(cents: int) -> None:
    one = reader("pricecharting")
    ask = next(iter(one.start()))
    items = read(one, ask, {"status": "success", "id": "1", "product-name": "Game", "loose-price": cents})
    assert isinstance(items[0], Found)
    record = believed(items[0], one.visit, ask.url, 1)
    assert isinstance(record, PriceSeries)
    assert record.value * 100 == cents


def fact(**fields: Any) -> ProductFact:
    known = {"source": "open_food_facts", "id": "3017620422003", "title": "Nutella", "observed_at": NOW, "row": 1}
    return ProductFact(**{**known, "run": "", "found_at": "page", **fields})


def test_a_fact_that_did_not_change_is_known_and_the_newest_is_shown(tmp_path: Path) -> None:
    home = Home(tmp_path)
    changed = fact(title="Nutella 400 g", observed_at=NOW + timedelta(days=3))
    for number, one in enumerate((fact(), fact(), changed)):
        now = NOW + timedelta(days=number)
        run = new_run(now)
        land(home, [replace(one, run=run)], source=one.source, run=run, now=now)
    with lock.writer(home, print):
        connection = database.open_writer(home)
        results = load.load(connection, home, NOW)
        assert [(result.loaded, result.known) for result in results] == [(1, 0), (0, 1), (1, 0)]
        build.build_core(connection, "USD")
        build.build_mart(connection)
        shown = connection.execute("SELECT gtin, title FROM mart.product_fact").fetchall()
        connection.close()
    assert shown == [("3017620422003", "Nutella 400 g")]


# --- the real page -------------------------------------------------------------------------------------------------


@pytest.mark.data
def test_a_real_page_of_ebay_lands_whole_and_without_its_sellers(tmp_path: Path) -> None:
    folder = os.environ.get("KATY_TEST_DATA")
    if not folder:
        pytest.skip("KATY_TEST_DATA names no folder of public data files")
    body = (Path(folder) / "pages/ebay_browse_search_iphone_by_price.json").read_bytes()
    one = reader("ebay_browse", base="file:///tmp/page.json")
    items = read(one, Ask("file:///tmp/page.json"), body)
    assert all(isinstance(item, Found) for item in items), "a saved page leads nowhere, and nothing is left out"
    records = [believed(item, one.visit, "page", n) for n, item in enumerate(items) if isinstance(item, Found)]
    listings = [record for record in records if isinstance(record, Listing)]
    assert len(records) == len(listings) == len({one.id for one in listings}) == 100
    assert not [record for record in records if isinstance(record, Quarantined)]
    assert {(str(one.price), one.currency, one.kind) for one in listings} == {
        ("0.75", "USD", "asking"),
        ("0.76", "USD", "asking"),
    }
    # 97 of 100 say their condition; the articles lie in China (92) and Canada (8).
    assert sum(one.condition is not None for one in listings) == 97
    assert sum(one.region == "CN" for one in listings) == 92
    assert sum((one.region or "").startswith("CA-") for one in listings) == 8
    assert all(one.attributes["converted_from"].endswith(" CAD") for one in listings)
    sellers = {said["seller"]["username"] for said in json.loads(body)["itemSummaries"]}
    assert {one.seller for one in listings} == {f"pseudonym of {name}" for name in sellers}
    assert not [one for one in listings for text in one.attributes.values() if text in sellers]

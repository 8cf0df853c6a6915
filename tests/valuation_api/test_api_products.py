"""Products are found also when misspelt, and their prices are read day by day."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation_api.search import ProductIndex

TITLES = {
    "dewalt": "DeWalt DCD771 cordless drill 20V",
    "makita": "Makita XFD10 cordless drill 18V",
    "trek": "Trek Marlin 5 mountain bike",
    "macbook": "Apple MacBook Air 13",
    "iphone13": "Apple iPhone 13 128GB",
    "iphone12": "Apple iPhone 12 128GB",
    "böhm": "Böhm Gartenschere",
}
INDEX = ProductIndex((name, title, 1) for name, title in TITLES.items())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("dewalt drill", "dewalt"),
        ("DEWALT  dril!", "dewalt"),
        ("de walt", "dewalt"),
        ("macita", "makita"),
        ("montain bike", "trek"),
        ("mac book air", "macbook"),
        ("iphone 12", "iphone12"),
        ("iphone 13", "iphone13"),
        ("iph", "iphone12"),
        ("bohm", "böhm"),
    ],
)
def test_a_product_is_found_also_when_misspelt(asked: str, found: str) -> None:
    assert INDEX.search(asked, 1)[0][0] == found


@pytest.mark.parametrize("asked", ["zzzzzz", "", "!!!", "grand piano"])
def test_what_is_not_there_is_not_found(asked: str) -> None:
    assert INDEX.search(asked, 5) == []


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(sorted(TITLES)), data=st.data())
def test_one_letter_lost_in_a_title_does_not_lose_the_product(name: str, data: st.DataObject) -> None:
    title = TITLES[name]
    place = data.draw(st.integers(0, len(title) - 1))

    assert name in [found for found, _ in INDEX.search(title[:place] + title[place + 1 :], 3)]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.integers(1, 5))
def test_any_text_gets_an_ordered_answer(text: str, limit: int) -> None:
    found = INDEX.search(text, limit)

    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) <= limit
    assert all(0 < score <= 1 for score in scores)


def test_the_search_answers_with_the_snapshot_it_comes_from(client: TestClient) -> None:
    answer = client.get("/v1/products", params={"q": "dewalt"}).json()

    assert answer["snapshot"] == client.get("/v1/snapshots/current").json()["id"]
    product = answer["items"][0]["product"]
    assert product["product"] == "drill-dewalt-dcd771"
    assert product["listings"] == 51


def test_prices_are_decimal_text_oldest_first_within_the_days_asked(client: TestClient) -> None:
    answer = client.get("/v1/prices/bike-trek-marlin-5", params={"from": "2026-09-01", "to": "2026-10-31"}).json()

    days = [point["day"] for point in answer["items"]]
    assert days == sorted(days)
    assert days[0] >= "2026-09-01"
    assert days[-1] <= "2026-10-31"
    assert all(point["median"].count(".") == 1 and point["currency"] == "USD" for point in answer["items"])


def test_an_unknown_product_is_told_its_nearest(client: TestClient) -> None:
    answer = client.get("/v1/prices/dril-dewalt-dcd771")

    assert answer.status_code == 404
    assert "drill-dewalt-dcd771" in answer.json()["near"]


def test_the_manifest_of_what_is_served_can_be_read(client: TestClient, market: Any) -> None:
    current = client.get("/v1/snapshots/current").json()

    assert current["id"] == market.home.current.read_text().strip()
    assert current["manifest"]["data_cutoff"].startswith("2026-11-14")
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json()["snapshot"] == current["id"]

"""Products are searched, narrowed, counted and completed, and their prices are read day by day."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient


def test_the_search_answers_with_the_snapshot_it_comes_from(client: TestClient) -> None:
    answer = client.get("/v1/products", params={"q": "dewalt"}).json()

    assert answer["snapshot"] == client.get("/v1/snapshots/current").json()["id"]
    product = answer["items"][0]["product"]
    assert product["product"] == "drill-dewalt-dcd771"
    assert product["listings"] == 51


@pytest.mark.parametrize("asked", ["DEWALT dril", "de walt", "dcd 771", "dewalt drill & <more> OR title:*"])
def test_a_product_is_found_also_when_misspelt(client: TestClient, asked: str) -> None:
    answer = client.get("/v1/products", params={"q": asked}).json()

    assert answer["items"][0]["product"]["product"] == "drill-dewalt-dcd771"


def test_a_search_is_narrowed_and_counted(client: TestClient) -> None:
    asked = {"q": "drill", "kind": "sold", "region": "US-MO", "min_price": 60, "facets": ["brand", "price", "grade"]}
    answer = client.get("/v1/products", params=asked).json()

    assert answer["total"] == len(answer["items"]) == 2
    assert {value["value"]: value["products"] for value in answer["facets"]["brand"]} == {"dewalt": 1, "makita": 1}
    assert [(band["value"], band["min_price"]) for band in answer["facets"]["price"]] == [
        ("50-100", 50),
        ("100-250", 100),
    ]
    assert client.get("/v1/products", params={**asked, "brand": "MAKITA"}).json()["total"] == 1
    assert client.get("/v1/products", params={**asked, "max_price": 61}).json()["items"] == []


def test_a_search_without_facets_counts_none_and_is_paged(client: TestClient) -> None:
    first = client.get("/v1/products", params={"q": "drill", "limit": 1}).json()
    second = client.get("/v1/products", params={"q": "drill", "limit": 1, "offset": 1}).json()

    assert (first["total"], second["total"], first["facets"]) == (2, 2, {})
    assert first["items"][0]["product"]["product"] != second["items"][0]["product"]["product"]


@pytest.mark.parametrize(
    "asked",
    [
        {"q": ""},
        {"q": "d" * 201},
        {"q": "drill", "facets": "seller"},
        {"q": "drill", "kind": "stolen"},
        {"q": "drill", "min_price": "nan"},
        {"q": "drill", "offset": 10_001},
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(client: TestClient, asked: dict[str, Any]) -> None:
    answer = client.get("/v1/products", params=asked)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"].split(".")[0] in asked


def test_what_is_typed_is_completed(client: TestClient) -> None:
    answer = client.get("/v1/products/suggest", params={"q": "macita cor"}).json()

    assert answer["snapshot"] == client.get("/v1/snapshots/current").json()["id"]
    assert [one["completion"] for one in answer["items"]] == ["macita cordless"]
    assert answer["items"][0]["product"]["product"] == "drill-makita-xfd10"


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

"""Comparables over HTTP: from the snapshot that is served, with what was put together and why each is alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from models.answers.comparable_shapes import Comparables
from valuation_api.app import ApiSettings, create_app

MAKITA = "Makita DHP453 cordless drill 18V"


@pytest.fixture(scope="module")
def door(published: Any) -> Iterator[TestClient]:
    """The door on the published bazaar, with the real valuer."""
    home = published.town.home
    settings = ApiSettings(
        home=home, ledger_url=f"sqlite:///{home.ledger}", clock=lambda: published.town.now, code_version="test"
    )
    with TestClient(create_app(settings)) as client:
        yield client


def test_sold_and_asking_come_apart_each_with_likeness_and_reasons(door: TestClient) -> None:
    answer = door.post("/v1/comparables", json={"text": MAKITA, "condition": "good", "limit": 5})

    found = Comparables.model_validate_json(answer.content)
    assert answer.status_code == 200
    assert found.snapshot == door.get("/v1/snapshots/current").json()["id"]
    assert {each.kind for each in found.sold} == {"sold"}
    assert {each.kind for each in found.asking} == {"asking"}
    assert len(found.sold) == len(found.asking) == 5
    for each in [*found.sold, *found.asking]:
        assert each.title == MAKITA
        assert each.similarity > 0.9
        assert "same model code dhp453" in each.reasons
        assert float(each.price) > 0


def test_only_one_kind_as_of_a_day(door: TestClient, bazaar: Any) -> None:
    day = bazaar.day(30)

    found = door.post("/v1/comparables", json={"text": "drill", "kind": "sold", "as_of": day.isoformat()}).json()

    assert found["asking"] == []
    assert found["value_date"] == day.isoformat()
    assert max(each["observed_at"] for each in found["sold"])[:10] <= day.isoformat()


def test_a_products_comparables_are_had_by_its_id(door: TestClient) -> None:
    product = door.post("/v1/comparables", json={"text": MAKITA}).json()["understood"]["product"]

    found = door.get(f"/v1/products/{product}/comparables", params={"kind": "asking", "limit": 3}).json()

    assert found["understood"]["product"] == product
    assert found["sold"] == []
    assert [each["title"] for each in found["asking"]] == [MAKITA] * 3


def test_who_is_not_known_is_said_with_the_way_out(door: TestClient) -> None:
    product = door.get("/v1/products/drill-zzz/comparables")
    listing = door.post("/v1/comparables", json={"text": MAKITA, "listing": "bazaar/nobody"})

    assert (product.status_code, product.json()["type"]) == (404, "urn:katy:problem:unknown-product")
    assert "GET /v1/products" in product.json()["detail"]
    assert "drill-zzz" in product.json()["detail"]
    assert (listing.status_code, listing.json()["type"]) == (404, "urn:katy:problem:unknown-listing")
    assert "SOURCE/ID" in listing.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"text": "x" * 2001}, {}, {"text": "drill", "kind": "wanted"}, {"text": "drill", "limit": 0},
     {"text": "drill", "limit": 51}, {"text": "drill", "as_of": 20000}, {"text": "drill", "more": 1}],
)  # fmt: skip
def test_what_does_not_fit_is_refused(door: TestClient, wrong: dict[str, Any]) -> None:
    answer = door.post("/v1/comparables", json=wrong)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["\u202ednob\u0000", "🚲" * 900, "((((", "<script>", "a " * 999])
def test_hostile_words_get_an_answer(door: TestClient, text: str) -> None:
    assert door.post("/v1/comparables", json={"text": text}).status_code == 200


def test_before_anything_is_published_it_says_so(empty_market: Any) -> None:
    with TestClient(empty_market.app()) as client:
        answer = client.post("/v1/comparables", json={"text": MAKITA})

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:katy:problem:nothing-published"

"""Valuations over HTTP: equal requests give equal bytes, and what was given out can be read again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from warehouse.valuation import Valuation, recompute


def ask(client: TestClient, **request: Any) -> Valuation:
    answer = client.post("/v1/valuations", json=request)
    assert answer.status_code == 200, answer.text
    return Valuation.model_validate_json(answer.content)


def test_the_numbers_of_an_answer_are_the_computation(client: TestClient) -> None:
    valuation = ask(client, text="trek marlin", condition="fair", region="US-IL", currency="EUR")

    assert valuation.base is not None
    assert str(recompute(valuation.base, valuation.factors, "EUR")) == valuation.fmv


def test_equal_requests_on_one_snapshot_get_equal_bytes(client: TestClient) -> None:
    once = client.post(
        "/v1/valuations", json={"text": "drill", "condition": "good", "attributes": {"a": "1", "b": "2"}}
    )
    again = client.post(
        "/v1/valuations",
        json={"attributes": {"b": "2", "a": "1"}, "region": None, "condition": "good", "text": "drill"},
    )

    assert once.content == again.content
    assert once.content == Valuation.model_validate_json(once.content).canonical_json()


def test_what_was_given_out_is_read_again_byte_for_byte_also_by_another_process(
    client: TestClient, market: Any
) -> None:
    given = client.post("/v1/valuations", json={"text": "makita", "condition": "poor"})
    where = given.headers["content-location"]

    assert client.get(where).content == given.content
    with TestClient(market.app()) as another:
        assert another.get(where).content == given.content


def test_a_batch_keeps_its_order_and_gives_the_same_bytes_as_one_by_one(client: TestClient) -> None:
    items = [{"text": text, "currency": "GBP"} for text in ("iphone", "makita", "no such thing", "iphone")]

    batch = client.post("/v1/valuations", json={"items": items})

    single = [client.post("/v1/valuations", json=item).content for item in items]
    assert batch.content == b'{"items":[' + b",".join(single) + b"]}"
    for item in batch.json()["items"]:
        assert client.get(f"/v1/valuations/{item['id']}").json() == item


def test_a_thousand_items_are_a_batch_and_one_more_is_not(client: TestClient) -> None:
    item = {"text": "no such thing"}
    assert len(client.post("/v1/valuations", json={"items": [item] * 1000}).json()["items"]) == 1000

    refused = client.post("/v1/valuations", json={"items": [item] * 1001})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/items"


def test_unknown_is_an_answer_with_a_reason(client: TestClient) -> None:
    valuation = ask(client, text="flux capacitor")

    assert (valuation.fmv, valuation.reason) == (None, "nothing_comparable")


def test_the_day_asked_for_is_the_day_valued(client: TestClient) -> None:
    assert ask(client, text="drill", as_of="2026-05-01").value_date == "2026-05-01"


def test_what_was_never_given_out_is_not_found(client: TestClient) -> None:
    answer = client.get(f"/v1/valuations/{'0' * 32}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:katy:problem:unknown-valuation"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["#/text"]),
        ({"text": ""}, ["#/text"]),
        ({"text": "drill", "price": "3"}, ["#/price"]),
        ({"text": "drill", "currency": "dollars", "as_of": "tomorrow"}, ["#/as_of", "#/currency"]),
        ({"text": "drill", "as_of": 0}, ["#/as_of"]),
        ({"text": "drill", "attributes": {"a/b~c": 1}}, ["#/attributes/a~1b~0c"]),
        ({"items": []}, ["#/items"]),
        ({"items": [{"text": "drill"}, {"text": 5}]}, ["#/items/1/text"]),
        ([], ["#"]),
        ("drill", ["#"]),
        (None, ["#"]),
    ],
)
def test_a_refusal_points_at_every_wrong_place(client: TestClient, body: Any, pointers: list[str]) -> None:
    answer = client.post("/v1/valuations", content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert sorted(error["pointer"] for error in answer.json()["errors"]) == pointers

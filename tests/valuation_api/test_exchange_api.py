"""Exchange over HTTP: measures, ratios and swaps, and that their valuations can be named in a trade."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient


def test_an_amount_in_other_measures_says_what_it_used_and_what_is_missing(client: TestClient) -> None:
    answer = client.get("/v1/exchange", params={"amount": 11, "unit": "USD", "in": ["EUR", "K", "gold"]}).json()

    assert answer["in"]["EUR"]["amount"] == "10.00"
    assert answer["in"]["EUR"]["price"] == "1.100000 USD"
    assert answer["in"]["K"]["amount"] == "11.00"
    assert "katy collect world_bank" in answer["missing"]["gold"]
    assert client.get("/v1/exchange", params={"amount": -1, "unit": "USD", "in": "EUR"}).status_code == 422


def test_a_ratio_hangs_on_valuations_that_can_be_read_again(client: TestClient) -> None:
    answer: dict[str, Any] = client.post("/v1/trade-ratios", json={"first": "2 x drill", "second": "bike"}).json()

    assert answer["things"][0]["count"] == "2"
    if answer["ratio"] is not None:
        assert answer["offers"]
    for thing in answer["things"]:
        assert client.get(f"/v1/valuations/{thing['valuation']}").status_code == 200


def test_swaps_answer_by_words_and_by_body(client: TestClient) -> None:
    by_words = client.get("/v1/swaps", params={"text": "bike", "limit": 3})
    by_body = client.post("/v1/swaps", json={"text": "bike"}, params={"limit": 3})

    assert by_words.status_code == by_body.status_code == 200
    assert by_words.json() == by_body.json()

"""Why a thing is worth what it is, at the door and on the page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from valuation_api.app import ApiSettings, create_app


@pytest.fixture(scope="module")
def client(published: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    ledger: Path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    settings = ApiSettings(
        home=published.town.home,
        ledger_url=f"sqlite:///{ledger}",
        clock=lambda: published.town.now,
        code_version="test",
    )
    with TestClient(create_app(settings)) as browser:
        yield browser


def test_an_explanation_is_the_valuation_taken_apart(client: TestClient) -> None:
    asked = {"text": "Makita drill 18V", "condition": "fair", "currency": "EUR"}

    explained = client.post("/v1/explanations", json=asked)
    again = client.post("/v1/explanations", json=asked)

    said = explained.json()
    assert explained.content == again.content
    assert said["valuation"] == client.post("/v1/valuations", json=asked).json()
    assert client.get(f"/v1/valuations/{said['valuation']['id']}").status_code == 200
    inside = said["contributions"]
    assert Decimal(inside["start"]) + sum(Decimal(each["amount"]) for each in inside["parts"]) == Decimal(
        inside["base"]
    )
    assert said["waterfall"]["$schema"].endswith("vega-lite/v6.json")
    assert said["trade_cap"] is None
    assert client.post("/v1/explanations", json={"text": "zither"}).json()["contributions"] is None


def test_the_page_shows_what_the_base_is_made_of_and_what_would_change_the_value(client: TestClient) -> None:
    asked = {"text": "Makita drill 18V", "condition": "fair"}
    explained = client.post("/v1/explanations", json=asked).json()

    shown = client.get("/", params={"q": "Makita drill 18V", "condition": "fair"}).text

    assert "Where the typical price comes from" in shown
    assert f"${explained['contributions']['start']}" in shown
    for each in explained["what_if"]:
        assert f"${each['fmv']}" in shown
    assert ("What would change this value" in shown) == bool(explained["what_if"])
    assert "In a trade now" not in shown

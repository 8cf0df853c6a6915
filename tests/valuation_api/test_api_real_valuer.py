"""The whole door on a snapshot that the real pipeline published, with the real valuer behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from flows import pipeline
from valuation_api.app import ApiSettings, create_app
from warehouse import landing
from warehouse.home import Home
from warehouse.valuation import Valuation, recompute


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, small: Any) -> Iterator[TestClient]:
    home = Home(tmp_path_factory.mktemp("real"))
    run = landing.new_run(small.NOW)
    landing.land(home, list(small.listings(run, days=84)), source="small", run=run, now=small.NOW)
    landing.land(home, list(small.rates(run)), source="ecb", run=run, now=small.NOW)
    pipeline.run(home, anchor="USD", clock=lambda: small.NOW, say=lambda text: None, code_version="test")
    settings = ApiSettings(
        home=home, ledger_url=f"sqlite:///{home.ledger}", clock=lambda: small.NOW, code_version="test"
    )
    with TestClient(create_app(settings)) as client:
        yield client


def test_a_value_can_be_had_checked_and_read_again(real: TestClient) -> None:
    answer = real.post("/v1/valuations", json={"text": "trek marlin 5 bike", "condition": "fair", "currency": "EUR"})

    valuation = Valuation.model_validate_json(answer.content)
    assert valuation.fmv is not None
    assert valuation.base is not None
    assert str(recompute(valuation.base, valuation.factors, "EUR")) == valuation.fmv
    assert valuation.comparables
    assert all("Trek" in comparable.title for comparable in valuation.comparables)
    assert real.get(answer.headers["content-location"]).content == answer.content


def test_one_by_one_and_in_a_batch_give_the_same_bytes(real: TestClient) -> None:
    items = [{"text": "makita drill"}, {"text": "iphone 13 128gb", "region": "US-IL"}, {"text": "zither"}]

    batch = real.post("/v1/valuations", json={"items": items}).content

    single = [real.post("/v1/valuations", json=item).content for item in items]
    assert batch == b'{"items":[' + b",".join(single) + b"]}"


def test_the_page_shows_the_value_its_reasons_and_its_vintage(real: TestClient) -> None:
    shown = real.get("/", params={"q": "trek marlin 5 bike", "condition": "fair"}).text

    for said in ("Fair market value on 2026-11-14", "How this value comes about", "Prices over time", "Snapshot"):
        assert said in shown
    assert real.get("/v1/snapshots/current").json()["id"] in shown
    assert "<script" not in shown


def test_before_the_first_data_the_page_says_so(real: TestClient, small: Any) -> None:
    day = (small.NOW - timedelta(days=400)).date().isoformat()

    assert "before the first price" in real.get("/", params={"q": "trek marlin", "as_of": day}).text


def test_products_and_prices_come_from_the_same_snapshot(real: TestClient) -> None:
    found = real.get("/v1/products", params={"q": "macita dril"}).json()
    product = found["items"][0]["product"]

    history = real.get(f"/v1/prices/{product['product']}").json()

    assert "Makita" in product["title"]
    assert history["snapshot"] == found["snapshot"]
    assert history["items"]

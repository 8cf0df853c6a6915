"""Estimates over HTTP: one's own first, then the values beside each other, each by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from ledger.books.store import Ledger
from valuation_api import estimates, things
from valuation_api.live import LiveMarket

Person = Any
CHEST = {"about": "free:carved-chest", "currency": "USD", "title": "Carved oak chest"}


@pytest.fixture(scope="module")
def live(market: Any, small: Any) -> Any:
    opened = LiveMarket(market.home, small.SmallValuer)
    opened.refresh()
    yield opened
    opened.stop()


@pytest.fixture
def town(ledger: Ledger, town_of: Any, live: Any) -> TestClient:
    client: TestClient = town_of(things.router(ledger), estimates.router(ledger))
    client.app.state.live = live  # type: ignore[attr-defined]
    return client


@pytest.fixture
def crowd(new_person: Callable[[str], Person]) -> list[Person]:
    return [new_person(name) for name in ("Cleo", "Dan", "Eve")]


def test_nobody_sees_others_before_their_own(ada: Person, crowd: list[Person]) -> None:
    for person, amount in zip(crowd, ("300", "320", "310"), strict=True):
        made = person.post("/v1/estimates", {**CHEST, "amount": amount})
        assert made.status_code == 201
        assert made.headers["Cache-Control"] == "no-store"
    where = f"/v1/estimates/{CHEST['about']}"
    before = ada.get(where).json()
    assert (before["estimates"], before["shown"]) == (3, False)
    assert all(before[name] is None for name in ("model", "community", "combined", "owner", "price", "mine"))

    ada.post("/v1/estimates", {**CHEST, "amount": "305"})
    after = ada.get(where).json()
    assert 300 <= float(after["community"]["value"]) <= 320
    assert float(after["community"]["low"]) < 300 < 320 < float(after["community"]["high"])
    assert (after["community"]["n"], after["model"]) == (4, None)
    assert after["combined"]["value"] == after["community"]["value"]
    assert after["combined"]["because"] == "the model knows no value"
    late = ada.post("/v1/estimates", {**CHEST, "amount": "310"}).json()
    assert (late["counts"], late["counted_amount"]) == (False, "305")
    (told,) = ada.get("/v1/estimates").json()["items"]
    assert told["title"] == "Carved oak chest"


def test_a_thing_has_model_members_and_owner_beside_each_other(ada: Person, crowd: list[Person]) -> None:
    owned = {"title": "Makita XFD10", "currency": "USD", "wants_low": "70", "wants_high": "110", "paid": "3"}
    thing = ada.post("/v1/things", owned).json()["id"]
    asked = {"about": thing, "currency": "USD"}
    assert crowd[0].post("/v1/estimates", {**asked, "amount": "90"}).status_code == 422, "it is not up yet"
    assert ada.post("/v1/estimates/things", {"thing": thing}).status_code == 201
    assert crowd[0].post("/v1/estimates/things", {"thing": thing}).status_code == 422
    for person, amount in zip(crowd, ("85", "90", "95"), strict=True):
        assert person.post("/v1/estimates", {**asked, "amount": amount}).json()["counts"]
    assert not ada.post("/v1/estimates", {**asked, "amount": "900"}).json()["counts"]

    told = crowd[0].get(f"/v1/estimates/{thing}").json()
    assert told["owner"] == {"wants_low": "70", "wants_high": "110", "worth": None, "currency": "USD"}
    assert told["model"]["confidence"] == "B"
    assert told["community"]["n"] == told["estimates"] == 3
    assert (told["combined"], told["notes"]) == (
        None,
        ["the model stands on its own evidence here, so nothing is combined"],
    )
    assert "paid" not in str(told["round"])
    assert crowd[0].post("/v1/estimates/close", {"about": thing}).status_code == 403
    assert ada.post("/v1/estimates/close", {"about": thing}).json()["closed_at"] is not None
    assert crowd[0].post("/v1/estimates", {**asked, "amount": "1"}).status_code == 409


def test_a_product_has_the_market_s_words(ada: Person) -> None:
    product = {"about": "product:drill-makita-xfd10", "currency": "USD", "amount": "90", "title": "A gold bar"}
    assert ada.post("/v1/estimates", product).status_code == 201
    told = ada.get("/v1/estimates/product:drill-makita-xfd10").json()
    assert told["round"]["title"] == "Makita XFD10 cordless drill 18V"
    assert told["notes"][0] == "a community value needs 3 people's estimates; 1 count so far"
    assert ada.post("/v1/estimates", {**product, "about": "product:none"}).status_code == 422
    listing = {**product, "about": "listing:small/bike-trek-marlin-5-14"}
    assert ada.post("/v1/estimates", listing).status_code == 201


def test_without_a_key_nothing_is_said(town: TestClient, ada: Person) -> None:
    assert town.get("/v1/estimates").status_code == 401
    assert ada.get("/v1/estimates/free:none").status_code == 404
    bare = {"Authorization": f"Bearer {ada.key}"}
    answer = town.post("/v1/estimates", json={**CHEST, "amount": "1"}, headers=bare)
    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (400, "idempotency-key-missing")


@pytest.mark.parametrize(
    "about", ["free:", "free:A b", "thing_1", "product:\x00", "listing:/", "listing:a/", "x" * 400]
)
def test_what_names_nothing_is_refused(ada: Person, about: str) -> None:
    assert ada.post("/v1/estimates", {**CHEST, "about": about, "amount": "1"}).status_code == 422
    assert ada.get(f"/v1/estimates/{quote(about)}").status_code in {404, 422}


def test_what_is_no_estimate_is_refused(ada: Person) -> None:
    for said in ({"amount": "0"}, {"amount": "-1"}, {"amount": 5}, {"currency": "usd"}, {"title": "\x00"}, {"odd": 1}):
        assert ada.post("/v1/estimates", {**CHEST, "amount": "1", **said}).status_code == 422, said
    for name in ("product:\u2028%00\U0001f600", "listing:small/%ff\u00e9'"):
        assert ada.post("/v1/estimates", {**CHEST, "about": name, "amount": "1"}).status_code == 422

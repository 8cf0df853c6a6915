"""Trades over HTTP: two people, their keys, and nothing that anybody else may see."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from ledger.books import chain
from ledger.books.store import Ledger
from valuation_api import trades, valuations
from valuation_api.leases import live_market
from warehouse.valuation import Factor, Subject, Valuation, ValuationRequest, valuation_id

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
WORTH = {"loaf of rye bread": "6.50", "bicycle repair": "45.00", "coat": "100.00"}


class TownValuer:
    """Values what the story needs; anything else is unknown."""

    snapshot_id = "20261114T000000Z-00000000"

    def value(self, request: ValuationRequest) -> Valuation:
        fmv = WORTH.get(request.text)
        return Valuation(
            id=valuation_id(self.snapshot_id, "test", request),
            subject=Subject(asked=request, understood={}),
            value_date="2026-11-13",
            currency="USD",
            fmv=fmv,
            market_value=fmv,
            low=fmv and "1.00",
            high=fmv and "200.00",
            confidence="B" if fmv else None,
            base=f"{fmv}0000" if fmv else None,
            factors=[Factor(name="season", value="1.000000", evidence=["no data"])] if fmv else [],
            comparables=[],
            dampening=None,
            narrative="",
            snapshot=self.snapshot_id,
            model="test",
            reason=None if fmv else "no_data",
        )


class TownMarket:
    valuer = TownValuer()

    def lease(self) -> Any:
        return self

    def __enter__(self) -> TownMarket:
        return self

    def __exit__(self, *_: object) -> None:
        return None


Person = Any


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(valuations.router(ledger), trades.router(ledger))
    client.app.dependency_overrides[live_market] = TownMarket  # type: ignore[attr-defined]
    return client


@pytest.fixture
def baker(new_person: Any) -> Person:
    return new_person("Baker")


@pytest.fixture
def mechanic(new_person: Any) -> Person:
    return new_person("Mechanic")


@pytest.fixture
def stranger(new_person: Any) -> Person:
    return new_person("Stranger")


def ask(town: TestClient, text: str) -> str:
    valued: str = town.post("/v1/valuations", json={"text": text}).json()["id"]
    return valued


def story(town: TestClient, counterparty: str) -> dict[str, Any]:
    return {
        "counterparty": counterparty,
        "legs": [
            {"giver": "proposer", "kind": "goods", "quantity": 7, "valuation": ask(town, "loaf of rye bread")},
            {"giver": "counterparty", "kind": "service", "valuation": ask(town, "bicycle repair")},
            {"giver": "counterparty", "kind": "k", "amount": "0.50"},
        ],
    }


def test_bread_for_a_bike_repair_from_the_question_to_the_balance(
    town: TestClient, ledger: Ledger, baker: Person, mechanic: Person
) -> None:
    made = baker.post("/v1/trades", story(town, "Mechanic"))
    trade = made.json()
    path = f"/v1/trades/{trade['id']}"
    assert (made.status_code, made.headers["Location"], trade["state"]) == (201, path, "proposed")
    assert [leg["fair"] for leg in trade["legs"]] == ["45.50", "45.00", "0.50"]
    assert trade["fairness"]["proposer"]["value"] == trade["fairness"]["counterparty"]["value"] == "45.50"

    assert mechanic.post(f"{path}/accept").json()["state"] == "accepted"
    assert (mechanic.me()["pending_out"], baker.me()["pending_in"]) == ("0.50", "0.50")
    assert baker.post(f"{path}/confirm").json()["state"] == "accepted"
    assert mechanic.post(f"{path}/confirm").json()["state"] == "done"
    assert (baker.me()["balance"], mechanic.me()["balance"]) == ("0.50", "-0.50")
    assert baker.me()["entries"][0]["trade"] == trade["id"]

    record = baker.get(f"{path}/legs/1/fmv").content
    assert record == town.get(f"/v1/valuations/{trade['legs'][0]['valuation']}").content
    assert hashlib.sha256(record).hexdigest() == trade["legs"][0]["fmv_sha256"]
    assert chain.verify(ledger).sound


def test_a_trade_does_not_exist_for_anybody_else(
    town: TestClient, baker: Person, mechanic: Person, stranger: Person
) -> None:
    path = f"/v1/trades/{baker.post('/v1/trades', story(town, mechanic.id)).json()['id']}"

    assert mechanic.get(path).status_code == 200
    for answer in (
        stranger.get(path),
        stranger.get(f"{path}/legs/1/fmv"),
        *(stranger.post(f"{path}/{verb}") for verb in ("accept", "confirm", "cancel")),
        stranger.get("/v1/trades/trade_" + "0" * 20),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:katy:problem:unknown")
        assert "Baker" not in answer.text


def test_without_a_key_nothing_that_belongs_to_a_person_is_answered(town: TestClient, baker: Person) -> None:
    for headers in ({}, {"Authorization": "Bearer katy"}, {"Authorization": f"Basic {baker.key}"}):
        for answer in (
            town.get("/v1/accounts/me", headers=headers),
            town.get("/v1/trades/trade_" + "0" * 20, headers=headers),
            town.post("/v1/transfers", json={"to": "Baker", "amount": "1.00"}, headers=headers),
        ):
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_write_needs_an_idempotency_key(town: TestClient, baker: Person) -> None:
    mine = {"Authorization": f"Bearer {baker.key}"}
    body = {"to": "Baker", "amount": "1.00"}

    missing = town.post("/v1/transfers", json=body, headers=mine)
    assert (missing.status_code, missing.json()["type"]) == (400, "urn:katy:problem:idempotency-key-missing")
    for key in ("", "a b", "x" * 256):
        wrong = town.post("/v1/transfers", json=body, headers={**mine, "Idempotency-Key": key})
        assert (wrong.status_code, wrong.json()["type"]) == (400, "urn:katy:problem:idempotency-key-invalid")


def test_the_same_request_sent_twice_is_done_once_and_answered_the_same(
    town: TestClient, ledger: Ledger, baker: Person, mechanic: Person
) -> None:
    body = {"to": "Mechanic", "amount": "2.50", "memo": "flour"}
    first, again, quoted = (baker.post("/v1/transfers", body, key=key) for key in ("k", "k", '"k"'))

    assert first.status_code == again.status_code == quoted.status_code == 201
    assert first.content == again.content == quoted.content
    assert mechanic.me()["balance"] == "2.50"
    other = baker.post("/v1/transfers", {**body, "amount": "2.51"}, key="k")
    assert (other.status_code, other.json()["type"]) == (422, "urn:katy:problem:idempotency-key-reused")
    ledger.in_flight.add((baker.id, "busy"))
    busy = baker.post("/v1/transfers", body, key="busy")
    assert (busy.status_code, busy.json()["type"]) == (409, "urn:katy:problem:idempotency-key-in-flight")


def test_a_limit_is_kept_and_told(baker: Person, mechanic: Person) -> None:
    assert baker.post("/v1/transfers", {"to": mechanic.id, "amount": "100.00"}).status_code == 201
    refused = baker.post("/v1/transfers", {"to": mechanic.id, "amount": "0.01"})

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:katy:problem:limit-reached")
    assert "floor of -100.00 K" in refused.json()["detail"]
    me = baker.me()
    assert (me["balance"], me["floor"], me["ceiling"], me["spendable"]) == ("-100.00", "-100.00", "1000.00", "0.00")


def test_a_step_out_of_turn_or_by_the_wrong_party_is_told(town: TestClient, baker: Person, mechanic: Person) -> None:
    path = f"/v1/trades/{baker.post('/v1/trades', story(town, 'Mechanic')).json()['id']}"

    own = baker.post(f"{path}/accept")
    assert (own.status_code, own.json()["type"]) == (403, "urn:katy:problem:not-allowed")
    early = mechanic.post(f"{path}/confirm")
    assert (early.status_code, early.json()["type"]) == (409, "urn:katy:problem:wrong-state")
    assert mechanic.post(f"{path}/cancel").json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"counterparty": "Nobody"}, 422),
        ({"counterparty": "Baker"}, 422),
        ({"counterparty": "nul\x00"}, 422),
        ({"legs": []}, 422),
        ({"colour": "red"}, 422),
        ({"reason": "x" * 1001}, 422),
    ],
)
def test_a_trade_that_makes_no_sense_is_a_problem(
    town: TestClient, baker: Person, mechanic: Person, change: dict[str, Any], status: int
) -> None:
    answer = baker.post("/v1/trades", {**story(town, "Mechanic"), **change})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("amount", ["-1.00", "1.005", "1e3", "0.00", "99999999999.00", "NaN", 1.5])
def test_an_amount_that_is_none_is_refused(baker: Person, mechanic: Person, amount: Any) -> None:
    assert baker.post("/v1/transfers", {"to": "Mechanic", "amount": amount}).status_code == 422
    assert mechanic.me()["balance"] == "0.00"


def test_a_thing_of_unknown_worth_is_traded_at_an_attested_value(
    town: TestClient, baker: Person, mechanic: Person
) -> None:
    leg = {"giver": "proposer", "kind": "goods", "valuation": ask(town, "portrait of a cat")}
    body = {
        "counterparty": "Mechanic",
        "legs": [leg, {"giver": "counterparty", "kind": "goods", "valuation": ask(town, "coat")}],
    }
    assert "declare a value" in baker.post("/v1/trades", body).json()["detail"]

    body["legs"][0] = {**leg, "declared": "95.00", "attestation": "what I sold the last one for"}  # type: ignore[index]
    made = baker.post("/v1/trades", body).json()
    assert (made["legs"][0]["fair"], made["legs"][0]["agreed"]) == (None, "95.00")


def test_entries_are_read_page_by_page_and_by_nobody_else(baker: Person, mechanic: Person, stranger: Person) -> None:
    for number in range(5):
        baker.post("/v1/transfers", {"to": "Mechanic", "amount": f"{number + 1}.00"})

    amounts, path = [], "/v1/accounts/me?limit=2"
    while True:
        page = mechanic.get(path)
        assert page.headers["Cache-Control"] == "no-store"
        amounts += [entry["amount"] for entry in page.json()["entries"]]
        if page.json()["next_before"] is None:
            break
        path = f"/v1/accounts/me?limit=2&before={page.json()['next_before']}"
    assert amounts == ["5.00", "4.00", "3.00", "2.00", "1.00"]
    assert stranger.me()["entries"] == []


def test_nothing_a_person_can_send_makes_it_fail(town: TestClient, baker: Person, mechanic: Person) -> None:
    """Whatever the OpenAPI document allows or forbids, sent with a key: an answer or a problem, never a fault."""
    described = schemathesis.openapi.from_asgi("/openapi.json", town.app)
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if not operation.path.startswith("/v1/tra"):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            @given(case=operation.as_strategy(generation_mode=mode))
            def never_a_fault(case: Any) -> None:
                answer = case.call(headers={"Authorization": f"Bearer {baker.key}"})
                assert answer.status_code < 500

            never_a_fault()

"""Trades over HTTP: two people, their keys, and nothing that anybody else may see."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from ledger import verification
from ledger.books.store import Ledger
from models.caps.cap import Cap
from models.explanation.shapes import Explanation
from valuation_api import accounts, trades, valuations
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

    def explain(self, request: ValuationRequest) -> Explanation:
        """Bread is capped: the bridge is closed."""
        cap = Cap(
            amount="9.00", currency="USD", baseline="6.00", times="1.5", rule="policy", because="a flood",
            since=NOW.date(), goods=["food"],
        )  # fmt: skip
        return Explanation(valuation=self.value(request), trade_cap=cap if "bread" in request.text else None)


class TownMarket:
    valuer = TownValuer()
    snapshot = SimpleNamespace(id=TownValuer.snapshot_id)

    def lease(self) -> Any:
        return self

    def __enter__(self) -> TownMarket:
        return self

    def __exit__(self, *_: object) -> None:
        return None


Person = Any


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(valuations.router(ledger), accounts.router(ledger), trades.router(ledger))
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
    # Both are new here: the 0.50 K is in escrow, and the fee of 0.45 K is held.
    assert (mechanic.me()["balance"], mechanic.me()["pending_out"]) == ("-0.50", "0.45")
    assert baker.me()["pending_in"] == "0.50"
    assert baker.post(f"{path}/confirm").json()["state"] == "accepted"
    assert mechanic.post(f"{path}/confirm").json()["state"] == "done"
    assert (baker.me()["balance"], mechanic.me()["balance"]) == ("0.50", "-0.95")
    assert baker.entries()[0]["reference"] == trade["id"]

    record = baker.get(f"{path}/legs/1/fmv").content
    assert record == town.get(f"/v1/valuations/{trade['legs'][0]['valuation']}").content
    assert hashlib.sha256(record).hexdigest() == trade["legs"][0]["fmv_sha256"]
    assert verification.verify(ledger).sound


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
            town.get("/v1/trades/trade_" + "0" * 20, headers=headers),
            town.post("/v1/trades", json=story(town, "Baker"), headers=headers),
        ):
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


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


def accepted_coat(town: TestClient, seller: Person, buyer: Person) -> str:
    legs = [
        {"giver": "proposer", "kind": "goods", "valuation": ask(town, "coat")},
        {"giver": "counterparty", "kind": "k", "amount": "40.00"},
        {"giver": "counterparty", "kind": "cash", "cash": "60.00"},
    ]
    made = seller.post("/v1/trades", {"counterparty": buyer.id, "legs": legs, "miles": "0.8"}).json()
    assert made["encouragement"] == {"miles": "0.80", "percent": 15, "amount": "15.00"}
    assert buyer.post(f"/v1/trades/{made['id']}/accept").json()["escrow"] is True
    return f"/v1/trades/{made['id']}"


def test_offers_go_back_and_forth_over_http(town: TestClient, baker: Person, mechanic: Person) -> None:
    body = story(town, "Mechanic")
    made = baker.post("/v1/trades", body).json()
    path, legs = f"/v1/trades/{made['id']}", body["legs"][:2]
    told = mechanic.post(f"{path}/counter", {"legs": legs, "terms_sha256": made["terms_sha256"]}).json()
    assert (len(told["legs"]), len(told["offers"]), told["turn"]) == (2, 2, baker.id)

    stale = baker.post(f"{path}/accept", {"terms_sha256": made["terms_sha256"]})
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:katy:problem:wrong-state")
    assert baker.post(f"{path}/accept", {"terms_sha256": told["terms_sha256"]}).json()["state"] == "accepted"
    assert baker.get(f"{path}/legs/5/fmv").status_code == 200


def test_a_trade_cap_is_told_beside_the_trade(
    town: TestClient, baker: Person, mechanic: Person, stranger: Person
) -> None:
    made = baker.post("/v1/trades", story(town, "Mechanic")).json()
    told = mechanic.get(f"/v1/trades/{made['id']}/caps").json()

    assert [(each["position"], each["trade_cap"] and each["trade_cap"]["amount"]) for each in told["caps"]] == [
        (1, "9.00"),
        (2, None),
    ]
    assert "cap" not in "".join(made)
    assert stranger.get(f"/v1/trades/{made['id']}/caps").status_code == 404


def test_a_list_of_trades_is_read_page_by_page(town: TestClient, baker: Person, mechanic: Person) -> None:
    made = [baker.post("/v1/trades", story(town, "Mechanic")).json()["id"] for _ in range(3)]
    first = mechanic.get("/v1/trades?limit=2").json()
    rest = mechanic.get(f"/v1/trades?limit=2&after={first['next']}").json()

    assert sorted(each["id"] for each in first["trades"] + rest["trades"]) == sorted(made)
    assert rest["next"] is None
    assert first["trades"][0]["gets"] == ["7 × loaf of rye bread"]
    assert first["trades"][0]["waits_for_me"] is True


def test_a_dispute_is_settled_by_both_or_by_a_treasurer(
    town: TestClient, new_person: Any, baker: Person, mechanic: Person
) -> None:
    path = accepted_coat(town, baker, mechanic)
    assert baker.post(f"{path}/deliver", {"note": "on the door"}).json()["steps"][0]["note"] == "on the door"
    assert mechanic.post(f"{path}/dispute", {"said": "it has a hole"}).json()["state"] == "disputed"
    assert mechanic.post(f"{path}/resolution", {"percent": 50}).status_code == 200
    assert mechanic.post(f"{path}/resolution/decide", {"percent": 0, "note": "mine"}).status_code == 403
    done = baker.post(f"{path}/resolution/agree", {"percent": 50}).json()
    assert (done["state"], done["share_percent"]) == ("done", 50)
    assert baker.me()["balance"] == "20.00"

    other = accepted_coat(town, baker, mechanic)
    mechanic.post(f"{other}/dispute", {"said": "it has a hole"})
    judge = new_person("Judge", scopes=("member", "treasurer"))
    assert judge.get(other).json()["state"] == "disputed"
    decided = judge.post(f"{other}/resolution/decide", {"percent": 0, "note": "the hole is large"}).json()
    assert (decided["state"], decided["cause"]) == ("cancelled", "dispute")


def test_a_receipt_is_a_pdf_for_the_two_parties(
    town: TestClient, baker: Person, mechanic: Person, stranger: Person
) -> None:
    path = f"/v1/trades/{baker.post('/v1/trades', story(town, 'Mechanic')).json()['id']}/receipt.pdf"
    paper = mechanic.get(path)

    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF-")
    assert mechanic.get(path).content == paper.content
    assert stranger.get(path).status_code == 404


def test_a_subscription_over_http(town: TestClient, baker: Person, mechanic: Person, stranger: Person) -> None:
    monthly = {"first_day": "2026-11-14", "every_days": 28, "times": 2}
    weekly = {"first_day": "2026-11-14", "every_days": 7, "times": 8}
    legs = [
        {"giver": "proposer", "kind": "goods", "valuation": ask(town, "loaf of rye bread"), "quantity": 2, **weekly},
        {"giver": "counterparty", "kind": "service", "valuation": ask(town, "bicycle repair"), **monthly},
    ]
    made = baker.post("/v1/schedules", {"counterparty": "Mechanic", "legs": legs}).json()
    path = f"/v1/schedules/{made['id']}"
    assert (made["state"], made["period_days"]) == ("proposed", 28)
    assert stranger.get(path).status_code == 404
    assert mechanic.post(f"{path}/accept").json()["state"] == "running"
    for number in range(1, 5):
        mechanic.post(f"{path}/receive", {"position": 1, "occurrence": number})
    told = baker.post(f"{path}/receive", {"position": 2, "occurrence": 1}).json()

    settled = {due["trade"] for due in told["dues"] if due["period"] == 1}
    assert len(settled) == 1
    assert baker.get(f"/v1/trades/{settled.pop()}").json()["schedule"] == made["id"]
    assert baker.post(f"{path}/default").status_code == 409
    assert [each["id"] for each in baker.get("/v1/schedules").json()["schedules"]] == [made["id"]]


def test_nothing_a_person_can_send_makes_it_fail(town: TestClient, baker: Person, mechanic: Person) -> None:
    """Whatever the OpenAPI document allows or forbids, sent with a key: an answer or a problem, never a fault."""
    described = schemathesis.openapi.from_asgi("/openapi.json", town.app)
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if not operation.path.startswith(("/v1/tra", "/v1/sched")):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            @given(case=operation.as_strategy(generation_mode=mode))
            def never_a_fault(case: Any) -> None:
                answer = case.call(headers={"Authorization": f"Bearer {baker.key}"})
                assert answer.status_code < 500

            never_a_fault()

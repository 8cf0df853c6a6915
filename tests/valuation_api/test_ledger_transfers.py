"""Payments over HTTP: done once, within limits, seen by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from ledger import verification
from ledger.books import accounts as book_accounts
from ledger.books import signing
from ledger.books.store import Ledger
from valuation_api import accounts, books, promises, transfers

Person = Any
PROBLEM = "application/problem+json"


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(*(module.router(ledger) for module in (accounts, transfers, promises, books)))
    return client


@pytest.fixture
def firm(ledger: Ledger, new_person: Any, ada: Person, bob: Person) -> Person:
    """A business that Ada and Bob sign for."""
    made = new_person("Mill", kind="business", tier="business")
    for signer in (ada, bob):
        signing.add_signer(ledger, made.id, signer.id)
    return made


@pytest.fixture
def treasurer(ledger: Ledger, new_person: Any) -> Person:
    made = new_person("Tess")
    made.key = book_accounts.new_key(ledger, made.id, scopes=["treasurer"])
    return made


def kind_of(answer: Any) -> tuple[int, str]:
    """An answer's status and the slug of its problem."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    return answer.status_code, answer.json()["type"].removeprefix("urn:katy:problem:")


def test_k_and_minutes_are_paid_each_in_its_own_unit(ada: Person, bob: Person) -> None:
    k = ada.post("/v1/transfers", {"to": "Bob", "amount": "6.5", "memo": "bread"})
    time = ada.post("/v1/transfers", {"to": bob.id, "amount": "90", "unit": "min"})

    assert (k.status_code, k.json()["amount"], k.json()["unit"]) == (201, "6.50", "K")
    assert (time.status_code, time.json()["amount"], time.json()["unit"]) == (201, "90", "min")
    assert k.headers["Location"] == f"/v1/transfers/{k.json()['id']}"
    told = bob.get("/v1/accounts/me").json()["balances"]
    assert (told["K"]["balance"], told["min"]["balance"]) == ("6.50", "90")


def test_a_write_needs_an_idempotency_key(town: TestClient, ada: Person) -> None:
    mine = {"Authorization": f"Bearer {ada.key}"}
    body = {"to": "Ada", "amount": "1.00"}

    assert kind_of(town.post("/v1/transfers", json=body, headers=mine)) == (400, "idempotency-key-missing")
    for key in ("", "a b", "x" * 256):
        wrong = town.post("/v1/transfers", json=body, headers={**mine, "Idempotency-Key": key})
        assert kind_of(wrong) == (400, "idempotency-key-invalid")


def test_the_same_request_sent_twice_is_done_once_and_answered_the_same(
    ledger: Ledger, ada: Person, bob: Person
) -> None:
    body = {"to": "Bob", "amount": "2.50", "memo": "flour"}
    first, again, quoted = (ada.post("/v1/transfers", body, key=key) for key in ("k", "k", '"k"'))

    assert first.status_code == again.status_code == quoted.status_code == 201
    assert first.content == again.content == quoted.content
    assert first.headers["Location"] == again.headers["Location"]
    assert bob.me()["balance"] == "2.50"
    assert kind_of(ada.post("/v1/transfers", {**body, "amount": "2.51"}, key="k")) == (422, "idempotency-key-reused")
    ledger.in_flight.add((ada.id, "busy"))
    assert kind_of(ada.post("/v1/transfers", body, key="busy")) == (409, "idempotency-key-in-flight")


def test_a_refused_payment_may_be_tried_again_with_its_key(ada: Person, bob: Person) -> None:
    body = {"to": "Bob", "amount": "150.00"}
    assert kind_of(ada.post("/v1/transfers", body, key="later")) == (409, "limit-reached")

    bob.post("/v1/transfers", {"to": "Ada", "amount": "60.00"})
    assert ada.post("/v1/transfers", body, key="later").status_code == 201


def test_a_limit_is_kept_and_told(ada: Person, bob: Person) -> None:
    paid = ada.post("/v1/transfers", {"to": bob.id, "amount": "100.00"})
    assert (paid.status_code, paid.json()["warnings"]) == (
        201,
        ["your balance of -100.00 K, promises counted, is near its floor of -100.00 K"],
    )
    refused = ada.post("/v1/transfers", {"to": bob.id, "amount": "0.01"})

    assert kind_of(refused) == (409, "limit-reached")
    assert "floor of -100.00 K" in refused.json()["detail"]
    me = ada.me()
    assert (me["balance"], me["floor"], me["ceiling"], me["spendable"]) == ("-100.00", "-100.00", "1000.00", "0.00")
    assert (me["daily"], me["left_today"]) == ("200.00", "100.00")
    assert me["warnings"] == ["your balance of -100.00 K, promises counted, is near its floor of -100.00 K"]


@pytest.mark.parametrize(
    "sent",
    [
        *({"amount": amount} for amount in ("-1.00", "1.005", "1e3", "0.00", "99999999999.00", "NaN", 1.5)),
        *({"amount": amount, "unit": "min"} for amount in ("1.5", "0", "9999999999")),
        {"amount": "1.00", "unit": "EUR"},
        {"amount": "1.00", "to": "Nobody"},
        {"amount": "1.00", "to": "Ada"},
        {"amount": "1.00", "memo": "x" * 501},
        {"amount": "1.00", "colour": "red"},
    ],
)
def test_what_cannot_be_paid_is_refused(ada: Person, bob: Person, sent: dict[str, Any]) -> None:
    assert kind_of(ada.post("/v1/transfers", {"to": "Bob", **sent}))[0] == 422
    assert bob.me()["balance"] == "0.00"


def test_a_transfer_does_not_exist_for_anybody_else(ada: Person, bob: Person, new_person: Any, treasurer: Any) -> None:
    path = ada.post("/v1/transfers", {"to": "Bob", "amount": "2.00", "memo": "eggs"}).headers["Location"]
    eve = new_person("Eve")

    for sees in (ada, bob, treasurer):
        told = sees.get(path).json()
        assert (told["payer"], told["payee"], told["amount"], told["memo"]) == (ada.id, bob.id, "2.00", "eggs")
    for answer in (eve.get(path), eve.get("/v1/transfers/transfer_" + "0" * 20), eve.post(f"{path}/reverse")):
        assert kind_of(answer) == (404, "unknown")


def test_a_payment_is_taken_back_once_by_its_receiver_or_the_treasurer(
    ada: Person, bob: Person, treasurer: Person
) -> None:
    one, other = (ada.post("/v1/transfers", {"to": "Bob", "amount": "2.00"}).headers["Location"] for _ in "12")

    assert kind_of(ada.post(f"{one}/reverse")) == (403, "not-allowed")
    back = bob.post(f"{one}/reverse", {"memo": "not mine"})
    assert (back.status_code, back.json()["kind"], back.json()["payee"]) == (201, "reversal", ada.id)
    assert back.json()["reverses"] == one.rpartition("/")[2]
    assert ada.get(one).json()["reversed_by"] == back.json()["id"]
    assert kind_of(bob.post(f"{one}/reverse")) == (409, "wrong-state")
    assert treasurer.post(f"{other}/reverse").status_code == 201
    assert ada.me()["balance"] == bob.me()["balance"] == "0.00"


def test_a_large_payment_of_a_business_waits_for_signatures(
    ledger: Ledger, firm: Person, ada: Person, bob: Person, new_person: Any
) -> None:
    eve = new_person("Eve", tier="verified")
    asked = firm.post("/v1/transfers", {"to": "Eve", "amount": "600.00", "memo": "grain"}, key="grain")
    path = asked.headers["Location"]
    assert (asked.status_code, asked.json()["state"]) == (202, "awaiting_signatures")
    assert path == f"/v1/promises/{asked.json()['id']}"
    assert firm.post("/v1/transfers", {"to": "Eve", "amount": "600.00", "memo": "grain"}, key="grain").json() == (
        asked.json()
    )
    assert [(each["id"], each["needed"], each["asks_me"]) for each in ada.get("/v1/promises").json()["promises"]] == [
        (asked.json()["id"], 2, True)
    ]
    assert firm.me()["pending_out"] == "600.00"
    assert kind_of(eve.post(f"{path}/sign")) == (404, "unknown")

    assert ada.post(f"{path}/sign").status_code == 202
    assert (ada.get(path).json()["signatures"], ada.get(path).json()["asks_me"]) == (1, False)
    signed = bob.post(f"{path}/sign")
    assert (signed.status_code, signed.json()["state"], signed.json()["amount"]) == (201, "posted", "600.00")
    assert eve.me()["balance"] == "600.00"
    assert eve.get(path).json()["transfer"] == signed.json()["id"]
    assert verification.verify(ledger).sound


def test_many_payments_are_one_request_and_each_has_its_own_outcome(
    ledger: Ledger, ada: Person, bob: Person, new_person: Any
) -> None:
    eve = new_person("Eve")
    sent = [
        {"key": "1", "to": "Bob", "amount": "30.00"},
        {"key": "2", "to": "Nobody", "amount": "1.00"},
        {"key": "3", "to": eve.id, "amount": "90.00"},
        {"key": "4", "to": eve.id, "amount": "60", "unit": "min"},
        {"key": "1", "to": "Bob", "amount": "30.00"},
        {"key": "1", "to": "Bob", "amount": "31.00"},
    ]
    answer = ada.post("/v1/transfers/batch", {"payments": sent})

    assert answer.status_code == 200
    told = answer.json()
    assert (told["posted"], told["refused"]) == (3, 3)
    kinds = [each["problem"] and each["problem"]["type"].rpartition(":")[2] for each in told["outcomes"]]
    assert kinds == [None, "unknown", "limit-reached", None, None, "idempotency-key-reused"]
    assert told["outcomes"][0]["transfer"] == told["outcomes"][4]["transfer"]
    assert (bob.me()["balance"], ada.me()["balance"]) == ("30.00", "-30.00")
    assert ada.post("/v1/transfers/batch", {"payments": sent}).json() == told
    assert verification.verify(ledger).sound


def test_a_batch_is_neither_empty_nor_endless(ada: Person, bob: Person) -> None:
    one = {"key": "1", "to": "Bob", "amount": "0.01"}
    for payments in ([], [one] * 10_001, [{"to": "Bob", "amount": "0.01"}], [{**one, "key": "a b"}]):
        assert kind_of(ada.post("/v1/transfers/batch", {"payments": payments})) == (422, "invalid-request")
    assert bob.me()["balance"] == "0.00"


def test_a_promise_counts_until_it_is_paid_or_let_go(ada: Person, bob: Person, new_person: Any) -> None:
    eve = new_person("Eve")
    made = ada.post("/v1/promises", {"to": "Bob", "amount": "40.00", "days": 3})
    path = made.headers["Location"]
    assert (made.status_code, made.json()["state"], made.json()["expires_at"][:10]) == (201, "open", "2026-11-17")
    assert (ada.me()["pending_out"], bob.me()["pending_in"], ada.me()["spendable"]) == ("40.00", "40.00", "60.00")
    assert kind_of(eve.get(path)) == (404, "unknown")
    assert eve.get("/v1/promises").json() == {"promises": [], "next": None}

    assert kind_of(ada.post(f"{path}/void")) == (403, "not-allowed")
    paid = bob.post(f"{path}/post")
    assert (paid.status_code, paid.json()["state"], paid.json()["reference"]) == (201, "posted", made.json()["id"])
    assert ada.get(path).json()["transfer"] == paid.json()["id"]
    assert kind_of(bob.post(f"{path}/void")) == (409, "wrong-state")

    second = ada.post("/v1/promises", {"to": "Bob", "amount": "5.00"}).headers["Location"]
    assert bob.post(f"{second}/void").json()["state"] == "void"
    assert (ada.me()["balance"], ada.me()["pending_out"]) == ("-40.00", "0.00")


def test_nothing_a_person_can_send_makes_it_fail(town: TestClient, ada: Person, treasurer: Person) -> None:
    """Whatever the OpenAPI document allows or forbids, sent with a key: an answer or a problem, never a fault."""
    described = schemathesis.openapi.from_asgi("/openapi.json", town.app)
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not (
                operation.body or operation.query or operation.path_parameters or operation.headers
            ):
                continue

            @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            @given(case=operation.as_strategy(generation_mode=mode))
            def never_a_fault(case: Any) -> None:
                for person in (ada, treasurer):
                    answer = case.call(headers={"Authorization": f"Bearer {person.key}"})
                    assert answer.status_code < 500

            never_a_fault()

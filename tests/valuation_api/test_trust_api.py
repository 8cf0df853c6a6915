"""Trust over HTTP: joining by invitation, vouching, consenting, and seeing no more than one may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.books import accounts, transfers
from ledger.books.store import Ledger
from valuation_api import trust, trust_members

Ask = Callable[..., Any]


class Person:
    """Somebody with a key, at the API."""

    def __init__(self, client: TestClient, key: str, id: str) -> None:
        self.client, self.id, self._key, self._number = client, id, key, 0

    def get(self, path: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self._key}"})

    def post(self, path: str, body: Any = None) -> Any:
        self._number += 1
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": f"{self.id}-{self._number}"}
        return self.client.post(path, json=body, headers=headers)


@pytest.fixture
def api(ledger: Ledger, town_of: Any) -> TestClient:
    return town_of(trust.router(ledger), trust_members.router(ledger))  # type: ignore[no-any-return]


@pytest.fixture
def person(ledger: Ledger, api: TestClient) -> Callable[..., Person]:
    def made(name: str, *scopes: str, tier: str = "verified") -> Person:
        account, key = accounts.create(ledger, name, tier=tier, scopes=scopes)
        return Person(api, key, account.id)

    return made


def test_somebody_joins_with_a_code_and_is_vouched_for(api: TestClient, person: Ask) -> None:
    ada, bob = person("Ada"), person("Bob")
    made = ada.post("/v1/invitations")
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    code = made.json()["code"]
    assert ada.get("/v1/invitations").json()[0]["code"] is None

    asked = {"code": code, "name": "Cy"}
    joined = api.post("/v1/invitations/accept", json=asked, headers={"Idempotency-Key": "join"})
    assert joined.status_code == 201
    cy = Person(api, joined.json()["key"], joined.json()["account"])
    again = api.post("/v1/invitations/accept", json=asked, headers={"Idempotency-Key": "join"})
    assert (again.status_code, again.json()["key"], again.json()["account"]) == (201, None, cy.id)
    used = api.post("/v1/invitations/accept", json=asked, headers={"Idempotency-Key": "other"})
    assert used.status_code == 409

    given = bob.post("/v1/vouches", {"account": "Cy", "note": "a neighbour"})
    assert given.status_code == 201
    assert cy.get(f"/v1/members/{cy.id}").json()["profile"]["tier"] == "verified"
    assert bob.post(f"/v1/vouches/{given.json()['id']}/withdraw").status_code == 200
    assert cy.get(f"/v1/members/{cy.id}").json()["profile"]["tier"] == "basic"
    assert len(cy.get("/v1/vouches").json()) == 2
    assert cy.post("/v1/invitations").status_code == 403


def test_what_is_wrong_is_a_problem_document(api: TestClient, person: Ask) -> None:
    ada = person("Ada")
    wrong = api.post("/v1/invitations/accept", json={"code": "0" * 20, "name": "Cy"}, headers={"Idempotency-Key": "a"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (403, "application/problem+json")
    assert api.post("/v1/invitations/accept", json={"code": "0" * 20, "name": "Cy"}).status_code == 400
    assert api.get("/v1/invitations").status_code == 401
    assert ada.post(f"/v1/invitations/invite_{'0' * 20}/withdraw").status_code == 404
    assert ada.post("/v1/vouches", {"account": "Ada"}).status_code == 422
    assert ada.get(f"/v1/members/acc_{'0' * 20}").status_code == 404


def test_a_member_sees_of_another_what_that_one_has_consented_to(ledger: Ledger, person: Ask) -> None:
    ada, bob = person("Ada"), person("Bob")
    transfers.pay(ledger, key="p", payer=ada.id, payee=bob.id, amount=5_00)
    path = f"/v1/members/{ada.id}"

    seen = bob.get(path).json()
    assert (seen["aggregates"]["enough"], seen["profile"], seen["reputation"]) == (False, None, None)
    for more in ("entries", "at-least/50"):
        assert bob.get(f"{path}/{more}").status_code == 403

    consents = [ada.post("/v1/consents", {"viewer": "Bob", "what": what}).json() for what in ("entries", "reputation")]
    assert [each["amount"] for each in bob.get(f"{path}/entries").json()["entries"]] == ["-5.00"]
    assert bob.get(path).json()["reputation"]["percent"] == 75
    assert bob.get(f"{path}/at-least/37").json()["at_least"]
    assert not bob.get(f"{path}/at-least/38").json()["at_least"]

    for each in consents:
        assert ada.post(f"/v1/consents/{each['id']}/withdraw").status_code == 200
    assert bob.get(f"{path}/entries").status_code == 403
    assert bob.get(path).json()["reputation"] is None
    assert len(bob.get("/v1/consents").json()) == 2


def test_scopes_open_the_log_and_the_communitys_figures_and_each_look_is_logged(person: Ask) -> None:
    ada, tom, ann = person("Ada"), person("Tom", "treasurer"), person("Ann", "analyst")
    assert ada.get("/v1/audit").status_code == ada.get("/v1/community/trades").status_code == 403
    assert ann.get("/v1/community/trades").json() == {"cells": []}
    assert ann.get("/v1/audit").status_code == 403
    assert ann.get(f"/v1/members/{ada.id}/entries").status_code == 403

    assert tom.get(f"/v1/members/{ada.id}/entries").status_code == 200
    (look, *_) = tom.get(f"/v1/audit?subject={ada.id}").json()
    assert (look["action"], look["actor"]) == ("member.looked", tom.id)
    # What a treasurer sees of a member in passing is what everybody sees.
    assert tom.get(f"/v1/members/{ada.id}").json()["profile"] is None


def test_everybody_gets_what_is_held_under_their_name(person: Ask) -> None:
    ada = person("Ada")
    told = ada.get("/v1/members/me/export").json()
    assert told["account"][0]["name"] == "Ada"
    assert "secret_sha256" not in str(told)

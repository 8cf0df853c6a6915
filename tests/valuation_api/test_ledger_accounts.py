"""Accounts over HTTP: one's own, page by page; anybody's for the treasurer; and what shows that the books are whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.books import accounts as book_accounts
from ledger.books import days
from ledger.books.store import Ledger, open_ledger
from ledger.tables import transfer
from valuation_api import accounts, books, transfers

Person = Any


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(*(module.router(ledger) for module in (accounts, transfers, books)))
    return client


@pytest.fixture
def treasurer(ledger: Ledger, new_person: Any) -> Person:
    made = new_person("Tess")
    made.key = book_accounts.new_key(ledger, made.id, scopes=["treasurer"])
    return made


def test_without_a_key_nothing_that_belongs_to_a_person_is_answered(town: TestClient, ada: Person) -> None:
    for headers in ({}, {"Authorization": "Bearer katy"}, {"Authorization": f"Basic {ada.key}"}):
        for path in ("/v1/accounts/me", "/v1/accounts/me/entries", f"/v1/accounts/{ada.id}", "/v1/ledger/verify"):
            answer = town.get(path, headers=headers)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


def test_entries_are_read_page_by_page_and_by_nobody_else(ada: Person, bob: Person, new_person: Any) -> None:
    for number in range(5):
        ada.post("/v1/transfers", {"to": "Bob", "amount": f"{number + 1}.00"})
    ada.post("/v1/transfers", {"to": "Bob", "amount": "30", "unit": "min"})

    amounts, path = [], "/v1/accounts/me/entries?limit=2&unit=K"
    while path:
        page = bob.get(path)
        assert page.headers["Cache-Control"] == "no-store"
        amounts += [entry["amount"] for entry in page.json()["entries"]]
        # What comes in meanwhile moves nothing from one page to another.
        ada.post("/v1/transfers", {"to": "Bob", "amount": "0.01"})
        following = page.json()["next"]
        path = following and f"/v1/accounts/me/entries?limit=2&unit=K&after={following}"
    assert amounts == ["5.00", "4.00", "3.00", "2.00", "1.00"]
    assert [entry["amount"] for entry in bob.entries()][3] == "30"
    assert new_person("Eve").entries() == []


@pytest.mark.parametrize(
    "cursor", ["nonsense", "ZW50cnk6", "dHJhZGU6MTI", "ZW50cnk6LTE", "ZW50cnk6OTk5OTk5OTk5OTk5OTk5OTk5OTk"]
)
def test_a_cursor_that_is_none_is_told_so(ada: Person, cursor: str) -> None:
    answer = ada.get(f"/v1/accounts/me/entries?after={cursor}")

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "`next` of a page" in answer.json()["detail"]


def test_any_account_is_shown_to_the_treasurer_alone(ada: Person, bob: Person, treasurer: Person) -> None:
    ada.post("/v1/transfers", {"to": "Bob", "amount": "4.00"})

    told = treasurer.get(f"/v1/accounts/{bob.id}").json()
    assert (told["name"], told["balances"]["K"]["balance"]) == ("Bob", "4.00")
    refused = ada.get(f"/v1/accounts/{bob.id}")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:katy:problem:not-allowed")
    assert "scope treasurer" in refused.json()["detail"]
    assert treasurer.get("/v1/accounts/acc_" + "0" * 20).status_code == 404


def test_an_entry_is_proved_to_its_own_account_under_a_root_that_all_may_read(
    town: TestClient, ledger: Ledger, ada: Person, bob: Person, new_person: Any, treasurer: Person
) -> None:
    ada.post("/v1/transfers", {"to": "Bob", "amount": "4.00"})
    seq = bob.entries()[0]["seq"]
    assert bob.get(f"/v1/ledger/entries/{seq}/proof").status_code == 404  # its day is not over
    later = open_ledger(str(ledger.engine.url), clock=lambda: datetime(2026, 11, 15, 9, tzinfo=UTC))
    (made,) = days.close_days(later)
    later.close()

    assert town.get("/v1/ledger/roots").json() == {"roots": [made.model_dump()], "next": None}
    assert town.get("/v1/ledger/roots?before=2026-11-14").json()["roots"] == []
    for person in (bob, treasurer):
        proof = days.Proof.model_validate(person.get(f"/v1/ledger/entries/{seq}/proof").json())
        assert proof.holds()
        assert proof.day == made
    for person, entry in ((ada, seq), (new_person("Eve"), seq), (ada, 99)):
        assert person.get(f"/v1/ledger/entries/{entry}/proof").status_code == 404


def test_the_treasurer_has_the_books_replayed(ledger: Ledger, ada: Person, bob: Person, treasurer: Person) -> None:
    ada.post("/v1/transfers", {"to": "Bob", "amount": "4.00"})
    assert ada.get("/v1/ledger/verify").status_code == 403
    assert treasurer.get("/v1/ledger/verify").json()["sound"]

    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER transfer_refuses_update")
        connection.execute(transfer.update().values(memo="a gift"))
    told = treasurer.get("/v1/ledger/verify").json()
    assert (told["sound"], told["faults"][0]["where"], told["more_faults"]) == (False, "entry 1", 0)

"""What waits for a signer, over HTTP: they read what they are asked to sign, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.books import accounts, signing
from ledger.books.store import Ledger
from ledger.trading import schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft
from valuation_api import trades as routes


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    made: TestClient = town_of(routes.router(ledger))
    return made


@pytest.fixture
def mill(ledger: Ledger, new_person: Any, ada: Any, bob: Any) -> Any:
    """A business for which Ada and Bob sign."""
    made = new_person("Mill", kind="business", tier="business")
    for member in ("Ada", "Bob"):
        signing.add_signer(ledger, "Mill", member)
    return made


@pytest.fixture
def legs(ledger: Ledger, mill: Any) -> list[LegDraft]:
    """Somebody works for the mill for 600 K."""
    accounts.create(ledger, "Cy", tier="verified")
    work = LegDraft(giver="proposer", kind="time", minutes=1800, description="sawing")
    return [work, LegDraft(giver="counterparty", kind="k", amount=600_00)]


def parties(ledger: Ledger) -> dict[str, str]:
    return {"proposer": accounts.find(ledger, "Cy").id, "counterparty": "Mill"}


def test_a_signer_reads_the_trades_to_sign_signs_their_terms_and_is_asked_no_more(
    ledger: Ledger, legs: list[LegDraft], ada: Any, bob: Any, mill: Any
) -> None:
    made = trades.propose(ledger, key="p", **parties(ledger), legs=legs)
    told = ada.get("/v1/trades/to-sign").json()["trades"]
    assert [each["trade"]["id"] for each in told] == [made.id]
    found = told[0]["signatures"]
    assert (found["business"]["name"], found["pays"], found["needed"], found["signed"]) == ("Mill", "606.00", 2, 0)
    terms = {"terms_sha256": told[0]["trade"]["terms_sha256"]}
    assert ada.post(f"/v1/trades/{made.id}/sign", terms).status_code == 200
    assert ada.get("/v1/trades/to-sign").json() == {"trades": [], "next": None} == mill.get("/v1/trades/to-sign").json()
    assert bob.get("/v1/trades/to-sign").json()["trades"][0]["signatures"]["signed"] == 1
    assert ada.get(f"/v1/trades/{made.id}").status_code == 404


def test_a_signer_reads_the_schedules_to_sign_and_what_they_pay_at_once(
    ledger: Ledger, legs: list[LegDraft], ada: Any, mill: Any
) -> None:
    day = ledger.clock().date()
    often = [ScheduledDraft(leg=leg, first_day=day, every_days=28, times=2) for leg in legs]
    made = schedules.propose(ledger, key="p", **parties(ledger), legs=often)
    (told,) = ada.get("/v1/schedules/to-sign").json()["schedules"]
    assert told["signatures"] == {
        "business": {"id": accounts.find(ledger, "Mill").id, "name": "Mill"},
        "pays": "606.00",
        "needed": 2,
        "signed": 0,
        "too_few": False,
    }
    assert (told["fee"], told["insurance"], told["alone"]) == ("6.00", "0.00", "500.00")
    assert told["schedule"]["legs"][0]["every_days"] == 28
    terms = {"terms_sha256": told["schedule"]["terms_sha256"]}
    assert ada.post(f"/v1/schedules/{made.id}/sign", terms).status_code == 200
    answer = ada.get("/v1/schedules/to-sign")
    assert answer.json() == {"schedules": [], "next": None} == mill.get("/v1/schedules/to-sign").json()
    assert answer.headers["cache-control"] == "no-store"


def test_what_waits_for_a_signature_is_read_page_by_page(ledger: Ledger, legs: list[LegDraft], ada: Any) -> None:
    day = ledger.clock().date()
    often = [ScheduledDraft(leg=leg, first_day=day, every_days=28, times=2) for leg in legs]
    made = {
        "trades": [trades.propose(ledger, key=f"t{n}", **parties(ledger), legs=legs).id for n in range(3)],
        "schedules": [schedules.propose(ledger, key=f"s{n}", **parties(ledger), legs=often).id for n in range(3)],
    }
    for kind, ids in made.items():
        first = ada.get(f"/v1/{kind}/to-sign?limit=2").json()
        second = ada.get(f"/v1/{kind}/to-sign?limit=2&after={first['next']}").json()
        told = [each[kind.removesuffix("s")]["id"] for page in (first, second) for each in page[kind]]
        assert (len(first[kind]), sorted(told), second["next"]) == (2, sorted(ids), None)
        nobodys = f"{kind.removesuffix('s')}_{'0' * 20}"
        assert ada.get(f"/v1/{kind}/to-sign?after={nobodys}").status_code == 422
        assert ada.get(f"/v1/{kind}/to-sign?after=x").status_code == 422


def test_without_a_key_nothing_is_told(town: TestClient) -> None:
    for path in ("/v1/trades/to-sign", "/v1/schedules/to-sign"):
        assert town.get(path).status_code == 401

"""The tax papers over HTTP: everybody sees their own, the treasurer the sum, nobody a whole number."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.books.store import Ledger
from ledger.tax import barter, kind
from ledger.trading import given, trades
from ledger.trading.legs import LegDraft
from valuation_api import tax
from warehouse.valuation import Factor, Subject, Valuation, ValuationRequest, valuation_id

KEY = bytes(range(32))
SNAPSHOT = "20261114T000000Z-00000000"
PROFILE = {
    "legal_name": "Ada Baker",
    "address": "2 Main Street, Saint Charles, MO 63301",
    "tin": {"kind": "ssn", "number": "536-90-4399"},
}
Person = Any


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(tax.router(ledger, lambda: KEY))
    return client


@pytest.fixture
def baker(new_person: Any) -> Person:
    return new_person("Baker")


@pytest.fixture
def mechanic(new_person: Any) -> Person:
    return new_person("Mechanic")


@pytest.fixture
def story(ledger: Ledger, baker: Person, mechanic: Person, monkeypatch: pytest.MonkeyPatch) -> str:
    """7 loaves at 6.50 against a repair at 45 and 0.50 K, in a barter exchange."""
    monkeypatch.setattr(barter, "FEWEST_EXCHANGES", 1)
    kind.put(ledger, kind="barter_exchange", holds_from=date(2026, 1, 1), name="Katy Trail Exchange")
    legs = (
        LegDraft(giver="proposer", kind="goods", quantity=Decimal(7), valuation=worth(ledger, "loaf of bread", "6.50")),
        LegDraft(giver="counterparty", kind="service", valuation=worth(ledger, "bicycle repair", "45.00")),
        LegDraft(giver="counterparty", kind="k", amount=50),
    )
    made = trades.propose(ledger, key="p", proposer=baker.id, counterparty=mechanic.id, legs=legs)
    trades.accept(ledger, key="a", by=mechanic.id, trade_id=made.id)
    for person in (baker, mechanic):
        trades.confirm(ledger, key="c", by=person.id, trade_id=made.id)
    return made.id


def worth(ledger: Ledger, text: str, fmv: str) -> str:
    request = ValuationRequest(text=text)
    made = Valuation(
        id=valuation_id(SNAPSHOT, "test", request),
        subject=Subject(asked=request, understood={}),
        value_date="2026-11-13",
        currency="USD",
        fmv=fmv,
        market_value=fmv,
        low="1.00",
        high="200.00",
        confidence="B",
        base=f"{fmv}0000",
        factors=[Factor(name="season", value="1.000000", evidence=["no data"])],
        comparables=[],
        dampening=None,
        narrative="",
        snapshot=SNAPSHOT,
        model="test",
        reason=None,
    )
    given.keep(ledger, made, request)
    return made.id


def test_each_side_sees_its_own_year(story: str, baker: Person, mechanic: Person) -> None:
    own, other = (person.get("/v1/tax/years/2026") for person in (baker, mechanic))

    assert own.headers["Cache-Control"] == "no-store"
    assert (own.json()["barter"], other.json()["barter"], other.json()["bought"]) == ("45.50", "45.00", "0.50")
    assert own.json()["trades"][0]["trade"] == story
    assert own.json()["estimate"] is None


def test_who_traded_nothing_has_an_empty_year_and_no_form(story: str, new_person: Any) -> None:
    stranger = new_person("Stranger")

    assert stranger.get("/v1/tax/years/2026").json()["trades"] == []
    refused = stranger.get("/v1/tax/years/2026/1099b.pdf")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:katy:problem:not-filed")
    assert "no Form 1099-B of 2026" in refused.json()["detail"]


def test_a_payees_copies_are_a_pdf_and_a_table_by_box(story: str, baker: Person) -> None:
    baker.ask("PUT", "/v1/tax/profile", PROFILE)

    pdf, table = (baker.get(f"/v1/tax/years/2026/1099b.{form}") for form in ("pdf", "csv"))

    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    (row,) = csv.DictReader(io.StringIO(table.text))
    assert (row["recipient_tin"], row["box_13"]) == ("XXX-XX-4399", "45.50")


def test_a_number_goes_in_whole_and_comes_out_short(baker: Person, town: TestClient) -> None:
    before = baker.get("/v1/tax/profile").json()
    assert before["given"] is False
    assert "backup withholding" in before["warning"]

    said = baker.ask("PUT", "/v1/tax/profile", PROFILE, key="one")

    assert said.status_code == 200
    assert (said.json()["tin"], said.json()["warning"]) == ("XXX-XX-4399", None)
    assert baker.ask("PUT", "/v1/tax/profile", PROFILE, key="one").json() == said.json()
    other = {**PROFILE, "tin": {"kind": "ssn", "number": "536-90-4398"}}
    assert baker.ask("PUT", "/v1/tax/profile", other, key="one").status_code == 422
    assert baker.get("/v1/tax/profile").json() == said.json()


def test_what_is_no_number_is_refused_without_repeating_it(baker: Person) -> None:
    wrong = {**PROFILE, "tin": {"kind": "ssn", "number": "000-12-3456"}}

    refused = baker.ask("PUT", "/v1/tax/profile", wrong)

    assert refused.status_code == 422
    assert "000-12-3456" not in refused.text


def test_a_number_of_the_wrong_shape_is_not_repeated_either(baker: Person) -> None:
    refused = baker.ask("PUT", "/v1/tax/profile", {**PROFILE, "tin": {"kind": "ssn", "number": "536904399a"}})

    assert refused.status_code == 422
    assert "536904399" not in refused.text


def test_notes_and_an_estimate_for_who_switches_it_on(story: str, baker: Person, mechanic: Person) -> None:
    asked = {"trade": story, "position": 1, "kind": "basis", "amount": "10.50", "text": "flour"}
    assert baker.post("/v1/tax/notes", asked).json()["amount"] == "10.50"
    assert baker.post("/v1/tax/notes", {**asked, "position": 9}).status_code == 422
    baker.ask("PUT", "/v1/tax/profile", {**PROFILE, "estimate": True, "marginal_rate": "12"})

    told = baker.get("/v1/tax/years/2026").json()

    assert told["basis"] == "10.50"
    assert told["estimate"]["net"] == "35.00"
    assert "estimate, not advice" in told["estimate"]["notes"][0]
    assert mechanic.get("/v1/tax/years/2026").json()["estimate"] is None


@pytest.mark.parametrize("form", ["beancount", "hledger", "iif", "csv"])
def test_books_are_ones_own_and_the_communitys_are_the_treasurers(
    story: str, baker: Person, new_person: Any, form: str
) -> None:
    treasurer = new_person("Treasurer", scopes=("member", "treasurer"))

    own = baker.get(f"/v1/tax/years/2026/books/{form}")
    refused = baker.get(f"/v1/tax/years/2026/community-books/{form}")
    everybody = treasurer.get(f"/v1/tax/years/2026/community-books/{form}")

    assert own.status_code == everybody.status_code == 200
    assert "Income:Barter" in own.text
    assert refused.status_code == 403
    assert "Mechanic" in everybody.text


def test_the_sum_is_the_treasurers(story: str, baker: Person, new_person: Any) -> None:
    treasurer = new_person("Treasurer", scopes=("member", "treasurer"))

    told = treasurer.get("/v1/tax/years/2026/transmittal")

    assert baker.get("/v1/tax/years/2026/transmittal").status_code == 403
    assert (told.json()["filed"], told.json()["box_13"], told.json()["received"]) == (False, "90.50", "91.00")
    assert list(told.json()["left"].values()) == ["0.50"]


def test_without_a_key_there_are_no_papers(town: TestClient) -> None:
    for path in ("years/2026", "years/2026/1099b.pdf", "years/2026/books/csv", "profile"):
        assert town.get(f"/v1/tax/{path}").status_code == 401

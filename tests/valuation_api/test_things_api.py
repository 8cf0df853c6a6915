"""Things over HTTP: with a key, for their owner alone, once for each idempotency key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from ledger.books.store import Ledger
from ledger.owned import thing_values
from ledger.owned import things as books
from ledger.owned.thing_terms import Owned
from ledger.owned.thing_values import Seen
from ledger.owned.things import Valued
from valuation_api import problems, things, watches
from valuation_api.thing_shapes import ThingAsked

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
DRILL = {"title": "Makita DHP453 cordless drill", "paid": "60.00", "currency": "USD", "condition": "like new"}
ABSENT = "thing_00000000000000000000"
CSV = "sku,title,cost,qty\nA-1,Chair,5,1\nA-2,Lamp,x,1\nA-3,Table,7,0\n"


Person = Any


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(things.router(ledger), watches.router(ledger))
    return client


def valued(ledger: Ledger, thing: str, fmv: str, low: str, snapshot: str = "s1") -> None:
    owner = books.owner(ledger, thing)
    found = books.view(ledger, by=owner, thing_id=thing)
    value = Valued(
        snapshot=snapshot, value_date="2026-11-13", currency="USD", fmv=fmv, low=low, high="999", confidence="B",
        reason=None,
    )  # fmt: skip
    thing_values.judge(ledger, [Seen(thing=thing, question=found.owned.question, value=value, product="p")])


def test_a_thing_is_registered_read_changed_and_removed(ada: Person) -> None:
    made = ada.ask("POST", "/v1/things", {**DRILL, "attributes": {"voltage": "18 V"}, "external_id": "A-1"})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    told = made.json()
    assert (told["title"], told["paid"], told["quantity"], told["checked"]) == (DRILL["title"], "60.00", 1, None)

    where = made.headers["Location"]
    assert ada.ask("GET", where).json() == told
    assert ada.ask("GET", "/v1/things").json() == {"items": [told], "next_after": None}
    changed = ada.ask("PATCH", where, {"worth": "90", "condition": None, "attributes": {"chuck": "13 mm"}}).json()
    assert (changed["worth"], changed["condition"], changed["paid"]) == ("90", None, "60.00")
    assert changed["attributes"] == {"chuck": "13 mm", "voltage": "18 V"}
    gone = ada.ask("DELETE", where)
    assert (gone.status_code, gone.json()) == (200, {"id": told["id"]})
    assert ada.ask("GET", where).status_code == 404
    assert ada.ask("GET", "/v1/things").json()["items"] == []


def test_what_a_thing_is_worth_is_told_to_its_owner(ledger: Ledger, ada: Person) -> None:
    id = ada.ask("POST", "/v1/things", DRILL).json()["id"]
    valued(ledger, id, "120.00", "96.00")
    valued(ledger, id, "125.00", "99.00", "s2")

    checked = ada.ask("GET", f"/v1/things/{id}").json()["checked"]
    assert (checked["fmv"], checked["currency"], checked["snapshot"], checked["product"]) == (
        "125.00",
        "USD",
        "s2",
        "p",
    )
    values = ada.ask("GET", f"/v1/things/{id}/values").json()["items"]
    assert [(each["snapshot"], each["fmv"]) for each in values] == [("s2", "125.00"), ("s1", "120.00")]
    (told,) = ada.ask("GET", "/v1/notices").json()["items"]
    assert (told["kind"], told["data"]["thing"], told["watch"]) == ("thing", id, None)
    ada.ask("DELETE", f"/v1/things/{id}")
    assert ada.ask("GET", "/v1/notices?dismissed=true").json()["items"] == []


def test_nobody_sees_or_touches_what_is_another_s(ledger: Ledger, ada: Person, bob: Person) -> None:
    id = ada.ask("POST", "/v1/things", {**DRILL, "external_id": "A-1"}).json()["id"]
    valued(ledger, id, "120.00", "96.00")
    before = ada.ask("GET", f"/v1/things/{id}").json()

    for method, path, body in (
        ("GET", "/v1/things/{}", None),
        ("PATCH", "/v1/things/{}", {"worth": "1"}),
        ("DELETE", "/v1/things/{}", None),
        ("GET", "/v1/things/{}/values", None),
    ):
        theirs, none = (bob.ask(method, path.format(each), body) for each in (id, ABSENT))
        assert theirs.status_code == none.status_code == 404
        said = [answer.text.replace(each, "ID") for answer, each in ((theirs, id), (none, ABSENT))]
        assert said[0] == said[1], "as if it were not there"
    assert bob.ask("GET", "/v1/things").json()["items"] == bob.ask("GET", "/v1/notices").json()["items"] == []
    theirs, none = (bob.ask("GET", f"/v1/things?after={each}") for each in (id, ABSENT))
    assert theirs.text.replace(id, "ID") == none.text.replace(ABSENT, "ID")
    assert bob.bring("sku,title\nA-1,Mine\n").json()["added"] == 1
    assert bob.ask("POST", "/v1/things", {**DRILL, "external_id": "A-9"}).status_code == 201
    assert ada.ask("GET", f"/v1/things/{id}").json() == before
    assert len(ada.ask("GET", "/v1/things").json()["items"]) == 1


def test_one_idempotency_key_registers_one_thing(ada: Person) -> None:
    first = ada.ask("POST", "/v1/things", DRILL, key="k")
    assert ada.ask("POST", "/v1/things", DRILL, key="k").json() == first.json()
    other = ada.ask("POST", "/v1/things", {**DRILL, "paid": "61"}, key="k")
    assert other.json()["type"] == "urn:katy:problem:idempotency-key-reused"
    assert len(ada.ask("GET", "/v1/things").json()["items"]) == 1


def test_an_inventory_is_taken_row_by_row_and_the_same_again_adds_nothing(ada: Person) -> None:
    tried = ada.bring(CSV, "?currency=USD&dry_run=true").json()
    assert ada.ask("GET", "/v1/things").json()["items"] == []
    brought = ada.bring(CSV, "?currency=USD&region=US-MO", key="k").json()
    assert {**tried, "dry_run": False} == brought
    assert (brought["form"], brought["rows"], brought["added"]) == ("table", 3, 1)
    assert {each["place"]: each["reason"] for each in brought["left_out"]} == {
        "inventory.csv line 3": "bad_amount", "inventory.csv line 4": "none_in_stock",
    }  # fmt: skip
    assert ada.bring(CSV, "?currency=USD&region=US-MO", key="k").json() == brought
    again = ada.bring(CSV, "?currency=USD&region=US-MO").json()
    assert (again["added"], again["changed"], again["known"]) == (0, 0, 1)
    (chair,) = ada.ask("GET", "/v1/things").json()["items"]
    assert (chair["external_id"], chair["paid"], chair["region"]) == ("A-1", "5", "US-MO")


def test_an_inventory_may_come_as_a_form(ada: Person) -> None:
    file = {"file": ("stock.csv", CSV, "text/csv")}
    assert ada.ask("POST", "/v1/things/import?currency=USD", files=file).json()["added"] == 1
    nothing = ada.ask("POST", "/v1/things/import", files={"other": ("a.csv", CSV, "text/csv")})
    assert (nothing.status_code, nothing.json()["type"]) == (422, "urn:katy:problem:no-file")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"PK\x03\x04", "text/csv", 422),
        (b"", "text/csv", 422),
        (b"\x1f\x8b\x08", "text/csv", 422),
        (b"colour\nred\n", "text/csv", 422),
        (b"not a form", "multipart/form-data; boundary=x", 400),
    ],
)
def test_what_is_no_inventory_is_a_problem_in_words(ada: Person, content: bytes, kind: str, status: int) -> None:
    answer = ada.ask("POST", "/v1/things/import", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == problems.MEDIA_TYPE
    assert "/tmp" not in answer.text


def test_things_come_in_pages(ada: Person) -> None:
    rows = "".join(f"Thing {number}\n" for number in range(7))
    assert ada.bring(f"title\n{rows}").json()["added"] == 7
    seen, path = [], "/v1/things?limit=3"
    while True:
        page = ada.ask("GET", path).json()
        seen += [each["id"] for each in page["items"]]
        if page["next_after"] is None:
            break
        path = f"/v1/things?limit=3&after={page['next_after']}"
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/things"),
        ("GET", "/v1/things"),
        ("POST", "/v1/things/import"),
        ("GET", f"/v1/things/{ABSENT}"),
        ("PATCH", f"/v1/things/{ABSENT}"),
        ("DELETE", f"/v1/things/{ABSENT}"),
        ("GET", f"/v1/things/{ABSENT}/values"),
    ],
)
def test_without_a_key_nothing_is_told(town: TestClient, method: str, path: str) -> None:
    body = {"content": b"title\nx\n"} if path.endswith("import") else {"json": DRILL}
    headers = {"Idempotency-Key": "k", **({"Content-Type": "text/csv"} if path.endswith("import") else {})}
    answer = town.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == problems.MEDIA_TYPE


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": ""}, "#/title"),
        ({"title": None}, "#/title"),
        ({"title": "nul \x00"}, "#/title"),
        ({"title": "x" * 501}, "#/title"),
        ({"paid": "-5"}, "#/paid"),
        ({"paid": 5}, "#/paid"),
        ({"currency": "usd"}, "#/currency"),
        ({"quantity": "3"}, "#/quantity"),
        ({"quantity": -1}, "#/quantity"),
        ({"attributes": {str(n): "x" for n in range(31)}}, "#/attributes"),
        ({"colour": "red"}, "#/colour"),
    ],
)
def test_what_cannot_be_said_is_refused_by_its_place(ada: Person, change: Any, place: str) -> None:
    answer = ada.ask("POST", "/v1/things", {**DRILL, **change})
    assert answer.status_code == 422
    assert any(error["pointer"].startswith(place) for error in answer.json()["errors"])


def test_a_refusal_of_the_books_is_a_problem_in_words(ada: Person) -> None:
    for change, told in (({"gtin": "4006381333932"}, "check digit"), ({"currency": "QQQ"}, "ISO 4217")):
        answer = ada.ask("POST", "/v1/things", {**DRILL, **change})
        assert answer.status_code == 422
        assert told in answer.json()["detail"]
    id = ada.ask("POST", "/v1/things", DRILL).json()["id"]
    assert ada.ask("PATCH", f"/v1/things/{id}", {"title": None}).status_code == 422
    assert ada.ask("PATCH", f"/v1/things/{id}", {"external_id": "x"}).status_code == 422


def test_a_thing_over_the_wire_has_the_fields_that_the_books_keep() -> None:
    assert set(ThingAsked.model_fields) == set(Owned.model_fields)


def test_nothing_a_person_can_send_makes_it_fail(town: TestClient, ada: Person) -> None:
    """Whatever the OpenAPI document allows or forbids, sent with a key: an answer or a problem, never a fault."""
    described = schemathesis.openapi.from_asgi("/openapi.json", town.app)
    tried = 0
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if not operation.path.startswith("/v1/things"):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            @given(case=operation.as_strategy(generation_mode=mode))
            def never_a_fault(case: Any) -> None:
                answer = case.call(headers={"Authorization": f"Bearer {ada.key}"})
                assert answer.status_code < 500

            never_a_fault()
            tried += 1
    assert tried == 14

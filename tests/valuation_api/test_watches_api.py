"""Price watches and notices over HTTP: with a key, for their owner alone, once for each idempotency key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from features.condition import scale
from ledger.books.store import Ledger
from ledger.watching import watches as books
from ledger.watching.watch_rules import Point
from ledger.watching.watches import Seen
from valuation_api import problems, watches
from valuation_api.watch_shapes import Condition

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
CREEP = {"subject": {"words": "makita drill"}, "rule": {"kind": "change", "percent": "10", "direction": "down"}}


Person = Any


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    client: TestClient = town_of(watches.router(ledger))
    return client


def saw(ledger: Ledger, watch: str, *prices: int) -> None:
    series = [Point(date(2026, 11, 1) + timedelta(days=day), Decimal(price)) for day, price in enumerate(prices)]
    books.judge(
        ledger, watch, Seen(snapshot="s", today=date(2026, 11, 14), currency="USD", title="Drill", series=series)
    )


def test_a_watch_is_made_read_listed_and_ended(ada: Person) -> None:
    made = ada.ask("POST", "/v1/watches", CREEP)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    told = made.json()
    assert told["in_words"] == '"makita drill": 10 % down within 30 days'
    assert told["checked"] is None

    assert ada.ask("GET", made.headers["Location"]).json() == told
    assert ada.ask("GET", "/v1/watches").json() == {"items": [told]}
    ended = ada.ask("DELETE", made.headers["Location"])
    assert ended.status_code == 200
    assert ended.json()["cancelled_at"] is not None
    assert ada.ask("GET", "/v1/watches").json() == {"items": []}


def test_every_filter_and_rule_is_kept(ada: Person) -> None:
    asked = {
        "subject": {"product": "makita-dhp453"},
        "rule": {"kind": "below", "amount": "80.50"},
        "window_days": 90,
        "kind": "sold",
        "price": "lowest",
        "region": "US-MO",
        "condition": "used",
        "currency": "USD",
        "unit": "piece",
    }
    terms = ada.ask("POST", "/v1/watches", asked).json()["terms"]
    assert terms == {
        **{name: asked[name] for name in asked if name not in ("subject", "rule")},
        "product": "makita-dhp453", "words": None, "rule": "below", "amount": "80.5", "percent": None,
        "direction": "either",
    }  # fmt: skip


def test_what_is_seen_becomes_a_notice_that_repeats_until_it_is_dismissed(ledger: Ledger, ada: Person) -> None:
    watch = ada.ask("POST", "/v1/watches", CREEP).json()["id"]
    saw(ledger, watch, 100, 97, 94, 91, 89)
    saw(ledger, watch, 100, 97, 94, 91, 89, 88)

    (told,) = ada.ask("GET", "/v1/notices").json()["items"]
    assert (told["watch"], told["repeated"], told["subject"]) == (watch, 1, "Drill down 12.0 %: 88 USD")
    assert told["data"]["since"] == {"day": "2026-11-01", "price": "100"}
    assert ada.ask("GET", f"/v1/watches/{watch}").json()["checked"]["price"] == "88"

    gone = ada.ask("POST", f"/v1/notices/{told['id']}/dismiss")
    assert gone.json()["dismissed_at"] is not None
    saw(ledger, watch, 100, 97, 94, 91, 89, 88, 87)
    assert ada.ask("GET", "/v1/notices").json()["items"] == []
    assert len(ada.ask("GET", "/v1/notices?dismissed=true").json()["items"]) == 1


def test_notices_come_in_pages(ledger: Ledger, ada: Person) -> None:
    for percent in range(1, 6):
        asked = {**CREEP, "rule": {"kind": "change", "percent": str(percent)}}
        saw(ledger, ada.ask("POST", "/v1/watches", asked).json()["id"], 100, 50)
    seen, path = [], "/v1/notices?limit=2"
    while True:
        page = ada.ask("GET", path).json()
        seen += [each["id"] for each in page["items"]]
        if page["next_before"] is None:
            break
        path = f"/v1/notices?limit=2&before={page['next_before']}"
    assert len(seen) == len(set(seen)) == 5


def test_one_idempotency_key_makes_one_watch(ada: Person) -> None:
    first = ada.ask("POST", "/v1/watches", CREEP, key="k")
    assert ada.ask("POST", "/v1/watches", CREEP, key="k").json() == first.json()
    other = {**CREEP, "window_days": 7}
    assert ada.ask("POST", "/v1/watches", other, key="k").json()["type"] == "urn:katy:problem:idempotency-key-reused"


def test_nobody_sees_or_touches_what_is_another_s(ledger: Ledger, ada: Person, bob: Person) -> None:
    watch = ada.ask("POST", "/v1/watches", CREEP).json()["id"]
    saw(ledger, watch, 100, 50)
    notice = ada.ask("GET", "/v1/notices").json()["items"][0]["id"]

    assert bob.ask("GET", "/v1/watches").json() == {"items": []}
    assert bob.ask("GET", "/v1/notices").json()["items"] == []
    for method, path in (
        ("GET", f"/v1/watches/{watch}"),
        ("DELETE", f"/v1/watches/{watch}"),
        ("POST", f"/v1/notices/{notice}/dismiss"),
    ):
        assert bob.ask(method, path).status_code == 404
    assert bob.ask("GET", f"/v1/notices?before={notice}").status_code == 422
    assert len(ada.ask("GET", "/v1/notices").json()["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/watches"),
        ("GET", "/v1/watches"),
        ("GET", "/v1/watches/watch_00000000000000000000"),
        ("DELETE", "/v1/watches/watch_00000000000000000000"),
        ("GET", "/v1/notices"),
        ("POST", "/v1/notices/notice_00000000000000000000/dismiss"),
    ],
)
def test_without_a_key_nothing_is_told(town: TestClient, method: str, path: str) -> None:
    answer = town.request(method, path, json=CREEP, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == problems.MEDIA_TYPE


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"subject": {}}, "#/subject"),
        ({"subject": {"words": "a", "product": "b"}}, "#/subject"),
        ({"subject": {"words": "nul \x00"}}, "#/subject"),
        ({"rule": {"kind": "change"}}, "#/rule/percent"),
        ({"rule": {"kind": "below", "amount": "-5"}}, "#/rule/amount"),
        ({"rule": {"kind": "below", "amount": 5}}, "#/rule/amount"),
        ({"window_days": 8}, "#/window_days"),
        ({"condition": "shiny"}, "#/condition"),
        ({"currency": "usd"}, "#/currency"),
        ({"colour": "red"}, "#/colour"),
    ],
)
def test_what_cannot_be_watched_is_refused_by_its_place(ada: Person, change: Any, place: str) -> None:
    answer = ada.ask("POST", "/v1/watches", {**CREEP, **change})
    assert answer.status_code == 422
    assert any(error["pointer"].startswith(place) for error in answer.json()["errors"])


def test_a_refusal_of_the_books_is_a_problem_in_words(ada: Person) -> None:
    answer = ada.ask("POST", "/v1/watches", {**CREEP, "subject": {"words": "?!"}})
    assert answer.status_code == 422
    assert "no word to search for" in answer.json()["detail"]


def test_the_conditions_are_those_of_the_published_scale() -> None:
    assert set(get_args(Condition)) == {*scale().grades, "used"}


def test_nothing_a_person_can_send_makes_it_fail(town: TestClient, ada: Person) -> None:
    """Whatever the OpenAPI document allows or forbids, sent with a key: an answer or a problem, never a fault."""
    described = schemathesis.openapi.from_asgi("/openapi.json", town.app)
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            @given(case=operation.as_strategy(generation_mode=mode))
            def never_a_fault(case: Any) -> None:
                answer = case.call(headers={"Authorization": f"Bearer {ada.key}"})
                assert answer.status_code < 500

            never_a_fault()

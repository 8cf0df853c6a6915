"""The community's policy over HTTP: what holds, what would be done to whom, doing it once, crises, and own shares."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fastapi.testclient import TestClient

from ledger import verification
from ledger.books.store import Ledger, open_ledger
from ledger.community import facts
from ledger.policy import sections, sections_crises, sections_giving, trading
from ledger.policy import verification as trust
from valuation_api import policy
from valuation_api.policy_shapes import RAILS


class Clock:
    now = datetime(2026, 11, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, _empty_books: Path, clock: Clock) -> Iterator[Ledger]:
    shutil.copyfile(_empty_books, tmp_path / "ledger.sqlite")
    opened = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def town(ledger: Ledger, town_of: Any) -> TestClient:
    return town_of(policy.router(ledger))  # type: ignore[no-any-return]


@pytest.fixture
def tom(new_person: Callable[..., Any]) -> Any:
    """The treasurer; no member who could get anything himself."""
    return new_person("Tom", kind="business", tier="business", scopes=("treasurer",))


@pytest.fixture
def settled(ada: Any, bob: Any, tom: Any, clock: Clock) -> None:
    """Ada and Bob have been members for a week: a grant is due."""
    clock.now += timedelta(days=8)


DECLARED = {"kind": "natural_disaster", "ends_on": "2026-11-30", "note": "the river, says the mayor"}


def test_every_member_reads_the_policy_that_holds(ada: Any) -> None:
    told = ada.get("/v1/policy").json()

    assert (told["day"], told["holds_from"], told["dates"]) == ("2026-11-14", "2000-01-01", ["2000-01-01"])
    assert told["tiers"]["verified"]["limits"]["K"] == {"floor": "-500.00", "ceiling": "5000.00", "daily": "1000.00"}
    assert told["tiers"]["verified"]["limits"]["min"]["floor"] == "-2400"
    assert told["tiers"]["community"]["exempt"] is None
    assert told["rules"]["fee"] == {"percent": "0.01", "paid_by": "payer", "into": "pool"}
    assert told["rules"]["grants"]["points"]["vouch"] == {"each": "2.00", "most": 3}
    assert told["rules"]["jubilee"]["above"] == "1000.00"
    assert told["crises"] == []
    assert ada.get("/v1/policy?on=1999-12-31").status_code == 422
    assert ada.get("/v1/policy?on=soon").status_code == 422


def test_no_amount_of_a_rule_is_told_as_a_bare_number_of_rails() -> None:
    # Whole numbers that are no rails: counts, days, per cent.
    plain = {
        sections_giving.Points: {"most"},
        sections_giving.Grants: {"after_days"},
        sections_giving.Work: {"days"},
        sections_giving.Essentials: {"days"},
        sections_giving.Jubilee: {"within_days"},
        trading.Escrow: {"trades_below"},
        trading.Witnesses: {"count"},
        trading.Local: {"beyond"},
        trust.Level: {"vouches"},
    }
    found = list(get_type_hints(sections.Sections).values())
    kinds = {each for hint in found for each in (hint, *getattr(hint, "__args__", ())) if is_dataclass(each)}
    kinds |= {sections_crises.CrisisRule, sections_giving.Points, trust.Level}
    for kind in kinds:
        whole = {each.name for each in fields(kind) if each.type in {"int", "int | None"}}
        days = {name for name in whole if "day" in name or kind in {trust.Verification, trust.Privacy}}
        assert whole - days - plain.get(kind, set()) == set(RAILS.get(kind, ())), kind


def test_members_see_sums_of_the_communitys_accounts_and_none_of_its_members(ada: Any) -> None:
    told = {(each["name"], each["unit"]): each for each in ada.get("/v1/policy/accounts").json()["accounts"]}

    assert told["pool", "K"]["balance"] == "0.00"
    assert told["grants", "K"]["cap"] == "-50000.00"
    assert told["work", "min"]["cap"] == "-600000"
    assert told["cash", "K"]["cap"] is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/policy/rules/grants/preview", None),
        ("POST", "/v1/policy/rules/grants/run", None),
        ("GET", "/v1/policy/runs", None),
        ("GET", "/v1/policy/runs/grants/2026-11-22", None),
        ("GET", "/v1/policy/runs/grants/2026-11-22/shares", None),
        ("GET", "/v1/policy/crises", None),
        ("POST", "/v1/policy/crises", DECLARED),
        ("POST", f"/v1/policy/crises/crisis_{'0' * 20}/end", None),
    ],
)
def test_only_the_treasurer_runs_rules_and_declares_crises(
    settled: None, ada: Any, town: TestClient, method: str, path: str, body: Any
) -> None:
    refused = ada.ask(method, path, body)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert town.request(method, path, json=body, headers={"Idempotency-Key": "k"}).status_code == 401


@pytest.mark.parametrize("path", ["/v1/policy", "/v1/policy/accounts", "/v1/policy/shares", "/v1/policy/credits"])
def test_what_members_read_needs_a_key(town: TestClient, path: str) -> None:
    assert town.get(path).status_code == 401


def test_the_dry_run_is_what_the_run_then_does(settled: None, ada: Any, bob: Any, tom: Any, ledger: Ledger) -> None:
    told = tom.get("/v1/policy/rules/grants/preview?limit=1").json()
    assert (told["rule"], told["count"], told["refusal"]) == ("grants", 2, None)
    more = tom.get(f"/v1/policy/rules/grants/preview?limit=1&after={told['next']}").json()
    assert (more["plan_sha256"], more["next"]) == (told["plan_sha256"], None)
    planned = {each["name"]: each["amount"] for page in (told, more) for each in page["shares"]}
    assert planned == {"Ada": "5.00", "Bob": "5.00"}
    (house,) = told["accounts"]
    assert (house["name"], house["out"], house["after"]) == ("grants", "10.00", "-10.00")
    assert tom.get("/v1/policy/runs").json() == {"runs": [], "next": None}

    ran = tom.post("/v1/policy/rules/grants/run", key="first").json()
    assert (ran["again"], ran["run"]["plan_sha256"], ran["run"]["shares"]) == (False, told["plan_sha256"], 2)
    assert ran["run"]["totals"] == [{"house": "grants", "unit": "K", "given": "10.00", "taken": "0.00"}]
    one = f"/v1/policy/runs/grants/{ran['period']}"
    assert tom.get(one).json() == ran["run"]
    shares = tom.get(f"{one}/shares?limit=1").json()
    rest = tom.get(f"{one}/shares?limit=1&after={shares['next']}").json()
    assert {each["name"] for page in (shares, rest) for each in page["shares"]} == {"Ada", "Bob"}
    assert rest["next"] is None
    (mine,) = ada.get("/v1/policy/shares").json()["shares"]
    assert (mine["rule"], mine["planned"], mine["moved"], mine["name"]) == ("grants", "5.00", "5.00", "Ada")
    assert tom.get("/v1/policy/shares").json()["shares"] == []
    assert verification.verify(ledger).sound


def test_a_key_stands_for_one_request_and_one_period(
    settled: None, ada: Any, tom: Any, new_person: Any, clock: Clock, ledger: Ledger
) -> None:
    path = "/v1/policy/rules/grants/run"
    first = tom.post(path, key="k").json()
    assert tom.post(path, key="k").json() == first
    reused = tom.post("/v1/policy/rules/repair/run", key="k")
    assert (reused.status_code, reused.json()["type"]) == (422, "urn:katy:problem:idempotency-key-reused")
    assert tom.post(path, {"period": first["period"]}, key="k").status_code == 422
    assert tom.post(path, {"period": first["period"]}, key="named").json()["again"]

    new_person("Cy")
    clock.now += timedelta(days=40)
    # The old key still means the old run; a new one begins another.
    assert tom.post(path, key="k").json()["period"] == first["period"]
    assert tom.post(path, key="later").json()["period"] != first["period"]
    assert len(tom.get("/v1/policy/runs").json()["runs"]) == 2
    assert tom.town.post(path, headers={"Authorization": f"Bearer {tom.key}"}).status_code == 400


def test_runs_and_own_shares_are_read_page_by_page(
    settled: None, ada: Any, tom: Any, clock: Clock, new_person: Any
) -> None:
    tom.post("/v1/policy/rules/grants/run")
    tom.post("/v1/policy/crises", DECLARED)
    new_person("Cy", tier="verified")
    clock.now += timedelta(hours=1)
    tom.post("/v1/policy/rules/relief/run")
    clock.now = datetime(2026, 12, 22, tzinfo=UTC)
    tom.post("/v1/policy/rules/jubilee/run")
    for who, path, key in ((tom, "/v1/policy/runs", "runs"), (ada, "/v1/policy/shares", "shares")):
        whole = who.get(path).json()[key]
        first = who.get(f"{path}?limit=1").json()
        second = who.get(f"{path}?limit=1&after={first['next']}").json()
        assert first[key] + second[key] == whole[:2]
        assert (whole[0]["rule"], whole[-1]["rule"]) == ("jubilee", "grants")


@pytest.mark.parametrize("after", ["nonsense", "cnVuOmE", "cnVuOg", "b3duLXNoYXJlOmE6Yjpj"])
@pytest.mark.parametrize("path", ["/v1/policy/runs", "/v1/policy/shares", "/v1/policy/rules/grants/preview"])
def test_a_cursor_that_no_page_gave_is_refused(settled: None, tom: Any, path: str, after: str) -> None:
    assert tom.get(f"{path}?after={after}").status_code == 422


def test_what_cannot_be_run_is_told(ada: Any, tom: Any) -> None:
    assert tom.get("/v1/policy/rules/lottery/preview").status_code == 404
    assert tom.post("/v1/policy/rules/lottery/run").status_code == 404
    assert tom.get("/v1/policy/runs/grants/2026-11").status_code == 404
    idle = tom.get("/v1/policy/rules/relief/preview")
    assert (idle.status_code, idle.json()["type"]) == (409, "urn:katy:problem:wrong-state")
    assert tom.post("/v1/policy/rules/relief/run").status_code == 409
    # Nobody has been there for a week: nothing to do, and nothing is written.
    nothing = tom.post("/v1/policy/rules/grants/run").json()
    assert (nothing["run"], nothing["again"]) == (None, False)
    assert tom.get("/v1/policy/runs").json()["runs"] == []


def test_each_look_at_others_shares_is_in_the_log(settled: None, ada: Any, bob: Any, tom: Any, ledger: Ledger) -> None:
    from ledger.books import audit_log

    tom.get("/v1/policy/rules/grants/preview")
    (look,) = audit_log.listing(ledger, subject=ada.id, action="member.looked")
    assert (look.actor, '"rule":"grants"' in look.details) == (tom.id, True)


def test_a_crisis_is_declared_once_and_ended(ada: Any, tom: Any) -> None:
    made = tom.post("/v1/policy/crises", DECLARED, key="flood")
    assert (made.status_code, made.json()["open"]) == (201, True)
    assert tom.post("/v1/policy/crises", DECLARED, key="flood").json() == made.json()
    assert tom.post("/v1/policy/crises", {**DECLARED, "note": "other"}, key="flood").status_code == 422
    assert tom.post("/v1/policy/crises", DECLARED).status_code == 409
    assert tom.post("/v1/policy/crises", {**DECLARED, "kind": "boredom"}).status_code == 422
    told = ada.get("/v1/policy").json()
    assert told["crises"] == ["natural_disaster"]
    assert "demurrage" not in told["rules"]
    assert "demurrage" in ada.get("/v1/policy?on=2026-12-01").json()["rules"]

    path = f"/v1/policy/crises/{made.json()['id']}/end"
    ended = tom.post(path, key="over")
    assert (ended.status_code, ended.json()["ended_on"], ended.json()["open"]) == (200, "2026-11-14", False)
    assert tom.post(path, key="over").json() == ended.json()
    assert tom.post(f"/v1/policy/crises/crisis_{'0' * 20}/end", key="over").status_code == 422
    assert tom.post(f"/v1/policy/crises/crisis_{'0' * 20}/end").status_code == 404
    assert [each["open"] for each in tom.get("/v1/policy/crises").json()["crises"]] == [False]
    assert ada.get("/v1/policy").json()["crises"] == []


def test_a_member_spends_its_own_credit_for_essentials_once(ada: Any, bob: Any, tom: Any, ledger: Ledger) -> None:
    (need, *_) = ada.get("/v1/policy").json()["rules"]["essentials"]["needs"]
    facts.record(ledger, by="operator", account_id=ada.id, name="need", value=need)
    assert ada.get("/v1/policy/credits").json() == {"credits": [], "left": "0.00"}
    tom.post("/v1/policy/rules/essentials/run")
    left = ada.get("/v1/policy/credits").json()["left"]
    assert float(left) > 10
    assert bob.get("/v1/policy/credits").json()["left"] == "0.00"

    bread = {"to": "Bob", "amount": "10.00", "category": "food", "memo": "bread"}
    spent = ada.post("/v1/policy/credits/spend", bread, key="b")
    assert (spent.status_code, spent.json()["amount"]) == (201, "10.00")
    assert ada.post("/v1/policy/credits/spend", bread, key="b").json() == spent.json()
    assert float(left) - float(ada.get("/v1/policy/credits").json()["left"]) == 10
    assert ada.post("/v1/policy/credits/spend", {**bread, "memo": "cake"}, key="b").status_code == 422
    assert ada.post("/v1/policy/credits/spend", {**bread, "category": "jewels"}).status_code == 422
    assert ada.post("/v1/policy/credits/spend", {**bread, "amount": left}).status_code == 409
    assert bob.post("/v1/policy/credits/spend", {**bread, "to": "Ada"}).status_code == 409
    assert verification.verify(ledger).sound

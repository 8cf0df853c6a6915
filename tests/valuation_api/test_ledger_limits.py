"""Rate limits: so much for each key and each address, told in every answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from katy.commands.serve import application
from katy.settings import Settings
from ledger.books.store import Ledger
from valuation_api import limits
from valuation_api.limits import Buckets, Rate, RateLimits


class SetClock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def town(market: Any) -> Any:
    few = RateLimits(key=Rate(3), address=Rate(5), sign_in=Rate(2))
    with TestClient(market.app(rate_limits=few)) as client:
        yield client


@given(
    rate=st.builds(Rate, st.integers(1, 50), st.integers(1, 120)),
    waits=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=80),
)
def test_no_span_of_time_has_more_than_its_share(rate: Rate, waits: list[float]) -> None:
    clock = SetClock()
    buckets, taken = Buckets(rate, clock), []
    for wait in waits:
        clock.now += wait
        left = buckets.take("ada")
        assert 0 <= left.remaining <= rate.requests
        if left.allowed:
            taken.append(clock.now)
    for start in taken:
        # A full bucket at once, and what has flowed in since.
        inside = [at for at in taken if start <= at < start + rate.seconds]
        assert len(inside) <= 2 * rate.requests


def test_whoever_waits_as_told_is_let_in_again() -> None:
    clock = SetClock()
    buckets = Buckets(Rate(2, 60), clock)
    assert [buckets.take("ada").allowed for _ in range(3)] == [True, True, False]
    assert buckets.take("bob").allowed
    clock.now += buckets.take("ada").reset
    assert buckets.take("ada").allowed


def test_there_are_never_more_buckets_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 10)
    buckets = Buckets(Rate(1))
    for number in range(50):
        buckets.take(str(number))
    assert len(buckets._full_at) == 10


def test_too_many_requests_are_told_when_to_come_again(town: TestClient, ledger: Ledger) -> None:
    mine = {"Authorization": "Bearer katy_of_somebody"}
    first = town.get("/v1/accounts/me", headers=mine)
    assert first.headers["RateLimit-Policy"] == '"address";q=5;w=60, "key";q=3;w=60'
    assert first.headers["RateLimit"] == '"address";r=4;t=12, "key";r=2;t=20'

    answers = [town.get("/v1/accounts/me", headers=mine) for _ in range(3)]
    assert [each.status_code for each in answers] == [401, 401, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:katy:problem:quota-exceeded"
    assert refused.json()["violated-policies"] == ["key"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert "this key" in refused.json()["detail"]


def test_an_address_has_its_own_measure_and_values_are_open_to_all(town: TestClient) -> None:
    codes = [
        town.get("/v1/accounts/me", headers={"Authorization": f"Bearer {number}"}).status_code for number in range(7)
    ]
    assert codes == [401] * 5 + [429] * 2
    assert town.get("/v1/products?q=trek").status_code == 200
    assert "RateLimit" not in town.get("/v1/products?q=trek").headers


def test_the_operator_sets_the_limits_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Settings(home=tmp_path)
    assert RateLimits(Rate(chosen.requests_per_key), Rate(chosen.requests_per_address), Rate(20)) == RateLimits()
    assert chosen.sign_ins_per_address == RateLimits().sign_in.requests

    for name, text in (("REQUESTS_PER_KEY", "7"), ("REQUESTS_PER_ADDRESS", "2"), ("SIGN_INS_PER_ADDRESS", "1")):
        monkeypatch.setenv(f"KATY_{name}", text)
    with TestClient(application(Settings(home=tmp_path))) as town:
        told = town.get("/v1/ledger/roots", headers={"Authorization": "Bearer x"}).headers["RateLimit-Policy"]
        assert told == '"address";q=2;w=60, "key";q=7;w=60'
        assert town.post("/my/sign-in").headers["RateLimit-Policy"] == '"address";q=2;w=60, "sign-in";q=1;w=60'
        assert town.get("/v1/schedules").status_code == 429


def test_what_cannot_be_a_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_REQUESTS_PER_KEY", "0")
    with pytest.raises(ValidationError, match="requests_per_key"):
        Settings()

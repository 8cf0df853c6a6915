"""Whatever goes wrong is told as a problem document (RFC 9457), and every answer carries the safe headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/v1/nowhere", {"headers": {"Accept": "text/html"}}, 404),
        ("GET", "/static/nowhere.css", {}, 404),
        ("GET", "/v1/valuations/" + "0" * 32, {}, 404),
        ("GET", "/v1/prices/nothing", {}, 404),
        ("DELETE", "/v1/valuations", {}, 405),
        ("POST", "/v1/products", {}, 405),
        ("POST", "/", {}, 405),
        ("POST", "/v1/valuations", {"content": b'{"text": "x"}', "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", "/v1/valuations", {}, 415),
        ("POST", "/v1/valuations", {"content": b'{"text": ', "headers": JSON}, 422),
        ("POST", "/v1/valuations", {"content": b'{"text": "\\ud800"}', "headers": JSON}, 422),
        ("POST", "/v1/valuations", {"content": b'{"text": "\xff"}', "headers": JSON}, 400),
        ("POST", "/v1/valuations", {"content": b"[" * 100_000, "headers": JSON}, 400),
        ("GET", "/v1/products", {}, 422),
        ("GET", "/v1/products", {"params": {"q": "drill", "limit": "many"}}, 422),
        ("GET", "/v1/prices/drill-dewalt-dcd771", {"params": {"from": "yesterday"}}, 422),
        ("POST", "/v1/valuations", {"json": {"text": "explode"}}, 500),
    ],
)
def test_every_error_is_a_problem_document(
    market: Any, client: TestClient, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = client.request(method, path, **options)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["instance"] == path
    assert document["type"]
    assert document["title"]
    assert document["detail"]


def test_a_wrong_method_is_told_which_are_right(client: TestClient) -> None:
    assert client.put("/v1/valuations").headers["allow"] == "POST"


def test_an_unforeseen_error_tells_a_number_and_keeps_its_secret(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.post("/v1/valuations", json={"text": "explode"})

    assert "secret" not in answer.text
    assert answer.json()["incident"] in caplog.text
    assert "a fault nobody foresaw" in caplog.text


def test_a_body_is_refused_by_its_length_and_also_when_it_does_not_tell_it(market: Any) -> None:
    def stream() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 100

    with TestClient(market.app(most_body_bytes=2000)) as client:
        told = client.post("/v1/valuations", content=b" " * 2001, headers=JSON)
        untold = client.post("/v1/valuations", content=stream(), headers=JSON)
        small = client.post("/v1/valuations", json={"text": "drill"})

    for answer in (told, untold):
        assert answer.status_code == 413
        assert answer.json()["limit"] == 2000
        assert answer.headers["content-type"] == "application/problem+json"
    assert small.status_code == 200


def test_a_person_who_mistyped_an_address_gets_a_page(client: TestClient) -> None:
    answer = client.get("/wroth", headers={"Accept": "text/html,*/*"})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Ask what something is worth" in answer.text


@pytest.mark.parametrize("path", ["/", "/?q=drill", "/healthz", "/nowhere", "/static/katy.css", "/v1/products?q=drill"])
def test_every_answer_forbids_scripts_frames_and_guessing(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"

"""What is read with a key belongs to a person, and is kept by no cache: every such page of the API, none forgotten."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from ledger.books import accounts
from ledger.books.store import Ledger


def test_whatever_a_key_opens_is_kept_by_no_cache(market: Any, ledger: Ledger) -> None:
    _, key = accounts.create(ledger, "Ada", scopes=["member", "treasurer", "analyst", "admin"])
    with TestClient(market.app(ledger_url=str(ledger.engine.url))) as town:
        paths = town.get("/openapi.json").json()["paths"]
        asked = {
            path: town.get(path, headers={"Authorization": f"Bearer {key}"})
            for path, routes in paths.items()
            if "{" not in path and "401" in routes.get("get", {}).get("responses", {})
        }
    told = {path: answer.headers.get("Cache-Control") for path, answer in asked.items() if answer.status_code == 200}
    assert len(told) > 20, sorted(asked)
    assert set(told.values()) == {"no-store"}, told

"""A new snapshot is picked up while requests run, and none of them is dropped."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from valuation_api.live import LiveMarket
from warehouse.errors import NothingPublished
from warehouse.snapshot import Snapshot


class Watched:
    """A valuer that only remembers whether it was closed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot_id = snapshot.id
        self.closed = 0

    def value(self, request: Any) -> Any:
        raise AssertionError("not asked here")

    value_many = value

    def close(self) -> None:
        self.closed += 1


def wait_until(check: Any, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.02)


def test_before_the_first_publish_the_api_says_so_and_then_becomes_ready(empty_market: Any) -> None:
    with TestClient(empty_market.app()) as client:
        for path in ("/readyz", "/v1/products?q=drill", "/v1/snapshots/current"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:katy:problem:nothing-published"
            assert answer.headers["retry-after"]
        page = client.get("/?q=drill")
        assert (page.status_code, "Nothing has been published yet" in page.text) == (503, True)
        assert client.get("/healthz").status_code == 200

        published = empty_market.publish(empty_market.home, days=60)

        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert client.get("/readyz").json()["snapshot"] == published.id


def test_no_request_is_dropped_while_snapshots_are_switched(empty_market: Any, served: Any) -> None:
    home, publish = empty_market.home, empty_market.publish
    first = publish(home, days=60)
    answers: list[tuple[int, str]] = []
    stop = threading.Event()

    def visit(url: str, requests: Iterator[str]) -> None:
        with httpx.Client(base_url=url, timeout=20) as client:
            while not stop.is_set():
                path = next(requests)
                answer = (
                    client.post(path, json={"items": [{"text": "drill"}] * 5})
                    if path == "/v1/valuations"
                    else client.get(path)
                )
                body = answer.json()
                snapshot = body["items"][0]["snapshot"] if path == "/v1/valuations" else body.get("snapshot", "")
                answers.append((answer.status_code, snapshot))

    paths = ["/v1/valuations", "/v1/prices/drill-dewalt-dcd771", "/v1/products?q=dewalt", "/readyz"]
    with served(empty_market.app()) as url:
        visitors = [
            threading.Thread(target=visit, args=(url, itertools.cycle(paths[turn:] + paths[:turn])))
            for turn in range(4)
        ]
        for visitor in visitors:
            visitor.start()
        try:
            published = [first.id]
            for hours in (1, 2):
                published.append(publish(home, now=_now(first, hours), days=60).id)
                wait_until(lambda: answers and answers[-1][1] == published[-1])
        finally:
            stop.set()
            for visitor in visitors:
                visitor.join()

    assert {status for status, _ in answers} == {200}
    assert {snapshot for _, snapshot in answers} == set(published)
    assert len(answers) > 50


def test_a_snapshot_is_closed_after_its_last_request_and_not_before(empty_market: Any) -> None:
    home = empty_market.home
    opened: list[Watched] = []
    live = LiveMarket(home, lambda snapshot: opened.append(Watched(snapshot)) or opened[-1])  # type: ignore[func-returns-value]
    first = empty_market.publish(home, days=30)
    assert live.refresh()
    assert not live.refresh()

    with live.lease() as early:
        empty_market.publish(home, now=_now(first, 1), days=30)
        assert live.refresh()
        with live.lease() as late:
            assert early.snapshot.id == first.id
            assert late.snapshot.id != first.id
        assert opened[0].closed == 0
        assert early.shelf.history("drill-dewalt-dcd771")
    assert opened[0].closed == 1

    live.stop()
    assert [valuer.closed for valuer in opened] == [1, 1]
    with pytest.raises(NothingPublished), live.lease():
        pass


def test_a_snapshot_that_cannot_be_opened_leaves_the_last_one_served(empty_market: Any) -> None:
    home = empty_market.home
    first = empty_market.publish(home, days=30)
    live = LiveMarket(home, Watched)
    live.refresh()
    second = empty_market.publish(home, now=_now(first, 1), days=30)
    whole = second.database.read_bytes()
    second.database.write_bytes(b"not a database")

    assert not live.refresh()
    with live.lease() as market:
        assert market.snapshot.id == first.id
    assert live.trouble is not None
    assert second.id in live.trouble

    second.database.write_bytes(whole)
    third = empty_market.publish(home, now=_now(first, 2), days=30)
    assert live.refresh()
    with live.lease() as market:
        assert market.snapshot.id == third.id
    assert live.trouble is None
    live.stop()


def _now(first: Snapshot, hours: int) -> datetime:
    return datetime.fromisoformat(first.manifest["published_at"]) + timedelta(hours=hours)

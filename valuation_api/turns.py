"""One at a time for each client, and only so many at once for all: for what costs more than an ordinary answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from valuation_api.problems import RETRY_SECONDS, Problem


class Turns:
    """`with turns.of(client): …`; a Problem 429 where that client has one under way, 503 where all places are taken."""

    def __init__(self, places: int) -> None:
        self._lock, self._places = threading.Lock(), places
        self._under_way: set[str] = set()

    @contextmanager
    def of(self, client: str) -> Iterator[None]:
        waiting = {"Retry-After": str(RETRY_SECONDS)}
        with self._lock:
            if client in self._under_way:
                detail = "A query of yours is being answered; send the next when it is done."
                raise Problem(429, "one-at-a-time", "One query at a time", detail, headers=waiting)
            if len(self._under_way) >= self._places:
                detail = "Too many queries are being answered at the moment; send yours again in some seconds."
                raise Problem(503, "busy", "Busy", detail, headers=waiting)
            self._under_way.add(client)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.discard(client)


def client_of(request: Request) -> str:
    """Who asks, as far as the connection tells."""
    return request.client.host if request.client else ""

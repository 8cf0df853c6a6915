"""The published market as the API serves it: always the newest snapshot, switched without dropping a request.

A request *leases* the market it starts on and keeps it to its end; a newly published snapshot is opened beside it,
later requests get that one, and the old one is closed after its last request. A snapshot that cannot be opened is
named in the log and in readiness, and the last good one is served on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from models.explanation.shapes import Explanation
from valuation_api.shelf import Shelf, open_shelf
from warehouse import snapshot as snapshots
from warehouse.errors import NothingPublished
from warehouse.home import Home
from warehouse.snapshot import Snapshot
from warehouse.valuation import Valuation, ValuationRequest

log = logging.getLogger(__name__)

# How long a snapshot that could not be opened is left alone before it is tried again.
RETRY_SECONDS = 30.0


class Valuer(Protocol):
    """Values things on one snapshot; safe to use from several threads. `models.answers.value.open_valuer` opens one."""

    @property
    def snapshot_id(self) -> str: ...

    def value(self, request: ValuationRequest) -> Valuation: ...

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]: ...

    def worth_before(self, request: ValuationRequest, day: date) -> Decimal | None: ...

    def explain(self, request: ValuationRequest) -> Explanation: ...

    def close(self) -> None: ...


OpenValuer = Callable[[Snapshot], Valuer]


@dataclass
class Market:
    """One published snapshot, open for readers: its valuer and its shelf of products and prices."""

    snapshot: Snapshot
    valuer: Valuer
    shelf: Shelf
    leases: int = field(default=0, repr=False)
    retired: bool = field(default=False, repr=False)

    def close(self) -> None:
        self.valuer.close()
        self.shelf.close()


class LiveMarket:
    """Watches the pointer to the current snapshot and hands out leases of what it points to."""

    def __init__(self, home: Home, open_valuer: OpenValuer, *, poll_seconds: float = 1.0) -> None:
        self._home = home
        self._open_valuer = open_valuer
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        # Only one thread at a time opens a snapshot; requests never wait for it.
        self._opening = threading.Lock()
        self._market: Market | None = None
        self._failed: tuple[str, float] | None = None
        self._trouble: str | None = None
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def trouble(self) -> str | None:
        """Why the newest snapshot is not the one served, or None."""
        return self._trouble

    def start(self) -> None:
        """Open what is published now, then watch for more in a thread."""
        self.refresh()
        self._watcher = threading.Thread(target=self._watch, name="snapshot-watcher", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop watching and close the market after its last request."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
        self._switch_to(None)

    @contextmanager
    def lease(self) -> Iterator[Market]:
        """The current market, kept open until the block ends. Raises NothingPublished where there is none."""
        with self._lock:
            market = self._market
            if market is None:
                raise NothingPublished(
                    self._trouble or "No snapshot has been published yet. `katy run` publishes one; then ask again."
                )
            market.leases += 1
        try:
            yield market
        finally:
            with self._lock:
                market.leases -= 1
                last = market.retired and market.leases == 0
            if last:
                market.close()

    def refresh(self) -> bool:
        """Look at the pointer once; open and switch if it names another snapshot. True if it switched."""
        with self._opening:
            wanted = self._pointer()
            if wanted is None or wanted == self._serving() or self._given_up(wanted):
                return False
            try:
                opened = self._open()
            except Exception as error:
                # Whatever is wrong with a snapshot, the last good one must go on being served.
                log.exception("snapshot %s cannot be opened", wanted)
                self._trouble = f"snapshot {wanted} cannot be opened: {error}"
                self._failed = (wanted, time.monotonic())
                return False
            self._trouble, self._failed = None, None
            self._switch_to(opened)
            log.info("serving snapshot %s", opened.snapshot.id)
            return True

    def _pointer(self) -> str | None:
        try:
            return self._home.current.read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def _serving(self) -> str | None:
        market = self._market
        return market.snapshot.id if market else None

    def _given_up(self, wanted: str) -> bool:
        return self._failed is not None and (
            self._failed[0] == wanted and time.monotonic() - self._failed[1] < RETRY_SECONDS
        )

    def _open(self) -> Market:
        snapshot = snapshots.current(self._home)
        valuer = self._open_valuer(snapshot)
        try:
            return Market(snapshot, valuer, open_shelf(snapshot))
        except BaseException:
            valuer.close()
            raise

    def _switch_to(self, market: Market | None) -> None:
        with self._lock:
            old, self._market = self._market, market
            if old is None:
                return
            old.retired = True
            idle = old.leases == 0
        if idle:
            old.close()

    def _watch(self) -> None:
        while not self._stop.wait(self._poll_seconds):
            self.refresh()

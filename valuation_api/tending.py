"""The books are tended while the API runs: promises that ran out end, and each day gets its root."""

from __future__ import annotations

import logging
import threading

from ledger.books.store import Ledger
from ledger.books.tending import tend

log = logging.getLogger("katy.ledger")


class Tender:
    """Tends the books every minute, in a thread of its own. What goes wrong is logged and tried again."""

    def __init__(self, ledger: Ledger, *, seconds: float = 60.0) -> None:
        self.ledger, self.seconds = ledger, seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts, unless it runs already."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="katy-ledger", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends after what it is doing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stop.wait(self.seconds):
            try:
                done = tend(self.ledger)
            except Exception:
                log.exception("the books could not be tended; it is tried again in %s s", self.seconds)
                continue
            for day in done.closed:
                log.info("%s closed: entries %s to %s, root %s", day.day, day.first_seq, day.last_seq, day.root)

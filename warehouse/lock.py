"""The one writer at a time: a lock that waits, says for whom, and that the system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.errors import Busy
from warehouse.home import Home
from warehouse.landing import make_folder

POLL_SECONDS = 0.1


@contextlib.contextmanager
def writer(home: Home, say: Callable[[str], None], timeout: float | None = None) -> Iterator[None]:
    """Be the writer of this data folder for the length of the block.

    Waits for another writer, and says at once which; after `timeout` seconds (None: for ever) raises Busy. The lock is
    the system's own on an open file, so a killed holder holds nothing; what it wrote about itself is ignored.
    Not reentrant: a block inside the block waits for itself.
    """
    make_folder(home.writer_lock.parent)
    # A soft lock (a file's mere presence) would outlive its holder, so where the system has no locks we rather fail.
    lock = FileLock(home.writer_lock, fallback_to_soft=False, preserve_lock_file=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"waiting for the writer: {_holder(home)}")
        try:
            lock.acquire(timeout=-1 if timeout is None else timeout, poll_interval=POLL_SECONDS)
        except Timeout:
            raise Busy(
                f"{home.root} is still being written after {timeout:g} seconds by {_holder(home)}. "
                "Wait for it to end, or stop that process; what it has finished is safe"
            ) from None
    try:
        _introduce(home)
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            _card(home).unlink()
        lock.release()


def _card(home: Home) -> Path:
    """Where the holder says who it is. It has no say in who holds the lock."""
    return home.writer_lock.with_suffix(".holder.json")


def _introduce(home: Home) -> None:
    words = [Path(sys.argv[0]).name or "python", *sys.argv[1:2]]
    card = _card(home)
    written = card.with_suffix(f".{os.getpid()}.tmp")
    written.write_text(json.dumps({"command": " ".join(words), "process": os.getpid()}), encoding="utf-8")
    written.replace(card)


def _holder(home: Home) -> str:
    """Who holds the lock, in words; "another process" where its card is not (or not yet) there or is a dead one's."""
    try:
        card = json.loads(_card(home).read_text(encoding="utf-8"))
        since = datetime.fromtimestamp(_card(home).stat().st_mtime, UTC)
        os.kill(card["process"], 0)
    except PermissionError:
        return f"{card['command']}, process {card['process']} of another user"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
    return f"{card['command']}, process {card['process']}, since {since:%Y-%m-%d %H:%M:%S} UTC"

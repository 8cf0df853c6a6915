"""The API and the page in a thread of this process, for as long as a block runs."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from katy.commands.serve import GRACE_SECONDS, address, application, listen
from katy.settings import Settings
from warehouse.errors import KatyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

_START_LIMIT = 60.0


@contextmanager
def served(settings: Settings, say: Callable[[str], None]) -> Iterator[str]:
    """Serve what `settings` describe, on its port or a free one; yields the page's address once it answers."""
    with _listener(settings, say) as listener, _running(application(settings), listener):
        yield address(listener)


def _listener(settings: Settings, say: Callable[[str], None]) -> socket.socket:
    try:
        return listen(settings.host, settings.port)
    except KatyError as taken:
        say(f"{taken}; taking a free port instead")
        return listen(settings.host, 0)


@contextmanager
def _running(app: FastAPI, listener: socket.socket) -> Iterator[None]:
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="on")
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="demo-page", daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_LIMIT
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise KatyError("the page could not be started; `katy serve` on the same folder says why")
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(GRACE_SECONDS)

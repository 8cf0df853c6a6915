"""The process of Prefect's local server: `python -m flows.server_child <socket> <parent>`, started by `flows.server`.

It serves on a socket that is already open and ends as soon as its parent is gone, however that happened.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

_LOOK_EVERY = 0.25  # seconds


def end_with(parent: int) -> None:
    """Watch `parent` from a thread and end this process at once when it is no longer the parent.

    An orphan is given another parent by the system, so its parent's number changes. There is nothing to tidy up: the
    server's database is SQLite, which recovers by itself.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY)
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def main(descriptor: int, parent: int) -> None:
    end_with(parent)
    # Only now the slow imports: they take seconds, and the parent may die meanwhile.
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(create_app(final=True), log_level="error", lifespan="on", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.run(sockets=[socket.socket(fileno=descriptor)])
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

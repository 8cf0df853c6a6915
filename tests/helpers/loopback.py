"""A server on loopback for as long as a test looks at it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Quiet(ThreadingHTTPServer):
    daemon_threads, block_on_close = True, False

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up in the middle is what many tests are about."""


@contextlib.contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address, http://127.0.0.1:PORT, at which the `handler` answers until the end; it logs nothing."""
    silent = type(handler.__name__, (handler,), {"log_message": lambda *_: None})
    server = _Quiet(("127.0.0.1", 0), silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(of: str, kind: str, body: bytes) -> type[BaseHTTPRequestHandler]:
    """A handler with one page at the path `of`, and 404 everywhere else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == of
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body if found else b"")

    return Handler

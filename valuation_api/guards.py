"""What stands around every answer: headers that keep a browser safe, a limit on what is read, and no naked 500.

Both are plain ASGI middleware. They stand outside FastAPI, so that they hold for its errors and static files too.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valuation_api.problems import RETRY_SECONDS, Problem, Tell

log = logging.getLogger(__name__)

LARGE_AT_ONCE = 8

# No script at all, nothing from another host, nothing inline: a hostile listing title has nowhere to go.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SafeAnswers:
    """Puts the security headers on every answer and turns an unforeseen error into a problem document.

    The error itself goes to the log under an incident number; the client gets the number and nothing else.
    """

    def __init__(self, app: ASGIApp, tell: Tell) -> None:
        self.app = app
        self.tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_safely)
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("incident %s: %s %s", incident, scope["method"], scope["path"])
            if started:
                # Half an answer is out already: only breaking the connection tells the client so.
                raise
            problem = Problem(
                500,
                "unforeseen",
                "Katy failed on this request",
                f"This is a fault in Katy. Its log has it as incident {incident}.",
                incident=incident,
            )
            await self.tell(problem, HTTPConnection(scope))(scope, receive, send_safely)


class BodyLimit:
    """Refuses a body larger than `limit` bytes with 413, by its Content-Length or once that much has arrived.

    `larger` has the paths with a limit of their own. Bodies are held in memory, so at most `LARGE_AT_ONCE` of those
    are taken at a time; one more is a 503 that says when to come again.
    """

    def __init__(self, app: ASGIApp, limit: int, tell: Tell, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.tell = tell
        self.limit = limit
        self.larger = dict(larger or {})
        self._large = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] not in self.larger or scope["method"] != "POST":
            await self._limited(self.limit, scope, receive, send)
            return
        if self._large >= LARGE_AT_ONCE:
            await self._tell(_BUSY, scope, receive, send)
            return
        self._large += 1
        try:
            await self._limited(self.larger[scope["path"]], scope, receive, send)
        finally:
            self._large -= 1

    async def _limited(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        said = Headers(scope=scope).get("content-length", "")
        if said.isdigit() and int(said) > limit:
            await self._tell(_too_large(limit), scope, receive, send)
            return
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > limit:
                await self._tell(_too_large(limit), scope, receive, send)
                return
            if not message.get("more_body", False):
                break

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)

    async def _tell(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        await self.tell(problem, HTTPConnection(scope))(scope, receive, send)


def _too_large(limit: int) -> Problem:
    return Problem(
        413,
        "too-large",
        "The body is too large",
        f"A body may have {limit:,} bytes here. Send what is in it in several requests.",
        limit=limit,
        # What is left of the body is not read, so the connection cannot be used again.
        headers={"Connection": "close"},
    )


_BUSY = Problem(
    503,
    "busy",
    "Busy",
    "Too many pictures are being read at the moment; send yours again in some seconds.",
    headers={"Connection": "close", "Retry-After": str(RETRY_SECONDS)},
)

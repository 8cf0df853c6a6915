"""What stands around every answer: headers that keep a browser safe, a limit on what is read, and no naked 500.

Both are plain ASGI middleware. They stand outside FastAPI, so that they hold for its errors and static files too.
"""

from __future__ import annotations

import logging
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valuation_api.problems import Problem, Tell

log = logging.getLogger(__name__)

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
    """Refuses a body larger than `limit` bytes with 413, by its Content-Length or once that much has arrived."""

    def __init__(self, app: ASGIApp, limit: int, tell: Tell) -> None:
        self.app = app
        self.tell = tell
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdigit() and int(said) > self.limit:
            await self._refuse(scope, receive, send)
            return
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self.limit:
                await self._refuse(scope, receive, send)
                return
            if not message.get("more_body", False):
                break

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem(
            413,
            "too-large",
            "The body is too large",
            f"A body may have {self.limit:,} bytes. Send a batch in several requests.",
            limit=self.limit,
            # What is left of the body is not read, so the connection cannot be used again.
            headers={"Connection": "close"},
        )
        await self.tell(problem, HTTPConnection(scope))(scope, receive, send)

"""Rate limits on the ledger: so many requests in a minute for each key, and for each address.

Each caller has a bucket that holds `requests` and fills up evenly over `seconds`; a request takes one out. An answer
says how many are left (`RateLimit`, `RateLimit-Policy`: draft-ietf-httpapi-ratelimit-headers-10); one too many is a 429
that says when to come again. Buckets are this process's own, and there are never more than a fixed number of them.

Plain ASGI middleware, so that a request which is refused costs nothing more.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valuation_api.problems import Problem, Tell

MOST_BUCKETS = 50_000
# Values and market data are open to all, and have turns of their own where they are dear.
LIMITED = (
    *("/v1/accounts", "/v1/transfers", "/v1/promises", "/v1/ledger", "/v1/trades", "/v1/schedules"),
    *("/v1/tax", "/v1/policy", "/my"),
    *("/v1/invitations", "/v1/vouches", "/v1/consents", "/v1/members", "/v1/community", "/v1/audit"),
)
_SIGN_IN = "/my/sign-in"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many `requests` in so many `seconds`, from a full bucket all at once."""

    requests: int
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How much one caller may ask of the ledger: by key, by address, and of the page for signing in."""

    key: Rate = Rate(300)
    address: Rate = Rate(1200)
    sign_in: Rate = Rate(20)


@dataclass(frozen=True, slots=True)
class Left:
    """What a caller has left after a request: whole requests, and seconds until there is one more (or all)."""

    allowed: bool
    remaining: int
    reset: int


class Buckets:
    """The buckets of all callers under one rate. `clock` counts seconds and never goes back."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        # When each caller's bucket will be full again; the one that was used longest ago first.
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, caller: str) -> Left:
        """Take one request out of a caller's bucket, if there is one (the generic cell rate algorithm)."""
        now, each = self._clock(), self._rate.seconds / self._rate.requests
        full_at = max(self._full_at.pop(caller, now), now) + each
        over = full_at - now - self._rate.seconds
        if over > 1e-9:
            self._keep(caller, full_at - each)
            return Left(False, 0, max(math.ceil(over), 1))
        self._keep(caller, full_at)
        return Left(True, int((self._rate.seconds - (full_at - now)) / each + 1e-9), math.ceil(full_at - now))

    def _keep(self, caller: str, full_at: float) -> None:
        self._full_at[caller] = full_at
        while len(self._full_at) > MOST_BUCKETS:
            self._full_at.popitem(last=False)


class Limited:
    """Middleware that keeps `limits` on the paths of LIMITED."""

    def __init__(
        self, app: ASGIApp, limits: RateLimits, tell: Tell, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.app, self.tell, self._limits = app, tell, limits
        self._keys = Buckets(limits.key, clock)
        self._addresses = Buckets(limits.address, clock)
        self._sign_ins = Buckets(limits.sign_in, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_limited(scope["path"]):
            await self.app(scope, receive, send)
            return
        found = [(name, rate, buckets.take(caller)) for name, rate, buckets, caller in self._policies(scope)]
        headers = _headers(found)
        broken = [each for each in found if not each[2].allowed]
        if broken:
            await self.tell(_too_many(broken, headers), HTTPConnection(scope))(scope, receive, send)
            return

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self.app(scope, receive, send_with)

    def _policies(self, scope: Scope) -> Sequence[tuple[str, Rate, Buckets, str]]:
        address = scope["client"][0] if scope.get("client") else ""
        told = [("address", self._limits.address, self._addresses, address)]
        if scope["path"] == _SIGN_IN and scope["method"] == "POST":
            told.append(("sign-in", self._limits.sign_in, self._sign_ins, address))
        said = Headers(scope=scope).get("authorization")
        if said:
            # A key is not kept in memory, not even as somebody's name.
            told.append(("key", self._limits.key, self._keys, hashlib.sha256(said.encode()).hexdigest()))
        return told


def is_limited(path: str) -> bool:
    """Whether a path is under these limits."""
    return any(path == each or path.startswith(f"{each}/") for each in LIMITED)


def _headers(found: Sequence[tuple[str, Rate, Left]]) -> dict[str, str]:
    """The two fields, as lists of structured fields (RFC 9651)."""
    return {
        "RateLimit-Policy": ", ".join(f'"{name}";q={rate.requests};w={rate.seconds}' for name, rate, _ in found),
        "RateLimit": ", ".join(f'"{name}";r={left.remaining};t={left.reset}' for name, _, left in found),
    }


def _too_many(broken: Sequence[tuple[str, Rate, Left]], headers: dict[str, str]) -> Problem:
    name, rate, _ = broken[0]
    wait = max(left.reset for _, _, left in broken)
    whose = {"key": "this key", "address": "this address", "sign-in": "signing in from this address"}[name]
    return Problem(
        429,
        "quota-exceeded",
        "Too many requests",
        f"There are {rate.requests} requests in {rate.seconds} seconds for {whose}; come again in "
        f"{wait} second{'s' if wait > 1 else ''}.",
        headers={**headers, "Retry-After": str(wait)},
        **{"violated-policies": [each[0] for each in broken]},
    )

"""How agents behave: robots.txt as RFC 9309 has it, waiting when asked to, giving up in time.

Scrapy allows everything when robots.txt cannot be read; here nothing is allowed then (RFC 9309, 2.3.1.4). Retries wait
for what Retry-After says (RFC 9110, 10.2.3), else twice as long each time, and the whole host waits. A host that keeps
refusing is left alone for the rest of the run.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

# Answers that say "not now" or "not you"; five in a row, and the run leaves the host alone.
REFUSALS = frozenset({403, 429, 503})
PATIENCE = 5
# Google, Bing and RFC 9309's spirit: "too many requests" for robots.txt is no permission.
_UNAVAILABLE = range(400, 500)
_NOT_A_PERMISSION = 429
_MOST_ROBOTS_BYTES = 512 * 1024


class NoRobots:
    """What stands in for the rules of a host whose robots.txt could not be read: nothing is allowed."""

    def __init__(self, why: str) -> None:
        self.why = why

    def allowed(self, url: str, user_agent: str | bytes) -> bool:
        return False

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        return None


class RobotsMiddleware(RobotsTxtMiddleware):  # type: ignore[misc]
    """RFC 9309: rules are obeyed, 4xx means no rules, 5xx or no answer means that nothing may be read."""

    def process_request_2(self, rp: Any, request: Request) -> None:
        if isinstance(rp, NoRobots):
            raise IgnoreRequest(rp.why)
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        status = response.status
        if status in _UNAVAILABLE and status != _NOT_A_PERMISSION:
            self._stats.set_value("katy/robots", f"{netloc} has none (status {status})")
            response = response.replace(body=b"")
        elif not 200 <= status < 300:
            self._nothing_allowed(netloc, f"{netloc}/robots.txt answers {status}")
            return
        await super()._parse_robots(response.replace(body=response.body[:_MOST_ROBOTS_BYTES]), netloc, request)
        self._wait_as_asked(netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, IgnoreRequest):
            self._stats.set_value("katy/no_answer", True)
        self._nothing_allowed(netloc, f"{netloc}/robots.txt cannot be read ({str(exc) or type(exc).__name__})")

    def _nothing_allowed(self, netloc: str, why: str) -> None:
        why = f"{why}, and so nothing may be read (RFC 9309)"
        self._stats.set_value("katy/robots_unreachable", why)
        waiting, self._parsers[netloc] = self._parsers[netloc], NoRobots(why)
        waiting.callback(self._parsers[netloc])

    def _wait_as_asked(self, netloc: str, request: Request) -> None:
        """Crawl-delay is no part of the RFC, but it is a wish that can be granted, up to a minute."""
        asked = self._parsers[netloc].crawl_delay(self._default_useragent)
        downloader = self.crawler.engine.downloader
        if asked:
            delay = min(float(asked), 60.0)
            key = downloader.get_slot_key(request)
            downloader.per_slot_settings.setdefault(key, {})["delay"] = max(delay, downloader._delay)
            if key in downloader.slots:
                downloader.slots[key].delay = max(delay, downloader.slots[key].delay)


@dataclass(slots=True)
class _Host:
    """What one host said lately. Times are of the monotonic clock, in seconds."""

    not_before: float = 0.0
    refused: int = 0
    closed: str | None = None


def retry_after(header: bytes | None, date: bytes | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a moment, counted from the server's own Date.

    None where it asks for nothing, or for a moment that cannot be told.
    """
    if not header:
        return None
    text = header.decode("latin-1").strip()
    if text.isdigit():
        return float(text)
    try:
        until, since = parsedate_to_datetime(text), parsedate_to_datetime((date or b"").decode("latin-1"))
        return max(0.0, (until - since).total_seconds())
    except (ValueError, TypeError):
        return None


class PatienceMiddleware(RetryMiddleware):  # type: ignore[misc]
    """Scrapy's retries, with waiting in between, and an end to it."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.longest = settings.getfloat("KATY_LONGEST_WAIT")
        self.first = settings.getfloat("KATY_FIRST_WAIT")
        self.hosts: dict[str, _Host] = {}

    async def process_request(self, request: Request) -> None:
        host = self._host(request)
        while host.closed is None and (wait := host.not_before - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        if host.closed is not None:
            raise IgnoreRequest(f"left alone: {host.closed}")

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Any:
        host = self._host(request)
        if response.status in REFUSALS:
            self._refused(host, f"answered {response.status} {host.refused + 1} times in a row", response, request)
        elif response.status < 500:
            host.refused = 0
        elif response.status in self.retry_http_codes:
            self._wait(host, request, None)
        return response if host.closed else super().process_response(request, response)

    def process_exception(self, request: Request, exception: Exception, spider: Spider | None = None) -> Any:
        if not isinstance(exception, self.exceptions_to_retry):
            return None
        host = self._host(request)
        if isinstance(exception, ResponseDataLossError):
            # It did answer, only not wholly.
            return super().process_exception(request, exception)
        self._refused(host, f"did not answer {host.refused + 1} times in a row", None, request)
        return None if host.closed else super().process_exception(request, exception)

    def _host(self, request: Request) -> _Host:
        return self.hosts.setdefault(urlparse_cached(request).netloc, _Host())

    def _refused(self, host: _Host, why: str, response: Response | None, request: Request) -> None:
        host.refused += 1
        headers = response.headers if response is not None else {}
        asked = retry_after(headers.get("Retry-After"), headers.get("Date"))
        if asked is not None and asked > self.longest:
            self._close(host, request, f"asked to be left alone for {asked:.0f} s")
        elif host.refused >= PATIENCE:
            self._close(host, request, why)
        else:
            self._wait(host, request, asked)

    def _wait(self, host: _Host, request: Request, asked: float | None) -> None:
        """The host rests: as long as it asked, else `first` seconds, doubled with each retry of this request."""
        seconds = asked if asked is not None else self.first * 2 ** int(request.meta.get("retry_times", 0))
        host.not_before = max(host.not_before, time.monotonic() + min(seconds, self.longest))

    def _close(self, host: _Host, request: Request, why: str) -> None:
        host.closed = f"{urlparse_cached(request).netloc} {why}"
        self.crawler.stats.set_value("katy/left_alone", host.closed)

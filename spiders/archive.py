"""What is kept of what was fetched: enough to ask "has it changed?" the next time, and no longer than needed.

Scrapy's HTTP cache holds a page's validators (ETag, Last-Modified) and the body they belong to, below
`archive/http/<source>/`. A page that has not changed costs the site one short answer. Nothing is answered from here
without asking the site, and nothing old is passed off as new when the site is down.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Response

from warehouse.home import Home

# Bodies may hold what people wrote; a page that nobody asked for in this time is forgotten.
KEPT_DAYS = 30
LARGEST_KEPT = 2 * 1024 * 1024


class AskAgain(RFC2616Policy):  # type: ignore[misc]
    """RFC 9111 with every stored answer taken as stale: a price is only as new as the question."""

    def should_cache_response(self, response: Response, request: Request) -> bool:
        has_validator = b"ETag" in response.headers or b"Last-Modified" in response.headers
        fits = len(response.body) <= LARGEST_KEPT
        return (
            response.status == 200 and has_validator and fits and bool(super().should_cache_response(response, request))
        )

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        self._set_conditional_validators(request, cachedresponse)
        return False

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:
        return bool(response.status == 304)


class ConditionalRequests(HttpCacheMiddleware):  # type: ignore[misc]
    """Scrapy's cache middleware, without its habit of answering from the cache when the site cannot be reached."""

    def process_request(self, request: Request, spider: Spider | None = None) -> Any:
        # Rules must be read anew each time, and a rendered page is more than its HTML.
        if request.meta.get("dont_obey_robotstxt") or request.meta.get("playwright"):
            request.meta["dont_cache"] = True
        return super().process_request(request)

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Any:
        return super().process_response(request, response)

    def process_exception(self, request: Request, exception: Exception, spider: Spider | None = None) -> None:
        request.meta.pop("cached_response", None)


def cache_folder(home: Home) -> Path:
    return home.archive / "http"


def forget_old(home: Home, now: float | None = None) -> int:
    """Remove stored answers that were not confirmed for `KEPT_DAYS` days; returns how many. `now` is a POSIX time."""
    before = (time.time() if now is None else now) - KEPT_DAYS * 86_400
    removed = 0
    for meta in cache_folder(home).glob("*/*/*/*/pickled_meta"):
        try:
            old = meta.stat().st_mtime < before
        except FileNotFoundError:
            continue
        if old:
            shutil.rmtree(meta.parent, ignore_errors=True)
            removed += 1
    return removed

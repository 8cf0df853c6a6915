"""What every spider of pages shares: its requests, and what it hands out about each page.

A spider hands out small dicts of plain texts; nothing in its process believes a price, knows a seller's pseudonym or
writes to the data folder. Messages: `{"offer": …}`, `{"page": …}`, `{"failed": …}`, `{"note": …}`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from spiders.page_offers import read_page
from spiders.pages import Page, parse
from spiders.products import Offer

Message = dict[str, Any]


class SiteSpider(scrapy.Spider):  # type: ignore[misc]
    """A visit to one site, beginning at `base`. Subclasses say what to do with a page, in `parse`."""

    prefix = ""

    def __init__(self, *, name: str, base: str, **options: Any) -> None:
        super().__init__(name=name)
        self.base = base
        self.options = options
        host = urlsplit(base).hostname
        self.allowed_domains = [host.removeprefix("www.")] if host else []
        self.sitemaps: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SiteSpider:
        spider: SiteSpider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._robots_read, signal=signals.robots_parsed)
        return spider

    def _robots_read(self, robotparser: Any) -> None:
        self.sitemaps.extend(getattr(getattr(robotparser, "rp", None), "sitemaps", ()))

    async def start(self) -> AsyncIterator[Any]:
        # Not `dont_filter`: that would let a redirect lead off the site.
        yield self.ask(self.base, self.parse)

    def ask(
        self, url: str, callback: Callable[..., Any], errback: Callable[..., Any] | None = None, **told: Any
    ) -> Request:
        return Request(url, callback=callback, errback=errback or self.failed, cb_kwargs=told, meta=self.meta())

    def meta(self) -> dict[str, Any]:
        """What each request carries along; a browser's spider says here that it is one."""
        return {}

    def failed(self, failure: Any) -> Iterator[Message]:
        """Why a page was not got, as the report will say it."""
        error = failure.value
        why = f"status {error.response.status}" if isinstance(error, HttpError) else str(error) or type(error).__name__
        yield {"failed": {"url": failure.request.url, "why": why.splitlines()[0][:300]}}

    def page(self, response: Response) -> Page | None:
        """The parsed page of an HTML answer; None for anything else, which `unread` then reports."""
        return parse(response.text, response.url) if isinstance(response, TextResponse) else None

    def unread(self, response: Response) -> Message:
        kind = response.headers.get("Content-Type", b"nothing").decode("latin-1")
        return {"failed": {"url": response.url, "why": f"no page to read ({kind}, {len(response.body)} bytes)"}}

    def offers(self, page: Page) -> list[Offer]:
        return read_page(page, prefix=self.prefix)

    def told(self, response: Response, page: Page, offers: list[Offer]) -> Iterator[Message]:
        """The messages about one page that was read."""
        yield {"page": {"url": response.url, "offers": len(offers), "unreadable_jsonld": page.unreadable_blocks}}
        for offer in offers:
            yield {
                "offer": {
                    "row": offer.row,
                    "price_path": offer.price_path,
                    "reason": offer.reason,
                    "message": offer.message,
                    "found_at": response.url,
                }
            }


def is_front_page(url: str) -> bool:
    """Whether a URL names a site, and no page of it."""
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def sitemap_address(url: str) -> str:
    return urljoin(url, "/sitemap.xml")

"""The process of one visit: `python -m spiders.run`, started by `spiders.agent` and by nothing else.

It reads a job (one line of JSON) from standard input, visits, and writes messages (one line of JSON each) to standard
output; the last is `{"end": …}` with Scrapy's counts. It holds no secret and writes nothing but the archive of
unchanged pages. When its input closes, whoever started it is gone, and it ends too.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings.default_settings import RETRY_EXCEPTIONS

from spiders.source import Limits

_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one visit is to do: all plain values, so that it fits one line of JSON."""

    spider: str
    name: str
    base: str
    typed: bool
    user_agent: str
    delay: float
    archive: str | None = None
    browser: str | None = None
    limits: Limits = field(default_factory=Limits)

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Job:
        values = json.loads(line)
        return cls(**{**values, "limits": Limits(**values["limits"])})


# Scrapy's own, replaced where they stand; addresses are judged before anything is fetched, robots.txt too.
_MIDDLEWARES: dict[str, int | None] = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "spiders.addresses.AddressMiddleware": 60,
    "spiders.politeness.RobotsMiddleware": 100,
    "spiders.politeness.PatienceMiddleware": 550,
    "spiders.addresses.RedirectsOnSite": 600,
    "spiders.archive.ConditionalRequests": 900,
}


def settings(job: Job) -> dict[str, Any]:
    """Scrapy's settings of a job. Everything not named here is Scrapy's own default."""
    limits = job.limits
    return {
        "USER_AGENT": job.user_agent,
        "ROBOTSTXT_OBEY": True,
        "KATY_BASE": job.base if job.typed else None,
        "KATY_LONGEST_WAIT": limits.longest_wait,
        "KATY_FIRST_WAIT": limits.first_wait,
        # One request at a time and one delay per domain.
        "DOWNLOAD_DELAY": job.delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": 1,
        "DOWNLOAD_TIMEOUT": limits.answer_seconds,
        "DOWNLOAD_MAXSIZE": limits.bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "CLOSESPIDER_PAGECOUNT": limits.requests,
        "CLOSESPIDER_TIMEOUT": limits.seconds,
        "RETRY_TIMES": limits.retries,
        # A name that does not resolve will not resolve in two seconds either.
        "RETRY_EXCEPTIONS": [one for one in RETRY_EXCEPTIONS if "CannotResolveHost" not in str(one)]
        + (["playwright.async_api.Error"] if job.browser else []),
        "REDIRECT_MAX_TIMES": 5,
        "COOKIES_ENABLED": False,
        "TWISTED_DNS_RESOLVER": "spiders.addresses.PublicResolver",
        "DOWNLOADER_MIDDLEWARES": _MIDDLEWARES,
        "HTTPCACHE_ENABLED": job.archive is not None,
        "HTTPCACHE_DIR": job.archive or "",
        "HTTPCACHE_GZIP": True,
        "HTTPCACHE_POLICY": "spiders.archive.AskAgain",
        "ITEM_PIPELINES": {"spiders.run.Outbox": 100},
        # A proxy of the environment would be asked for what only this machine can reach.
        "HTTPPROXY_ENABLED": not job.typed,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        "LOGSTATS_INTERVAL": 0,
        **(_browser_settings(job) if job.browser else {}),
    }


def _browser_settings(job: Job) -> dict[str, Any]:
    from spiders.browser import scrapy_settings

    return scrapy_settings(
        job.browser or "", job.user_agent, job.limits.answer_seconds, job.base if job.typed else None
    )


class Outbox:
    """The end of Scrapy's pipeline: each message becomes a line."""

    out: TextIO = sys.stdout

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        _write(item)
        return item


def _write(message: dict[str, Any]) -> None:
    Outbox.out.write(json.dumps(message, ensure_ascii=True) + "\n")
    Outbox.out.flush()


def _end_with_parent() -> None:
    """Wait for standard input to close; then ask Scrapy to stop, and stop in any case."""
    while sys.stdin.readline():
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(3)


def _page_failed(failure: Any, response: Any, spider: Any) -> None:
    """A page that broke its reading loses itself and no other; the report names it."""
    _write({"failed": {"url": response.url, "why": f"reading failed: {failure.type.__name__}: {failure.value}"[:300]}})


def visit(job: Job) -> dict[str, Any]:
    """Visit, and return Scrapy's counts."""
    module, _, class_name = job.spider.partition(":")
    spider = getattr(importlib.import_module(module), class_name)
    process = AsyncCrawlerProcess(settings(job))
    crawler: Crawler = process.create_crawler(spider)
    crawler.signals.connect(_page_failed, signal=signals.spider_error)
    process.crawl(crawler, name=job.name, base=job.base)
    process.start()
    return {key: value for key, value in crawler.stats.get_stats().items() if isinstance(value, str | int | float)}


def main() -> None:
    # What libraries print must not get between the messages.
    Outbox.out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    job = Job.from_line(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _write({"end": visit(job)})


if __name__ == "__main__":
    # The pipeline imports this module by its name; both must be one.
    from spiders.run import main as run_main

    run_main()

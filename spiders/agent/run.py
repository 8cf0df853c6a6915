"""The process of one visit: started by `spiders.agent.process` and by nothing else.

It reads a job (one line of JSON) and then asks (a line each) from standard input, and writes messages (a line each) to
standard output; the last is `{"end": …}` with Scrapy's counts. It writes nothing else. When its input closes without a
word of farewell, whoever started it is gone, and it ends too.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from typing import Any, TextIO

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings.default_settings import DOWNLOADER_MIDDLEWARES_BASE, EXTENSIONS_BASE, RETRY_EXCEPTIONS

from spiders.agent.fetch import Fetcher, read_ask
from spiders.agent.job import Job

_GRACE_SECONDS = 5.0
_STOP = "stop"
# Requests to one host at a time where an operator says that no time need pass between them.
AT_ONCE = 8


# Scrapy's own, replaced where they stand; addresses are judged before anything is fetched, robots.txt too.
_MIDDLEWARES: dict[str, int | None] = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "spiders.agent.addresses.AddressMiddleware": 60,
    "spiders.agent.politeness.RobotsMiddleware": 100,
    "spiders.agent.politeness.PatienceMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "spiders.agent.unpacking.WholeBodies": 590,
    "spiders.agent.addresses.RedirectsOnSite": 600,
}

# Off below, and yet imported where they are listed: an HTTP client each, which is a third of a visit's start.
_UNUSED = ("RemoteControl", "CookiesMiddleware")


def used(listed: dict[str, int]) -> dict[str, int]:
    """Scrapy's list of components without those that no visit uses."""
    return {name: place for name, place in listed.items() if not name.endswith(_UNUSED)}


def settings(job: Job) -> dict[str, Any]:
    """Scrapy's settings of a job. Everything not named here is Scrapy's own default."""
    limits = job.limits
    at_once = 1 if job.delay > 0 or job.browser else AT_ONCE
    return {
        "USER_AGENT": job.user_agent,
        "ROBOTSTXT_OBEY": job.robots,
        "KATY_BASE": job.base if job.typed else None,
        "KATY_LONGEST_WAIT": limits.longest_wait,
        "KATY_FIRST_WAIT": limits.first_wait,
        # One request at a time and one delay per domain.
        "DOWNLOAD_DELAY": job.delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": at_once,
        "CONCURRENT_REQUESTS": at_once,
        "DOWNLOAD_TIMEOUT": limits.answer_seconds,
        "DOWNLOAD_MAXSIZE": limits.bytes or job.largest,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_TIMES": limits.retries,
        # A name that does not resolve will not resolve in two seconds either.
        "RETRY_EXCEPTIONS": [one for one in RETRY_EXCEPTIONS if "CannotResolveHost" not in str(one)]
        + (["playwright.async_api.Error"] if job.browser else []),
        "REDIRECT_MAX_TIMES": 5,
        "COOKIES_ENABLED": False,
        # The parent asks for nothing twice, and in the order it wants.
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        "TWISTED_DNS_RESOLVER": "spiders.agent.addresses.PublicResolver",
        "DOWNLOADER_MIDDLEWARES_BASE": used(DOWNLOADER_MIDDLEWARES_BASE),
        "DOWNLOADER_MIDDLEWARES": _MIDDLEWARES,
        # A proxy of the environment would be asked for what only this machine can reach.
        "HTTPPROXY_ENABLED": not job.typed,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "EXTENSIONS_BASE": used(EXTENSIONS_BASE),
        "LOG_LEVEL": "WARNING",
        "LOGSTATS_INTERVAL": 0,
        **(_browser_settings(job) if job.browser else {}),
    }


def _browser_settings(job: Job) -> dict[str, Any]:
    from spiders.agent.browser import scrapy_settings

    return scrapy_settings(
        job.browser or "", job.user_agent, job.limits.answer_seconds, job.base if job.typed else None
    )


class Mouth:
    """Where messages go: a line each."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, message: dict[str, Any]) -> None:
        self.out.write(json.dumps(message, ensure_ascii=True) + "\n")
        self.out.flush()


class Ear:
    """Where asks come from: a thread reads the lines, the spider's loop takes them."""

    def __init__(self) -> None:
        self.asks: asyncio.Queue[Any] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self, *_: Any, **__: Any) -> None:
        """Begin, in the loop that runs now."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            said = line.strip()
            self._hand_over(None if said == _STOP else read_ask(said))
            if said == _STOP:
                return
        _end()

    def _hand_over(self, told: Any) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self.asks.put_nowait, told)


def _end() -> None:
    """Whoever asked is gone: ask Scrapy to stop, and stop in any case."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(3)


def visit(job: Job, mouth: Mouth) -> dict[str, Any]:
    """Visit, and return Scrapy's counts."""
    ear = Ear()
    process = AsyncCrawlerProcess(settings(job))
    crawler: Crawler = process.create_crawler(Fetcher)
    crawler.signals.connect(ear.listen, signal=signals.spider_opened)
    process.crawl(crawler, job=job, asks=ear.asks, write=mouth.write)
    process.start()
    return {key: value for key, value in crawler.stats.get_stats().items() if isinstance(value, str | int | float)}


def main() -> None:
    # What libraries print must not get between the messages.
    mouth = Mouth(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    job = Job.from_line(sys.stdin.readline())
    mouth.write({"end": visit(job, mouth)})
    # Nothing is left to do, and a thread may still wait for input.
    mouth.out.close()
    os._exit(0)

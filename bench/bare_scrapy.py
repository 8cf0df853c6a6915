"""The peer: a bare Scrapy spider that reads nothing but titles, with Scrapy's own settings and the same pace.

`python -m bench.bare_scrapy BASE PAGES FILE` writes {"url", "title"} lines to FILE.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess


class Titles(scrapy.Spider):
    name = "titles"

    async def start(self) -> AsyncIterator[Any]:
        for number in range(self.pages):
            yield scrapy.Request(f"{self.base}/p/{number}")

    def parse(self, response: Any) -> Iterator[dict[str, str]]:
        yield {"url": response.url, "title": response.css("title::text").get()}


if __name__ == "__main__":
    base, pages, out = sys.argv[1:]
    process = AsyncCrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "FEEDS": {out: {"format": "jsonlines"}},
        }
    )
    process.crawl(Titles, base=base, pages=int(pages))
    process.start()

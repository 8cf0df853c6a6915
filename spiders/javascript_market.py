"""Markets whose pages only exist after JavaScript has run: rendered in a browser, then read like any other page.

The base is a page that lists things, or one of a thing. The same schema.org reading, links and next pages as elsewhere;
every price path begins with "rendered".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from scrapy.http import Response
from scrapy_playwright.page import PageMethod

from spiders.browser import settle, watch
from spiders.schema_org import SchemaOrgSpider
from spiders.source import Source

SOURCE = Source(
    name="javascript_market",
    title="A market whose pages need JavaScript",
    record="listing",
    spider="spiders.javascript_market:JavaScriptSpider",
    licence_note="The site's own terms hold; facts and prices only, and only what robots.txt allows",
    cadence=timedelta(days=1),
    browser=True,
)


class JavaScriptSpider(SchemaOrgSpider):
    """Renders every page; begins with the links of the base, since such sites seldom keep a sitemap."""

    prefix = "rendered "

    def meta(self) -> dict[str, Any]:
        return {
            "playwright": True,
            "playwright_page_init_callback": watch,
            "playwright_page_methods": [PageMethod(settle)],
        }

    def parse(self, response: Response) -> Iterator[Any]:
        yield from self.listing(response)

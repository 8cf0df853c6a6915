"""Markets whose pages only exist after JavaScript has run: rendered in a browser, then read like any other page.

The base is a page that lists things, or one of a thing. The same schema.org reading, links and next pages as elsewhere;
every price path begins with "rendered".

Traps: a shell before its scripts have run; lists that grow when they are scrolled, or by a button; pages that never
come to rest; private addresses that a page would load; else as in `schema_org`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from spiders import schema_org
from spiders.reader import Answer, Item
from spiders.source import Source

SOURCE = Source(
    name="javascript_market",
    title="A market whose pages need JavaScript",
    records=("listing",),
    reader="spiders.javascript_market:JavaScriptReader",
    follows="https://schema.org/Product",
    licence_note="The site's own terms hold; facts and prices only, and only what robots.txt allows",
    cadence=timedelta(days=1),
    fields=schema_org.SOURCE.fields,
    browser=True,
)


class JavaScriptReader(schema_org.SchemaOrgReader):
    """Begins with the links of the base, since such sites seldom keep a sitemap; each page comes rendered."""

    prefix = "rendered "

    def parse(self, answer: Answer) -> Iterator[Item]:
        return self.listing(answer)

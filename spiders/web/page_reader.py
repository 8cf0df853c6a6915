"""What every reader of pages shares: from an answer to a page, and from a page's offers to what is handed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spiders.reader import Answer, Found, Item, Note, Reader, Unreadable
from spiders.web.offer import Offer
from spiders.web.page_offers import drifted, read_page
from spiders.web.pages import Page, parse
from spiders.web.walls import wall_of

_PAGE_KINDS = re.compile(r"(?:text/|application/(?:xhtml|xml))|^$")
# Signs that no text has, in what does not even begin like a page; UTF-16 begins with a byte-order mark.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_BEGINNINGS = (b"<", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


class PageReader(Reader):
    """Reads pages. `prefix` begins every price path."""

    prefix = ""

    def page(self, answer: Answer) -> Page:
        """The parsed page of an answer. Raises Unreadable where it is none: an image, a PDF, JSON."""
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        start = answer.body[:512].lstrip()
        binary = not start.startswith(_BEGINNINGS) and _BINARY.search(start) is not None
        if not _PAGE_KINDS.match(kind) or binary:
            raise Unreadable(f"no page to read ({kind or 'of no stated kind'}, {len(answer.body)} bytes)")
        return parse(answer.text, answer.url)

    def offers(self, page: Page) -> list[Offer]:
        """What a page offers."""
        return read_page(page, prefix=self.prefix)

    def wall(self, answer: Answer, page: Page) -> Note | None:
        """The note on a page that is none but a wall."""
        asked = "" if answer.ask.url.startswith("file:") else answer.ask.url
        return wall_of(page, status=answer.status, asked=asked, rendered=self.visit.source.browser)

    def told(self, answer: Answer, page: Page, offers: list[Offer], links: Iterable[str] = ()) -> Iterator[Item]:
        """The rows and notes of a page that was read; `links` are the pages it leads to."""
        if page.unreadable_blocks:
            yield Note(f"{page.unreadable_blocks} JSON-LD blocks of {answer.url} could not be read")
        drift = drifted(page, offers)
        if drift:
            yield Note(f"{answer.url}: {drift}", "drift")
        if not offers and not any(links):
            wall = self.wall(answer, page)
            if wall is not None:
                yield wall
        for offer in offers:
            yield Found("listing", offer.row, offer.price_path, offer.reason, offer.message, found_at=answer.url)

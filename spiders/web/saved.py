"""Pages as browsers save them: HTML, MHTML and Safari's web archive, and what they say of where and when.

The address of a saved page stands in the comment that Chrome, Firefox and SingleFile write above it, in the headers of
MHTML (RFC 2557), in a web archive's property list, or else in the page's own canonical link.
"""

from __future__ import annotations

import email
import email.policy
import plistlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from w3lib.encoding import html_to_unicode

from spiders.reader import Unreadable
from spiders.web.pages import Page, parse

ENDINGS = (".html", ".htm", ".xhtml", ".mhtml", ".mht", ".webarchive")
LARGEST = 64 * 1024 * 1024
# <!-- saved from url=(0042)https://example.org/a --> and SingleFile's lines " url: …" and " saved date: …".
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(r"<!--\s*Page saved with SingleFile\s(.*?)-->", re.IGNORECASE | re.DOTALL)
_LINE = re.compile(r"^\s*(url|saved date):\s*(.+?)\s*$", re.MULTILINE)
# "Sat Nov 21 2026 10:00:00 GMT+0100 (Central European Standard Time)"
_SCRIPT_DATE = re.compile(r"\w{3} (\w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})")
_HEAD = 4_000


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved page: its HTML, its address and the moment it was saved, where the file says them."""

    text: str
    url: str | None = None
    saved_at: datetime | None = None

    def page(self, instead: str) -> Page:
        """The page, parsed; `instead` is its address where the file names none."""
        address = self.url or instead
        page = parse(self.text, address)
        own = None if self.url else _own_address(page)
        return Page(own, page.tree, page.body) if own else page


def open_saved(path: Path) -> Saved:
    """A saved page from its file. Raises Unreadable where the file holds none, OSError where it cannot be opened."""
    size = path.stat().st_size
    if size > LARGEST:
        raise Unreadable(f"it has {size} bytes; {LARGEST} are read")
    return read_saved(path.read_bytes(), path.suffix.lower())


def read_saved(content: bytes, ending: str) -> Saved:
    """A saved page from a file's bytes; `ending` is that of its name (".mhtml"). Raises Unreadable."""
    if content.startswith(b"bplist00") or ending == ".webarchive":
        return _web_archive(content)
    if ending in {".mhtml", ".mht"} or re.match(rb"(?:From|MIME-Version|Snapshot-Content-Location):", content):
        return _mhtml(content)
    if not content.strip():
        raise Unreadable("the file is empty")
    if b"\x00" in content[:512] and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("it is no page: it holds no text")
    return _html(_decoded(content, None))


def _html(text: str, url: str | None = None, saved_at: datetime | None = None) -> Saved:
    head = text[:_HEAD]
    single = _SINGLE_FILE.search(head)
    said = dict(_LINE.findall(single[1])) if single else {}
    comment = _SAVED_FROM.search(head)
    found = url or said.get("url") or (comment[1] if comment else None)
    return Saved(text, _web(found), saved_at or _script_date(said.get("saved date", "")))


def _mhtml(content: bytes) -> Saved:
    """The main part of an MHTML file: the one its header names, else the first that is HTML."""
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    location = message.get("Snapshot-Content-Location") or message.get("Content-Location")
    parts = [part for part in message.walk() if part.get_content_type() in {"text/html", "application/xhtml+xml"}]
    if not parts:
        raise Unreadable("it is no MHTML page: none of its parts is HTML")
    main = next((part for part in parts if location and part.get("Content-Location") == location), parts[0])
    body = main.get_payload(decode=True)
    text = _decoded(body if isinstance(body, bytes) else b"", main.get_content_charset())
    return _html(text, str(location or main.get("Content-Location") or "") or None, _mail_date(message))


def _web_archive(content: bytes) -> Saved:
    try:
        resource = plistlib.loads(content)["WebMainResource"]
        text = _decoded(resource["WebResourceData"], resource.get("WebResourceTextEncodingName"))
    except (plistlib.InvalidFileException, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Unreadable(f"it is no web archive ({type(error).__name__})") from error
    return _html(text, resource.get("WebResourceURL"))


def _decoded(content: bytes, charset: str | None) -> str:
    kind = f"text/html; charset={charset}" if charset else None
    return str(html_to_unicode(kind, content, default_encoding="utf-8")[1])


def _own_address(page: Page) -> str | None:
    """What a page calls its own address: its canonical link, else og:url."""

    def said() -> Iterator[Any]:
        for link in page.tree.iter("link"):
            if "canonical" in link.get("rel", "").lower().split():
                yield link.get("href")
        for meta in page.tree.iter("meta"):
            if meta.get("property") == "og:url":
                yield meta.get("content")

    return next((found for link in said() if (found := _web(link))), None)


def _web(url: str | None) -> str | None:
    """An address of the web, or None: file: and about: say nothing."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in {"http", "https"} and parts.hostname and not parts.username else None


def _mail_date(message: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(message["Date"]))
    except (ValueError, TypeError, IndexError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _script_date(text: str) -> datetime | None:
    found = _SCRIPT_DATE.match(text)
    try:
        return datetime.strptime(f"{found[1]} {found[2]}", "%b %d %Y %H:%M:%S %z").astimezone(UTC) if found else None
    except ValueError:
        return None

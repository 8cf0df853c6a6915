"""The contract of an agent: what to ask, and what an answer says. All the rest is done for it.

A source writes a `Reader`: pure functions from answers to rows. It opens no connection, waits for nothing, keeps
nothing and believes nothing: `spiders.agent` asks for it (politely, again after a failure, never twice for the same),
hides persons, turns its rows into records or quarantines them, archives, lands and reports. So a reader reads a live
site, a saved file and a test's fixture alike.

    class Rates(Reader):
        def parse(self, answer: Answer) -> Iterator[Item]:
            said = answer.json()
            for code, rate in said["rates"].items():
                yield Found("fx_rate", texts(base=said["base"], quote=code, kind="official", rate=rate, …))

`docs/writing-a-source.md` goes through one from the first line to its fixtures.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from w3lib.encoding import html_to_unicode

from spiders.source import Source

Row = dict[str, str]
# What a compressed answer may unpack to.
LARGEST_UNPACKED = 256 * 1024 * 1024


class Unreadable(Exception):
    """An answer that is not what its source's format says. The message is for a person; the address is added to it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to make: plain values, so that it can be kept and taken up again after a crash.

    `step` is the method of the reader that takes the answer, and `told` what it is told beside it (values of JSON).
    Never put a secret into it: `Reader.sign` does that, at the last moment. Of two asks, the one with the higher
    `worth` is made first. `again` makes it a question of its own where the same address is asked for a second reason.
    """

    url: str
    step: str = "parse"
    told: Mapping[str, Any] = field(default_factory=dict)
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    worth: float = 0.0
    again: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One row: texts under a record's field names (any other name is an attribute), as the source wrote them.

    Numbers are given as written; dates and times that are not ISO 8601 are turned into it by the reader, where it
    can. `price_path` says which part of the answer the price was read from ("jsonld offers.price"). A `reason` (a
    word to be counted, with the `message` for a person) means that the row must be quarantined. `found_at` is the
    row's own address where it has one.
    """

    record: str
    row: Row
    price_path: str = ""
    reason: str | None = None
    message: str = ""
    found_at: str | None = None

    def plain(self) -> dict[str, Any]:
        """The same as values of JSON; the row is shared, not copied."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be told about an answer. `kind` is "note", or a word for an alarm: login_wall, block, drift."""

    text: str
    kind: str = "note"


Item = Ask | Found | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One reading of a source: where, for what, with which secrets. `now` is its moment, for every row of it."""

    source: Source
    base: str
    now: datetime
    targets: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    currency: str | None = None

    @property
    def saved(self) -> bool:
        """Whether a saved file is read instead of a site."""
        return self.base.startswith("file:")


@dataclass(frozen=True)
class Answer:
    """What was answered. `url` is where it came from in the end; header names are in lower case."""

    ask: Ask
    url: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """The body as text: by its byte-order mark, its header, or what it says of itself; UTF-8 otherwise.

        What says that it is UTF-8 and is not, or that it is Latin and is UTF-8, is taken for what it is.
        """
        encoding, text = html_to_unicode(self.headers.get("content-type"), self.body, default_encoding="utf-8")
        if encoding in {"cp1252", "ascii", "iso8859-1", "latin_1"} and not self.body.isascii():
            # Hardly any text in a Latin encoding happens to be UTF-8.
            with contextlib.suppress(UnicodeDecodeError):
                return self.body.decode("utf-8-sig")
        if encoding == "utf-8" and "\ufffd" in text and not _mostly_utf8(self.body):
            return self.body.decode("cp1252", "replace")
        return str(text)

    def json(self) -> Any:
        """The body as JSON, numbers as they are written (texts). Raises Unreadable."""
        try:
            return json.loads(self.text.lstrip("\ufeff"), parse_float=str, parse_int=str, parse_constant=lambda _: None)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"it is not JSON ({error}); it begins {self.text[:60]!r}") from error

    def unpacked(self, *endings: str) -> tuple[bytes, str]:
        """The bytes inside a zip or gzip body and their name, or the body itself. Raises Unreadable.

        Of a zip the first file with one of the `endings` (".csv") is taken.
        """
        name = urlsplit(self.url).path.rsplit("/", 1)[-1]
        try:
            if self.body[:4] == b"PK\x03\x04":
                return _unzipped(self.body, endings)
            if self.body[:2] == b"\x1f\x8b":
                with gzip.open(io.BytesIO(self.body)) as file:
                    content = file.read(LARGEST_UNPACKED + 1)
                if len(content) > LARGEST_UNPACKED:
                    raise Unreadable(f"{name} unpacks to more than {LARGEST_UNPACKED} bytes")
                return content, name.removesuffix(".gz")
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise Unreadable(f"{name} is damaged ({error})") from error
        return self.body, name


def _mostly_utf8(body: bytes) -> bool:
    """Whether what is not ASCII in a body is UTF-8 for the most part, and merely damaged in places."""
    broken = body.decode("utf-8", "replace").count("\ufffd")
    whole = len(body.decode("utf-8", "ignore").encode("ascii", "ignore"))
    return len(body.decode("utf-8", "ignore")) - whole > broken


def _unzipped(body: bytes, endings: tuple[str, ...]) -> tuple[bytes, str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        inside = [one for one in archive.infolist() if not one.is_dir()]
        wanted = [one for one in inside if not endings or one.filename.lower().endswith(endings)]
        if not wanted:
            raise Unreadable(
                f"the zip holds no {' or '.join(endings)}; it holds {[one.filename for one in inside][:5]}"
            )
        if wanted[0].file_size > LARGEST_UNPACKED:
            raise Unreadable(
                f"{wanted[0].filename} unpacks to {wanted[0].file_size} bytes; {LARGEST_UNPACKED} are read"
            )
        return archive.read(wanted[0]), wanted[0].filename


class Reader:
    """A source's way of asking and reading. Subclasses write `parse`, and the others where they need them."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        # The sitemaps that the site's robots.txt names; known once the first answer is there.
        self.sitemaps: list[str] = []

    def start(self) -> Iterator[Ask | Note]:
        """The first asks: the base, once. With several `visit.targets` usually one for each. BadInput where none of
        them can be asked for."""
        yield Ask(self.visit.base)

    def parse(self, answer: Answer) -> Iterator[Item]:
        """What an answer says. Other steps are methods of the same shape."""
        raise NotImplementedError
        yield

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """What to do instead of an ask that was not answered well (`status` None: not at all).

        None lets it count as a failure; an iterator (also an empty one) means that it was expected.
        """
        return None

    def packaged(self) -> Answer | None:
        """A copy of the data that an installed package carries, read where the source itself cannot be reached."""
        return None

    def grant(self) -> Ask | None:
        """A request for leave to ask (OAuth), made before all others and when leave has run out (401)."""
        return None

    def granted(self, answer: Answer) -> None:
        """Takes in the answer to `grant`. Raises Unreadable where it grants nothing."""

    def sign(self, ask: Ask) -> Ask:
        """The ask with the visit's keys in it, just before it is made. What this returns is kept nowhere."""
        return ask

    def at(self, path: str = "", **query: str | int | None) -> str:
        """An address below the base; a saved file is always itself."""
        if self.visit.saved:
            return self.visit.base
        base = self.visit.base if not path else urljoin(self.visit.base.rstrip("/") + "/", path.lstrip("/"))
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        return f"{base}{'&' if '?' in base else '?'}{asked}" if asked else base


def texts(**values: object) -> Row:
    """A row of the values that say anything: None and "" are left out, booleans are "true" and "false"."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value is not None and value != ""
    }


def with_query(ask: Ask, **query: str) -> Ask:
    """The ask with more in its query: for `Reader.sign`."""
    return replace(ask, url=f"{ask.url}{'&' if '?' in ask.url else '?'}{urlencode(query)}")


def with_headers(ask: Ask, **headers: str) -> Ask:
    """The ask with more headers, "_" standing for "-": for `Reader.sign`."""
    return replace(ask, headers={**ask.headers, **{name.replace("_", "-"): text for name, text in headers.items()}})

"""The one spider: it asks what its parent tells it to, has the source's reader read it, and hands on what came.

Everything it says is one message for each ask, so that the parent can tell what is done from what is not. It believes
nothing and writes nothing.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import html
import importlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.python import global_object_name

from spiders.agent.archive import LARGEST_KEPT
from spiders.agent.job import Job
from spiders.agent.redact import redact
from spiders.privacy import is_personal
from spiders.reader import Answer, Ask, Found, Note, Reader, Unreadable, Visit
from spiders.registry import reader_of
from spiders.source import Source

_is_personal = functools.cache(is_personal)
Message = dict[str, Any]
# Rows of one answer that go into one message.
_MOST_ROWS = 500
_TEXTUAL = ("text/", "json", "xml", "javascript", "csv", "html")
# What Scrapy raises without a word.
_WORDLESS = {
    "ResponseDataLossError": "its body ended too early: it is less than was announced",
    "DownloadCancelledError": "its body is larger than what is read of one answer",
}
_PERSONAL_RECORDS = frozenset({"listing", "list_price"})


class Fetcher(scrapy.Spider):  # type: ignore[misc]
    """Asks and reads. `asks` is where the parent's asks arrive: (key, ask, validators); None ends the visit."""

    handle_httpstatus_list = (304,)

    def __init__(self, *, job: Job, asks: asyncio.Queue[Any], write: Callable[[Message], None]) -> None:
        super().__init__(name=job.source)
        self.job, self.asks, self.write = job, asks, write
        self.source: Source = importlib.import_module(f"spiders.{job.source}").SOURCE
        visit = Visit(
            source=self.source,
            base=job.base,
            now=datetime.fromisoformat(job.now),
            targets=job.targets,
            keys=job.keys,
            region=job.region,
            currency=job.currency,
        )
        self.reader: Reader = reader_of(self.source, visit)
        host = urlsplit(job.base).hostname
        self.allowed_domains = [host.removeprefix("www."), *self.source.hosts] if host else []
        self._leave = asyncio.Event()
        self.secrets = secrets_of(job.keys)
        # Whether the answer that is being read repeats what it was asked with.
        self._echoed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Fetcher:
        spider: Fetcher = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._robots_read, signal=signals.robots_parsed)
        return spider

    def _robots_read(self, robotparser: Any) -> None:
        self.reader.sitemaps.extend(getattr(getattr(robotparser, "rp", None), "sitemaps", ()))

    async def start(self) -> AsyncIterator[Any]:
        """Leave first, where the source gives it; then what the reader begins with, and then what the parent says."""
        leave = self.reader.grant()
        if leave is not None:
            yield self._request("", leave, {}, callback=self._granted, errback=self._not_granted)
            await self._leave.wait()
        if self.job.fresh:
            self.write({"start": self._first()})
        while (told := await self.asks.get()) is not None:
            key, ask, validators = told
            yield self._request(key, ask, validators)

    def _first(self) -> Message:
        """What the reader begins with. One that cannot begin says why, and the visit is over."""
        read: Message = {"found": [], "asks": [], "notes": [], "failed": None, "persons": set()}
        try:
            self._take(self.reader.start(), "", read)
        except Exception as error:
            self.write({"refused": {"why": self._keyless(_why(error))}})
        return {"asks": read["asks"], "notes": read["notes"]}

    def _granted(self, response: Response) -> None:
        try:
            self.reader.granted(Answer(response.meta["katy"][1], response.url, response.body, response.status))
        except Unreadable as error:
            self.write({"refused": {"why": f"{response.url} grants no leave: {error}"}})
        self._leave.set()

    def _not_granted(self, failure: Any) -> None:
        self.write({"refused": {"why": f"{failure.request.url} grants no leave: {_why(failure.value)}"}})
        self._leave.set()

    def _request(self, key: str, ask: Ask, headers: dict[str, str], **said: Any) -> Request:
        signed = self.reader.sign(ask) if key else ask
        return Request(
            signed.url,
            method=signed.method,
            headers={**signed.headers, **headers},
            body=signed.body,
            callback=said.get("callback", self._answered),
            errback=said.get("errback", self._failed),
            meta={"katy": (key, ask), **self._rendered()},
        )

    def _rendered(self) -> dict[str, Any]:
        if not self.source.browser:
            return {}
        from scrapy_playwright.page import PageMethod

        from spiders.agent.browser import settle, watch

        return {
            "playwright": True,
            "playwright_page_init_callback": watch,
            "playwright_page_methods": [PageMethod(settle)],
        }

    # --- answers ------------------------------------------------------------------------------------------------

    def _answered(self, response: Response) -> Any:
        key, ask = response.meta["katy"]
        if response.status == 304:
            self.write({"unchanged": {"key": key}})
            return
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        # The address as it was asked, without what `sign` put into it, unless a redirect led elsewhere.
        moved = bool(response.meta.get("redirect_urls"))
        url = self._keyless(response.url) if moved else ask.url
        answer = Answer(ask, url, response.body, response.status, headers)
        read = self._read(key, answer)
        text, raw = self._to_keep(answer)
        read["persons"] = sorted(read["persons"])
        self.write(
            {
                "answer": {
                    "key": key,
                    "url": answer.url,
                    "status": answer.status,
                    "bytes": len(answer.body),
                    "sha256": hashlib.sha256(answer.body).hexdigest(),
                    "etag": headers.get("etag"),
                    "last_modified": headers.get("last-modified"),
                    "content_type": headers.get("content-type", ""),
                    "text": text,
                    "raw": base64.b64encode(raw).decode() if raw is not None else None,
                    **read,
                }
            }
        )

    def _read(self, key: str, answer: Answer) -> Message:
        """What the reader makes of an answer. A page that breaks its reading loses itself and no other."""
        read: Message = {"found": [], "asks": [], "notes": [], "failed": None, "persons": set()}
        self._echoed = any(secret.encode() in answer.body for secret in self.secrets)
        try:
            self._take(getattr(self.reader, answer.ask.step)(answer), key, read)
        except Unreadable as error:
            read["failed"] = str(error)
        except Exception as error:
            read["failed"] = f"reading failed: {global_object_name(type(error))}: {error}"[:300]
        if read["failed"]:
            read["failed"] = self._discreet(read["failed"], read["persons"])
        read["notes"] = [[kind, self._discreet(text, read["persons"])] for kind, text in read["notes"]]
        return read

    def _discreet(self, text: str, persons: Iterable[str] = ()) -> str:
        """What is said of a page, which may quote it, without persons and secrets."""
        return redact(self._keyless(text), self.source.personal, persons)

    def _take(self, items: Iterable[Any], key: str, read: Message) -> None:
        for item in items:
            if isinstance(item, Ask):
                read["asks"].append(self._unechoed(asdict(item)))
            elif isinstance(item, Note):
                read["notes"].append([item.kind, item.text])
            elif isinstance(item, Found):
                read["persons"].update(
                    text for name, text in item.row.items() if name == "seller" or _is_personal(name)
                )
                read["found"].append(self._unechoed(item.plain()))
                if len(read["found"]) >= _MOST_ROWS:
                    self.write({"rows": {"key": key, "url": "", "found": read["found"]}})
                    read["found"] = []

    def _to_keep(self, answer: Answer) -> tuple[str | None, bytes | None]:
        """What is to be archived of a body: a text that persons must be taken out of, or bytes that name none."""
        if not self.source.archived or len(answer.body) > LARGEST_KEPT:
            return None, None
        kind = answer.headers.get("content-type", "").lower()
        packed = answer.body[:2] in (b"\x1f\x8b", b"PK")
        if (any(part in kind for part in _TEXTUAL) or not kind) and not packed and b"\x00" not in answer.body[:1024]:
            return self._keyless(answer.text), None
        if self.source.personal or _PERSONAL_RECORDS & set(self.source.records):
            return None, None
        return None, answer.body

    # --- failures -----------------------------------------------------------------------------------------------

    def _failed(self, failure: Any) -> Any:
        key, ask = failure.request.meta["katy"]
        error = failure.value
        status = error.response.status if isinstance(error, HttpError) else None
        why = f"status {status}" if status else self._keyless(_why(error))
        if status == 401 and not failure.request.meta.get("katy_again") and (leave := self.reader.grant()) is not None:
            self._leave.clear()
            yield self._request("", leave, {}, callback=self._ask_again(failure.request), errback=self._not_granted)
            return
        read: Message = {"found": [], "asks": [], "notes": [], "failed": None, "persons": set()}
        instead = self.reader.failed(ask, why, status)
        if instead is not None:
            self._take(instead, key, read)
        del read["persons"]
        told = {
            "key": key,
            "url": self._keyless(failure.request.url),
            "status": status,
            "why": why[:300],
            "expected": instead is not None,
        }
        self.write({"failed": {**told, "found": read["found"], "asks": read["asks"], "notes": read["notes"]}})

    def _keyless(self, text: str) -> str:
        """A text without the visit's secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "[key]")
        return text

    def _unechoed(self, values: Message) -> Message:
        """What was read, without the secrets that some servers repeat in what they answer."""
        if not self._echoed:
            return values
        plain = json.dumps(values, ensure_ascii=False)
        return values if plain == (clean := self._keyless(plain)) else dict(json.loads(clean))

    def _ask_again(self, request: Request) -> Callable[[Response], Any]:
        def granted(response: Response) -> Any:
            self._granted(response)
            key, ask = request.meta["katy"]
            again = self._request(key, ask, {})
            yield again.replace(meta={**again.meta, "katy_again": True})

        return granted


def secrets_of(keys: Mapping[str, str]) -> list[str]:
    """Every way in which a key may be written: as it is, in an address, in JSON and in a page; the longest first."""
    ways = set()
    for secret in filter(None, keys.values()):
        ways |= {
            secret,
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            html.escape(secret),
        }
    return sorted(ways, key=len, reverse=True)


def _why(error: BaseException) -> str:
    # Twisted wraps what happened to a connection.
    reasons = [reason.getErrorMessage() for reason in getattr(error, "reasons", None) or ()]
    name = type(error).__name__
    words = "; ".join(filter(None, reasons)).strip() or str(error).strip() or _WORDLESS.get(name, name)
    return words.splitlines()[0][:300]


def read_ask(line: str) -> tuple[str, Ask, dict[str, str]]:
    """An ask as the parent sends it: key, ask and the validators of the last answer."""
    said = json.loads(line)
    headers = {}
    if said.get("etag"):
        headers["If-None-Match"] = said["etag"]
    if said.get("last_modified"):
        headers["If-Modified-Since"] = said["last_modified"]
    return said["key"], Ask(**said["ask"]), headers

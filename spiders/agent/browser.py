"""The browser for pages that only exist after JavaScript has run: where it is, and how it is kept on a short leash."""

from __future__ import annotations

import asyncio
import shutil
import time
import weakref
from pathlib import Path
from typing import Any

from spiders.agent.addresses import Gate
from warehouse.errors import KatyError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAY_OUT = (
    "install one (Debian, Ubuntu: apt-get install chromium; elsewhere: playwright install chromium), "
    "or name its path in KATY_BROWSER"
)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--metrics-recording-only",
    "--mute-audio",
]
# What a page's text does not need.
_NOT_NEEDED = frozenset({"image", "media", "font"})
_QUIET_SECONDS = 0.15
_LONGEST_SECONDS = 15.0
_MORE = "button, a[role=button]"
_MORE_WORDS = ("load more", "show more", "more results", "see more", "mehr anzeigen")


class NoBrowser(KatyError):
    """There is no browser for JavaScript pages on this machine."""


def find_browser(given: Path | str | None = None) -> str:
    """The path of a Chromium: the given one, else one on PATH, else Playwright's own. NoBrowser says the way out."""
    if given is not None:
        if not Path(given).is_file():
            raise NoBrowser(f"{given} is no browser: nothing is there. Either {WAY_OUT}")
        return str(given)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = _playwrights_own()
    if own is None:
        raise NoBrowser(f"no browser for JavaScript pages was found: {WAY_OUT}")
    return own


def _playwrights_own() -> str | None:
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except (Error, OSError):
        return None
    return path if Path(path).is_file() else None


def scrapy_settings(path: str, user_agent: str, seconds: float, typed: str | None) -> dict[str, Any]:
    """Scrapy's settings for rendered pages, with the browser at `path`; `seconds` is the limit of one page.

    `typed` is the base an operator typed, the only one that may be a private address.
    """
    handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": path, "args": _ARGUMENTS, "timeout": 30_000},
        "PLAYWRIGHT_CONTEXTS": {
            "default": {"user_agent": user_agent, "service_workers": "block", "accept_downloads": False}
        },
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": seconds * 1000,
        "PLAYWRIGHT_ABORT_REQUEST": Leash(typed),
    }


class Leash:
    """Decides for each request of the browser whether it is dropped: what is not needed, and private addresses."""

    def __init__(self, typed: str | None) -> None:
        self._gate = Gate(typed)

    async def __call__(self, request: Any) -> bool:
        if request.resource_type in _NOT_NEEDED:
            return True
        if request.url.startswith(("data:", "blob:")):
            return False
        return await asyncio.to_thread(self._gate.refusal, request.url) is not None


class _Watch:
    """What a page's browser is doing: requests on their way, and when that last changed (monotonic seconds)."""

    def __init__(self, page: Any) -> None:
        self._on_their_way: set[int] = set()
        self._changed = time.monotonic()
        page.on("request", self._begun)
        page.on("requestfinished", self._done)
        page.on("requestfailed", self._done)

    def _begun(self, request: Any) -> None:
        self._on_their_way.add(id(request._impl_obj))
        self._changed = time.monotonic()

    def _done(self, request: Any) -> None:
        self._on_their_way.discard(id(request._impl_obj))
        self._changed = time.monotonic()

    async def quiet(self, until: float) -> bool:
        """Wait until nothing is on its way and nothing has been for a moment; False where that is not so in time."""
        while time.monotonic() < until:
            if not self._on_their_way and time.monotonic() - self._changed >= _QUIET_SECONDS:
                return True
            await asyncio.sleep(0.03)
        return False


_watches: weakref.WeakKeyDictionary[Any, _Watch] = weakref.WeakKeyDictionary()


async def watch(page: Any, request: Any) -> None:
    """Begin to watch a new page's requests, for `settle`."""
    _watches[page] = _Watch(page)


async def settle(page: Any) -> None:
    """Wait until a page has all it will have: scripts done, scrolled to its end, "load more" pressed.

    A page that never rests is read as it is after a while.
    """
    watching = _watches.setdefault(page, _Watch(page))
    until = time.monotonic() + _LONGEST_SECONDS
    before = (-1, -1)
    while await watching.quiet(until):
        size = tuple(await page.evaluate("[document.body.scrollHeight, document.links.length]"))
        if size == before:
            return
        before = size
        await page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        await _press_more(page)
        # The scroll's own requests begin with the next frame.
        await asyncio.sleep(0.05)


async def _press_more(page: Any) -> None:
    for element in await page.query_selector_all(_MORE):
        words = " ".join((await element.inner_text()).split()).lower()
        if words.startswith(_MORE_WORDS) and await element.is_visible() and await element.is_enabled():
            await element.click(timeout=2_000)
            return

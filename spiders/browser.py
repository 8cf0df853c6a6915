"""The browser for pages that only exist after JavaScript has run: where it is, and how it is kept on a short leash."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from spiders.addresses import Gate
from warehouse.errors import KatyError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAY_OUT = "install one (Debian, Ubuntu: apt-get install chromium; elsewhere: playwright install chromium), or name its path in KATY_BROWSER"
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
_ROUNDS = 20
_QUIET_MS = 5_000
_MORE = "button, a[role=button]"
_MORE_WORDS = ("load more", "show more", "more results", "see more", "mehr anzeigen")


class NoBrowser(KatyError):  # noqa: N818 - it reads as what it says
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


def scrapy_settings(path: str, user_agent: str, seconds: float) -> dict[str, Any]:
    """Scrapy's settings for rendered pages, with the browser at `path`; `seconds` is the limit of one page."""
    handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": path, "args": _ARGUMENTS, "timeout": 30_000},
        "PLAYWRIGHT_CONTEXTS": {"default": {"user_agent": user_agent, "service_workers": "block", "accept_downloads": False}},
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": seconds * 1000,
    }


class Leash:
    """Decides for each request of the browser whether it is dropped: what is not needed, and private addresses."""

    def __init__(self, typed: str | None) -> None:
        self._gate = Gate(typed)

    async def __call__(self, request: Any) -> bool:
        import asyncio

        if request.resource_type in _NOT_NEEDED:
            return True
        if request.url.startswith(("data:", "blob:")):
            return False
        return await asyncio.to_thread(self._gate.refusal, request.url) is not None


async def settle(page: Any) -> None:
    """Wait until a page has all it will have: scripts done, scrolled to its end, "load more" pressed."""
    from playwright.async_api import TimeoutError as TooLong

    before = (-1, -1)
    for _ in range(_ROUNDS):
        try:
            await page.wait_for_load_state("networkidle", timeout=_QUIET_MS)
        except TooLong:
            # A page that never rests is read as it is.
            return
        size = tuple(await page.evaluate("[document.body.scrollHeight, document.links.length]"))
        if size == before:
            return
        before = size
        await page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        await _press_more(page)


async def _press_more(page: Any) -> None:
    for element in await page.query_selector_all(_MORE):
        words = " ".join((await element.inner_text()).split()).lower()
        if words.startswith(_MORE_WORDS) and await element.is_visible() and await element.is_enabled():
            await element.click(timeout=2_000)
            return

"""The JavaScript market in a real browser: the script builds what an agent reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from demo.offer import Offer
from demo.sites.server import RunningSites, serve
from demo.town import simulate

END = date(2026, 11, 20)
pytestmark = pytest.mark.browser


def chromium() -> str | None:
    """A browser of the system, else Playwright's own where it is installed."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[Page, RunningSites, list[Offer]]]:
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine")
    town = simulate(7, 2, end=END)
    with serve(town, lambda: END) as sites, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser.new_page(), sites, town.visible("market", END)
        browser.close()


def test_the_script_builds_every_item_of_a_page_as_microdata(
    opened: tuple[Page, RunningSites, list[Offer]],
) -> None:
    page, sites, things = opened
    page.goto(sites.starts["market"])
    page.wait_for_selector("html[data-ready=yes]")
    cards = page.locator('[itemtype="https://schema.org/Product"]')
    names = cards.locator(':scope > h2 [itemprop="name"]').all_text_contents()
    prices = cards.locator('[itemprop="price"]').all_text_contents()
    assert names == [thing.title for thing in things[:32]]
    assert prices == [f"${thing.price_on(END):,}" for thing in things[:32]]
    page.click('a[rel="next"]')
    page.wait_for_selector("html[data-ready=yes]")
    assert page.url.endswith("/browse?page=2")
    assert names[0] not in page.inner_text("article >> nth=0")


def test_an_items_page_carries_its_price_as_meta_content(opened: tuple[Page, RunningSites, list[Offer]]) -> None:
    page, sites, things = opened
    page.goto(f"{sites.market}/item/{things[0].number}")
    page.wait_for_selector("html[data-ready=yes]")
    assert page.get_attribute('meta[itemprop="price"]', "content") == f"{things[0].price_on(END):.2f}"
    assert page.inner_text("h1") == things[0].title


def test_the_browser_asks_no_other_host(opened: tuple[Page, RunningSites, list[Offer]]) -> None:
    page, sites, _ = opened
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(sites.starts["market"])
    page.wait_for_selector("html[data-ready=yes]")
    assert asked
    assert all(url.startswith(sites.market) for url in asked)

"""The page in a real Chromium: on a phone and a desk, with JavaScript off, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from katy.browser import find
from katy.settings import Settings

pytestmark = pytest.mark.browser
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ASKED = "/?q=trek+marlin&condition=fair&region=US-IL"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = find(Settings().browser)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(found.path), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(market: Any, served: Any) -> Iterator[str]:
    with served(market.app()) as url:
        yield url


def visit(chromium: Browser, url: str, *, width: int = 1280, **context: Any) -> tuple[Page, list[str]]:
    """A page of a new visitor, and the list of what it complains of or asks other hosts for."""
    page = chromium.new_context(viewport={"width": width, "height": 800}, **context).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(url) else complaints.append(request.url))
    page.on("dialog", lambda dialog: complaints.append("a script of a listing ran"))
    return page, complaints


def test_a_visitor_without_javascript_asks_and_reads_the_value(chromium: Browser, site: str) -> None:
    page, complaints = visit(chromium, site, width=390, java_script_enabled=False)
    page.goto(site)

    page.get_by_label("What’s it worth?").fill("trek marlin")
    page.get_by_label("Condition").select_option("fair")
    page.get_by_label("Currency").fill("EUR")
    page.get_by_role("button", name="Value it").click()
    page.wait_for_url("**/?q=trek+marlin&condition=fair*")

    assert page.get_by_role("heading", level=2).first.inner_text().startswith("€")
    assert page.get_by_role("img", name="Waterfall from").is_visible()
    assert page.get_by_role("link", name="as data").is_visible()
    page.get_by_text("Every factor, in figures").click()
    assert page.get_by_role("rowheader", name="Season").is_visible()
    assert complaints == []


@pytest.mark.parametrize("path", ["/", ASKED, "/?q=flux+capacitor"])
def test_nothing_sticks_out_at_any_width(chromium: Browser, site: str, path: str) -> None:
    page, complaints = visit(chromium, site)
    page.goto(site + path)
    for summary in page.locator("summary").all():
        summary.click()

    for width in (1280, 768, 390, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("innerWidth") == width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize(("width", "shown", "hidden"), [(390, ".narrow", ".wide"), (1280, ".wide", ".narrow")])
def test_each_screen_gets_the_drawing_made_for_it(
    chromium: Browser, site: str, width: int, shown: str, hidden: str
) -> None:
    page, _ = visit(chromium, site, width=width)
    page.goto(site + ASKED)

    for plot in page.locator(".plot").all():
        assert plot.locator(shown).is_visible()
        assert not plot.locator(hidden).is_visible()
        svg = plot.locator(shown).locator("svg").bounding_box()
        assert svg is not None
        assert svg["width"] > 0.8 * min(width - 64, 640)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_plots_can_be_read_in_light_and_dark(chromium: Browser, site: str, scheme: str) -> None:
    page, complaints = visit(chromium, site, color_scheme=scheme)
    page.goto(site + ASKED)

    contrasts = page.evaluate(
        CONTRASTS, [".amount", ".narrative", ".soft", ".paid", "a", ".grade", "svg text", "summary"]
    )

    assert min(contrasts.values()) >= 4.5, contrasts
    assert complaints == []


def test_the_keyboard_alone_is_enough(chromium: Browser, site: str) -> None:
    page, _ = visit(chromium, site)
    page.goto(site)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("dewalt")
    page.keyboard.press("Enter")

    page.wait_for_url("**/?q=dewalt*")
    assert page.locator(".amount").inner_text().startswith("$")


# The contrast of each selector's first element with what is behind it (WCAG 2.2, relative luminance).
CONTRASTS = """
selectors => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  return Object.fromEntries(selectors.map(selector => {
    const element = document.querySelector("main " + selector);
    const style = getComputedStyle(element);
    const ink = element.closest("svg") ? style.fill : style.color;
    const [light, dark] = [luminance(rgb(ink)), luminance(behind(element))].sort((a, b) => b - a);
    return [selector, (light + 0.05) / (dark + 0.05)];
  }));
}
"""

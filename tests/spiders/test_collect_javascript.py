"""Pages that only exist after JavaScript has run, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from spiders.agent.browser import NoBrowser, find_browser
from warehouse.home import Home

SHELL = '<!doctype html><title>Market</title><main id="m"></main><script src="/app.js"></script>'
# The list comes in two parts, the second behind a button; items render themselves from JSON.
APP = """
const m = document.getElementById("m");
const get = async (path) => (await fetch(path)).json();
const card = (n) => `<p><a href="/item/${n}">Thing ${n}</a></p>`;
async function list() {
  m.innerHTML = "<h1>All things</h1>" + (await get("/api/list")).map(card).join("") + "<button>Load more</button>";
  m.querySelector("button").onclick = async (event) => {
    event.target.remove();
    m.insertAdjacentHTML("beforeend", (await get("/api/more")).map(card).join(""));
  };
}
async function item(n) {
  const thing = await get("/api/item/" + n);
  m.innerHTML = `<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">${thing.name}</h1>
    <div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><b itemprop="price">$${thing.price}</b>
    <meta itemprop="priceCurrency" content="USD"></div></div><img src="/big.jpg">`;
  fetch("SECRET").catch(() => null);
}
location.pathname.startsWith("/item/") ? item(location.pathname.slice(6)) : list();
"""


@pytest.fixture(scope="module")
def browser() -> str:
    try:
        return find_browser()
    except NoBrowser as none:
        pytest.skip(str(none))


@pytest.mark.browser
def test_what_a_browser_renders_is_read_like_any_other_page(
    home: Home, visit: Any, site: Any, other_site: Any, reply: Any, rows: Any, browser: str, quick_limits: Any
) -> None:
    from dataclasses import replace

    secret = f"{other_site.base}/secret"
    site.routes = {
        "/": reply(SHELL),
        "/app.js": reply(APP.replace("SECRET", secret), kind="text/javascript"),
        "/api/list": reply("[1, 2]", kind="application/json"),
        "/api/more": reply("[3]", kind="application/json"),
        **{f"/item/{n}": reply(SHELL) for n in (1, 2, 3)},
        **{
            f"/api/item/{n}": reply(f'{{"name": "Thing {n}", "price": {n}0}}', kind="application/json")
            for n in (1, 2, 3)
        },
    }
    del site.routes["/item/3"]
    limits = replace(quick_limits, answer_seconds=15.0)
    report = visit(home, "javascript_market", f"{site.base}/", browser=browser, limits=limits)
    assert (report.verdict, report.landed, report.statuses["404"]) == ("partly", 2, 2), report.why
    assert {
        (row["title"], str(row["price"].normalize()), row["price_path"], row["id"]) for row in rows(home, "listing")
    } == {
        ("Thing 1", "1E+1", "rendered microdata offers.price", "item/1"),
        ("Thing 2", "2E+1", "rendered microdata offers.price", "item/2"),
    }
    assert {headers["User-Agent"] for _, headers in site.asked} == {"KatyBot/test (a test)"}
    assert "/big.jpg" not in site.paths()
    assert site.paths()[0] == "/robots.txt"
    assert other_site.asked == []
    assert any("the browser made" in note for note in report.notes)


def test_without_a_browser_the_way_out_is_said(home: Home, visit: Any, site: Any) -> None:
    with pytest.raises(NoBrowser, match="playwright install chromium"):
        visit(home, "javascript_market", f"{site.base}/", browser="/not/there")
    assert site.asked == []

"""Pages that stand between an agent and what it asked for: captchas, refusals, logins, consent, empty shells.

They come with status 200 as often as not. What a visit gets instead of its pages must be told: a wall that looks like
an empty page lets prices stop silently. A page that offers something is never a wall, whatever else is on it: shops
carry captcha scripts in their review forms and log-in forms in their headers. What walls say is in `data/walls.toml`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spiders.reader import Note
from spiders.web.jsonld import nodes, types
from spiders.web.pages import SYNTAXES, Page
from spiders.web.shown import shown_prices

_DATA = Path(__file__).parent / "data" / "walls.toml"
_CAPTCHA = (
    '//*[contains(@class, "g-recaptcha") or contains(@class, "h-captcha") or contains(@class, "cf-turnstile")'
    ' or contains(@class, "geetest_") or contains(@id, "captcha")]'
    ' | //iframe[contains(@src, "recaptcha/api2/anchor") or contains(@src, "hcaptcha.com")]'
)
_SHELL = '//*[@id="root" or @id="app" or @id="__next" or @id="__nuxt" or @id="___gatsby" or @id="app-root"]'
_UNSEEN: frozenset[Any] = frozenset(
    {"script", "style", "noscript", "template", "title", "head", "html", "option", "textarea"}
)
# In words: what an interstitial has at most, a login page with all its small print, and a page that is none.
_SHORT, _LONG, _NONE = 160, 260, 12
_FEW_LINKS = 12
_REFUSED = frozenset({401, 403, 407, 429, 451, 503})


@dataclass(frozen=True, slots=True)
class _Signs:
    vendors: dict[str, re.Pattern[str]]
    words: dict[str, re.Pattern[str]]
    addresses: dict[str, re.Pattern[str]]


@functools.cache
def _signs() -> _Signs:
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    return _Signs(*({name: _any(of) for name, of in data[kind].items()} for kind in ("vendors", "words", "addresses")))


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def wall_of(page: Page, *, status: int = 200, asked: str = "", rendered: bool = False) -> Note | None:
    """The note on a page that is a wall, of kind "block" or "login_wall"; None for a page that is none.

    `asked` is the address that was asked for: a redirect from there to a login is one sign of it. `rendered` says that
    the page's scripts have run. To be called where a page yields neither offers nor links; a page with product data or
    a shown price is none in any case.
    """
    if any(page.products(syntax) for syntax in SYNTAXES) or _lists(page):
        return None
    seen = _words_seen(page)
    if not seen and next(page.tree.iter("script", "iframe", "img", "frame"), None) is None:
        return _block(page, "answered with an empty page")
    found = (
        _login(page, seen, asked) or _blocked(page, seen) or _consent(page, seen, asked) or _shell(page, seen, rendered)
    )
    if found is not None and not shown_prices(page):
        return found
    return _block(page, f"refuses with status {status}") if status in _REFUSED else None


def _lists(page: Page) -> bool:
    return any("itemlist" in types(node) for node in nodes([*page.jsonld, *page.microdata]))


def _blocked(page: Page, seen: str) -> Note | None:
    count = len(seen.split())
    if count > _LONG:
        return None
    for name, sign in _signs().vendors.items():
        if sign.search(page.body):
            return _block(page, f"shows a challenge or a refusal of {name} instead of a page ({_heading(page, seen)})")
    refusals = _signs().words["refusals"]
    if refusals.search(page.title) or (count <= _SHORT and refusals.search(seen)):
        return _block(page, f'refuses: "{_heading(page, seen)}"')
    if count <= _SHORT // 2 and page.tree.xpath(_CAPTCHA):
        return _block(page, f"asks for a captcha instead of showing a page ({_heading(page, seen)})")
    return None


def _login(page: Page, seen: str, asked: str) -> Note | None:
    count = len(seen.split())
    sent = bool(asked) and _leads_to("logins", page.url) and not _leads_to("logins", asked)
    password = bool(page.tree.xpath('//input[@type="password"]'))
    words = _signs().words["logins"].search(f"{page.title} {seen}")
    # Many pages have a log-in form in their header, among the links of a site; a login page has little else.
    little_else = count <= _SHORT // 2 and sum(1 for _ in page.tree.iter("a")) <= _FEW_LINKS
    dominating = (password and (words or little_else)) or (words and count <= _SHORT // 2)
    if count <= _LONG and (sent or dominating):
        instead = f"; {asked} was asked for" if sent else ""
        way = "Katy logs in nowhere: save the page in a browser and hand it in with katy import page FILE"
        return Note(f"{page.url} shows a login instead of a page{instead}. {way}", "login_wall")
    return None


def _consent(page: Page, seen: str, asked: str) -> Note | None:
    sent = bool(asked) and page.url != asked and _leads_to("consents", page.url)
    said = len(seen.split()) <= _LONG and _signs().words["consents"].search(f"{page.title} {seen}")
    if sent or said:
        return _block(page, f"asks for consent to cookies before it shows a page ({_heading(page, seen)})")
    return None


def _shell(page: Page, seen: str, rendered: bool) -> Note | None:
    """A page that scripts would fill."""
    count = len(seen.split())
    unscripted = " ".join(element.text_content() for element in page.tree.iter("noscript"))
    needed = _signs().words["scripts"].search(f"{seen} {unscripted}")
    scripted = next(page.tree.iter("script"), None) is not None
    if scripted and ((count <= _NONE and (needed or page.tree.xpath(_SHELL))) or (needed and count <= 3 * _NONE)):
        what = "was not filled by its scripts" if rendered else "would be filled by scripts: use javascript_market"
        return _block(page, f"is an empty shell that {what}")
    return None


def _leads_to(kind: str, url: str) -> bool:
    parts = urlsplit(url)
    return _signs().addresses[kind].search(f"{parts.hostname or ''}{parts.path}/") is not None


def _words_seen(page: Page) -> str:
    """The text of a page that a person would see, as one line."""
    parts: list[str] = []
    for element in page.tree.iter():
        if isinstance(element.tag, str) and element.tag not in _UNSEEN and element.text:
            parts.append(element.text)
        above = element.getparent()
        if element.tail and above is not None and above.tag not in _UNSEEN:
            parts.append(element.tail)
    return " ".join(" ".join(parts).split())


def _heading(page: Page, seen: str) -> str:
    return (page.title or seen or "no text")[:80]


def _block(page: Page, what: str) -> Note:
    return Note(f"{page.url} {what}", "block")

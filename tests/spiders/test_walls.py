"""Pages that stand between an agent and what it asked for are told apart from pages, whatever scripts those carry."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.web.pages import parse
from spiders.web.walls import wall_of

URL = "https://shop.example/p/1"
WORDS = " ".join(["A sturdy drill for wood and metal, sold with two batteries and a case."] * 30)
LOGIN_FORM = (
    '<form action="/login"><input name="user"><input type="password" name="pass"><button>Log in</button></form>'
)
CAPTCHA_SCRIPT = '<script src="https://www.google.com/recaptcha/api.js" async defer></script>'
PRODUCT = (
    '<script type="application/ld+json">{"@type": "Product", "name": "Drill", "offers": {"price": "20",'
    ' "priceCurrency": "USD"}}</script>'
)

BLOCKS = {
    "Cloudflare's challenge": (
        "<title>Just a moment...</title><script>window._cf_chl_opt={cType: 'managed'};</script>"
        "<noscript>Enable JavaScript and cookies to continue</noscript>"
    ),
    "Cloudflare's refusal": (
        '<title>Attention Required! | Cloudflare</title><div id="cf-error-details">'
        "<h1>Sorry, you have been blocked</h1>"
        "<h2>You are unable to access shop.example</h2><p>Cloudflare Ray ID: 965e41573aeaa840</p></div>"
    ),
    "DataDome": (
        "<title>shop.example</title><p id=cmsg>Please enable JS and disable any ad blocker</p><script>var dd={'rt':'c',"
        "'cid':'x','host':'geo.captcha-delivery.com'}</script><script src='https://ct.captcha-delivery.com/c.js'></script>"
    ),
    "PerimeterX": (
        '<title>Access to this page has been denied</title><script>window._pxAppId="PX1";</script>'
        '<div id="px-captcha"></div><h1>Press &amp; Hold to confirm you are a human (and not a bot).</h1>'
    ),
    "Akamai": (
        "<TITLE>Access Denied</TITLE><H1>Access Denied</H1>You don't have permission to access this server.<P>"
        "Reference &#35;18&#46;5f1e<P>https://errors.edgesuite.net/18.5f1e"
    ),
    "Imperva": '<iframe src="/_Incapsula_Resource?CWUDNSAI=9"></iframe>Request failed. Incapsula incident ID: 1-2',
    "unusual traffic": (
        "<title>Sorry</title><p>Our systems have detected unusual traffic from your computer network.</p>"
    ),
    "an interruption": "<title>Pardon Our Interruption...</title><h1>Checking your browser before you go on</h1>",
    "a reCAPTCHA alone": f'{CAPTCHA_SCRIPT}<p>One more step</p><div class="g-recaptcha" data-sitekey="x"></div>',
    "an hCaptcha alone": '<p>Weiter geht es hier:</p><div class="h-captcha" data-sitekey="x"></div>',
    "nothing": "",
    "an empty document": "<html><head></head><body> </body></html>",
    "an empty shell": (
        '<script src="/main.js"></script><noscript>You need to enable JavaScript.</noscript><div id="root"></div>'
    ),
    "a shell without a word": '<div id="__next"></div><script src="/_next/static/main.js"></script>',
    "a consent wall": "<title>Before you continue</title><p>We use cookies. Accept all cookies to continue.</p>",
}


@pytest.mark.parametrize("html", BLOCKS.values(), ids=list(BLOCKS))
def test_a_page_that_lets_nobody_through_is_a_block(html: str) -> None:
    note = wall_of(parse(html, URL))
    assert note is not None
    assert note.kind == "block"
    assert URL in note.text


LOGINS = {
    "a form alone": (f"<title>Sign in</title>{LOGIN_FORM}", URL),
    "a form with a captcha": (f'{CAPTCHA_SCRIPT}<h1>Log in</h1>{LOGIN_FORM}<div class="g-recaptcha"></div>', URL),
    "words alone": ("<h1>You must log in to continue.</h1><a href='/login'>Log in</a>", URL),
    "a redirect": (
        "<h1>Welcome back</h1><div id='app'>One moment</div>",
        "https://shop.example/account/login?next=/p/1",
    ),
    "a redirect to another host": ("<h1>Hello</h1><p>E-mail</p>", "https://accounts.login.example/signin/v2?c=1"),
}


@pytest.mark.parametrize(("html", "url"), LOGINS.values(), ids=list(LOGINS))
def test_a_page_that_asks_who_one_is_is_a_login_wall(html: str, url: str) -> None:
    note = wall_of(parse(html, url), asked=URL)
    assert note is not None
    assert note.kind == "login_wall"
    assert "katy import page" in note.text


PAGES = {
    "a product with a captcha in its review form": f'{PRODUCT}{CAPTCHA_SCRIPT}<div class="g-recaptcha"></div>',
    "a product with a login form in its header": f"<header>{LOGIN_FORM}</header>{PRODUCT}<h1>Drill</h1>",
    "a product behind a vendor's sensor": (
        f'{PRODUCT}<script src="https://js.datadome.co/tags.js"></script><script>window._pxAppId="PX1"</script>'
        '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
    ),
    "a product called like a wall": (
        '<title>Access Denied - the board game</title><h1>Access Denied</h1><b class="price">$20</b>'
    ),
    "a shown price under a consent banner": (
        f'<div class="banner">We value your privacy. Accept all cookies to continue.</div><h1>Drill</h1><p>{WORDS}</p>'
    ),
    "an article that speaks of captchas": f"<h1>Are you a robot?</h1><p>{WORDS}</p>{LOGIN_FORM}",
    "a small page among a site's links": (
        f"<header>{LOGIN_FORM}</header><p>No products here.</p>"
        + "".join(f"<a href=/c/{n}>Part {n}</a> " for n in range(20))
    ),
    "a list of links": '<a href="/item/1">a</a><a href="/item/2">b</a>',
    "a page that is soon to come": "<h1>Coming soon</h1>",
    "a list that scripts will fill": (
        '<script type="application/ld+json">{"@type": "ItemList", "itemListElement": ["/x/1"]}</script>'
        '<div id="root"></div>'
    ),
}


@pytest.mark.parametrize("html", PAGES.values(), ids=list(PAGES))
def test_a_page_is_no_wall_for_what_it_carries_besides(html: str) -> None:
    assert wall_of(parse(html, URL), asked=URL) is None


def test_a_login_page_that_was_asked_for_is_no_redirect() -> None:
    page = parse("<h1>About our sign-in</h1><p>Words</p>", "https://shop.example/login/help")
    assert wall_of(page, asked="https://shop.example/login/help") is None


def test_a_refusing_status_is_a_block_whatever_the_page_says() -> None:
    note = wall_of(parse(f"<p>{WORDS}</p>", URL), status=403)
    assert note is not None
    assert note.kind == "block"
    assert "403" in note.text


def test_a_rendered_shell_is_not_told_to_be_rendered() -> None:
    shell = parse(BLOCKS["an empty shell"], URL)
    assert "javascript_market" in wall_of(shell).text  # type: ignore[union-attr]
    assert "javascript_market" not in wall_of(shell, rendered=True).text  # type: ignore[union-attr]


@given(st.text(max_size=300), st.integers(200, 599))
@settings(max_examples=60, deadline=None)
def test_no_page_breaks_the_judgement_and_a_product_is_never_a_wall(html: str, status: int) -> None:
    wall_of(parse(html, URL), status=status)
    assert wall_of(parse(PRODUCT + html, URL), status=status) is None

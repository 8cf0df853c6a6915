"""Marketplaces and shops read by interface: what holds beyond single cases."""

from __future__ import annotations

import base64
import importlib
import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, Visit
from spiders.replay import believed, reader_of
from spiders.source import Source

NAMES = ("ebay_browse", "ebay_sold", "shopify", "reverb", "discogs", "pricecharting", "upcitemdb", "open_food_facts")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRETS = {
    **{"ebay_client_id": "my-id", "ebay_client_secret": "my-secret", "reverb_token": "my-token"},
    **{"discogs_token": "my-token", "pricecharting_token": "my-token", "upcitemdb_key": "my-key"},
}


def source_of(name: str) -> Source:
    source = importlib.import_module(f"spiders.{name}").SOURCE
    assert isinstance(source, Source)
    return source


def visit_of(name: str, **said: Any) -> Visit:
    source = source_of(name)
    known = {"base": source.base or "https://shop.example", "targets": source.targets, "keys": SECRETS}
    return Visit(**{"source": source, "now": NOW, "currency": source.currency, **known, **said})


def reader(name: str, **said: Any) -> Reader:
    return reader_of(source_of(name), visit_of(name, **said))


def read(one: Reader, ask: Ask, body: Any) -> list[Item]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(getattr(one, ask.step)(Answer(ask, ask.url, content)))


# --- secrets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_ask_holds_a_secret_before_it_is_signed(name: str) -> None:
    asks = list(reader(name).start())
    assert asks
    assert not any(secret in repr(ask) for ask in asks for secret in SECRETS.values())


@pytest.mark.parametrize(
    ("name", "where"),
    [("reverb", "headers"), ("discogs", "headers"), ("pricecharting", "url"), ("upcitemdb", "headers")],
)
def test_a_signed_ask_holds_the_source_s_key_and_an_unsigned_one_works_without(name: str, where: str) -> None:
    ask = next(iter(reader(name).start()))
    signed = reader(name).sign(ask)
    assert any(secret in str(getattr(signed, where)) for secret in SECRETS.values())
    bare = reader(name, keys={}).sign(ask)
    assert bare.url == ask.url
    assert not {"Authorization", "user_key", "user-key"} & set(bare.headers)


def test_a_paid_plan_of_upcitemdb_is_asked_where_it_is_answered() -> None:
    one = reader("upcitemdb")
    signed = one.sign(next(iter(one.start())))
    assert signed.url == "https://api.upcitemdb.com/prod/v1/lookup?upc=0885911473170"


@pytest.mark.parametrize(
    ("name", "scope"),
    [("ebay_browse", "api_scope"), ("ebay_sold", "api_scope/buy.marketplace.insights")],
)
def test_ebay_gives_leave_to_an_application_and_every_ask_carries_it(name: str, scope: str) -> None:
    one = reader(name, region="GB-LND")
    leave = one.grant()
    assert leave is not None
    assert leave.url == "https://api.ebay.com/identity/v1/oauth2/token"
    assert base64.b64decode(leave.headers["Authorization"].removeprefix("Basic ")) == b"my-id:my-secret"
    body = parse_qs(leave.body or "")
    assert body == {"grant_type": ["client_credentials"], "scope": [f"https://api.ebay.com/oauth/{scope}"]}
    one.granted(Answer(leave, leave.url, b'{"access_token": "granted-token", "expires_in": 7200}'))
    signed = one.sign(next(iter(one.start())))
    assert signed.headers["Authorization"] == "Bearer granted-token"
    assert signed.headers["X-EBAY-C-MARKETPLACE-ID"] == "EBAY_GB"


@pytest.mark.parametrize(
    "body",
    [b'{"error": "invalid_client", "error_description": "client authentication failed"}', b"access_token=abc", b"[]"],
)
def test_a_refusal_of_leave_says_what_to_check_and_repeats_no_secret(body: bytes) -> None:
    one = reader("ebay_browse")
    leave = one.grant()
    assert leave is not None
    with pytest.raises(Unreadable) as refused:
        one.granted(Answer(leave, leave.url, body))
    assert not any(secret in str(refused.value) for secret in (*SECRETS.values(), "abc"))
    assert "Authorization" not in one.sign(next(iter(one.start()))).headers


def test_ebay_is_not_asked_for_leave_without_keys_or_for_a_saved_file() -> None:
    assert reader("ebay_browse", keys={}).grant() is None
    assert reader("ebay_browse", base="file:///tmp/search.json").grant() is None


def test_a_region_without_an_ebay_of_its_own_is_asked_at_the_american_one() -> None:
    one = reader("ebay_browse", region="AR-C")
    assert one.sign(next(iter(one.start()))).headers["X-EBAY-C-MARKETPLACE-ID"] == "EBAY_US"


# --- pages --------------------------------------------------------------------------------------------------------


def walk(one: Reader, answer: Any, most: int = 400) -> tuple[list[str], list[Found], list[Note]]:
    """All asks of a reader against a server, and what came of them."""
    waiting, urls, found, notes = list(one.start()), [], [], []
    while waiting and len(urls) < most:
        ask = waiting.pop(0)
        urls.append(ask.url)
        for item in read(one, ask, answer(ask.url)):
            if isinstance(item, Ask):
                waiting.append(item)
            else:
                (found if isinstance(item, Found) else notes).append(item)  # type: ignore[arg-type]
    return urls, found, notes


def query(url: str, name: str) -> int:
    return int(parse_qs(urlsplit(url).query)[name][0])


@given(total=st.integers(0, 30_000))
@settings(max_examples=30, deadline=None)
def test_ebay_is_asked_for_each_page_once_and_never_beyond_its_end(total: int) -> None:
    def answer(url: str) -> Any:
        offset = query(url, "offset")
        articles = [{"itemId": f"v1|{n}|0", "title": "x"} for n in range(offset, min(offset + 200, total))]
        return {"total": total, "next": "https://elsewhere.example/" if offset + 200 < total else None} | (
            {"itemSummaries": articles} if articles else {}
        )

    urls, found, notes = walk(reader("ebay_browse", targets=("drill",)), answer)
    assert len(urls) == len(set(urls)) == max(1, math.ceil(min(total, 10_000) / 200))
    assert len(found) == min(total, 10_000)
    assert all(query(url, "offset") < 10_000 for url in urls)
    assert any("narrow the search" in note.text for note in notes) == (total > 10_000)


@pytest.mark.parametrize(
    ("name", "answer", "most"),
    [
        ("shopify", lambda url: {"products": [{"id": query(url, "page"), "title": "x"}]}, 100),
        (
            "reverb",
            lambda url: {"listings": [{"id": query(url, "page")}], "_links": {"next": {"href": "/x"}}},
            400,
        ),
    ],
)
def test_a_shop_that_never_ends_is_left_in_the_end_and_that_is_told(name: str, answer: Any, most: int) -> None:
    targets = ("",) if name == "shopify" else ("strat",)
    urls, _, notes = walk(reader(name, targets=targets), answer, most=1_000)
    assert len(urls) == len(set(urls)) == most
    assert "pages were read" in notes[-1].text


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_file_is_asked_for_alone(name: str) -> None:
    assert [ask.url for ask in reader(name, base="file:///tmp/saved").start()] == ["file:///tmp/saved"]


# --- whatever comes ------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    "itemSummaries itemSales itemId total title price value currency seller username products product id variants "
    "options name option1 compare_at_price listings state slug _links next href shop items offers status product code "
    "lowest_price num_for_sale loose-price product-name console-name image categories localizedAspects 0 12.5 -1 "
    "1e400 NaN buyingOptions AUCTION images src vendor tags identifiers formats type Barcode updated_t".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**12) | st.floats(allow_nan=False) | WORDS | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)


@pytest.mark.parametrize("name", NAMES)
@given(body=JSON, step=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_whatever_json_comes_is_read_or_refused_and_every_row_is_believed_or_set_aside(
    name: str, body: Any, step: int
) -> None:
    one = reader(name)
    own = [way for way in ("parse", "item", "release", "suggestions", "stats") if hasattr(one, way)]
    ask = replace(next(iter(one.start())), step=own[step % len(own)])
    ask = replace(ask, told={"release": "1", **ask.told})
    try:
        items = read(one, ask, body)
    except Unreadable:
        return
    for item in items:
        if isinstance(item, Found):
            assert all(isinstance(text, str) for text in item.row.values())
            believed(item, one.visit, ask.url, 1)


@given(
    variants=st.lists(
        st.fixed_dictionaries({"id": st.integers(1), "price": st.text(max_size=8) | st.none(), "title": st.text()}),
        max_size=6,
    )
)
def test_every_variant_of_a_shop_is_one_row(variants: list[Any]) -> None:
    one = reader("shopify")
    items = read(one, Ask("https://shop.example"), {"products": [{"id": 1, "title": "Drill", "variants": variants}]})
    rows = [item for item in items if isinstance(item, Found)]
    assert len(rows) == max(1, len(variants))
    assert all(row.reason == "no_price" for row in rows) or variants


@pytest.mark.parametrize("name", ["price", "Condition", "SELLER", "id", "currency", "Kind"])
def test_no_option_of_a_shop_fills_a_field_of_a_listing_but_its_condition(name: str) -> None:
    product = {
        "id": 1,
        "title": "Drill",
        "variants": [{"id": 2, "price": "5", "option1": "hostile"}],
        "options": [name],
    }
    items = read(reader("shopify"), Ask("https://shop.example"), {"products": [product]})
    assert isinstance(items[0], Found)
    row = items[0].row
    assert (row["id"], row["price"], row["kind"]) == ("1#2", "5", "asking")
    assert row.get("condition") == ("hostile" if name == "Condition" else None)
    assert "seller" not in row

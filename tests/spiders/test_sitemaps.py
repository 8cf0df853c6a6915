"""Sitemaps and lists: the newest first, the next page found, and nothing followed without end."""

from __future__ import annotations

import contextlib
import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.reader import Answer, Ask, Note, Unreadable, Visit
from spiders.schema_org import SOURCE, SchemaOrgReader
from spiders.web.pages import parse
from spiders.web.paging import following, next_page
from spiders.web.sitemap import is_sitemap, read_sitemap

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BASE = "https://shop.example"


def answer(body: str | bytes, url: str = f"{BASE}/sitemap.xml", told: dict[str, object] | None = None) -> Answer:
    return Answer(Ask(url, told=told or {}), url, body.encode() if isinstance(body, str) else body)


def reader(base: str = f"{BASE}/") -> SchemaOrgReader:
    return SchemaOrgReader(Visit(source=SOURCE, base=base, now=NOW))


def index(links: list[str]) -> str:
    return "<sitemapindex>" + "".join(f"<sitemap><loc>{link}</loc></sitemap>" for link in links) + "</sitemapindex>"


def test_what_was_changed_last_is_worth_most_and_the_future_is_no_news() -> None:
    entries = [("a", "2026-01-01"), ("b", "2026-11-19T10:00:00+02:00"), ("c", "2126-01-01"), ("d", ""), ("e", "soon")]
    body = "".join(f"<url><loc>{BASE}/p/{name}</loc><lastmod>{day}</lastmod></url>" for name, day in entries)
    places = read_sitemap(answer(f"<urlset>{body}</urlset>"), NOW).places
    assert [place.link[-1] for place in places] == ["b", "a", "c", "d", "e"]
    assert [place.worth > 0 for place in places] == [True, True, False, False, False]


@pytest.mark.parametrize("body", ["<html><body>404</body></html>", "", "plain words", b"\x1f\x8bbroken", b"<?xml"])
def test_what_is_no_sitemap_is_not_read_as_one(body: str | bytes) -> None:
    with pytest.raises(Unreadable):
        read_sitemap(answer(body), NOW)


def test_entities_of_a_sitemap_are_not_followed() -> None:
    body = (
        '<?xml version="1.0"?><!DOCTYPE u [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        f"<urlset><url><loc>{BASE}/p/&a;</loc></url><url><loc>{BASE}/p/2</loc></url></urlset>"
    )
    assert [place.link for place in read_sitemap(answer(body), NOW).places][-1] == f"{BASE}/p/2"
    assert "root:" not in str(read_sitemap(answer(body), NOW))


def test_a_compressed_sitemap_is_known_by_its_bytes() -> None:
    packed = answer(gzip.compress(f"<urlset><url><loc>{BASE}/p/1</loc></url></urlset>".encode()), f"{BASE}/map")
    assert is_sitemap(packed)
    assert len(read_sitemap(packed, NOW).places) == 1


def test_sitemaps_that_robots_txt_names_are_asked_for_before_the_usual_one() -> None:
    one = reader()
    assert [item.url for item in one.parse(answer("<h1>Shop</h1>", f"{BASE}/")) if isinstance(item, Ask)] == [
        f"{BASE}/sitemap.xml"
    ]
    one.sitemaps = [f"{BASE}/a.xml", f"{BASE}/b.xml", f"{BASE}/a.xml"]  # type: ignore[attr-defined]
    asks = [item for item in one.parse(answer("<h1>Shop</h1>", f"{BASE}/")) if isinstance(item, Ask)]
    assert [ask.url for ask in asks] == [f"{BASE}/a.xml", f"{BASE}/b.xml"]
    items = list(one.failed(asks[0], "status 404", 404) or ())
    assert [(item.url, item.step, item.again) for item in items if isinstance(item, Ask)] == [
        (f"{BASE}/", "listing", "list")
    ]


def test_a_page_in_place_of_a_sitemap_leads_back_to_the_front() -> None:
    told = {"front": f"{BASE}/"}
    items = list(reader().sitemap(answer("<h1>Not found</h1>", told=told)))
    assert [(item.url, item.step) for item in items if isinstance(item, Ask)] == [(f"{BASE}/", "listing")]


def test_no_index_of_sitemaps_leads_on_for_ever() -> None:
    one = reader()
    waiting, asked, notes = [answer(index([f"{BASE}/s0-{n}.xml" for n in range(60)]))], 0, []
    while waiting:
        for item in one.sitemap(waiting.pop(0)):
            if isinstance(item, Ask):
                asked += 1
                more = index([f"{item.url}/{n}.xml" for n in range(60)])
                waiting.append(answer(more, item.url, dict(item.told)))
            elif isinstance(item, Note):
                notes.append(item.text)
    assert asked == 200
    assert any("were not asked for" in note for note in notes)


@pytest.mark.parametrize(
    ("url", "html", "expected"),
    [
        ("/t", '<a href="/t?page=1">1</a><a href="/t?page=2">2</a><a href="/t?page=9">9</a>', "/t?page=2"),
        (
            "/t?page=2",
            '<a href="/t?page=1">1</a><a href="/t?page=3&amp;x=1">3</a><a href="/t?page=3">3</a>',
            "/t?page=3",
        ),
        ("/t?page=3", '<a href="/t?page=1">1</a><a href="/t?page=2">2</a>', None),
        ("/t/", '<a href="/t/page/2/">2</a><a href="/t/page/7/">7</a>', "/t/page/2/"),
        ("/t/page/2/", '<a href="/t/">1</a><a href="/t/page/3/">3</a>', "/t/page/3/"),
        ("/t?s=120", '<a href="/t?s=0">1</a><a href="/t?s=360">4</a><a href="/t?s=240">3</a>', "/t?s=240"),
        ("/t?q=a", '<a href="/t?q=b&amp;page=2">2</a>', None),
        ("/t", '<a class="next disabled" href="#">next</a>', None),
        ("/t", '<a class="next" href="https://other.example/t?page=2">next</a>', None),
    ],
)
def test_the_next_page_is_the_one_with_the_next_number(url: str, html: str, expected: str | None) -> None:
    assert next_page(parse(html, BASE + url)) == (BASE + expected if expected else None)


def test_a_list_that_repeats_itself_or_never_ends_is_left() -> None:
    page = parse('<a rel="next" href="/t?page=9">next</a>', f"{BASE}/t?page=8")
    first = following(page, {}, ["a", "b"])
    assert isinstance(first, Ask)
    assert isinstance(following(page, dict(first.told), ["a", "b"]), Note)
    assert isinstance(following(page, dict(first.told), ["c"]), Ask)
    assert isinstance(following(page, {"page": 300}, ["c"]), Note)


def test_a_saved_list_leads_to_files_of_its_own_folder_only() -> None:
    one = reader("file:///saved/list.html")
    html = (
        '<base href="https://shop.example/"><a href="file:///saved/item/1.html">1</a><a href="file:///etc/item/2">2</a>'
        '<a href="/item/3">3</a><a href="file:///saved/../etc/item/4">4</a>'
    )
    asks = [item.url for item in one.listing(answer(html, "file:///saved/list.html")) if isinstance(item, Ask)]
    assert asks == ["file:///saved/item/1.html"]


@given(st.binary(max_size=300))
@settings(max_examples=80, deadline=None)
def test_no_bytes_break_the_reading_of_a_sitemap(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert all(place.link for place in read_sitemap(answer(body), NOW).places)

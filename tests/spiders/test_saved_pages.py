"""Pages that a person saved and hands in: every file and every row is accounted for, and no name stays."""

from __future__ import annotations

import json
import plistlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.reader import Unreadable
from spiders.web.import_pages import PageOptions, import_pages, pages_in
from spiders.web.pages_report import PagesReport
from spiders.web.saved import read_saved
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import landed

CASES = Path(__file__).parent / "sources" / "saved_pages"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PRODUCT = (
    '<script type="application/ld+json">{"@type": "Product", "name": "Drill", "offers": {"price": "20.50",'
    ' "priceCurrency": "USD", "seller": {"@type": "Person", "name": "Ann Lee"}}}</script><h1>Drill</h1>'
)

Import = Callable[..., PagesReport]


@pytest.fixture
def data(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def handed_in(data: Home) -> Import:
    def run(*paths: Path, now: datetime = NOW, dry_run: bool = False, **options: Any) -> PagesReport:
        said = PageOptions(**options)
        return import_pages(data, paths, said, clock=lambda: now, say=lambda text: None, dry_run=dry_run)

    return run


def rows(home: Home, record: str = "listing") -> list[dict[str, Any]]:
    return [row for path in landed(home, record) for row in pq.read_table(path, partitioning=None).to_pylist()]


def page(folder: Path, name: str, html: str = PRODUCT, url: str | None = "https://shop.example/p/1") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    comment = f"<!-- saved from url=({len(url):04d}){url} -->\n" if url else ""
    path = folder / name
    path.write_text(f"<!DOCTYPE html>\n{comment}<html><body>{html}</body></html>", encoding="utf-8")
    return path


def test_a_folder_is_read_whole_and_every_file_is_accounted_for(tmp_path: Path, data: Home, handed_in: Import) -> None:
    folder = tmp_path / "saved"
    page(folder, "drill.html")
    page(folder / "drill_files", "frame.html")
    page(
        folder / "more", "two.htm", PRODUCT + '<meta property="og:price:amount" content="12">', "https://b.example/p/2"
    )
    shutil.copy(CASES / "facebook_item" / "item.html", folder / "item.html")
    shutil.copy(CASES / "facebook_wall" / "wall.html", folder / "wall.html")
    (folder / "broken.mhtml").write_text("MIME-Version: 1.0\n\nno page")
    (folder / "empty.html").write_text("")
    (folder / "notes.txt").write_text("mine")
    report = handed_in(folder)
    assert {one.name: one.verdict for one in report.files} == {
        "broken.mhtml": "failed",
        "drill.html": "complete",
        "empty.html": "failed",
        "item.html": "complete",
        "more/two.htm": "empty",
        "wall.html": "blocked",
    }
    assert report.others == ["drill_files/frame.html", "notes.txt"]
    assert (report.offers, report.loaded, report.known, report.reasons) == (3, 2, 0, {"ambiguous_price": 1})
    assert {(row["source"], row["id"]) for row in rows(data)} == {
        ("shop.example", "p/1"),
        ("facebook.com", "987654321012345"),
    }
    reports = {row["found_at"]: json.loads(row["detail_json"]) for row in rows(data, "run_report")}
    assert reports["wall.html"]["signs"] == {"login_wall": 1}
    assert reports["more/two.htm"]["signs"] == {"ambiguous": 1}
    assert reports["item.html"]["price_paths"] == {"json": 1}


def test_the_same_page_handed_in_twice_is_already_known(tmp_path: Path, data: Home, handed_in: Import) -> None:
    drill = page(tmp_path, "drill.html")
    first = handed_in(drill)
    again = handed_in(drill, now=NOW + timedelta(days=2))
    changed = handed_in(page(tmp_path, "later.html", PRODUCT.replace("20.50", "18")), now=NOW + timedelta(days=3))
    assert [(one.loaded, one.known) for one in (first, again, changed)] == [(1, 0), (0, 1), (1, 0)]
    assert {row["observed_at"] for row in rows(data)} == {NOW, NOW + timedelta(days=3)}


def test_no_name_phone_or_address_of_a_person_stays(tmp_path: Path, data: Home, handed_in: Import) -> None:
    page(tmp_path / "s", "drill.html", PRODUCT + "<p>Ann Lee, 573-555-0100, ann.lee@example.org</p>")
    shutil.copy(CASES / "facebook_item" / "item.html", tmp_path / "s" / "item.html")
    assert handed_in(tmp_path / "s").loaded == 2
    kept = json.dumps([*rows(data), *rows(data, "run_report"), *rows(data, "quarantine")], default=str)
    for personal in ("Ann Lee", "Bob Ray", "573-555", "ann.lee", "100012345678901", "100099999999999"):
        assert personal not in kept
    assert len({row["seller"] for row in rows(data)}) == 2


def test_a_dry_run_writes_nothing_and_shows_what_would_land(tmp_path: Path, data: Home, handed_in: Import) -> None:
    report = handed_in(page(tmp_path, "drill.html"), dry_run=True)
    assert not data.root.exists()
    said = report.to_json()
    assert (said["dry_run"], said["offers"], said["loaded"]) == (True, 1, 0)
    assert [(row["title"], row["price"], row["price_path"]) for row in said["rows"]] == [
        ("Drill", "20.50", "jsonld offers.price")
    ]


def test_a_page_is_of_the_moment_it_was_saved_where_it_says_so(tmp_path: Path, data: Home, handed_in: Import) -> None:
    chair = handed_in(CASES / "mhtml" / "chair.mhtml")
    assert chair.files[0].observed_at == datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    said = handed_in(CASES / "mhtml" / "chair.mhtml", observed_at=NOW - timedelta(days=30))
    assert (said.loaded, said.files[0].observed_at) == (1, NOW - timedelta(days=30))
    above = "<!--\n Page saved with SingleFile \n url: https://shop.example/p/1 \n saved date: {} (CET)\n-->"
    early, late = tmp_path / "early.html", tmp_path / "late.html"
    early.write_text(above.format("Thu Nov 19 2026 10:00:00 GMT+0100") + PRODUCT)
    late.write_text(above.format("Thu Nov 19 2099 10:00:00 GMT+0100") + PRODUCT)
    found = {one.name: one.observed_at for one in handed_in(early, late).files}
    assert found == {"early.html": datetime(2026, 11, 19, 9, 0, tzinfo=UTC), "late.html": NOW}


def test_a_page_without_an_address_gets_the_one_that_is_said(tmp_path: Path, data: Home, handed_in: Import) -> None:
    drill = page(tmp_path, "drill.html", url=None)
    nameless = handed_in(drill, dry_run=True).to_json()
    assert (nameless["files"][0]["source"], nameless["files"][0]["url"]) == ("saved_pages", None)
    assert str(tmp_path) not in json.dumps(nameless["rows"])
    named = handed_in(drill, base="https://shop.example/p/7")
    assert (named.files[0].source, rows(data)[0]["id"]) == ("shop.example", "p/7")
    own = page(tmp_path, "own.html", '<link rel="canonical" href="https://c.example/p/9">' + PRODUCT, url=None)
    assert handed_in(own, dry_run=True).files[0].source == "c.example"


def test_one_name_for_all_keeps_the_sites_apart(tmp_path: Path, data: Home, handed_in: Import) -> None:
    first = page(tmp_path, "a.html", url="https://a.example/p/1")
    second = page(tmp_path, "b.html", url="https://b.example/p/1")
    assert handed_in(first, second, source="mine").loaded == 2
    assert {(row["source"], row["id"]) for row in rows(data)} == {("mine", "a.example/p/1"), ("mine", "b.example/p/1")}


def test_currency_and_region_hold_where_a_page_names_none(tmp_path: Path, data: Home, handed_in: Import) -> None:
    bare = PRODUCT.replace(' "priceCurrency": "USD",', "")
    assert handed_in(page(tmp_path, "a.html", bare), dry_run=True).reasons == {"bad_currency": 1}
    assert handed_in(page(tmp_path, "a.html", bare), currency="EUR", region="DE-BY").loaded == 1
    assert (rows(data)[0]["currency"], rows(data)[0]["region"]) == ("EUR", "DE-BY")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"currency": "DOLLAR"}, "ISO 4217"),
        ({"base": "shop"}, "--base"),
        ({"source": "My Pages"}, "cannot be used as a name"),
        ({"observed_at": NOW + timedelta(days=1)}, "future"),
    ],
)
def test_an_option_that_cannot_be_used_is_named_before_anything_lands(
    tmp_path: Path, data: Home, handed_in: Import, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        handed_in(page(tmp_path, "a.html"), **options)
    assert not data.root.exists()


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not there"):
        pages_in([tmp_path / "missing.html"])
    with pytest.raises(BadInput, match="no saved page"):
        pages_in([tmp_path])


def test_a_web_archive_is_opened_and_a_broken_one_is_told() -> None:
    main = {
        "WebResourceData": PRODUCT.encode("utf-16"),
        "WebResourceTextEncodingName": "UTF-16",
        "WebResourceURL": "https://shop.example/p/1",
    }
    archive = plistlib.dumps({"WebMainResource": main}, fmt=plistlib.FMT_BINARY)
    saved = read_saved(archive, ".webarchive")
    assert (saved.url, saved.page("x").products("jsonld")[0]["name"]) == ("https://shop.example/p/1", "Drill")
    with pytest.raises(Unreadable, match="no web archive"):
        read_saved(b"bplist00broken", ".webarchive")


@given(st.binary(max_size=300), st.sampled_from([".html", ".mhtml", ".webarchive"]))
@settings(max_examples=80, deadline=None)
def test_no_file_breaks_the_reading(content: bytes, ending: str) -> None:
    try:
        saved = read_saved(content, ending)
    except Unreadable:
        return
    assert isinstance(saved.page("file:///x").url, str)

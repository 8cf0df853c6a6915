"""Which addresses agents may read, how long they wait, and how a browser and a source are found."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spiders.agent.addresses import Gate, is_public
from spiders.agent.archive import forget_old
from spiders.agent.browser import NoBrowser, find_browser
from spiders.agent.collect import collect
from spiders.agent.politeness import retry_after
from spiders.registry import source_named, sources
from warehouse.errors import BadInput
from warehouse.home import Home


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost:80/x", "http://[::1]/", "http://2130706433/", "http://169.254.169.254/latest",
     "ftp://8.8.8.8/", "file:///etc/passwd", "http:///x", "http://a:99999/"],
)  # fmt: skip
def test_private_addresses_and_other_schemes_are_refused(url: str) -> None:
    assert Gate(None).refusal(url) is not None


def test_the_typed_base_is_read_and_no_other_port_of_its_host() -> None:
    gate = Gate("http://127.0.0.1:8000/shop")
    assert gate.refusal("http://127.0.0.1:8000/other") is None
    assert gate.refusal("http://127.0.0.1:8001/") is not None
    assert gate.refusal("http://127.0.0.1/") is not None
    assert gate.refusal("http://8.8.8.8/") is None


def test_from_a_saved_page_only_files_beside_it_are_read() -> None:
    gate = Gate("file:///data/saved/list.html")
    assert gate.refusal("file:///data/saved/items/1.html") is None
    assert gate.refusal("file:///data/saved/../../etc/passwd") is not None
    assert gate.refusal("file:///data/saved/%2e%2e/x") is not None
    assert gate.refusal("file:///etc/passwd") is not None
    assert gate.refusal("http://8.8.8.8/") is not None


def test_retry_after_is_seconds_or_a_moment_by_the_servers_own_clock() -> None:
    assert retry_after(b"120", None) == 120
    date = b"Fri, 20 Nov 2026 12:00:00 GMT"
    assert retry_after(b"Fri, 20 Nov 2026 12:00:30 GMT", date) == 30
    assert retry_after(b"Fri, 20 Nov 2026 11:00:00 GMT", date) == 0
    assert (
        retry_after(b"soon", date)
        is retry_after(None, date)
        is retry_after(b"Fri, 20 Nov 2026 12:00:30 GMT", None)
        is None
    )


def test_a_payload_kept_for_a_month_is_forgotten(home: Home) -> None:
    files = [home.archive / "shop" / "2026-11-20" / f"{run}.00001.parquet" for run in ("a", "b")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    now = files[0].stat().st_mtime
    os.utime(files[0], (now - 31 * 86_400,) * 2)
    assert forget_old(home, now) == 1
    assert [file.exists() for file in files] == [False, True]


def test_every_source_says_what_it_is_and_a_wrong_name_is_answered_with_the_right_ones() -> None:
    known = sources()
    assert {"schema_org", "craigslist", "javascript_market", "ecb"} <= set(known)
    assert all(source.title and source.licence_note and source.records and source.follows for source in known.values())
    with pytest.raises(BadInput, match='did you mean "craigslist"'):
        source_named("craiglist")


@pytest.mark.parametrize("base", [None, "shop", "ftp://shop.example/", "/not/there.html", "http://"])
def test_a_reader_of_any_site_must_be_told_which(home: Home, base: str | None) -> None:
    with pytest.raises(BadInput):
        collect("schema_org", home, base=base, user_agent="x", clock=lambda: pytest.fail("too late"), say=print)


def test_a_browser_is_the_given_one_or_one_on_the_path_or_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "chromium"
    own.touch(mode=0o755)
    assert find_browser(own) == str(own)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == str(own)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr("spiders.agent.browser._playwrights_own", lambda: None)
    for given in (None, tmp_path / "nothing"):
        with pytest.raises(NoBrowser, match="apt-get install chromium"):
            find_browser(given)


def test_the_browser_is_kept_from_private_addresses_and_from_what_it_does_not_need() -> None:
    import asyncio

    from spiders.agent.browser import Leash

    leash = Leash("http://127.0.0.1:8000/")

    def drops(kind: str, url: str) -> Any:
        return asyncio.run(leash(SimpleNamespace(resource_type=kind, url=url)))

    assert drops("fetch", "http://127.0.0.1:8000/api") is False
    assert drops("image", "http://127.0.0.1:8000/a.jpg") is True
    assert drops("fetch", "http://127.0.0.1:9000/admin") is True
    assert drops("document", "data:text/html,x") is False

"""Every source is declared in full, and docs/sources.md says what the declarations say."""

from __future__ import annotations

import dataclasses
import re
import runpy
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spiders.registry import sources
from spiders.source import Source
from warehouse.records import RECORDS

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "sources_doc.py"))
PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
# What the engine or the reading of a row fills in where a source says nothing.
GIVEN = frozenset({"source", "run", "row", "found_at", "price_path", "observed_at"})

each_source = pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)


def test_the_page_is_what_its_tool_writes() -> None:
    assert TOOL["page"]() == PAGE, "docs/sources.md is behind the sources: write it again with tools/sources_doc.py"


@each_source
def test_a_source_is_on_the_page_with_its_terms_and_fields(source: Source) -> None:
    section = PAGE.partition(f"\n### {source.name}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    rows = {line for line in section.splitlines() if line.startswith("| ")}
    assert any(line.startswith("| terms | ") and len(line) > 30 for line in rows)
    for name in source.fields:
        assert any(line.startswith(f"| {name} | ") for line in rows), name
    for word in (source.off, *source.keys, *source.optional_keys):
        assert not word or word.upper() in section.upper()


@each_source
def test_a_source_says_what_it_is_and_which_traps_it_handles(source: Source) -> None:
    prose, traps = TOOL["told"](source)
    assert len(prose) > 40
    assert len(traps) > 40, f'the docstring of spiders/{source.name}.py ends with a paragraph "Traps: …"'


@each_source
def test_a_source_is_named_like_its_module(source: Source) -> None:
    assert (ROOT / "spiders" / f"{source.name}.py").is_file()


@each_source
def test_a_source_names_where_it_is_read_and_what_describes_its_format(source: Source) -> None:
    for address in filter(None, (source.follows.split()[0], source.base)):
        parts = urlsplit(address)
        assert parts.scheme == "https"
        assert parts.hostname
        assert "." in parts.hostname
    assert all(re.fullmatch(r"[a-z0-9.-]+\.[a-z]+", host) for host in source.hosts)


@each_source
def test_a_source_says_where_each_field_that_must_be_there_comes_from(source: Source) -> None:
    named = {one for key in source.fields for one in TOOL["named"](key)}
    for record in source.records:
        for field in dataclasses.fields(RECORDS[record]):
            must = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            assert not must or field.name in GIVEN or field.name in named, f"{record}.{field.name}"


@each_source
def test_a_source_names_fields_that_there_are(source: Source) -> None:
    there = {field.name for record in source.records for field in dataclasses.fields(RECORDS[record])}
    assert {one for key in source.fields for one in TOOL["named"](key)} <= there


@each_source
def test_what_a_source_is_asked_for_is_explained(source: Source) -> None:
    if source.targets or source.needs_target or source.search:
        assert source.target_note
    assert not source.search or source.needs_target, "what is searched needs words"

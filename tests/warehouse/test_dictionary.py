"""Every column an analyst sees says what it is, and docs/data-dictionary.md says the same."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from warehouse.dictionary import view_named
from warehouse.errors import BadInput

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "dictionary_doc.py"))


@pytest.fixture(scope="module")
def views():
    return TOOL["views"]()


def test_every_view_and_every_column_has_a_comment(views):
    silent = [view.path for view in views if not view.comment]
    silent += [f"{view.path}.{column.name}" for view in views for column in view.columns if not column.comment]
    assert not silent, f"say with COMMENT ON what these are: {', '.join(silent)}"
    assert {"mart.listing", "mart.level", "ops.agent"} <= {view.path for view in views}


def test_the_page_is_what_its_tool_writes(views):
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert TOOL["page"](views) == page, "docs/data-dictionary.md is behind: write it again with `make docs`"


def test_a_view_is_found_with_and_without_its_schema_and_a_near_one_is_named(views):
    assert view_named(views, "listing").path == view_named(views, "MART.listing").path == "mart.listing"
    with pytest.raises(BadInput, match=r"did you mean mart\.listing"):
        view_named(views, "mart.listings")

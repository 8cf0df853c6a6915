"""docs/taxonomy.md says what the tree of categories says."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

from features.taxonomy import tree

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "taxonomy_doc.py"))
PAGE = (ROOT / "docs" / "taxonomy.md").read_text(encoding="utf-8")


def test_the_page_is_what_its_tool_writes() -> None:
    assert TOOL["page"]() == PAGE, "docs/taxonomy.md is behind the tree: write it again with tools/taxonomy_doc.py"


def test_every_category_is_on_the_page_once_with_its_tax_and_life() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    for each in tree().categories.values():
        (row,) = [line for line in rows if f" {each.label} | `{each.id}` |" in line]
        assert f"| `{each.tax}` |" in row
        assert each.life is None or f"| {each.life:g} ({each.life_source}) |" in row


def test_every_key_that_a_category_uses_is_explained() -> None:
    for vocabulary in (tree().tax, tree().essential, tree().lives):
        for key, meaning in vocabulary.items():
            assert f"| `{key}` | {meaning} |" in PAGE


def test_a_page_of_another_tree_is_another_page() -> None:
    known = tree()
    changed = replace(known["laptop"], life=7.5)
    other = replace(known, categories={**known.categories, "laptop": changed})
    assert "| 7.5 (irs) |" in TOOL["page"](other)
    assert TOOL["page"](other) != PAGE

"""A file of categories that does not hold together is refused, with the file, the entry and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.taxonomy.tree import Tree, read_tree
from warehouse.errors import BadInput

VOCABULARY = """
[tax]
goods = "Goods"
[essential]
water = "Water"
[life_source]
estimate = "A guess"
[connecting]
for = ["for"]
for_if_named = ["fit"]
with = ["with"]
and = ["and"]
included = ["included"]
holding = ["bag"]
not_fitted = ["sale"]
not_joining = ["looking"]
describing = ["lined"]
"""
TOOLS = """
[tools]
label = "Tools"
tax = "goods"
life = 10
life_source = "estimate"
attributes = ["brand"]
[drill]
parent = "tools"
label = "Drills"
words = ["drill"]
"""


def made(folder: Path, categories: str, vocabulary: str = VOCABULARY, **files: str) -> Tree:
    (folder / "categories").mkdir()
    (folder / "taxonomy.toml").write_text(vocabulary, "utf-8")
    (folder / "categories" / "tools.toml").write_text(categories, "utf-8")
    for name, text in files.items():
        (folder / "categories" / f"{name}.toml").write_text(text, "utf-8")
    return read_tree(folder)


def test_what_an_entry_leaves_unsaid_comes_from_above(tmp_path: Path) -> None:
    drill = made(tmp_path, TOOLS)["drill"]

    assert (drill.tax, drill.life, drill.life_source, drill.attributes) == ("goods", 10, "estimate", ("brand",))
    assert drill.words == ("drill",)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('[bit]\nparent = "drils"\nlabel = "Bits"', r'\[bit\], parent "drils" is not a category; add \[drils\]'),
        (
            '[bit]\nparent = "tools"\nlabel = "B"\naccessory_of = ["dril"]',
            r'\[bit\], accessory_of "dril" is not a category',
        ),
        ('[a]\nparent = "b"\nlabel = "A"\n[b]\nparent = "a"\nlabel = "B"', r"\[a\] lies below itself \(a < b < a\)"),
        ('[bit]\nparent = "tools"\nlabel = "B"\nwords = ["Drills"]', r'"drill" already means \[drill\]'),
        ('[bit]\nparent = "tools"\nlabel = "B"\nwords = ["bit", "bits"]', r'"bit" stands there twice'),
        ('[bit]\nparent = "tools"\nlabel = "B"\nessential = ["beer"]', r'essential "beer" is not in taxonomy.toml'),
        ('[bit]\nlabel = "B"\ntax = "free"', r'tax "free" is not in taxonomy.toml; use one of goods'),
        ('[bit]\nlabel = "B"', r"\[bit\] has no tax category"),
        ('[bit]\nparent = "tools"', r"\[bit\] has no label"),
        ('[bit]\nparent = "tools"\nlabel = "B"\nword = ["bit"]', r'has a field "word"; the fields are .*words'),
        ('[bit]\nparent = "tools"\nlabel = "B"\nwords = "bit"', r"words is a list of texts"),
        ('[bit]\nparent = "tools"\nlabel = "B"\noccupation = "barber"', r"SOC 2018 code is written 39-5011"),
        ('[bit]\nlabel = "B"\ntax = "goods"\nlife = 3', r"a life without life_source"),
        ('[bit]\nparent = "tools"\nlabel = "B"\nlife = 0', r"life 0: years of use"),
        ('[Bit]\nparent = "tools"\nlabel = "B"', r"\[Bit\] is a table whose name has small letters"),
        (
            '[bit]\nparent = "tools"\nlabel = "B"\naliases = { amazon = ["1"] }',
            r"aliases: a table of lists with the keys",
        ),
        ('[bit]\nparent = "tools"\nlabel = "B"\naliases = { names = ["Drill"] }', r'"drill" already means \[drill\]'),
        ("[bit", r"tools.toml is not TOML"),
    ],
)
def test_an_entry_that_does_not_fit_is_named_with_the_way_out(tmp_path: Path, wrong: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        made(tmp_path, TOOLS + wrong)
    assert "tools.toml" in str(refused.value)


def test_a_category_in_two_files_is_named_with_both(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"tools.toml: category \[drill\] is also in more.toml"):
        made(tmp_path, TOOLS, more='[drill]\nlabel = "Drills"\ntax = "goods"')


@pytest.mark.parametrize("missing", ["[tax]", "holding"])
def test_a_vocabulary_that_lacks_a_part_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(BadInput, match=r"taxonomy\.toml"):
        made(tmp_path, TOOLS, VOCABULARY.replace(missing, missing.replace("tax", "tacks").replace("holding", "hold")))


def test_a_category_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match='"saw" is not a category'):
        made(tmp_path, TOOLS)["saw"]

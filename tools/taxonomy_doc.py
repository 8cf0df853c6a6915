"""`python tools/taxonomy_doc.py` writes docs/taxonomy.md from features/data/taxonomy.toml and categories/*.toml.

So the page has the categories that titles are read into. With `--check` nothing is written; the exit status is 1 where
the page is not what it should be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from doc_page import ROOT, keep, plain, table

from features.taxonomy import Category, Tree, tree

PAGE = ROOT / "docs" / "taxonomy.md"
# So many words of a category are shown; the files have all of them.
WORDS = 6
# How the marketplaces' ids are introduced. Their names for a category are many, and in the files alone.
SCHEMES: Mapping[str, str] = {"ebay": "eBay", "google": "Google", "craigslist": "Craigslist", "facebook": "Facebook"}
HEAD = """\
# The categories

This page is written by `tools/taxonomy_doc.py` from `features/data/taxonomy.toml` and
`features/data/categories/*.toml`; do not edit it. How an entry is written stands at the head of
`features/data/categories/goods.toml`. A file that does not hold together stops Katy with the file, the entry and the
way out.

A listing's category is what its source states, where the tree knows it; else what its title says: a noun before a make
or model, and these before words that only sometimes name the thing. Where title and source are silent or unsure, a
classifier guesses, with a confidence, from what was known when its month began. What nobody can tell is `other`.

Tax, life, essentials and attributes hold for what is below, unless that says otherwise. **Life** is typical years of
use of a good one. **Tax** names the difference that US state sales taxes make; which state taxes what is not said here.
**Essential** says what a household cannot do without.
"""


def page(known: Tree | None = None) -> str:
    """The whole page as Markdown, of the tree that Katy comes with unless another is given."""
    known = tree() if known is None else known
    roots = [each for each in known.categories.values() if each.parent is None]
    leaves = len(known.leaves())
    parts = [HEAD, f"There are {len(known.categories)} categories in {len(roots)} groups; {leaves} have none below.\n"]
    parts += [_group(known, root) for root in roots]
    parts.append("## Tax categories\n\n" + table(("key", "meaning"), _vocabulary(known.tax)))
    parts.append("## Essentials\n\n" + table(("key", "meaning"), _vocabulary(known.essential)))
    parts.append("## Where lives are from\n\n" + table(("key", "source"), _vocabulary(known.lives)))
    return "\n".join(parts)


def _group(known: Tree, root: Category) -> str:
    head = ("category", "id", "called", "tax", "life", "essential", "attributes", "codes")
    return f"## {plain(root.label)}\n\n" + table(head, (_row(known, each) for each in _below(known, root.id)))


def _below(known: Tree, name: str) -> Iterator[Category]:
    """A category and all below it, each before its children, in the order of the files."""
    yield known[name]
    for child in known.children(name):
        yield from _below(known, child)


def _row(known: Tree, each: Category) -> Iterator[str]:
    yield "– " * (len(known.path(each.id)) - 1) + plain(each.label)
    yield f"`{each.id}`"
    yield plain(_called(each))
    yield f"`{each.tax}`"
    yield "" if each.life is None else f"{each.life:g} ({each.life_source})"
    yield ", ".join(each.essential)
    yield plain(", ".join(each.attributes))
    yield plain(_codes(each))


def _called(each: Category) -> str:
    """The first words of a category, nouns before makes and weak ones; and what an accessory is used with."""
    said = [*each.words, *each.names, *each.weak]
    text = ", ".join(said[:WORDS]) + (", …" if len(said) > WORDS else "")
    if not each.accessory_of:
        return text
    return f"{text}; used with {', '.join(each.accessory_of)}" if text else f"used with {', '.join(each.accessory_of)}"


def _codes(each: Category) -> str:
    said = [f"SOC {each.occupation}"] if each.occupation else []
    said += [f"{name} {', '.join(each.aliases[scheme])}" for scheme, name in SCHEMES.items() if scheme in each.aliases]
    return "; ".join(said)


def _vocabulary(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"`{key}`", plain(text)) for key, text in told.items())


if __name__ == "__main__":
    sys.exit(keep(PAGE, page(), sys.argv[1:], "the tree says", "taxonomy_doc.py"))

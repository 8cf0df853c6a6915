"""`python tools/taxonomy_doc.py` writes docs/taxonomy.md from features/data/taxonomy.toml and categories/*.toml.

So the page has the categories that titles are read into. With `--check` nothing is written; the exit status is 1 where
the page is not what it should be.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from features.taxonomy import Category, Tree, tree

ROOT = Path(__file__).resolve().parent.parent
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
_RULED = re.compile(r"([|*<])")


def page(known: Tree | None = None) -> str:
    """The whole page as Markdown, of the tree that Katy comes with unless another is given."""
    known = tree() if known is None else known
    roots = [each for each in known.categories.values() if each.parent is None]
    leaves = len(known.leaves())
    parts = [HEAD, f"There are {len(known.categories)} categories in {len(roots)} groups; {leaves} have none below.\n"]
    parts += [_group(known, root) for root in roots]
    parts.append("## Tax categories\n\n" + _table(("key", "meaning"), _vocabulary(known.tax)))
    parts.append("## Essentials\n\n" + _table(("key", "meaning"), _vocabulary(known.essential)))
    parts.append("## Where lives are from\n\n" + _table(("key", "source"), _vocabulary(known.lives)))
    return "\n".join(parts)


def _group(known: Tree, root: Category) -> str:
    head = ("category", "id", "called", "tax", "life", "essential", "attributes", "codes")
    return f"## {_plain(root.label)}\n\n" + _table(head, (_row(known, each) for each in _below(known, root.id)))


def _below(known: Tree, name: str) -> Iterator[Category]:
    """A category and all below it, each before its children, in the order of the files."""
    yield known[name]
    for child in known.children(name):
        yield from _below(known, child)


def _row(known: Tree, each: Category) -> Iterator[str]:
    yield "– " * (len(known.path(each.id)) - 1) + _plain(each.label)
    yield f"`{each.id}`"
    yield _plain(_called(each))
    yield f"`{each.tax}`"
    yield "" if each.life is None else f"{each.life:g} ({each.life_source})"
    yield ", ".join(each.essential)
    yield _plain(", ".join(each.attributes))
    yield _plain(_codes(each))


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
    return ((f"`{key}`", _plain(text)) for key, text in told.items())


def _plain(text: str) -> str:
    """Text in which nothing is Markdown's."""
    return _RULED.sub(r"\\\1", " ".join(text.split()))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head)]
    lines += [tuple("---" for _ in lines[0]), *(tuple(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or only check it."""
    written = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if written == page():
        return 0
    if "--check" in arguments:
        print(f"{PAGE} is not what the tree says: write it again with python tools/taxonomy_doc.py", file=sys.stderr)  # noqa: T201
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

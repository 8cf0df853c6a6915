"""What a listing is: a category of the tree, by what its source states and what its title says.

Nothing here is learned, so a category never depends on later rows. `tree` has the categories themselves, `rules` reads
titles, `stated` knows the categories of marketplaces; `features.classifier` guesses where they are silent.
"""

from __future__ import annotations

from functools import cache, lru_cache

from features.taxonomy.rules import NOTHING, Reading, Rules
from features.taxonomy.stated import Stated, says_nothing
from features.taxonomy.tree import OTHER, Category, Tree, tree
from features.title import plain

__all__ = ["OTHER", "Category", "Reading", "Tree", "categorise", "read_category", "tree"]


@cache
def _stated() -> Stated:
    return Stated(Rules(tree()))


def categorise(stated: str | None, title: str) -> str:
    """The category of a listing: an id of the tree, else the source's own words, else "other"."""
    return read_category(stated, title).category


@lru_cache(maxsize=200_000)
def read_category(stated: str | None, title: str) -> Reading:
    """The category of a listing and how it is known.

    A stated leaf of the tree holds, but for an accessory that stands among the things it fits: sellers put cases among
    phones. A stated group holds where the title says nothing narrower within it. A stated category that the tree does
    not know is kept in the source's words, unless the title names one.
    """
    known = _stated()
    titled = known.rules.read(title)
    if says_nothing(stated) or stated is None:
        return titled
    group = known.find(stated)
    if group is None:
        return titled if titled.firm else Reading(plain(stated), "stated")
    return Reading(_within(known.rules.tree, group, titled), "stated")


def _within(known: Tree, group: str, titled: Reading) -> str:
    """The category between what is stated and what the title says."""
    name = titled.category
    if titled == NOTHING:
        return group
    if known.under(name, group) or (known.fits(name, group) and titled.how in ("noun", "fits")):
        return name
    if known.children(group) and not known[group].accessory_of and known.path(name)[-1] == known.path(group)[-1]:
        return name if titled.firm else group
    return group

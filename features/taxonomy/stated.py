"""The category a source states, in Katy's tree: ids, names and paths of marketplaces, else the words themselves."""

from __future__ import annotations

import re

from features.taxonomy.rules import Rules, by_word
from features.taxonomy.tree import alias_keys
from features.taxonomy.words import phrase
from features.title import plain

# "A > B > C", "A|B", "A:B", "A / B": the narrowest part stands last. A bare slash joins two names of one thing.
_PATH = re.compile(r"\s*(?:>|»|›|\||\\|::?(?!\d)|\s/\s)\s*")
# Names of categories that say nothing.
_EMPTY = frozenset(
    "other|others|misc|miscellaneous|general|everything else|uncategorized|uncategorised|n/a|na|none|null|all|default|"
    "product|products|item|items|unknown|various|goods|-".split("|")
)


class Stated:
    """The names and ids that sources use, ready to be looked up."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.known = {key: each.id for each in rules.tree.categories.values() for key in alias_keys(each)}

    def find(self, stated: str) -> str | None:
        """The category a source's text names, the most specific known part of a path first; None for no known one."""
        parts = [part for part in _PATH.split(plain(stated)) if part]
        whole = self._exact(plain(stated))
        if whole:
            return whole
        for part in reversed(parts):
            if found := self._exact(part):
                return found
        for part in reversed(parts):
            reading = self.rules.read(part)
            if reading.how == "noun":
                return reading.category
        return None

    def _exact(self, text: str) -> str | None:
        if text in self.known:
            return self.known[text]
        key = phrase(text)
        return self.known.get(key) or by_word(self.rules, key)


def says_nothing(stated: str | None) -> bool:
    """Whether a stated category is missing or only a filler ("Other", "Misc.")."""
    text = plain(stated or "").strip(" .")
    return not text or text in _EMPTY or (text.isdigit() and int(text) == 0)

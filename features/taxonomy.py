"""A category for each listing: the source's own where it names one, else what the title says, else "other".

Rules are data (`data/categories.toml`); nothing here is learned, so a category never depends on later rows.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from features.title import plain

OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Tables:
    word: dict[str, str]
    pattern: re.Pattern[str]
    parts: frozenset[str]


@cache
def _tables() -> _Tables:
    raw = tomllib.loads(resources.files("features").joinpath("data/categories.toml").read_text("utf-8"))
    word = {name.replace("_", " "): name for name in raw["category"]}
    word |= {text: name for name, texts in raw["category"].items() for text in texts}
    groups: dict[str, list[str]] = {}
    for text in sorted(word, key=len, reverse=True):
        groups.setdefault(word[text], []).append(re.escape(text).replace(r"\*", "[a-z0-9]+"))
    named = (f"(?P<{name}>{'|'.join(texts)})" for name, texts in groups.items())
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(named) + r")(?:s|es)?(?!\w)")
    return _Tables(word, pattern, frozenset(raw["parts"]))


@lru_cache(maxsize=200_000)
def categorise(stated: str | None, title: str) -> str:
    """The category of a listing, in Katy's own names where one fits, else in the source's words."""
    tables = _tables()
    if stated and stated.strip():
        text = _singular(plain(stated))
        return tables.word.get(text) or tables.word.get(text.removesuffix("s")) or text or OTHER
    head = re.split(r"\b(?:for|with|w/|fits|compatible|includes?|including|from)\b|[|(]", plain(title), maxsplit=1)[0]
    for text in (head, plain(title)):
        found = [name for match in tables.pattern.finditer(text) if (name := match.lastgroup)]
        whole = [name for name in found if name not in tables.parts]
        if whole or found:
            return (whole or found)[-1]
    return OTHER


def _singular(text: str) -> str:
    return text if text.endswith("ss") else text.removesuffix("s") if len(text) > 4 and text[-2] not in "iu" else text

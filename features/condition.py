"""Condition: one published scale, and how the words of markets and sellers map to it.

The scale and its words are data (`data/conditions.toml`). A listing whose condition is said nowhere stays
`UNSTATED`, a grade of its own: what sellers leave unsaid is information, and guessing it would hide that.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from features.title import plain

UNSTATED = "unstated"
REFERENCE = "good"


@dataclass(frozen=True, slots=True)
class Scale:
    """The grades, best first, with their meaning, and the compiled words that point to them."""

    grades: tuple[str, ...]
    meaning: dict[str, str]
    alias: dict[str, str]
    phrase: dict[str, str]
    pattern: re.Pattern[str]


@cache
def scale() -> Scale:
    """The scale of `data/conditions.toml`."""
    raw = tomllib.loads(resources.files("features").joinpath("data/conditions.toml").read_text("utf-8"))["grade"]
    phrase = {words.replace("-", " "): grade["name"] for grade in raw for words in grade["phrases"]}
    ordered = sorted(phrase, key=len, reverse=True)
    return Scale(
        grades=tuple(grade["name"] for grade in raw),
        meaning={grade["name"]: grade["means"] for grade in raw},
        alias={alias: grade["name"] for grade in raw for alias in grade["aliases"]},
        phrase=phrase,
        pattern=re.compile(r"(?<!\w)(?:" + "|".join(re.escape(words) for words in ordered) + r")(?!\w)"),
    )


@lru_cache(maxsize=200_000)
def grade(stated: str | None, title: str = "") -> str:
    """The grade of a listing: from its stated condition, else from the words of its title, else `UNSTATED`.

    In a title "new" alone counts only at its start or behind a comma or dash: "New Balance", "New York" and
    "renewed for the new year" are no conditions. The worst grade found wins: a crack outweighs "like new". A
    condition that only says "used", as shops must, yields to what the title says and else counts as good.
    """
    known = scale()
    if stated and stated.strip():
        text = plain(stated).rsplit("/", 1)[-1].replace("-", " ").replace("_", " ")
        key = text.replace(" ", "")
        if key in known.alias and key not in _JUST_USED:
            return known.alias[key]
        if text in known.grades or text.replace(" ", "_") in known.grades:
            return text.replace(" ", "_")
        found = known.pattern.findall(text)
        if found and text not in _JUST_USED:
            return _worst(found)
        just_used = key in _JUST_USED or text in _JUST_USED
    else:
        just_used = False
    text = plain(title).replace("-", " ")
    hits = [
        match.group()
        for match in known.pattern.finditer(text)
        if match.group() not in _RISKY or _stands_apart(text, match)
    ]
    if hits:
        return _worst(hits)
    return REFERENCE if just_used else UNSTATED


def _worst(phrases: list[str]) -> str:
    """The worst grade of some phrases; "used" beside a word that says more ("used, like new") says nothing."""
    known = scale()
    telling = [phrase for phrase in phrases if phrase not in _JUST_USED] or phrases
    return max((known.phrase[phrase] for phrase in telling), key=known.grades.index)


def without_condition(text: str) -> str:
    """A plain text without the words of condition, so that they do not count twice."""
    flat, kept, end = text.replace("-", " "), [], 0
    for match in scale().pattern.finditer(flat):
        if match.group() not in _RISKY or _stands_apart(flat, match):
            # Cut from the text itself: its hyphens stay, for they hold model codes together.
            kept.append(text[end : match.start()])
            end = match.end()
    return " ".join([*kept, text[end:]])


# schema.org's UsedCondition and eBay's 3000 say no more than that a thing is not new.
_JUST_USED = frozenset({"usedcondition", "3000", "used", "pre owned", "preowned", "second hand"})
# What makes a name, or a colour, of the word before it.
_NAMES = {"new": ("balance", "york", "era ", "holland", "zealand"), "mint": ("green", "blue", "colo")}
_RISKY = {"new", "good", "fair", "mint", "dead", "rough", "sealed", "excellent", "used", "worn", "decent"}


def _stands_apart(text: str, match: re.Match[str]) -> bool:
    """Whether a short word stands as a remark of its own: at an end of the title or beside punctuation."""
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
    if after.startswith(_NAMES.get(match.group(), ())):
        return False
    return not before or not after or before[-1] in ",;:|(/~*!" or after[0] in ",;:|)/~*!"

"""Editions: the words that tell one article of a line from the next, from `data/editions.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from features.words.files import RuleFile

_FILE = "editions.toml"
# "128/256GB": the buyer chooses, and the price is that of one of them, nobody knows which.
_CHOICE = re.compile(r"(?<![\w.])\d+\s?(?:gb|tb)?\s?[/|,-]\s?\d+\s?(?:gb|tb)(?!\w)")


@dataclass(frozen=True, slots=True)
class Said:
    """The editions a title names, and which of the words that exclude each other it has ("connection": "one")."""

    editions: frozenset[str]
    apart: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    edition: dict[str, str]
    apart: dict[str, tuple[str, str]]
    pattern: re.Pattern[str]


@cache
def _rules() -> _Rules:
    return read_rules()


def read_rules(text: str | None = None) -> _Rules:
    """The rules of `data/editions.toml`, or of `text`. Raises BadInput that names the entry that is wrong."""
    file = RuleFile.read(_FILE, text)
    file.sections("not", "edition", "apart")
    said = [(word, entry["name"]) for entry in file.entries("edition", lists=("words",)) for word in entry["words"]]
    file.only_once(said)
    edition = dict(said)
    apart = {
        word: (entry["name"], side)
        for entry in file.entries("apart", lists=("one", "other"))
        for side in ("one", "other")
        for word in entry[side]
    }
    unheard = file.phrases(file.content.get("not", []), "the file", "not")
    # The longest phrase wins, and what is not to be heard is found before what is.
    phrases = sorted({*unheard, *edition, *apart}, key=lambda phrase: (-len(phrase), phrase))
    pattern = re.compile(r"(?<![^\W_])(?:" + "|".join(re.escape(phrase) for phrase in phrases) + r")(?![^\W_])")
    return _Rules(edition, apart, pattern)


@lru_cache(maxsize=100_000)
def editions(text: str) -> Said:
    """What a plain title says of editions."""
    rules = _rules()
    found = rules.pattern.findall(text)
    named = {rules.edition[phrase] for phrase in found if phrase in rules.edition}
    return Said(
        frozenset(named | {"a choice of sizes"}) if _CHOICE.search(text) else frozenset(named),
        tuple(sorted({rules.apart[phrase] for phrase in found if phrase in rules.apart})),
    )


def editions_differ(one: Said, other: Said) -> str | None:
    """Why two titles name different articles of a line, in words; None where they do not."""
    only = one.editions ^ other.editions
    if only:
        return f"only one of them is: {', '.join(sorted(only))}"
    beside = dict(other.apart)
    for name, side in one.apart:
        # A title that has both says nothing ("wired or wireless").
        if name in beside and beside[name] != side and len(dict(one.apart)) == len(one.apart):
            return f"they differ in: {name}"
    return None

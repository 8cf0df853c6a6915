"""Which category a title names, by the grammar of titles.

English puts the thing last: a "phone case" is a case. What follows "for" is what it fits: a "case for iPhone" is no
phone, and whatever only says "for iPhone" is an accessory. What follows "with", "+" or "no" comes with it: "iPhone 13
with case" is a phone. A noun says more than a make ("thinkpad charger"), unless the title shows that the whole device
is offered ("Galaxy S21 64MP camera 128GB unlocked"). Three or more model numbers behind a make are a list of what
something fits ("glass iPhone 14 13 12 11").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from features.taxonomy.tree import OTHER, Tree, phrases
from features.taxonomy.words import family, tokens, unit

_MARKS = frozenset(",;:!|*~-–—•")
# Marks after which a title no longer speaks of what a thing fits; in a list of models commas go on with it.
_ENDS_FOR = frozenset("!|*~-–—•")
_PLUS = frozenset("+")
_OPEN, _CLOSE = frozenset("(["), frozenset(")]")
_MANY = 3


class Match(NamedTuple):
    """Words of a category in a title: tokens [start, end), and the kind of word (words, names, weak)."""

    start: int
    end: int
    category: str
    kind: str


class Reading(NamedTuple):
    """What a title or a stated category says: the category, and how: stated, noun, name, fits, weak or nothing."""

    category: str
    how: str

    @property
    def firm(self) -> bool:
        """Whether the words leave little doubt."""
        return self.how in ("stated", "noun", "name")


NOTHING = Reading(OTHER, "nothing")


class _Part(NamedTuple):
    """A stretch of a title. Role: thing (what is offered), fits (after "for"), extra (after "with", in brackets)."""

    role: str
    tokens: list[str]


class Rules:
    """The words of a tree, ready to be found in titles."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.meaning: dict[str, tuple[str, str]] = {}
        self._longest: dict[str, int] = defaultdict(int)
        for each in tree.categories.values():
            for kind, text in phrases(each):
                self.meaning.setdefault(text, (each.id, kind))
                first = text.split(" ", 1)[0]
                self._longest[first] = max(self._longest[first], text.count(" ") + 1)
        self._longest = dict(self._longest)
        self._connecting = tree.connecting
        self._signs = {each.id: frozenset(each.signs) for each in tree.categories.values() if each.signs}
        self._all_signs = frozenset[str]().union(*self._signs.values())
        self._fitting = self._default_accessories()

    def _default_accessories(self) -> dict[str, str]:
        """Category → the accessory that something "for" it is when no more is known."""
        out = {
            target: each.id for each in self.tree.categories.values() if each.default for target in each.accessory_of
        }
        for name in self.tree.categories:
            above = next((group for group in self.tree.path(name) if group in out), None)
            if above is not None:
                out.setdefault(name, out[above])
        return out

    def read(self, title: str) -> Reading:
        """The category a title names."""
        parts = self._parts(tokens(title))
        things = [part.tokens for part in parts if part.role == "thing"]
        signs = self._all_signs.intersection(unit(token) for part in things for token in part)
        found = [reading for part in things if (reading := self._pick(part, signs)).how != "nothing"]
        noun = next((reading for reading in found if reading.how == "noun"), None)
        name = next((reading for reading in found if reading.how in ("name", "fits")), None)
        if (
            noun
            and name
            and found.index(name) < found.index(noun)
            and signs & self._signs.get(name.category, frozenset())
        ):
            return name
        if noun or name or found:
            return noun or name or found[0]
        fitted = [part.tokens for part in parts if part.role == "fits"]
        for part in fitted:
            if (reading := self._of_what_it_fits(part)).how != "nothing":
                return reading
        if fitted:
            return NOTHING
        extras = (self._pick(part.tokens, frozenset()) for part in parts if part.role == "extra")
        return next((Reading(extra.category, "weak") for extra in extras if extra.how != "nothing"), NOTHING)

    def matches(self, words: Sequence[str]) -> list[Match]:
        """The words of categories in some tokens, in order; a match inside a longer one is left out."""
        out: list[Match] = []
        reach = 0
        for start, token in enumerate(words):
            longest = self._longest.get(token, 0)
            if not longest and not token.isalpha():
                longest = self._longest.get(family(token) or "", 0)
            for size in range(min(longest, len(words) - start), 0, -1):
                end = start + size
                if end <= reach:
                    break
                meant = self._meaning_of(words[start:end])
                if meant and end < len(words) and words[end] in self._connecting["describing"]:
                    meant = None
                if meant:
                    out.append(Match(start, end, *meant))
                    reach = end
                    break
        return out

    def _meaning_of(self, words: Sequence[str]) -> tuple[str, str] | None:
        found = self.meaning.get(" ".join(words))
        if found is None and not words[-1].isalpha() and (star := family(words[-1])):
            found = self.meaning.get(" ".join([*words[:-1], star]))
        return found

    def _parts(self, words: list[str]) -> list[_Part]:
        """A title's tokens cut where connecting words and marks stand."""
        parts, role, kept, depth = [], "thing", [], 0
        for place, token in enumerate(words):
            turn = None
            if token in _OPEN:
                turn, depth = "extra", depth + 1
            elif token in _CLOSE:
                turn, depth = "thing", max(0, depth - 1)
            elif depth:
                turn = None
            elif token in _MARKS:
                turn = role if role == "fits" and token not in _ENDS_FOR else "thing"
            elif token in _PLUS or token in self._connecting["with"]:
                turn = "extra"
            elif token in self._connecting["for"] and self._joins(words, place):
                turn = "fits"
            if turn is None:
                kept.append(token)
                continue
            if kept:
                parts.append(_Part(role, kept))
            role, kept = turn, []
        return [*parts, _Part(role, kept)] if kept else parts

    def _joins(self, words: list[str], place: int) -> bool:
        """Whether a "for" says what something fits: not "for sale", "for men", "looking for", nor the fit of jeans."""
        after = words[place + 1] if place + 1 < len(words) else ""
        before = words[place - 1] if place else ""
        if after in self._connecting["not_fitted"] or before in self._connecting["not_joining"] or not after:
            return False
        if words[place] in self._connecting["for_if_named"]:
            return bool(self.matches(words[place + 1 : place + 5]))
        return True

    def _pick(self, words: list[str], signs: frozenset[str]) -> Reading:
        """The category of one part of a title."""
        matches = self._held(words, self.matches(words))
        if not matches:
            return NOTHING
        first = next((match for match in matches if match.kind != "weak"), matches[0])
        if first.kind != "weak" and signs & self._signs.get(first.category, frozenset()):
            return Reading(first.category, "noun" if first.kind == "words" else "name")
        nouns = [match for match in matches if match.kind == "words"]
        if nouns:
            return Reading(self._head(words, matches, nouns).category, "noun")
        names = [match for match in matches if match.kind == "names"]
        if names:
            return self._named(words, names)
        return Reading(matches[-1].category, "weak")

    def _held(self, words: list[str], matches: list[Match]) -> list[Match]:
        """Matches without what only holds the thing ("bag of rice")."""
        if "of" not in words:
            return matches
        holding = self._connecting["holding"]
        return [
            match
            for match in matches
            if words[match.end : match.end + 1] != ["of"] or words[match.end - 1] not in holding or match is matches[-1]
        ]

    def _head(self, words: list[str], matches: list[Match], nouns: list[Match]) -> Match:
        """The last noun, without those that are joined to an earlier thing by "and" or said to be included."""
        joining = self._connecting["and"]
        while len(nouns) > 1:
            last = nouns[-1]
            before = [match for match in matches if match.end <= last.start]
            since = before[-1].end if before else last.start
            joined = bool(before) and any(token in joining for token in words[since : last.start])
            # "Phone and tablet stand" is a stand for both.
            if joined and last.end - last.start > 1 and self.tree.fits(last.category, before[-1].category):
                break
            included = words[last.end : last.end + 1] and words[last.end] in self._connecting["included"]
            if not (joined or included):
                break
            nouns = nouns[:-1]
        return nouns[-1]

    def _named(self, words: list[str], names: list[Match]) -> Reading:
        """The category of makes and models: what runs on a thing goes before the thing ("Mario Kart Wii")."""
        for match in names:
            if any(self.tree.fits(match.category, other.category) for other in names):
                return Reading(match.category, "name")
        first = names[0]
        numbers = sum(1 for token in words[first.start :] if len(token) <= 2 and token[0].isdigit())
        if numbers >= _MANY and first.category in self._fitting:
            return Reading(self._fitting[first.category], "fits")
        return Reading(first.category, "name")

    def _of_what_it_fits(self, words: list[str]) -> Reading:
        """The accessory that something is of which only "for X …" is known."""
        matches = self.matches(words)
        own = [match for match in matches if match.kind == "words" and self.tree[match.category].accessory_of]
        if own and own[-1].start > matches[0].start:
            return Reading(own[-1].category, "noun")
        target = next((match.category for match in matches if match.category in self._fitting), None)
        return Reading(self._fitting[target], "fits") if target else NOTHING


def by_word(rules: Rules, text: str) -> str | None:
    """The category whose word a whole phrase is, None where it is none."""
    found: Mapping[str, tuple[str, str]] = rules.meaning
    meant = found.get(text)
    return meant[0] if meant else None

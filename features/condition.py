"""Condition: one published scale, and how the words of markets and sellers map to it.

The scale and its words are data (`data/conditions.toml`). A listing whose condition is said nowhere stays
`UNSTATED`, a grade of its own: what sellers leave unsaid is information, and guessing it would hide that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from features.title import plain
from features.words.files import RuleFile
from features.words.negation import negated
from features.words.phrases import Hit, PhraseBook, Tokens

UNSTATED = "unstated"
REFERENCE = "good"
BROKEN, _WORST_WORKING = "parts", "fair"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a phrase of condition means: a grade (None: nothing), and whether it must stand alone to be heard."""

    grade: str | None
    alone: bool = False


@dataclass(frozen=True)
class Scale:
    """The grades, best first, with their meaning, and the words that point to them."""

    grades: tuple[str, ...]
    meaning: dict[str, str]
    alias: dict[str, str]
    phrase: dict[str, str]
    book: PhraseBook[Remark]
    examples: dict[str, tuple[str, ...]]
    counterexamples: dict[str, tuple[str, ...]]


@cache
def scale() -> Scale:
    """The scale of `data/conditions.toml`."""
    return read_scale(RuleFile.read("conditions.toml"))


def read_scale(file: RuleFile) -> Scale:
    """A scale from its file. Raises BadInput naming the entry that cannot be used and the way out."""
    file.sections("names", "grade")
    grades = file.entries(
        "grade", texts=("means",), lists=("aliases", "phrases", "alone", "examples", "counterexamples")
    )
    file.only_once((text, grade["name"]) for grade in grades for text in (*grade["phrases"], *grade["alone"]))
    file.only_once((text, grade["name"]) for grade in grades for text in grade["aliases"])
    remarks = [(text, Remark(None)) for text in file.phrases(file.content.get("names", []), "the file", "names")]
    for grade in grades:
        remarks += [(text, Remark(grade["name"])) for text in grade["phrases"]]
        remarks += [(text, Remark(grade["name"], alone=True)) for text in grade["alone"]]
    return Scale(
        grades=tuple(grade["name"] for grade in grades),
        meaning={grade["name"]: grade["means"] for grade in grades},
        alias={alias: grade["name"] for grade in grades for alias in grade["aliases"]},
        phrase={text: remark.grade for text, remark in remarks if remark.grade},
        book=PhraseBook(remarks),
        examples={grade["name"]: grade["examples"] for grade in grades},
        counterexamples={grade["name"]: grade["counterexamples"] for grade in grades},
    )


@lru_cache(maxsize=200_000)
def grade(stated: str | None, title: str = "") -> str:
    """The grade of a listing: from its stated condition, else from the words of its title, else `UNSTATED`; what is
    stated as damaged or fair and told to be broken or for parts in its title is that.

    In a title "new" alone counts only at its start or behind a comma or dash: "New Balance", "New York" and
    "renewed for the new year" are no conditions. The worst grade found wins: a crack outweighs "like new". A
    condition that only says "used", as shops must, yields to what the title says and else counts as good.
    """
    said, just_used = _stated(stated)
    hits = condition_hits(Tokens(plain(title)))
    in_title = _judged([hit.words for hit in hits]) if hits else None
    if said is not None:
        # A form offers few words: who has to choose "damaged" there writes into the title that it does not work.
        return BROKEN if (said, in_title) == (_WORST_WORKING, BROKEN) else said
    return in_title or (REFERENCE if just_used else UNSTATED)


def _stated(stated: str | None) -> tuple[str | None, bool]:
    """The grade that a stated condition names, if any; and whether it only says that the thing is used."""
    if not stated or not stated.strip():
        return None, False
    known = scale()
    text = plain(stated)
    text = (text.rsplit("/", 1)[-1] if "schema.org" in text else text).replace("-", " ").replace("_", " ")
    key = "".join(sign for sign in text if sign not in " ():,")
    if key in _JUST_USED or text in _JUST_USED:
        return None, True
    if key in known.alias:
        return known.alias[key], False
    if text in known.grades or text.replace(" ", "_") in known.grades:
        return text.replace(" ", "_"), False
    # What is stated is about the condition, so that a short word need not stand apart in it.
    found = [hit for hit in known.book.find(Tokens(text)) if hit.meaning.grade]
    return (_judged([hit.words for hit in found]) if found else None), False


def condition_hits(tokens: Tokens) -> list[Hit[Remark]]:
    """The words of condition that are heard in a title: not parts of names, not negated, short ones standing apart."""
    return [
        hit
        for hit in scale().book.find(tokens)
        if hit.meaning.grade
        and (not hit.meaning.alone or _stands_apart(tokens, hit))
        and negated(tokens, hit.first, hit.last) is None
    ]


def without_condition(text: str) -> str:
    """A plain text without the words of condition, so that they do not count twice; "no cracks" goes as a whole."""
    tokens = Tokens(text)
    kept, end = [], 0
    for hit in scale().book.find(tokens):
        if not hit.meaning.grade or (hit.meaning.alone and not _stands_apart(tokens, hit)):
            continue
        first = negated(tokens, hit.first, hit.last)
        begin = tokens.start[hit.first if first is None else first]
        # Cut from the text itself: its hyphens stay, for they hold model codes together.
        kept.append(text[end : max(end, begin)])
        end = tokens.end[hit.last - 1]
    return " ".join([*kept, text[end:]])


# schema.org's UsedCondition and eBay's 3000 say no more than that a thing is not new.
_JUST_USED = frozenset({"usedcondition", "3000", "used", "pre owned", "preowned", "second hand"})
# What a quality beside these words describes is the refurbished, or the opened, thing.
_STATES = ("refurbished", "open_box")
_QUALITIES = frozenset({"new", "open_box", "refurbished", "like_new", "very_good", "good"})


def _judged(phrases: Sequence[str]) -> str:
    """The worst grade of some phrases; "used" beside a word that says more ("used, like new") says nothing."""
    known = scale()
    telling = [phrase for phrase in phrases if phrase.replace("-", " ") not in _JUST_USED] or phrases
    grades = {known.phrase[phrase] for phrase in telling}
    for state in _STATES:
        if state in grades and grades <= _QUALITIES:
            return state
    return max(grades, key=known.grades.index)


_APART = frozenset(',;:|()[]/~*!.-–—+=•·&#><"')
_AMOUNTS = frozenset({"pc", "pcs", "x", "pack", "lot"})


def _stands_apart(tokens: Tokens, hit: Hit[Remark]) -> bool:
    """Whether a short word stands as a remark of its own: at an end of the title or beside punctuation."""
    words = tokens.word
    before = hit.first - 1
    # "2 pcs new …" begins with "new" as well.
    while before >= 0 and (words[before][0].isdigit() or words[before] in _AMOUNTS) and before <= 1:
        before -= 1
    if before < 0 or hit.last >= len(words):
        return True
    return words[hit.first - 1] in _APART or words[hit.last] in _APART

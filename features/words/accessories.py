"""Accessories: whether a title is of something made for another thing, and for what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from features.words.brands import Maker
from features.words.files import RuleFile
from features.words.phrases import Hit, PhraseBook, Tokens

_LISTS = (
    *(
        "nouns",
        "weak",
        "near",
        "links",
        "firm_links",
        "not",
        "purposes",
        "beside",
        "devices",
        "only_with_link",
        "compounds",
    ),
    "itself",
)


@dataclass(frozen=True)
class Fittings:
    """The words of `data/accessories.toml`: one book, whose meanings are the names of its lists."""

    book: PhraseBook[frozenset[str]]
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@cache
def fittings() -> Fittings:
    """The words of `data/accessories.toml`."""
    return read_fittings(RuleFile.read("accessories.toml"))


def read_fittings(file: RuleFile) -> Fittings:
    """The words of accessories from their file. Raises BadInput naming the entry that cannot be used."""
    file.sections(*_LISTS, "examples", "counterexamples")
    meaning: dict[str, set[str]] = {}
    for name in _LISTS:
        for text in file.phrases(file.content.get(name, []), "the file", name):
            plural = name in ("nouns", "weak", "devices", "only_with_link", "compounds")
            for form in _forms(text) if plural else (text,):
                meaning.setdefault(form, set()).add(name)
    if not meaning:
        raise file.wrong("the file", "names no words", f"give it the lists {', '.join(_LISTS)}")
    return Fittings(
        book=PhraseBook((text, frozenset(names)) for text, names in meaning.items()),
        examples=file.phrases(file.content.get("examples", []), "the file", "examples"),
        counterexamples=file.phrases(file.content.get("counterexamples", []), "the file", "counterexamples"),
    )


def _forms(text: str) -> Iterable[str]:
    if not text[-1].isalpha():
        return (text,)
    return (text, f"{text}es" if text.endswith(("s", "x", "ch", "sh")) else f"{text}s")


@dataclass(frozen=True, slots=True)
class Fitting:
    """What an accessory fits, in the title's words (None where it names nothing), and the words that said so."""

    fits: str | None
    words: str


_LONGEST_NAME = 9
_VARIANTS = frozenset(
    "pro max plus mini ultra se xr xs x air lite oled slim series gen fe note fold flip one s".split()
)


class _Reading:
    """One title, as its words of fitting and its devices are found in it."""

    def __init__(self, tokens: Tokens, makers: list[Hit[Maker]]) -> None:
        self.tokens = tokens
        self.hits = fittings().book.find(tokens)
        self.makers = makers
        self.beside = next((hit.first for hit in self.hits if "beside" in hit.meaning), len(tokens))
        for place in range(1, min(self.beside, len(tokens) - 1)):
            if tokens.word[place] == "+" and tokens.start[place] > tokens.end[place - 1]:
                self.beside = place
                break

    def of(self, *names: str, before: int | None = None, behind: int = 0) -> Iterable[Hit[frozenset[str]]]:
        last = len(self.tokens) if before is None else before
        return (hit for hit in self.hits if behind <= hit.first < last and any(name in hit.meaning for name in names))

    def device(self, first: int, last: int, *, alone: bool = False) -> tuple[int, int] | None:
        """The first device named in tokens [first, last); `alone`: of those that tell an accessory without a link."""
        found = [(hit.first, hit.last) for hit in self.of("devices", before=last, behind=first)
                 if not (alone and "only_with_link" in hit.meaning)]  # fmt: skip
        found += [(hit.first, hit.last) for hit in self.makers if first <= hit.first < last
                  and (hit.meaning.family or (hit.meaning.car and not alone))]  # fmt: skip
        return min(found, default=None)

    def fitted(self, first: int) -> tuple[int, int]:
        """The tokens that name what is fitted, from token `first` on: up to the next noun, link or sign of a break."""
        last = first
        stops = {
            hit.first
            for hit in self.hits
            if hit.meaning & {"nouns", "links", "beside"} and not hit.meaning & {"devices"}
        }
        while last < len(self.tokens) and last - first < _LONGEST_NAME and last not in stops:
            if self.tokens.word[last] in _BREAKS and last > first:
                break
            last += 1
        return first, last


_BREAKS = frozenset("|-–—([{~*!•·;")


def fitting(tokens: Tokens, makers: list[Hit[Maker]]) -> Fitting | None:
    """What a title's thing is an accessory of; None where it is none (`data/accessories.toml` has the rules)."""
    title = _Reading(tokens, makers)
    if not title.hits:
        return None
    return _linked(title) or _compound(title) or _beside_a_device(title)


def _linked(title: _Reading) -> Fitting | None:
    """ "Case for iPhone 13", "For iPhone 13 tempered glass", "label compatible with Dymo"."""
    tokens = title.tokens
    for link in title.of("links", "firm_links"):
        noun = next(iter(title.of("nouns", before=min(link.first, title.beside))), None)
        if link.last >= len(tokens) or (link.first > title.beside and noun is None):
            continue
        first, last = title.fitted(link.last)
        device = title.device(first, max(last, first + 1))
        name = tokens.between(first, last)
        weak = next(iter(title.of("weak", before=min(link.first, title.beside))), None)
        leading = not any(
            word[0].isalpha() and word not in ("x", "pcs", "pack", "new") for word in tokens.word[: link.first]
        )
        behind = next(iter(title.of("nouns", behind=link.last)), None)
        firm = "firm_links" in link.meaning
        if name and (
            noun is not None
            or (device and weak is not None)
            or (leading and (device or behind))
            or (firm and device and device[0] - link.last <= _LONGEST_NAME)
        ):
            said = noun or weak or behind
            words = f"{tokens.between(said.first, said.last)} … " if said and said.first < link.first else ""
            return Fitting(name, f"{words}{tokens.between(link.first, last)}")
    return None


def _compound(title: _Reading) -> Fitting | None:
    """ "Laptop charger", "bike rack": the thing fitted is the first word of the accessory's name."""
    for hit in title.of("compounds", before=title.beside):
        if not _included(title, hit) and next(iter(title.of("itself")), None) is None:
            return Fitting(title.tokens.word[hit.first], title.tokens.between(hit.first, hit.last))
    return None


def _beside_a_device(title: _Reading) -> Fitting | None:
    """ "iPhone 13 case", "iPad keyboard": a noun and a device in one title that does not offer the device itself."""
    tokens = title.tokens
    device = title.device(0, title.beside, alone=True)
    if device is None or next(iter(title.of("itself")), None) is not None:
        return None
    end = device[1]
    while end < len(tokens) and (tokens.word[end].isdigit() or tokens.word[end] in _VARIANTS):
        end += 1
    name = tokens.between(device[0], end)
    for hit in title.of("near", "nouns", before=title.beside):
        near = "nouns" in hit.meaning or device[1] <= hit.first <= end + 1
        if near and hit.first != device[0] and not _included(title, hit):
            return Fitting(name, f"{tokens.between(hit.first, hit.last)}, {name}")
    return None


_INCLUDED = frozenset({"included", "incl", "inc"})
_ALONG = frozenset({"no", "without", "and", "&", "all", "extra", "both"})


def _included(title: _Reading, hit: Hit[frozenset[str]]) -> bool:
    """Whether a noun comes with the thing, or is missing, as the words behind or before it say."""
    words = title.tokens.word
    behind = words[hit.last] if hit.last < len(words) else ""
    return behind in _INCLUDED or (hit.first > 1 and words[hit.first - 1] in _ALONG)

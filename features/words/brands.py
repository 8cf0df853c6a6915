"""Brands: the maker that a listing names, in one spelling; and the lines of things that tell their maker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from features.title import plain
from features.words.files import RuleFile
from features.words.phrases import Hit, PhraseBook, Tokens


@dataclass(frozen=True, slots=True)
class Maker:
    """What a phrase of `data/brands.toml` means: a brand (None: a phrase that names none), and how it is heard."""

    brand: str | None
    first_word: bool = False
    family: bool = False
    car: bool = False


@dataclass(frozen=True)
class Brands:
    """All known names, to be found in titles, and the canonical spelling of those that sources state."""

    book: PhraseBook[Maker]
    spelling: dict[str, str]
    none: frozenset[str]


@cache
def brands() -> Brands:
    """The brands of `data/brands.toml`."""
    return read_brands(RuleFile.read("brands.toml"))


def read_brands(file: RuleFile) -> Brands:
    """Brands from their file. Raises BadInput naming the entry that cannot be used and the way out."""
    file.sections("none", "not", "names", "words", "aliases", "families")
    content = file.content
    alias = {plain(name): plain(brand) for name, brand in content.get("aliases", {}).items() if isinstance(brand, str)}
    if len(alias) != len(content.get("aliases", {})):
        raise file.wrong("aliases", "has an alias that is no text, or twice", 'write "other spelling" = "brand"')
    makers = {name: Maker(None) for name in file.phrases(content.get("not", []), "the file", "not")}
    for section, first_word in (("names", False), ("words", True)):
        for trade, found in content.get(section, {}).items():
            for name in file.phrases(found, section, trade):
                made = Maker(alias.get(name, name), first_word=first_word, car=trade == "cars")
                # A name of two trades is one brand; the one heard everywhere wins.
                makers.setdefault(name, made)
    for name, brand in alias.items():
        makers.setdefault(name, Maker(brand))
    for brand, found in content.get("families", {}).items():
        for name in file.phrases(found, "families", brand):
            makers[name] = Maker(alias.get(brand, brand), family=True)
    return Brands(
        book=PhraseBook(makers.items()),
        spelling={name: maker.brand for name, maker in makers.items() if maker.brand and not maker.family} | alias,
        none=frozenset(file.phrases(content.get("none", []), "the file", "none")),
    )


@lru_cache(maxsize=50_000)
def brand_name(stated: str | None) -> str | None:
    """A stated brand in its canonical spelling, casefolded; None where it says that there is none."""
    if not stated:
        return None
    text = plain(stated).strip(" .®™")
    known = brands()
    if not text or text in known.none or not any(sign.isalnum() for sign in text):
        return None
    return known.spelling.get(text, text)


def named_brand(tokens: Tokens, hits: list[Hit[Maker]], before: int, own: bool) -> Hit[Maker] | None:
    """The first brand named in a title's tokens before token `before`.

    Families count only where `own` is true: the "iphone" of an "iPhone case" does not tell who made the case.
    """
    for hit in hits:
        if hit.meaning.brand is None or hit.first >= before:
            continue
        if hit.meaning.family and not own:
            continue
        if hit.meaning.first_word and hit.first > _beginning(tokens):
            continue
        # Five "hp" are horsepower; 2026 are not.
        if hit.words == "hp" and hit.first and (tokens.number[hit.first - 1] or 2000) < 1900:
            continue
        return hit
    return None


_CHATTER = frozenset("new used genuine original authentic official brand vintage rare the a an sealed open box".split())


def _beginning(tokens: Tokens) -> int:
    """The place of the first word that says something: signs, years, amounts and "new" come before it."""
    place = 0
    while place < len(tokens) and (not tokens.word[place][0].isalpha() or tokens.word[place] in _CHATTER):
        place += 1
    return place

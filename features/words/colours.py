"""Colours: which one a title or an attribute names."""

from __future__ import annotations

from functools import cache

from features.words.files import RuleFile
from features.words.phrases import PhraseBook, Tokens

_CHOICE = 3


@cache
def colours() -> PhraseBook[str | None]:
    """The colours of `data/colours.toml`: phrase → colour, None for names that only sound like one."""
    return read_colours(RuleFile.read("colours.toml"))


def read_colours(file: RuleFile) -> PhraseBook[str | None]:
    """Colours from their file. Raises BadInput naming the entry that cannot be used and the way out."""
    file.sections("not", "colour")
    entries = file.entries("colour", lists=("words",))
    said = [(text, entry["name"]) for entry in entries for text in entry["words"]]
    file.only_once(said)
    book: dict[str, str | None] = dict(said)
    book |= dict.fromkeys(file.phrases(file.content.get("not", []), "the file", "not"))
    return PhraseBook(book.items())


def named_colour(tokens: Tokens) -> tuple[str, str] | None:
    """The colour a title names, and its words; two as "black/white"; None for none, and for a choice of three."""
    hits = [hit for hit in colours().find(tokens) if hit.meaning]
    names = list(dict.fromkeys(hit.meaning for hit in hits if hit.meaning))
    if not names or len(names) >= _CHOICE:
        return None
    return "/".join(names), ", ".join(tokens.between(hit.first, hit.last) for hit in hits)

"""Roles: what a listing is when it is not simply the one whole thing that its title names.

The words are data (`data/roles.toml`); accessories have rules of their own (features/words/accessories.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from features.words.files import RuleFile
from features.words.negation import negated
from features.words.phrases import Hit, PhraseBook, Tokens

# Roles that make a listing another thing to value than the one it names; a product has them in its key.
KIND_ROLES = ("accessory", "bundle", "lot", "parts", "piece", "replica", "empty_box", "rental", "service")
# Roles of the same thing in another state or another kind of offer.
STATE_ROLES = ("open_box", "refurbished", "wanted")
ROLES = frozenset((*KIND_ROLES, *STATE_ROLES))


@dataclass(frozen=True, slots=True)
class Saying:
    """What a phrase of `data/roles.toml` means: a role (None: none at all), and where it must stand to be heard."""

    role: str | None
    places: frozenset[str] = frozenset()
    described: bool = False


@dataclass(frozen=True)
class RoleBook:
    """The sayings of roles: one book for each role, so that a phrase of one never silences another's."""

    books: tuple[PhraseBook[Saying], ...]
    meaning: dict[str, str]
    examples: dict[str, tuple[str, ...]]
    counterexamples: dict[str, tuple[str, ...]]


@cache
def role_book() -> RoleBook:
    """The sayings of `data/roles.toml`."""
    return read_roles(RuleFile.read("roles.toml"))


def read_roles(file: RuleFile) -> RoleBook:
    """Sayings from their file. Raises BadInput naming the entry that cannot be used and the way out."""
    file.sections("role")
    entries = file.entries(
        "role",
        texts=("means", "described"),
        lists=("phrases", "start", "end", "not", "examples", "counterexamples"),
    )
    books = []
    for entry in entries:
        if entry["name"] not in ROLES:
            raise file.wrong(
                f"role {entry['name']!r}", "is none that Katy knows", f"take one of {', '.join(sorted(ROLES))}"
            )
        if entry["described"] not in ("", "yes"):
            raise file.wrong(
                f"role {entry['name']!r}", "has an unclear described", 'write described = "yes" or leave it out'
            )
        books.append(PhraseBook(_sayings(entry)))
    return RoleBook(
        books=tuple(books),
        meaning={entry["name"]: entry["means"] for entry in entries},
        examples={entry["name"]: entry["examples"] for entry in entries},
        counterexamples={entry["name"]: entry["counterexamples"] for entry in entries},
    )


def _sayings(entry: dict[str, Any]) -> Iterator[tuple[str, Saying]]:
    places: dict[str, set[str]] = {}
    for field in ("phrases", "start", "end"):
        for text in entry[field]:
            places.setdefault(text, set()).add(field)
    for text, where in places.items():
        yield text, Saying(entry["name"], frozenset(where), entry["described"] == "yes")
    yield from ((text, Saying(None)) for text in entry["not"] if text not in places)


def said_roles(tokens: Tokens, *, described: bool = False) -> list[Hit[Saying]]:
    """The sayings of roles heard in a title; in a description (`described`) only of roles that may stand there."""
    found = []
    for book in role_book().books:
        for hit in book.find(tokens):
            meaning = hit.meaning
            if meaning.role is None or (described and not (meaning.described and "phrases" in meaning.places)):
                continue
            if hit.number is not None and not 2 <= hit.number <= _LARGEST_LOT:
                continue
            if _in_place(tokens, hit) and negated(tokens, hit.first, hit.last) is None:
                found.append(hit)
    return found


# More than any lot that is sold as one; years and model numbers begin behind it.
_LARGEST_LOT = 1_000
_UNHEARD = frozenset("new used brand * ~ ! - . : ( [ #".split())


def _in_place(tokens: Tokens, hit: Hit[Saying]) -> bool:
    """Whether a saying stands where its rule wants it: anywhere, at the start with more behind it, or at the end."""
    places = hit.meaning.places
    if "phrases" in places:
        return True
    first = "start" in places and hit.last < len(tokens) and all(word in _UNHEARD for word in tokens.word[: hit.first])
    last = "end" in places and hit.first > 0 and not any(word[0].isalnum() for word in tokens.word[hit.last :])
    return first or last

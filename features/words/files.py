"""Rule files: reading what people wrote into `features/data/*.toml`, and saying plainly what is wrong with it.

A file that cannot be used stops Katy with the file, the entry and the way out; nothing is skipped silently, because a
rule that is not heard looks just like a rule that does not apply.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from features.title import plain
from features.words.phrases import split
from warehouse.errors import BadInput


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A parsed rule file under the name that its errors say."""

    name: str
    content: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, text: str | None = None) -> RuleFile:
        """`features/data/<name>`, or `text` under that name. Raises BadInput where it is no TOML."""
        if text is None:
            text = resources.files("features").joinpath("data", name).read_text("utf-8")
        try:
            return cls(name, tomllib.loads(text))
        except tomllib.TOMLDecodeError as wrong:
            raise BadInput(f"features/data/{name} is no TOML: {wrong}; mend that line") from wrong

    def sections(self, *known: str) -> None:
        """Raise BadInput where the file has another section than those known."""
        self._only(self.content, set(known), "the file")

    def entries(self, section: str, *, texts: Iterable[str] = (), lists: Iterable[str] = ()) -> list[dict[str, Any]]:
        """The entries of `[[section]]`, checked: `name` and every field of `texts` a text, of `lists` a list of texts.

        `name` must be there and once; lists left out are empty, texts left out are empty texts; other fields are
        refused. Phrases are brought into the form of plain titles.
        """
        found = self.content.get(section, [])
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise self.wrong(section, "is no list of entries", f"begin each with [[{section}]]")
        texts, lists = ("name", *texts), tuple(lists)
        out, names = [], set()
        for number, entry in enumerate(found, 1):
            where = f"{section} {entry.get('name', number)!r}"
            if not str(entry.get("name", "")).strip():
                raise self.wrong(where, "has no name", "give it one")
            if entry["name"] in names:
                raise self.wrong(where, "is there twice", "put the words of both into one entry")
            names.add(entry["name"])
            self._only(entry, {*texts, *lists}, where)
            made: dict[str, Any] = {field: self._text(entry.get(field, ""), where, field) for field in texts}
            out.append(made | {field: self.phrases(entry.get(field, []), where, field) for field in lists})
        return out

    def phrases(self, found: object, where: str, field: str) -> tuple[str, ...]:
        """A list of phrases, each as a plain title has it; examples stay as they are written."""
        if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
            raise self.wrong(where, f"has a {field} that is no list of texts", f'write {field} = ["…", "…"]')
        if field in ("examples", "counterexamples"):
            return tuple(found)
        made = tuple(plain(text) for text in found)
        for text, written in zip(made, found, strict=True):
            tokens = split(text)
            if not tokens:
                raise self.wrong(where, f"has the phrase {written!r} without a word in {field}", "take it out")
            if "*" in tokens[0] or any("*" in token[:-1] for token in tokens):
                raise self.wrong(where, f"has {written!r} in {field}", "put * only at the end of a word but the first")
        return made

    def only_once(self, said: Iterable[tuple[str, str]]) -> None:
        """Raise BadInput where two entries have one phrase: (phrase, entry's name) pairs."""
        owner: dict[tuple[str, ...], str] = {}
        for text, name in said:
            known = owner.setdefault(split(text), name)
            if known != name:
                raise self.wrong(f'"{text}"', f"belongs to {known!r} and to {name!r}", "leave it in one of them")

    def wrong(self, where: str, what: str, way_out: str) -> BadInput:
        """The error for an entry of this file."""
        return BadInput(f"features/data/{self.name}, {where}: {what}; {way_out}")

    def _text(self, found: object, where: str, field: str) -> str:
        if not isinstance(found, str):
            raise self.wrong(where, f"has a {field} that is no text", f'write {field} = "…"')
        return found

    def _only(self, entry: Mapping[str, Any], known: set[str], where: str) -> None:
        for field in entry:
            if field not in known:
                raise self.wrong(where, f"has an unknown {field!r}", f"known are {', '.join(sorted(known))}")

"""The account of an import: what was read, what is new, what was known, and what was not believed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class FileReport:
    """What was found in one file; `reasons` counts the quarantined rows, `filled` the landed rows that have a field.

    `holes` are blank cells of a wide table: they are no rows. `notes` are what showed only while the rows were read.
    """

    name: str
    rows: int = 0
    landed: int = 0
    holes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def quarantined(self) -> int:
        return self.reasons.total()

    def to_json(self) -> dict[str, Any]:
        said = {"name": self.name, "rows": self.rows, "landed": self.landed, "quarantined": self.quarantined}
        return said | ({"holes": self.holes} if self.holes else {})


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import's account: rows = loaded + known + quarantined."""

    source: str
    run: str
    files: list[FileReport]
    rows: int
    loaded: int
    known: int
    quarantined: int
    reasons: dict[str, int]
    notes: list[str]
    record: str = "listing"

    def to_json(self) -> dict[str, Any]:
        names = ("source", "record", "run", "rows", "loaded", "known", "quarantined", "reasons", "notes")
        return {name: getattr(self, name) for name in names} | {"files": [file.to_json() for file in self.files]}

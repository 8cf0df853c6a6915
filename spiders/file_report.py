"""The account of an import: what was read, what is new, what was known, and what was not believed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class FileReport:
    """What was found in one file; `reasons` counts the quarantined rows."""

    name: str
    rows: int = 0
    listings: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

    @property
    def quarantined(self) -> int:
        return self.reasons.total()


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

    def to_json(self) -> dict[str, Any]:
        names = ("source", "run", "rows", "loaded", "known", "quarantined", "reasons", "notes")
        files = [
            {"name": f.name, "rows": f.rows, "listings": f.listings, "quarantined": f.quarantined} for f in self.files
        ]
        return {name: getattr(self, name) for name in names} | {"files": files}

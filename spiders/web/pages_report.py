"""The account of an import of saved pages: of each file, and of all."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from spiders.reader import Note
from warehouse.records import Listing, Quarantined, Record


@dataclass(slots=True)
class PageFile:
    """What one file gave. `problem` says why it could not be read; `wall` that it shows a login or a block instead."""

    name: str
    source: str
    url: str | None = None
    observed_at: datetime | None = None
    listings: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    price_paths: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    signs: Counter[str] = field(default_factory=Counter)
    problem: str | None = None

    @property
    def offers(self) -> int:
        return self.listings + self.quarantined

    @property
    def quarantined(self) -> int:
        return self.reasons.total()

    @property
    def verdict(self) -> str:
        """The words of a run's verdict: complete, empty, blocked, failed."""
        if self.problem:
            return "failed"
        if self.signs["login_wall"] or self.signs["block"]:
            return "blocked"
        return "complete" if self.listings else "empty"

    def take(self, note: Note) -> None:
        self.notes.append(note.text)
        if note.kind != "note":
            self.signs[note.kind] += 1

    def count(self, record: Listing | Quarantined) -> None:
        if isinstance(record, Quarantined):
            self.reasons[record.reason] += 1
            self.signs["ambiguous"] += record.reason == "ambiguous_price"
        else:
            self.listings += 1
            self.price_paths[record.price_path] += 1

    def why(self) -> str:
        """In one sentence what came of the file."""
        if self.problem:
            return f"cannot be read: {self.problem}"
        if not self.offers:
            return self.notes[-1] if self.notes else "offers nothing that can be read"
        held = ", ".join(f"{n} {reason}" for reason, n in self.reasons.most_common())
        return f"{self.listings} of {self.offers} offers can be believed" + (f" ({held})" if held else "")

    def detail(self, reader: str) -> dict[str, Any]:
        """The detail of its run report."""
        return {
            "reader": reader,
            "base": self.url or self.name,
            "verdict": self.verdict,
            "why": self.why(),
            "pages": int(self.problem is None),
            "barren": int(self.problem is None and not self.offers),
            "read": self.offers,
            "landed": self.listings,
            "quarantined": dict(self.reasons),
            "price_paths": dict(_kinds(self.price_paths)),
            "signs": {kind: n for kind, n in self.signs.items() if n},
            "failed": int(self.problem is not None),
            "failures": [{"url": self.name, "why": self.problem}] if self.problem else [],
            "notes": self.notes,
        }

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        return {
            "name": self.name,
            "source": self.source,
            "url": self.url,
            "observed_at": self.observed_at.isoformat() if self.observed_at else None,
            "verdict": self.verdict,
            "why": self.why(),
            "offers": self.offers,
            "listings": self.listings,
            "quarantined": dict(self.reasons),
            "price_paths": dict(self.price_paths),
            "login_wall": bool(self.signs["login_wall"]),
            "notes": self.notes,
        }


@dataclass(slots=True)
class PagesReport:
    """The account of all files: offers = loaded + known + quarantined, but in a dry run, where nothing is loaded.

    `others` are files in the given folders that are no pages; `rows` what a dry run would have landed.
    """

    files: list[PageFile]
    others: list[str] = field(default_factory=list)
    dry_run: bool = False
    loaded: int = 0
    known: int = 0
    rows: list[Record] = field(default_factory=list)

    @property
    def offers(self) -> int:
        return sum(one.offers for one in self.files)

    @property
    def reasons(self) -> dict[str, int]:
        return dict(sum((one.reasons for one in self.files), Counter[str]()).most_common())

    def count(self, loaded: int, known: int) -> None:
        """Take in what was loaded of a run, and what was known."""
        self.loaded += loaded
        self.known += known

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values for JSON; the rows of a dry run too."""
        said: dict[str, Any] = {
            "offers": self.offers,
            "loaded": self.loaded,
            "known": self.known,
            "quarantined": sum(self.reasons.values()),
            "reasons": self.reasons,
            "dry_run": self.dry_run,
            "files": [one.to_json() for one in self.files],
            "others": self.others,
        }
        return said | ({"rows": [_plain(row) for row in self.rows]} if self.dry_run else {})


def site_name(url: str) -> str:
    """A source's name for a site: its host, with the port where it is a special one."""
    parts = urlsplit(url)
    port = f"-{parts.port}" if parts.port else ""
    return re.sub(r"[^a-z0-9.-]+", "-", (parts.hostname or "").removeprefix("www.") + port).strip("-.")[:64] or "files"


def _kinds(paths: Counter[str]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for path, n in paths.items():
        kinds[path.split()[0] if path else ""] += n
    return kinds


def _plain(row: Record) -> dict[str, Any]:
    """What a person wants to see of a row before it lands."""
    if isinstance(row, Quarantined):
        return {"quarantined": row.reason, "message": row.message}
    names = ("title", "price", "currency", "kind", "condition", "place", "url", "id", "price_path")
    said = {name: getattr(row, name, None) for name in names}
    return {name: str(value) for name, value in said.items() if value is not None}

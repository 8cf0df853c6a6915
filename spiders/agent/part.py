"""What a visit has read and not landed yet: small enough that memory does not grow with the visit."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

from spiders.agent.archive import Kept
from spiders.agent.journal import Met
from warehouse.records import Record

MOST_ROWS = 5_000
MOST_PAGES = 300
LONGEST_SECONDS = 15.0


@dataclass(slots=True)
class Part:
    """What has been read and has not landed yet."""

    rows: list[Record] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    @property
    def full(self) -> bool:
        late = time.monotonic() - self.since > LONGEST_SECONDS
        return len(self.rows) >= MOST_ROWS or len(self.keys) >= MOST_PAGES or (late and bool(self.keys))


def content_of(hidden: list[dict[str, Any]]) -> str:
    """A hash of what a page says for sale and for how much: it changes when that does."""
    told = [[one["row"].get(name) for name in ("title", "price", "currency", "availability", "kind")] for one in hidden]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

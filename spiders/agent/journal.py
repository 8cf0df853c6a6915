"""What an agent knows of its source: what is left to ask, what was answered, and how often each page changes.

One SQLite file for each source. A visit that is killed at any moment is taken up where it was: an ask is done only when
its rows have landed, and the part they land in is named before it is written. So nothing that landed is read again, and
nothing that was read and had not landed is lost. Rows kept here have no persons in them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from spiders.reader import Ask

# What is deleted is overwritten: an address that was asked may name somebody.
_PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;"
_TABLES = """
CREATE TABLE IF NOT EXISTS visit (
    run TEXT PRIMARY KEY, told TEXT NOT NULL, started_at TEXT NOT NULL, parts INTEGER NOT NULL DEFAULT 0,
    tally TEXT NOT NULL DEFAULT '{}', ended INTEGER NOT NULL DEFAULT 0
);
-- state: 0 waiting, 4 under way or read, 1 in a part that is being landed, 2 done, 3 failed
CREATE TABLE IF NOT EXISTS ask (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, ask TEXT NOT NULL, worth REAL NOT NULL,
    state INTEGER NOT NULL DEFAULT 0, part INTEGER
);
CREATE INDEX IF NOT EXISTS ask_waiting ON ask (state, worth DESC, number);
-- tally: the visit's figures with this part, true once its files are there
CREATE TABLE IF NOT EXISTS part (number INTEGER PRIMARY KEY, files TEXT NOT NULL, tally TEXT);
CREATE TABLE IF NOT EXISTS page (
    key TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, sha256 TEXT, result BLOB, version TEXT,
    visits INTEGER NOT NULL DEFAULT 0, changes INTEGER NOT NULL DEFAULT 0, days REAL NOT NULL DEFAULT 0,
    content TEXT, last_visit REAL NOT NULL, changed_days REAL NOT NULL DEFAULT 0
);
"""


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit that has begun and not ended."""

    run: str
    started_at: datetime
    tally: dict[str, Any]
    resumed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What was answered the last time: validators to ask with, and what was read from it (persons hidden)."""

    etag: str | None
    last_modified: str | None
    sha256: str | None
    result: dict[str, Any] | None
    content: str


@dataclass(frozen=True, slots=True)
class Met:
    """An answer to be remembered. `content` is a hash of what was read, which changes when a price does."""

    key: str
    etag: str | None
    last_modified: str | None
    sha256: str | None
    result: dict[str, Any] | None
    content: str
    at: float


def key_of(ask: Ask) -> str:
    """What makes two asks one question."""
    return hashlib.sha256("\n".join((ask.method, ask.url, ask.body or "", ask.again)).encode()).hexdigest()[:24]


class Journal:
    """The file of one source. Made by `Journal(path)`; one process at a time (the agent holds a lock)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Files of parts that had not landed whole when the visit was cut off: they are read and land again.
        self.undone: set[str] = set()
        self._db = sqlite3.connect(path, isolation_level="DEFERRED")
        self._db.executescript(_PRAGMAS + _TABLES)

    def close(self) -> None:
        self._db.commit()
        self._db.close()

    def commit(self) -> None:
        self._db.commit()

    # --- visits -------------------------------------------------------------------------------------------------

    def unfinished(self) -> tuple[str, str, datetime, dict[str, Any]] | None:
        """The visit that was cut off, if one was: run, what it was told, beginning, tally."""
        found = self._db.execute("SELECT run, told, started_at, tally FROM visit WHERE ended = 0").fetchone()
        if found is None:
            return None
        return found[0], found[1], datetime.fromisoformat(found[2]), json.loads(found[3])

    def begin(self, run: str, told: str, started_at: datetime) -> None:
        """A new visit, with nothing to ask yet; what an earlier one left to ask is forgotten."""
        with self._db:
            self._db.execute("DELETE FROM ask")
            self._db.execute("DELETE FROM part")
            self._db.execute("DELETE FROM visit")
            self._db.execute(
                "INSERT INTO visit (run, told, started_at) VALUES (?, ?, ?)", [run, told, started_at.isoformat()]
            )

    def end(self) -> None:
        with self._db:
            self._db.execute("UPDATE visit SET ended = 1")
            self._db.execute("DELETE FROM ask")
            self._db.execute("DELETE FROM part")

    def recover(self, landed: Any) -> int:
        """After a crash: parts whose files all `landed(name)` are done, the asks of others wait again.

        Returns how many parts there were, so that new ones get new numbers.
        """
        with self._db:
            for number, files, tally in self._db.execute("SELECT * FROM part ORDER BY number").fetchall():
                names = json.loads(files)
                done = bool(names) and all(landed(name) for name in names)
                self.undone |= set() if done else set(names)
                if done and tally:
                    self._db.execute("UPDATE visit SET tally = ?", [tally])
                self._db.execute(
                    "UPDATE ask SET state = ?, part = NULL WHERE part = ? AND state = 1", [2 if done else 0, number]
                )
            self._db.execute("UPDATE ask SET state = 0 WHERE state = 4")
            found = self._db.execute("SELECT parts FROM visit").fetchone()
        return int(found[0]) if found else 0

    # --- asks ---------------------------------------------------------------------------------------------------

    def add(self, asks: Iterable[Ask]) -> int:
        """Queue asks that this visit has not met; returns how many were new."""
        before = self._db.total_changes
        self._db.executemany(
            "INSERT OR IGNORE INTO ask (key, ask, worth) VALUES (?, ?, ?)",
            [(key_of(ask), json.dumps(asdict(ask)), ask.worth) for ask in asks],
        )
        return self._db.total_changes - before

    def next(self, most: int) -> list[tuple[str, Ask]]:
        """The next asks to make, the most worth first, then in order; they are under way from now on."""
        found = self._db.execute(
            "SELECT key, ask FROM ask WHERE state = 0 AND worth > -1e300 ORDER BY worth DESC, number LIMIT ?", [most]
        ).fetchall()
        self._db.executemany("UPDATE ask SET state = 4 WHERE key = ?", [(key,) for key, _ in found])
        return [(key, Ask(**json.loads(text))) for key, text in found]

    def left(self) -> int:
        """How many asks wait."""
        return int(self._db.execute("SELECT count(*) FROM ask WHERE state = 0").fetchone()[0])

    def waiting_keys(self) -> list[str]:
        return [key for (key,) in self._db.execute("SELECT key FROM ask WHERE state = 0")]

    def value(self, worths: Iterable[tuple[str, float]]) -> None:
        """Set what waiting asks are worth."""
        self._db.executemany("UPDATE ask SET worth = ? WHERE key = ?", [(worth, key) for key, worth in worths])

    def failed(self, key: str) -> None:
        self._db.execute("UPDATE ask SET state = 3 WHERE key = ?", [key])

    def landing(
        self, number: int, files: Sequence[str], keys: Iterable[str], tally: dict[str, Any] | None = None
    ) -> None:
        """Name a part before it is written, whose answers are in it, and the figures that are true with it."""
        with self._db:
            told = [number, json.dumps(list(files)), json.dumps(tally) if tally else None]
            self._db.execute("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", told)
            self._db.execute("UPDATE visit SET parts = max(parts, ?)", [number])
            self._db.executemany("UPDATE ask SET state = 1, part = ? WHERE key = ?", [(number, key) for key in keys])

    def landed(self, number: int, met: Iterable[Met], tally: dict[str, Any], version: str) -> None:
        """The part is there: its asks are done, and its answers are remembered."""
        with self._db:
            self._db.execute("UPDATE ask SET state = 2 WHERE part = ? AND state = 1", [number])
            self._db.execute("UPDATE visit SET tally = ?", [json.dumps(tally)])
            for one in met:
                self._remember(one, version)

    # --- pages --------------------------------------------------------------------------------------------------

    def known(self, key: str, version: str) -> Known | None:
        """What is known of a page, where the same version of the readers read it."""
        found = self._db.execute(
            "SELECT etag, last_modified, sha256, result, content FROM page WHERE key = ? AND version = ?",
            [key, version],
        ).fetchone()
        if found is None or not (found[0] or found[1]):
            return None
        result = json.loads(zlib.decompress(found[3])) if found[3] else None
        return Known(found[0], found[1], found[2], result, found[4])

    def pages(self) -> list[tuple[str, int, int, float, float, float]]:
        """Every page met: key, visits, changes seen, days between first and last visit, those of them in which it
        changed, last visit (POSIX seconds)."""
        return self._db.execute("SELECT key, visits, changes, days, changed_days, last_visit FROM page").fetchall()

    def forget(self, before: float) -> int:
        """Drop what was read from pages that nobody met since; returns how many."""
        with self._db:
            done = self._db.execute("DELETE FROM page WHERE last_visit < ?", [before])
        return done.rowcount

    def _remember(self, met: Met, version: str) -> None:
        result = zlib.compress(json.dumps(met.result).encode()) if met.result is not None else None
        self._db.execute(
            """
            INSERT INTO page (key, etag, last_modified, sha256, result, version, visits, content, last_visit)
            VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)
            ON CONFLICT (key) DO UPDATE SET
                etag = excluded.etag, last_modified = excluded.last_modified, sha256 = excluded.sha256,
                result = excluded.result, version = excluded.version, visits = visits + 1,
                changes = changes + (content IS NOT excluded.content),
                days = days + max(0, excluded.last_visit - last_visit) / 86400.0,
                changed_days = changed_days
                    + (content IS NOT excluded.content) * max(0, excluded.last_visit - last_visit) / 86400.0,
                content = excluded.content, last_visit = excluded.last_visit
            """,
            [met.key, met.etag, met.last_modified, met.sha256, result, version, met.content, met.at],
        )

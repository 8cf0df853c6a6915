"""The demo's own data folder, and the notes that let a second demo go on where the first one stopped.

A demo town must never mix into a person's real data, nor into another town's. Its folder is marked by `demo.json`: the
town's seed, its live days and the last of them, and which days of which site have been read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

from katy.settings import Settings
from warehouse.errors import KatyError
from warehouse.home import Home

DEFAULT_SEED = 7
DEFAULT_DAYS = 7
_NOTES = "demo.json"
# What tells that a folder is in use.
_DATA = ("landing", "warehouse", "snapshots", "ledger")


@dataclass(slots=True)
class Notes:
    """What the folder's demo is: the town (`seed`, `days`, `end`), the days read so far by site, how many storm
    warnings were read, the sites' ports."""

    seed: int
    days: int
    end: date
    read: dict[str, list[str]] = field(default_factory=dict)
    rates_on: str = ""
    warnings: int = 0
    ports: dict[str, int] = field(default_factory=dict)

    def has_read(self, site: str, day: date) -> bool:
        return day.isoformat() in self.read.get(site, [])

    def note_read(self, site: str, day: date) -> None:
        if not self.has_read(site, day):
            self.read.setdefault(site, []).append(day.isoformat())


def choose(
    settings: Settings, *, seed: int | None, days: int | None, below: Path, say: Callable[[str], None]
) -> tuple[Home, Notes]:
    """The folder and the notes of the demo that was asked for; `None` leaves the choice to what is there.

    KATY_HOME (or --home) is used where it is empty or holds this very town; otherwise a folder inside it. Where none is
    named it is `.katy/demo` in `below`. A town once begun keeps its last day, so that a later demo finds all known.
    """
    named = "home" in settings.model_fields_set
    root = settings.folder.root if named else (below / ".katy" / "demo")
    if named and _holds_other_data(root):
        say(f"{root} holds other data; the demo uses a folder of its own, {root / 'demo'}")
        root = root / "demo"
    notes = _noted(root)
    asked = (seed if seed is not None else DEFAULT_SEED, days if days is not None else DEFAULT_DAYS)
    if notes is not None and ((seed not in (None, notes.seed)) or (days not in (None, notes.days))):
        other = root.with_name(f"{root.name}-seed-{asked[0]}-days-{asked[1]}")
        say(f"{root} holds the town of seed {notes.seed} with {notes.days} live days; this one goes to {other}")
        root, notes = other, _noted(other)
    if notes is None:
        # The last live day is a whole day that has passed.
        notes = Notes(*asked, end=settings.at().date() - timedelta(days=1))
    return Home(root), notes


def keep(home: Home, notes: Notes) -> None:
    """Write the notes: the whole file or none of it."""
    home.root.mkdir(parents=True, exist_ok=True)
    beside = home.root / f".{_NOTES}.new"
    beside.write_text(json.dumps(asdict(notes) | {"end": notes.end.isoformat()}, indent=1) + "\n", encoding="utf-8")
    beside.replace(home.root / _NOTES)


def _holds_other_data(root: Path) -> bool:
    return not (root / _NOTES).exists() and any((root / name).exists() for name in _DATA)


def _noted(root: Path) -> Notes | None:
    file = root / _NOTES
    if not file.exists():
        return None
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Notes(**(said | {"end": date.fromisoformat(said["end"])}))
    except (ValueError, TypeError, KeyError) as error:
        raise KatyError(f"{file} cannot be read ({error}); remove the folder to begin the demo anew") from error

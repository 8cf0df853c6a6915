"""Where vintages are kept: one folder each, named by its key, written beside and renamed into place."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from models.training.vintage import Vintage


class VintageStore:
    """Vintages by key, in a folder that runs share. A vintage is never changed once it is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: list[str] = []

    def path(self, key: str) -> Path:
        return self.folder / key

    def load(self, key: str) -> Vintage | None:
        """The vintage of that key, or None."""
        self.used.append(key)
        path = self.path(key)
        return Vintage.load(path) if (path / "vintage.json").exists() else None

    def keep(self, vintage: Vintage) -> None:
        unfinished = self.folder / f".tmp-{uuid.uuid4().hex}"
        vintage.save(unfinished)
        unfinished.rename(self.path(vintage.key))

    def prune(self, keep: set[str]) -> None:
        """Remove what no snapshot names and what a killed run left unfinished."""
        for path in self.folder.glob("*"):
            if path.name not in keep and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)

"""Opening a snapshot's product search, read-only."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path
from typing import Any

from features.search.build import ABOUT, FOLDER, PRODUCTS, VERSION, WORDS, Indexes, build
from features.search.index import ProductSearch
from warehouse import query
from warehouse.errors import KatyError
from warehouse.snapshot import Snapshot

log = logging.getLogger(__name__)


def open_search(snapshot: Snapshot) -> ProductSearch:
    """The search of a snapshot; its folder is never written to, and may be removed meanwhile without harm.

    A snapshot published without an index that this version reads gets one in memory, which takes about a minute for a
    million products. Raises KatyError where the index is damaged.
    """
    folder = snapshot.path / FOLDER
    about = folder / ABOUT
    if about.is_file() and _version(about) == VERSION:
        return open_folder(folder)
    log.info("snapshot %s has no search index of this version: one is made in memory", snapshot.id)
    connection = query.read_only(snapshot.database)
    try:
        return ProductSearch(build(connection))
    finally:
        connection.close()


def open_folder(folder: Path) -> ProductSearch:
    """The search of an index that `write_index` wrote. Raises KatyError where it is damaged."""
    try:
        return ProductSearch(Indexes(_opened(folder / PRODUCTS), _opened(folder / WORDS)))
    except (OSError, ValueError) as error:
        raise _damaged(folder, error) from error


def _version(about: Path) -> int:
    try:
        return int(json.loads(about.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(about, error) from error


def _damaged(path: Path, error: Exception) -> KatyError:
    return KatyError(f"{path} cannot be read: {error}. Run `katy run` to publish a whole snapshot")


def _opened(folder: Path) -> Any:
    """One index, mapped into memory.

    tantivy puts a lock file beside what it opens, so it is led to the files through links in a folder of its own. They
    may go once it has mapped them.
    """
    import tantivy

    with tempfile.TemporaryDirectory(prefix="katy-search-") as links:
        for file in folder.iterdir():
            Path(links, file.name).symlink_to(file.resolve())
        index = tantivy.Index.open(links)
        # Nothing is ever added: no thread is to look for it.
        index.config_reader("Manual")
    return index

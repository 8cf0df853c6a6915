"""Snapshots: what readers read. A publish writes a whole folder under a name nobody looks at, then gives it its name,
then moves the `current` pointer; a process killed in between leaves the last snapshot as it was.

    snapshots/<id>/warehouse.duckdb   the tables and views, as of the publish
    snapshots/<id>/…                  models and whatever else belongs to it
    snapshots/<id>/manifest.json      the hash of every file, the data cut-off, the code version, quality figures
    snapshots/current                 the id of the snapshot to read
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from warehouse.errors import BadInput, KatyError, NothingPublished
from warehouse.home import Home
from warehouse.landing import NO_HARD_LINKS, sweep, sync_folder

DATABASE = "warehouse.duckdb"
MANIFEST = "manifest.json"
KEEP_LAST = 14
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_UNFINISHED = ".tmp-"
_BUILT = """
    SELECT count(*) FROM duckdb_tables()
    WHERE (schema_name, table_name) IN (('core', 'observation'), ('mart', 'listing'))
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot: its id, its folder and what its manifest says."""

    id: str
    path: Path
    manifest: dict[str, Any]

    @property
    def database(self) -> Path:
        return self.path / DATABASE


def publish(
    home: Home,
    connection: DuckDBPyConnection,
    *,
    contents: Path | None,
    manifest: dict[str, Any],
    now: datetime,
    code_version: str,
) -> Snapshot:
    """Publish the warehouse, and every file below `contents`, as the current snapshot. Call it inside `lock.writer`.

    Files of `contents` are shared as hard links where the disk allows it, so they must never be written to again.
    The manifest says, beside what is given: id, published_at, code_version, anchor, data_cutoff (the newest
    observed_at, unless given) and files (path → SHA-256). The id is the time and the first digits of the hash of all
    files.
    """
    if connection.execute(_BUILT).fetchone() != (2,):
        raise KatyError("there is nothing to publish: core and mart have not been built (build_core, build_mart)")
    unfinished = home.snapshots / f"{_UNFINISHED}{secrets.token_hex(6)}"
    unfinished.mkdir(parents=True)
    try:
        _copy_database(connection, unfinished / DATABASE)
        if contents is not None:
            _share(contents, unfinished)
        files = {str(file.relative_to(unfinished)): _sha256(file) for file in _files(unfinished)}
        whole = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        moment = now.astimezone(UTC)
        said = _described(connection) | manifest
        said |= {
            "id": f"{moment:%Y%m%dT%H%M%SZ}-{whole[:8]}",
            "published_at": moment.isoformat(),
            "code_version": code_version,
            "files": files,
        }
        _write(unfinished / MANIFEST, json.dumps(said, sort_keys=True, indent=1, ensure_ascii=False) + "\n")
        _sync_tree(unfinished)
        snapshot = Snapshot(said["id"], home.snapshots / said["id"], said)
        _give_name(unfinished, snapshot.path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _point(home, snapshot.id)
    return snapshot


def current(home: Home) -> Snapshot:
    """The snapshot to read now; NothingPublished before the first publish."""
    try:
        name = home.current.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise NothingPublished(
            f"nothing has been published in {home.root} yet: bring data in and run `katy run`"
        ) from None
    return opened(home, name)


def opened(home: Home, name: str) -> Snapshot:
    """The snapshot of that id; BadInput when there is none."""
    path = home.snapshots / name
    if not _ID.fullmatch(name) or not (path / MANIFEST).is_file():
        raise BadInput(f'there is no snapshot "{name}" in {home.snapshots}: `katy snapshots` lists what there is')
    return Snapshot(name, path, json.loads((path / MANIFEST).read_text(encoding="utf-8")))


def listing(home: Home) -> list[Snapshot]:
    """All snapshots, oldest first."""
    return [opened(home, path.parent.name) for path in sorted(home.snapshots.glob(f"*/{MANIFEST}")) if _named(path)]


def verify(snapshot: Snapshot) -> None:
    """Read every file and compare it with the manifest; KatyError names the first that differs."""
    for name, expected in snapshot.manifest["files"].items():
        file = snapshot.path / name
        if not file.is_file():
            raise KatyError(f"{file} is missing: snapshot {snapshot.id} is damaged; `katy run` publishes a whole one")
        if _sha256(file) != expected:
            raise KatyError(f"{file} is not what was published: snapshot {snapshot.id} is damaged; run `katy run`")


def prune(home: Home, keep: Iterable[str] = ()) -> list[str]:
    """Remove old snapshots; returns their ids. Call it inside `lock.writer`.

    Kept are the newest 14, the newest of each month, those in `keep` (which trades name), and always the current one.
    A reader that has a removed snapshot open reads on.
    """
    ids = sorted(path.parent.name for path in home.snapshots.glob(f"*/{MANIFEST}") if _named(path))
    newest_of_month = {name[:6]: name for name in ids}
    stay = {*ids[-KEEP_LAST:], *newest_of_month.values(), *keep}
    with contextlib.suppress(FileNotFoundError):
        stay.add(home.current.read_text(encoding="utf-8").strip())
    gone = [name for name in ids if name not in stay]
    for name in gone:
        # First the name, then the files: half a snapshot is never to be seen under its id.
        condemned = home.snapshots / f"{_UNFINISHED}{secrets.token_hex(6)}"
        (home.snapshots / name).rename(condemned)
        shutil.rmtree(condemned)
    return gone


def recover(home: Home) -> list[Path]:
    """Remove what killed runs left unfinished: half-written snapshots and landing files, and the whole work folder.

    Only inside `lock.writer`, where no other run can be alive.
    """
    left = [*home.snapshots.glob(f"{_UNFINISHED}*"), *home.snapshots.glob(".current-*"), *home.work.glob("*")]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return left + sweep(home)


def _copy_database(connection: DuckDBPyConnection, target: Path) -> None:
    """Copy the database through DuckDB, and compactly.

    Not byte by byte: closing any handle on the writer's file would give up DuckDB's own lock on it (POSIX locks belong
    to the process, not to the handle).
    """
    name = connection.execute("SELECT current_database()").fetchone()
    quoted = str(target).replace("'", "''")
    connection.execute("CHECKPOINT")
    connection.execute(f"ATTACH '{quoted}' AS publication")
    try:
        connection.execute(f'COPY FROM DATABASE "{name[0]}" TO publication')
        connection.execute("CHECKPOINT publication")
    finally:
        connection.execute("DETACH publication")


def _described(connection: DuckDBPyConnection) -> dict[str, Any]:
    row = connection.execute(
        "SELECT (SELECT max(observed_at) FROM core.observation), (SELECT count(*) FROM core.observation), "
        "(SELECT any_value(currency) FROM core.anchor)"
    ).fetchone()
    cutoff, observations, anchor = row
    return {
        "data_cutoff": cutoff.astimezone(UTC).isoformat() if cutoff else None,
        "observations": observations,
        "anchor": anchor,
    }


def _share(contents: Path, target: Path) -> None:
    for file in _files(contents):
        placed = target / file.relative_to(contents)
        if placed.name in (DATABASE, MANIFEST) and placed.parent == target:
            raise BadInput(f"{file} has a name that a snapshot uses itself")
        placed.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, placed)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            shutil.copyfile(file, placed)


def _give_name(unfinished: Path, final: Path) -> None:
    """Rename the folder; where the same content was published in the same second, that publication stands."""
    if not final.is_dir():
        unfinished.rename(final)
        sync_folder(final.parent)


def _point(home: Home, name: str) -> None:
    written = home.snapshots / f".current-{secrets.token_hex(6)}"
    _write(written, name + "\n")
    written.replace(home.current)
    sync_folder(home.snapshots)


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _sync_tree(folder: Path) -> None:
    for file in _files(folder):
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    for inner in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        sync_folder(inner)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named(manifest: Path) -> bool:
    return _ID.fullmatch(manifest.parent.name) is not None

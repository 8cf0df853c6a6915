"""Pictures named at the command line: what they show, by the current snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from katy.context import settings

if TYPE_CHECKING:
    from features.photo import PictureRead
    from models.photos.answer import PhotoValuation


def identify(
    files: Sequence[Path], *, condition: str | None = None, region: str | None = None, currency: str | None = None
) -> tuple[PhotoValuation, list[PictureRead]]:
    """What the pictures of one thing show and what it is worth, and what was read of them.

    Raises BadInput for a file or a field that cannot be meant, NothingPublished where there is no snapshot.
    """
    from features.search.opening import open_search
    from katy.asking import build_request, valuer_of
    from models.photos.answer import answer
    from models.photos.catalogue import SnapshotCatalogue, looks_of, scorer_of
    from warehouse import query, snapshot

    asked = build_request("a picture", {}, condition, region, currency, None)
    published = snapshot.current(settings().folder)
    reads = read(files)
    connection = query.read_only(published.database)
    try:
        told = answer(
            reads,
            SnapshotCatalogue(connection, open_search(published), looks_of(connection)),
            scorer_of(published.path),
            valuer_of(settings().folder),
            condition=asked.condition,
            region=asked.region,
            currency=asked.currency,
        )
    finally:
        connection.close()
    return told, reads


def read(files: Sequence[Path]) -> list[PictureRead]:
    """What is read of the files; BadInput names the one that cannot be read, and why."""
    from features.photo import DEFAULT, PictureRefused, close_reader, read_pictures
    from warehouse.errors import BadInput

    pictures = []
    # One file too many is enough to tell so.
    for path in files[: DEFAULT.pictures + 1]:
        try:
            with path.open("rb") as file:
                pictures.append(file.read(DEFAULT.bytes + 1))
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}; name files with pictures") from error
    try:
        return read_pictures(pictures)
    except PictureRefused as refused:
        if not refused.number:
            raise
        raise BadInput(f"{files[refused.number - 1]}: {refused.says}") from refused
    finally:
        close_reader()

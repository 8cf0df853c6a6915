"""What the photos of listings look like; the pictures themselves are never kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLook:
    """The look of one photo of the listing (`of_source`, `id`). `source` is who looked: a visit, or an import.

    `image` is the photo's address as the listing has it, or its file's name. `phash` (64 bits), `dhash` (256) and
    `colour` (42) are ImageHash's hexadecimal digits, of the upright picture; `features.photo.look.similar` compares
    them. `width` and `height` are in pixels. `observed_at` is when it was looked at.
    """

    record: ClassVar[str] = "photo_look"
    key: ClassVar[tuple[str, ...]] = ("of_source", "id", "image")

    source: str
    of_source: str
    id: str
    image: str
    phash: str
    dhash: str
    colour: str
    width: int
    height: int
    observed_at: datetime
    run: str
    row: int
    found_at: str

"""Photos of listings: what each looks like, as a few hundred bits. The picture itself is kept nowhere.

A target is a listing's source, its id and the photo's address, with blanks between them. Listings that show one photo
are asked about once. `katy photos collect` finds the targets; each host is visited by itself.

Traps: a page in place of a photo, whatever its name and content type; photos made to break whoever opens them (they are
decoded in a process that may do nothing else); what is refused, not there or forbidden goes to the quarantine, so that
it is not asked for again and again; a host that is merely down is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from features.photo import LOOKS_ONLY, PictureRead, PictureRefused, read_pictures
from spiders.reader import Answer, Ask, Found, Item, Reader, Row, texts
from spiders.source import Source
from warehouse.errors import BadInput
from warehouse.reading.urls import is_safe
from warehouse.records import PhotoLook

SOURCE = Source(
    name="photos",
    title="Photos of listings: what they look like",
    records=("photo_look",),
    reader="spiders.photos:PhotoReader",
    follows="https://www.rfc-editor.org/rfc/rfc9649 (WebP); ITU-T T.81 (JPEG), ISO/IEC 15948 (PNG)",
    licence_note="The host's own terms and robots.txt hold; photos are looked at and not kept",
    cadence=timedelta(days=1),
    fields={
        "of_source, id, image": "the target",
        "phash": "the picture: ImageHash's perceptual hash",
        "dhash": "the picture: its difference hash",
        "colour": "the picture: its hash of colours",
        "width, height": "the picture, upright",
    },
    delay=1.0,
    archived=False,
    target_note="a listing's source, its id and its photo's address, with blanks between them",
    needs_target=True,
    largest=LOOKS_ONLY.bytes,
)

_ACCEPT = {"Accept": "image/jpeg, image/png, image/webp"}
_FORBIDDEN = frozenset({401, 402, 403, 451})
_GONE = frozenset({404, 410})
# What the fetching says where asking again would give the same: the beginning or a part of it, and the reason.
_FOR_GOOD = {
    "Forbidden by robots.txt": "robots",
    "redirects to another site": "elsewhere",
    "address refused": "private_address",
    "larger than": "too_many_bytes",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo's address and the listings (source, id) that show it."""

    url: str
    listings: tuple[tuple[str, str], ...]

    def targets(self) -> tuple[str, ...]:
        return tuple(f"{source} {name} {self.url}" for source, name in self.listings)


def shown(targets: Sequence[str]) -> list[Shown]:
    """Targets as photos, in the order they are first named. BadInput where one is no target."""
    found: dict[str, list[tuple[str, str]]] = {}
    for target in targets:
        source, _, rest = target.strip().partition(" ")
        name, _, url = rest.rpartition(" ")
        if not (source and name.strip() and is_safe(url)):
            raise BadInput(f'"{target}" is no photo of a listing: say its source, its id and the address of the photo')
        found.setdefault(url, []).append((source, name.strip()))
    return [Shown(url, tuple(dict.fromkeys(listings))) for url, listings in found.items()]


class PhotoReader(Reader):
    """One ask for each photo, one row for each listing that shows it."""

    def start(self) -> Iterator[Ask]:
        for photo in shown(self.visit.targets):
            yield Ask(photo.url, told={"listings": [list(one) for one in photo.listings]}, headers=_ACCEPT)

    def parse(self, answer: Answer) -> Iterator[Item]:
        try:
            (read,) = read_pictures([answer.body], limits=LOOKS_ONLY)
        except PictureRefused as refused:
            yield from _set_aside(answer.ask, refused.reason, refused.says)
            return
        for row in _rows(answer.ask):
            yield Found(PhotoLook.record, row | look_row(read))

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """What will be the same tomorrow is set aside; the rest is a failure, and asked for again."""
        reason = next((reason for part, reason in _FOR_GOOD.items() if part in why), None)
        if status in _GONE:
            reason = "not_there"
        elif status in _FORBIDDEN:
            reason = "forbidden"
        return _set_aside(ask, reason, why) if reason else None


def look_row(read: PictureRead) -> Row:
    """What was read of a picture, as fields of a PhotoLook."""
    look = read.look
    return texts(phash=look.phash, dhash=look.dhash, colour=look.colour, width=read.width, height=read.height)


def _rows(ask: Ask) -> Iterator[Row]:
    for source, name in ask.told["listings"]:
        yield texts(of_source=source, id=name, image=ask.url)


def _set_aside(ask: Ask, reason: str, message: str) -> Iterator[Found]:
    for row in _rows(ask):
        yield Found(PhotoLook.record, row, reason=reason, message=message)

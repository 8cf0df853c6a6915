"""Why a picture was not read."""

from __future__ import annotations

from typing import Literal, get_args

from warehouse.errors import BadInput

Reason = Literal[
    "not_a_picture",
    "too_many_bytes",
    "too_many_pixels",
    "unreadable",
    "too_slow",
    "unsupported_format",
    "too_many_pictures",
]
REASONS: frozenset[str] = frozenset(get_args(Reason))


class PictureRefused(BadInput):
    """A picture that is not read, or too many at once.

    `reason` is a word for programs, `says` a sentence without the number, `number` which of the pictures handed in it
    is, counted from 1 (0: all of them). Nothing that a file says of itself is ever part of it.
    """

    def __init__(self, reason: Reason, says: str, *, number: int = 0) -> None:
        super().__init__(f"picture {number}: {says}" if number else says)
        self.reason: Reason = reason
        self.says = says
        self.number = number

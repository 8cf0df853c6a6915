"""Cursors: where a list goes on, as a text that means nothing to whoever sends it back.

What is listed is ordered by a key that never changes (an entry's number), so that a page holds what it would have held
however much was added in front of it meanwhile.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import Query

from warehouse.errors import BadInput

LARGEST = 2**62

After = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Go on behind this: the `next` of the page before",
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most")]


def of_number(kind: str, number: int) -> str:
    """The cursor that goes on behind the `number` of a list of this `kind`."""
    return of_text(kind, str(number))


def of_text(kind: str, text: str) -> str:
    """The cursor that goes on behind what `text` (ASCII) names in a list of this `kind`."""
    return base64.urlsafe_b64encode(f"{kind}:{text}".encode()).decode().rstrip("=")


def number(kind: str, cursor: str | None) -> int | None:
    """The number in a cursor of such a list; None where none was sent. Raises `BadInput` for any other text."""
    digits = text(kind, cursor)
    if digits is None:
        return None
    if not digits.isdigit() or int(digits) > LARGEST:
        raise unknown()
    return int(digits)


def text(kind: str, cursor: str | None) -> str | None:
    """The text in a cursor of such a list; None where none was sent. Raises `BadInput` for any other."""
    if cursor is None:
        return None
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        told = ""
    said, _, named = told.partition(":")
    if said != kind or not named.isprintable():
        raise unknown()
    return named


def unknown() -> BadInput:
    """The refusal of a cursor that no page gave."""
    return BadInput("`after` is the `next` of a page of this list, unchanged; leave it out to begin at the top")

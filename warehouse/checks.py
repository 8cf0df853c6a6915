"""What no record may be, whoever wrote it: the last look before it lands.

Readers quarantine what they do not believe, with reasons. A record that fails here is a reader's mistake.
"""

from __future__ import annotations

import re
from decimal import Decimal

from warehouse.records import DECIMAL, KINDS, FxRate, Listing, PhotoLook, Record

_CURRENCY = re.compile(r"[A-Z]{3}")
# The hexadecimal digits of each hash.
_LOOK = {"phash": 16, "dhash": 64, "colour": 11}
SMALLEST = Decimal(1).scaleb(-DECIMAL.scale)


def fault(record: Record) -> str | None:
    """What is wrong with a record, in words; None where nothing is."""
    if isinstance(record, Listing):
        return _listing(record)
    if isinstance(record, FxRate):
        return _fx_rate(record)
    if isinstance(record, PhotoLook):
        return _photo_look(record)
    return None


def _listing(row: Listing) -> str | None:
    if row.kind not in KINDS:
        return f'kind "{row.kind}" is none of {", ".join(KINDS)}'
    if not (row.price.is_finite() and row.price >= SMALLEST):
        return f"price {row.price} is not a positive number"
    if not _CURRENCY.fullmatch(row.currency):
        return f'currency "{row.currency}" is not an ISO 4217 code such as USD'
    if not row.id.strip() or not row.title.strip():
        return f"{'title' if row.id.strip() else 'id'} is empty"
    return None


def _fx_rate(row: FxRate) -> str | None:
    for code in (row.base, row.quote):
        if not _CURRENCY.fullmatch(code):
            return f'currency "{code}" is not an ISO 4217 code such as USD'
    if not (row.rate.is_finite() and row.rate >= SMALLEST):
        return f"rate {row.rate} is not a positive number"
    return None


def _photo_look(row: PhotoLook) -> str | None:
    for name, length in _LOOK.items():
        text = getattr(row, name)
        if not re.fullmatch(rf"[0-9a-f]{{{length}}}", text):
            return f'{name} "{text[:80]}" is not {length} hexadecimal digits'
    if row.width < 1 or row.height < 1:
        return f"{row.width} × {row.height} pixels are no picture"
    return None

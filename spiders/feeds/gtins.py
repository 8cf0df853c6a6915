"""Targets that are GTINs: what is none is not asked for, and told with the first answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spiders.reader import Note
from warehouse.errors import BadInput
from warehouse.reading.gtin import read_gtin


def gtins(targets: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """(GTIN, what its ask is told) for each target, the first told of those that are none. BadInput where all are."""
    codes: dict[str, dict[str, Any]] = {}
    none: list[str] = []
    for target in dict.fromkeys(one.strip() for one in targets if one.strip()):
        code = read_gtin(target)
        if code is None:
            none.append(target)
        else:
            codes.setdefault(code, {"gtin": code})
    if none and not codes:
        raise BadInput(f"no target is a GTIN with a right check digit: {', '.join(none[:5])}; give EAN, UPC or ISBN")
    for told in list(codes.values())[:1]:
        told |= {"no_gtins": none} if none else {}
    return list(codes.items())


def refused(told: Mapping[str, Any]) -> Iterator[Note]:
    """The note about the targets that were no GTINs, with the ask that was told of them."""
    if told.get("no_gtins"):
        yield Note(f"not asked for, no GTIN or a wrong check digit: {', '.join(told['no_gtins'][:20])}")

"""Barcodes in a picture, at any angle, also where they are small, dim or blurred. Runs in the decoding process only.

A blurred EAN that lies askew can be misread, and one misreading in ten has a right check digit. So a code of goods is
cut out, straightened and read again from several copies, and only what half of them say is believed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from features.photo.picture import Barcode
from features.photo.resize import (
    Copy,
    blank,
    cut_out,
    enlarged,
    original,
    reduced,
    rotated,
    sharpened,
    softened,
    stretched,
)
from warehouse.reading.gtin import read_gtin

# The longer sides of the copies that are searched at other angles, sharpened, and for squares of dots.
_SEARCH_SIDE = 2000
_SMALL_SIDE = 1000
_ANGLES = (0.0, 22.5, 45.0, 67.5)
# A straightened code is this wide, with its quiet zones: some eight pixels to the narrowest bar of an EAN-13.
_STRAIGHT_WIDTH = 900
# A picture narrower than this shows no bars; one longer than this is not turned whole: its canvas would be vast.
_LEAST_SIDE = 16
_TURNED_SIDE = 8192
_MOST_CODES = 20
# No picture of goods has more places that look like a code of goods; a hostile one may.
_MOST_PLACES = 60
_LONGEST_TEXT = 300
# GS1 application identifier 01 in the readable form of a GS1 symbol, and in a GS1 Digital Link.
_GS1_ITEM = re.compile(r"\(01\)(\d{14})|https?://[^/\s]+/(?:[^\s?#]*/)?01/(\d{8,14})(?=[/?#]|$)")
# The GTIN-13s that are unique only within a company or a shop, and coupons (GS1 General Specifications, section 1.4).
_NOT_GLOBAL = re.compile(r"2|02|04|05|99|0000000")
_EAN = ("EAN-", "UPC-")
_SHORT = ("EAN-8", "UPC-E")
_GOODS = ("EAN13", "UPCA", "UPCE", "EAN8")
# Kinds without a check digit of their own (other ITF, Codabar, Code 39) are left out: striped cloth looks like them.
_BARS = (*_GOODS, "Code128", "ITF14", "DataBar")
_DOTS = ("QRCode", "DataMatrix", "Aztec", "PDF417")
# What survives sharpening without guesses: kinds with many digits and a check.
_SURE = ("EAN13", "UPCA", "Code128", "QRCode")


def read_barcodes(grey: np.ndarray) -> tuple[Barcode, ...]:
    """The barcodes of a picture of grey values (height, width, uint8), those with a GTIN first.

    Easy tries are all made, so that a second code at another angle is found too; hard ones only while nothing is found.
    """
    if min(grey.shape) < _LEAST_SIDE or blank(grey):
        return ()
    search = _Search(grey)
    for copy, kinds in _easy_tries(grey):
        search.look(copy, kinds)
    for copy, kinds in _hard_tries(grey):
        if search.found:
            break
        search.look(copy, kinds)
    codes = sorted(search.found.values(), key=lambda code: (code.gtin is None, code.format, code.text))
    return tuple(codes[:_MOST_CODES])


class _Search:
    """The search of one picture: the codes found so far, and the places of codes of goods that were looked at."""

    def __init__(self, grey: np.ndarray) -> None:
        self.found: dict[tuple[str, str], Barcode] = {}
        self._whole = original(grey)
        self._read: list[np.ndarray] = []
        self._places = 0

    def look(self, copy: Copy, kinds: tuple[str, ...]) -> None:
        """Look for codes of some kinds in a copy. A code with a wrong check digit is a place to look at again."""
        for code in _zxing(copy.image, kinds, errors=True):
            corners = _corners(code.position) @ copy.back.T
            if str(code.format).startswith(_EAN):
                if not _crosses(str(code.format), corners):
                    self._look_again(corners)
            elif code.valid:
                self._add(_barcode(code.text, str(code.format)))

    def _look_again(self, corners: np.ndarray) -> None:
        """Straighten a code of goods and read it from copies of its own."""
        if self._places >= _MOST_PLACES or any(_same_place(corners, other) for other in self._read):
            return
        self._places += 1
        strip = cut_out(self._whole, corners, _STRAIGHT_WIDTH)
        if strip is None:
            return
        straight = stretched(strip)
        soft = softened(straight, 2.0)
        copies = [straight, soft, reduced(soft, _STRAIGHT_WIDTH // 2)]
        copies += [sharpened(straight, radius) for radius in (2.5, 4.0, 7.0)]
        votes: Counter[Barcode | None] = Counter()
        for copy in copies:
            votes.update({_barcode(code.text, str(code.format)) for code in _zxing(copy.image, _GOODS)[:1]})
        code, count = votes.most_common(1)[0] if votes else (None, 0)
        if 2 * count >= len(copies):
            self._read.append(corners)
            self._add(code)

    def _add(self, code: Barcode | None) -> None:
        if code is not None:
            # One code is read as several kinds: UPC-A is EAN-13 with a zero before it.
            self.found.setdefault(("gtin", code.gtin) if code.gtin else (code.format, code.text), code)


def _zxing(image: np.ndarray, kinds: tuple[str, ...], *, errors: bool = False) -> list[Any]:
    import zxingcpp

    formats = tuple(getattr(zxingcpp.BarcodeFormat, kind) for kind in kinds)
    codes: list[Any] = zxingcpp.read_barcodes(np.ascontiguousarray(image), formats=formats, return_errors=errors)
    return codes


def _corners(position: Any) -> np.ndarray:
    """The corners of a code, clockwise from its top left, as rows (x, y, 1)."""
    named = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(corner.x, corner.y, 1.0) for corner in named])


def _crosses(kind: str, corners: np.ndarray) -> bool:
    """Whether a short code was read in a few rows only: a line across a corner of a long code can look like one."""
    down, along = (float(np.linalg.norm(corners[0] - corners[other])) for other in (3, 1))
    return kind in _SHORT and down < 0.1 * along


def _same_place(one: np.ndarray, other: np.ndarray) -> bool:
    shorter = min(np.ptp(one, axis=0).max(), np.ptp(other, axis=0).max())
    return bool(np.linalg.norm(one.mean(axis=0) - other.mean(axis=0)) < 0.3 * shorter)


def _easy_tries(grey: np.ndarray) -> Iterator[tuple[Copy, tuple[str, ...]]]:
    """Bars are read within some 20 degrees of upright and of lying; the copies turned by 45 cover what is between."""
    whole = original(grey)
    small = reduced(whole, _SEARCH_SIDE)
    yield whole, _BARS
    yield small if small is not whole else reduced(whole, max(grey.shape) * 3 // 4), (*_BARS, *_DOTS)
    for angle in (40.0, 50.0):
        yield rotated(small, angle), _BARS


def _hard_tries(grey: np.ndarray) -> Iterator[tuple[Copy, tuple[str, ...]]]:
    whole = original(grey)
    if _SEARCH_SIDE < max(grey.shape) <= _TURNED_SIDE:
        for angle in (40.0, 50.0):
            yield rotated(whole, angle), _SURE
    small = stretched(reduced(whole, _SEARCH_SIDE))
    if max(grey.shape) <= _SMALL_SIDE:
        small = enlarged(small, 2)
    smaller = reduced(small, _SMALL_SIDE)
    tries = (small, sharpened(small, 2.5), sharpened(small, 5), sharpened(smaller, 2.5), sharpened(smaller, 5))
    for angle in _ANGLES:
        for copy in tries:
            yield rotated(copy, angle), _SURE


def _barcode(text: str, kind: str) -> Barcode | None:
    text = _clean(text)
    gtin = _gtin(text, kind)
    # Stripes are easily read as ITF; with a check digit over fourteen digits they are not.
    return Barcode(text, kind, gtin) if text and (gtin or kind != "ITF") else None


def _clean(text: str) -> str:
    """Without control and formatting characters, blanks collapsed, cut at a length."""
    signs = text[: 4 * _LONGEST_TEXT]
    kept = "".join(" " if unicodedata.category(sign).startswith(("C", "Z")) else sign for sign in signs)
    return " ".join(kept.split())[:_LONGEST_TEXT]


def _gtin(text: str, kind: str) -> str | None:
    """The GTIN of 14 digits that a code of a kind holds."""
    digits: str | None = text
    if not kind.startswith((*_EAN, "ITF")):
        item = _GS1_ITEM.search(text)
        digits = (item.group(1) or item.group(2)) if item else None
    gtin = read_gtin(digits) if digits and digits.isdigit() else None
    shop_only = kind == "EAN-8" and text[0] in "02"
    if gtin is None or shop_only or (_NOT_GLOBAL.match(gtin.zfill(14)[1:]) and kind != "EAN-8"):
        return None
    return gtin.zfill(14)

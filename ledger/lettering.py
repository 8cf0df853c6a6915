"""The letters of papers: Open Sans, which has Latin, Greek, Cyrillic and Vietnamese.

What it lacks (other scripts, pictures) is taken apart into letters it has, or becomes "?": a paper says then that a
name is not whole, where an empty box or a left-out letter would say nothing.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

FACE = "opensans"
MARK = "?"


def use(pdf: FPDF) -> None:
    """Make the face known to a paper, upright and bold."""
    from ttf_opensans import opensans

    pdf.add_font(FACE, "", opensans(font_weight=400).path)
    pdf.add_font(FACE, "B", opensans(font_weight=700).path)


def printable(text: str) -> str:
    """A text in letters that the face has, `MARK` for each that it lacks."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        if _has(letter):
            out.append(letter)
        elif letter.isspace():
            out.append(" ")
        elif unicodedata.category(letter) not in {"Cc", "Cf", "Mn"}:  # what nobody sees is not missed
            out.append("".join(part for part in unicodedata.normalize("NFKD", letter) if _has(part)) or MARK)
    return "".join(out)


def _has(letter: str) -> bool:
    return ord(letter) in _letters()


@cache
def _letters() -> frozenset[int]:
    from fontTools.ttLib import TTFont
    from ttf_opensans import opensans

    # Both weights: a name is bold in one place and not in another.
    of_each = (TTFont(opensans(font_weight=weight).path).getBestCmap() for weight in (400, 700))
    return frozenset.intersection(*(frozenset(each) for each in of_each)) - set(range(0x20))

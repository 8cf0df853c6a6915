"""What is written on a paper is what was said, in letters that the paper has."""

from __future__ import annotations

import pytest
from fpdf import FPDF
from fpdf.fonts import TTFFont
from hypothesis import given
from hypothesis import strategies as st

from ledger import lettering


@pytest.mark.parametrize("name", ["Zoë Łódź", "Жанна Иванова", "Γιώργος", "Nguyễn Thị Ánh", "½ × 3 – 5 €", "O’Brien"])
def test_names_of_many_languages_stay_as_they_are(name: str) -> None:
    assert lettering.printable(name) == name


@pytest.mark.parametrize(
    ("said", "told"), [("自転車", "???"), ("ﬁne", "ﬁne"), ("①", "1"), ("a\tb", "a b"), ("a\x07b", "ab")]
)
def test_what_cannot_be_written_is_marked_and_not_left_out(said: str, told: str) -> None:
    assert lettering.printable(said) == told


@pytest.fixture(scope="module")
def letters() -> set[int]:
    pdf = FPDF()
    lettering.use(pdf)
    of_each = []
    for weight in ("", "B"):
        pdf.set_font(lettering.FACE, weight, 10)
        assert isinstance(pdf.current_font, TTFFont)
        of_each.append(set(pdf.current_font.cmap))
    return set.intersection(*of_each)


@given(said=st.text(max_size=40))
def test_any_text_can_be_put_on_paper_without_a_letter_that_is_missing(letters: set[int], said: str) -> None:
    told = lettering.printable(said)

    assert lettering.printable(told) == told
    assert {ord(letter) for letter in told} <= letters

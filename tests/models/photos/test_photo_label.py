"""What stands on a picture and what of a product it confirms: codes, common claims, which lines are one label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.matching.item import Item
from features.photo.picture import Line, Look, PictureRead
from models.photos.label import Label, label_of
from models.photos.layout import labels_in

LOOK = Look("943b6be69419c366", "0" * 64, "0" * 11)
DRILL = Item("drill", "DeWalt DCD771 cordless drill 20V", brand="DeWalt", category="drill")


def label(*lines: str, confidence: float = 0.95) -> Label:
    """A label with the first line in the largest letters."""
    said = tuple(Line(text, confidence, 0.1 - 0.01 * at, 0.5, 0.1 + 0.12 * at) for at, text in enumerate(lines))
    return label_of([PictureRead((), said, LOOK, 1000, 800, 300.0, 0.6, ())])


@pytest.mark.parametrize("read", ["DCD771", "DCD 771", "DCD-771", "dcd77I", "DCD 77l", "DCD7 71"])
def test_a_code_is_known_broken_misread_or_hyphenated(read: str) -> None:
    shared = label("DEWALT", f"MODEL {read}").shared_with(DRILL)

    assert shared.codes == {"dcd771"}
    assert shared.brand
    assert "model number dcd771 was read" in shared.said


@pytest.mark.parametrize("read", ["DCD777", "DCD711", "DCD77", "XFD10", "771", "DCF885"])
def test_another_code_is_another_code(read: str) -> None:
    assert label("DEWALT", f"MODEL {read}").shared_with(DRILL).codes == frozenset()


def test_a_measure_beside_a_code_is_no_part_of_it() -> None:
    assert label("DEWALT DCD771 20V MAX").codes == ("dcd771",)
    assert label("DEWALT DCD 771").codes == ("dcd771",)


@pytest.mark.parametrize(
    "claim",
    ["MADE IN CHINA", "READ MANUAL BEFORE USE", "SERIAL NO 00418823", "S/N AB12CD34", "INPUT 120V 60HZ", "CE UL FCC"],
)
def test_what_stands_on_every_label_says_nothing(claim: str) -> None:
    said = label("DEWALT", "DCD771", claim)

    assert said.text == "dewalt dcd771"
    assert said.codes == ("dcd771",)


def test_lines_that_were_read_badly_do_not_count() -> None:
    assert label("DEWALT DCD771", confidence=0.4) == Label(())
    assert label("DEWALT DCD771", confidence=0.4).brand is None


def test_the_maker_is_no_model_number_even_where_it_looks_like_one() -> None:
    speaker = Item("speaker", "DS18 PRO-X6.4BM speaker", brand="DS18")

    assert label("DS18", "PRO AUDIO").shared_with(speaker).codes == frozenset()


def test_searches_begin_with_maker_and_code_and_try_the_digits_that_were_meant() -> None:
    asked = label("DEWALT", "DCD77I").questions

    assert asked[0] == "dewalt dcd77i"
    assert "dewalt dcd771" in asked


def test_two_pictures_of_one_thing_are_read_together() -> None:
    front = PictureRead((), (Line("DEWALT", 0.9, 0.1, 0.5, 0.5),), LOOK, 900, 900, 1.0, 0.5, ())
    back = PictureRead((), (Line("DCD771", 0.9, 0.1, 0.5, 0.5),), LOOK, 900, 900, 1.0, 0.5, ())

    shared = label_of([front, back]).shared_with(DRILL)

    assert shared.codes == {"dcd771"}
    assert shared.brand
    assert shared.places == {(1, 0)}


def test_labels_side_by_side_are_two_and_lines_below_each_other_one() -> None:
    aside = [Line("DEWALT", 0.9, 0.08, 0.25, 0.4), Line("MAKITA", 0.9, 0.08, 0.75, 0.4)]
    below = [Line("DCD771", 0.9, 0.08, 0.25, 0.5), Line("XFD10", 0.9, 0.08, 0.75, 0.5)]

    assert labels_in(aside + below, 1200, 900) == [0, 1, 0, 1]


@given(st.lists(st.text(max_size=30), max_size=8))
def test_whatever_was_read_some_share_of_a_name_is_confirmed(lines: list[str]) -> None:
    said = label(*lines)
    shared = said.shared_with(DRILL)

    assert 0.0 <= shared.share <= 1.0
    assert 0.0 <= shared.covered <= 1.0
    assert all(question.strip() for question in said.questions)
    assert shared.codes <= {"dcd771"}


@given(st.permutations(range(6)))
def test_which_lines_belong_together_does_not_hang_on_their_order(order: list[int]) -> None:
    lines = [Line("DEWALT", 0.9, 0.05, x, y) for x in (0.2, 0.8) for y in (0.2, 0.28, 0.36)]
    labels = labels_in([lines[at] for at in order], 1200, 900)

    together = {frozenset(order[at] for at in range(6) if labels[at] == number) for number in set(labels)}
    assert together == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}

"""The maker that a short question leaves out is added where those who sell such things name it, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from features.completion import names_maker, unsaid_maker
from features.matching.book import fits
from features.matching.item import Item
from models.answers.value import Valuer
from warehouse.valuation import Valuation, ValuationRequest

PHONES = ["Apple iPhone 12 128GB unlocked", "iPhone 12 Apple smartphone 64GB", "Apple iPhone 12 A2172 phone"]
DRILLS = ["DeWalt DCD771 drill driver", "dewalt dcd771 20V MAX cordless"]
CHAIRS = ["IKEA Poang armchair birch", "Poang armchair IKEA black", "IKEA Poang armchair with cushion"]


def maker(title: str, beside: list[str], **said: Any) -> str | None:
    item, near = Item(key="asked", title=title, **said), [Item(key=each, title=each) for each in beside]
    return None if names_maker(item) else unsaid_maker(item, near, fits(item, near))


@pytest.mark.parametrize(
    ("title", "beside", "expected"),
    [
        ("iPhone 12", PHONES, "apple"),  # the line tells the maker
        ("Apple iPhone 12", PHONES, None),  # named
        ("Poang armchair", CHAIRS[:2], None),  # too few to say what is usual
        ("iPhone 12", [*PHONES, "iPhone 12 64GB", "iPhone 12 black"], None),  # here one does not say it
        ("iPhone 12", CHAIRS, None),
        ("iPhone 15 Pro Max", PHONES, "apple"),  # another model, written of in the same way
        ("DCD771", DRILLS, "dewalt"),  # the code is of that maker
        ("DCD771 kit with bag", DRILLS, "dewalt"),
        ("DCD771", [*DRILLS, "Bosch DCD771 compatible drill"], None),
        ("Poang armchair", CHAIRS, "ikea"),  # all that say as much and more name one
        ("Poang footstool", CHAIRS, None),
        ("armchair", [*CHAIRS, "Wayfair armchair grey", "Ashley Furniture armchair"], None),
        ("armchair", [], None),
        ("", CHAIRS, None),
        ("the a an", CHAIRS, None),
    ],
)
def test_a_maker_is_added_only_where_nearly_all_name_it(title: str, beside: list[str], expected: str | None) -> None:
    assert maker(title, beside) == expected


def test_a_stated_maker_is_added_where_others_write_it_into_their_titles() -> None:
    assert maker("iPhone 12", PHONES, brand="Apple") == "apple"
    assert maker("iPhone 12", ["iPhone 12 64GB", "iPhone 12 128GB", "iPhone 12 black"], brand="Apple") is None


def test_a_question_without_its_makers_name_is_worth_what_it_is_with_it(published: Any) -> None:
    valuer: Valuer = published.valuer
    named = "Makita DHP453 cordless drill 18V"
    short, whole = (ask(valuer, text) for text in (named.removeprefix("Makita "), named))

    assert short.fmv == whole.fmv
    assert (short.low, short.high) == (whole.low, whole.high)
    assert short.subject.understood["unsaid_maker"] == "makita"
    assert f'read as "makita {named.removeprefix("Makita ")}"' in short.narrative
    assert "unsaid_maker" not in whole.subject.understood


def ask(valuer: Valuer, text: str) -> Valuation:
    return valuer.value(ValuationRequest(text=text, condition="good"))

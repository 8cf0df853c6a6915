"""What is tested on rows alone takes a question for the product that its words were found to be, as of its day."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from features.identity import product_of
from features.market import question
from models.evaluation.met import understanding_of

DRILL, SAW = "Makita XFD131 18V cordless drill driver", "Ryobi circular saw 7 1/4 inch corded"


def row(title: str, day: int, product: str, **more: Any) -> dict[str, Any]:
    category = str(question(title, {}, condition=None, region=None)["category"])
    named = {"brand": None, "gtin": None, "mpn": None, "category": category, "attributes": {}}
    return {"title": title, "day": day, "product": product, **named, **more}


def product(rows: list[dict[str, Any]], title: str, day: int, **named: str) -> str:
    asked = question(title, named, condition=None, region=None)
    return str(understanding_of(pd.DataFrame(rows)).understand(asked, named, day)["product"])


@pytest.mark.parametrize(("day", "expected"), [(9, None), (10, "first"), (19, "first"), (20, "second"), (99, "second")])
def test_a_wording_is_the_product_it_was_found_to_be_by_the_day_of_the_question(day: int, expected: str | None) -> None:
    rows = [row(SAW, 10, "first"), row(SAW, 15, "first"), row(SAW, 20, "second")]
    category = str(question(SAW, {}, condition=None, region=None)["category"])

    assert product(rows, SAW, day) == (expected or product_of(SAW, None, None, None, category))


def test_words_that_were_not_met_are_held_against_the_products() -> None:
    rows = [row(DRILL, 1, "the drill"), row(SAW, 1, "the saw")]

    assert product(rows, "makita cordless drill driver XFD131, 18V", 5) == "the drill"
    assert product(rows, "walnut dining table with six chairs", 5).startswith("chairs")


def test_what_is_said_of_a_thing_beside_its_title_tells_products_apart() -> None:
    number = "4006381333931"
    rows = [row("a pen", 1, "a pen"), row("a pen", 2, "the numbered one", gtin=number)]

    assert product(rows, "a pen", 5) == "a pen"
    assert product(rows, "a pen", 5, gtin=number) == "the numbered one"

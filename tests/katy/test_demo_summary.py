"""The demo's summary tells how far values are from the truth, and does not hide what is unknown."""

from __future__ import annotations

import io
import math
from decimal import Decimal

import pytest
from rich.console import Console
from told_values import told_value

from katy.demo_summary import Compared, median_bounds, said, show, total


def compared(true: str, fmv: str | None, low: str | None = None, high: str | None = None) -> Compared:
    return told_value("Bosch [GSR] drill", "drill", Decimal(true), fmv, low, high)


ROWS = [
    compared("100", "105", "90", "120"),
    compared("100", "70", "60", "90"),
    compared("100", "115", "99", "130"),
    compared("100", None),
]


def test_the_figures_are_those_of_the_things_with_a_value() -> None:
    figures = total(ROWS)
    assert (figures.asked, figures.unknown) == (4, 1)
    assert figures.median_error == pytest.approx(0.15)
    assert figures.within_10 == pytest.approx(1 / 3)
    assert figures.within_20 == pytest.approx(2 / 3)
    assert figures.inside_interval == pytest.approx(2 / 3)
    assert figures.median_ratio == pytest.approx(1.05)


def test_the_median_of_few_things_is_said_to_be_uncertain() -> None:
    # 39 values, 95 %: the 13th and the 27th (tables of the sign test).
    assert median_bounds([float(n) for n in range(1, 40)]) == (13.0, 27.0)
    assert median_bounds([3.0, 1.0, 2.0]) == (1.0, 3.0)
    assert "Median error 15.0% (95 % sure: 5.0% – 30.0%)" in said(total(ROWS))


def test_nothing_known_gives_no_figures_and_no_error() -> None:
    assert math.isnan(total([compared("5", None)]).median_error)
    assert "1 unknown" in said(total([compared("5", None)]))


def test_the_table_shows_every_thing_whole_also_in_a_pipe() -> None:
    out = io.StringIO()
    show(Console(file=out, soft_wrap=True, width=80), ROWS)
    text = out.getvalue()
    assert text.count("Bosch [GSR] drill") == 4
    assert "60 – 90 !" in text
    assert "no_data" in text

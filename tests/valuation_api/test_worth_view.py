"""What the page shows is the valuation's own computation, in words and in pictures."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.answers.explain import SEVERAL, unknown
from valuation_api.pages import plots, view
from valuation_api.shelf import PricePoint
from warehouse.valuation import FACTOR_ORDER, Factor, Subject, Valuation, ValuationRequest, recompute

factor_values = st.decimals(Decimal("0.2"), Decimal("5"), places=6)


def valuation(base: str, values: list[Decimal], currency: str = "USD") -> Valuation:
    factors = [
        Factor(name=name, value=f"{value:.6f}", evidence=[]) for name, value in zip(FACTOR_ORDER, values, strict=True)
    ]
    fmv = str(recompute(base, factors, currency))
    known: dict[str, Any] = {"fmv": fmv, "market_value": fmv, "low": "1", "high": fmv, "base": base}
    return Valuation(
        id="0" * 32,
        subject=Subject(asked=ValuationRequest(text="x"), understood={}),
        value_date="2026-11-14",
        currency=currency,
        confidence="A",
        factors=factors,
        comparables=[],
        dampening=None,
        narrative="",
        snapshot="s",
        model="m",
        **known,
    )


@given(
    base=st.decimals(1, 100_000, places=6).map(str),
    values=st.lists(st.just(Decimal(1)) | factor_values, min_size=len(FACTOR_ORDER), max_size=len(FACTOR_ORDER)),
)
def test_each_step_of_the_waterfall_starts_where_the_last_one_ended(base: str, values: list[Decimal]) -> None:
    shown = valuation(base, values)

    steps = view.steps(shown)

    assert shown.fmv is not None
    for before, after in itertools.pairwise(steps[:-1]):
        assert after.start == before.end
    assert abs(steps[-2].end - Decimal(shown.fmv)) <= Decimal("0.005")
    assert steps[-1].end == Decimal(shown.fmv)
    # One bar for the base, one for the value, one for every factor that moves it; the money is changed at the start.
    assert len(steps) == 2 + sum(value != 1 for value in values[:-1])
    assert len(view.factor_rows(shown)) == len(FACTOR_ORDER)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "$1,234.50"),
        ("-3", "EUR", "−€3.00"),
        ("1234.5", "JPY", "¥1,234"),
        ("0.125", "KWD", "KWD 0.125"),
    ],
)
def test_money_is_written_as_people_write_it(amount: str, currency: str, text: str) -> None:
    assert view.money(amount, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.000000", "×1.00"), ("0.850000", "×0.85"), ("1.002134", "×1.002134"), ("150.000000", "×150.00")],
)
def test_a_multiplier_shows_every_place_it_has(value: str, text: str) -> None:
    assert view.multiplier(value) == text


@pytest.mark.parametrize("url", ["https://market.example/item/1?a=1#b", "http://[::1]:80/x"])
def test_web_addresses_become_links(url: str) -> None:
    assert view.web_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//market.example/x",
        "https:",
        "http://[broken",
        "market.example/item",
    ],
)
def test_nothing_else_becomes_a_link(url: str | None) -> None:
    assert view.web_link(url) is None


def points(days: int, kinds: tuple[str, ...] = ("asking", "sold")) -> list[PricePoint]:
    first = date(2025, 1, 1)
    return [
        PricePoint(first + timedelta(days=day), kind, f"{100 + day % 7}.00", "90.00", "120.00", 2, "USD")
        for day in range(days)
        for kind in kinds
    ]


def test_a_long_history_is_drawn_by_the_week_and_loses_no_observation() -> None:
    rows, step = plots.thinned(points(400))

    assert step == 7
    assert sum(row["n"] for row in rows) == 1600
    assert plots.thinned(points(30))[1] == 1


@settings(deadline=None, max_examples=5)
@example(text="\ufffe")
@example(text="\U000fffff" * 20)
@given(text=st.text(min_size=1, max_size=30))
def test_any_text_can_be_drawn_and_none_can_break_out_of_a_plot(text: str) -> None:
    hostile = f'<b>"&{text}'
    steps = [
        view.Step(hostile, Decimal(0), Decimal(10), "base", hostile),
        view.Step("Fair value", Decimal(0), Decimal(10), "total", "$10.00"),
    ]

    drawing = ElementTree.fromstring(plots.waterfall(steps, "USD").wide)

    names = {element.tag.rsplit("}")[-1] for element in drawing.iter()}
    assert names <= {"svg", "g", "path", "line", "text", "rect"}
    assert any((element.text or "").startswith('<b>"&') for element in drawing.iter())


def test_plots_carry_no_inline_style_and_fetch_nothing() -> None:
    drawn = plots.history(points(50), (80.0, 100.0, 120.0))

    assert drawn is not None
    for drawing in (drawn.wide, drawn.narrow):
        assert " style=" not in drawing
        assert "<style" not in drawing
        assert "href" not in drawing.replace("xmlns:xlink", "")
    assert drawn.alt.startswith("Daily median prices from 2025-01-01 to 2025-02-19, 200 observations")
    assert plots.history([]) is None


def test_of_a_lot_the_page_says_to_ask_for_one() -> None:
    refused = {"fmv": None, "reason": "nothing_comparable"}
    lot = valuation("1", [Decimal(1)] * len(FACTOR_ORDER)).model_copy(
        update=refused | {"narrative": unknown("nothing_comparable", SEVERAL)}
    )
    other = lot.model_copy(update={"narrative": unknown("nothing_comparable")})

    assert view.unknown(lot)[1][0] == "Ask for one of them."
    assert view.unknown(other) == view.UNKNOWN["nothing_comparable"]


def test_what_a_short_question_was_read_as_is_the_first_fact() -> None:
    read = {"category": "bicycle", "read_as": "Cannondale Trail 8", "unsaid_maker": "cannondale"}
    shown = valuation("1", [Decimal(1)] * len(FACTOR_ORDER))
    asked = shown.model_copy(update={"subject": Subject(asked=shown.subject.asked, understood=read)})

    assert view.facts(asked) == [("read as", "Cannondale Trail 8"), ("maker", "cannondale"), ("category", "bicycle")]

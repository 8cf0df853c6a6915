"""As-of: what was answered about a day stays answered, whatever is seen later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from models.answers.value import open_valuer
from warehouse.valuation import ValuationRequest

# Days of the bazaar: before any vintage, the day of a cut-off, a Sunday, between vintages, the data's last day.
DAYS = (9, 24, 26, 34, 44, 48)
LAST = 48
THINGS: list[dict[str, Any]] = [
    {"text": "Makita DHP453 cordless drill 18V", "condition": "fair", "region": "US-MO"},
    {"text": "Trek Marlin 5 mountain bike"},
    {"text": "lenovo thinkpad laptop 16gb", "condition": "like new", "region": "US-IL"},
    {"text": "cordless drill"},
]


def kept(answer: Any) -> dict[str, Any]:
    """What an answer says of value, without the names of what it was computed from."""
    said = answer.model_dump(exclude={"id", "snapshot"})
    for comparable in said["comparables"]:
        comparable.pop("found_at")
    return dict(said)


@pytest.fixture(scope="module")
def before_and_after(new_town: Callable[[], Any], bazaar: Any) -> tuple[list[Any], list[Any], Any]:
    """The same questions, asked of a market and of the same market after absurd later rows."""
    town = new_town()
    early = bazaar.listings(LAST + 1)
    town.see(*early)
    asked = [ValuationRequest.model_validate({**thing, "as_of": bazaar.day(day)}) for thing in THINGS for day in DAYS]
    first = open_valuer(town.publish()).value_many(asked)

    dear = [replace(row, price=row.price * 100) for row in bazaar.listings(30, first=LAST + 1, seed=5, prefix="late")]
    strange = [
        replace(row, observed_at=bazaar.noon(LAST + 2 + n % 20), title="Stradivarius violin, brand new",
                condition="new", price=Decimal(4_000_000), brand="Stradivari", category="violin", region="AT-9")
        for n, row in enumerate(early[::3])
    ]  # fmt: skip
    fresh = [
        bazaar.listing(id=f"x{n}", title=f"Makita DHP453 spaceship {n}", price=Decimal(10**6 + n),
                       observed_at=bazaar.noon(LAST + 3), attributes={"engine": f"{n} warp"}, list_price=Decimal(10**7))
        for n in range(60)
    ]  # fmt: skip
    town.see(*dear, *strange, *fresh)
    second = open_valuer(town.publish()).value_many(asked)
    return first, second, town


def test_earlier_answers_keep_their_value_after_absurd_later_rows(before_and_after: Any) -> None:
    first, second, _ = before_and_after

    for earlier, later in zip(first, second, strict=True):
        assert earlier.fmv is not None
        assert kept(later) == kept(earlier), (earlier.subject.asked.text, earlier.value_date)


def test_the_answers_did_come_from_vintages_and_from_before_the_first(before_and_after: Any) -> None:
    models = {answer.value_date: answer.model for answer in before_and_after[0]}

    assert "comparables" in models.values()
    assert len(set(models.values())) >= 3


def test_later_answers_do_follow_the_later_rows(before_and_after: Any) -> None:
    *_, town = before_and_after
    valuer = open_valuer(current(town))

    now = valuer.value(ValuationRequest(text="Trek Marlin 5 mountain bike"))

    assert float(now.market_value) > 4 * 380


@pytest.fixture(scope="module")
def told(new_town: Callable[..., Any], bazaar: Any) -> Any:
    """A town that published seven weeks and a day; not to be changed."""
    town = new_town()
    town.see(*bazaar.listings(50))
    town.publish()
    return town


def test_published_rows_of_closed_periods_are_never_changed_by_late_ones(
    new_town: Callable[..., Any], told: Any, bazaar: Any
) -> None:
    town = new_town(told)
    landed = town.published_levels()
    shown = served(town)
    # Rows of weeks that were published long ago come to light, at double prices and in a new place.
    late = [
        replace(row, price=row.price * 2, region="US-KS" if n % 2 else row.region)
        for n, row in enumerate(bazaar.listings(20, first=25, seed=8, prefix="late"))
    ]
    town.see(*late, *bazaar.listings(10, first=50))
    town.publish()

    again = town.published_levels().iloc[: len(landed)]
    pd.testing.assert_frame_equal(again, landed)
    merged = shown.merge(served(town), on=["unit", "period"], suffixes=("", "_after"))
    known = landed[["unit", "period"]].assign(period=pd.to_datetime(landed["period"]).astype("datetime64[us]"))
    closed = merged.assign(period=pd.to_datetime(merged["period"]).astype("datetime64[us]")).merge(known)
    assert len(closed) == len(landed)
    assert (closed["published"] == closed["published_after"]).all()


def test_answers_about_a_published_weeks_end_use_what_was_published(
    new_town: Callable[..., Any], told: Any, bazaar: Any
) -> None:
    town = new_town(told)
    levels = open_valuer(current(town)).learned.levels
    sunday = levels.closed[-1].period + 6
    published = dict(levels.at(sunday).published)
    town.see(*(replace(row, price=row.price * 3) for row in bazaar.listings(7, first=42, seed=9, prefix="late")))

    again = open_valuer(town.publish()).learned.levels

    assert published
    assert {unit: again.at(sunday).published[unit] for unit in published} == published


def current(town: Any) -> Any:
    from warehouse import snapshot

    return snapshot.current(town.home)


def served(town: Any) -> pd.DataFrame:
    """The level mart of the current snapshot."""
    from warehouse.query import read_only

    connection = read_only(current(town).path / "warehouse.duckdb")
    try:
        rows: pd.DataFrame = connection.sql("SELECT unit, period, published FROM mart.level").df()
    finally:
        connection.close()
    return rows

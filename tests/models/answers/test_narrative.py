"""The narrative says what the numbers say, of every factor, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from models.answers.explain import narrate, per_cent
from warehouse.valuation import FACTOR_ORDER, Factor, ValuationRequest

SAID: dict[str, tuple[str, str]] = {
    "weather": ("rain was far above usual this week", "Rain was far above usual this week: +12.0 %."),
    "hazard": ("flood warning for US-MO since 2026-03-01", "Flood warning for US-MO since 2026-03-01: +12.0 %."),
    "commodity": ("copper stands 20 % above a year ago", "Copper stands 20 % above a year ago: +12.0 %."),
    "demand": ("12 people look for one, 4 are offered", "12 people look for one, 4 are offered: +12.0 %."),
    "scarcity": ("3 are offered where 10 are usual", "3 are offered where 10 are usual: +12.0 %."),
    "condition": ("200 listings", "+12.0 % for its condition."),
    "region": ("90 listings", "+12.0 % for where it is."),
    "trend": ("level", "+12.0 % for how the market has moved since the reference date."),
    "season": ("course", "+12.0 % for the time of year."),
    "dampening": ("level", "+12.0 % for dampening, which holds a published value back from sudden moves."),
    "currency": ("rate of 2026-03-01: 1.12 EUR", "× 1.120000 for the exchange rate (rate of 2026-03-01: 1.12 EUR)."),
}


def told(moved: dict[str, str], *more: Factor) -> str:
    factors = [
        Factor(name=name, value=moved.get(name, "1.000000"), evidence=[SAID[name][0] if name in moved else "no data"])
        for name in FACTOR_ORDER
    ]
    return narrate(
        title="Pump", category="pump", grade="good", fmv="112.00", low="90.00", high="130.00", currency="USD",
        value_date="2026-03-02", base="100.000000", anchor="USD", factors=[*factors, *more], comparables=[],
        only_asking=False, coverage=0.9, cases=10,
    )  # fmt: skip


@pytest.mark.parametrize("name", FACTOR_ORDER)
def test_each_factor_that_moves_is_told_with_its_evidence_and_no_other(name: str) -> None:
    story = told({name: "1.120000"})

    assert story.endswith(SAID[name][1])
    assert story.count("%") == 1 + SAID[name][1].count("%")


def test_evidence_that_moved_nothing_is_passed_over_and_a_part_is_said_once() -> None:
    evidence = ["no frost yet: no effect found", "62 mm of rain in seven days, usually 22: +11.5 %"]
    weather = Factor(name="weather", value="1.120000", evidence=evidence)

    story = told({}, weather)

    assert story.endswith("62 mm of rain in seven days, usually 22: +12.0 %.")
    assert "frost" not in story


def test_factors_of_one_and_those_without_data_are_not_told() -> None:
    story = told({})

    assert "no data" not in story.casefold()
    assert story.endswith("at the reference date.")


def test_what_the_thing_and_the_calendar_do_is_one_sentence() -> None:
    assert "+20.0 % for its condition, -5.0 % for the time of year." in told(
        {"condition": "1.200000", "season": "0.950000"}
    )


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert [per_cent(each) for each in ("1.153000", "0.999700", "1.000400", "0.949000")] == [
        "+15.3 %",
        "0.0 %",
        "0.0 %",
        "-5.1 %",
    ]


def test_a_condition_or_a_region_that_moves_nothing_is_told(published: Any) -> None:
    asked = ValuationRequest(text="Makita DHP453 cordless drill 18V", condition="superb", region="Narnia")
    heard = ValuationRequest(text="Makita DHP453 cordless drill 18V", condition="good", region="US-MO")

    said, plain = (published.valuer.value(each).narrative for each in (asked, heard))

    assert 'The condition "superb" says no grade and counts as not stated; grades are new,' in said
    assert 'No price was ever seen in "Narnia"' in said
    assert "says no grade" not in plain
    assert "ever seen" not in plain

"""The trade cap: before, during and after a declaration, the stricter of policy and law, and never below what was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.caps.baseline import level_before, surge_start
from models.caps.cap import Cap, cap_for
from models.caps.declarations import Declaration
from models.caps.rules import Statute, classes_of, goods_classes, statutes
from models.knobs import default_knobs

DECLARED = date(2026, 3, 2)
STORM = Declaration(
    id="openfema DR-1-CA", declarer="federal", region="US-CA", declared=DECLARED, hazard="flood", severity="severe"
)


def cap(
    category: str = "water",
    region: str = "US-CA",
    day: date = DECLARED + timedelta(days=5),
    declarations: tuple[Declaration, ...] = (STORM,),
    surge: date | None = None,
    before: str | None = "100",
    areas: frozenset[str] = frozenset(),
) -> Cap | None:
    return cap_for(
        day=day, region=region, category=category, currency="USD", declarations=declarations, surge=surge, areas=areas,
        baseline=lambda since: None if before is None else Decimal(before), knobs=default_knobs().caps,
    )  # fmt: skip


def known(found: Cap | None) -> tuple[str, str, str]:
    assert found is not None
    return found.amount, found.times, found.rule


def test_without_surge_or_declaration_nothing_limits_a_trade() -> None:
    assert cap(declarations=()) is None


@pytest.mark.parametrize(
    ("region", "category", "amount", "rule"),
    [
        ("US-CA", "water", "110.00", "statute"),
        ("US-CA", "generator", "110.00", "statute"),
        ("US-CA", "sofa", "300.00", "policy"),  # no goods of that law, and nobody needs one
        ("US-MO", "water", "150.00", "policy"),  # the rule names no percentage
        ("US-MO", "sofa", "300.00", "policy"),
        ("US-AK", "water", "150.00", "policy"),  # no law on file
        ("US-KS", "water", "125.00", "statute"),
        ("US-OK", "sofa", "110.00", "statute"),  # all goods
        ("US-AL", "water", "150.00", "policy"),  # the law asks for the Governor's declaration
    ],
)
def test_the_stricter_of_policy_and_law_holds(region: str, category: str, amount: str, rule: str) -> None:
    found = cap(category, region, declarations=(replace(STORM, region=region),))

    assert known(found)[0] == amount
    assert known(found)[2] == rule


def test_the_law_without_a_percentage_is_named_and_says_that_policy_holds() -> None:
    found = cap(region="US-MO", declarations=(replace(STORM, region="US-MO"),))

    assert found is not None
    assert found.statute is not None
    assert "15 CSR 60-8.030" in found.statute
    assert any("names no percentage" in note for note in found.notes)


def test_a_governors_declaration_wakes_the_law_that_asks_for_it() -> None:
    found = cap(region="US-AL", declarations=(replace(STORM, region="US-AL", declarer="state"),))

    assert known(found) == ("125.00", "1.25", "statute")


@pytest.mark.parametrize(
    ("category", "days", "amount"),
    [
        ("water", -1, None),
        ("water", 0, "110.00"),
        ("water", 30, "110.00"),
        ("water", 31, None),
        ("phone_repair", 31, "110.00"),  # repair and clean-up: 180 days
        ("phone_repair", 180, "110.00"),
        ("phone_repair", 181, None),
    ],
)
def test_a_cap_holds_in_its_window_alone(category: str, days: int, amount: str | None) -> None:
    found = cap(category, day=DECLARED + timedelta(days=days))

    assert (found.amount if found else None) == amount


def test_an_emergency_that_is_known_to_be_over_frees_what_held_as_long_as_it_lasted() -> None:
    over = replace(STORM, region="US-MO", ended=DECLARED + timedelta(days=4), told=DECLARED + timedelta(days=6))

    assert cap(region="US-MO", declarations=(over,), day=DECLARED + timedelta(days=5)) is not None  # nobody knew
    assert cap(region="US-MO", declarations=(over,), day=DECLARED + timedelta(days=6)) is None


def test_another_region_and_another_county_are_not_limited() -> None:
    county = replace(STORM, areas=("006037",))

    assert cap(region="US-NV") is None
    assert cap(region="") is None
    assert cap(declarations=(county,), areas=frozenset({"006059"})) is None
    assert cap(declarations=(county,), areas=frozenset({"006037"})) is not None
    unsaid = cap(declarations=(county,))
    assert unsaid is not None
    assert any("1 counties" in note for note in unsaid.notes)


def test_what_a_hazard_makes_essential_is_held_closer() -> None:
    cold = replace(STORM, region="US-MO", hazard="winter_storm")

    assert "trimmer" not in {name for each in goods_classes().values() for name in each.categories}
    assert known(cap("generator", "US-MO", declarations=(cold,)))[1] == "1.5"
    assert known(cap("laptop", "US-MO", declarations=(cold,)))[1] == "3"


def test_a_surge_without_a_declaration_is_held_by_policy_while_it_lasts() -> None:
    found = cap("laptop", "US-MO", declarations=(), surge=DECLARED)

    assert known(found) == ("300.00", "3", "policy")
    assert found is not None
    assert (found.until, found.statute) == (None, None)


def test_where_nothing_was_published_before_there_is_no_cap() -> None:
    assert cap(before=None) is None


def test_the_price_before_is_the_median_of_the_days_before() -> None:
    history = [(0, 5.0), (70, 0.1), (77, 0.2), (84, 0.0), (91, 0.9)]

    assert level_before(history, 91, 30) == 0.1
    assert level_before(history, 60, 30) == 5.0  # the last known, where the days before say nothing
    assert level_before(history, 0, 30) is None


def test_a_surge_begins_above_the_days_before_and_is_over_when_the_level_is_back() -> None:
    flat = [(7 * week, 0.0) for week in range(8)]
    storm = [(56, 0.18), (63, 0.30), (70, 0.30), (77, 0.30), (84, 0.30), (91, 0.30)]

    assert surge_start(flat, 1.25, 30) is None
    assert surge_start(flat + storm[:1], 1.25, 30) is None
    # It stays one against what was before it, also when the days before are all storm by now.
    assert surge_start(flat + storm, 1.25, 30) == 63
    assert surge_start([*flat, *storm, (98, 0.1)], 1.25, 30) is None


def test_every_statute_says_its_source_and_speaks_of_known_goods() -> None:
    assert {"US-CA", "US-AL", "US-MO"} <= set(statutes())
    for law in statutes().values():
        assert law.citation
        assert law.looked_up <= date(2026, 12, 31)
        assert law.limit
    assert set(classes_of("water")) >= {"water"}
    assert classes_of("whatever a source calls it") == []
    with pytest.raises(ValueError, match="gold"):
        Statute.model_validate(statutes()["US-MO"].model_dump() | {"limit": [{"goods": ["gold"], "over": "before"}]})


REGIONS = [*sorted(statutes()), "US-AK", ""]


@given(
    category=st.sampled_from(["water", "generator", "roofer", "sofa", "fuel", "moving", "unheard of"]),
    region=st.sampled_from(REGIONS),
    said=st.lists(
        st.tuples(st.sampled_from(REGIONS), st.sampled_from(["federal", "state", "local"]), st.integers(-250, 250)),
        max_size=4,
    ),
    surge=st.none() | st.integers(-60, 60),
    before=st.decimals(Decimal("0.01"), 10_000, places=3),
)
def test_a_cap_is_never_below_what_it_was_worth_before_nor_above_three_times_that(
    category: str, region: str, said: list[tuple[str, Any, int]], surge: int | None, before: Decimal
) -> None:
    declarations = tuple(
        replace(STORM, region=place, declarer=who, declared=DECLARED + timedelta(days=days))
        for place, who, days in said
    )
    began = None if surge is None else DECLARED + timedelta(days=surge)

    found = cap(category, region, DECLARED, declarations, began, str(before))

    if found is not None:
        assert Decimal(found.baseline) <= Decimal(found.amount) <= 3 * Decimal(found.baseline)
        assert found.since <= DECLARED
        assert found.until is None or found.until >= DECLARED

"""Model and community in one value: only in doubt, and by how far each was off before."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.community.answer import beside, known_before
from models.community.check import check
from models.community.combine import combined, in_doubt
from models.community.shapes import Band, Case, Evidence, evidence
from models.knobs import default_knobs
from warehouse.valuation import Subject, Valuation, ValuationRequest

KNOBS = default_knobs().community
MODEL, PEOPLE = Band.of(100, 50, 200), Band.of(300, 150, 600)


def rows(amounts: list[str], **more: Any) -> dict[str, Any]:
    told = [
        {"valuer": f"v{n}", "about": "chest", "category": "other", "amount": each, "at": f"2026-01-{n + 1:02d}"}
        for n, each in enumerate(amounts)
    ]
    return {"estimates": told, **more}


def valuation(fmv: str | None, confidence: str | None, low: str = "60.00", high: str = "170.00") -> Valuation:
    asked = ValuationRequest(text="carved chest")
    known: dict[str, Any] = {"fmv": fmv, "market_value": fmv, "confidence": confidence}
    known |= {"low": low, "high": high} if fmv else {"low": None, "high": None, "reason": "nothing_comparable"}
    return Valuation(
        id="0" * 32, subject=Subject(asked=asked, understood={"category": "chest"}), value_date="2026-02-01",
        currency="USD", base=None, factors=[], comparables=[], dampening=None, narrative="", snapshot="s", model="m",
        **known,
    )  # fmt: skip


@given(st.floats(0.05, 1.0), st.floats(0.05, 1.0), st.floats(3, 8), st.floats(3, 8))
def test_the_combination_lies_between_and_is_no_surer_than_the_surer(a: float, b: float, m: float, c: float) -> None:
    made = combined(Band(m, a), Band(c, b), [], KNOBS)
    assert min(m, c) - 1e-9 <= made.band.log <= max(m, c) + 1e-9
    assert made.band.sd >= min(a, b) - 1e-9
    assert made.share == pytest.approx(a**2 / (a**2 + b**2))


def test_past_cases_decide_how_much_either_counts() -> None:
    people_right = [Case(MODEL, PEOPLE, math.log(290))] * 30
    model_right = [Case(MODEL, PEOPLE, math.log(105))] * 30
    shares = [combined(MODEL, PEOPLE, cases, KNOBS).share for cases in (people_right, [], model_right)]
    assert shares[1] == pytest.approx(0.5)
    assert shares[0] > 0.8
    assert shares[2] < 0.2


def test_without_a_model_it_is_the_community_s_value_with_the_width_its_past_shows() -> None:
    far_off = [Case(MODEL, PEOPLE, PEOPLE.log + 3 * PEOPLE.sd)] * 20
    alone, wiser = combined(None, PEOPLE, [], KNOBS), combined(None, PEOPLE, far_off, KNOBS)
    assert alone.band == PEOPLE
    assert wiser.band.sd > 2 * PEOPLE.sd
    assert wiser.band.log == PEOPLE.log


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        (("B", "drill", 5, True), None),
        (("D", "drill", 5, True), "wide"),
        (("B", "other", 5, True), "category"),
        (("B", "drill", 0, True), "comparable"),
        ((None, None, 0, False), "no value"),
    ],
)
def test_people_are_combined_only_with_a_model_in_doubt(said: tuple[Any, ...], doubt: str | None) -> None:
    found = in_doubt(*said)
    assert found is None if doubt is None else doubt in str(found)


def test_the_values_stand_beside_each_other_by_name() -> None:
    known = evidence(rows(["300", "310", "290", "305"]))
    doubtful = beside("chest", known, valuation("100.00", "D"), "USD", KNOBS)
    assert doubtful.model is not None
    assert doubtful.community is not None
    assert doubtful.combined is not None
    assert doubtful.model.value == "100.00", "the fair market value stays what it is"
    assert 290 < float(doubtful.community.value) < 310
    assert 100 < float(doubtful.combined.value) < float(doubtful.community.value)
    assert doubtful.community.n == 4

    unknown = beside("chest", known, valuation(None, None), "USD", KNOBS)
    assert unknown.model is None
    assert unknown.combined is not None
    assert unknown.combined.value == unknown.community.value  # type: ignore[union-attr]
    few = beside("chest", evidence(rows(["300"])), valuation("100.00", "D"), "USD", KNOBS)
    assert (few.community, few.combined) == (None, None)
    assert "needs 3 people" in few.notes[0]
    assert beside("chest", known, None, "EUR", KNOBS).model is None


def test_what_is_learned_was_known_before() -> None:
    told = rows(["300", "310", "290", "9000"])
    before = evidence(told, until="2026-01-04T00:00:00.000000Z")
    assert len(before.estimates) == 3
    said = known_before("chest", before, valuation("100.00", "B"), KNOBS)
    assert said["model"] == {"value": "100.00", "low": "60.00", "high": "170.00"}
    price = {"about": "chest", "amount": "280", "at": "2026-01-05", "parties": [], **said}
    assert evidence({"prices": [price]}, until="2026-01-05").cases == []
    (case,) = evidence({"prices": [price]}).cases
    (checked,) = check({"all": [case]}, KNOBS)
    assert (checked.cases, checked.community_held) == (1, 1.0)
    assert checked.community < checked.combined < checked.model
    assert Evidence().cases == ()

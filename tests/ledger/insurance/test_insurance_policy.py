"""What the policy says of the insurance, and what is refused there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ledger.policy import dated
from warehouse.errors import BadInput


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('paid_by = "giver"', 'paid_by = "nobody"', "giver, payer"),
        ('otherwise = "low"', 'otherwise = "mild"', "high, medium, low"),
        ('into = "insurance"', 'into = "pool"', 'not of the kind "insurance"'),
        ('into = "insurance"', 'into = "hat"', 'names the house account "hat"'),
        ('"elder_care"', '"electrician"', '"electrician" is of the risk high and of medium'),
        ('percent = "5"', 'percent = "five"', r"\[policy.insurance.risks.high\] percent is a number"),
        ('otherwise = "low"', 'otherwise = "low"\nkinds = ["goods"]', "kinds are of service, time"),
        ('otherwise = "low"', 'otherwise = "low"\ncolour = "red"', "colour"),
    ],
)
def test_a_wrong_insurance_is_refused_with_its_place(
    insured_policy: Callable[..., Path], old: str, new: str, told: str
) -> None:
    path = insured_policy((old, new))
    with pytest.raises(BadInput, match=told):
        dated.read(path)


def test_the_percents_of_the_founding_papers_stand_ready_in_the_default_policy(
    insured_policy: Callable[..., Path],
) -> None:
    rule = dated.read(insured_policy()).on(date(2026, 11, 14)).sections.insurance

    assert dated.read().on(date(2026, 11, 14)).sections.insurance is None
    assert rule is not None
    assert {each.name: each.percent * 100 for each in rule.risks} == {"high": 5, "medium": 2, "low": 1}
    assert {"electrician", "plumber", "roofer", "nursing", "child_care"} <= set(rule.risks[0].categories)
    assert "5 % where the risk is high" in rule.says
    assert "by its giver into insurance" in rule.says

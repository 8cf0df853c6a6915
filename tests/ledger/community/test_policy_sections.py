from __future__ import annotations

from dataclasses import fields
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.policy import dated
from ledger.policy.crises import effective
from ledger.policy.sections import SECTIONS, Sections
from warehouse.errors import BadInput

DEFAULT = dated.read().on(date(2026, 11, 14))
KINDS = st.lists(st.sampled_from(["natural_disaster", "economic_crisis", "plague"]))


def written(folder: Path, old: str, new: str) -> Path:
    text = dated.DEFAULT.read_text(encoding="utf-8")
    assert old in text
    path = folder / "policy.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_defaults_are_the_figures_of_the_founding_papers() -> None:
    told = DEFAULT.sections

    assert told.fee is not None and told.fee.percent == Fraction(1, 100)  # noqa: PT018
    assert told.demurrage is not None and (told.demurrage.percent, told.demurrage.from_day) == (Fraction(1, 50), 90)  # noqa: PT018
    assert told.grants is not None and (told.grants.base, told.grants.most) == (5_00, 20_00)  # noqa: PT018
    assert told.work is not None and (told.work.percent, told.work.days) == (Fraction(1, 10), 30)  # noqa: PT018
    assert told.repair is not None and told.repair.percent == Fraction(1, 4)  # noqa: PT018
    assert told.essentials is not None
    assert (told.essentials.amount, told.essentials.days) == (50_00, 30)
    assert told.essentials.needs["single parent"] == Fraction(3, 2)
    assert told.jubilee is not None
    assert (told.jubilee.forgive, told.jubilee.forgive_most) == (Fraction(1, 4), 100_00)
    assert (told.jubilee.take, told.jubilee.above, told.jubilee.gift) == (Fraction(1, 10), 1_000_00, 25_00)


def test_every_issuance_account_has_a_cap() -> None:
    caps = [house.limits["K"].floor for house in DEFAULT.house.values() if house.kind == "issuance"]

    assert caps
    assert all(cap is not None and cap < 0 for cap in caps)


def test_all_sections_are_optional(tmp_path: Path) -> None:
    kept = [
        block
        for block in dated.DEFAULT.read_text(encoding="utf-8").split("\n\n")
        if not any(f"\n[policy.{name}" in f"\n{block}" for name in SECTIONS)
    ]
    path = tmp_path / "policy.toml"
    path.write_text("\n\n".join(kept), encoding="utf-8")

    assert dated.read(path).on(date(2026, 11, 14)).sections == Sections()
    assert set(SECTIONS) == {field.name for field in fields(Sections)}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('percent = "1"', 'percent = "1,5"', r"\[policy.fee\] percent is a number"),
        ('percent = "1"', 'percent = "101"', "at most 100"),
        ('percent = "1"', "percent = 1", "is a text"),
        ('paid_by = "payer"', 'paid_by = "nobody"', "payer, payee, split"),
        ('paid_by = "payer"', 'paid_by = "payer"\ncolour = "red"', "colour"),
        ("from_day = 90", "from_day = -1", r"\[policy.demurrage\] from_day"),
        ('from = "grants"', 'from = "thin air"', r"\[policy.grants\] names the house account \"thin air\""),
        ('skill = { each = "1.00", most = 3 }', 'luck = { each = "1.00" }', "luck"),
        ('most = "20.00"', 'most = "2.00"', "not below base"),
        ('amount = "50.00"', 'amount = "-50.00"', "not below zero"),
        ('student = "1.2"', 'student = "11"', "at most 10"),
        ('"december solstice"]', '"pancake day"]', "pancake day"),
        ('"december solstice"]', '"02-29"]', "02-29"),
        ('hour = "30.00"', 'hour = "0.00"', "above it"),
        ('floor = "-1000.00"', 'floor = "10.00"', "at most zero"),
        ("demurrage = false", 'demurrage = "no"', "true or false"),
        ("words = [", "words = [1, ", "list of texts"),
    ],
)
def test_a_wrong_section_is_refused_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        dated.read(written(tmp_path, old, new))


def test_in_an_economic_crisis_more_may_be_owed_an_hour_is_worth_more_and_no_fee_is_taken() -> None:
    held = effective(DEFAULT, ["economic_crisis"])

    assert (held.hour, held.sections.fee) == (30_00, None)
    assert {name: tier.limits["K"].floor for name, tier in held.tiers.items()} == {
        "basic": -1_000_00,
        "verified": -1_000_00,
        "business": -5_000_00,  # never a stricter floor
        "community": 0,  # and who may owe nothing still may not
    }
    assert held.tiers["basic"].limits["min"] == DEFAULT.tiers["basic"].limits["min"]
    assert held.sections.demurrage == DEFAULT.sections.demurrage


def test_in_a_natural_disaster_nothing_rots_and_prices_are_held() -> None:
    held = effective(DEFAULT, ["natural_disaster"])

    assert held.sections.demurrage is None
    assert held.sections.fee == DEFAULT.sections.fee
    rules = DEFAULT.sections.crises or {}
    assert {name: (rule.surge_cap, rule.surge_goods[0]) for name, rule in rules.items() if rule.surge_cap} == {
        "natural_disaster": (Fraction(3, 2), "water")
    }


@given(KINDS)
def test_a_crisis_counts_once_in_any_order(kinds: list[str]) -> None:
    held = effective(DEFAULT, kinds)

    assert effective(held, kinds) == held
    assert effective(DEFAULT, reversed(kinds)) == held
    assert effective(DEFAULT, kinds + kinds) == held


@given(KINDS)
def test_a_crisis_never_makes_a_limit_stricter(kinds: list[str]) -> None:
    held = effective(DEFAULT, kinds)

    for name, tier in held.tiers.items():
        before, now = DEFAULT.tiers[name].limits["K"], tier.limits["K"]
        assert (before.floor or 0) >= (now.floor or 0)
        assert (before.ceiling, before.daily) == (now.ceiling, now.daily)
    assert held.house == DEFAULT.house

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.books.units import LARGEST_RAILS, k_text, rails
from ledger.policy import dated as policy
from ledger.policy.dated import Limits
from warehouse.errors import BadInput


@given(st.integers(-LARGEST_RAILS, LARGEST_RAILS))
def test_an_amount_is_read_back_as_it_was_written(amount: int) -> None:
    assert rails(k_text(amount)) == amount


@pytest.mark.parametrize(
    "text", ["", "1.005", "1e3", "NaN", "Infinity", "1,50", "--1", "1.", ".5", "٣", "1_000", "99999999999999", "0x1"]
)
def test_an_entered_amount_is_exact_or_refused(text: str) -> None:
    with pytest.raises(BadInput):
        rails(text)


def test_a_decimal_is_never_rounded_when_it_is_entered() -> None:
    assert rails(Decimal("0.5")) == 50
    with pytest.raises(BadInput, match="two places"):
        rails(Decimal("0.505"))


def test_computed_amounts_are_rounded_once_half_even() -> None:
    held = policy.read().on(date(2026, 11, 14))

    assert [held.in_rails(Fraction(text)) for text in ("0.005", "0.015", "0.025", "-0.005")] == [0, 2, 2, 0]
    assert held.hours_in_rails(90) == 3000
    assert str(held.in_money(50)) == "0.50"


@given(st.fractions(0, 10**6), st.decimals("0.01", "1000", places=2))
def test_rounding_is_never_off_by_more_than_half_a_rail(money: Fraction, rate: Decimal) -> None:
    held = replace(policy.read().on(date(2026, 11, 14)), currency_per_k=rate)

    assert abs(held.in_rails(money) - money * 100 / Fraction(rate)) <= Fraction(1, 2)


def test_the_defaults_are_the_communitys_tiers() -> None:
    tiers = policy.read().on(date(2026, 11, 14)).tiers

    told = {name: (tier.limits["K"], tier.exempt, tier.signatures) for name, tier in tiers.items()}
    assert told == {
        "basic": (Limits(-100_00, 1_000_00, 200_00), 100_00, 1),
        "verified": (Limits(-500_00, 5_000_00, 1_000_00), 500_00, 1),
        "business": (Limits(-5_000_00, 50_000_00, 10_000_00), 5_000_00, 2),
        "community": (Limits(0, None, None), None, 1),
    }


def write(folder: Path, *changes: tuple[str, str], also: str = "") -> Path:
    text = policy.DEFAULT.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "policy.toml"
    path.write_text(text + also, encoding="utf-8")
    return path


def test_a_policy_holds_from_its_date_and_changes_nothing_before(tmp_path: Path) -> None:
    later = policy.DEFAULT.read_text(encoding="utf-8").replace("2000-01-01", "2026-12-01").replace("20.00", "25.00")
    policies = policy.read(write(tmp_path, also="\n" + later))

    assert policies.on(date(2026, 11, 30)).hour == 2000
    assert policies.on(date(2026, 12, 1)).hour == 2500
    with pytest.raises(BadInput, match="no community policy holds on 1999-12-31"):
        policies.on(date(1999, 12, 31))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('floor = "-100.00"', 'floor = "-100.001"', "two places"),
        ('floor = "-100.00"', "floor = -100.0", "texts"),
        ('floor = "-100.00"', 'floor = "1.00"', "starts at zero"),
        ('currency_per_k = "1.00"', 'currency_per_k = "0"', "above zero"),
        ('currency_per_k = "1.00"', "", "currency_per_k"),
        ('hour = "20.00"', 'hour = "20.00"\ntax = 1', "tax"),
        ('daily = "200.00"', 'dayly = "200.00"', "dayly"),
        ('kind = "escrow"', 'kind = "purse"', "pool, issuance, escrow"),
        ('kind = "escrow"', 'kind = "escrow"\nno_floor = true', "an issuance has a cap"),
        ("warn_at_percent = 80", "warn_at_percent = 101", "at most 100"),
        ("holds_from = 2000-01-01", 'holds_from = "soon"', "soon"),
        ("[[policy]]", "[[policies]]", "no \\[\\[policy\\]\\]"),
        ("[[policy]]", "[[policy", "cannot be read"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = write(tmp_path, (old, new))

    with pytest.raises(BadInput, match=told) as refused:
        policy.read(path)
    assert str(path) in str(refused.value)


def test_an_unknown_tier_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="basic, verified, business, community"):
        policy.read().on(date(2026, 11, 14)).limits("gold")

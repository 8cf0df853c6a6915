from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.books.lines import check_balanced, net
from ledger.community.fee import fee_lines, fee_of, payer_and_payee
from ledger.policy import dated
from ledger.policy.dated import Policy
from ledger.policy.sections_taking import Fee

DEFAULT = dated.read().on(date(2026, 11, 14))


def with_fee(percent: Fraction, paid_by: str) -> Policy:
    return replace(DEFAULT, sections=replace(DEFAULT.sections, fee=Fee(percent, paid_by, "pool")))


def test_the_fee_on_bread_for_a_bike_is_45_rails_and_somebody_pays_it() -> None:
    lines = fee_lines(DEFAULT, base=4500, payer="ada", payee="bob", pool="pool")

    assert [(line.account, line.amount) for line in lines] == [("ada", -45), ("pool", 45)]


@pytest.mark.parametrize(
    ("paid_by", "told"),
    [
        ("payer", {"ada": -45, "pool": 45}),
        ("payee", {"bob": -45, "pool": 45}),
        ("split", {"ada": -23, "bob": -22, "pool": 45}),
    ],
)
def test_the_policy_says_who_pays_and_the_odd_rail_is_the_payers(paid_by: str, told: dict[str, int]) -> None:
    lines = fee_lines(with_fee(Fraction(1, 100), paid_by), base=4500, payer="ada", payee="bob", pool="pool")

    assert {line.account: line.amount for line in lines} == told


@given(
    base=st.integers(0, 10**12),
    percent=st.fractions(0, 1, max_denominator=1000),
    paid_by=st.sampled_from(["payer", "payee", "split"]),
)
def test_a_fee_is_paid_by_someone_to_the_rail(base: int, percent: Fraction, paid_by: str) -> None:
    policy = with_fee(percent, paid_by)
    lines, fee = fee_lines(policy, base=base, payer="ada", payee="bob", pool="pool"), fee_of(policy, base)

    assert abs(fee - percent * base) <= Fraction(1, 2)
    if fee == 0:
        assert lines == []
        return
    check_balanced(lines)
    told = {account: amount for (account, _), amount in net(lines).items()}
    assert told["pool"] == fee
    assert 0 <= -told.get("bob", 0) <= fee
    if paid_by == "split":
        assert told["ada"] - told.get("bob", 0) in (0, -1)


def test_half_a_rail_goes_to_the_even_one() -> None:
    assert [fee_of(DEFAULT, base) for base in (50, 150, 250)] == [0, 2, 2]


def test_where_the_policy_has_no_fee_none_is_paid() -> None:
    none = replace(DEFAULT, sections=replace(DEFAULT.sections, fee=None))

    assert fee_of(none, 4500) == 0
    assert fee_lines(none, base=4500, payer="ada", payee="bob", pool="pool") == []


@pytest.mark.parametrize(
    ("gives", "gets", "pays", "payer"),
    [
        (4500, 4550, 50, "ada"),  # whoever pays the difference
        (4550, 4500, -50, "bob"),
        (4500, 4550, 0, "ada"),  # without K whoever gains by the trade
        (4550, 4500, 0, "bob"),
        (4500, 4500, 0, "ada"),
        (4500, 4400, 1, "ada"),  # K decides, whatever the values say
    ],
)
def test_the_payer_is_who_pays_k_or_else_who_gives_less(gives: int, gets: int, pays: int, payer: str) -> None:
    told = payer_and_payee(proposer="ada", counterparty="bob", gives=gives, gets=gets, pays=pays)

    assert told[0] == payer
    assert set(told) == {"ada", "bob"}

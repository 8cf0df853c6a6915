"""Numeraires: each says the price used, its day and source, and what is missing says the way out."""

from __future__ import annotations

from datetime import date

import pytest

from models.answers.currency import Rates
from models.exchange.answers import converted
from models.exchange.worth import Worth, told
from models.exchange.yardsticks import TROY_OUNCE, Community, Missing, Price, Series, Wage, Yardsticks, basket

DAY = date(2026, 3, 10)
RATES = Rates(
    "USD",
    [
        ("ARS", date(2026, 1, 1), 0.01),
        ("ARS", date(2026, 3, 1), 0.005, "parallel", "street", date(2026, 2, 27), 1.0, False),
        ("EUR", date(2026, 1, 1), 1.25),
    ],
)
GOLD = Series(
    (date(2026, 1, 31), date(2026, 3, 2), date(2026, 4, 1)), (2400.0, 2500.0, 9999.0), "USD", "troy oz", "bank"
)
WAGES = (Wage(date(2024, 5, 1), 20.0, "USD", "bureau", 700), Wage(date(2025, 5, 1), 22.0, "USD", "bureau", 710))
COMMUNITY = Community("EUR", 1.0, 20.0, date(2026, 1, 1))
ALL = Yardsticks(
    RATES,
    {"gold": GOLD} | {name: Series((date(2026, 3, 2),), (2.0,), "USD", unit, "bank") for name, _, unit in basket()[1]},
    {"US-MO": WAGES},
    COMMUNITY,
    {"AR-C": "ARS", "AR": "ARS"},
)


def of(name: str, region: str | None = None, day: date = DAY) -> Price:
    price = ALL.of(name, day, region)
    assert isinstance(price, Price), price
    return price


def test_gold_is_told_in_grams_at_the_newest_price_known_by_the_day() -> None:
    assert of("gold").value == pytest.approx(2500 / TROY_OUNCE)
    assert (of("GOLD").day, of("gold").source) == (date(2026, 3, 2), "bank of 2026-03")
    assert of("gold", day=date(2026, 2, 20)).value == pytest.approx(2400 / TROY_OUNCE)


def test_money_in_trouble_is_told_at_the_rate_people_pay() -> None:
    assert of("ARS").value == pytest.approx(0.005)
    assert "ARS is in trouble: parallel rate of 2026-02-27: 200 ARS, 100% above the official one" in of("ARS").source
    assert of("local", "AR-C").value == of("local", "AR-X").value == of("ARS").value
    assert of("ARS", day=date(2026, 2, 1)).value == pytest.approx(0.01)
    assert of("usd").value == 1.0


def test_k_and_credits_are_what_the_community_says_in_its_own_currency() -> None:
    assert of("k").value == pytest.approx(1.25)
    assert of("credits").value == pytest.approx(25.0)
    assert "1 hour is 1 credit and counts 20 K" in of("credits").source
    assert isinstance(ALL.of("K", date(2025, 12, 31)), Missing)


def test_an_hour_is_the_median_wage_of_the_region_as_known_by_the_day() -> None:
    assert of("hours", "US-MO").value == 22.0
    assert of("hours", "us-mo", date(2025, 1, 1)).value == 20.0
    missing = ALL.of("hours", DAY, "FR-IDF")
    assert isinstance(missing, Missing)
    assert "katy collect bls_oews" in missing.why


def test_a_basket_is_its_goods_at_their_prices() -> None:
    assert of("basket").value == pytest.approx(2.0 * sum(amount for _, amount, _ in basket()[1]))


@pytest.mark.parametrize("name", ["gold", "basket", "hours", "K", "credits", "local", "XYZ"])
def test_what_is_not_known_says_why(name: str) -> None:
    missing = Yardsticks(RATES).of(name, DAY)

    assert isinstance(missing, Missing)
    assert len(missing.why) > 20


def test_a_value_keeps_its_interval_and_a_price_too_old_is_none() -> None:
    value = told(Worth(100.0, 80.0, 125.0, "B", ""), of("gold"))

    assert float(value["low"]) / float(value["amount"]) == pytest.approx(0.8, rel=1e-3)
    assert isinstance(ALL.of("gold", date(2030, 1, 1)), Missing)


def test_an_amount_there_and_back_is_the_same() -> None:
    there = converted(100, "USD", ALL, DAY, ["gold", "hours"], "US-MO")
    back = converted(float(there["in"]["gold"]["amount"]), "gold", ALL, DAY, ["USD"], None)

    assert there["in"]["hours"]["amount"] == "4.55"
    assert float(back["in"]["USD"]["amount"]) == pytest.approx(100, rel=1e-3)
    assert set(converted(1, "USD", ALL, DAY, ["XYZ", "EUR"], None)["missing"]) == {"XYZ"}

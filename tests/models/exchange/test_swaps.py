"""What a thing can get: offers within the interval of its value, one a seller; and the rate people pay as a factor."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest

from models.answers.currency import Rates
from models.answers.value import Valuer
from models.exchange.answers import exchanged, swaps_for, trade_ratio
from models.exchange.swaps import ON_OFFER_DAYS, Swaps
from models.exchange.worth import worth
from models.exchange.yardsticks import Yardsticks
from warehouse.valuation import ValuationRequest, recompute

LAPTOP = ValuationRequest(text="Lenovo ThinkPad T480S laptop 16GB 512GB", region="US-MO")


@pytest.fixture(scope="module")
def peso(published: Any, bazaar: Any) -> Valuer:
    """The bazaar's valuer with pesos at 100 officially; from day 40 on the street's 200 are paid."""
    days = [bazaar.day(day) for day in range(86)]
    rows = [
        ("ARS", day, 0.01, "official", "bank", day, None, False)
        if place < 40
        else ("ARS", day, 0.005, "parallel", "street", day, 1.0, False)
        for place, day in enumerate(days)
    ]
    valuer = published.valuer
    return Valuer(valuer.learned, Rates("USD", rows), snapshot_id="s", code_version="test")


def test_offers_are_worth_about_as_much_and_of_one_seller_each(published: Any) -> None:
    valuer = published.valuer
    own = worth(valuer.value(LAPTOP))
    assert own is not None
    found = Swaps(valuer).find(own, region="US-MO", limit=20)
    rows = valuer.learned.market.rows.set_index("listing")
    last = int(valuer.learned.levels.days[-1])

    assert found
    assert len({rows.loc[[each.listing], "seller"].iloc[-1] for each in found}) == len(found)
    assert [each.rank for each in found] == sorted(each.rank for each in found)
    for each in found:
        assert own.low <= each.value.value <= own.high
        assert each.by_model
        newest = rows.loc[[each.listing]].iloc[-1]
        assert (newest["kind"], int(newest["day"]) > last - ON_OFFER_DAYS) == ("asking", True)


def test_the_thing_itself_is_not_offered_and_a_category_can_be_asked_for(published: Any) -> None:
    swaps = Swaps(published.valuer)
    answer = swaps_for(published.valuer, swaps, LAPTOP, "USD", limit=20)
    bikes = swaps_for(published.valuer, swaps, LAPTOP, "USD", category="bike", limit=20)

    assert answer["offers"]
    assert not any("T480S" in each["title"] for each in answer["offers"])
    assert {each["category"] for each in bikes["offers"]} <= {"bike"}
    nothing = swaps_for(published.valuer, swaps, ValuationRequest(text="zither"), "USD")
    assert (nothing["offers"], nothing["value"], nothing["reason"]) == ([], None, "nothing_comparable")


def test_a_value_in_a_currency_in_trouble_goes_through_the_street_and_says_so(peso: Valuer, bazaar: Any) -> None:
    def ask(day: int) -> Any:
        return peso.value(LAPTOP.model_copy(update={"currency": "ARS", "as_of": bazaar.day(day)}))

    before, after = ask(30).factors[-1], ask(60).factors[-1]

    assert (before.value, before.source) == ("100.000000", "exchange rates")
    assert (after.value, after.source) == ("200.000000", "parallel rate: street")
    assert after.date == bazaar.day(60).isoformat()
    assert after.evidence == [f"ARS is in trouble: parallel rate of {after.date}: 200 ARS, 100% above the official one"]
    whole = ask(60)
    assert str(recompute(whole.base, whole.factors, "ARS")) == whole.fmv


def test_a_ratio_is_told_in_words_and_hangs_on_two_valuations(peso: Valuer) -> None:
    answer = trade_ratio(peso, "4 x Makita DHP453 cordless drill 18V", "Trek Marlin 5 mountain bike")

    assert [thing["count"] for thing in answer["things"]] == ["4", "1"]
    assert float(answer["ratio"]["first_for_one_second"]) == pytest.approx(380 / 90, rel=0.15)
    assert answer["even"] is True
    assert "4 × Makita DHP453 cordless drill 18V for 1 Trek Marlin 5 mountain bike is even" in answer["narrative"]
    unknown = trade_ratio(peso, "zither", "7 lutes")
    assert (unknown["ratio"], unknown["offers"]) == (None, [])
    # Each unknown thing is named, with what would help.
    for thing in ("zither", "lute"):
        assert f"What {thing} is worth is not known. Nothing like it has been seen." in unknown["narrative"]


def test_a_value_in_other_measures_keeps_its_proportions(peso: Valuer, bazaar: Any) -> None:
    value = peso.value(LAPTOP)
    in_pesos = exchanged(value, Yardsticks(peso.rates), ["ARS", "USD", "gold"], None)

    assert float(in_pesos["in"]["ARS"]["amount"]) == pytest.approx(
        200 * float(in_pesos["in"]["USD"]["amount"]), rel=1e-4
    )
    assert float(in_pesos["in"]["USD"]["amount"]) == pytest.approx(float(value.fmv or 0), abs=0.01)
    assert set(in_pesos["missing"]) == {"gold"}
    assert math.isclose(
        float(in_pesos["in"]["ARS"]["high"]) / float(in_pesos["in"]["ARS"]["amount"]),
        float(value.high or 0) / float(value.fmv or 1),
        rel_tol=1e-3,
    )
    assert value.value_date == (bazaar.day(0) + timedelta(days=85)).isoformat()

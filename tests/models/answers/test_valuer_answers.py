"""What a valuer answers: the same to the same question, an honest unknown, and money in the currency asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.answers.value import open_valuer
from warehouse.valuation import ValuationRequest, recompute

DRILL = "Makita DHP453 cordless drill 18V"


def ask(published: Any, text: str = DRILL, **fields: Any) -> Any:
    return published.valuer.value(ValuationRequest(text=text, **fields))


def test_equal_requests_get_equal_bytes_also_from_another_opening(published: Any) -> None:
    requests = [
        ValuationRequest(text=DRILL, condition="fair", currency="EUR"),
        ValuationRequest(text="dell laptop", region="US-MO", as_of="2026-02-20"),
        ValuationRequest(text="zither"),
    ]
    first = [published.valuer.value(request).canonical_json() for request in requests]
    again = [answer.canonical_json() for answer in published.valuer.value_many(requests)]
    other = open_valuer(published.snapshot)
    reopened = [answer.canonical_json() for answer in reversed(other.value_many(requests[::-1]))]
    other.close()

    assert first == again == reopened


def test_a_question_alone_and_among_others_has_the_same_answer(published: Any) -> None:
    many = [ValuationRequest(text=f"{DRILL} {n}", as_of=f"2026-03-{1 + n % 20:02d}") for n in range(40)]
    alone = published.valuer.value(many[17])

    assert published.valuer.value_many(many)[17].canonical_json() == alone.canonical_json()


def test_another_question_has_another_id(published: Any) -> None:
    ids = {ask(published).id, ask(published, condition="good").id, ask(published, currency="USD").id}

    assert len(ids) == 3


def test_the_value_of_a_known_thing_is_near_what_it_is_worth(published: Any, bazaar: Any) -> None:
    for title, price in bazaar.products.items():
        answer = ask(published, title, condition="good", region="US-MO")
        assert float(answer.fmv) == pytest.approx(price * math.exp(bazaar.region["US-MO"]), rel=0.08), title
        assert float(answer.low) < price < float(answer.high)
        assert answer.confidence in ("A", "B")


def test_condition_and_region_show_as_factors(published: Any, bazaar: Any) -> None:
    factors = {factor.name: factor for factor in ask(published, condition="like new", region="US-IL").factors}

    assert float(factors["condition"].value) == pytest.approx(math.exp(bazaar.condition["like new"]), rel=0.06)
    assert float(factors["region"].value) == pytest.approx(math.exp(bazaar.region["US-IL"]), rel=0.04)
    assert factors["demand"].evidence[-1] == "too little is known yet of what it does to drill prices"
    assert factors["commodity"].evidence == ["no data"]


def test_a_value_date_is_the_data_cut_off_never_a_day_after_it(published: Any, bazaar: Any) -> None:
    cut_off = bazaar.day(85)

    assert ask(published).value_date == cut_off.isoformat()
    assert ask(published, as_of=cut_off + timedelta(days=400)).value_date == cut_off.isoformat()
    assert ask(published, as_of=bazaar.day(40)).value_date == bazaar.day(40).isoformat()


def test_comparables_were_seen_by_the_day_and_are_of_the_same_kind(published: Any, bazaar: Any) -> None:
    answer = ask(published, as_of=bazaar.day(40))

    assert answer.comparables
    for comparable in answer.comparables:
        assert comparable.observed_at[:10] <= bazaar.day(40).isoformat()
        assert "drill" in comparable.title
        assert float(comparable.adjusted) == pytest.approx(float(answer.fmv), rel=0.4)
    assert sum(each.weight for each in answer.comparables) <= 1.0001


@pytest.mark.parametrize("text", ["zither", "ξένο πράγμα", "???", "used"])
def test_what_was_never_seen_is_unknown_with_a_reason_and_a_hint(published: Any, text: str) -> None:
    answer = ask(published, text)

    assert (answer.fmv, answer.low, answer.high, answer.confidence, answer.base) == (None,) * 5
    assert answer.reason == "nothing_comparable"
    assert "would help" in answer.narrative
    assert answer.factors == answer.comparables == []


def test_goods_of_a_kind_never_seen_have_no_value_though_pieces_of_their_words_were(published: Any) -> None:
    vintage = published.valuer.learned.vintages[-1]
    rows = pd.DataFrame({"title": ["makitas drillo bread"] * 2, "category": ["bread", "drill"]})
    assert vintage.knows(rows).all()
    assert vintage.met(rows).tolist() == [False, True]

    answer = ask(published, "makitas drillo bread")
    assert (answer.fmv, answer.reason) == (None, "nothing_comparable")


def test_before_the_first_data_the_answer_says_so(published: Any, bazaar: Any) -> None:
    answer = ask(published, as_of=bazaar.day(-1))

    assert (answer.fmv, answer.reason) == (None, "before_data")
    assert ask(published, as_of=bazaar.day(0)).reason != "before_data"


def test_a_currency_without_a_rate_is_said(published: Any, bazaar: Any) -> None:
    assert ask(published, currency="XYZ").reason == "no_exchange_rate"
    assert ask(published, currency="EUR", as_of=bazaar.day(10)).fmv is not None
    assert ask(published, currency="XYZ").currency == "XYZ"


def test_the_currency_factor_is_the_rate_of_the_day_and_nothing_else_changes(published: Any, bazaar: Any) -> None:
    for day, rate in ((59, 1.10), (60, 1.25), (85, 1.25)):
        dollars, euros = (ask(published, currency=code, as_of=bazaar.day(day)) for code in ("USD", "EUR"))
        assert euros.factors[-1].name == "currency"
        assert euros.factors[-1].value == f"{1 / rate:.6f}"
        assert (euros.base, euros.factors[:-1]) == (dollars.base, dollars.factors[:-1])
        assert euros.dampening == dollars.dampening
    assert dollars.factors[-1].value == "1.000000"


def test_a_list_price_in_another_currency_is_read_at_its_rate(published: Any) -> None:
    dollars = ask(published, attributes={"list_price": "125 USD"})
    euros = ask(published, attributes={"list_price": "100 EUR"})

    assert euros.base == dollars.base


def test_with_nothing_learned_there_is_no_data(published: Any) -> None:
    from models.answers.value import Valuer

    empty = Valuer(None, published.valuer.rates, snapshot_id="none", code_version="test")

    assert empty.value(ValuationRequest(text=DRILL)).reason == "no_data"


@pytest.mark.parametrize(("price", "listed"), [(270, 0), (101, 1)])
def test_one_seller_with_many_copies_counts_once_among_comparables(
    new_town: Callable[[], Any], bazaar: Any, price: int, listed: int
) -> None:
    """A price far from all others is no comparable at all, one like the others is one, however often it is offered."""
    honest = [
        bazaar.listing(id=f"h{n}", title=DRILL, price=Decimal(90 + n % 5), observed_at=bazaar.noon(n), seller=f"s{n}")
        for n in range(11)
    ]

    def liar(copies: int) -> list[Any]:
        return [
            bazaar.listing(id=f"l{n}", title=DRILL, price=Decimal(price), observed_at=bazaar.noon(11), seller="liar")
            for n in range(copies)
        ]

    answers = []
    for copies in (1, 30):
        town = new_town()
        town.see(*honest, *liar(copies))
        answers.append(open_valuer(town.publish()).value(ValuationRequest(text=DRILL)))

    assert float(answers[0].fmv) == pytest.approx(float(answers[1].fmv), rel=0.01)
    assert 85 < float(answers[1].fmv) < 105
    assert sum(each.price == f"{price}.00" for each in answers[1].comparables) == listed


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.sampled_from([DRILL, "laptop", "trek bike like new", "drill", "bike"]) | st.text(min_size=1, max_size=30),
    condition=st.none() | st.sampled_from(["new", "fair", "for parts", "?"]),
    region=st.none() | st.sampled_from(["US-MO", "US-KS"]),
    currency=st.none() | st.sampled_from(["USD", "EUR", "JPY"]),
    attributes=st.dictionaries(
        st.sampled_from(["brand", "gtin", "list_price", "colour"]), st.text(max_size=10), max_size=3
    ),
    day=st.integers(-3, 90),
)
def test_any_question_has_a_value_that_adds_up_or_a_reason(  # type: ignore[no-untyped-def]
    published, bazaar, text, condition, region, currency, attributes, day
) -> None:
    asked = {"condition": condition, "region": region, "currency": currency, "attributes": attributes}
    answer = ask(published, text, as_of=bazaar.day(day), **asked)

    assert (answer.fmv is None) == (answer.reason is not None)
    assert answer.narrative
    if answer.fmv is not None:
        assert str(recompute(answer.base, answer.factors, answer.currency)) == answer.fmv
        assert Decimal(answer.low) <= Decimal(answer.fmv) <= Decimal(answer.high)

"""What a run says where there is nothing to publish, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from models.answers.value import open_valuer
from warehouse import snapshot
from warehouse.errors import KatyError, NothingPublished
from warehouse.valuation import ValuationRequest


def test_with_nothing_landed_the_way_out_is_named(new_town: Callable[[], Any]) -> None:
    town = new_town()

    with pytest.raises(KatyError, match=r"nothing to learn from: .*katy import listings"):
        town.publish()
    with pytest.raises(NothingPublished, match="katy run"):
        snapshot.current(town.home)


def test_listings_without_an_exchange_rate_are_said_and_the_way_out_is_named(
    new_town: Callable[[], Any], bazaar: Any
) -> None:
    town = new_town()
    town.see(bazaar.listing(currency="INR"), bazaar.listing(id="2", currency="INR"))

    with pytest.raises(KatyError, match=r"none of the 2 observations .* 2 are in currencies .*katy collect ecb"):
        town.publish()


def test_listings_left_out_for_want_of_a_rate_are_counted(new_town: Callable[[], Any], bazaar: Any) -> None:
    town = new_town()
    town.see(bazaar.listing(), bazaar.listing(id="2", currency="INR"), bazaar.listing(id="3", currency="INR"))
    town.publish()

    assert any(said.startswith("2 observations in INR are left out") for said in town.said)


def test_a_failed_run_leaves_the_last_snapshot_and_the_next_one_goes_on(
    new_town: Callable[[], Any], bazaar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = new_town()
    town.see(*bazaar.listings(12))
    first = town.publish()
    town.see(*bazaar.listings(3, first=12))
    with monkeypatch.context() as patch:
        patch.setattr("flows.pipeline.learn", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            town.publish()
    assert snapshot.current(town.home).id == first.id

    second = town.publish()

    assert open_valuer(second).last_day == open_valuer(first).last_day + 3
    assert not list(town.home.work.glob("*"))


def test_a_few_listings_are_valued_by_comparables_alone(new_town: Callable[[], Any], bazaar: Any) -> None:
    town = new_town()
    town.see(*(bazaar.listing(id=str(n), price=Decimal(80 + n), observed_at=bazaar.noon(n)) for n in range(5)))

    valuer = open_valuer(town.publish())
    answer = valuer.value(ValuationRequest(text="makita drill dhp453"))

    assert answer.model == "comparables"
    assert 80 <= float(answer.fmv or 0) <= 84
    assert answer.confidence == "D"
    assert "wide guess" in answer.narrative


def test_the_end_of_a_small_snapshots_data_keeps_its_answer_when_more_comes(
    new_town: Callable[[], Any], bazaar: Any
) -> None:
    town = new_town()
    town.see(*bazaar.listings(13))  # enough for a vintage at the data's end, too few for one at a month's end
    asked = ValuationRequest(text="Trek Marlin 5 mountain bike", as_of=bazaar.day(12))
    first = open_valuer(town.publish()).value(asked)
    town.see(*bazaar.listings(22, first=13, level=lambda day: 2.0))

    second = open_valuer(town.publish()).value(asked)

    assert first.model != "comparables"
    assert (second.fmv, second.low, second.high, second.base) == (first.fmv, first.low, first.high, first.base)
    assert (second.factors, second.model) == (first.factors, first.model)


def test_a_run_with_the_same_data_learns_nothing_anew(new_town: Callable[[], Any], bazaar: Any) -> None:
    town = new_town()
    town.see(*bazaar.listings(28))
    first = town.publish()
    town.said.clear()

    second = town.publish()

    assert not any(said.startswith("learning from") for said in town.said)
    assert [each["key"] for each in second.manifest["vintages"]] == [each["key"] for each in first.manifest["vintages"]]
    assert snapshot.verify(second) is None

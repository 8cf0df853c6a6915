from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger.books.canonical import canonical
from ledger.books.errors import Tampered
from ledger.policy import dated as policy
from ledger.trading import fmv
from ledger.trading.fairness import Worth, weigh
from warehouse.valuation import Valuation

POLICY = policy.read().on(date(2026, 11, 14))
Make = Callable[..., Valuation]


def test_a_record_is_the_whole_valuation(make_valuation: Make) -> None:
    made = make_valuation("drill", "45.00")
    record, read = fmv.of_valuation(made.canonical_json(), POLICY)

    assert read == made
    assert record.content == made.canonical_json()
    assert record.snapshot == made.snapshot
    assert fmv.fair(record, Decimal("2.5"), POLICY) == fmv.Fair(112_50, 90_00, 140_63 - 1)  # 140.625, half to even


def test_an_unknown_value_is_a_record_as_well(make_valuation: Make) -> None:
    record, _ = fmv.of_valuation(make_valuation("portrait", None).canonical_json(), POLICY)

    assert fmv.fair(record, Decimal(1), POLICY) == fmv.Fair(None, None, None)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fmv": "45.01"}, "its base and factors give 45.00"),
        ({"base": "22.600000"}, "its base and factors give 45.20"),
        ({"base": None}, "without a base"),
        ({"base": "much"}, "not a number"),
        ({"low": "45.01"}, "does not hold its value"),
        ({"high": "44.99"}, "does not hold its value"),
        ({"low": "-1.00"}, "does not hold its value"),
        ({"fmv": None}, "neither a value nor a reason"),
        ({"fmv": 45}, "not a valuation"),
        ({"colour": "red"}, "not a valuation"),
    ],
)
def test_a_valuation_whose_numbers_are_not_its_computation_is_never_frozen(
    make_valuation: Make, wrong: dict[str, Any], told: str
) -> None:
    content = json.loads(make_valuation("drill", "45.00").canonical_json())
    altered = json.dumps({**content, **wrong}, sort_keys=True, separators=(",", ":")).encode()

    with pytest.raises(Tampered, match=told):
        fmv.of_valuation(altered, POLICY)
    with pytest.raises(Tampered, match=told):
        fmv.check("valuation", altered)


def test_other_bytes_of_the_same_valuation_are_not_the_record(make_valuation: Make) -> None:
    with pytest.raises(Tampered, match="canonical"):
        fmv.of_valuation(make_valuation("drill", "45.00").canonical_json() + b" ", POLICY)


@pytest.mark.parametrize(
    ("kind", "change"),
    [("k_rate", {"fmv": "0.51"}), ("k_rate", {"amount": 51}), ("time_rate", {"minutes": 91}), ("gold", {})],
)
def test_the_arithmetic_of_a_rate_is_done_again(kind: str, change: dict[str, Any]) -> None:
    record = fmv.of_time(90, POLICY) if kind == "time_rate" else fmv.of_k(50, POLICY)
    fmv.check(record.kind, record.content)

    with pytest.raises(Tampered):
        fmv.check(kind, canonical({**json.loads(record.content), **change}))


@pytest.mark.parametrize("number", [1, 3, 52])
def test_an_amount_given_many_times_keeps_its_frozen_rate(number: int) -> None:
    for record, again in (
        (fmv.of_k(333, POLICY), fmv.of_k(333 * number, POLICY)),
        (fmv.of_time(7, POLICY), fmv.of_time(7 * number, POLICY)),
        (fmv.of_cash(Decimal("2.50"), POLICY), fmv.of_cash(Decimal("2.50") * number, POLICY)),
    ):
        many = fmv.times(record, number)
        assert many == again
        fmv.check(many.kind, many.content)


def test_money_is_never_written_down_as_a_float() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical({"legs": [{"amount": 0.5}]})


def worth(fair: int | None, declared: int | None = None, spread: int = 10) -> Worth:
    low, high = (None, None) if fair is None else (fair - spread, fair + spread)
    return Worth(description="thing", fair=fair, low=low, high=high, declared=declared)


@pytest.mark.parametrize(
    ("one", "other", "gap", "asks"),
    [(100, 100, "0.0", False), (100, 70, "30.0", False), (70, 100, "30.0", False), (1000, 699, "30.1", True)],
)
def test_more_than_thirty_percent_apart_asks_for_a_reason(one: int, other: int, gap: str, asks: bool) -> None:
    found = weigh([worth(one)], [worth(other)], 30)

    assert (found.gap_percent, found.asks_reason, bool(found.notices)) == (gap, asks, asks)


def test_declaring_another_value_does_not_make_a_trade_fair() -> None:
    found = weigh([worth(1000)], [worth(500, declared=1000)], 30)

    assert found.gap_percent == "50.0"
    assert len(found.notices) == 2


def test_intervals_that_touch_overlap() -> None:
    assert weigh([worth(100)], [worth(120)], 30).overlap is True
    assert weigh([worth(100)], [worth(121)], 30).overlap is False
    assert weigh([worth(100)], [worth(None, declared=100)], 30).overlap is None


def test_things_worth_nothing_are_fairly_traded_for_nothing() -> None:
    assert weigh([worth(0)], [worth(0)], 30).ratio == "1.0000"
    assert weigh([worth(0, declared=5)], [worth(5)], 30).asks_reason

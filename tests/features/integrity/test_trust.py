"""Trust in the rows of a market: nobody is silenced, nothing is known before its day, arranged things are found."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.integrity.flags import FACTORS
from features.integrity.report import findings
from features.integrity.trust import Trust
from features.market import finish

DRILL = "makita dhp453 drill 18v"


def sale(
    day: int, seller: str, factor: float = 1.0, *, kind: str = "sold", buyer: str = "", **more: Any
) -> dict[str, Any]:
    known = {
        "day": day, "seller": seller, "ln_price": math.log(90 * factor), "kind": kind, "title": DRILL,
        "product": "drill", "attributes": json.dumps({"buyer": buyer} if buyer else {}),
    }  # fmt: skip
    return {**known, **more}


def market(*sales: dict[str, Any]) -> pd.DataFrame:
    rows = pd.DataFrame(sales)
    plain = {"source": "m", "condition": None, "category": "drill", "brand": "", "region": None, "ln_list": math.nan}
    filled = {name: rows[name].fillna(value) if name in rows and value else value for name, value in plain.items()}
    rows = rows.assign(**filled)
    rows["id"] = [f"{number:05}" for number in range(len(rows))]
    return finish(rows.assign(listing=rows["source"] + "/" + rows["id"]))


def honest(days: int = 200, seed: int = 1, level: Any = lambda day: 0.0) -> list[dict[str, Any]]:
    """A sale every other day by one of forty people who also sell saws, a tenth around the level."""
    random = np.random.default_rng(seed)
    out = []
    for day in range(0, days, 2):
        who, noise = f"p{random.integers(40)}", random.normal(0, 0.1)
        what = {"product": "saw", "title": "bosch gks saw"} if random.random() < 0.3 else {}
        out.append(sale(day, who, math.exp(level(day) + noise), **what))
    return out


def ring(day: int, count: int = 6, factor: float = 3.0) -> list[dict[str, Any]]:
    return [sale(day + number // 3, f"new {number}", factor * (1 + 0.01 * number)) for number in range(count)]


def suspected(rows: pd.DataFrame, day: int) -> np.ndarray:
    return Trust(rows).suspected(np.arange(len(rows)), np.full(len(rows), day))


def test_an_honest_market_raises_no_suspicion() -> None:
    assert [flag.message for seed in range(5) for flag in Trust(market(*honest(seed=seed))).flags] == []


def test_a_market_that_moves_with_its_old_sellers_raises_none() -> None:
    storm = market(*honest(level=lambda day: 0.6 if day > 150 else 0.0))

    assert Trust(storm).flags == ()


def test_newcomers_at_three_times_the_price_within_days_are_found_and_the_honest_are_not() -> None:
    rows = market(*honest(), *ring(180))
    trust, theirs = Trust(rows), rows["seller"].str.startswith("new").to_numpy()
    weight = suspected(rows, 199)

    assert {flag.kind for flag in trust.flags} == {"coordinated"}
    assert (weight[theirs] == FACTORS["coordinated"]).all()
    assert (weight[~theirs] == 1.0).all()
    (told,) = findings(trust, 199)
    assert (told.kind, told.about) == ("coordinated", "drill")
    assert "6 sellers" in told.message
    assert "times what others ask" in told.message


def test_accounts_kept_until_they_are_old_are_found_where_others_go_on_at_the_old_price() -> None:
    cover = [
        sale(day, f"new {who}", product=f"lamp {day}", title="lamp", category="lamp")
        for who in range(5)
        for day in (5, 9)
    ]
    stay = [sale(180 + number, f"p{number}") for number in range(6)]

    assert {flag.kind for flag in Trust(market(*honest(), *cover, *ring(180, 5), *stay)).flags} == {"coordinated"}


def test_shops_with_one_list_price_are_no_ring() -> None:
    shops = [sale(180, f"shop {number}", 1.02, kind="asking") for number in range(8)]

    assert Trust(market(*honest(), *shops)).flags == ()


def test_old_sellers_who_come_to_the_new_price_lift_the_suspicion() -> None:
    followed = [sale(186 + 2 * number, f"p{number}", 3.0) for number in range(5)]
    rows = market(*honest(180), *ring(180), *followed)
    (first, *_) = Trust(rows).flags

    assert first.raised < first.lifted < first.raised + 60


def test_a_suspicion_lowers_nothing_before_the_day_it_is_raised() -> None:
    rows = market(*honest(), *ring(180))
    raised = min(flag.raised for flag in Trust(rows).flags)

    assert 180 <= raised <= 182
    assert (suspected(rows, raised - 1) == 1.0).all()


@settings(max_examples=6)
@given(st.integers(0, 5), st.integers(60, 215))
def test_what_comes_later_changes_no_weight_of_an_earlier_day(seed: int, day: int) -> None:
    trades = [sale(100 + 9 * n, f"w{n % 3}", 1.5, buyer=f"w{(n + 1) % 3}") for n in range(6)]
    rows = market(*honest(seed=seed), *ring(90), *ring(180), *trades)
    known = rows[rows["day"] <= day]
    places, days = np.arange(len(known)), np.full(len(known), day)

    np.testing.assert_array_equal(Trust(rows).weights(places, days), Trust(known).weights(places, days))


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 6), st.floats(-3, 3), st.integers(0, 4)), min_size=1, max_size=60
    )
)
def test_weights_lie_in_a_range_that_silences_nobody(sales: list[tuple[int, int, float, int]]) -> None:
    rows = market(*(sale(day, f"s{who}", math.exp(log), buyer=f"s{to}" if to else "") for day, who, log, to in sales))
    weight = Trust(rows).weights(np.arange(len(rows)), np.full(len(rows), 60))

    assert ((weight > 0) & (weight <= 1)).all()


def test_a_newcomer_is_heard_and_an_old_seller_of_many_things_better() -> None:
    old = [sale(day, "old", product=f"p{day}", title="thing", category="thing") for day in range(0, 60, 10)]
    named = [sale(0, f"x{number}") for number in range(5)]
    rows = market(*old, *named, sale(190, "old"), sale(190, "young"))
    weight = dict(zip(rows["seller"], Trust(rows).weights(np.arange(len(rows)), np.full(len(rows), 190)), strict=True))

    assert weight["young"] == pytest.approx(0.4)
    assert 0.85 < weight["old"] <= 1.0


def test_where_nobody_is_named_all_are_equal() -> None:
    rows = market(*(sale(day, f"m/{day}") for day in range(20)))

    assert (Trust(rows).weights(np.arange(20), np.full(20, 20)) == 1.0).all()


def test_an_unnamed_file_out_of_the_blue_does_not_outweigh_the_named() -> None:
    file = [sale(190, f"file/{number}", 3.0, source="file") for number in range(8)]
    rows = market(*honest(), *file)

    weight = Trust(rows).weights(np.arange(len(rows)), np.full(len(rows), 199))
    assert (weight[rows["source"] == "file"] < 0.05).all()


def test_a_pair_that_trades_again_and_again_counts_once() -> None:
    rows = market(*honest(60), *(sale(61 + n, "ann", buyer="bob") for n in range(5)))
    weight = suspected(rows, 70)[rows["seller"] == "ann"]

    assert weight.tolist() == [1.0] + [FACTORS["same_pair"]] * 4


def test_a_circle_and_a_self_trade_are_found() -> None:
    circle = [sale(10 + n, "abc"[n], buyer="bca"[n]) for n in range(3)]
    rows = market(*circle, sale(20, "ann", buyer="ann"), sale(21, "zoe", buyer="yan"))

    assert {flag.kind for flag in Trust(rows).flags} == {"circle", "self_trade"}
    assert suspected(rows, 30).tolist() == [FACTORS["circle"]] * 3 + [FACTORS["self_trade"], 1.0]


def test_one_thing_sold_dearer_and_dearer_is_found_without_knowing_who_buys() -> None:
    again = [sale(10 + 5 * n, f"a{n % 2}", 1.2**n, look="f0f0:00:11") for n in range(5)]

    assert {flag.kind for flag in Trust(market(*again)).flags} == {"escalation"}


def test_real_sales_raise_no_suspicion() -> None:
    folder = os.environ.get("KATY_TEST_DATA")
    if not folder:
        pytest.skip("KATY_TEST_DATA names no folder of real data")
    table = pd.read_csv(Path(folder) / "listings" / "stockx_sales_2017-09_2018-10.csv.gz").tail(6000)
    price = table["Sale Price"].astype(str).str.replace(r"[$,]", "", regex=True).astype(float)
    day = (pd.to_datetime(table["Order Date"], format="mixed") - pd.Timestamp(0)).dt.days
    rows = pd.DataFrame(
        {"day": day, "title": table["Sneaker Name"], "product": table["Sneaker Name"], "ln_price": np.log(price)}
    )
    rows = rows.assign(
        seller=[f"m/{number}" for number in range(len(rows))], kind="sold", attributes="{}", category="shoe"
    )

    assert Trust(market(*rows.to_dict("records"))).flags == ()


def test_a_far_price_is_no_voice_of_whom_there_must_be_enough() -> None:
    rows = market(
        *(sale(day, f"p{day}", 1 + 0.02 * day) for day in range(5)), *(sale(5, "liar", 3.0) for _ in range(9))
    )
    trust, every = Trust(rows), np.arange(len(rows))

    assert trust.number(every, 5) == 6
    assert trust.number(every, 5, rows["ln_price"].to_numpy(float)) == 5


def test_a_buyer_is_known_under_other_headings() -> None:
    trades = [sale(10 + n, "ann", attributes=json.dumps({"buyer_name": "bob"})) for n in range(4)]

    assert [flag.kind for flag in Trust(market(*trades)).flags] == ["same_pair", "same_pair"]

"""A currency is in trouble where people pay another rate than the official one, and the judgement never looks ahead."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.anchors.paid import pay
from features.anchors.record import write_paid
from features.anchors.trouble import by_day, flip, say, without_slips
from features.market import day_date
from models.knobs import default_knobs
from warehouse import build, database, load, lock
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import FxRate, Listing

RULE = default_knobs().currency
DAYS = list(range(20_000, 20_200))
FLAT = by_day(DAYS, [0.01] * len(DAYS))
NONE = by_day([], [])


def street(premium: Any) -> Any:
    """Parallel quotes that stand by a premium above the flat official rate; `premium` is a function of the day."""
    return by_day(DAYS, [0.01 / (1 + premium(day)) for day in DAYS])


def test_a_premium_is_trouble_from_when_enough_quotes_say_so() -> None:
    paid = pay("ARS", FLAT, street(lambda day: 0.5 if day >= 20_100 else 0.02), [], RULE)

    (period,) = paid.periods
    assert 20_104 <= period.started <= 20_118
    assert period.ended is None
    assert say(period) == "parallel premium up to 50%"
    assert set(paid.rates["kind"]) == {"parallel"}
    assert paid.rates["rate"].to_numpy() == pytest.approx(0.01 / 1.5)
    assert paid.rates["premium"].to_numpy() == pytest.approx(0.5)


def test_between_the_thresholds_it_stays_what_it_was() -> None:
    between = (RULE.premium_enter + RULE.premium_leave) / 2
    after_calm = pay("ARS", FLAT, street(lambda day: 0.01 if day < 20_100 else between), [], RULE)
    after_trouble = pay("ARS", FLAT, street(lambda day: 0.40 if day < 20_100 else between), [], RULE)

    assert after_calm.periods == []
    assert after_trouble.periods[0].ended is None
    assert flip(np.asarray([0, 0.2, 0.07, 0.04, 0.07]), 0.1, 0.05).tolist() == [False, True, True, False, False]


def test_five_wild_quotes_do_nothing_and_a_slip_is_never_paid() -> None:
    wild = pay("ARS", FLAT, street(lambda day: 0.9 if day % 7 == 0 else 0.02), [], RULE)
    slipped = street(lambda day: 9.0 if day == 20_150 else 0.5)

    assert wild.periods == []
    assert 20_150 not in without_slips(slipped, RULE.slip).index
    assert pay("ARS", FLAT, slipped, [], RULE).rates["premium"].max() == pytest.approx(0.5)


def test_a_devaluation_passes_the_watch_for_slips_on_its_second_day() -> None:
    fallen = by_day(DAYS, [0.01 if day < 20_100 else 0.004 for day in DAYS])

    assert sorted(set(DAYS) - set(without_slips(fallen, RULE.slip).index)) == [20_100]


def test_where_the_street_falls_silent_its_premium_is_carried_and_at_last_forgotten() -> None:
    quoted = street(lambda day: 0.5).loc[:20_050]
    later = [*DAYS, *range(20_200, 20_200 + 2 * RULE.carry, 5)]
    sinking = by_day(later, [0.01 if day < 20_100 else 0.005 for day in later])
    paid = pay("ARS", sinking, quoted, [], RULE)
    rates = paid.rates.set_index("observed_on")

    assert rates.loc[20_055, "rate"] == pytest.approx(0.01 / 1.5)
    assert bool(rates.loc[20_150, "carried"])
    assert rates.loc[20_150, "rate"] == pytest.approx(0.005 / 1.5)
    assert 20_050 + RULE.carry - 5 <= rates.index.max() <= 20_050 + RULE.carry
    assert paid.periods[-1].ended is not None


def test_a_wild_or_a_sinking_currency_is_in_trouble_without_any_street() -> None:
    random = np.random.default_rng(1)
    days = list(range(20_000, 20_900))
    calm = by_day(days, np.exp(np.cumsum(random.normal(0, 0.006, len(days)))))
    wild = by_day(days, np.exp(np.cumsum(random.normal(0, 0.06, len(days)))))
    sinking = by_day(days, np.exp(-np.arange(len(days)) * math.log(2.0) / 365))

    assert pay("EUR", calm, NONE, [], RULE).periods == []
    assert "volatility" in pay("XXX", wild, NONE, [], RULE).periods[0].reasons
    assert "crawl" in pay("XXX", sinking, NONE, [], RULE).periods[0].reasons
    assert len(pay("XXX", sinking, NONE, [], RULE).rates) == 0  # nobody says another rate: the official one counts


@settings(max_examples=12)
@given(
    premiums=st.lists(st.floats(-0.2, 1.5), min_size=30, max_size=60),
    cut=st.integers(5, 59),
    gap=st.sampled_from([1, 3, 40]),
)
def test_what_was_judged_of_a_day_never_changes_with_what_comes_later(
    premiums: list[float], cut: int, gap: int
) -> None:
    days = [20_000 + gap * place for place in range(len(premiums))]
    official = by_day(days, [0.01 * 0.99**place for place in range(len(days))])
    parallel = by_day(days, [0.01 / (1 + premium) for premium in premiums])
    whole = pay("ARS", official, parallel, [], RULE)
    last = days[min(cut, len(days) - 1)]
    known = pay("ARS", official.loc[:last], parallel.loc[:last], [], RULE)

    assert known.said.equals(whole.said.loc[:last])
    past = whole.rates[whole.rates["observed_on"] <= last].reset_index(drop=True)
    assert known.rates.astype(str).equals(past.astype(str))


@pytest.fixture
def core(tmp_path: Path, bazaar: Any) -> Iterator[Any]:
    """Lands rows, loads them and builds the core as a run does; gives the connection."""
    home = Home(tmp_path)

    def built(*rows: Listing | FxRate) -> Any:
        now = bazaar.noon(400)
        for number, source in enumerate(sorted({row.source for row in rows})):
            run = new_run(now + timedelta(seconds=number))
            land(home, [replace(row, run=run) for row in rows if row.source == source], source=source, run=run, now=now)
        connection = database.open_writer(home)
        load.load(connection, home, now)
        judge(connection, "USD")
        build.build_mart(connection)
        return connection

    with lock.writer(home, lambda text: None):
        yield built


def judge(connection: Any, anchor: str) -> None:
    build.build_rates(connection, anchor)
    write_paid(connection, anchor, RULE)
    build.build_core(connection, anchor)


def rate(day: date, amount: str, kind: str = "official", base: str = "USD", quote: str = "ARS") -> FxRate:
    return FxRate(
        source="street" if kind == "parallel" else "bank", base=base, quote=quote, kind=kind, rate=Decimal(amount),
        observed_on=day, run="", row=1, found_at="rates.csv",
    )  # fmt: skip


def pesos(bazaar: Any) -> list[FxRate]:
    """A peso at 100 officially; the street pays 102, from day 40 on 200, and from day 120 on 101 again."""
    paid = ["102"] * 40 + ["200"] * 80 + ["101"] * 60
    return [rate(bazaar.day(day), "100") for day in range(180)] + [
        rate(bazaar.day(day), amount, "parallel") for day, amount in enumerate(paid)
    ]


def test_a_listing_in_a_currency_in_trouble_is_priced_through_the_street_and_before_through_the_bank(
    bazaar: Any, core: Any
) -> None:
    sold = [
        bazaar.listing(id=f"day {day}", currency="ARS", price=Decimal(1000), observed_at=bazaar.noon(day))
        for day in (10, 60, 100, 170)
    ]
    euros = [rate(bazaar.day(day), "2", base="EUR", quote="USD") for day in range(0, 180, 5)]
    connection = core(*sold, *pesos(bazaar), *euros)
    found = dict(connection.execute("SELECT id, round(price_anchor, 6) FROM core.observation").fetchall())
    trouble = connection.execute("SELECT currency, ended IS NULL, why FROM mart.currency_trouble").fetchall()
    now = connection.execute("SELECT kind, rate FROM mart.fx_rate WHERE currency = 'ARS' ORDER BY observed_on DESC")
    ended = now.fetchone()
    # With another anchor the street is reached through the official rate of its other side.
    judge(connection, "EUR")
    in_euros = dict(connection.execute("SELECT id, round(price_anchor, 6) FROM core.observation").fetchall())
    connection.close()

    assert found == {"day 10": 10.0, "day 60": 5.0, "day 100": 5.0, "day 170": 10.0}
    assert trouble == [("ARS", False, "parallel premium up to 100%")]
    assert ended == ("official", pytest.approx(0.01))
    assert in_euros == {day: price / 2 for day, price in found.items()}


@pytest.mark.skipif(not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files")
def test_argentina_is_told_within_two_months_of_each_turn_of_its_controls() -> None:
    from bench.currency import detection, read_rates

    folder = Path(os.environ["KATY_TEST_DATA"]) / "fx"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    paid = pay(
        "ARS", read_rates(folder, "ars_usd_official*.csv"), read_rates(folder, "ars_usd_blue*.csv"), [], RULE
    )  # fmt: skip

    assert all(0 <= turn["lag"] <= 62 for turn in detection(paid, "ARS"))
    told = [day for day, on in paid.said["premium"].items() if on]
    assert {day_date(day).year for day in told} == {*range(2011, 2017), *range(2019, 2023)}

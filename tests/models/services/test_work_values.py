"""What work is worth: published wages, seen prices, skill; and what must always hold."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.market import day_number
from models.answers.currency import Rates
from models.knobs import default_knobs
from models.services.asked import work_of
from models.services.given import Given
from models.services.observed import Observed, default_overhead, observed_work, shrunk
from models.services.skill import Skill, percentile, points, read_skill
from models.services.wages import Paid, Wages, read_wages
from models.services.work import answer_work
from warehouse.valuation import FACTOR_ORDER, Valuation, ValuationRequest, recompute

SAVED = Path(__file__).parents[2] / "spiders/sources/bls_oews/releases/expected.jsonl"
MAY = date(2025, 5, 1)
SHAPE = {10: 0.65, 25: 0.8, 50: 1.0, 75: 1.3, 90: 1.7}


def paid(code: str, title: str, hour: float, region: str = "US") -> Paid:
    return Paid(code, title, region, MAY, "USD", "bureau", 100, {at: hour * share for at, share in SHAPE.items()})


def wages(*known: Paid, series: dict[str, Any] | None = None) -> Wages:
    out: dict[str, dict[str, tuple[Paid, ...]]] = {}
    for each in known:
        out.setdefault(each.occupation, {})[each.region] = (each,)
    return Wages(out, series or {})


TUTORS, BARBERS, BIKES = (
    paid("25-3041", "Tutors", 20.0),
    paid("39-5011", "Barbers", 18.0),
    paid("49-3091", "Bikes", 19.0),
)
RATES = Rates("USD", [("EUR", date(2026, 1, 1), 1.25)])


@pytest.fixture(scope="module")
def ask(bazaar: Any) -> Any:
    """Values a text on a day, with these wages and listings."""
    nothing = bazaar.table([bazaar.listing()])

    def value(
        text: str, known: Wages, listings: Sequence[Any] = (), *, day: int = 60, **fields: Any
    ) -> Valuation:  # fmt: skip
        rows: pd.DataFrame = bazaar.table(listings) if listings else nothing
        observed = observed_work(rows, known, RATES, default_knobs().services)
        request = ValuationRequest(text=text, **fields)
        work = work_of(text, request.attributes)
        assert work is not None, text
        answer = answer_work(
            request, work, day_number(bazaar.day(day)), observed, RATES, None, Given("s", "c", "USD", rows, 12, 0.9)
        )
        if answer.base is not None:
            assert str(recompute(answer.base, answer.factors, answer.currency)) == answer.fmv
            assert [each.name for each in answer.factors] == list(FACTOR_ORDER)
        return answer

    return value


def offers(bazaar: Any, title: str, price: float, sellers: int, **fields: Any) -> list[Any]:
    return [
        bazaar.listing(id=f"{title}{price}{n}", title=title, price=Decimal(str(price)), seller=f"{title}{n}", **fields)
        for n in range(sellers)
    ]


@pytest.fixture(scope="module")
def published_wages() -> Wages:
    """What the agent makes of saved tables of the Bureau of Labor Statistics."""
    columns = "occupation title region period currency source employment p10 p25 median p75 p90 mean".split()
    said = [json.loads(line) for line in SAVED.read_text("utf-8").splitlines()]
    rows = [{name: each.get(name) for name in columns} | {"source": "bls_oews"} for each in said
            if each.get("record") == "wage_rate"]  # fmt: skip
    frame = pd.DataFrame(rows)
    assert len(frame) > 3
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA mart")
    figures = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in columns[7:])
    connection.execute(
        f"CREATE TABLE mart.wage_rate AS SELECT occupation, title, region, CAST(period AS DATE) AS period, currency, "
        f"source, CAST(employment AS BIGINT) AS employment, {figures} FROM frame"
    )
    connection.execute(
        "CREATE TABLE mart.price_series "
        "(series VARCHAR, period DATE, days INT, value DOUBLE, title VARCHAR, source VARCHAR)"
    )
    return read_wages(connection)


def test_published_wages_are_read_with_their_spread(published_wages: Wages) -> None:
    found = published_wages.of("47-2111", "US-MO", date(2026, 1, 1))

    assert found is not None
    assert (found.paid.title, found.paid.hour) == ("Electricians", 29.61)
    assert found.paid.at(50) == pytest.approx(0)
    assert math.exp(found.paid.at(90) or 0) == pytest.approx(50.82 / 29.61)
    assert "no wages of this work are known in US-MO" in found.said
    assert published_wages.of("47-2111", "US", date(2025, 4, 30)) is None
    assert published_wages.of("47-2111", "FR-IDF", date(2026, 1, 1)) is None


def test_an_hour_of_published_work_is_wage_times_overhead(ask: Any, published_wages: Wages) -> None:
    answer = ask("electrician, 2 hours", published_wages)

    assert float(answer.fmv) == pytest.approx(2 * 29.61 * default_overhead(), rel=1e-3)
    assert Decimal(answer.low) < Decimal(answer.fmv) < Decimal(answer.high)
    assert answer.confidence == "C" or answer.confidence == "D"
    for said in ("29.61 USD an hour", "May 2025", "not measured", "2 hours"):
        assert said in answer.narrative


def test_seen_prices_take_over_with_their_number_and_no_seller_counts_twice(ask: Any, bazaar: Any) -> None:
    known, title = wages(TUTORS), "Math tutoring, per hour"
    at = [float(ask("tutoring", known, offers(bazaar, title, 60, n)).fmv) for n in (1, 3, 10, 60)]
    one = offers(bazaar, title, 60, 1)
    again = [bazaar.listing(id=f"again{n}", title=title, price=Decimal(60), seller=one[0].seller) for n in range(30)]

    assert 20 * default_overhead() < at[0] < at[1] < at[2] < at[3] < 60
    assert at[3] == pytest.approx(60, rel=0.03)
    assert float(ask("tutoring", known, one + again).fmv) == pytest.approx(at[0])


def test_one_wild_seller_hardly_moves_it(ask: Any, bazaar: Any) -> None:
    fair = offers(bazaar, "Math tutoring, per hour", 50, 8)
    wild = [bazaar.listing(id=f"w{n}", title="Tutor, hourly", price=Decimal(150), seller="wild") for n in range(9)]

    before, after = (float(ask("tutoring", wages(TUTORS), rows).fmv) for rows in (fair, fair + wild))
    assert after == pytest.approx(before, rel=0.03)


def test_trades_of_the_community_teach_like_sales_and_only_afterwards(ask: Any, bazaar: Any) -> None:
    known = wages(BARBERS)
    traded = offers(bazaar, "Men's haircut at my shop", 30, 12, kind="traded", observed_at=bazaar.noon(40))
    sold = offers(bazaar, "Men's haircut at my shop", 30, 12, kind="sold", observed_at=bazaar.noon(40))

    assert ask("haircut", known, traded).fmv == ask("haircut", known, sold).fmv
    assert ask("haircut", known, traded, day=39).fmv == ask("haircut", known).fmv
    answer = ask("haircut", known, traded)
    assert [each.kind for each in answer.comparables] == ["traded"] * 12
    assert float(ask("haircut", known).fmv) < float(answer.fmv) < 30


def test_prices_alone_do_where_no_wage_is_known(ask: Any, bazaar: Any) -> None:
    answer = ask("haircut", Wages(), offers(bazaar, "Men's haircut at my shop", 30, 5))

    assert float(answer.fmv) == pytest.approx(30)
    assert "No wage of this occupation" in answer.narrative


def test_without_wage_or_price_it_is_unknown_and_says_what_would_help(ask: Any) -> None:
    answer = ask("3 hours of tutoring", Wages())

    assert (answer.fmv, answer.reason) == (None, "nothing_comparable")
    assert "katy collect bls_oews" in answer.narrative


def test_region_and_currency_are_factors(ask: Any) -> None:
    known = wages(TUTORS, paid("25-3041", "Tutors", 24.0, "US-NY"))
    here, there = ask("tutoring", known), ask("tutoring", known, region="US-NY")
    euros = ask("tutoring", known, currency="EUR")

    assert float(there.fmv) / float(here.fmv) == pytest.approx(1.2, rel=1e-3)
    assert {each.name: each.value for each in there.factors}["region"] == "1.200000"
    assert float(euros.fmv) == pytest.approx(float(here.fmv) * 0.8, rel=1e-3)


def test_a_region_without_the_occupation_stands_by_the_others(ask: Any) -> None:
    codes = ("11-1011", "11-1021", "11-2011", "11-2021", "11-2022")
    others = [paid(code, code, hour, region) for code in codes for hour, region in ((20.0, "US"), (18.0, "US-MO"))]
    answer = ask("tutoring", wages(TUTORS, *others), region="US-MO")

    assert {each.name: each.value for each in answer.factors}["region"] == "0.900000"


def test_wages_go_with_their_series_from_their_month_on(ask: Any) -> None:
    name = "CES0500000003"
    known = ((date(2025, 5, 31), 30.0, "Earnings", "bls"), (date(2026, 1, 31), 33.0, "Earnings", "bls"))
    moved, early = (
        ask("tutoring", wages(TUTORS, series={name: known}), day=day) for day in (60, 5)
    )  # fmt: skip

    assert {each.name: each.value for each in moved.factors}["trend"] == "1.100000"
    assert {each.name: each.value for each in early.factors}["trend"] == "1.000000"


@settings(max_examples=15)
@given(st.floats(0.25, 60), st.floats(0.25, 60))
def test_more_hours_never_cost_less(ask: Any, one: float, other: float) -> None:
    known = wages(TUTORS)
    fewer, more = (ask("tutoring", known, attributes={"hours": f"{each:.2f}"}) for each in sorted((one, other)))

    assert Decimal(fewer.fmv) <= Decimal(more.fmv)
    assert Decimal(fewer.high) <= Decimal(more.high)


skills = st.builds(
    Skill, years=st.floats(0, 50), certified=st.booleans(), portfolio=st.booleans(), score=st.floats(0, 1)
)


@given(skills, skills)
def test_more_skill_never_costs_less_and_stays_within_the_occupation(one: Skill, other: Skill) -> None:
    pairs = [("years", "certified", "portfolio", "score")]
    least = Skill(*(min(getattr(one, name), getattr(other, name)) for name in pairs[0]))
    most = Skill(*(max(getattr(one, name), getattr(other, name)) for name in pairs[0]))

    assert points(least) <= points(most)
    assert 10 <= percentile(least) <= percentile(most) <= 90
    low, high = TUTORS.at(percentile(least)), TUTORS.at(percentile(most))
    assert low is not None
    assert high is not None
    assert math.log(SHAPE[10]) - 1e-9 <= low <= high <= math.log(SHAPE[90]) + 1e-9


def test_skill_is_read_on_its_stated_scale() -> None:
    assert read_skill({"xdmiq": "72"}).score == pytest.approx(0.72)
    assert read_skill({"skill_score": "72/80"}).score == pytest.approx(0.9)
    assert read_skill({"xdmiq": "600", "xdmiq_scale": "200-800"}).score == pytest.approx(2 / 3)
    assert read_skill({"experience": "8+ years", "certified": "no"}) == Skill(8.0, said=("8 years of experience",))
    assert not read_skill({"colour": "red"}).stated
    assert percentile(Skill()) == 50


def test_skill_moves_a_value_along_the_wages_of_its_occupation(ask: Any) -> None:
    known = wages(BIKES)
    plain = ask("bike repair", known)
    skilled = ask("bike repair", known, attributes={"experience": "15 years", "certified": "yes", "portfolio": "yes"})

    assert 1.3 < float(skilled.fmv) / float(plain.fmv) <= 1.7
    assert skilled.subject.understood["skill"]["percentile"] > 80


@given(st.floats(-5, 5), st.floats(0, 1e6), st.floats(-5, 5), st.floats(0.1, 100))
def test_shrinkage_lies_between(median: float, n: float, above: float, kappa: float) -> None:
    drawn = shrunk(median, n, above, kappa)

    assert min(median, above) - 1e-9 <= drawn <= max(median, above) + 1e-9


def test_an_observed_table_without_work_is_empty(bazaar: Any) -> None:
    assert isinstance(
        observed_work(bazaar.table([bazaar.listing()]), Wages(), RATES, default_knobs().services), Observed
    )

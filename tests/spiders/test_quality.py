"""Alarms: what is wrong is found, and what is well is left alone. Both are counted on simulated sources."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.agent.quality import alarms_of, stale
from warehouse.records import RunReport

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 4, tzinfo=UTC)
FIELDS = {
    "title": 1.0,
    "url": 1.0,
    "image": 0.95,
    "brand": 0.9,
    "condition": 0.7,
    "category": 0.5,
    "gtin": 0.2,
    "mpn": 0.02,
}
Fault = Callable[["SimulatedSource"], None]


class SimulatedSource:
    """A site read once a day: its rows, fields and prices vary by chance, and from day to day by more than chance."""

    def __init__(self, rows: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.rows, self.day = rows, 0
        self.cover = dict(FIELDS)
        self.restless = self.random.uniform(40, 200)
        self.spread = self.random.uniform(0.3, 1.4)
        self.middle = math.exp(self.random.normal(4, 1.5))
        self.on_page = float(self.random.choice([1, 24, 60]))
        self.factor, self.euros, self.first_path = 1.0, float(self.random.choice([0.0, 0.03])), 0.97
        self.ambiguous, self.refused = 0.01, 0.03

    def share(self, usual: float) -> float:
        """A share of a day: around the usual one, with the days' own differences."""
        if usual in (0.0, 1.0):
            return usual
        return float(self.random.beta(usual * self.restless, (1 - usual) * self.restless))

    def count(self, rows: int, usual: float) -> int:
        return int(self.random.binomial(rows, self.share(usual)))

    def run(self) -> RunReport:
        rows = max(1, int(self.random.poisson(self.rows * self.random.lognormal(0, 0.15))))
        refused, ambiguous = self.count(rows, self.refused), self.count(rows, self.ambiguous)
        landed = max(1, rows - refused - ambiguous)
        euros = self.count(landed, self.euros)
        first = self.count(landed, self.first_path)
        pages = max(1, round(rows / (self.on_page * self.random.lognormal(0, 0.05))))
        detail: dict[str, Any] = {
            "coverage": {name: self.count(landed, share) / landed for name, share in self.cover.items()},
            "pages": pages, "price_paths": {"jsonld": first, "selector": landed - first},
            "prices": {code: self.prices(n) for code, n in (("USD", landed - euros), ("EUR", euros)) if n},
            "signs": {"ambiguous": ambiguous} if ambiguous else {},
        }  # fmt: skip
        return self.report(rows, landed, refused + ambiguous, **detail)

    def prices(self, n: int) -> dict[str, float]:
        day = self.random.normal(0, 0.05)
        seen = self.middle * self.factor * np.exp(self.random.normal(day, self.spread, n))
        low, middle, high = np.quantile(seen, [0.1, 0.5, 0.9], method="nearest")
        return {"n": n, "p10": float(low), "median": float(middle), "p90": float(high)}

    def report(self, read: int, landed: int, refused: int, verdict: str = "complete", **detail: Any) -> RunReport:
        self.day += 1
        at = START + self.day * DAY
        said = {"verdict": verdict, "why": "because", "base": "https://shop.example/", **detail}
        return RunReport(
            source="shop.example", run=f"run-{self.day:05}", row=0, of_record="listing", found_at="https://shop.example/",
            started_at=at, ended_at=at + timedelta(minutes=5), rows_read=read, rows_landed=landed,
            rows_quarantined=refused, detail_json=json.dumps(said),
        )  # fmt: skip


def found_in(source: SimulatedSource, history: list[RunReport]) -> list[tuple[str, str]]:
    return [(one.kind, one.about) for one in alarms_of(source.run(), history, cadence=DAY)]


@pytest.mark.parametrize("rows", [5, 20, 60, 300, 3_000])
def test_fewer_than_one_healthy_run_in_a_hundred_is_an_alarm(rows: int) -> None:
    wolves, runs = 0, 0
    for seed in range(100):
        source = SimulatedSource(rows, seed)
        history = [source.run() for _ in range(1 + seed % 12)]
        for _ in range(5):
            report = source.run()
            wolves += bool(alarms_of(report, history, cadence=DAY))
            history.append(report)
            runs += 1
    print(f"\n{rows} rows: {wolves} alarms in {runs} healthy runs")
    assert wolves / runs < 0.01


def no_brand(source: SimulatedSource) -> None:
    source.cover = source.cover | {"brand": 0.3}


def half_a_page(source: SimulatedSource) -> None:
    source.on_page /= 2
    source.rows //= 2


def cents(source: SimulatedSource) -> None:
    source.factor = 100.0


def elsewhere(source: SimulatedSource) -> None:
    source.euros = 0.95


def markup_moved(source: SimulatedSource) -> None:
    source.first_path = 0.02


def two_prices(source: SimulatedSource) -> None:
    source.ambiguous = 0.5


FAULTS: dict[str, tuple[Fault, tuple[str, str]]] = {
    "coverage of a field from 90 % to 30 %": (no_brand, ("coverage", "brand")),
    "half as many rows on a page": (half_a_page, ("fewer_records", "page")),
    "cents read as dollars": (cents, ("price_jump", "USD")),
    "prices in another currency": (elsewhere, ("currency", "EUR")),
    "the price is no longer in the JSON-LD": (markup_moved, ("drift", "price path")),
    "every second row has two prices": (two_prices, ("ambiguous", "rows")),
}
# The least power in runs of so many rows, after ten good ones. Half of the rows of a single page can be chance.
POWER = {5: 0.0, 20: 0.6, 60: 0.9, 300: 0.95, 3_000: 0.97}
OF_FEW_PAGES = {5: 0.0, 20: 0.1, 60: 0.5, 300: 0.9, 3_000: 0.97}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_in_the_run_it_comes_in(fault: str) -> None:
    change, expected = FAULTS[fault]
    told = []
    for rows, least in (OF_FEW_PAGES if change is half_a_page else POWER).items():
        hits = 0
        for seed in range(50):
            source = SimulatedSource(rows, 1_000 + seed)
            history = [source.run() for _ in range(10)]
            change(source)
            hits += expected in found_in(source, history)
        told.append(f"{rows} rows: {hits / 50:.0%}")
        assert hits / 50 >= least, f"{fault} at {rows} rows"
    print(f"\n{fault}: {', '.join(told)}")


# --- what is said, and when nothing is ------------------------------------------------------------------------------


@pytest.fixture
def source() -> SimulatedSource:
    return SimulatedSource(300, 7)


@pytest.fixture
def history(source: SimulatedSource) -> list[RunReport]:
    return [source.run() for _ in range(10)]


def test_cents_read_as_dollars_are_named_with_both_prices_and_the_likely_reason(
    source: SimulatedSource, history: list[RunReport]
) -> None:
    cents(source)
    (jump,) = alarms_of(source.run(), history, cadence=DAY)
    assert (jump.kind, jump.about, jump.severity) == ("price_jump", "USD", "error")
    assert "times higher than" in jump.message
    assert "cents" in jump.message
    assert 80 < jump.detail["factor"] < 125


def test_a_third_of_the_prices_misread_shows_in_the_dearest_tenth(source: SimulatedSource) -> None:
    usual = {"n": 300, "p10": 10.0, "median": 30.0, "p90": 90.0}
    detail = {"pages": 10, "prices": {"USD": usual}}
    history = [source.report(300, 300, 0, **detail) for _ in range(5)]
    now = source.report(300, 300, 0, pages=10, prices={"USD": usual | {"median": 34.0, "p90": 5_000.0}})
    (jump,) = alarms_of(now, history, cadence=DAY)
    assert jump.message.startswith("the price of the highest tenth in USD is 5000, 55.6 times higher than 90")


@pytest.mark.parametrize("verdict", ["blocked", "unreachable", "failed", "empty"])
def test_a_run_that_got_nothing_is_an_alarm_of_its_own_kind(
    source: SimulatedSource, history: list[RunReport], verdict: str
) -> None:
    first = source.report(0, 0, 0, verdict, why="status 403")
    (found,) = alarms_of(first, history, cadence=DAY)
    assert (found.kind, found.about) == (verdict, "site")
    assert "status 403" in found.message
    assert found.severity == ("warning" if verdict == "unreachable" else "error")
    (again,) = alarms_of(source.report(0, 0, 0, verdict), [*history, first], cadence=DAY)
    assert again.severity == "error"


def test_a_login_wall_is_not_called_a_mere_block(source: SimulatedSource, history: list[RunReport]) -> None:
    report = source.report(0, 0, 0, "blocked", pages=3, signs={"login_wall": 3})
    assert [one.kind for one in alarms_of(report, history, cadence=DAY)] == ["login_wall"]


def test_some_pages_behind_a_wall_are_an_alarm_of_a_run_that_read_the_others(
    source: SimulatedSource, history: list[RunReport]
) -> None:
    few = source.report(300, 300, 0, "partly", pages=100, signs={"block": 2})
    many = source.report(300, 300, 0, "partly", pages=100, signs={"block": 30})
    assert "blocked" not in [one.kind for one in alarms_of(few, history, cadence=DAY)]
    assert "30 of 100 pages look like a block" in [one.message for one in alarms_of(many, history, cadence=DAY)]


def test_a_reader_that_fell_back_is_believed_at_once(source: SimulatedSource) -> None:
    report = source.report(20, 20, 0, pages=1, signs={"drift": 1})
    (found,) = alarms_of(report, [], cadence=DAY)
    assert (found.kind, found.about) == ("drift", "page")


def test_the_first_run_is_an_alarm_only_where_most_rows_are_refused(source: SimulatedSource) -> None:
    assert alarms_of(source.run(), [], cadence=DAY) == []
    report = source.report(100, 40, 60, pages=4, quarantined={"no_currency": 60})
    (found,) = alarms_of(report, [], cadence=DAY)
    assert found.message == "60% of 100 rows were not believed (60 no_currency)"


def test_a_run_under_an_alarm_is_no_measure_for_the_next(source: SimulatedSource, history: list[RunReport]) -> None:
    no_brand(source)
    bad = [source.run() for _ in range(8)]
    assert found_in(source, [*history, *bad]) == []
    kept = alarms_of(source.run(), [*history, *bad], cadence=DAY, troubled={one.run for one in bad})
    assert [(one.kind, one.about) for one in kept] == [("coverage", "brand")]


def test_another_part_of_the_site_is_not_held_against_this_one(
    source: SimulatedSource, history: list[RunReport]
) -> None:
    cents(source)
    elsewhere = json.loads(source.run().detail_json) | {"base": "https://shop.example/jewels"}
    report = source.report(300, 300, 0, **elsewhere)
    assert alarms_of(report, history, cadence=DAY) == []


def test_an_interrupted_run_and_an_imported_file_say_nothing(source: SimulatedSource, history: list[RunReport]) -> None:
    assert alarms_of(source.report(0, 0, 0, "interrupted"), history, cadence=DAY) == []
    assert alarms_of(source.report(10, 0, 10, ""), history, cadence=DAY) == []


# --- staleness ------------------------------------------------------------------------------------------------------


def test_a_source_is_stale_after_three_cadences_without_a_good_run(source: SimulatedSource) -> None:
    good = source.run()
    end = good.ended_at
    assert stale([good], DAY, end + 3 * DAY) is None
    found = stale([good, source.report(0, 0, 0, "blocked")], DAY, end + 3.1 * DAY)
    assert found is not None
    assert found.message == "was last read well on 2026-03-02 04:05 UTC, 3.1 days ago; it should be every 24 hours"


def test_nothing_new_of_an_unchanged_source_is_fresh(source: SimulatedSource) -> None:
    runs = [source.run(), *(source.report(0, 0, 0, pages=1, unchanged=1) for _ in range(9))]
    assert stale(runs, DAY, runs[-1].ended_at + DAY) is None


def test_a_source_that_was_never_read_well_is_stale_by_its_first_attempt(source: SimulatedSource) -> None:
    runs = [source.report(0, 0, 0, "unreachable") for _ in range(6)]
    found = stale(runs, DAY, runs[-1].ended_at)
    assert found is not None
    assert found.message.startswith("was never read well since 2026-03-02")
    assert [one.kind for one in alarms_of(runs[-1], runs[:-1], cadence=DAY)] == ["unreachable", "stale"]
    assert stale([], DAY, START) is None


# --- whatever a report says -----------------------------------------------------------------------------------------

SHARES = st.dictionaries(st.sampled_from(["title", "brand"]), st.floats(0, 1))
COUNTS = st.dictionaries(st.sampled_from(["jsonld", "selector", "block", "drift", "ambiguous"]), st.integers(0, 500))
PRICES = st.dictionaries(
    st.sampled_from(["USD", "EUR"]),
    st.fixed_dictionaries({"n": st.integers(0, 2_000)} | dict.fromkeys(("p10", "median", "p90"), st.floats(0, 1e12))),
)
DETAILS = st.fixed_dictionaries(
    {"verdict": st.sampled_from(["complete", "partly", "blocked", "empty", "failed", "unreachable"])},
    optional={
        "coverage": SHARES, "price_paths": COUNTS, "signs": COUNTS, "prices": PRICES, "pages": st.integers(0, 100),
        "unchanged": st.integers(0, 100),
    },
)  # fmt: skip
ROWS = st.tuples(st.integers(0, 3_000), st.integers(0, 3_000))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ROWS, DETAILS), min_size=1, max_size=6), st.randoms())
def test_any_reports_can_be_judged_in_any_order_and_each_thing_is_said_once(runs: Any, random: Any) -> None:
    source = SimulatedSource(1, 1)
    reports = [source.report(sum(rows), *rows, **detail) for rows, detail in runs]
    found = alarms_of(reports[-1], reports[:-1], cadence=DAY)
    mixed = random.sample(reports[:-1], len(reports) - 1)
    assert alarms_of(reports[-1], mixed, cadence=DAY) == found
    assert len({(one.kind, one.about) for one in found}) == len(found)
    json.dumps([dict(one.detail) for one in found], allow_nan=False)


@settings(max_examples=50, deadline=None)
@given(ROWS.filter(lambda rows: rows[0] > rows[1]), DETAILS)
def test_a_run_like_all_before_it_is_no_alarm(rows: tuple[int, int], detail: dict[str, Any]) -> None:
    source = SimulatedSource(1, 1)
    same = {**detail, "verdict": "complete", "signs": {}}
    history = [source.report(sum(rows), *rows, **same) for _ in range(5)]
    assert alarms_of(source.report(sum(rows), *rows, **same), history, cadence=DAY) == []

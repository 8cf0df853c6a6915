"""Learning forward in time: what a vintage and a level know, and that nothing in them knows the future."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.level import category_unit, nearest
from features.market import day_date, day_number
from models.base.blend import DEFAULT, EDGES, Blend, learn_blend
from models.base.gather import gather
from models.base.reference import Reference, own_hedonic
from models.base.trees import Information
from models.level.products import raw_reference, standard_questions
from models.level.state import Learned
from models.training.learn import learn, month_ends
from models.training.store import VintageStore

PAIR = ("Makita DHP453 cordless drill 18V", "Trek Marlin 5 mountain bike")
JUMP, WEEKS = 0.5, 12


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> VintageStore:
    """The vintages of `risen`, for who learns from the same rows again."""
    return VintageStore(tmp_path_factory.mktemp("vintages"))


@pytest.fixture(scope="module")
def risen(bazaar: Any, quick_knobs: Any, kept: VintageStore) -> Learned:
    """A market of two products whose prices rise by half a log in the seventh week and stay there."""
    rows = bazaar.listings(7 * WEEKS, products=PAIR, per_day=5, level=lambda day: JUMP if day >= 42 else 0.0)
    return learn(bazaar.table(rows), quick_knobs, code_version="test", store=kept)


def test_cut_offs_are_month_ends_and_the_datas_own_end(risen: Learned) -> None:
    days = risen.levels.days

    assert [each.cutoff for each in risen.vintages] == [*month_ends(days, 36), int(days[-1])]


@given(st.lists(st.integers(10_000, 12_000), min_size=1, max_size=30), st.integers(1, 40))
def test_month_ends_are_the_last_days_of_months_that_were_over(days: list[int], keep: int) -> None:
    ends = month_ends(np.array(sorted(days)), keep)

    assert ends == sorted(set(ends))
    assert len(ends) <= keep
    assert all(day_date(end + 1).day == 1 and min(days) <= end < max(days) for end in ends)


def test_a_vintage_of_a_day_is_never_one_learned_later(risen: Learned) -> None:
    for day in range(int(risen.levels.days[0]), int(risen.levels.days[-1]) + 1):
        vintage = risen.vintage(day)
        assert vintage is None or vintage.cutoff <= day


def test_the_raw_level_finds_the_rise_and_the_published_one_follows_in_steps(risen: Learned) -> None:
    before, *_, after = [each for each in risen.levels.closed if each.published]

    assert after.raw["all"] - before.raw["all"] == pytest.approx(JUMP, abs=0.1)
    assert after.published["all"] == pytest.approx(after.raw["all"], abs=0.05)
    steps = np.diff([each.published["all"] for each in risen.levels.closed])
    assert steps.max() <= math.log(1.2) + 1e-9


def test_a_products_raw_reference_does_not_lag_behind_its_market(risen: Learned, bazaar: Any) -> None:
    # Comparables of closed weeks enter without their weeks' level: the reference follows the market at once.
    late = day_number(bazaar.day(49))
    for product, title in (("drill-dhp453-18v", PAIR[0]), ("5-bike-marlin-mountain-trek", PAIR[1])):
        history = [each for each in risen.levels.products[product] if each.period >= late]
        assert history
        for each in history:
            assert each.raw == pytest.approx(math.log(bazaar.products[title]) + JUMP, abs=0.14)


def test_a_products_raw_reference_is_reckoned_with_the_settled_levels_of_earlier_weeks(risen: Learned) -> None:
    for product, history in risen.levels.products.items():
        for each in history:
            day = each.period + 6
            vintage = [one for one in risen.vintages if one.cutoff < day][-1]
            reference = Reference(risen.market, vintage, day)
            raw, _ = raw_reference(risen.market, risen.levels, reference, [product], day, risen.knobs)
            assert each.raw == pytest.approx(float(raw[0]), abs=1e-9)


def test_rows_reckoned_when_asked_for_are_those_reckoned_at_once(risen: Learned) -> None:
    market, vintage = risen.market, risen.vintages[0]
    until = int(risen.levels.days[-1]) - 3
    row, kind = np.array([len(market.rows) - 1, 3, 50, 50, 200]), np.array([0, 1, 2, 3, 1])

    high = int(np.searchsorted(risen.levels.days, until, side="right"))
    known = market.rows.iloc[:high]
    told = (each[:high] for each in (market.level, market.season, market.region))
    effects = vintage.effects.taken_out(known, *told)
    price = known["ln_price"].to_numpy(float)[:, np.newaxis]
    of_vintage = price - effects[:, np.newaxis] - own_hedonic(known, vintage)
    for each, expected in ((vintage, of_vintage), (None, np.repeat(price, len(Information), axis=1))):
        whole = np.full((len(market.rows), len(Information)), np.nan)
        whole[:high] = expected
        asked = Reference(market, each, until)
        assert np.allclose(asked.above[row, kind], whole[row, kind], equal_nan=True, atol=1e-12)
        assert not asked.above.known[100].any()
        assert np.allclose(asked.above[40:, 0], whole[40:, 0], equal_nan=True, atol=1e-12)


def test_a_thing_is_held_against_its_own_sales_as_the_model_that_learned_from_them_sees_them(risen: Learned) -> None:
    # Out of fold they lie where the model would have thought without them: what they say would be added twice.
    market, vintage = risen.market, risen.vintages[-1]
    reference = Reference(market, vintage, vintage.cutoff)
    row = np.flatnonzero(market.rows["day"].to_numpy() <= vintage.cutoff)[-40:]
    rows = market.rows.iloc[row]
    told = (each[row] for each in (market.level, market.season, market.region))
    expected = rows["ln_price"].to_numpy(float) - vintage.effects.taken_out(rows, *told) - vintage.hedonic.predict(rows)

    assert reference.learned[row, Information.ALL] == pytest.approx(expected)
    assert not np.allclose(reference.above[row, Information.ALL], expected)

    asked, days = standard_questions(market, ["drill-dhp453-18v"]), np.array([vintage.cutoff])
    near = gather(asked, days, market, reference, risen.knobs.comparables, risen.levels, ()).near
    assert near is not None
    there = near.pairs.there[0]
    row = near.row[0][there]
    settled = market.rows["day"].to_numpy()[row] < vintage.cutoff - 7
    assert settled.any()
    learned = reference.learned[row, reference.information(asked)[0]]
    assert near.pairs.above[0][there][settled] == pytest.approx(learned[settled])


def test_learning_from_what_was_known_gives_the_same_levels(
    risen: Learned, kept: VintageStore, bazaar: Any, quick_knobs: Any
) -> None:
    rows = risen.market.rows
    cut = day_number(bazaar.day(70))
    known = rows[rows["day"] <= cut].reset_index(drop=True)

    whole = learn(rows, quick_knobs, code_version="test", store=kept, extra_cutoffs=[cut])
    # What was known then is learned without the store: nothing of later days can come from there.
    part = learn(known, quick_knobs, code_version="test")

    assert [each.key for each in whole.vintages][: len(part.vintages)] == [each.key for each in part.vintages]
    for earlier, later in zip(part.levels.closed, whole.levels.closed, strict=False):
        assert earlier == later
    for day in range(cut - 20, cut + 1):
        assert part.levels.at(day).raw == pytest.approx(whole.levels.at(day).raw)


def test_levels_published_before_are_never_computed_anew(risen: Learned, kept: VintageStore, quick_knobs: Any) -> None:
    period = risen.levels.closed[2].period
    fixed = {"all": {period: 0.123}, "category:drill": {period: -0.2}}

    again = learn(risen.market.rows, quick_knobs, code_version="test", store=kept, fixed=fixed)

    held = next(each for each in again.levels.closed if each.period == period)
    assert (held.published["all"], held.published["category:drill"]) == (0.123, -0.2)
    following = again.levels.closed[again.levels.closed.index(held) + 1]
    assert abs(following.published["all"] - 0.123) <= -math.log(0.8) + 1e-9


def test_vintages_are_kept_and_found_again(bazaar: Any, quick_knobs: Any, tmp_path: Any) -> None:
    table, said = bazaar.table(bazaar.listings(30)), []
    store = VintageStore(tmp_path)
    first = learn(table, quick_knobs, code_version="test", store=store, say=said.append)
    count = len(said)

    again = learn(table, quick_knobs, code_version="test", store=store, say=said.append)

    assert count == len(first.vintages)
    assert len(said) == count
    questions = table.drop_duplicates("title")
    for kept, found in zip(first.vintages, again.vintages, strict=True):
        assert np.array_equal(kept.hedonic.predict(questions), found.hedonic.predict(questions))
        assert found.effects == kept.effects
    other = learn(table, quick_knobs, code_version="another", store=store, say=said.append)
    assert len(said) == count + len(other.vintages)


def test_a_vintage_read_back_answers_as_the_one_that_was_kept(bazaar: Any, quick_knobs: Any, tmp_path: Any) -> None:
    # Attributes in the reverse of their alphabetical order of frequency: columns must not change places on disk.
    listings = [
        replace(
            each,
            attributes={"Zeal": "high" if n % 2 else "low"} | ({"Age": "new" if n % 3 else "old"} if n % 4 else {}),
        )
        for n, each in enumerate(bazaar.listings(57))
    ]
    rows = bazaar.table(listings)
    store = VintageStore(tmp_path)
    made = learn(rows, quick_knobs, code_version="test", store=store)
    found = learn(rows, quick_knobs, code_version="test", store=store)

    for kept, read in zip(made.vintages, found.vintages, strict=True):
        assert np.array_equal(kept.hedonic.predict_each(rows), read.hedonic.predict_each(rows))
    assert np.array_equal(made.levels.residual, found.levels.residual, equal_nan=True)


def test_small_tables_are_learned_on_one_thread(risen: Learned) -> None:
    # OpenMP's threads wait by spinning: on a small table and a busy machine ten times slower.
    boosters = risen.vintages[-1].hedonic.boosters
    assert boosters
    assert all("[num_threads: 1]" in each.model_to_string() for each in boosters)


def test_one_sellers_copies_teach_no_more_than_one(bazaar: Any, quick_knobs: Any) -> None:
    honest = bazaar.listings(25, products=PAIR)

    def taught(copies: int) -> int:
        lies = [bazaar.listing(id=f"l{n}", seller="liar", observed_at=bazaar.noon(24)) for n in range(copies)]
        return learn(bazaar.table([*honest, *lies]), quick_knobs, code_version="test").vintages[-1].listings

    assert taught(1) == taught(40)


def test_a_kind_that_comes_later_is_learned_at_its_prices_and_not_as_a_fall_of_the_market(
    bazaar: Any, quick_knobs: Any
) -> None:
    """Its words are known from other goods; what the model thought of it before it learned of it is no trend."""
    helmets = [
        bazaar.listing(id=f"helmet{day}", title="Trek mountain bike helmet", price=Decimal(14 + day % 3), kind="sold",
                       seller=f"rider {day % 9}", observed_at=bazaar.noon(day))
        for day in range(45, 110)
    ]  # fmt: skip
    rows = sorted([*bazaar.listings(110), *helmets], key=lambda each: each.observed_at)
    table = bazaar.table(rows)
    learned = learn(
        table, quick_knobs, code_version="test", cutoffs=[int(table["day"].iloc[0]) + day for day in (40, 75, 105)]
    )
    (category,) = set(table["category"][table["title"].str.endswith("helmet")])
    last = int(table["day"].iloc[-1])
    hedonic = learned.vintages[-1].hedonic.predict(table[table["title"].str.endswith("helmet")].tail(1))[0]

    assert category not in learned.vintages[0].hedonic.categories.known
    assert category in learned.vintages[-1].hedonic.categories.known
    assert math.exp(hedonic) == pytest.approx(15.0, rel=0.35)
    assert abs(nearest(learned.levels.at(last).raw, category_unit(category))[0]) < 0.25


def test_an_empty_market_teaches_nothing(bazaar: Any, quick_knobs: Any) -> None:
    with pytest.raises(ValueError, match="empty"):
        learn(bazaar.table([bazaar.listing()]).iloc[:0], quick_knobs, code_version="test")


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(-2, 2), st.floats(-2, 2)), max_size=60))
def test_the_weight_of_comparables_rises_with_their_evidence(cases: list[tuple[float, float, float]]) -> None:
    evidence, above, target = (np.array([case[n] for case in cases]) for n in range(3))
    blend = learn_blend(evidence, above, target)

    assert len(blend.weights) == len(EDGES) + 1
    assert all(0 <= weight <= 1 for weight in blend.weights)
    assert list(blend.weights) == sorted(blend.weights)
    assert Blend.from_json(blend.to_json()) == blend


def test_the_blend_believes_comparables_as_far_as_they_were_right() -> None:
    random = np.random.default_rng(5)
    evidence, above = random.uniform(0.6, 1.0, 400), random.normal(0, 0.3, 400)

    right = learn_blend(evidence, above, above + random.normal(0, 0.05, 400)).weight(np.array([0.8]))[0]
    wrong = learn_blend(evidence, above, random.normal(0, 0.3, 400)).weight(np.array([0.8]))[0]

    assert right > 0.9
    assert wrong < 0.25
    assert learn_blend(np.zeros(0), np.zeros(0), np.zeros(0)).weights == pytest.approx(DEFAULT.weights)

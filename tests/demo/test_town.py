"""The simulated town: reproducible, and its prices scatter around its own true values."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from statistics import fmean, median, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.goods import catalogue
from demo.people import people
from demo.town import Town, simulate
from demo.truth import true_value

END = date(2026, 11, 20)


@cache
def town() -> Town:
    return simulate(7, 7, end=END)


def dishonest_product() -> str:
    return str(people().dishonest["product"])


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.integers(1, 14))
def test_equal_seeds_make_equal_towns(seed: int, days: int) -> None:
    assert simulate(seed, days, end=END) == simulate(seed, days, end=END)


def test_another_seed_makes_another_town() -> None:
    assert simulate(8, 7, end=END).history != town().history


def test_the_past_is_two_years_and_ends_before_the_live_days() -> None:
    firsts = [offer.first_day for offer in town().history]
    assert town().days[0] == date(2026, 11, 14)
    assert town().days[-1] == END
    assert min(firsts) == town().live_start - timedelta(days=730)
    assert max(firsts) == town().live_start - timedelta(days=1)


def test_a_town_needs_a_live_day() -> None:
    with pytest.raises(ValueError, match="at least one live day"):
        simulate(7, 0, end=END)


@settings(max_examples=3, deadline=None)
@given(days=st.integers(1, 21), seed=st.integers(0, 1000))
def test_numbers_of_a_venue_are_never_given_twice(days: int, seed: int) -> None:
    made = simulate(seed, days, end=END)
    numbers = Counter((offer.venue, offer.number) for offer in (*made.history, *made.live))
    assert set(numbers.values()) == {1}


def test_no_product_is_rare_and_there_are_about_eighty() -> None:
    seen = Counter(offer.product for offer in town().history if offer.product)
    assert seen.keys() == catalogue().products.keys()
    assert 75 <= len(seen) <= 90
    assert min(seen.values()) >= 40


def test_sold_prices_scatter_around_the_true_value_and_asking_prices_stand_above_it() -> None:
    logs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for offer in town().history:
        if not offer.product or offer.product == dishonest_product():
            continue
        if offer.sold_for:
            worth = true_value(town(), offer.product, offer.grade, offer.region, offer.last_day)
            logs[offer.venue, "sold"].append(math.log(offer.sold_for / worth))
        worth = true_value(town(), offer.product, offer.grade, offer.region, offer.first_day)
        logs[offer.venue, "asking"].append(math.log(offer.asks[0][1] / worth))
    for venue in people().venues:
        assert abs(median(logs[venue, "sold"])) < 0.01
        assert abs(fmean(logs[venue, "asking"]) - 0.113) < 0.012
    assert pstdev(logs["shop", "sold"]) < 0.08
    assert 0.10 < pstdev(logs["classifieds", "sold"]) < 0.16


def test_the_dishonest_seller_posts_one_thing_at_three_times_its_value() -> None:
    ads = [offer for offer in town().history if offer.title == people().dishonest["title"]]
    assert len(ads) == people().dishonest["history_posts"]
    assert len({ad.seller.name for ad in ads}) == 1
    assert len({ad.title for ad in ads}) == 1
    worth = [true_value(town(), dishonest_product(), "good", ad.region, ad.first_day) for ad in ads]
    ratios = [float(ad.asks[0][1] / value) for ad, value in zip(ads, worth, strict=True)]
    assert min(ratios) > 2.9
    assert max(ratios) < 3.1


def test_one_product_goes_by_many_titles_that_mostly_keep_its_model() -> None:
    titles = [
        offer.title for offer in town().history if offer.product == "dewalt-dcd771" and offer.venue == "classifieds"
    ]
    assert len(set(titles)) > 0.8 * len(titles)
    assert fmean("dcd771" in title.lower() for title in titles) > 0.8


def test_there_are_things_of_one_kind_bundles_and_accessories() -> None:
    categories = Counter(offer.category for offer in town().history if offer.product is None)
    assert min(categories["bundle"], categories["accessory"], categories[None]) > 10


@pytest.mark.parametrize("offset", range(7))
def test_a_live_day_brings_60_to_120_new_things_and_few_pages(offset: int) -> None:
    day = town().days[offset]
    visible = {venue: town().visible(venue, day) for venue in people().venues}
    fresh = sum(offer.first_day == day for shown in visible.values() for offer in shown)
    assert 60 <= fresh <= 120
    assert len(visible["shop"]) <= 45
    assert len(visible["market"]) <= 4 * 32
    assert len(visible["classifieds"]) <= 300
    assert sum(offer.title == people().dishonest["title"] for offer in visible["classifieds"]) == 2


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_price_shown_was_named_on_or_before_that_day(data: st.DataObject) -> None:
    offer = data.draw(st.sampled_from(town().live))
    day = data.draw(st.sampled_from(town().days))
    price = offer.price_on(day)
    assert offer.changed_on(day) <= max(day, offer.first_day)
    if price is not None:
        assert price > 0
        assert offer.sold_out(day) or any(since <= day and price == asked for since, asked in offer.asks)

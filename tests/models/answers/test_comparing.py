"""The listings a thing is compared with: each kind by itself, each offer once, as known on the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from features.comparables import TitleIndex
from features.market import day_number
from models.answers.comparable_shapes import ComparableListing, Comparables, ComparablesRequest, UnknownListing
from models.answers.comparing import Comparer, open_comparer
from models.base.compose import Market
from models.knobs import default_knobs
from models.level.state import Learned, Levels
from warehouse.records import Listing

DRILL = "DeWalt DCD771 cordless drill 20V"
Compare = Callable[..., Comparables]


def comparer(bazaar: Any, seen: Sequence[Listing], **columns: Sequence[Any]) -> Comparer:
    """A comparer of these listings, before any vintage; `columns` are put into the market table, in its order."""
    rows = bazaar.table(list(seen)).assign(**columns)
    market = Market(rows, TitleIndex(rows), np.zeros(len(rows)), *np.full((2, len(rows)), np.nan))
    levels = Levels(rows, np.full(len(rows), np.nan), default_knobs().level)
    return Comparer(Learned(market, [], levels, default_knobs()), "snapshot")


def ids(found: Sequence[ComparableListing]) -> list[str]:
    return [each.listing for each in found]


@pytest.fixture(scope="module")
def fair(bazaar: Any) -> list[Listing]:
    """A small fair: drills that were sold and are asked for, and what is near a drill and none."""
    ad = bazaar.listing
    seen = [
        ad(id="sold-early", title=DRILL, kind="sold", price=Decimal(80), observed_at=bazaar.noon(1), seller="ann"),
        ad(id="sold-late", title=DRILL, kind="sold", price=Decimal(85), observed_at=bazaar.noon(20), seller="bob",
           region="US-MO"),
        ad(id="traded", title=f"{DRILL} kit", kind="traded", price=Decimal(82), observed_at=bazaar.noon(12),
           seller="cy"),
        ad(id="asked", title=f"{DRILL}, good condition", price=Decimal(100), observed_at=bazaar.noon(25), seller="dee"),
        ad(id="asked-again", title=f"{DRILL}, good condition", price=Decimal(95), observed_at=bazaar.noon(28),
           seller="dee"),
        ad(id="other", title="Makita DHP453 cordless drill 18V", observed_at=bazaar.noon(26), seller="eve"),
        ad(id="charger", title="Charger for DeWalt DCD771 cordless drill 20V", observed_at=bazaar.noon(26),
           seller="fay"),
        ad(id="lot", title="Lot of 5 DeWalt DCD771 cordless drill 20V", observed_at=bazaar.noon(26), seller="gil"),
        ad(id="broken", title="DeWalt DCD771 cordless drill 20V for parts", observed_at=bazaar.noon(26), seller="hal"),
        ad(id="fake", title="DeWalt DCD771 cordless drill 20V replica", observed_at=bazaar.noon(26), seller="ida"),
        ad(id="bike", title="Trek Marlin 5 mountain bike", observed_at=bazaar.noon(30), seller="joe"),
    ]  # fmt: skip
    return [replace(each, row=place) for place, each in enumerate(seen)]


@pytest.fixture(scope="module")
def compare(bazaar: Any, fair: list[Listing]) -> Compare:
    known = comparer(bazaar, fair)
    return lambda text, **said: known.compare(ComparablesRequest(text=text, **said))


def test_sold_and_asking_are_kept_apart_and_a_trade_is_a_sale(compare: Compare) -> None:
    answer = compare(DRILL)

    assert ids(answer.sold) == ["bazaar/sold-late", "bazaar/sold-early", "bazaar/traded"]
    assert {each.kind for each in answer.asking} == {"asking"}
    assert ids(answer.asking)[0] == "bazaar/asked-again"
    assert compare(DRILL, kind="sold").asking == []
    assert compare(DRILL, kind="asking").sold == []


def test_what_is_near_a_drill_and_none_is_no_comparable_for_it(compare: Compare) -> None:
    assert set(ids(compare(DRILL).asking)) == {"bazaar/asked-again", "bazaar/other"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("charger for DeWalt DCD771 drill", "bazaar/charger"),
        ("lot of 5 DeWalt DCD771 drills", "bazaar/lot"),
        ("DeWalt DCD771 drill, for parts", "bazaar/broken"),
        ("replica of DeWalt DCD771 drill", "bazaar/fake"),
    ],
)
def test_for_such_a_thing_only_such_things_are_comparable(compare: Compare, asked: str, found: str) -> None:
    assert ids(compare(asked).asking) == [found]


def test_reasons_say_what_is_the_same_what_differs_and_when(compare: Compare) -> None:
    answer = compare(DRILL, condition="like new")

    sold, other = answer.sold[0], next(each for each in answer.asking if each.listing == "bazaar/other")
    assert "same model code dcd771" in sold.reasons
    assert "same size 20 v" in sold.reasons
    assert "sold 10 days ago in US-MO" in sold.reasons
    assert "other model code: dhp453 for dcd771" in other.reasons
    assert "same words: cordless drill" in other.reasons
    assert answer.asking[0].similarity > 2 * other.similarity
    assert "other condition: good for like new" in answer.asking[0].reasons


def test_a_relisting_counts_once_and_is_named(compare: Compare) -> None:
    found = compare(DRILL).asking[0]

    assert (found.price, found.stands_for) == ("95.00", ["1 relisting"])
    assert [(each.listing, each.why) for each in found.others] == [("bazaar/asked", "relisting")]


def test_the_listing_asked_about_and_what_is_the_same_offer_are_left_out(compare: Compare) -> None:
    answer = compare(f"{DRILL}, good condition", listing="bazaar/asked")

    assert "bazaar/asked-again" not in ids(answer.asking)
    assert any("another seller's, sold 10 days ago in US-MO" in each.reasons for each in answer.sold)
    with pytest.raises(UnknownListing, match='no listing "bazaar/nobody"'):
        compare(DRILL, listing="bazaar/nobody")


@pytest.mark.parametrize("asked", ["drill", "dcd771", "dewalt drill", "cordless drill dewalt"])
def test_a_few_words_find_the_things_they_name(compare: Compare, asked: str) -> None:
    assert ids(compare(asked).sold)[:2] == ["bazaar/sold-late", "bazaar/sold-early"]


def test_a_barcode_finds_what_has_it_under_any_words(bazaar: Any) -> None:
    code = "4006381333931"
    seen = [
        bazaar.listing(id="words", title="Stabilo pen set, bright colours", seller="ann", gtin=code),
        bazaar.listing(id="lamp", title="Desk lamp", seller="bob"),
    ]
    known = comparer(bazaar, seen, gtin=["0" + code if "pen" in each.title else None for each in reversed(seen)])

    answer = known.compare(ComparablesRequest(text="markers", attributes={"gtin": code}))

    assert ids(answer.asking) == ["bazaar/words"]
    assert f"same barcode {code}" in answer.asking[0].reasons


def test_one_photo_under_two_names_is_one_offer(bazaar: Any) -> None:
    seen = [
        bazaar.listing(id=name, title=f"DeWalt DCD771 drill {name}", seller=name, price=Decimal(90 + place))
        for place, name in enumerate(("ann", "bob", "cy"))
    ]
    known = comparer(bazaar, seen, image=["https://x.example/1.jpg", "https://x.example/1.jpg", None])

    found = known.compare(ComparablesRequest(text="DeWalt DCD771 drill")).asking

    assert sorted(each.stands_for for each in found) == [[], ["1 with the same photo"]]


def test_nothing_that_came_later_changes_what_was_comparable_on_a_day(
    bazaar: Any, fair: list[Listing], compare: Compare
) -> None:
    for day in (1, 12, 20, 25, 26, 28, 30):
        cut = bazaar.day(day)
        then = comparer(bazaar, [each for each in fair if each.observed_at.date() <= cut])
        for text in (DRILL, "drill", "Makita DHP453 drill 18V", "DeWalt bike"):
            asked = ComparablesRequest(text=text, as_of=cut)
            now = compare(text, as_of=cut)
            assert now.sold == then.compare(asked).sold, (day, text)
            assert now.asking == then.compare(asked).asking, (day, text)


def test_what_came_later_takes_no_room_from_what_was_known(bazaar: Any) -> None:
    later = [bazaar.listing(id=f"l{n}", title=f"{DRILL} {n}", seller=f"s{n}", observed_at=bazaar.noon(50 + n))
             for n in range(120)]  # fmt: skip
    early = bazaar.listing(id="early", title="DeWalt cordless drill kit and bag", seller="ann")
    known = comparer(bazaar, [early, *later])

    assert ids(known.compare(ComparablesRequest(text=DRILL, as_of=bazaar.day(20))).asking) == ["bazaar/early"]


def test_a_kind_of_thing_that_is_only_seen_later_changes_no_likeness(bazaar: Any) -> None:
    drill = bazaar.listing(id="drill", title="Trek cordless drill", category="drill")
    bike = bazaar.listing(id="bike", title="Trek Marlin 5", category="bike", observed_at=bazaar.noon(30))
    asked = ComparablesRequest(text="Trek cordless Marlin", attributes={"category": "bike"}, as_of=bazaar.day(0))

    then, now = (comparer(bazaar, seen).compare(asked) for seen in ([drill], [drill, bike]))

    assert then.asking == now.asking
    assert any(reason.startswith("other category: ") for reason in then.asking[0].reasons)


def test_a_relisting_is_not_known_before_it_was_put_up(bazaar: Any, compare: Compare) -> None:
    found = compare(DRILL, as_of=bazaar.day(26)).asking[0]

    assert (found.listing, found.others) == ("bazaar/asked", [])


def test_one_sellers_many_wordings_do_not_hide_the_others(bazaar: Any) -> None:
    shop = [bazaar.listing(id=f"s{n}", title=f"{DRILL} deal {n}", seller="shop") for n in range(150)]
    known = comparer(bazaar, [*shop, *(bazaar.listing(id=name, title=f"{DRILL} of {name}", seller=name)
                                       for name in ("ann", "bob"))])  # fmt: skip

    found = known.compare(ComparablesRequest(text=f"{DRILL} deal 7")).asking

    assert {"bazaar/ann", "bazaar/bob"} < set(ids(found))
    assert sum(each.listing.startswith("bazaar/s") for each in found) == 1


def test_no_comparables_are_an_answer_with_a_reason(bazaar: Any, compare: Compare) -> None:
    assert compare("grand piano, walnut").reason == "nothing_comparable"
    assert compare(DRILL, as_of=bazaar.day(0) - timedelta(days=9)).reason == "before_data"
    assert Comparer(None, "snapshot").compare(ComparablesRequest(text=DRILL)).reason == "no_data"
    assert open_comparer(object(), "snapshot").compare(ComparablesRequest(text=DRILL)).reason == "no_data"


def test_a_product_is_asked_for_by_its_newest_title(bazaar: Any, fair: list[Listing]) -> None:
    known = comparer(bazaar, fair)
    product = str(known.compare(ComparablesRequest(text=DRILL)).understood["product"])

    answer = known.of_product(product, kind="sold", limit=2)

    assert ids(answer.sold) == ["bazaar/sold-late", "bazaar/sold-early"]
    assert answer.understood["product"] == product
    with pytest.raises(UnknownListing, match='no listing known by then is a "drill-zzz"'):
        known.of_product("drill-zzz")


@pytest.mark.parametrize("asked", [DRILL, "drill", "DeWalt cordless drill 18V, good condition"])
def test_fewer_are_the_first_of_more(compare: Compare, asked: str) -> None:
    more = compare(asked, limit=50)

    for limit in (1, 2, 3):
        fewer = compare(asked, limit=limit)
        assert (fewer.sold, fewer.asking) == (more.sold[:limit], more.asking[:limit])


def test_equal_questions_get_equal_bytes(compare: Compare) -> None:
    assert compare(DRILL).model_dump_json() == compare(DRILL).model_dump_json()


def test_a_published_snapshot_is_asked_with_its_vintages_word_weights(published: Any, bazaar: Any) -> None:
    known = open_comparer(published.valuer, published.snapshot.id)

    answer = known.compare(ComparablesRequest(text="makita drill 18v", as_of=bazaar.day(80)))

    assert answer.snapshot == published.snapshot.id
    assert len(answer.sold) == len(answer.asking) == 12
    assert all("Makita" in each.title for each in [*answer.sold, *answer.asking])
    assert max(each.observed_at for each in answer.sold) < bazaar.day(81).isoformat()


def test_one_photo_saved_twice_counts_once_from_the_day_it_was_looked_at(bazaar: Any) -> None:
    late = [bazaar.listing(id=name, title=DRILL, seller=name, price=Decimal(price), observed_at=bazaar.noon(day))
            for name, price, day in (("1", 90, 1), ("2", 70, 2))]  # fmt: skip
    last = day_number(bazaar.day(2))
    looks = [f"ffffffff{bits}0000000:{'0f' * 32}:{'0' * 11}" for bits in "01"]

    for looked, found in ((last, ["bazaar/2"]), (last + 1, ["bazaar/2", "bazaar/1"])):
        known = comparer(bazaar, late, look=looks, look_day=[last, looked])
        assert ids(known.compare(ComparablesRequest(text=DRILL)).asking) == found

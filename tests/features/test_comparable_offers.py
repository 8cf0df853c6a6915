"""Listings that are one offer: each counts once, and nobody is taken for another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from features.comparables.same_item import Candidate, offers
from features.comparables.wording import ago, put_together
from features.photo import Look

AD = Candidate(
    listing="ads/1", source="ads", seller="ann", words="makita dhp453 cordless drill", product="drill-dhp453",
    category="drill", grade="good", region="US-MO", price="90 USD", day=10, alike=0.9,
)  # fmt: skip

LOOK = Look("f" * 8 + "0" * 8, "0f" * 32, "0" * 11)
SAVED = Look("f" * 8 + "1" * 8, "0f" * 32, "0" * 11)
OTHER = Look("0" * 8 + "f" * 8, "f0" * 32, "0" * 11)
BLANK = Look("0" * 15 + "1", "0" * 64, "0" * 11)


def ad(listing: str, **said: Any) -> Candidate:
    source = listing.partition("/")[0]
    return replace(AD, **{"listing": listing, "source": source, "seller": f"seller of {listing}", **said})


def together(*candidates: Candidate) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (candidates[offer.stands].listing, [(candidates[place].listing, why) for place, why in offer.others])
        for offer in offers(candidates)
    ]


def test_sellers_of_the_same_thing_are_sellers_each() -> None:
    assert together(ad("ads/1"), ad("ads/2")) == [("ads/1", []), ("ads/2", [])]


def test_an_ad_put_up_again_under_a_new_id_counts_once_as_it_is_now() -> None:
    first, again = ad("ads/1", seller="ann", price="120 USD"), ad("ads/7", seller="ann", day=20)

    assert together(first, again) == [("ads/7", [("ads/1", "relisting")])]


def test_a_new_wording_of_the_same_thing_is_a_relisting_too() -> None:
    first, again = ad("ads/1", seller="ann"), ad("ads/7", seller="ann", day=20, words="dhp453 makita drill bargain")

    assert together(first, again) == [("ads/7", [("ads/1", "relisting")])]


def test_copies_that_stand_side_by_side_count_once() -> None:
    assert together(ad("ads/1", seller="ann"), ad("ads/2", seller="ann")) == [("ads/1", [("ads/2", "copy")])]


def test_one_seller_may_have_two_things() -> None:
    other = ad("ads/2", seller="ann", words="dewalt dcd771 drill", product="drill-dcd771")

    assert len(together(ad("ads/1", seller="ann"), other)) == 2


def test_one_photo_counts_once_unless_it_is_everybodys() -> None:
    mine, copied = ad("ads/1", photo="ff00"), ad("web/2", photo="ff00", words="drill", price="70 USD", day=11)
    stock = [ad(f"ads/{n}", photo="aa11") for n in range(4)]

    assert together(mine, copied) == [("web/2", [("ads/1", "photo")])]
    assert len(together(*stock)) == 4


def test_a_photo_saved_anew_is_the_same_photo_wherever_it_lies() -> None:
    mine, saved = (
        ad("ads/1", look=LOOK, photo="https://a/1.jpg"),
        ad("web/2", look=SAVED, photo="https://b/2.jpg", price="70 USD"),
    )
    other, blank = ad("ads/3", look=OTHER), [ad(f"ads/{n}", look=BLANK) for n in (4, 5)]

    assert together(mine, saved, other, *blank)[:2] == [("ads/1", [("web/2", "photo")]), ("ads/3", [])]
    assert len(together(mine, saved, other, *blank)) == 4


def test_a_photo_that_many_sellers_saved_is_nobodys() -> None:
    assert len(together(*(ad(f"ads/{n}", look=each) for n, each in enumerate([LOOK, SAVED, LOOK, SAVED])))) == 4


def test_strangers_with_one_photo_and_the_same_words_are_told_by_the_photo() -> None:
    assert together(ad("ads/1", photo="ff00"), ad("ads/2", photo="ff00")) == [("ads/1", [("ads/2", "photo")])]


def test_a_photo_that_shows_a_phone_and_its_case_makes_no_one_thing_of_them() -> None:
    case = ad("ads/2", photo="ff00", category="case", product="case", words="case")

    assert len(together(ad("ads/1", photo="ff00"), case)) == 2


def test_one_ad_on_two_markets_counts_once() -> None:
    assert together(ad("ads/1"), ad("web/9", day=12)) == [("web/9", [("ads/1", "cross-post")])]


def test_the_same_few_words_or_another_price_or_place_are_strangers() -> None:
    for strange in ({"price": "95 USD"}, {"region": "US-IL"}, {"grade": "fair"}):
        assert len(together(ad("ads/1"), ad("web/9", **strange))) == 2
    assert len(together(ad("ads/1", words="iphone 13"), ad("web/9", words="iphone 13"))) == 2


def test_two_sellers_of_one_market_are_not_joined_by_a_third_elsewhere() -> None:
    assert len(together(ad("ads/1"), ad("ads/2"), ad("web/9"))) == 2


def test_what_hangs_together_through_a_third_is_one_offer() -> None:
    photo = ad("ads/1", photo="ff00", day=3)
    copied = ad("web/2", photo="ff00", day=5, seller="bob", words="drill")
    again = ad("web/3", seller="bob", day=9, words="drill")

    assert together(photo, copied, again) == [("web/3", [("web/2", "relisting"), ("ads/1", "photo")])]


CANDIDATES = st.lists(
    st.builds(
        ad,
        listing=st.sampled_from([f"{source}/{n}" for source in ("ads", "web") for n in range(6)]),
        seller=st.sampled_from(["ann", "bob", "cy"]),
        words=st.sampled_from(["makita dhp453 cordless drill", "iphone 13"]),
        product=st.sampled_from(["drill", "phone"]),
        price=st.sampled_from(["90 USD", "95 USD"]),
        photo=st.sampled_from([None, "ff00", "aa11"]),
        day=st.integers(0, 5),
    ),
    max_size=12,
)


@given(CANDIDATES, st.randoms())
def test_every_listing_is_in_one_offer_and_the_order_does_not_matter(candidates: list[Candidate], random: Any) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)

    found, again = offers(candidates), offers(shuffled)

    places = [place for offer in found for place in (offer.stands, *(other for other, _ in offer.others))]
    assert sorted(places) == list(range(len(candidates)))
    whole = [
        sorted(sorted(repr(of[place]) for place in (offer.stands, *(p for p, _ in offer.others))) for offer in told)
        for of, told in ((candidates, found), (shuffled, again))
    ]
    assert whole[0] == whole[1]
    listed = [{candidates[offer.stands].listing, *(candidates[p].listing for p, _ in offer.others)} for offer in found]
    assert sum(len(each) for each in listed) == len({each.listing for each in candidates})


def test_what_was_put_together_is_said_in_words() -> None:
    assert put_together(["relisting", "photo", "relisting", "cross-post", "copy"]) == [
        "2 relistings", "1 copy", "1 cross-post", "1 with the same photo",
    ]  # fmt: skip
    assert put_together([]) == []
    assert ago("sold", 12, "US-MO") == "sold 12 days ago in US-MO"
    assert ago("asking", 1, "") == "asked 1 day ago"
    assert ago("traded", 0, "") == "traded today"

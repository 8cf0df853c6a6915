"""One offer becomes one listing or one quarantined row, whatever a page says in it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.agent.listings import Visit, read_offer
from spiders.files.plan import FIELDS
from warehouse.records import KINDS, Listing, Quarantined

VISIT = Visit(
    source="shop",
    run="20261120T120000Z-abcdef",
    base="https://www.shop.example/",
    observed_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    pseudonym=lambda name: f"hash of {len(name)}",
    region="US-MO",
)


def offer(reason: str | None = None, **row: str) -> dict[str, Any]:
    return {
        "row": {"title": "Drill", "price": "20", "currency": "USD", "url": "https://shop.example/p/1"} | row,
        "price_path": "jsonld offers.price",
        "reason": reason,
        "message": "two prices",
        "found_at": "https://shop.example/p/1",
    }


def test_the_visits_region_holds_where_the_page_says_none() -> None:
    here, there = read_offer(VISIT, offer(), 1), read_offer(VISIT, offer(region="US-IL"), 2)
    assert isinstance(here, Listing)
    assert isinstance(there, Listing)
    assert (here.region, there.region) == ("US-MO", "US-IL")


def test_an_id_is_the_items_number_else_its_path_and_offers_at_one_address_have_their_own() -> None:
    def own(**row: str) -> str:
        read = read_offer(VISIT, offer(**row), 1)
        assert isinstance(read, Listing)
        return read.id

    assert own(url="https://shop.example/itm/256232862651?from=mail") == "256232862651"
    assert own(url="https://www.shop.example/p/1#reviews") == own() == "p/1"
    assert own(url="https://other.example/p/1") == "other.example/p/1"
    assert own(variant="red") == "p/1#red"
    assert own(url="") not in {"", "p/1"}


def test_persons_are_taken_out_of_listings_and_of_quarantined_rows_alike() -> None:
    said = {"seller": "Ann Lee", "description": "Ask ann@lee.example or 573-555-0100"}
    listing, held = read_offer(VISIT, offer(**said), 1), read_offer(VISIT, offer("ambiguous_price", **said), 2)
    assert isinstance(listing, Listing)
    assert isinstance(held, Quarantined)
    assert (listing.seller, listing.description) == ("hash of 7", "Ask [e-mail] or [phone]")
    for name in ("Ann Lee", "ann@lee", "555-0100"):
        assert name not in held.row_json


def test_a_sale_in_the_future_is_no_reason_to_date_the_observation_there() -> None:
    read = read_offer(VISIT, offer(kind="sold", ended_at="2027-01-01T00:00:00Z"), 1)
    assert isinstance(read, Listing)
    assert read.observed_at == VISIT.observed_at


@given(
    st.dictionaries(
        st.sampled_from([*FIELDS, "variant", "availability", "some attribute"]) | st.text(min_size=1, max_size=10),
        st.text(max_size=40) | st.sampled_from(["20", "$5", "free", "sold", "2026-01-01", "http://[", "USD", "€"]),
        max_size=12,
    ).map(lambda row: {name: text for name, text in row.items() if text})
)
@settings(max_examples=200, deadline=None)
def test_whatever_a_page_says_becomes_a_sound_listing_or_is_quarantined(row: dict[str, str]) -> None:
    read = read_offer(VISIT, offer() | {"row": row}, 1)
    if isinstance(read, Quarantined):
        assert read.reason
        return
    assert Decimal(0) < read.price < 10**9
    assert read.kind in KINDS
    assert read.title
    assert read.id
    assert read.price_path == "jsonld offers.price"

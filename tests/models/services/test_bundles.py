"""Sums of parts are exact, their interval is that of a sum, and hours in a community are equal where it says so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.exchange.amounts import read_counted
from models.exchange.yardsticks import Community
from models.services.bundle import Part, bundle_discount, together
from models.services.bundles import bundles_seen, parts_of, value_bundle
from models.services.community import equal_hours, in_community

money = st.integers(1, 1_000_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def parts(draw: Any) -> Part:
    value = draw(money)
    below, above = draw(st.integers(0, 100)), draw(st.integers(0, 300))
    return Part(value, value * (100 - below) / 100, value * (100 + above) / 100, Decimal(draw(st.integers(1, 9))),
                draw(st.sampled_from(["", "drill", "bike"])))  # fmt: skip


@given(st.lists(parts(), min_size=1, max_size=8))
def test_a_sum_is_exact_and_its_interval_that_of_a_sum(each: list[Part]) -> None:
    whole = together(each, "USD")

    assert whole.value == whole.parts == sum(part.value * part.count for part in each)
    assert whole.low <= whole.value <= whole.high
    assert whole.high - whole.value <= sum((part.high - part.value) * part.count for part in each) + Decimal("0.01")
    widest = max((part.high - part.value) * part.count for part in each)
    assert whole.high - whole.value >= widest - Decimal("0.01")


def test_errors_of_one_kind_go_together_and_of_others_are_independent() -> None:
    three, four = (Part(Decimal(10), Decimal(10 - n), Decimal(10 + n)) for n in (3, 4))
    alike = [Part(each.value, each.low, each.high, hangs_on="drill") for each in (three, four)]

    assert together([three, four], "USD").high == Decimal("25.00")
    assert together(alike, "USD").high == Decimal("27.00")


def test_a_discount_is_learned_from_enough_sellers_and_never_adds() -> None:
    assert bundle_discount([0.8] * 4, 5, 8) == 1
    assert Decimal("0.8") < bundle_discount([0.8] * 40, 5, 8) < Decimal("0.85")
    assert bundle_discount([1.5] * 40, 5, 8) == 1


def test_parts_are_split_and_counted() -> None:
    assert parts_of(["drill + 2 hours of help", "saw"]) == ["drill", "2 hours of help", "saw"]
    assert read_counted("2 hours of plumbing").text == "hour of plumbing"
    assert read_counted("2 hours of tutoring").text == "tutoring"


def test_a_bundle_on_the_market_is_the_sum_of_its_parts(published: Any) -> None:
    texts = ["2 x Makita DHP453 cordless drill 18V + Trek Marlin 5 mountain bike"]
    answer, behind = value_bundle(published.valuer, texts)

    drill, bike = (Decimal(value.fmv or 0) for value, _ in behind)
    assert Decimal(answer["value"]) == 2 * drill + bike
    assert [part["count"] for part in answer["parts"]] == ["2", "1"]
    unknown, _ = value_bundle(published.valuer, ["Trek Marlin 5 mountain bike", "2 hours of help"])
    assert unknown["value"] is None
    assert "katy collect bls_oews" in unknown["narrative"]
    assert bundles_seen(published.valuer, published.valuer.last_day).share == 1


@given(st.floats(0.05, 500), st.floats(15, 25))
def test_an_hour_is_an_hour_where_the_community_says_so(hours: float, hour_in_k: float) -> None:
    held = Community("USD", 1.0, hour_in_k, date(2026, 1, 1))
    said = []
    for fmv in ("20.00", "900.00"):
        work: Any = SimpleNamespace(
            subject=SimpleNamespace(understood={"hours": [hours] * 3, "category": "x"}), fmv=fmv, base=fmv, low=fmv,
            high=fmv, factors=[], confidence="C",
        )  # fmt: skip
        answer = in_community(work, held, 1.0)
        assert answer is not None
        said.append(answer["equal"])
        assert answer["market"] == fmv

    assert said[0] == said[1] == str(equal_hours(hours, hour_in_k))

"""A question of few words is a heading: it is worth what the usual one of those is that say all that it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.condition import UNSTATED
from models.answers.asked import unseen_lot
from models.answers.value import Valuer
from warehouse.valuation import Valuation, ValuationRequest

DELL, LENOVO = "Dell Latitude E7470 laptop 8GB 256GB", "Lenovo ThinkPad T480S laptop 16GB 512GB"


@pytest.fixture
def valuer(published: Any) -> Any:
    return published.valuer


def ask(valuer: Valuer, text: str, **more: Any) -> Valuation:
    return valuer.value(ValuationRequest(text=text, condition="good", **more))


def test_the_usual_one_is_one_of_those_that_say_it_and_the_interval_holds_what_they_go_for(valuer: Any) -> None:
    heading, dell, lenovo = (ask(valuer, text) for text in ("laptop", DELL, LENOVO))

    assert heading.subject.understood["read_as"] in (DELL, LENOVO)
    assert heading.fmv in (dell.fmv, lenovo.fmv)
    assert float(heading.low) <= float(dell.fmv) < float(lenovo.fmv) <= float(heading.high)
    assert f'the usual one of these, "{heading.subject.understood["read_as"]}"' in heading.narrative
    rows = valuer.learned.market.rows
    said = rows[rows["title"].isin([DELL, LENOVO])]
    assert f"what {said['seller'].nunique()} sellers list" in heading.narrative


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (DELL, {}),  # nothing is left open
        ("Dell Latitude E7470 laptop", {}),  # compared with its own
        ("laptop", {"attributes": {"ram": "8GB"}}),  # told apart by more than words
        ("laptop", {"attributes": {"mpn": "E7470"}}),
        ("violin", {}),  # nobody says it
    ],
)
def test_what_is_no_heading_is_read_as_it_stands(valuer: Any, text: str, more: dict[str, Any]) -> None:
    assert "read_as" not in ask(valuer, text, **more).subject.understood


def test_as_of_an_earlier_day_only_what_was_listed_by_then_is_heard(valuer: Any) -> None:
    rows = valuer.learned.market.rows
    vintage = valuer.learned.vintages[0]
    day = max(vintage.cutoff + 1, int(rows["day"].iloc[0]))
    known = rows[(rows["day"] <= day) & rows["title"].isin([DELL, LENOVO])]

    heading = ask(valuer, "laptop", as_of=np.datetime64(day, "D").item())

    assert f"what {known['seller'].nunique()} sellers list" in heading.narrative


def test_a_heading_among_other_questions_changes_none_of_them(valuer: Any) -> None:
    texts = [DELL, "laptop", LENOVO, "drill"]
    together = valuer.value_many([ValuationRequest(text=text) for text in texts])

    assert [each.fmv for each in together] == [valuer.value(ValuationRequest(text=text)).fmv for text in texts]


def test_a_lot_is_not_worth_what_one_of_it_is(valuer: Any) -> None:
    one, lot = ask(valuer, DELL), ask(valuer, f"lot of 5 {DELL}")

    assert one.fmv is not None
    assert lot.fmv is None
    assert lot.reason == "nothing_comparable"
    assert "katy value-bundle" in lot.narrative


def test_a_lot_that_others_like_it_were_seen_of_is_not_refused(valuer: Any) -> None:
    row = {"title": "lot of 5 laptops", "category": "laptop", "grade": UNSTATED}
    seen = valuer.learned.market.rows.head(3).assign(title="Lot of 3 laptops", category="laptop")

    places = np.arange(3)
    assert not unseen_lot(row, seen, places)
    assert unseen_lot(row, seen.assign(category="book"), places)
    assert unseen_lot(row, seen, places[:0])
    assert not unseen_lot(row | {"title": "laptop"}, seen, places[:0])

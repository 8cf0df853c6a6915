"""The explanation is the computation itself: its parts make the base, its alternatives are the valuer's own values."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from typing import Any

import altair
import numpy as np
import pytest

from models.explanation.parts import pieces_of
from models.explanation.shapes import Explanation
from warehouse.valuation import ValuationRequest

LAPTOP = "Dell Latitude E7470 laptop 8GB 256GB"
ASKED = [
    {"text": LAPTOP, "condition": "fair", "region": "US-MO"},
    {"text": "thinkpad t480s", "currency": "EUR", "attributes": {"list_price": "1,200 EUR", "ram": "16GB"}},
    {"text": "cordless drill", "currency": "JPY"},
    {"text": "Trek bike", "as_of": "2026-02-17", "currency": "EUR"},
]


def explain(published: Any, **asked: Any) -> Explanation:
    explained: Explanation = published.valuer.explain(ValuationRequest.model_validate(asked))
    return explained


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked["text"])
def test_the_explanation_holds_the_valuation_and_its_base_in_parts(published: Any, asked: dict[str, Any]) -> None:
    explained = explain(published, **asked)

    assert explained.valuation == published.valuer.value(ValuationRequest.model_validate(asked))
    inside = explained.contributions
    if explained.valuation.fmv is None:  # yen have no rate here
        assert inside is None
        return
    assert inside is not None
    assert Decimal(inside.start) + sum(Decimal(part.amount) for part in inside.parts) == Decimal(inside.base)
    rate = Decimal(explained.valuation.factors[-1].value)
    assert abs(Decimal(explained.valuation.base or 0) * rate - Decimal(inside.base)) <= Decimal("0.005")


def test_the_pieces_of_the_model_make_its_answers(published: Any) -> None:
    learned = published.valuer.learned
    hedonic = learned.vintages[-1].hedonic
    rows = learned.market.rows.tail(60)

    whole = hedonic.predict(rows)
    pieces = pieces_of(hedonic, rows).values.sum(axis=1)

    assert np.ptp(whole - pieces) < 1e-4  # one constant for all


def test_what_is_dear_in_its_category_is_so_by_its_words_and_product(published: Any) -> None:
    dear = explain(published, text="Lenovo ThinkPad T480S laptop 16GB 512GB").contributions
    cheap = explain(published, text=LAPTOP).contributions

    assert dear is not None
    assert cheap is not None
    assert dear.start == cheap.start
    assert dear.usual_of == "laptop"
    assert sum(float(part.log) for part in dear.parts) == pytest.approx(
        math.log(float(dear.base) / float(dear.start)), abs=2e-4
    )
    assert Decimal(dear.parts[0].amount) > 0 > Decimal(cheap.parts[0].amount)


def test_other_conditions_and_places_are_valued_by_the_valuer_itself(published: Any) -> None:
    asked = {"text": LAPTOP, "condition": "good", "region": "US-IL"}
    explained = explain(published, **asked)

    changes = {each.change for each in explained.what_if}
    assert changes == {"condition", "region"}
    for each in explained.what_if:
        changed = published.valuer.value(
            ValuationRequest.model_validate(asked | {each.change: each.to.replace("_", " ")})
        )
        assert each.fmv == changed.fmv
        assert Decimal(each.difference) == Decimal(each.fmv) - Decimal(explained.valuation.fmv or 0) != 0
    better = next(each for each in explained.what_if if each.to == "like_new")
    assert Decimal(better.difference) > 0


def test_the_waterfall_is_vega_lite_with_its_data_and_ends_at_the_value(published: Any) -> None:
    explained = explain(published, text=LAPTOP, condition="fair")
    picture = explained.waterfall

    assert picture is not None
    altair.Chart.from_dict(picture, validate=True)
    rows = picture["data"]["values"]
    assert "url" not in str(picture["data"])
    assert rows[-1]["end"] == pytest.approx(float(explained.valuation.fmv or 0))
    for before, after in itertools.pairwise(rows[:-1]):
        assert after["start"] == before["end"]
    assert len({row["label"] for row in rows}) == len(rows)


@pytest.mark.parametrize("asked", [{"text": "zither"}, {"text": LAPTOP, "as_of": "2026-01-01"}])
def test_what_is_unknown_is_explained_by_its_reason_alone(published: Any, asked: dict[str, Any]) -> None:
    explained = explain(published, **asked)

    assert explained.valuation.reason is not None
    assert (explained.contributions, explained.waterfall, explained.trade_cap) == (None, None, None)
    assert explained.what_if == []


def test_before_the_first_vintage_comparables_alone_are_no_sum(published: Any) -> None:
    explained = explain(published, text=LAPTOP, as_of="2026-01-08")

    assert explained.valuation.fmv is not None
    assert explained.contributions is None
    assert explained.waterfall is not None

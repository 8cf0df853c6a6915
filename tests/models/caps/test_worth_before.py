"""What a thing was worth before a day: the baseline of a cap, for whoever sets one of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.answers.value import Valuer
from models.caps.declarations import Declaration
from warehouse.valuation import ValuationRequest

DRILL = "Makita DHP453 cordless drill 18V"


def test_it_is_the_baseline_of_a_cap_that_is_declared_on_that_day(published: Any, bazaar: Any) -> None:
    asked = ValuationRequest(text=DRILL, condition="good", region="US-MO", as_of=bazaar.day(80))
    valuer = published.valuer
    stricken = Valuer(
        valuer.learned, valuer.rates, snapshot_id=valuer.snapshot_id, code_version=valuer.code_version,
        understanding=valuer.understanding,
        declarations=[Declaration("d", "federal", "US-MO", bazaar.day(75), "flood", "severe")],
    )  # fmt: skip
    cap = stricken.explain(asked).trade_cap

    assert cap is not None
    assert str(valuer.worth_before(asked, bazaar.day(75))) == cap.baseline


def test_before_anything_was_published_it_is_not_known(published: Any, bazaar: Any) -> None:
    asked = ValuationRequest(text=DRILL, condition="good", region="US-MO", as_of=bazaar.day(80))

    assert published.valuer.worth_before(asked, bazaar.day(0) - timedelta(days=400)) is None

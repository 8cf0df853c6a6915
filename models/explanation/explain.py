"""The explanation of a value: the computation itself, taken apart by the parts that made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from models.answers.answer import Point
from models.caps.apply import trade_cap
from models.caps.declarations import Declaration
from models.explanation.contributions import contributions
from models.explanation.parts import Usual, parts_of, usual_of, usual_rows
from models.explanation.shapes import Contributions, Explanation
from models.explanation.waterfall import converted_base, specification, steps
from models.explanation.what_if import what_if
from models.level.state import Learned
from warehouse.valuation import Valuation, ValuationRequest

_MOST_KEPT = 500


class Looking(Protocol):
    """What is needed of a valuer."""

    learned: Learned | None
    declarations: Sequence[Declaration]
    usual: dict[tuple[int, str], Usual]

    def look(self, request: ValuationRequest) -> tuple[Valuation, Point | None]: ...

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]: ...


def explain(valuer: Looking, request: ValuationRequest) -> Explanation:
    """The value of a thing with what it is made of, what would change it, and the trade cap that holds."""
    valuation, point = valuer.look(request)
    learned = valuer.learned
    if point is None or learned is None or valuation.fmv is None:
        return plainly(valuation)
    return plainly(
        valuation,
        contributions=_contributions(valuation, point, learned, valuer.usual),
        what_if=what_if(valuation, point, valuer.value_many, learned.knobs.explanation.places),
        trade_cap=trade_cap(valuation, point, learned, valuer.declarations),
    )


def plainly(valuation: Valuation, **more: Any) -> Explanation:
    """An explanation from the valuation's own numbers, with what else there is to say."""
    shown = steps(valuation)
    return Explanation(valuation=valuation, waterfall=specification(shown) if shown else None, **more)


def _contributions(
    valuation: Valuation, point: Point, learned: Learned, kept: dict[tuple[int, str], Usual]
) -> Contributions | None:
    if point.vintage is None:
        return None
    knobs = learned.knobs.explanation
    hedonic, category = point.vintage.hedonic, str(point.row["category"])
    key = (point.vintage.cutoff, category)
    if key not in kept:
        if len(kept) > _MOST_KEPT:
            kept.clear()
        rows, name = usual_rows(learned.market.rows, point.vintage.cutoff, category, knobs.background)
        kept[key] = usual_of(hedonic, rows, name)
    usual = kept[key]
    parts = parts_of(hedonic, pd.DataFrame([point.row]), usual, point.ln_base)
    return contributions(
        parts,
        converted_base(valuation),
        valuation.currency,
        usual_of=usual.of,
        listings=usual.listings,
        smallest=knobs.smallest,
    )

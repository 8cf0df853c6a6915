"""What is asked about, as a row of the market table, and what of it no price can be said of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.market import day_number, question
from features.thing import kinds_of
from features.understanding import Understands
from models.answers.currency import Rates
from warehouse.reading.price import read_price
from warehouse.valuation import ValuationRequest


def row_of(
    request: ValuationRequest, when: date, rates: Rates, understanding: Understands | None = None
) -> dict[str, Any]:
    """The request as a row of the market table; a list price in it is read and moved to the anchor."""
    ln_list = float("nan")
    stated = request.attributes.get("list_price")
    read = read_price(stated, currency_hint=request.currency or rates.anchor) if stated else None
    if read is not None and read.amount is not None and read.amount > 0:
        rate = rates.on(read.currency or rates.anchor, when)
        ln_list = float(np.log(float(read.amount) / rate.value)) if rate is not None else ln_list
    row = question(
        request.text, request.attributes, condition=request.condition, region=request.region, ln_list=ln_list
    )
    if understanding is not None:
        row |= understanding.understand(row, request.attributes, day_number(when))
    return row


def unseen_lot(row: Mapping[str, Any], market: pd.DataFrame, compared: np.ndarray) -> bool:
    """Whether several things together are asked about and none of what they are compared with (places of market rows)
    is a lot of their category: what one of a kind brings says nothing that a model could multiply."""
    if "lot" not in kinds_of(str(row["title"]))[0]:
        return False
    beside = market.iloc[compared]
    titles = beside["title"][beside["category"] == row["category"]]
    return not any("lot" in kinds_of(str(title))[0] for title in titles)

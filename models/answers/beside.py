"""What a thing was compared with, as it is shown: its price, its weight, and the price moved to the thing asked for."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd

from features.condition import UNSTATED
from models.base.compose import Compared
from warehouse.valuation import Comparable


def comparables(compared: Compared, shift: float, rows: pd.DataFrame, most: int) -> list[Comparable]:
    """The best of what a thing is compared with, `most` at most, from the market's rows; `shift` is what a comparable
    that stands 0 above its hedonic value is worth as the thing in question, in logs of the answer's currency."""
    total = float(compared.weight.sum()) or 1.0
    out = []
    for place in range(min(len(compared.row), most)):
        seen = rows.iloc[int(compared.row[place])]
        out.append(
            Comparable(
                listing=str(seen["listing"]),
                title=str(seen["title"]),
                kind=str(seen["kind"]),
                price=_plain(str(seen["price"])),
                currency=str(seen["currency"]),
                observed_at=np.datetime64(
                    seen["observed_at"].tz_localize(None) if seen["observed_at"].tzinfo else seen["observed_at"], "s"
                )
                .item()
                .isoformat()
                + "Z",
                condition=None if seen["grade"] == UNSTATED else str(seen["grade"]),
                region=str(seen["region"]) or None,
                url=seen["url"] if isinstance(seen["url"], str) else None,
                found_at=str(seen["found_at"]),
                similarity=round(float(compared.similarity[place]), 4),
                weight=round(float(compared.weight[place]) / total, 4),
                adjusted=f"{math.exp(shift + float(compared.above[place])):.2f}",
            )
        )
    return out


def _plain(price: str) -> str:
    """A decimal text without needless zeros but with cents: "45.0000000000" → "45.00"."""
    value = Decimal(price)
    return (
        str(value.quantize(Decimal("0.01"))) if value == value.quantize(Decimal("0.01")) else f"{value.normalize():f}"
    )

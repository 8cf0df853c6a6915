"""Judgement of currencies as a step of a run: official and parallel rates in, what people pay out (core.fx_paid)."""

from __future__ import annotations

import math
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from features.anchors.implied import Implied, implied_rates
from features.anchors.paid import Paid, pay
from features.anchors.rules import CurrencyRule
from features.anchors.trouble import by_day, say

# Currencies that matter here: something is offered in them, or somebody quotes a parallel rate.
_OFFICIAL = """
    SELECT currency, date_diff('day', DATE '1970-01-01', observed_on) AS day, rate
    FROM core.fx_official
    WHERE rate > 0 AND (
        currency IN (SELECT currency FROM raw.listing)
        OR currency IN (SELECT unnest([base, quote]) FROM raw.fx_rate WHERE kind = 'parallel')
    )
    ORDER BY currency, observed_on
"""
_FILL = {
    "fx_paid": ("DELETE FROM core.fx_paid", "INSERT INTO core.fx_paid BY NAME SELECT * FROM anchors_rows"),
    "fx_trouble": ("DELETE FROM core.fx_trouble", "INSERT INTO core.fx_trouble BY NAME SELECT * FROM anchors_rows"),
}
_GOODS = "same goods in both currencies"


def write_paid(connection: Any, anchor: str, rule: CurrencyRule, rows: pd.DataFrame | None = None) -> bool:
    """Judge the currencies that matter here; fill core.fx_paid and core.fx_trouble. After `build.build_rates`.

    With `rows` of the market table, also by the prices of the same goods. Returns whether goods gave a rate that is
    paid: only then do prices in the anchor change by it, and the core wants to be built again.
    """
    implied = _implied(rows, anchor, rule) if rows is not None else {}
    if rows is not None and not implied:
        return False  # all that is known was judged without them
    judged, sources = judge_all(connection, rule, implied)
    paid = [_paid_rows(anchor, currency, each, sources.get(currency, {})) for currency, each in judged.items()]
    table = pd.concat([each for each in paid if len(each)], ignore_index=True) if any(map(len, paid)) else None
    _fill(connection, "fx_paid", table)
    trouble = [_trouble_row(anchor, period) for each in judged.values() for period in each.periods]
    _fill(connection, "fx_trouble", pd.DataFrame(trouble) if trouble else None)
    return table is not None and bool((table["kind"] == "implied").any())


def judge_all(
    connection: Any, rule: CurrencyRule, implied: dict[str, list[Implied]]
) -> tuple[dict[str, Paid], dict[str, dict[int, str]]]:
    """The currencies judged, and who quoted their parallel rates by day."""
    official = connection.sql(_OFFICIAL).to_df()
    sql = resources.files("features").joinpath("sql/parallel_rates.sql").read_text("utf-8")
    streets = {str(currency): part for currency, part in connection.sql(sql).to_df().groupby("currency")}
    sources = {
        currency: dict(zip(part["day"].astype(int), part["source"].astype(str), strict=True))
        for currency, part in streets.items()
    }
    judged = {
        str(currency): pay(
            str(currency), _series(part), _series(streets.get(str(currency))), implied.get(str(currency), []), rule
        )
        for currency, part in official.groupby("currency")
    }
    return judged, sources


def _implied(rows: pd.DataFrame, anchor: str, rule: CurrencyRule) -> dict[str, list[Implied]]:
    """What goods imply of each currency that anything was priced in, where they were priced in the anchor too."""
    currencies = set(rows["currency"].unique())
    if anchor not in currencies:
        return {}
    found = {currency: implied_rates(rows, currency, anchor, rule) for currency in sorted(currencies - {anchor})}
    return {currency: rates for currency, rates in found.items() if rates}


def _series(part: pd.DataFrame | None) -> pd.Series:
    return by_day([], []) if part is None else by_day(part["day"].tolist(), part["rate"].tolist())


def _paid_rows(anchor: str, currency: str, paid: Paid, sources: dict[int, str]) -> pd.DataFrame:
    table = paid.rates
    return pd.DataFrame(
        {
            "anchor": anchor,
            "currency": currency,
            "observed_on": _dates(table["observed_on"]),
            "rate": table["rate"].astype(float),
            "kind": table["kind"].astype(object),
            "source": [
                sources.get(int(day)) if kind == "parallel" else f"{goods} {_GOODS}"
                for day, kind, goods in zip(table["quoted_on"], table["kind"], table["goods"], strict=True)
            ],
            "quoted_on": _dates(table["quoted_on"]),
            "official": table["official"].astype(float),
            "premium": table["premium"].astype(float),
            "goods": table["goods"].astype(np.int64),
            "low": table["low"].astype(float),
            "high": table["high"].astype(float),
            "carried": table["carried"].astype(bool),
        }
    )


def _trouble_row(anchor: str, period: Any) -> dict[str, Any]:
    found = {name: value for name, (value, _) in period.reasons.items()}
    return {
        "anchor": anchor,
        "currency": period.currency,
        "started": _dates([period.started])[0],
        "ended": _dates([period.ended])[0] if period.ended is not None else None,
        "premium": math.expm1(found["premium"]) if "premium" in found else None,
        "volatility": found.get("volatility"),
        "crawl": math.expm1(found["crawl"]) if "crawl" in found else None,
        "goods": math.expm1(found["goods"]) if "goods" in found else None,
        "why": say(period),
    }


def _dates(days: Any) -> list[Any]:
    from features.market import day_date

    return [day_date(int(day)) for day in days]


def _fill(connection: Any, table: str, rows: pd.DataFrame | None) -> None:
    """Put these rows in place of those that are there; NaN is nothing known."""
    empty, fill = _FILL[table]
    connection.execute(empty)
    if rows is None or not len(rows):
        return
    connection.register("anchors_rows", rows.astype(object).where(rows.notna(), None))
    connection.execute(fill)
    connection.unregister("anchors_rows")

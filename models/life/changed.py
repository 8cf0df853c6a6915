"""What changed between two snapshots: the same questions asked of both, the largest moves, and what moved them.

The questions are those products that most sellers offer in both snapshots, by the wording most used. What people own
is private and no part of it. A value is base × factors, so that the logs of what each of them changed by add up to the
log of the change of the value: the computation says itself why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from features.market import last_of_each_listing
from models.knobs import changed as knobs_changed
from warehouse.valuation import Valuation, ValuationRequest


class Values(Protocol):
    """What is needed of a valuer."""

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]: ...


def standard_questions(old: pd.DataFrame, new: pd.DataFrame, most: int) -> list[ValuationRequest]:
    """Questions about the products with most sellers in both market tables, each by its most used title."""
    sellers = [last_of_each_listing(each).groupby("product")["seller"].nunique() for each in (old, new)]
    both = pd.concat(sellers, axis=1, join="inner").min(axis=1)
    chosen = both.sort_index().sort_values(ascending=False, kind="stable").index[:most]
    latest = last_of_each_listing(new)
    latest = latest[latest["product"].isin(set(chosen))]
    out = []
    for _, part in latest.groupby("product", sort=True):
        titles = part["title"].value_counts()
        title = sorted(titles.index[titles == titles.max()])[0]
        row = part[part["title"] == title].iloc[-1]
        attributes = {str(name): str(text) for name, text in row["attributes"].items()}
        named = {name: str(row[name]) for name in ("category", "brand") if isinstance(row[name], str) and row[name]}
        out.append(ValuationRequest(text=str(title)[:2000], attributes=attributes | named))
    return out


def compare_values(old: Values, new: Values, questions: Sequence[ValuationRequest]) -> list[dict[str, Any]]:
    """One row for each question answered by both, the largest moves first; shares as logs under `why`."""
    rows = []
    for question, before, after in zip(questions, old.value_many(questions), new.value_many(questions), strict=True):
        if before.fmv is None or after.fmv is None:
            continue
        moved = float(np.log(float(after.fmv) / float(before.fmv)))
        parts = _moved(before, after)
        mainly = max(parts, key=lambda name: abs(parts[name]), default="")
        rows.append(
            {
                "text": question.text,
                "category": str(question.attributes.get("category", "")),
                "old": before.fmv,
                "new": after.fmv,
                "change": round(float(np.expm1(moved)), 6),
                "mainly": mainly if abs(moved) > 1e-9 else "",
                "why": {name: round(value, 6) for name, value in parts.items() if abs(value) > 1e-7},
            }
        )
    return sorted(rows, key=lambda row: (-abs(float(np.log1p(float(str(row["change"]))))), str(row["text"])))


def _moved(before: Valuation, after: Valuation) -> dict[str, float]:
    """Log change of the base and of each factor; they add up to that of the value, but for its rounding."""
    parts = []
    for each in (before, after):
        named = {"base": each.base, **{factor.name: factor.value for factor in each.factors}}
        parts.append({name: float(np.log(float(value or 1))) for name, value in named.items()})
    names = [*parts[1], *(name for name in parts[0] if name not in parts[1])]
    return {name: parts[1].get(name, 0.0) - parts[0].get(name, 0.0) for name in names}


def by_category(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The median change of each category, and how many things moved by more than a tenth."""
    if not rows:
        return []
    table = pd.DataFrame({"category": [r["category"] for r in rows], "log": [np.log1p(r["change"]) for r in rows]})
    out = []
    for name, part in [("all", table), *table.groupby("category")]:
        log = part["log"].to_numpy(float)
        out.append(
            {
                "category": str(name),
                "n": len(part),
                "median": round(float(np.expm1(np.median(log))), 6),
                "median_move": round(float(np.expm1(np.median(np.abs(log)))), 6),
                "over_a_tenth": int((np.abs(np.expm1(log)) > 0.1).sum()),
            }
        )
    return [out[0], *sorted(out[1:], key=lambda row: -float(str(row["median_move"])))]


def causes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What differs between two manifests: data, code, knobs."""
    out = []
    if not old.get("data_hash") or old.get("data_hash") != new.get("data_hash"):
        seen = f"{old.get('observations')} → {new.get('observations')} observations"
        out.append(f"data: {seen}, up to {str(old.get('data_cutoff'))[:10]} → {str(new.get('data_cutoff'))[:10]}")
    if old.get("code_version") != new.get("code_version"):
        out.append(f"code: {old.get('code_version')} → {new.get('code_version')}")
    lines = knobs_changed(old.get("knobs") or {}, new.get("knobs") or {})
    return out + ([f"knobs: {', '.join(lines)}"] if lines else [])

"""The published history of levels as records: read back, so that it is never computed anew; written after a publish."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd

from features.market import day_date, day_number
from warehouse.records import PublishedLevel

SOURCE = "katy"


def read_fixed(connection: Any) -> dict[str, dict[int, float]]:
    """Levels as published: unit → period (days since 1970) → published log.

    Only periods that were over are ever landed; the running one is computed again from the one before it.
    """
    rows = connection.execute(
        "SELECT unit, period, arg_min(published, published_at) FROM core.level GROUP BY unit, period"
    ).fetchall()
    fixed: dict[str, dict[int, float]] = {}
    for unit, period, published in rows:
        fixed.setdefault(str(unit), {})[day_number(period)] = float(published)
    return fixed


def new_rows(table: pd.DataFrame, fixed: dict[str, dict[int, float]]) -> pd.DataFrame:
    """The rows of a level table that were not published before; units without a published level are left out."""
    known = [period in fixed.get(unit, {}) for unit, period in zip(table["unit"], table["period"], strict=True)]
    return table[~pd.Series(known, index=table.index, dtype=bool) & table["published"].notna()].reset_index(drop=True)


def as_records(table: pd.DataFrame, *, snapshot: str, published_at: datetime, run: str) -> Iterable[PublishedLevel]:
    """Landing records of newly published levels."""
    for number, row in enumerate(table.itertuples(index=False)):
        yield PublishedLevel(
            source=SOURCE,
            unit=str(row.unit),
            period=day_date(int(str(row.period))),
            days=int(str(row.days)),
            raw=float(str(row.raw)),
            published=float(str(row.published)),
            evidence=int(str(row.evidence)),
            reconstructed=bool(row.reconstructed),
            snapshot=snapshot,
            published_at=published_at,
            run=run,
            row=number,
        )

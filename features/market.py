"""The market as a table: what the models read, made from what the warehouse holds.

`read_market` gives one row per listing, day and kind. Sorted by day: "what was known at the end of day D" is a prefix
of the table, and every as-of rule becomes a slice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from features.condition import grade
from features.identity import product_of
from features.taxonomy import categorise

EPOCH = date(1970, 1, 1)
ALL_REGIONS = ""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_date(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def read_market(connection: Any) -> pd.DataFrame:
    """The market table, sorted by day. Prices are natural logs in the anchor currency (`ln_price`, `ln_list`)."""
    sql = resources.files("features").joinpath("sql/market_rows.sql").read_text("utf-8")
    return finish(connection.sql(sql).to_arrow_table().to_pandas())


def finish(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the grade of each row and settle types; `attributes` become dictionaries."""
    out = plain_words(rows)
    out["grade"] = [grade(_text(c), t) for c, t in zip(out["condition"], out["title"], strict=True)]
    out["region"] = [_text(region) or ALL_REGIONS for region in out["region"]]
    out["brand"] = [(_text(brand) or "").casefold().strip() for brand in out["brand"]]
    out["attributes"] = [json.loads(text) if isinstance(text, str) and text else {} for text in out["attributes"]]
    out["day"] = out["day"].astype(np.int64)
    out["ln_price"] = out["ln_price"].astype(np.float64)
    out["ln_list"] = out["ln_list"].astype(np.float64)
    return out.sort_values(["day", "listing", "kind"], kind="stable").reset_index(drop=True)


def plain_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Text columns as plain Python strings: the models walk them row by row, where Arrow's boxed ones are slow."""
    words = [name for name in rows.columns if rows[name].dtype.name in ("str", "string", "category")]
    return rows.astype(dict.fromkeys(words, object))


def last_of_each_listing(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per listing: its newest. One item is one case, however often it was seen."""
    return rows.drop_duplicates(["listing"], keep="last")


def without_copies(rows: pd.DataFrame) -> pd.DataFrame:
    """Each seller's copies of one title and the same attributes once, the newest: an offer repeated is no news."""
    same = rows[["seller", "title", "grade", "kind"]]
    # Hardly any row has such a like at all: only of those the attributes need to be read.
    like = np.flatnonzero(same.duplicated(keep=False).to_numpy())
    said = [json.dumps(each, sort_keys=True) for each in rows["attributes"].to_numpy(object)[like]]
    again = np.zeros(len(rows), bool)
    again[like] = same.iloc[like].assign(attributes=said).duplicated(keep="last").to_numpy()
    return rows[~again]


def question(
    text: str,
    attributes: Mapping[str, str],
    *,
    condition: str | None,
    region: str | None,
    ln_list: float = float("nan"),
) -> dict[str, Any]:
    """A thing in question as a row of the market table: read by the same code as a listing."""
    named = {name: value for name, value in attributes.items() if value and value.strip()}
    category = categorise(named.get("category"), text)
    brand = named.get("brand")
    return {
        "title": text,
        "category": category,
        "product": product_of(text, brand, named.get("gtin"), named.get("mpn"), category),
        "brand": (brand or "").casefold().strip(),
        "grade": grade(condition or named.get("condition"), text),
        "region": region or named.get("region") or ALL_REGIONS,
        "attributes": {name: value for name, value in named.items() if name not in _NAMED},
        "ln_list": ln_list,
    }


_NAMED = frozenset(
    "id title price currency list_price kind condition category brand gtin mpn quantity unit seller region place url "
    "image description observed_at ended_at as_of".split()
)


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None

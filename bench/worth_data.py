"""The tables that `katy bench worth` values, read from files through Katy's own importer and pipeline."""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from features.market import last_of_each_listing
from flows.pipeline import Run
from spiders.files.importer import ImportOptions, import_listings
from warehouse.home import Home


@dataclass(frozen=True)
class DataSet:
    """One table: which file it is, how its columns are named, and what is left out of its rows.

    `newest` names a column of dates of which only the last is taken. `hides` are attributes that give the price away;
    `listed` says whether the items' own list prices are told to the models.
    """

    name: str
    pattern: str
    mapping: Mapping[str, str]
    what: str
    newest: str = ""
    hides: tuple[str, ...] = ()
    listed: bool = True
    group: str = field(default="")


_PARTS = {"title": "name", "price": "price_usd", "observed_at": "snapshot_date"}
_DEALS = {"observed_at": "timestamp", "url": "item_url", "list_price": "original_price"}
DATA_SETS = (
    DataSet("pc", "pc_parts*.csv*", _PARTS, "PC parts of the last date", newest="snapshot_date", group="pc"),
    DataSet(
        "pc-fair",
        "pc_parts*.csv*",
        _PARTS,
        "the same without the price per gigabyte, which with the capacity is the price",
        newest="snapshot_date",
        hides=("price_per_gb",),
        group="pc",
    ),
    DataSet("ebay", "ebay_tech_deals*.csv*", _DEALS, "deals, by their titles", listed=False, group="ebay"),
    DataSet("ebay-list", "ebay_tech_deals*.csv*", _DEALS, "deals, with the list prices they name", group="ebay"),
)


def market_of(folder: Path, data: DataSet, say: Callable[[str], None]) -> pd.DataFrame | None:
    """The market table of a data set below `folder`; None where its file is not there."""
    found = sorted(folder.rglob(data.pattern))
    if not found:
        return None
    with tempfile.TemporaryDirectory(prefix="katy-bench-") as work:
        home = Home(Path(work) / "home")
        path = _last_date(found[0], data.newest, Path(work)) if data.newest else found[0]
        options = ImportOptions(source=data.group, mapping=data.mapping, currency="USD")
        import_listings(home, [path], options, clock=_now, say=say)
        with Run(home, anchor="USD", clock=_now, say=say, code_version="bench") as run:
            run.load()
            run.read()
            return run.rows


def prepared(rows: pd.DataFrame, data: DataSet) -> pd.DataFrame:
    """The rows with what the data set hides taken out."""
    hidden = data.hides
    said = [
        {k: v for k, v in each.items() if not k.endswith(hidden)} if hidden else each for each in rows["attributes"]
    ]
    return rows.assign(attributes=said, ln_list=rows["ln_list"] if data.listed else np.nan)


def cases_of(rows: pd.DataFrame) -> pd.DataFrame:
    """One case for each item, its newest observation."""
    return last_of_each_listing(rows).reset_index(drop=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _last_date(path: Path, column: str, folder: Path) -> Path:
    """A file with only the rows of the newest date; ISO dates sort as texts."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    last = max(row[column] for row in rows)
    target = folder / "last.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row[column] == last)
    return target

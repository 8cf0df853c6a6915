"""The town's past as the files its venues would hand out, each in its own shape.

    second_turn_sold.csv.gz     the consignment shop's sold export: US dates, "$1,299.99", list prices, article numbers
    river_ads.jsonl             classified ads, asking, some seen again when reduced; no category, no id but the URL
    trail_market_asking.xlsx    the market's asking prices, real date cells
    trail_market_sold.parquet   what was sold there, and for how much
    town_hall_board.csv         bread and work that neighbours gave each other (`demo.noticeboard`)

`python -m demo.files OUTDIR --seed 7 --end 2026-11-20` writes them and prints the commands that import them.
A handful of rows in each has no price or one that nobody should believe. Equal towns give equal bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
import re
import shlex
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from demo import noticeboard
from demo.goods import slug
from demo.offer import Offer
from demo.town import Town, simulate

# A ZIP entry's earliest possible date: XLSX files must not carry the moment they were written.
NO_MOMENT = (1980, 1, 1, 0, 0, 0)
CENTRAL = "-06:00"
BAD_PRICES = ("", "-45.00", "1O0", "call me", "", "12,5O")


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file of the town's past and how Katy is told to read it.

    `arguments` follow `katy import listings`; `rows` is how many rows the file has, `bad` how many of them carry
    no believable price and will be quarantined.
    """

    path: Path
    source: str
    kind: str
    mapping: dict[str, str]
    fixed: dict[str, str]
    rows: int
    bad: int

    @property
    def arguments(self) -> tuple[str, ...]:
        told = [str(self.path), "--source", self.source, "--kind", self.kind, "--currency", "USD"]
        for field, column in self.mapping.items():
            told += ["--map", f"{field}={column}"]
        for field, value in self.fixed.items():
            told += ["--set", f"{field}={value}"]
        return tuple(told)


def write_history(town: Town, folder: Path) -> list[HistoryFile]:
    """Write the past of the town into a folder (made where it is missing), one file per export."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write(town, folder) for write in (_shop_sold, _classifieds, _market_asking, _market_sold, _hall)]


def _moment(offer: Offer, day: date) -> datetime:
    """The time of day of what happened to an offer: some minute of the town's working hours."""
    return datetime.combine(day, clock_time(8 + offer.number % 9, offer.number * 7 % 60))


def _of(town: Town, venue: str) -> list[Offer]:
    return [offer for offer in town.history if offer.venue == venue]


def _sold(town: Town, venue: str) -> list[Offer]:
    """What was sold there before the live days, in the order of the sales."""
    sold = [offer for offer in _of(town, venue) if offer.sold_for is not None and offer.last_day < town.live_start]
    return sorted(sold, key=lambda offer: (offer.last_day, offer.number))


def _spoil(town: Town, name: str, rows: list[dict[str, Any]], column: str, prices: Iterable[Any]) -> int:
    """Put unbelievable prices into some rows; gives back how many."""
    dice = random.Random(f"{town.seed}/spoil/{name}")
    bad = list(prices)
    for row, price in zip(dice.sample(rows, len(bad)), bad, strict=True):
        row[column] = price
    return len(bad)


def _shop_sold(town: Town, folder: Path) -> HistoryFile:
    rows = [
        {
            "Receipt": f"R{offer.number}",
            "Item Description": offer.title,
            " Brand ": offer.brand or "",
            "Model": offer.model or "",
            "UPC": offer.gtin or "",
            "Condition Grade": offer.condition or "",
            "Department": offer.category or "",
            "Retail New": f"${offer.msrp:,.2f}" if offer.msrp else "",
            "Sold For": f"${offer.sold_for:,.2f}",
            "Sold On": _moment(offer, offer.last_day).strftime("%m/%d/%Y %I:%M %p"),
            "Consignor": offer.seller.name,
        }
        for offer in _sold(town, "shop")
    ]
    bad = _spoil(town, "shop", rows, "Sold For", BAD_PRICES)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "second_turn_sold.csv.gz"
    path.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), compresslevel=6, mtime=0))
    mapping = {
        "id": "Receipt",
        "title": "Item Description",
        "price": "Sold For",
        "observed_at": "Sold On",
        "list_price": "Retail New",
        "condition": "Condition Grade",
        "category": "Department",
        "gtin": "UPC",
        "seller": "Consignor",
    }
    fixed = {"region": "US-MO", "place": "Saint Charles"}
    return HistoryFile(path, "second_turn", "sold", mapping, fixed, len(rows), bad)


def _classifieds(town: Town, folder: Path) -> HistoryFile:
    seen = []
    for offer in _of(town, "classifieds"):
        seen += [(day, offer, price) for day, price in offer.asks if day < town.live_start]
    seen.sort(key=lambda one: (one[0], one[1].number))
    rows: list[dict[str, Any]] = []
    for day, offer, price in seen:
        row = {
            "posting_title": offer.title,
            "ask": f"${price:,}" if offer.number % 10 else int(price),
            "cond": (offer.condition or "").lower() or None,
            "area": offer.place.name,
            "state": offer.region,
            "poster": offer.seller.name,
            "seen": _moment(offer, day).isoformat() + CENTRAL,
            "link": f"https://riverads.example/for-sale/d/{slug(offer.title, 7)}/{offer.number}.html",
            "terms": offer.note or None,
        }
        rows.append({key: value for key, value in row.items() if value is not None})
    bad = _spoil(town, "classifieds", rows, "ask", (*BAD_PRICES, None))
    path = folder / "river_ads.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8", newline="\n")
    mapping = {
        "title": "posting_title",
        "price": "ask",
        "condition": "cond",
        "place": "area",
        "region": "state",
        "seller": "poster",
        "observed_at": "seen",
        "url": "link",
    }
    return HistoryFile(path, "river_ads", "asking", mapping, {}, len(rows), bad)


def _market_asking(town: Town, folder: Path) -> HistoryFile:
    rows: list[dict[str, Any]] = [
        {
            "Listing #": offer.number,
            "Item": offer.title,
            "Category": offer.category,
            "Brand": offer.brand,
            "Model": offer.model,
            "Condition": offer.condition,
            "Price (USD)": float(offer.asks[0][1]),
            "Listed": _moment(offer, offer.first_day),
            "State": offer.region,
            "Town": offer.place.name,
            "Seller": offer.seller.name,
        }
        for offer in _of(town, "market")
    ]
    bad = _spoil(town, "market", rows, "Price (USD)", (None, None, -80, "1O0"))
    path = folder / "trail_market_asking.xlsx"
    path.write_bytes(_workbook("Listings", rows))
    mapping = {
        "id": "Listing #",
        "title": "Item",
        "price": "Price (USD)",
        "observed_at": "Listed",
        "region": "State",
        "place": "Town",
    }
    return HistoryFile(path, "trail_market", "asking", mapping, {}, len(rows), bad)


def _workbook(sheet: str, rows: list[dict[str, Any]]) -> bytes:
    """An XLSX file whose bytes depend on its cells alone."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = datetime(*NO_MOMENT)  # noqa: DTZ001 -- a file's own naive time
    page = book.create_sheet(sheet)
    page.append(list(rows[0]))
    for row in rows:
        page.append(list(row.values()))
    raw = io.BytesIO()
    book.save(raw)
    still = io.BytesIO()
    with zipfile.ZipFile(raw) as moving, zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in moving.namelist():
            content = moving.read(name)
            if name == "docProps/core.xml":
                content = _without_moment(content)
            fixed.writestr(zipfile.ZipInfo(name, NO_MOMENT), content, zipfile.ZIP_DEFLATED)
    return still.getvalue()


def _without_moment(core: bytes) -> bytes:
    """docProps/core.xml with the time of saving, which openpyxl sets by itself, put back to the first possible."""
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", core)


def _market_sold(town: Town, folder: Path) -> HistoryFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = [
        {
            "listing_id": str(offer.number),
            "title": offer.title,
            "category": offer.category,
            "brand": offer.brand,
            "model": offer.model,
            "condition": offer.condition,
            "sold_price": float(offer.sold_for or 0),
            "sold_at": _moment(offer, offer.last_day).replace(tzinfo=UTC),
            "state": offer.region,
            "town": offer.place.name,
            "seller": offer.seller.name,
        }
        for offer in _sold(town, "market")
    ]
    bad = _spoil(town, "market sold", rows, "sold_price", (None, None, -1.0))
    path = folder / "trail_market_sold.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
    mapping = {
        "id": "listing_id",
        "price": "sold_price",
        "observed_at": "sold_at",
        "region": "state",
        "place": "town",
    }
    return HistoryFile(path, "trail_market", "sold", mapping, {}, len(rows), bad)


def _hall(town: Town, folder: Path) -> HistoryFile:
    rows = noticeboard.board(town.seed, town.live_start)
    path = noticeboard.write(rows, folder)
    mapping = {"id": "No", "title": "Given", "price": "USD", "observed_at": "On", "seller": "By"}
    fixed = {"region": "US-MO", "place": "Saint Charles"}
    return HistoryFile(path, "town_hall", "sold", mapping, fixed, len(rows), len(noticeboard.BAD_PRICES))


def main(arguments: list[str]) -> None:
    """Write the files by hand and print how to import them."""
    parser = argparse.ArgumentParser(prog="python -m demo.files", description="Write the demo town's past as files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=int, default=7, help="live days after the past that the files tell of")
    parser.add_argument("--end", type=date.fromisoformat, default=datetime.now(UTC).date(), help="the last live day")
    told = parser.parse_args(arguments)
    town = simulate(told.seed, told.days, end=told.end)
    for file in write_history(town, told.folder):
        sys.stdout.write(f"# {file.rows} rows, {file.bad} of them bad\n")
        sys.stdout.write(f"katy import listings {shlex.join(file.arguments)}\n")
    past = town.live_start - timedelta(days=1)
    sys.stdout.write(f"# the past ends on {past}; live days {town.live_start} to {town.end}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

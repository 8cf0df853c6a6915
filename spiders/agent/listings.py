"""From what a page says to what Katy believes: one row of texts becomes a Listing, or is quarantined with a reason.

The reading is that of imported files: a price text means the same wherever it stands, and a quarantined row of a page
is corrected and released like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from spiders.files.plan import FIELDS, Plan
from spiders.files.rows import Place, read_row, refuse
from spiders.privacy import Veil
from spiders.reader import Row
from warehouse.reading.dates import read_instant
from warehouse.reading.price import read_price
from warehouse.reading.urls import canonical, item_number
from warehouse.records import Listing, Quarantined

# What one page may fill the warehouse with.
_MOST_ATTRIBUTES = 60
_LONGEST = {"title": 500, "description": 5_000}
_LONGEST_TEXT = 1_000
_CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One run of a source: all its rows are of one moment, the visit's beginning.

    `region` and `currency` hold where a page says nothing; without `currency` a bare number is not believed.
    """

    source: str
    run: str
    base: str
    observed_at: datetime
    pseudonym: Callable[[str], str]
    region: str | None = None
    currency: str | None = None


def hide_offer(visit: Visit, offer: dict[str, Any]) -> dict[str, Any]:
    """An offer as it may be kept: its row completed from the visit, persons in it hidden."""
    row = _prepared(visit, offer["row"])
    cells = Veil(_plan(visit, row), visit.pseudonym).hide(list(row.values()))
    return {**offer, "row": dict(zip(row, cells, strict=True))}


def read_hidden(visit: Visit, offer: dict[str, Any], number: int) -> Listing | Quarantined:
    """One offer, persons in it hidden already. Reasons of refusal: those of imported rows."""
    row = offer["row"]
    plan = _plan(visit, row)
    place = Place(found_at=offer["found_at"], run=visit.run, row=number, read_at=visit.observed_at)
    if offer.get("reason"):
        return refuse(plan, row, place, offer["reason"], f"{offer['message']}; say one with --set price=…")
    if _without_currency(visit, row):
        message = f'{offer["price_path"]} "{row["price"]}" names no currency; collect again with --currency USD'
        return refuse(plan, row, place, "bad_currency", message)
    read = read_row(plan, list(row.values()), place)
    return replace(read, price_path=offer["price_path"]) if isinstance(read, Listing) else read


def read_offer(visit: Visit, offer: dict[str, Any], number: int) -> Listing | Quarantined:
    """One offer as it was found, read."""
    return read_hidden(visit, hide_offer(visit, offer), number)


def _prepared(visit: Visit, row: Row) -> Row:
    """The row with its id, its place in time and region, and nothing beyond measure."""
    kept = [name for name in row if name in FIELDS]
    kept += [name for name in row if name not in FIELDS][:_MOST_ATTRIBUTES]
    short = {name: row[name][: _LONGEST.get(name, _LONGEST_TEXT)] for name in kept if name != "variant"}
    short.setdefault("price", "")
    short.setdefault("title", "")
    own = _id(row, visit.base)
    if own and "id" not in short:
        short["id"] = own
    if visit.region:
        short.setdefault("region", visit.region)
    ended = read_instant(row["ended_at"]) if "ended_at" in row else None
    if row.get("kind") == "sold" and ended is not None and ended <= visit.observed_at:
        # A sale is of the day it was made, on whichever day the page is read.
        short["observed_at"] = ended.isoformat()
    return short


def _id(row: Row, base: str) -> str | None:
    """The item's number in its URL, else its path: without the host where that is the visit's own.

    What tells offers at one URL apart is added behind "#".
    """
    number = item_number(row.get("url", ""))
    if number is None:
        return None
    for host in (urlsplit(base).netloc, urlsplit(canonical(base) or "").netloc):
        number = number.removeprefix(f"{host.removeprefix('www.')}/")
    variant = row.get("variant")
    return f"{number}#{variant}" if variant else number


def _plan(visit: Visit, row: Row) -> Plan:
    columns = list(row)
    return Plan(
        source=visit.source,
        kind="asking",
        columns=columns,
        places={name: (at,) for at, name in enumerate(columns) if name in FIELDS},
        attributes={name: at for at, name in enumerate(columns) if name not in FIELDS},
        fixed={},
        currency=visit.currency or "USD",
        currency_assumed=visit.currency is None,
        imported_at=visit.observed_at,
        latest=visit.observed_at + _CLOCKS_DIFFER,
    )


def _without_currency(visit: Visit, row: Row) -> bool:
    if visit.currency or row.get("currency") or not row["price"]:
        return False
    read = read_price(row["price"])
    return read is not None and read.currency is None

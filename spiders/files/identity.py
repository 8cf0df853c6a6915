"""Which listing a row is of: the rule that makes a thing seen again the same thing, and two equal sales two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from spiders.files.plan import Plan
from warehouse.reading.urls import item_number

# What tells one offer from another where neither an id nor a URL does. Prices and times are what changes.
_TELLING = (
    *("title", "seller", "condition", "category", "brand", "gtin", "mpn", "quantity", "unit", "region", "place"),
    *("description", "attributes"),
)


def listing_id(
    plan: Plan, cells: Sequence[str], given: str | None, fields: Mapping[str, Any], seen: dict[str, int]
) -> str:
    """The id of a row's listing: the given one, else the item's number or path in its URL, else a hash.

    Of an offer the hash is of who offers what. Of a finished sale it is of the whole row and its number among equal
    rows of the file, counted in `seen`: genuinely equal sales stay two, and the same file again gives the same ids.
    """
    if given is not None:
        # Data frames write whole numbers as "123.0" where a column has blanks.
        whole, _, rest = given.partition(".")
        return whole if rest == "0" and whole.isdigit() else given
    if fields["url"] is not None:
        return item_number(fields["url"]) or str(fields["url"])
    if fields["kind"] in ("sold", "traded"):
        pairs = sorted((column, cell.strip()) for column, cell in zip(plan.columns, cells, strict=True))
        said_for_all = sorted(plan.fixed.items())
        row = json.dumps([pair for pair in (*pairs, *said_for_all) if pair[1]], ensure_ascii=False)
        seen[row] = seen.get(row, 0) + 1
        return digest(f"{row}\n{seen[row]}")
    offer = digest(
        json.dumps({name: fields[name] for name in _TELLING}, sort_keys=True, ensure_ascii=False, default=str)
    )
    return offer if plan.dated else _other_price(offer, fields, seen)


def _other_price(offer: str, fields: Mapping[str, Any], seen: dict[str, int]) -> str:
    """At one time an offer has one price: like things of other prices in one file are others, in the file's order."""
    priced = f"{offer}\n{fields['price']} {fields['currency']}"
    if priced not in seen:
        seen[offer] = seen[priced] = seen.get(offer, 0) + 1
    return offer if seen[priced] == 1 else digest(f"{offer}\n{seen[priced]}")


def digest(text: str) -> str:
    """24 hexadecimal digits of SHA-256: no two texts of a lifetime share them."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]

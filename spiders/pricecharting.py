"""Guide prices of video games, cards and collectibles from PriceCharting: its API, and the CSV of its price guides.

The API gives whole cents, the CSV dollars with their sign; 0 and blanks mean that there is none. The fields were named
for games: what `cib-price` means follows from what the product is.

Traps: cents here and dollars there: a number that could be both is quarantined; 0, "$0.00" and blanks; the meaning of
a field changes with the product; errors with status 200; several UPCs in one cell; kinds of price never met are told.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts, with_query
from spiders.source import Source
from warehouse.reading.gtin import read_gtin

SOURCE = Source(
    name="pricecharting",
    title="PriceCharting: guide prices of games, cards and collectibles",
    records=("price_series",),
    reader="spiders.pricecharting:PriceChartingReader",
    licence_note="PriceCharting terms of service: a paid subscription's token; prices are credited to PriceCharting; "
    "one call a second, a CSV every ten minutes",
    follows="https://www.pricecharting.com/api-documentation",
    cadence=timedelta(days=1),
    fields={
        "period": "the day of the visit",
        "days": "1",
        "statistic": "guide, always",
        "series": "id and the price's field",
        "title": "product-name, console-name, and what the field means for such a product",
        "value": "loose-price, cib-price, new-price, graded-price, box-only-price, manual-only-price, bgs-10-price, "
        "condition-17-price, condition-18-price: cents in the API, dollars in the CSV",
        "category": "console-name",
        "gtin": "upc",
        "attributes": "condition (the field's meaning), genre, release-date, sales-volume, asin, epid",
    },
    base="https://www.pricecharting.com",
    currency="USD",
    api=True,
    delay=1.1,
    keys=("pricecharting_token",),
    targets=("id:6910",),
    target_note="“id:6910” (PriceCharting's number), a UPC, or search words, of which the best match is taken",
    largest=64 * 1024 * 1024,
    needs_target=True,
)
# https://www.pricecharting.com/api-documentation#prices-api: "Description of keys".
_GAMES = {
    **{"loose-price": "loose", "cib-price": "complete in box", "new-price": "new and sealed"},
    **{"graded-price": "new, graded by WATA or VGA", "box-only-price": "box only"},
    "manual-only-price": "manual only",
}
_CARDS = {
    **{"loose-price": "ungraded", "cib-price": "grade 7 or 7.5", "new-price": "grade 8 or 8.5"},
    **{"graded-price": "grade 9", "box-only-price": "grade 9.5", "manual-only-price": "PSA 10"},
    **{"bgs-10-price": "BGS 10", "condition-17-price": "CGC 10", "condition-18-price": "SGC 10"},
}
# Whatever else it is, its fields are told by their own names.
_OTHER = {name: name.removesuffix("-price") for name in _CARDS}
_CARD_WORDS = re.compile(
    r"\bcards?\b|^(?:pokemon(?! mini)|magic|yugioh|one piece|lorcana|digimon|dragon ball|garbage pail kids|"
    r"flesh and blood|star wars unlimited|union arena|weiss schwarz)\b",
    re.IGNORECASE,
)
_OTHER_WORDS = re.compile(r"\bcomics?\b|\blego\b|\bfunko\b|\bcoins?\b|\bamiibo\b|\bstrategy guide\b", re.IGNORECASE)


# Prices of another kind: what dealers should pay and take, and one chain's own.
_KNOWN = frozenset({"gamestop-price", "gamestop-trade-price", "retail-price"})
# A price as text, and why it is not believed: (value, reason, message).
Value = tuple[str, str, str]


class PriceChartingReader(Reader):
    """One product for each target; or a whole price guide, where the base is its CSV."""

    def start(self) -> Iterator[Ask]:
        path = urlsplit(self.visit.base).path
        if self.visit.saved or path.endswith((".csv", ".json")) or "/price-guide/" in path or "/api/" in path:
            yield Ask(self.visit.base)
            return
        for target in dict.fromkeys(one.strip() for one in self.visit.targets if one.strip()):
            name, value = _asked(target)
            yield Ask(self.at("api/product", **{name: value}), told={"asked": target})

    def sign(self, ask: Ask) -> Ask:
        token = self.visit.keys.get("pricecharting_token")
        return with_query(ask, t=token) if token else ask

    def parse(self, answer: Answer) -> Iterator[Item]:
        text = answer.text.lstrip("\ufeff \r\n\t")
        if text[:1] in "{[":
            said = answer.json()
            yield from self._answered(said, answer)
        elif text[:1] == "<" or "product-name" not in text[:2_000].partition("\n")[0]:
            raise Unreadable(f"it is neither PriceCharting's JSON nor its CSV; it begins {text[:60]!r}")
        else:
            yield from self._guide(text, answer)

    def _answered(self, said: Any, answer: Answer) -> Iterator[Item]:
        if not isinstance(said, dict):
            raise Unreadable("it is no JSON object")
        if said.get("status") == "error" or "error-message" in said:
            raise Unreadable(f"PriceCharting answers: {said.get('error-message') or 'an error'}")
        products = said.get("products")
        for product in products if isinstance(products, list) else [said]:
            if not isinstance(product, dict) or not (product.get("id") and product.get("product-name")):
                raise Unreadable("it names no product")
            found = list(self._product(product, _cents, answer.ask.told, None))
            yield from found
            if not found:
                yield Note(f"{product['product-name']}: no guide price at all")
            yield from _unknown(product)

    def _guide(self, text: str, answer: Answer) -> Iterator[Item]:
        lines = csv.DictReader(io.StringIO(text))
        yield from _unknown({str(name).strip().lower(): "" for name in lines.fieldnames or ()})
        bare = 0
        for line in lines:
            product = {str(name).strip().lower(): cell for name, cell in line.items() if name and isinstance(cell, str)}
            found = list(self._product(product, _dollars, answer.ask.told, f"{answer.url} line {lines.line_num}"))
            yield from found
            bare += not found
        if bare:
            yield Note(f"{bare} products without any guide price")

    def _product(
        self, product: Mapping[str, Any], read: Callable[[str], Value], told: Mapping[str, Any], at: str | None
    ) -> Iterator[Found]:
        for field, meaning in _names(product).items():
            price = str(product.get(field) or "").strip()
            # "0", "$0.00" and "" are written where there is none.
            if price.strip("$0., "):
                yield self._found(product, field, meaning, read(price), told, at)

    def _found(
        self,
        product: Mapping[str, Any],
        field: str,
        meaning: str,
        value: Value,
        told: Mapping[str, Any],
        at: str | None,
    ) -> Found:
        price, reason, message = value
        name, console = product.get("product-name"), product.get("console-name")
        row = texts(
            series=f"{product['id']}/{field}" if product.get("id") else None,
            title=f"{name} ({console}), {meaning}" if console else f"{name}, {meaning}" if name else None,
            period=self.visit.now.date().isoformat(),
            days=1,
            value=price,
            currency="USD",
            statistic="guide",
            category=console,
            gtin=read_gtin(str(product.get("upc") or "").partition(",")[0]),
            condition=meaning,
            genre=product.get("genre"),
            release_date=product.get("release-date"),
            sold_in_a_year=product.get("sales-volume"),
            asin=product.get("asin"),
            epid=product.get("epid"),
            asked=told.get("asked"),
        )
        return Found("price_series", row, reason=reason or None, message=message, found_at=at)


def _cents(text: str) -> Value:
    """Whole cents as dollars; what is not whole is not believed to be cents."""
    if text.isascii() and text.isdigit():
        return str(Decimal(text).scaleb(-2)), "", ""
    return text, "bad_value", f'"{text}" is no whole number of cents'


def _dollars(text: str) -> Value:
    if "$" in text or "." in text:
        return text.replace("$", "").replace(",", "").strip(), "", ""
    return text, "bad_value", f'"{text}" may be dollars or cents: the CSV writes "$"'


def _unknown(product: Mapping[str, Any]) -> Iterator[Note]:
    strange = [name for name in product if name.endswith("-price") and name not in _CARDS and name not in _KNOWN]
    if strange:
        yield Note(f"prices of a kind that was not known before: {', '.join(strange[:5])}", "drift")


def _asked(target: str) -> tuple[str, str]:
    """A target as the API's parameter: (id | upc | q, value)."""
    name, colon, value = target.partition(":")
    if colon and name.strip().casefold() in {"id", "upc", "q"}:
        return name.strip().casefold(), value.strip()
    code = read_gtin(target)
    return ("upc", code) if code else ("q", target)


def _names(product: Mapping[str, Any]) -> Mapping[str, str]:
    """What the price fields mean for such a product."""
    words = f"{product.get('console-name') or ''}\n{product.get('genre') or ''}"
    if any(_OTHER_WORDS.search(line) for line in words.splitlines()):
        return _OTHER
    cards = any(_CARD_WORDS.search(line) for line in words.splitlines())
    return _CARDS if cards else {**_OTHER, **_GAMES}

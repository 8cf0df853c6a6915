"""What packaged food is, by GTIN, from Open Food Facts: name, brand, quantity, categories. It knows no prices.

A fact is of the day its page was last changed, so that one read again unchanged is already known.

Traps: an unknown article is 404, or status 0 in a 200; names in several languages, or only in one; "fr:" before a
category; quantities as a number with a unit, or as on the label; another article answered than asked for is
quarantined; who wrote an entry is a person and is not kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from spiders.feeds.gtins import gtins, refused
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Row, Unreadable, texts
from spiders.source import Source
from warehouse.reading.gtin import read_gtin
from warehouse.reading.quantity import read_quantity

_FIELDS = (
    "code,product_name,product_name_en,generic_name,brands,categories,quantity,product_quantity,product_quantity_unit,"
    "image_url,image_front_url,labels,packaging,countries,last_modified_t"
)
SOURCE = Source(
    name="open_food_facts",
    title="Open Food Facts: what packaged food is, by GTIN",
    records=("product_fact",),
    reader="spiders.open_food_facts:OpenFoodFactsReader",
    licence_note="Open Database License 1.0 (database), Database Contents License (contents), CC BY-SA 3.0 (pictures); "
    "name Open Food Facts; 100 products a minute, and a User-Agent that says who asks",
    follows="https://openfoodfacts.github.io/openfoodfacts-server/api/ref-v2/",
    cadence=timedelta(days=30),
    fields={
        "id": "code",
        "title": "product.product_name, else product_name_en or generic_name",
        "brand": "product.brands, the first",
        "category": "product.categories, the last and narrowest",
        "quantity, unit": "product.product_quantity and product_quantity_unit; else quantity",
        "image": "product.image_url or image_front_url",
        "observed_at": "product.last_modified_t",
        "attributes": "brands, categories, labels, packaging, countries, generic_name",
    },
    base="https://world.openfoodfacts.org",
    api=True,
    delay=1.0,
    personal=("creator", "last_editor", "last_modified_by", "owner", "last_checker", "checker", "photographer"),
    targets=("3017620422003",),
    target_note="a GTIN: EAN or UPC, with its check digit",
    needs_target=True,
)


class OpenFoodFactsReader(Reader):
    """One look-up for each GTIN."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved:
            yield Ask(self.visit.base)
            return
        for code, told in gtins(self.visit.targets):
            yield Ask(self.at(f"api/v2/product/{code}.json", fields=_FIELDS), told=told)

    def failed(self, ask: Ask, why: str, status: int | None) -> Iterator[Item] | None:
        """404 is how an article that is not known is answered, beside status 0 in a 200."""
        return iter([*refused(ask.told), _unknown(ask.told.get("gtin"))]) if status == 404 else None

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        if not isinstance(said, dict) or not {"status", "product"} & set(said):
            raise Unreadable("it has neither a status nor a product")
        yield from refused(answer.ask.told)
        told, product = answer.ask.told.get("gtin"), said.get("product")
        if str(said.get("status")) in {"0", "failure"} or not isinstance(product, dict) or not product:
            yield _unknown(told or said.get("code"))
            return
        yield self._fact(product, str(product.get("code") or said.get("code") or ""), told)

    def _fact(self, product: dict[str, Any], code: str, told: str | None) -> Found:
        own = read_gtin(code)
        row = texts(
            id=told or own or code,
            title=next(filter(None, map(product.get, ("product_name", "product_name_en", "generic_name"))), None),
            brand="".join(_listed(product.get("brands"))[:1]),
            category="".join(_listed(product.get("categories"))[-1:]),
            image=product.get("image_url") or product.get("image_front_url"),
            url=f"https://world.openfoodfacts.org/product/{told or own}" if told or own else None,
            observed_at=_moment(product.get("last_modified_t")),
        )
        for name in ("brands", "categories", "labels", "packaging", "countries", "generic_name"):
            row |= texts(**{name: product.get(name) if isinstance(product.get(name), str) else None})
        row |= _quantity(product)
        reason = message = ""
        if own is None:
            reason, message = "bad_id", f'"{code}" is no GTIN'
        elif told and own.lstrip("0") != told.lstrip("0"):
            reason, message = "other_product", f"{told} was asked for, and {own} answered"
        return Found("product_fact", row, reason=reason or None, message=message, found_at=row.get("url"))


def _unknown(code: Any) -> Note:
    return Note(f"{code or 'the article'} is not known to Open Food Facts")


def _listed(text: Any) -> list[str]:
    """The parts of "Spreads, Sweet spreads, fr:Pâtes à tartiner" without those of other languages."""
    parts = [one.strip() for one in str(text or "").split(",") if one.strip()]
    return [one for one in parts if ":" not in one[:4]] or parts


def _quantity(product: dict[str, Any]) -> Row:
    """How much is in it: the number Open Food Facts has made of it, else what stands on the label."""
    said, label = str(product.get("product_quantity") or ""), str(product.get("quantity") or "")
    unit = str(product.get("product_quantity_unit") or "")
    # What is no number there is read from the label.
    with contextlib.suppress(InvalidOperation):
        if Decimal(said) > 0 and unit:
            return texts(quantity=said, unit=unit, quantity_on_label=label)
    read = read_quantity(label) if label else None
    if read is not None and read.number > 0 and read.unit in {"g", "ml"}:
        return texts(quantity=f"{read.number:g}", unit=read.unit, quantity_on_label=label)
    return texts(quantity_on_label=label)


def _moment(epoch: Any) -> str | None:
    """Seconds since 1970 as ISO 8601; None where it is not known."""
    try:
        return datetime.fromtimestamp(int(str(epoch)), UTC).isoformat() if epoch else None
    except (ValueError, OverflowError, OSError):
        return str(epoch)

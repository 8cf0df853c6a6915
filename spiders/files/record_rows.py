"""One row becomes a list price, a rate or a published price, or is quarantined: a pure function of its texts.

`spiders.agent.believe` reads the fields; here is what only files need beside: a price with its currency written into
it, zero for "no price", an article without an id, a code that is none. An optional field that cannot be read is kept as
an attribute ("gtin as written") and does not cost the row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from spiders.agent.believe import Reading, read_record, set_aside
from spiders.files.identity import digest
from spiders.files.record_plan import RecordPlan
from spiders.files.rows import HIGHEST_PRICE, json_cell
from warehouse.checks import SMALLEST
from warehouse.reading.currency import read_currency
from warehouse.reading.dates import read_instant
from warehouse.reading.gtin import read_gtin
from warehouse.reading.numbers import read_number
from warehouse.reading.price import read_price
from warehouse.reading.urls import canonical, is_safe, item_number
from warehouse.reading.words import clean_text, is_blank, is_no_price
from warehouse.records import FxRate, ListPrice, PriceSeries, Quarantined, Record

# Sums of money and indices; beyond this a value is a mistake, and far beyond it cannot be kept.
HIGHEST_VALUE = Decimal(10) ** 15
_KINDS = {
    **dict.fromkeys(("official", "oficial", "reference", "interbank", "central bank"), "official"),
    **dict.fromkeys(("parallel", "paralelo", "blue", "black", "street", "informal", "unofficial"), "parallel"),
    "implied": "implied",
}
Row = dict[str, str]


class _RefusedError(Exception):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def row_of(plan: RecordPlan, cells: Sequence[str]) -> Row:
    """A table's row as texts by field and attribute, as they were written. Objects in cells are laid flat."""
    row: Row = {}
    for name, at in plan.attributes.items():
        cell = cells[at]
        if cell:
            inner = json_cell(cell) if cell[0] == "{" else None
            row.update({f"{name}.{key}": text for key, text in inner.items()} if inner else {name: cell})
    for name, places in plan.places.items():
        text = cells[places[0]] if len(places) == 1 else " ".join(filter(None, (cells[at].strip() for at in places)))
        if text.strip():
            row[name] = text
    for name, value in plan.fixed.items():
        if name not in plan.shape.fields and plan.shape.extras:
            row.setdefault(name, value)
    scale = plan.scales.get(plan.shape.amount)
    if scale:
        row |= _scaled(plan, row.get(plan.shape.amount, ""), scale)
    return row


def _scaled(plan: RecordPlan, text: str, scale: int) -> Row:
    """A number without words is of the scale that its column's header names ("Price (lakh)")."""
    price = None if any(sign.isalpha() for sign in text) else read_price(text, None, plan.marks.get(plan.shape.amount))
    return {} if price is None or price.why else {plan.shape.amount: format(price.amount.scaleb(scale), "f")}


def read_texts(
    name: str,
    row: Mapping[str, str],
    reading: Reading,
    *,
    found_at: str,
    number: int,
    price_path: str = "",
    own_currency: bool = False,
) -> Record:
    """The record that a row of texts says, or Quarantined.

    `own_currency`: the currency was said by a person for all rows, and stands over a sign beside the price. Reasons of
    refusal, beside those of `believe.read_record`: no_price and no_value (also zero), price_out_of_range,
    rate_out_of_range, bad_kind.
    """
    said = dict(row)
    try:
        reading = _CHECKS[name](said, reading, own_currency)
    except _RefusedError as refused:
        return set_aside(name, row, reading, refused.reason, str(refused), found_at=found_at, number=number)
    record = read_record(name, said, reading, found_at=found_at, number=number, price_path=price_path)
    if isinstance(record, Quarantined):
        # It is kept as it was found, not as it was made ready.
        message = record.message.removeprefix(f"{found_at}: ")
        return set_aside(name, row, reading, record.reason, message, found_at=found_at, number=number)
    return record


def _list_price(row: Row, reading: Reading, own_currency: bool) -> Reading:
    _money(row, reading, own_currency, "price", HIGHEST_PRICE)
    _codes(row)
    _optional(row, "released_on", lambda text: _is_past(text, reading))
    if is_blank(row.get("id", "")):
        row["id"] = _article(row, reading)
    else:
        # Data frames write whole numbers as "123.0" where a column has blanks.
        whole, _, rest = row["id"].strip().partition(".")
        row["id"] = whole if rest == "0" and whole.isdigit() else row["id"]
    return reading


def _price_series(row: Row, reading: Reading, own_currency: bool) -> Reading:
    _optional(row, "volume", lambda text: _is_count(text, reading))
    _optional(row, "gtin", lambda text: read_gtin(text) is not None)
    if is_blank(row.get("title", "")):
        row["title"] = row.get("series") or reading.defaults.get("series", "")
    statistic = row.get("statistic") or reading.defaults.get("statistic", "")
    if statistic.strip().casefold() == "index" and is_blank(row.get("currency", "")) and not own_currency:
        # An index has no currency, whatever that of the house is.
        _number(row, reading, "value")
        return replace(reading, defaults={one: text for one, text in reading.defaults.items() if one != "currency"})
    _money(row, reading, own_currency, "value", HIGHEST_VALUE)
    return reading


def _fx_rate(row: Row, reading: Reading, own_currency: bool) -> Reading:
    for name in ("base", "quote"):
        code = read_currency(clean_text(row.get(name, "")))
        if code:
            row[name] = code
    base, quote = (row.get(name) or reading.defaults.get(name, "") for name in ("base", "quote"))
    if base and base == quote:
        raise _RefusedError("bad_currency", f"{base} for {quote} is no rate; say --set base=… and --set quote=…")
    kind = (row.get("kind") or reading.defaults.get("kind", "")).strip().casefold()
    if kind not in _KINDS:
        raise _RefusedError("bad_kind", f'kind "{kind}" is none of official, parallel, implied; say --set kind=…')
    row["kind"] = _KINDS[kind]
    _number(row, reading, "rate")
    return reading


_CHECKS: dict[str, Callable[[Row, Reading, bool], Reading]] = {
    ListPrice.record: _list_price,
    PriceSeries.record: _price_series,
    FxRate.record: _fx_rate,
}


def _text(row: Row, reading: Reading, name: str) -> str:
    text = row.get(name, "")
    return clean_text(reading.defaults.get(name, "") if is_blank(text) else text)


def _money(row: Row, reading: Reading, own_currency: bool, name: str, highest: Decimal) -> None:
    """Look at an amount with what stands beside it: its currency, its unit, and whether it is one at all."""
    text = _text(row, reading, name)
    if is_no_price(text):
        raise _RefusedError(f"no_{name}", f"{name} is {repr(text) if text else 'blank'}; say it with --set {name}=…")
    stated = _stated(row, reading, own_currency)
    price = read_price(text.lstrip("−-"), stated or reading.defaults.get("currency"), reading.marks.get(name))
    if price is None or price.why:
        return  # believe says what is wrong with it
    if price.amount == 0:
        raise _RefusedError(f"no_{name}", f'{name} "{text}" is no price; say it with --set {name}=…')
    if text[:1] in "−-" or not SMALLEST <= price.amount < highest:
        raise _RefusedError(f"{name}_out_of_range", f'{name} "{text[:60]}" is not between 0 and {highest:.0e}')
    if price.currency and stated and price.currency != stated and not own_currency:
        raise _RefusedError(
            "bad_currency", f'{name} "{text}" is in {price.currency}, the currency is {stated}; say --set currency=…'
        )
    if price.sign and not price.currency and not stated:
        raise _RefusedError("bad_currency", f'"{price.sign}" in {name} "{text}" may be several; say --set currency=…')
    if price.currency and not stated:
        row["currency"] = price.currency
    if price.per:
        row.setdefault("unit", price.per)


def _stated(row: Row, reading: Reading, own_currency: bool) -> str | None:
    """The currency that the row's own field, or a person for all rows, names."""
    text = reading.defaults.get("currency", "") if own_currency else row.get("currency", "")
    return None if is_blank(text) else read_currency(clean_text(text), reading.defaults.get("currency"))


def _number(row: Row, reading: Reading, name: str) -> None:
    """A number that is no money must be one that can be kept; whether it is one at all is said by believe."""
    text = _text(row, reading, name)
    number = read_number(text.lstrip("−-+"), reading.marks.get(name))
    if number is not None and number >= HIGHEST_VALUE:
        raise _RefusedError(f"{name}_out_of_range", f'{name} "{text[:60]}" is beyond {HIGHEST_VALUE:.0e}')


def _codes(row: Row) -> None:
    """Codes and addresses in their own form, or kept as they were written."""
    if not is_blank(row.get("gtin", "")):
        code = read_gtin(row["gtin"])
        if code:
            row["gtin"] = code
    _optional(row, "gtin", lambda text: read_gtin(text) is not None)
    if not is_blank(row.get("url", "")):
        row["url"] = canonical(clean_text(row["url"])) or row["url"]
    _optional(row, "url", lambda text: canonical(text) is not None)
    _optional(row, "image", is_safe)


def _optional(row: Row, name: str, is_good: Callable[[str], bool]) -> None:
    text = row.get(name, "")
    if not is_blank(text) and not is_good(clean_text(text)):
        row[f"{name} as written"] = row.pop(name)


def _is_count(text: str, reading: Reading) -> bool:
    number = read_number(text, reading.marks.get("volume"))
    return number is not None and number < HIGHEST_VALUE


def _is_past(text: str, reading: Reading) -> bool:
    moment = read_instant(text, reading.order)
    return moment is not None and moment <= reading.now


def _article(row: Row, reading: Reading) -> str:
    """Which article a row is of: its GTIN, the number or path of its address, else a hash of what tells it apart."""
    if not is_blank(row.get("gtin", "")):
        return row["gtin"]
    if not is_blank(row.get("url", "")):
        return item_number(row["url"]) or row["url"]
    said = {one: text for one, text in reading.defaults.items() if one in _TELLING} | row
    telling = {one: clean_text(text) for one, text in said.items() if one not in _CHANGING and not is_blank(text)}
    return digest(json.dumps(telling, sort_keys=True, ensure_ascii=False))


_TELLING = frozenset({"title", "brand", "category", "mpn", "region"})
# What may change from one time to the next without another article being meant.
_CHANGING = frozenset({"id", "price", "currency", "observed_at", "image", "url", "image as written", "url as written"})


def price_path(plan: RecordPlan) -> str:
    """Where a price stood: "column price_usd"."""
    amount = plan.shape.amount
    return f"column {plan.column_of(amount)}" if amount in plan.places else f"--set {amount}"

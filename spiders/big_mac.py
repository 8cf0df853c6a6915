"""The Big Mac index of The Economist: what one good costs in some fifty countries, twice a year.

Each price becomes a value of a price series, in the country's own money. Beside it stands the rate it implies: local
price ÷ price in the United States. That is a second opinion on what a currency buys, from the same good on both sides,
and nothing more: nobody changes money at it, a hamburger holds local wages and rents, and some governments have held
its price down. So it is kept as kind "implied", which no conversion of prices uses.

Traps: amounts of old money under the code of today's (Turkey, Venezuela); several countries with one currency imply
no rate, but for the euro area's own row; dates without the United States; prices of 0; the raw and the adjusted index
have other columns in another order.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation

from spiders.reader import Answer, Found, Item, Note, Reader, Row, Unreadable, texts
from spiders.source import Source
from warehouse.reading.currency import read_code

SOURCE = Source(
    name="big_mac",
    title="The Economist: Big Mac index",
    records=("price_series", "fx_rate"),
    reader="spiders.big_mac:BigMac",
    licence_note="Data CC BY 4.0, software MIT (github.com/TheEconomist/big-mac-data): name The Economist",
    follows="https://github.com/TheEconomist/big-mac-data",
    cadence=timedelta(days=30),
    base="https://raw.githubusercontent.com/TheEconomist/big-mac-data/master/output-data/big-mac-full-index.csv",
    fields={
        "title": "Big Mac, and the name",
        "days": "182: two a year",
        "statistic": "price, always",
        "base, quote": "USD, and currency_code",
        "kind": "implied, always",
        "observed_on": "date",
        "series": "iso_a3, after big_mac_",
        "period": "date",
        "value": "local_price",
        "currency": "currency_code; what it was called then, where money was renamed since",
        "place": "name",
        "rate": "local_price ÷ local_price of USA on the same date, rounded to ten places",
        "attributes": "dollar_ex (the market's rate that day), dollar_price, GDP_bigmac, USD_raw, USD_adjusted",
    },
)

_NEEDED = ("date", "iso_a3", "currency_code", "name", "local_price")
_KEPT = ("iso_a3", "dollar_ex", "dollar_price", "gdp_bigmac", "adj_price", "usd_raw", "usd_adjusted")
_TENTH_PLACE = Decimal("0.0000000001")
# The file names the money of today; its amounts are those of the day. Code → (first day of today's money, code before).
# Sources: Law 5083 of Turkey (1 January 2005), Decree 5.229 of Venezuela (1 January 2008).
_BEFORE = {"TRY": ("2005-01-01", "TRL"), "VEF": ("2008-01-01", "VEB")}


class BigMac(Reader):
    """Reads the CSV, full, raw or adjusted."""

    def parse(self, answer: Answer) -> Iterator[Item]:
        lines = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), restkey="more", restval="")
        header = [name.strip().lower() for name in lines.fieldnames or ()]
        missing = [name for name in _NEEDED if name not in header]
        if missing:
            raise Unreadable(f"it is no Big Mac index: its first line has no {', '.join(missing)}")
        lines.fieldnames = header
        rows = [{name: text.strip() for name, text in line.items() if isinstance(text, str)} for line in lines]
        rows = [row for row in rows if any(row.values())]
        if not rows:
            raise Unreadable("it has a first line and nothing below it")
        for row in rows:
            yield _price(row)
        yield from _rates(rows)


def _price(row: Mapping[str, str]) -> Found:
    said = texts(
        series=f"big_mac_{row['iso_a3']}" if row["iso_a3"] else None,
        title=f"Big Mac, {row['name']}" if row["name"] else "Big Mac",
        period=row["date"],
        # A price holds until the next of two a year.
        days="182",
        value=row["local_price"],
        statistic="price",
        currency=_code(row),
        unit="each",
        place=row["name"],
        category="food",
        **{name: row.get(name) for name in _KEPT},
    )
    price = _number(row["local_price"])
    if price is not None and price <= 0:
        message = f'local_price "{row["local_price"]}" is not a positive number'
        return Found("price_series", said, reason="bad_value", message=message)
    return Found("price_series", said)


def _rates(rows: list[Row]) -> Iterator[Item]:
    """The rates implied by the prices of each date. The dollar has none, and a currency of several countries only where
    one row stands for all of them ("EUZ", the euro area).
    """
    in_dollars = {
        row["date"]: price for row in rows if row["iso_a3"] == "USA" and (price := _number(row["local_price"]))
    }
    users = Counter((row["date"], _code(row)) for row in rows)
    alone = shared = 0
    for row in rows:
        code = _code(row)
        if code == "USD" or not code:
            continue
        rate = _quotient(_number(row["local_price"]), in_dollars.get(row["date"]))
        if users[row["date"], code] > 1 and row["iso_a3"] != "EUZ":
            shared += 1
        elif rate is None or read_code(code) is None:
            alone += 1
        else:
            said = texts(base="USD", quote=code, kind="implied", rate=rate, observed_on=row["date"])
            yield Found("fx_rate", said)
    if shared:
        yield Note(f"{shared} rows imply no rate: their currency has several prices on the date")
    if alone:
        yield Note(
            f"{alone} rows imply no rate: no price in the United States on the date, none of their own, or no currency"
        )


def _code(row: Mapping[str, str]) -> str:
    first_day, before = _BEFORE.get(row["currency_code"], ("", ""))
    return before if row["date"] < first_day else row["currency_code"]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _quotient(local: Decimal | None, american: Decimal | None) -> str | None:
    if local is None or american is None or local <= 0 or american <= 0:
        return None
    try:
        return format((local / american).quantize(_TENTH_PLACE), "f")
    except (InvalidOperation, DivisionByZero):
        return None

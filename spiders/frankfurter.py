"""Frankfurter: the European Central Bank's reference rates as JSON, for any base, a day or a range of days.

A weekend's or holiday's answer is that of the last business day, and its `date` says which: that is the rate's day,
whatever was asked for. A range begins with such a day too. Rates are for `amount` of the base (1 unless asked).

Traps: the answer for a weekend is of another day; a range begins with a day before it; rates for another amount than
1; an error in place of rates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.errors import BadInput

SOURCE = Source(
    name="frankfurter",
    title="Frankfurter: the ECB's reference rates for any base and day",
    records=("fx_rate",),
    reader="spiders.frankfurter:FrankfurterReader",
    licence_note="Free and open (MIT); the rates are the European Central Bank's, to be named as the source",
    follows="https://frankfurter.dev/v1/",
    cadence=timedelta(days=1),
    fields={
        "kind": "official, always",
        "base": "base",
        "quote": "the name in rates",
        "rate": "rates.* / amount",
        "observed_on": "date",
    },
    base="https://api.frankfurter.dev",
    api=True,
    targets=("latest",),
    target_note="latest, a day (2024-01-15) or a range (2024-01-01..2024-01-31), each also for another base than EUR:"
    " USD:latest",
    needs_target=True,
)
_TARGET = re.compile(r"(?:(?P<base>[A-Za-z]{3}):)?(?P<when>latest|\d{4}-\d\d-\d\d(?:\.\.(?:\d{4}-\d\d-\d\d)?)?)")


class FrankfurterReader(Reader):
    """One ask for each target."""

    def start(self) -> Iterator[Ask]:
        for target in self.visit.targets:
            found = _TARGET.fullmatch(target.strip())
            if found is None:
                raise BadInput(f'"{target}" is nothing to ask Frankfurter for: say {SOURCE.target_note}')
            base = found["base"]
            url = self.at(f"v1/{found['when']}", base=base.upper() if base else None)
            yield Ask(url, told={"when": found["when"]})

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        if not isinstance(said, dict) or not isinstance(said.get("rates"), dict) or not said.get("base"):
            why = said.get("message") if isinstance(said, dict) else None
            raise Unreadable(f"it has no base and rates{f': {why}' if why else ''}")
        if "date" not in said and "start_date" not in said:
            raise Unreadable("it does not say of which day its rates are")
        days = {said["date"]: said["rates"]} if "date" in said else said["rates"]
        if not all(isinstance(rates, dict) for rates in days.values()):
            raise Unreadable("its rates are not by day and currency")
        for day, rates in days.items():
            for code, rate in rates.items():
                row = texts(base=said["base"], quote=code, kind="official", observed_on=day)
                yield Found("fx_rate", row | texts(rate=_for_one(rate, said.get("amount"))))
        asked = answer.ask.told.get("when", "latest")
        if "date" in said and asked not in ("latest", said["date"]):
            yield Note(f"{asked} was no business day: the rates are those of {said['date']}")


def _for_one(rate: Any, amount: Any) -> Any:
    """The rate for one unit of the base; the rate as it stands where it, or the amount, is no number."""
    try:
        parts = Decimal(str(amount))
        return rate if parts == 1 or parts <= 0 else str(Decimal(str(rate)) / parts)
    except InvalidOperation:
        return rate

"""open.er-api.com: the day's reference rates of some 160 currencies, from ExchangeRate-API's open access.

One answer for each base currency asked for. The base's own rate (1) is no rate and left out; so are codes of the
source's own that are no ISO 4217 currencies (territories whose money equals another's): a note counts them. An error
comes with status 200 and `result` "error".

Traps: an error with status 200; the base's own rate; codes that are no currencies of ISO 4217; an answer without a
day is quarantined; the day is that of a Unix time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source

SOURCE = Source(
    name="open_er_api",
    title="ExchangeRate-API, open access: reference rates of some 160 currencies",
    records=("fx_rate",),
    reader="spiders.open_er_api:OpenErApiReader",
    licence_note="Open access with attribution (Rates By Exchange Rate API, https://www.exchangerate-api.com);"
    " may be kept, not passed on; once a day is enough",
    follows="https://www.exchangerate-api.com/docs/free",
    cadence=timedelta(days=1),
    fields={
        "kind": "official, always",
        "base": "base_code",
        "quote": "the name in rates",
        "rate": "rates.*",
        "observed_on": "time_last_update_unix (UTC)",
    },
    base="https://open.er-api.com",
    api=True,
    targets=("USD",),
    target_note="base currencies (ISO 4217)",
    needs_target=True,
)
# Its own codes: the Faroes, Guernsey, the Isle of Man, Jersey, Kiribati, Tuvalu, and the yuan outside China.
_NO_CURRENCIES = frozenset({"FOK", "GGP", "IMP", "JEP", "KID", "TVD", "CNH"})


class OpenErApiReader(Reader):
    """One ask for each base currency."""

    def start(self) -> Iterator[Ask]:
        for target in self.visit.targets:
            yield Ask(self.at(f"v6/latest/{target.strip().upper()}"))

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        if not isinstance(said, dict) or said.get("result") != "success":
            why = said.get("error-type") if isinstance(said, dict) else None
            raise Unreadable(f"it answers no rates: {why or 'result is not success'}")
        rates, base = said.get("rates"), said.get("base_code")
        if not isinstance(rates, dict) or not rates or not base:
            raise Unreadable("it has no base_code or no rates")
        day = _day(said.get("time_last_update_unix"))
        left = 0
        for code, rate in rates.items():
            if code in _NO_CURRENCIES:
                left += 1
            elif code != base:
                row = texts(base=base, quote=code, kind="official", rate=rate, observed_on=day)
                yield Found("fx_rate", row)
        if left:
            yield Note(f"{left} codes are no ISO 4217 currencies and were left out")


def _day(seconds: Any) -> str:
    """The day of a Unix time in UTC; the text itself where it is none."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return "" if seconds is None else str(seconds)

"""Bluelytics, Argentina: the official and the street's ("blue") dollar and euro; the latest, or their whole history.

The rate is the exact middle between buying and selling. `last_update` carries Argentina's offset (−03:00), and its day
is the rate's day. The history ("evolution") is of the dollar alone: a row for each day and market.

Traps: the day is Argentina's, whatever it is in UTC; null or 0 for buying or selling; an average that is not the
middle; buying and selling so far apart that one is a slip (quarantined); markets never met are told and left out; the
history is a list with other names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from spiders.dolarapi import local_day, middle, one_sided_note
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source

SOURCE = Source(
    name="bluelytics",
    title="Bluelytics: Argentina's official and blue dollar and euro",
    records=("fx_rate",),
    reader="spiders.bluelytics:BluelyticsReader",
    licence_note="A free public interface, to be asked sparingly and with the source named (bluelytics.com.ar)",
    follows="https://api.bluelytics.com.ar/",
    cadence=timedelta(hours=1),
    fields={
        "quote": "ARS, always",
        "base": "the key (…_euro is EUR)",
        "kind": "the key (oficial, blue)",
        "rate": "(value_buy + value_sell) / 2",
        "observed_on": "last_update, or date",
    },
    base="https://api.bluelytics.com.ar",
    region="AR",
    currency="ARS",
    api=True,
    targets=("latest",),
    target_note="latest, or evolution for the whole history",
    needs_target=True,
)
_MARKETS = {
    "oficial": ("USD", "official"),
    "blue": ("USD", "parallel"),
    "oficial_euro": ("EUR", "official"),
    "blue_euro": ("EUR", "parallel"),
}
_PATHS = {"latest": "v2/latest", "evolution": "v2/evolution.json"}
_HOURS = -3.0


class BluelyticsReader(Reader):
    """Reads the latest quotes (an object) and the history (a list)."""

    def start(self) -> Iterator[Ask]:
        for target in self.visit.targets:
            yield Ask(self.at(_PATHS.get(target, f"v2/{target}")))

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        if isinstance(said, list):
            yield from self._history(said)
        elif isinstance(said, dict) and _MARKETS.keys() & said.keys():
            yield from self._latest(said)
        else:
            raise Unreadable("it has none of oficial, blue, oficial_euro and blue_euro")

    def _latest(self, said: dict[str, Any]) -> Iterator[Item]:
        day = local_day(said.get("last_update"), _HOURS)
        quotes = [(market, value, day) for market, value in said.items() if market in _MARKETS]
        yield from self._found(quotes)
        for market in said.keys() - _MARKETS.keys() - {"last_update"}:
            yield Note(f'"{market}" is no market known here and was left out')

    def _history(self, rows: list[Any]) -> Iterator[Item]:
        quotes = []
        for row in rows:
            market = str(row.get("source", "")).strip().casefold() if isinstance(row, dict) else ""
            if market not in _MARKETS:
                raise Unreadable(f"its rows are not of Oficial or Blue: {str(row)[:60]}")
            quotes.append((market, row, str(row.get("date") or "")))
        yield from self._found(quotes)

    def _found(self, quotes: list[tuple[str, Any, str]]) -> Iterator[Item]:
        """Rates of quotes (market, what was said of it, day)."""
        one_sided = 0
        for market, value, day in quotes:
            base, kind = _MARKETS[market]
            said = value if isinstance(value, dict) else {}
            rate = middle(said.get("value_buy"), said.get("value_sell"), said.get("value_avg"))
            one_sided += rate.one_sided
            row = texts(base=base, quote=self.visit.currency or "ARS", kind=kind, rate=rate.rate, observed_on=day)
            yield Found("fx_rate", row, reason=rate.reason, message=rate.message)
        if one_sided:
            yield one_sided_note(one_sided)

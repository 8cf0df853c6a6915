"""DolarApi, Argentina: what a dollar (and other money) is bought and sold for, by kind of market ("casa").

A rate of Katy's is (source, base, quote, kind, day), and DolarApi has eight rates of one day. So only two of them are
exchange rates here: `oficial` (official: what banks ask of people) and `blue` (parallel: the street, where anyone can
buy). The others are rates of their own, each good for some only: `mayorista` for banks, `bolsa`, `contadoconliqui` and
`cripto` for whoever trades papers or coins, `tarjeta` the official rate with taxes on it. They land as series of prices
("USD/ARS bolsa"), so that nothing is lost and none passes for the rate that people pay.

The rate is the middle between buying and selling, exactly; where only one of them is given (null, or 0), that one, and
a note says so. A day is Argentina's: 01:30 UTC is still the evening before. Venezuela's DolarApi has the same shape and
the same reader (`spiders.dolarapi_ve`).

Traps: eight rates of one day, of which two are exchange rates; null or 0 for buying or selling; the two so far apart
that one is a slip (quarantined); a moment in UTC whose day is another one in Argentina; a message in place of quotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any, ClassVar

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.reading.words import is_blank

SOURCE = Source(
    name="dolarapi",
    title="DolarApi: Argentina's official and parallel rates",
    records=("fx_rate", "price_series"),
    reader="spiders.dolarapi:DolarApiReader",
    licence_note="A free public interface (MIT-licensed project), to be asked sparingly; rates from public sources",
    follows="https://dolarapi.com/docs/argentina/",
    cadence=timedelta(hours=1),
    fields={
        "quote": "ARS, always",
        "series": "moneda/ARS casa",
        "title": "moneda/ARS nombre",
        "period": "fechaActualizacion, Argentina's day",
        "days": "1",
        "value": "(compra + venta) / 2",
        "statistic": "mid, always",
        "base": "moneda",
        "kind": "casa",
        "rate": "(compra + venta) / 2",
        "observed_on": "fechaActualizacion, Argentina's day",
    },
    base="https://dolarapi.com",
    region="AR",
    currency="ARS",
    api=True,
    targets=("dolares",),
    target_note="what is asked for below /v1/: dolares, dolares/blue, cotizaciones (other money), cotizaciones/eur",
    needs_target=True,
)
# Where buying and selling are further apart than this, one of them is a slip.
_WIDEST = Decimal(2)
# No money is worth so little.
_HIGHEST = Decimal(10) ** 15


class DolarApiReader(Reader):
    """Reads a list of quotes, or one quote, of either country."""

    # The country's word for a market → kind of rate; every other market is a series of its own.
    kinds: ClassVar[Mapping[str, str]] = {"oficial": "official", "blue": "parallel", "paralelo": "parallel"}
    # The country's clock: hours from UTC (no summer time in either).
    hours: ClassVar[float] = -3

    def start(self) -> Iterator[Ask]:
        for target in self.visit.targets:
            yield Ask(self.at(f"v1/{target.strip().strip('/')}"), told={"target": target})

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        quotes = said if isinstance(said, list) else [said]
        if isinstance(said, dict) and not {"casa", "fuente"} & said.keys():
            raise Unreadable(f"it is no quote: {said.get('message') or said.get('error') or sorted(said)[:5]}")
        if not all(isinstance(quote, dict) for quote in quotes):
            raise Unreadable("it is no list of quotes")
        one_sided = 0
        for quote in quotes:
            rate = middle(quote.get("compra"), quote.get("venta"), quote.get("promedio"))
            one_sided += rate.one_sided
            yield self._found(quote, rate, str(answer.ask.told.get("target", "")))
        if one_sided:
            yield one_sided_note(one_sided)

    def _found(self, quote: Mapping[str, Any], rate: Middle, target: str) -> Found:
        market = str(quote.get("casa") or quote.get("fuente") or "").strip().casefold()
        base = quote.get("moneda") or ("EUR" if target.startswith("euro") else "USD")
        local = self.visit.currency or self.visit.source.currency or ""
        day = local_day(quote.get("fechaActualizacion"), self.hours)
        kind = self.kinds.get(market)
        if kind:
            row = texts(base=base, quote=local, kind=kind, rate=rate.rate, observed_on=day)
            return Found("fx_rate", row, reason=rate.reason, message=rate.message)
        row = market_series(base, local, market, rate.rate, day, quote)
        return Found("price_series", row, reason=rate.reason, message=rate.message)


def one_sided_note(count: int) -> Note:
    """What is told of quotes with one side only."""
    return Note(f"{count} quotes name only one of buying and selling: that one is taken")


def market_series(base: str, local: str, market: str, rate: str, day: str, quote: Mapping[str, Any]) -> dict[str, str]:
    """A rate that is good for one market only, as a value of a series: "USD/ARS bolsa", units of ARS for one USD."""
    name = str(quote.get("nombre") or market).strip()
    return texts(
        series=f"{base}/{local} {market}".strip(),
        title=f"{base}/{local} {name}".strip(),
        period=day,
        days=1,
        value=rate,
        statistic="mid",
        currency=local,
        unit=base,
        category="exchange rate",
        compra=quote.get("compra"),
        venta=quote.get("venta"),
    )


@dataclass(frozen=True, slots=True)
class Middle:
    """The rate between two prices as text ("" where there is none); `reason` and `message` where it is not believed.

    `one_sided` says that only one of the two was given.
    """

    rate: str
    reason: str | None = None
    message: str = ""
    one_sided: bool = False


def middle(buying: Any, selling: Any, average: Any = None) -> Middle:
    """The exact middle of two texts of numbers.

    null and 0 mean that a side is not given: then the other counts, and without both the source's own average.
    """
    sides = [text for text in (_given(buying), _given(selling)) if text is not None]
    if not sides:
        return Middle(_given(average) or "")
    shown = f"it buys at {buying} and sells at {selling}"
    try:
        numbers = [Decimal(text) for text in sides]
    except InvalidOperation:
        return Middle(" / ".join(sides), "bad_rate", f"{shown}: that is no number")
    if not all(number.is_finite() and 0 < number < _HIGHEST for number in numbers):
        return Middle(" / ".join(sides), "bad_rate", f"{shown}: that is no rate")
    low, high = min(numbers), max(numbers)
    with localcontext(prec=60):
        rate = format((low + high) / 2, "f")
    if high > _WIDEST * low:
        return Middle(rate, "unlikely", f"{shown}: one of them is a slip")
    return Middle(rate, one_sided=len(sides) == 1)


def _given(value: Any) -> str | None:
    """A number's text; None where there is none (null, "", "n/a", 0)."""
    text = "" if value is None else str(value).strip()
    return None if is_blank(text) or not text.strip("0.") else text


def local_day(text: Any, hours: float) -> str:
    """The day of a moment by a country's clock; a moment without a zone is by that clock already."""
    written = "" if text is None else str(text).strip()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written
    return (moment.astimezone(timezone(timedelta(hours=hours))) if moment.tzinfo else moment).date().isoformat()

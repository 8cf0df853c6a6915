"""Numeraires: what one unit of money, K, labour, gold or a basket of goods is worth in the anchor, as of a day.

Each price says its day and source. What is missing is an answer that says what would bring it, never a guess. Raw
materials are known from the end of the month they are of; wages from their reference month on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from models.answers.currency import Rates

# Grams in a troy ounce, exactly (international yard and pound agreement of 1959).
TROY_OUNCE = 31.1034768
# A unit of a source in grams, or in itself where it is no weight.
_GRAMS = {"troy oz": TROY_OUNCE, "g": 1.0, "kg": 1000.0, "mt": 1_000_000.0}
NAMES = ("local", "K", "hours", "credits", "gold", "basket")
_OLDEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Community:
    """A community's policy as data: 1 K in `currency`, and what one hour counts, in K."""

    currency: str
    currency_per_k: float
    hour_in_k: float
    holds_from: date


@dataclass(frozen=True, slots=True)
class Price:
    """What one `unit` of a numeraire is worth: `value` units of `anchor`, as of `day`, from `source`."""

    name: str
    unit: str
    value: float
    day: date
    source: str
    places: int = 2
    anchor: str = "USD"


@dataclass(frozen=True, slots=True)
class Missing:
    """A numeraire that cannot be told, why, and the way out."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Series:
    """Prices of a raw material by the day from which they are known: per `unit`, in `currency`."""

    days: tuple[date, ...]
    prices: tuple[float, ...]
    currency: str
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Wage:
    """What a median hour is paid in a region, of all occupations weighted by who works in them."""

    period: date
    hour: float
    currency: str
    source: str
    occupations: int


@dataclass(frozen=True)
class Yardsticks:
    """All that numeraires are told by, of one snapshot."""

    rates: Rates
    commodities: Mapping[str, Series] = field(default_factory=dict)
    wages: Mapping[str, tuple[Wage, ...]] = field(default_factory=dict)
    community: Community | None = None
    local: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, day: date, region: str | None = None) -> Price | Missing:
        """One unit of a numeraire: an ISO 4217 code, or one of NAMES (in any case)."""
        key = name.strip()
        known = {each.casefold(): each for each in NAMES}.get(key.casefold())
        price = self._money(key.upper(), day) if known is None else self._named(known, day, region)
        return replace(price, anchor=self.rates.anchor) if isinstance(price, Price) else price

    def _named(self, name: str, day: date, region: str | None) -> Price | Missing:
        return {
            "local": lambda: self._local(day, region),
            "K": lambda: self._k(day),
            "credits": lambda: self._credit(day),
            "hours": lambda: self._hour(day, region),
            "gold": lambda: self._gold(day),
            "basket": lambda: self._basket(day),
        }[name]()

    def _money(self, code: str, day: date) -> Price | Missing:
        rate = self.rates.on(code, day)
        if rate is None:
            numeraires = ", ".join(NAMES)
            return Missing(
                code,
                f"no exchange rate of {code} is known on {day}: `katy import rates` or `katy collect ecb` brings "
                f"them. What is no currency is one of {numeraires}",
            )
        source = rate.said(code) if code != self.rates.anchor else "values are formed in it"
        return Price(code, code, 1 / rate.value, rate.day, source)

    def _local(self, day: date, region: str | None) -> Price | Missing:
        code = next((self.local[name] for name in _wider(region) if name in self.local), None)
        if code is None:
            return Missing("local", f"nothing is offered in {region or 'a region that was named'}: name the currency")
        return self._money(code, day)

    def _k(self, day: date) -> Price | Missing:
        held = self._community("K", day)
        if isinstance(held, Missing):
            return held
        money = self._money(held.currency, day)
        if isinstance(money, Missing):
            return Missing("K", money.why)
        said = f"community policy since {held.holds_from}: 1 K is {held.currency_per_k:g} {held.currency}"
        return Price("K", "K", money.value * held.currency_per_k, day, said)

    def _credit(self, day: date) -> Price | Missing:
        held, one = self._community("credits", day), self._k(day)
        if isinstance(held, Missing) or isinstance(one, Missing):
            return held if isinstance(held, Missing) else Missing("credits", one.why)  # type: ignore[union-attr]
        said = f"community policy since {held.holds_from}: 1 hour is 1 credit and counts {held.hour_in_k:g} K"
        return Price("credits", "credit", one.value * held.hour_in_k, day, said)

    def _community(self, name: str, day: date) -> Community | Missing:
        if self.community is None:
            return Missing(name, "no community policy is known here: policy.toml says what a K and an hour count")
        if self.community.holds_from > day:
            return Missing(name, f"the community's policy holds from {self.community.holds_from} only")
        return self.community

    def _hour(self, day: date, region: str | None) -> Price | Missing:
        for name in _wider(region):
            known = [wage for wage in self.wages.get(name, ()) if wage.period <= day]
            money = self._money(known[-1].currency, day) if known else None
            if isinstance(money, Price):
                said = f"median hour of {known[-1].occupations} occupations in {name}, {known[-1].source}"
                return Price("hours", "hour", known[-1].hour * money.value, known[-1].period, said)
        where = f"for {region}" if region else "without a region (say --region US-MO)"
        return Missing(
            "hours",
            f"no wages are known {where} on {day}: `katy collect bls_oews` brings those of the United States; "
            "the numeraire credits counts hours as the community's policy does",
        )

    def _gold(self, day: date) -> Price | Missing:
        found = self._commodity("gold", "g", day)
        if isinstance(found, Missing):
            return Missing("gold", found.why)
        value, known, source = found
        return Price("gold", "g of gold", value, known, source, 4)

    def _basket(self, day: date) -> Price | Missing:
        total, oldest, sources = 0.0, day, set()
        name, goods = basket()
        for commodity, amount, unit in goods:
            found = self._commodity(commodity, unit, day)
            if isinstance(found, Missing):
                return Missing("basket", found.why)
            total, oldest = total + amount * found[0], min(oldest, found[1])
            sources.add(found[2].split(" of ")[0])
        return Price("basket", "basket", total, oldest, f"{name}: {', '.join(sorted(sources))}", 4)

    def _commodity(self, name: str, unit: str, day: date) -> tuple[float, date, str] | Missing:
        """The price of a unit of a raw material in the anchor, since when it is known, and who said so."""
        series = self.commodities.get(name)
        place = sum(known <= day for known in series.days) - 1 if series is not None else -1
        if series is None or place < 0:
            return Missing(name, f"no price of {name} is known on {day}: `katy collect world_bank` brings it")
        known = series.days[place]
        if day - known > _OLDEST:
            return Missing(
                name, f"the newest price of {name} is of {known}: `katy collect world_bank` brings newer ones"
            )
        money, share = self._money(series.currency, day), _part(series.unit, unit)
        if share is None:
            return Missing(name, f"the price of {name} is per {series.unit}, which is not told in {unit}")
        if isinstance(money, Missing):
            return money
        return series.prices[place] * share * money.value, known, f"{series.source} of {known:%Y-%m}"


def _part(of: str, unit: str) -> float | None:
    """How many of a source's unit are in one `unit`: a gram in a troy ounce, a barrel in a barrel."""
    if of == unit:
        return 1.0
    return _GRAMS[unit] / _GRAMS[of] if of in _GRAMS and unit in _GRAMS else None


def _wider(region: str | None) -> tuple[str, ...]:
    """A region and the country around it: US-MO, US."""
    if not region:
        return ()
    return tuple(dict.fromkeys((region.strip().upper(), region.strip().upper().split("-")[0])))


@cache
def basket() -> tuple[str, tuple[tuple[str, float, str], ...]]:
    """The basket's name and goods (commodity, amount, unit), from `data/basket.toml`."""
    said: dict[str, Any] = tomllib.loads(resources.files("models").joinpath("data/basket.toml").read_text("utf-8"))
    goods = tuple((each["commodity"], float(each["amount"]), each["unit"]) for each in said["goods"])
    return str(said["name"]), goods

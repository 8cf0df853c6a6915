"""What moves prices: exchange rates, raw materials, wages, weather and hazards."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class FxRate:
    """One exchange rate of one day: `rate` units of `quote` for one unit of `base`."""

    record: ClassVar[str] = "fx_rate"
    key: ClassVar[tuple[str, ...]] = ("source", "base", "quote", "kind", "observed_on")

    source: str
    base: str
    quote: str
    kind: str
    rate: Decimal
    observed_on: date
    run: str
    row: int
    found_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommodityPrice:
    """The price of a raw material in one period: `price` in `currency` for one `unit` ("bbl", "mt", "kg").

    `commodity` is the name folded to a stable key ("crude_oil_average"), `title` the name as it was written, which
    drifts. `period` and `days` as in a PriceSeries; a revised price is a row of its own.
    """

    record: ClassVar[str] = "commodity_price"
    key: ClassVar[tuple[str, ...]] = ("source", "commodity", "period", "price")

    source: str
    commodity: str
    title: str
    period: date
    days: int
    price: Decimal
    currency: str
    unit: str
    observed_at: datetime
    run: str
    row: int
    found_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WageRate:
    """What an hour of an occupation is paid in an area: mean and percentiles, in `currency` per hour.

    `occupation` is the code of the source's classification (`scheme`: "SOC 2018"), `area` the source's area code,
    `region` its ISO 3166-2 code where it is one. `period` is the first day of the reference month. What is suppressed
    or top-coded is None, and `attributes` keeps the sign that stood there.
    """

    record: ClassVar[str] = "wage_rate"
    key: ClassVar[tuple[str, ...]] = ("source", "occupation", "area", "period")

    source: str
    occupation: str
    scheme: str
    title: str
    area: str
    place: str
    period: date
    currency: str
    region: str | None = None
    employment: int | None = None
    mean: Decimal | None = None
    p10: Decimal | None = None
    p25: Decimal | None = None
    median: Decimal | None = None
    p75: Decimal | None = None
    p90: Decimal | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)
    run: str
    row: int
    found_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherObservation:
    """The weather of one day at one place, observed or forecast.

    Temperatures in °C, rain and snow in mm and cm, wind in km/h. `weather_code` is WMO code table 4677. `issued_on` is
    the day of the forecast; for what was observed, the day itself.
    """

    record: ClassVar[str] = "weather_observation"
    key: ClassVar[tuple[str, ...]] = ("source", "place", "observed_on", "kind", "issued_on")

    source: str
    place: str
    latitude: float
    longitude: float
    observed_on: date
    kind: str
    issued_on: date
    region: str | None = None
    temperature_max: float | None = None
    temperature_min: float | None = None
    precipitation: float | None = None
    snowfall: float | None = None
    wind_max: float | None = None
    weather_code: int | None = None
    run: str
    row: int
    found_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardEvent:
    """One message about a hazard, in the terms of the Common Alerting Protocol (OASIS CAP 1.2).

    The message is (`source`, `id`, `sent`); messages of one hazard share `thread`. `event` is the source's word,
    `hazard` Katy's own ("flood", "tropical_cyclone", … in warehouse/data/hazards.toml). `message_type` is alert,
    update or cancel; `starts` and `ends` bound the event itself, `expires` the message. `geocodes` are the areas by
    code, several separated by blanks ("SAME 029189", so "SAME" → "029189 029183"). `damage` is in `currency`.
    """

    record: ClassVar[str] = "hazard_event"
    key: ClassVar[tuple[str, ...]] = ("source", "id", "sent")

    source: str
    id: str
    thread: str
    event: str
    hazard: str
    status: str
    message_type: str
    sent: datetime
    starts: datetime | None = None
    ends: datetime | None = None
    expires: datetime | None = None
    severity: str | None = None
    certainty: str | None = None
    urgency: str | None = None
    headline: str | None = None
    description: str | None = None
    area: str | None = None
    region: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    magnitude: float | None = None
    magnitude_unit: str | None = None
    damage: Decimal | None = None
    currency: str | None = None
    url: str | None = None
    geocodes: dict[str, str] = dataclasses.field(default_factory=dict)
    replaces: str | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)
    run: str
    row: int
    found_at: str

"""Work and bundles: `POST /v1/services` for an hour or a job, `POST /v1/bundles` for several things together.

The valuations behind the answers are kept like any that were given out, so that a trade can name them.
"""

from __future__ import annotations

import threading
from datetime import date
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from features.market import day_number
from ledger.books.store import Ledger
from ledger.trading import given
from models.answers.currency import Rates
from models.exchange.yardsticks import Community, Price, Yardsticks
from models.services.bundles import NOTHING_SEEN, Seen, bundles_seen, parts_of, value_bundle
from models.services.community import in_community
from models.services.jobs import catalogue
from valuation_api import problems
from valuation_api.exchange import community_of
from valuation_api.leases import CurrentMarket
from valuation_api.live import Market, Valuer
from warehouse import query
from warehouse.valuation import Valuation, ValuationRequest

MOST_PARTS = 20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CommunityHours(_Frozen):
    """Work in a community's own measure: `equal` where an hour is an hour for all, `market` its value; both in K."""

    hours: str
    credits: str
    hour_in_k: str
    equal: str
    market: str | None
    since: str
    words: str


class ServiceAnswer(_Frozen):
    """A valuation of work, and the same in the community's hours; `community` null where no policy is known."""

    valuation: Valuation
    community: CommunityHours | None


class BundleRequest(_Frozen):
    """Several things and services that go together, each in words; "drill + 2 hours of help" is two parts."""

    parts: list[Annotated[str, Field(min_length=1, max_length=2000)]] = Field(min_length=1, max_length=MOST_PARTS)
    region: str | None = Field(default=None, max_length=200, description="Where they are")
    currency: str | None = Field(
        default=None,
        description="ISO 4217; the anchor currency where not given",
        json_schema_extra={"pattern": r"^\s*[A-Za-z]{3}\s*$"},
    )
    as_of: date | None = Field(default=None, description="Value with what was known at the end of this day")

    @field_validator("as_of", "currency", mode="before")
    @classmethod
    def _as_of_a_valuation(cls, value: object, info: ValidationInfo) -> object:
        # The same rules as for one valuation: no numbers as dates, codes of three letters.
        name = str(info.field_name)
        return getattr(ValuationRequest.model_validate({"text": "-", name: value}), name)

    @field_validator("parts")
    @classmethod
    def _some(cls, value: list[str]) -> list[str]:
        if not 1 <= len(parts_of(value)) <= MOST_PARTS:
            raise ValueError(f"a bundle has 1 to {MOST_PARTS} parts, each in words")
        return value


class BundlePart(_Frozen):
    """One part: how it was read, and the valuation it hangs on (of each, before its count)."""

    asked: str
    each: str
    count: str
    valuation: str
    fmv: str | None
    low: str | None
    high: str | None
    confidence: str | None
    reason: str | None


class BundleAnswer(_Frozen):
    """The parts' values, their sum, and the bundle's value after `discount` (1: none). Null where a part is unknown."""

    parts: list[BundlePart]
    value_date: str
    snapshot: str
    currency: str
    value: str | None
    low: str | None
    high: str | None
    sum_of_parts: str | None
    confidence: str | None
    discount: str
    narrative: str


class JobAnswer(_Frozen):
    """A job of the catalogue: its occupation (SOC 2018) and the hours of one worker for one `unit` of it."""

    job: str
    occupation: str
    unit: str
    low: float
    typical: float
    high: float
    people: int
    source: str


class _Bundles:
    """What bundles were seen to bring, once for each valuer and day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: WeakKeyDictionary[Valuer, dict[int, Seen]] = WeakKeyDictionary()

    def seen(self, valuer: Any, as_of: date | None) -> Seen:
        if getattr(valuer, "learned", None) is None:
            return NOTHING_SEEN
        day = min(day_number(as_of), valuer.last_day) if as_of else valuer.last_day
        with self._lock:
            known = self._seen.setdefault(valuer, {})
            if day not in known:
                known[day] = bundles_seen(valuer, day)
            return known[day]


def router(ledger: Ledger) -> APIRouter:
    """The routes; the community's policy and what is given out are the ledger's."""
    routes = APIRouter(prefix="/v1", tags=["services"])
    bundles = _Bundles()

    @routes.post("/services", summary="What work is worth", responses=problems.described(400, 413, 415, 422, 503))
    def service(asked: Annotated[ValuationRequest, Body()], market: CurrentMarket) -> ServiceAnswer:
        """An hour or a job by wages, seen prices and skill; attributes such as experience, certified, portfolio and
        skill_score say the skill. Beside it the same in the community's hours."""
        valuation = market.valuer.value(asked)
        given.keep(ledger, valuation, asked)
        community = community_of(ledger)
        held = in_community(valuation, community, _k(market, community, valuation))
        return ServiceAnswer(valuation=valuation, community=CommunityHours(**held) if held else None)

    @routes.post("/bundles", summary="What things are worth together",
                 responses=problems.described(400, 413, 415, 422, 503))  # fmt: skip
    def bundle(asked: Annotated[BundleRequest, Body()], market: CurrentMarket) -> BundleAnswer:
        """The sum of the parts, less what bundles are seen to bring less, with the interval of a sum."""
        answer, behind = value_bundle(
            market.valuer, asked.parts, region=asked.region, currency=asked.currency, as_of=asked.as_of,
            seen=bundles.seen(market.valuer, asked.as_of),
        )  # fmt: skip
        given.keep_many(ledger, behind)
        return BundleAnswer.model_validate(answer)

    @routes.get("/jobs", summary="Jobs known by name")
    def jobs() -> list[JobAnswer]:
        """The catalogue of jobs with their occupations and usual hours."""
        return [
            JobAnswer(job=job.label, occupation=job.occupation, unit="hour" if job.hourly else job.unit,
                      low=job.hours[0], typical=job.hours[1], high=job.hours[2], people=job.people, source=job.source)
            for job in catalogue().jobs.values()
        ]  # fmt: skip

    return routes


def _k(market: Market, community: Community | None, valuation: Valuation) -> float | None:
    """What a K is worth in the anchor on the valuation's day."""
    if community is None:
        return None
    connection = query.read_only(market.snapshot.database)
    try:
        rates = Rates.read(connection, str(market.snapshot.manifest["anchor"]))
    finally:
        connection.close()
    price = Yardsticks(rates, community=community).of("K", date.fromisoformat(valuation.value_date))
    return price.value if isinstance(price, Price) else None

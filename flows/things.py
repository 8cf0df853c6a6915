"""What people own after a publish: each thing matched and valued on the new snapshot, and its owner told what follows.

Things are taken in batches of 500. A batch that fails is tried thing by thing, so that one costs the others nothing.
Valuing the same snapshot again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Protocol

import duckdb

from features.taxonomy import OTHER
from ledger.books.store import Ledger
from ledger.owned import thing_values
from ledger.owned.thing_rules import Stratum, rises, rules
from ledger.owned.thing_values import Seen
from ledger.owned.thing_words import Demand, Level
from ledger.owned.things import Thing, Valued
from ledger.watching.outbox import Notice
from warehouse import query
from warehouse.errors import KatyError
from warehouse.snapshot import Snapshot
from warehouse.valuation import Valuation, ValuationRequest

Say = Callable[[str], None]
# How many things that fail are named one by one; the rest are counted.
_NAMED = 5
_OF_THESE = """
    SELECT what, level, name, now, before, market_now, market_before, days_now, days_before
    FROM happened
    WHERE (level = 'product' AND name IN (SELECT unnest($products::VARCHAR[])))
        OR (level = 'category' AND name IN (SELECT unnest($categories::VARCHAR[])))
    ORDER BY what, level, name, source
"""


class Valuer(Protocol):
    """Values things on one snapshot."""

    def value_many(self, requests: Sequence[ValuationRequest]) -> list[Valuation]: ...


def value_things(snapshot: Snapshot, ledger: Ledger, valuer: Valuer, *, say: Say) -> list[Notice]:
    """Value every registered thing on `snapshot`, keep the values, and put the notices that follow from them.

    Returns the notices put or repeated. A thing that cannot be valued is said and is no reason to stop.
    """
    put: list[Notice] = []
    failures: list[str] = []
    valued, after = 0, ""
    with closing(query.read_only(snapshot.database)) as connection:
        market: Market | None = None
        while things := thing_values.batch(ledger, after=after):
            # Counting what happened is done for the first thing: most books have none.
            market = market or Market(connection, _today(snapshot))
            after = things[-1].id
            said, failed = _tried(things, snapshot.id, ledger, valuer, market)
            put += said
            failures += failed
            valued += len(things) - len(failed)
    for failure in failures[:_NAMED]:
        say(failure)
    if valued or failures:
        more = f", {len(failures)} failed" if failures else ""
        say(f"things valued: {valued}{more}; notices: {len(put)}")
    return put


def _today(snapshot: Snapshot) -> date | None:
    cutoff = snapshot.manifest.get("data_cutoff")
    return date.fromisoformat(cutoff[:10]) if cutoff else None


def _tried(
    things: list[Thing], snapshot: str, ledger: Ledger, valuer: Valuer, market: Market
) -> tuple[list[Notice], list[str]]:
    """All things at once, or where that fails each alone: the notices, and in words what failed."""
    try:
        return _value(things, snapshot, ledger, valuer, market), []
    except Exception as error:
        # The run has published already; whatever is wrong with one thing must not cost the others their values.
        if len(things) == 1:
            why = str(error) if isinstance(error, KatyError | duckdb.Error) else f"{type(error).__name__}: {error}"
            return [], [f"thing {things[0].id} could not be valued: {why}"]
    parts = [_tried([each], snapshot, ledger, valuer, market) for each in things]
    return [notice for said, _ in parts for notice in said], [failure for _, failed in parts for failure in failed]


def _value(things: list[Thing], snapshot: str, ledger: Ledger, valuer: Valuer, market: Market) -> list[Notice]:
    valuations = valuer.value_many([each.owned.request() for each in things])
    demand = market.demand([_understood(each) for each in valuations])
    seen = [
        seen_of(each, valuation, snapshot, risen)
        for each, valuation, risen in zip(things, valuations, demand, strict=True)
    ]
    return thing_values.judge(ledger, seen)


def seen_of(owned: Thing, valuation: Valuation, snapshot: str, demand: Demand | None = None) -> Seen:
    """A valuation of a thing as the ledger takes it."""
    product, category = _understood(valuation)
    # A value without a currency factor is in the currency values are formed in.
    rate = next((Decimal(each.value) for each in valuation.factors if each.name == "currency"), Decimal(1))
    return Seen(
        thing=owned.id,
        question=owned.owned.question,
        value=Valued(
            snapshot=snapshot,
            value_date=valuation.value_date,
            currency=valuation.currency,
            fmv=valuation.fmv,
            low=valuation.low,
            high=valuation.high,
            confidence=valuation.confidence,
            reason=valuation.reason,
        ),
        rate=rate,
        product=product,
        category=category,
        demand=demand,
    )


def _understood(valuation: Valuation) -> tuple[str | None, str | None]:
    """The product and the category that a thing was taken for."""
    said = valuation.subject.understood
    product, category = said.get("product"), said.get("category")
    return (str(product) if product else None, str(category) if category else None)


@dataclass
class _Happened:
    """What happened to a product or a category: by source, and how long offers stood in all."""

    strata: list[Stratum] = field(default_factory=list)
    days_now: float = 0.0
    days_before: float = 0.0


class Market:
    """Demand in one snapshot as of the last day of its data; None: there are no data."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, today: date | None) -> None:
        self.connection, self.today = connection, today
        if today is not None:
            connection.execute(_happenings(), {"today": today, "days": rules().days})

    def demand(self, kinds: Sequence[tuple[str | None, str | None]]) -> list[Demand | None]:
        """What has risen for each (product, category); the category counts where there is too little of the product."""
        if self.today is None:
            return [None] * len(kinds)
        happened = self._happened(kinds)
        return [self._risen(happened, product, category, self.today) for product, category in kinds]

    def _happened(self, kinds: Sequence[tuple[str | None, str | None]]) -> dict[tuple[str, str, str], _Happened]:
        asked = {
            "products": sorted({product for product, _ in kinds if product}),
            "categories": sorted({category for _, category in kinds if category and category != OTHER}),
        }
        found: defaultdict[tuple[str, str, str], _Happened] = defaultdict(_Happened)
        for what, level, name, *counts, days_now, days_before in self.connection.execute(_OF_THESE, asked).fetchall():
            it = found[what, level, name]
            it.strata.append(Stratum(*counts))
            it.days_now += days_now
            it.days_before += days_before
        return found

    def _risen(
        self,
        happened: dict[tuple[str, str, str], _Happened],
        product: str | None,
        category: str | None,
        today: date,
    ) -> Demand | None:
        levels: tuple[tuple[Level, str | None], ...] = (("product", product), ("category", category))
        for level, name in levels:
            if name is None:
                continue
            wanted = happened.get(("wanted", level, name), _Happened())
            gone = happened.get(("gone", level, name), _Happened())
            more = rises(wanted.strata, rules())
            faster = rises(gone.strata, rules(), exposure=(gone.days_now, gone.days_before))
            if more is not None or faster is not None:
                return Demand(
                    until=today,
                    level=level,
                    name=name,
                    wanted=more,
                    gone=faster,
                    stood_now=_stood(gone.days_now, faster.now) if faster else None,
                    stood_before=_stood(gone.days_before, faster.before) if faster else None,
                )
            if _enough(wanted) or _enough(gone):
                # There is enough of the product itself to say that nothing has risen.
                return None
        return None


def _enough(happened: _Happened) -> bool:
    return sum(each.now + each.before for each in happened.strata) >= 2 * rules().least_events


def _stood(days: float, ended: int) -> float | None:
    """How long an offer stands: days on the market for each that ended, those that stand still counted in."""
    return days / ended if ended else None


@cache
def _happenings() -> str:
    return Path(__file__).with_name("things.sql").read_text(encoding="utf-8")

"""The desk that questions pass before the model for goods: work, rental, tickets and the like are answered here.

What it does not know for one of these it hands on (None), and the value of goods is as it always was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from models.answers.currency import Rates
from models.knobs import ServiceKnobs, default_knobs
from models.level.state import Learned
from models.services.asked import work_of
from models.services.given import Given
from models.services.goods_to_come import value_digital, value_harvest
from models.services.observed import Observed, observed_work
from models.services.papers import value_benefit, value_subscription, value_ticket
from models.services.rental import Rentals, rentals_of, value_rental
from models.services.scene import Scene
from models.services.wages import Wages, read_wages
from models.services.work import answer_work
from warehouse.valuation import Valuation, ValuationRequest

# One of these stands in every question that a rule for other kinds could answer.
_OTHER = tuple(
    "rent hire lease ticket month until subscri member gift credit voucher coupon stamp snap ebt wic order harvest "
    "future upcoming season deliver key code download digital book in-game nft apartment room cabin camp duplex condo "
    "house parking storage garage sublet airbnb space desk plot pasture hall venue booth studio kitchen stay "
    "stall per".split()
)
_ATTRIBUTES = frozenset(
    "event_date months_left remaining_months price_per_month monthly_price face_value delivery_date delivery "
    "harvest_month format transferable".split()
)
_COLUMNS = ("category", "title", "attributes", "day", "seller", "region", "ln_price", "kind", "currency")


@dataclass
class Desk:
    """What one snapshot knows of wages and of prices of work and rental."""

    wages: Wages
    rates: Rates
    learned: Learned | None
    snapshot: str
    code_version: str
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def value(
        self, request: ValuationRequest, day: int, goods: Callable[[ValuationRequest], Valuation]
    ) -> Valuation | None:
        """The value of work, rental, tickets and the like as of a day; None for all that is goods."""
        work = work_of(request.text, request.attributes)
        if work is not None:
            with self._lock:
                return answer_work(request, work, day, self._observed, self.rates, self.learned, self.given)
        words = request.text.casefold()
        if not any(each in words for each in _OTHER) and _ATTRIBUTES.isdisjoint(request.attributes):
            return None
        return self._other(request, day, goods)

    def _other(
        self, request: ValuationRequest, day: int, goods: Callable[[ValuationRequest], Valuation]
    ) -> Valuation | None:
        vintage = self.learned.vintage(day) if self.learned is not None else None
        scene = Scene(request, day, self.rates, self.given, goods, vintage)
        for rule in (value_ticket, value_subscription, value_benefit, value_harvest, value_digital):
            answer = rule(scene)
            if answer is not None:
                return answer
        with self._lock:
            return value_rental(scene, self._rentals, self.knobs.window)

    @property
    def knobs(self) -> ServiceKnobs:
        return (self.learned.knobs if self.learned is not None else default_knobs()).services

    @property
    def given(self) -> Given:
        return Given(self.snapshot, self.code_version, self.rates.anchor, self._rows, self.knobs.shown, 0.90)

    @cached_property
    def _rows(self) -> pd.DataFrame:
        return self.learned.market.rows if self.learned is not None else pd.DataFrame(columns=list(_COLUMNS))

    @cached_property
    def _observed(self) -> Observed:
        return observed_work(self._rows, self.wages, self.rates, self.knobs)

    @cached_property
    def _rentals(self) -> Rentals:
        return rentals_of(self._rows)


def open_desk(connection: Any, learned: Learned | None, rates: Rates, *, snapshot: str, code_version: str) -> Desk:
    """The desk of a snapshot's database; of one from before wages were kept, without them."""
    views = connection.execute("SELECT count(*) FROM duckdb_views() WHERE view_name = 'wage_rate'").fetchone()[0]
    views += connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'wage_rate'").fetchone()[0]
    wages = read_wages(connection) if views else Wages()
    return Desk(wages, rates, learned, snapshot, code_version)

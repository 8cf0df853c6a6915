"""A question about something that is neither plain goods nor work, with all that its rule may lean on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from features.identity import product_of
from features.market import day_date
from features.taxonomy import read_category
from features.title import plain
from models.answers.currency import Rates
from models.answers.factors import Effect
from models.services.given import Given, Ruled, not_known, ruled
from models.services.value import money_effect
from models.training.vintage import Vintage
from warehouse.valuation import Valuation, ValuationRequest

Z = 1.6449  # of 90 % around the middle of a normal distribution


@dataclass(frozen=True)
class Scene:
    """`goods` values a thing by the model for goods."""

    request: ValuationRequest
    day: int
    rates: Rates
    given: Given
    goods: Callable[[ValuationRequest], Valuation]
    vintage: Vintage | None = None

    @property
    def when(self) -> date:
        return day_date(self.day)

    @property
    def currency(self) -> str:
        return self.request.currency or self.rates.anchor

    @property
    def region(self) -> str:
        return (self.request.region or self.request.attributes.get("region") or "").strip()

    @cached_property
    def text(self) -> str:
        return plain(self.request.text)

    @cached_property
    def category(self) -> str:
        return read_category(self.request.attributes.get("category"), self.request.text).category

    def attribute(self, *names: str) -> str:
        """The first of these attributes that says something, in small letters."""
        return next((self.request.attributes[name].strip().casefold() for name in names
                     if self.request.attributes.get(name, "").strip()), "")  # fmt: skip

    def anchored(self, found: tuple[Decimal, str] | None) -> float | None:
        """An amount in the anchor; None where there is none, or no rate."""
        rate = self.rates.on(found[1], self.when) if found is not None else None
        return float(found[0]) / rate.value if found is not None and rate is not None else None

    def goods_in_anchor(self, request: ValuationRequest) -> tuple[float, float, float] | None:
        """Value, low and high of a thing in the anchor; None where it is not known."""
        found = self.goods(request.model_copy(update={"currency": self.rates.anchor, "as_of": self.when}))
        if found.fmv is None or found.low is None or found.high is None or Decimal(found.low) <= 0:
            return None
        return float(found.fmv), float(found.low), float(found.high)

    def understood(self, kind: str, **more: Any) -> dict[str, Any]:
        read = {
            "kind": kind,
            "category": self.category,
            "product": product_of(self.request.text, None, None, None, self.category),
            "grade": "unstated",
            "region": self.region,
            "brand": "",
            "attributes": dict(sorted(self.request.attributes.items())),
        }
        return read | more

    def worth(
        self, kind: str, value: float, ends: tuple[float, float], words: str, *,
        effects: dict[str, Effect] | None = None, seen: tuple[tuple[int, float, float], ...] = (),
        ln_rest: float = 0.0, **understood: Any,
    ) -> Valuation:  # fmt: skip
        """The valuation of a rule's `value` in the anchor, before its effects; `ends` are logs around the whole."""
        rate = self.rates.on(self.currency, self.when)
        if rate is None:
            why = f"No exchange rate of {self.currency} is known on {self.when}: `katy import rates` brings them."
            return not_known(self.request, self.understood(kind), why, self.when, self.currency, self.given,
                             "no_exchange_rate", kind)  # fmt: skip
        money = money_effect(rate, self.currency, self.when.isoformat())
        made = Ruled(
            math.log(value), *ends, words, self.understood(kind, **understood), {**(effects or {}), "currency": money},
            kind, seen, ln_rest + math.log(rate.value),
        )  # fmt: skip
        return ruled(self.request, made, self.when, self.currency, self.given)

    def unknown(self, kind: str, why: str) -> Valuation:
        return not_known(self.request, self.understood(kind), why, self.when, self.currency, self.given, rule=kind)


def spread(deviation: float) -> tuple[float, float]:
    """Log ends of 90 % of prices whose logs deviate so much."""
    return -Z * deviation, Z * deviation

"""What goes in and comes out: estimates, the prices that followed, trades among valuers. Amounts are natural logs.

People are pseudonyms here. Moments are days since 1970 with a fraction, so that minutes can be told apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Z90 = 1.6448536269514722  # standard normal quantile of 0.95: a 90 % interval is this many deviations to each side


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one person takes one thing to be worth: ln of the amount, given at `at`."""

    valuer: str
    thing: str
    category: str
    log: float
    at: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a thing brought, ln of the amount, at `at`. `parties` are people whose own trade it was."""

    thing: str
    log: float
    at: float
    parties: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Band:
    """A value with its uncertainty: ln of the value, standard deviation in logs."""

    log: float
    sd: float

    @classmethod
    def of(cls, value: float, low: float, high: float) -> Band:
        """From a value and its 90 % interval, all above zero."""
        return cls(math.log(value), max(math.log(high / low) / (2 * Z90), 1e-6))

    @property
    def amounts(self) -> tuple[float, float, float]:
        """The value and its 90 % interval as amounts."""
        return math.exp(self.log), math.exp(self.log - Z90 * self.sd), math.exp(self.log + Z90 * self.sd)


@dataclass(frozen=True, slots=True)
class Case:
    """A settled thing whose two values were known before its price: the model's, the community's, ln of the price."""

    model: Band
    community: Band
    price: float


@dataclass(frozen=True)
class Evidence:
    """Everything known at one moment. Of a person's estimates of one thing the last counts."""

    estimates: Sequence[Estimate] = ()
    prices: Sequence[Price] = ()
    trades: Sequence[tuple[str, str]] = ()
    cases: Sequence[Case] = field(default=())


def moment(text: str) -> float:
    """A time in ISO 8601 (UTC where it says none) as days since 1970."""
    said = datetime.fromisoformat(text)
    return (said if said.tzinfo else datetime.fromisoformat(f"{text}+00:00")).timestamp() / 86_400


def evidence(rows: Mapping[str, Sequence[Mapping[str, Any]]], *, until: str | None = None) -> Evidence:
    """Plain rows, as the books and landed judgements have them, as evidence of what was known before `until`.

    "estimates" have valuer, about, category, amount, at; "prices" about, amount, at, parties and, where they were
    known, model and community ({value, low, high}); "trades" a, b, at.
    """
    end = math.inf if until is None else moment(until)
    known = [each for each in rows.get("prices", ()) if moment(each["at"]) < end and float(each["amount"]) > 0]
    return Evidence(
        [
            Estimate(each["valuer"], each["about"], each["category"], math.log(float(each["amount"])), at)
            for each in rows.get("estimates", ())
            if (at := moment(each["at"])) < end and float(each["amount"]) > 0
        ],
        [
            Price(each["about"], math.log(float(each["amount"])), moment(each["at"]), frozenset(each["parties"]))
            for each in known
        ],
        [(each["a"], each["b"]) for each in rows.get("trades", ()) if moment(each["at"]) < end],
        [
            Case(_band(each["model"]), _band(each["community"]), math.log(float(each["amount"])))
            for each in known
            if each.get("model") and each.get("community")
        ],
    )


def _band(said: Mapping[str, Any]) -> Band:
    return Band.of(float(said["value"]), float(said["low"]), float(said["high"]))

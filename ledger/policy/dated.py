"""Community policy as dated data: limits by tier, the worth of a K and of an hour, when a trade asks for a reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from ledger.books.units import RAILS_PER_K, rails, rounded
from warehouse.errors import BadInput
from warehouse.valuation import minor_unit

DEFAULT = Path(__file__).with_name("policy.toml")
_FIELDS = {"holds_from", "currency", "currency_per_k", "hour", "reason_above_percent", "tiers"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an account's balance may go, in rails: not below `floor`, not above `ceiling` (None: no ceiling)."""

    floor: int
    ceiling: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds from one day on. `hour` is in rails, `currency_per_k` in units of `currency`."""

    holds_from: date
    currency: str
    currency_per_k: Decimal
    hour: int
    reason_above_percent: int
    tiers: Mapping[str, Limits]

    def limits(self, tier: str) -> Limits:
        """The limits of a tier; `BadInput` names the tiers there are."""
        if tier not in self.tiers:
            raise BadInput(f'there is no tier "{tier}"; the policy from {self.holds_from} has {", ".join(self.tiers)}')
        return self.tiers[tier]

    def in_rails(self, money: Fraction) -> int:
        """An amount of `currency` in rails, rounded once, half-even."""
        return rounded(money * RAILS_PER_K / Fraction(self.currency_per_k))

    def in_money(self, amount: int) -> Decimal:
        """Rails in `currency`, half-even to its minor unit."""
        place = minor_unit(self.currency)
        exact = Fraction(amount, RAILS_PER_K) * Fraction(self.currency_per_k) / Fraction(place)
        return (rounded(exact) * place).quantize(place, rounding=ROUND_HALF_EVEN)

    def hours_in_rails(self, minutes: int) -> int:
        """Time in rails at the community's hour, rounded once, half-even."""
        return rounded(Fraction(self.hour * minutes, 60))


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies of a community, the earliest first."""

    dated: tuple[Policy, ...]

    def on(self, day: date) -> Policy:
        """The policy that holds on `day`; `BadInput` before the first."""
        held = [policy for policy in self.dated if policy.holds_from <= day]
        if not held:
            first = self.dated[0].holds_from
            raise BadInput(
                f"no community policy holds on {day}: the first one holds from {first}; add one to policy.toml"
            )
        return held[-1]


def read(path: Path = DEFAULT) -> Policies:
    """Read a policy file. `BadInput` names the file, the policy and the field that is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("policy", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read as a policy file: {error}") from error
    if not isinstance(tables, list) or not tables:
        raise BadInput(f"{path} holds no [[policy]]; {DEFAULT} shows the fields")
    policies = sorted((_policy(path, table) for table in tables), key=lambda policy: policy.holds_from)
    days = [policy.holds_from for policy in policies]
    if len(set(days)) != len(days):
        raise BadInput(f"{path}: two policies hold from the same day; give each its own")
    return Policies(tuple(policies))


def _policy(path: Path, table: dict[str, Any]) -> Policy:
    place = f"{path}, policy from {table.get('holds_from', '(no holds_from)')}"
    if table.keys() != _FIELDS:
        missing, odd = sorted(_FIELDS - table.keys()), sorted(table.keys() - _FIELDS)
        raise BadInput(f"{place}: fields missing: {missing or 'none'}, fields not known: {odd or 'none'}")
    try:
        policy = Policy(
            holds_from=_day(table["holds_from"]),
            currency=str(table["currency"]),
            currency_per_k=Decimal(table["currency_per_k"]),
            hour=rails(table["hour"]),
            reason_above_percent=int(table["reason_above_percent"]),
            tiers={name: _limits(tier) for name, tier in table["tiers"].items()},
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError, BadInput) as error:
        raise BadInput(f'{place}: {error!s}; amounts are texts such as "-100.00", days are dates') from error
    if not policy.currency_per_k.is_finite() or policy.currency_per_k <= 0 or policy.hour <= 0:
        raise BadInput(f"{place}: currency_per_k and hour must be above zero")
    return policy


def _limits(tier: dict[str, str]) -> Limits:
    odd = sorted(tier.keys() - {"floor", "ceiling"})
    if odd:
        raise ValueError(f"a tier has floor and ceiling, not {odd}")
    limits = Limits(rails(tier["floor"]), rails(tier["ceiling"]) if "ceiling" in tier else None)
    if limits.floor > 0 or (limits.ceiling is not None and limits.ceiling < 0):
        raise ValueError("a new account starts at zero, so a floor is at most zero and a ceiling at least zero")
    return limits


def _day(value: object) -> date:
    # A TOML date-time is a `datetime`, which is also a `date`; a policy holds from a whole day.
    if type(value) is not date:
        raise ValueError(f"holds_from {value!r} is not a date such as 2026-11-21")
    return value

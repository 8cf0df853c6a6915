"""Community policy as dated data: limits by tier and for the house's own accounts, what a K and an hour are worth, when
a trade asks for a reason. What the community gives and takes is in `ledger.policy.sections`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from ledger.books.units import MINUTES, RAILS_PER_K, UNITS, K, rails, rounded
from ledger.policy import verification
from ledger.policy.sections import SECTIONS, Sections
from ledger.policy.sections import read as read_sections
from warehouse.errors import BadInput
from warehouse.valuation import minor_unit

DEFAULT = Path(__file__).with_name("policy.toml")
_NEEDED = {"holds_from", "currency", "currency_per_k", "hour", "reason_above_percent", "tiers"}
_OPTIONAL = {"warn_at_percent", "house", *SECTIONS}
# The tier of an account of the community's own is this and its name in the policy.
HOUSE = "house."
# The tier of an account that was closed: nothing goes in or out.
CLOSED = "closed"
HOUSE_KINDS = ("pool", "issuance", "escrow", "insurance", "cash")


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an account's balance in one unit may go, in rails or minutes: not below `floor`, not above `ceiling`, and
    not more than `daily` out in one day (UTC); None: no such limit. An issuance account's floor is its cap."""

    floor: int | None
    ceiling: int | None = None
    daily: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """What holds for the accounts of one tier: limits by unit, rails that demurrage leaves alone (None: all), and how
    many must sign what is above `signed_above` rails (1: the account's key alone)."""

    limits: Mapping[str, Limits]
    exempt: int | None = 0
    signatures: int = 1
    signed_above: int = 0


@dataclass(frozen=True, slots=True)
class HouseAccount:
    """An account of the community itself, of one of HOUSE_KINDS."""

    kind: str
    limits: Mapping[str, Limits]


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds from one day on. `hour` is in rails, `currency_per_k` in units of `currency`; from `warn_at_percent`
    of the way to a limit its holder is warned. `house` are the community's own accounts by name."""

    holds_from: date
    currency: str
    currency_per_k: Decimal
    hour: int
    reason_above_percent: int
    warn_at_percent: int
    tiers: Mapping[str, Tier]
    house: Mapping[str, HouseAccount]
    sections: Sections

    def tier(self, name: str) -> Tier:
        """A tier by its name; `BadInput` names the tiers there are."""
        if name not in self.tiers:
            raise BadInput(f'there is no tier "{name}"; the policy from {self.holds_from} has {", ".join(self.tiers)}')
        return self.tiers[name]

    def limits(self, tier: str, unit: str = K) -> Limits:
        """The limits of a tier, or of an account of the house ("house.pool"); `BadInput` names what there is."""
        if tier.startswith(HOUSE):
            return self.house_account(tier.removeprefix(HOUSE)).limits[unit]
        return Limits(0, 0, 0) if tier == CLOSED else self.tier(tier).limits[unit]

    def house_account(self, name: str) -> HouseAccount:
        """An account of the house by its name; `BadInput` names those there are."""
        if name not in self.house:
            raise BadInput(
                f'the policy from {self.holds_from} has no house account "{name}"; '
                f"it has {', '.join(self.house) or 'none'}"
            )
        return self.house[name]

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
        return _read(path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read as a policy file: {error}") from error


# Books are opened again and again by the same policy.
@lru_cache(maxsize=8)
def _read(path: Path, text: str) -> Policies:
    tables = tomllib.loads(text).get("policy", [])
    if not isinstance(tables, list) or not tables:
        raise BadInput(f"{path} holds no [[policy]]; {DEFAULT} shows the fields")
    policies = sorted((_policy(path, table) for table in tables), key=lambda policy: policy.holds_from)
    days = [policy.holds_from for policy in policies]
    if len(set(days)) != len(days):
        raise BadInput(f"{path}: two policies hold from the same day; give each its own")
    return Policies(tuple(policies))


def _policy(path: Path, table: dict[str, Any]) -> Policy:
    place = f"{path}, policy from {table.get('holds_from', '(no holds_from)')}"
    missing, odd = sorted(_NEEDED - table.keys()), sorted(table.keys() - _NEEDED - _OPTIONAL)
    if missing or odd:
        raise BadInput(f"{place}: fields missing: {missing or 'none'}, fields not known: {odd or 'none'}")
    try:
        policy = Policy(
            holds_from=_day(table["holds_from"]),
            currency=str(table["currency"]),
            currency_per_k=Decimal(table["currency_per_k"]),
            hour=rails(table["hour"]),
            reason_above_percent=int(table["reason_above_percent"]),
            warn_at_percent=int(table.get("warn_at_percent", 100)),
            tiers={name: _tier(tier) for name, tier in table["tiers"].items()},
            house={name: _house(each) for name, each in table.get("house", {}).items()},
            sections=read_sections({name: table[name] for name in SECTIONS if name in table}),
        )
        policy.sections.check_accounts(policy.house)
        verification.check_tiers(policy.sections.verification, policy.tiers)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError, BadInput) as error:
        raise BadInput(f'{place}: {error!s}; amounts are texts such as "-100.00", days are dates') from error
    if not policy.currency_per_k.is_finite() or policy.currency_per_k <= 0 or policy.hour <= 0:
        raise BadInput(f"{place}: currency_per_k and hour must be above zero")
    if not 0 < policy.warn_at_percent <= 100:
        raise BadInput(f"{place}: warn_at_percent is above 0 and at most 100")
    return policy


_LIMITS = {"floor", "ceiling", "daily", "floor_minutes", "ceiling_minutes", "daily_minutes"}
_TIER = _LIMITS | {"exempt", "signatures", "signed_above"}


def _tier(table: dict[str, Any]) -> Tier:
    _known(table, _TIER, "a tier")
    limits = _limits(table)
    for each in limits.values():
        if each.floor is None or each.floor > 0 or (each.ceiling is not None and each.ceiling < 0):
            raise ValueError("a new account starts at zero, so a floor is at most zero and a ceiling at least zero")
    exempt = table.get("exempt", "0.00")
    tier = Tier(
        limits=limits,
        exempt=None if exempt == "all" else rails(exempt),
        signatures=int(table.get("signatures", 1)),
        signed_above=rails(table.get("signed_above", "0.00")),
    )
    if not 1 <= tier.signatures <= 9:
        raise ValueError("signatures are 1 to 9")
    return tier


def _house(table: dict[str, Any]) -> HouseAccount:
    _known(table, {"kind", "no_floor"} | _LIMITS, "a house account")
    if table["kind"] not in HOUSE_KINDS:
        raise ValueError(f"a house account is one of {', '.join(HOUSE_KINDS)}, not {table['kind']!r}")
    limits = _limits(table)
    if table.get("no_floor", False):
        if table["kind"] != "cash":
            raise ValueError("only an account of outside cash may have no floor: an issuance has a cap")
        limits = {unit: Limits(None, each.ceiling, each.daily) for unit, each in limits.items()}
    return HouseAccount(table["kind"], limits)


def _known(table: dict[str, Any], fields: set[str], what: str) -> None:
    odd = sorted(table.keys() - fields)
    if odd:
        raise ValueError(f"{what} has {', '.join(sorted(fields))}, not {odd}")


def _limits(table: dict[str, Any]) -> dict[str, Limits]:
    """Limits by unit. Minutes that are not told: none may be owed, any number held."""

    def of(name: str, unit: str) -> int | None:
        if unit == MINUTES:
            return int(table[f"{name}_minutes"]) if f"{name}_minutes" in table else None
        return rails(table[name]) if name in table else None

    return {unit: Limits(of("floor", unit) or 0, of("ceiling", unit), of("daily", unit)) for unit in UNITS}


def _day(value: object) -> date:
    # A TOML date-time is a `datetime`, which is also a `date`; a policy holds from a whole day.
    if type(value) is not date:
        raise ValueError(f"holds_from {value!r} is not a date such as 2026-11-21")
    return value

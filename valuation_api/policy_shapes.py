"""What goes over the wire for the policy that holds: limits, the community's own accounts, and its rules.

Amounts of K are decimal text, minutes whole numbers as text, shares of something decimal text as a part of one ("0.02"
is two per cent).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel, Field, JsonValue

from ledger.books.units import UNITS, k_text
from ledger.community.overview import HouseStanding
from ledger.policy import sections_crises, sections_giving, trading
from ledger.policy.dated import Limits, Policies, Policy, Tier
from valuation_api.accounts_shapes import Unit, told

# The whole numbers of a policy's sections that are rails; every other one is a count, days, or per cent.
RAILS: dict[type, tuple[str, ...]] = {
    sections_giving.Grants: ("base", "most"),
    sections_giving.Points: ("each",),
    sections_giving.Repair: ("most", "most_a_month"),
    sections_giving.Essentials: ("amount",),
    sections_giving.Jubilee: ("forgive_most", "above", "gift"),
    sections_crises.CrisisRule: ("floor", "hour", "relief"),
    trading.Escrow: ("above",),
    trading.Witnesses: ("above", "proof_above"),
}


class LimitsTold(BaseModel):
    """How far a balance may go, and what may go out in a day (UTC). Null: no such limit."""

    floor: str | None
    ceiling: str | None
    daily: str | None

    @classmethod
    def of(cls, limits: Limits, unit: str) -> LimitsTold:
        said = {name: getattr(limits, name) for name in cls.model_fields}
        return cls(**{name: None if amount is None else told(amount, unit) for name, amount in said.items()})


class LimitsByUnit(BaseModel):
    """Limits in K and in time credit."""

    K: LimitsTold
    min: LimitsTold

    @classmethod
    def of(cls, limits: Mapping[str, Limits]) -> LimitsByUnit:
        return cls.model_validate({unit: LimitsTold.of(limits[unit], unit) for unit in UNITS})


class TierTold(BaseModel):
    """What holds for the accounts of a tier. `exempt` is what demurrage leaves alone (null: all); above `signed_above`
    what is paid needs as many `signatures`."""

    limits: LimitsByUnit
    exempt: str | None
    signatures: int
    signed_above: str

    @classmethod
    def of(cls, tier: Tier) -> TierTold:
        return cls(
            limits=LimitsByUnit.of(tier.limits),
            exempt=None if tier.exempt is None else k_text(tier.exempt),
            signatures=tier.signatures,
            signed_above=k_text(tier.signed_above),
        )


class PolicyTold(BaseModel):
    """The policy of one day, with what the crises that are open on it change."""

    day: str
    holds_from: str = Field(description="The day from which it holds, without its crises")
    dates: list[str] = Field(description="Every day from which a policy holds, the first one first")
    crises: list[str] = Field(description="The kinds of crisis that are open on that day")
    currency: str
    currency_per_k: str
    hour: str = Field(description="What an hour counts, in K")
    reason_above_percent: int
    warn_at_percent: int
    tiers: dict[str, TierTold]
    rules: dict[str, dict[str, JsonValue]] = Field(
        description="By name: what the community gives, takes and asks for; a rule it does not have is not there"
    )

    @classmethod
    def of(cls, day: date, policy: Policy, policies: Policies, crises: tuple[str, ...]) -> PolicyTold:
        rules = {name: getattr(policy.sections, name) for name in policy.sections.__dataclass_fields__}
        return cls(
            day=day.isoformat(),
            holds_from=policy.holds_from.isoformat(),
            dates=[each.holds_from.isoformat() for each in policies.dated],
            crises=list(crises),
            currency=policy.currency,
            currency_per_k=str(policy.currency_per_k),
            hour=k_text(policy.hour),
            reason_above_percent=policy.reason_above_percent,
            warn_at_percent=policy.warn_at_percent,
            tiers={name: TierTold.of(tier) for name, tier in policy.tiers.items()},
            rules={name: _rule(rule) for name, rule in rules.items() if rule is not None},
        )


class HouseTold(BaseModel):
    """An account of the community in one unit: where it stands, what is promised from it besides, and its cap, which is
    the floor it may not go below (null: none)."""

    name: str
    kind: str
    unit: Unit
    balance: str
    promised: str
    cap: str | None

    @classmethod
    def of(cls, house: HouseStanding) -> HouseTold:
        unit = house.unit
        return cls.model_validate(
            {
                "name": house.name,
                "kind": house.kind,
                "unit": unit,
                "balance": told(house.posted, unit),
                "promised": told(house.promised, unit),
                "cap": None if house.floor is None else told(house.floor, unit),
            }
        )


class HousesTold(BaseModel):
    """The community's own accounts. Their balances and all others' sum to zero in each unit."""

    accounts: list[HouseTold]


def _rule(rule: object) -> dict[str, JsonValue]:
    """A section of the policy as it is told; a table of tables (the crises) by their names."""
    if isinstance(rule, Mapping):
        return {str(name): _value(each) for name, each in rule.items()}
    assert is_dataclass(rule), "a section is a table"
    amounts = RAILS.get(type(rule), ())
    said = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return {
        name: k_text(value) if name in amounts and value is not None else _value(value) for name, value in said.items()
    }


def _value(value: object) -> JsonValue:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Fraction):
        return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")
    if isinstance(value, Mapping) or is_dataclass(value):
        return _rule(value)
    assert isinstance(value, tuple | list), f"a policy holds no {type(value).__name__}"
    return [_value(each) for each in value]

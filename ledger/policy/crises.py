"""The policy as it holds while a crisis is open: the dated one, with what the crisis changes. It ends by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from sqlalchemy import ColumnElement, Connection, String, bindparam, literal, select

from ledger.books.prepared import Prepared
from ledger.books.units import K
from ledger.policy.dated import Policy, Tier
from ledger.policy.sections_crises import CrisisRule
from ledger.tables import crisis


def effective(policy: Policy, open_kinds: Iterable[str]) -> Policy:
    """`policy` with what the open crises change. Of two that change the same, the one that helps more counts: the lower
    floor, the higher hour. Applying it twice changes nothing more; a kind that the policy does not know changes
    nothing."""
    for rule in _rules(policy, open_kinds):
        sections = policy.sections
        policy = replace(
            policy,
            hour=max(policy.hour, rule.hour or 0),
            tiers={name: _with_floor(tier, rule.floor) for name, tier in policy.tiers.items()},
            sections=replace(
                sections,
                fee=sections.fee if rule.fee else None,
                insurance=sections.insurance if rule.insurance else None,
                demurrage=sections.demurrage if rule.demurrage else None,
            ),
        )
    return policy


@dataclass(frozen=True, slots=True)
class Surge:
    """What an open crisis says of prices: goods of these classes, or of categories of these names, at most `times` what
    they usually cost, from its first day to its last."""

    crisis: str
    kind: str
    times: Fraction
    goods: tuple[str, ...]
    since: date
    until: date

    @property
    def because(self) -> str:
        """The reason in words; it names the crisis."""
        what = self.kind.replace("_", " ")
        said = f"the community declared a crisis on {self.since} ({what}, {self.crisis})"
        return f"{said}, and this is among what it holds the prices of"


def surges(connection: Connection, policy: Policy, day: date) -> tuple[Surge, ...]:
    """What the crises that are open on `day` say of prices by the policy, the strictest first."""
    known = policy.sections.crises or {}
    found = []
    for row in connection.execute(select(crisis).where(is_open(day))):
        rule = known.get(row.kind)
        if rule is not None and rule.surge_cap is not None:
            since, until = date.fromisoformat(row.starts_on), date.fromisoformat(row.ends_on)
            found.append(Surge(row.id, row.kind, rule.surge_cap, rule.surge_goods, since, until))
    return tuple(sorted(found, key=lambda each: (each.times, each.since, each.crisis)))


def is_open(day: date) -> ColumnElement[bool]:
    """Whether a row of `crisis` is open on `day`."""
    return _is_open(literal(day.isoformat()))


def _is_open(told: ColumnElement[str]) -> ColumnElement[bool]:
    before_its_end = crisis.c.ended_on.is_(None) | (crisis.c.ended_on > told)
    return (crisis.c.starts_on <= told) & (crisis.c.ends_on >= told) & before_its_end


# Every unit of work asks this.
_OPEN = Prepared(select(crisis.c.kind).where(_is_open(bindparam("told", type_=String))))


def open_kinds(connection: Connection, day: date) -> tuple[str, ...]:
    """The kinds of the crises that are open on `day`, in the order of their names."""
    return tuple(sorted({kind for (kind,) in _OPEN.rows(connection, {"told": day.isoformat()})}))


def in_force(connection: Connection, policy: Policy, day: date) -> Policy:
    """The policy of `day` with the crises that are open on it."""
    if not policy.sections.crises:
        return policy
    return effective(policy, open_kinds(connection, day))


def _rules(policy: Policy, kinds: Iterable[str]) -> list[CrisisRule]:
    known = policy.sections.crises or {}
    return [known[kind] for kind in sorted(set(kinds)) if kind in known]


def _with_floor(tier: Tier, floor: int | None) -> Tier:
    limits = tier.limits[K]
    # A tier that may owe nothing stays so.
    if floor is None or limits.floor is None or limits.floor >= 0:
        return tier
    return replace(tier, limits={**tier.limits, K: replace(limits, floor=min(limits.floor, floor))})

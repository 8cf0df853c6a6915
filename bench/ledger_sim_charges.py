"""What the model knows of what a trade pays to the community: the fee, and what its services pay into the insurance.

How much and by whom is in the figures of the day (`bench.ledger_sim_figures`). Crises suspend the one or the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bench import ledger_sim_crises as crises
from bench import ledger_sim_figures as figures
from bench.ledger_sim_model import Change, Holder, K
from bench.ledger_sim_world import World

REPAIR = "repair"  # the word that makes a service a repair
SECTIONS = """
[policy.house.insurance]
kind = "insurance"
floor = "-40.00"
"""


@dataclass(frozen=True, slots=True)
class Service:
    """What is done for a coat's value, by the valuation it is proposed with, or for some minutes (no valuation); and
    the classes of risk it belongs to, of which the dearest counts."""

    name: str
    classes: tuple[str, ...]
    valued: str = "coat"
    minutes: int = 0

    @property
    def kind(self) -> str:
        return "time" if self.minutes else "service"


# Words say what a service is only where its valuation knows neither its category nor its occupation.
SERVICES = {
    each.name: each
    for each in (
        Service("repair of a coat", ("plain",)),
        Service("repair of a coat on the roof", ("plain", "high")),
        Service("a look at a coat", ()),
        Service("sewing under a roof", ("plain",), "sewing"),
        Service("repair from a ladder", ("high",), "roofing"),
        Service("repair of a letter", (), "writing"),
        Service("coats for those on high", ("plain", "high"), "roofers' coats"),
        Service("help on a roof", ("high",), minutes=150),
        Service("repair by hand", ("plain",), minutes=95),
        Service("company", (), minutes=120),
    )
}
# What valuations say that they understood of what was asked for.
UNDERSTOOD: dict[str, dict[str, str]] = {
    "coat": {},
    "sewing": {"category": "services", "occupation": "51-6052"},
    "roofing": {"category": "other", "occupation": "47-2181"},
    "writing": {"occupation": "43-9061"},
    "roofers' coats": {"category": "clothing", "occupation": "47-2211"},
}


@dataclass(frozen=True, slots=True)
class Charge:
    """What parties pay for a trade into an account of the house, in rails by their accounts."""

    into: Holder
    paid: dict[str, int]

    def lines(self, parties: Iterable[Holder]) -> list[Change]:
        paid = [Change(each, K, -self.paid[each.id]) for each in parties if self.paid.get(each.id)]
        return [*paid, Change(self.into, K, sum(self.paid.values()))] if paid else []

    def part(self, percent: int) -> Charge:
        """A share of it, each party's rounded for itself."""
        return Charge(self.into, {who: round(Fraction(of * percent, 100)) for who, of in self.paid.items()})


def thing(service: Service, valuations: Mapping[str, str]) -> dict[str, Any]:
    """What a leg of a service says, with the valuations that were given out."""
    worth = {"minutes": service.minutes} if service.minutes else {"valuation": valuations[service.valued]}
    return {"kind": service.kind, "description": service.name, **worth}


def fee_on(world: World, base: int, payer: Holder, payee: Holder) -> Charge:
    """The fee on what the smaller side is worth, by whom the policy says; of halves the odd rail is the payer's. None
    while a crisis suspends it."""
    of = figures.now(world)
    fee = round(of.fee * base) if of.fee is not None and crises.takes(world, "fee") else 0
    by_payee = {"payer": 0, "payee": fee, "split": fee // 2}[of.fee_by]
    return Charge(world.house_of("commons"), {payer.id: fee - by_payee, payee.id: by_payee} if fee else {})


def insured_on(world: World, services: Iterable[tuple[Holder, str, int]], payer: Holder) -> Charge:
    """What services pay into the insurance: who gives them, what they are, and their value in rails; by whoever gives
    them, or by whoever pays the fee as payer. Nothing while a crisis suspends it."""
    rule, paid = figures.now(world).insured, Counter[str]()
    if rule is not None and crises.takes(world, "insurance"):
        for giver, service, worth in services:
            paid[giver.id if rule.by == "giver" else payer.id] += round(_risk(rule, SERVICES[service]) * worth)
    return Charge(world.house_of("insurance"), dict(+paid))


def _risk(rule: figures.Insured, service: Service) -> Fraction:
    """The share of a service's value that is insured."""
    if service.kind not in rule.kinds:
        return Fraction(0)
    otherwise = rule.risks[rule.otherwise] if rule.otherwise is not None else Fraction(0)
    return max((rule.risks[each] for each in service.classes), default=otherwise)

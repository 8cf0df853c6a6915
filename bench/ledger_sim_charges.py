"""What the model knows of what a trade pays to the community: the fee, and what its services pay into the insurance.

The fee is split; the insurance is paid by whoever gives the service. Crises suspend the one or the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from bench import ledger_sim_crises as crises
from bench.ledger_sim_model import Change, Holder, K
from bench.ledger_sim_world import World

FEE = Fraction(1, 100)
# What is done to a coat, and the share of its value that is insured: of two classes of risk the dearest, of none none.
SERVICES = {
    "repair of a coat": Fraction(65, 10_000),
    "repair of a coat on the roof": Fraction(3, 100),
    "a look at a coat": Fraction(0),
}
REPAIR = "repair"  # the word that makes a service a repair
SECTIONS = """
[policy.house.insurance]
kind = "insurance"
floor = "-40.00"

[policy.fee]
percent = "1"
paid_by = "split"
into = "commons"

[policy.insurance]
paid_by = "giver"

[policy.insurance.risks.plain]
percent = "0.65"
words = ["repair"]

[policy.insurance.risks.high]
percent = "3"
words = ["roof"]
"""


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


def fee_on(world: World, base: int, payer: Holder, payee: Holder) -> Charge:
    """The fee on what the smaller side is worth: half each, the odd rail by whoever pays; none while a crisis suspends
    it."""
    fee = round(FEE * base) if crises.takes(world, "fee") else 0
    return Charge(world.house_of("commons"), {payer.id: fee - fee // 2, payee.id: fee // 2} if fee else {})


def insured_on(world: World, services: Iterable[tuple[Holder, str, int]]) -> Charge:
    """What services pay into the insurance: who gives them, what they are, and their value in rails; nothing while a
    crisis suspends it."""
    paid: Counter[str] = Counter()
    for giver, service, worth in services:
        paid[giver.id] += round(SERVICES[service] * worth)
    return Charge(world.house_of("insurance"), dict(+paid) if crises.takes(world, "insurance") else {})

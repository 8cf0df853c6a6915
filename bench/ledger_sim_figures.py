"""The figures of the simulation's policy that change in mid-history, and which of them hold on a day.

They are the model's own: a policy file is written from them for the ledger, and what the ledger does by that file is
foretold from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from bench.ledger_sim_model import MINUTES, K
from bench.ledger_sim_world import World
from ledger.policy.dated import Limits

BEGINNING = "2000-01-01"
PAID_BY = ("payer", "payee", "split")
INSURED_BY = ("giver", "payer")


@dataclass(frozen=True, slots=True)
class Tier:
    """What a tier may in rails and minutes, and how many must sign above how many rails (1: the key is enough)."""

    limits: Mapping[str, Limits]
    signatures: int = 1
    signed_above: int = 0

    def scaled(self, percent: int) -> Tier:
        """The same with other limits of K."""
        of = self.limits[K]
        floor, ceiling, daily = (each * percent // 100 if each else each for each in (of.floor, of.ceiling, of.daily))
        return replace(self, limits={**self.limits, K: Limits(floor, ceiling, daily)})


@dataclass(frozen=True, slots=True)
class Insured:
    """What services pay into the insurance: who pays, for legs of which kinds, which share by classes of risk, and the
    class of what belongs to none (None: nothing is paid for it)."""

    by: str
    kinds: tuple[str, ...]
    risks: Mapping[str, Fraction]
    otherwise: str | None


@dataclass(frozen=True, slots=True)
class Watched:
    """Trades of more than `above` rails need the word of `count` others; above `proof` both deliveries and a photo."""

    above: int
    count: int
    proof: int | None


@dataclass(frozen=True, slots=True)
class Escrowed:
    """Who finished fewer trades, and whoever is paid more rails, trades through escrow."""

    below: int
    above: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a policy says. Shares are fractions of one, amounts are rails; None: the community has no such rule."""

    hour: int
    tiers: Mapping[str, Tier]
    fee: Fraction | None
    fee_by: str
    insured: Insured | None
    demurrage: Fraction | None
    from_day: int
    escrow: Escrowed | None
    watched: Watched | None
    repair: Fraction | None
    work: Fraction
    credit: int


# Ceilings as near as floors, so that histories run into both.
FIRST = Figures(
    hour=20_00,
    tiers={
        "basic": Tier({K: Limits(-100_00, 120_00, 60_00), MINUTES: Limits(-600, 900)}),
        "verified": Tier({K: Limits(-150_00, 250_00, 100_00), MINUTES: Limits(-900, 1200, 300)}),
        "business": Tier({K: Limits(-400_00, 400_00, 200_00), MINUTES: Limits(-900, 1200)}, 2, 12_00),
    },
    fee=Fraction(1, 100),
    fee_by="split",
    insured=Insured("giver", ("service",), {"plain": Fraction(65, 10_000), "high": Fraction(3, 100)}, None),
    demurrage=Fraction(5, 100),
    from_day=1,
    escrow=Escrowed(2, 30_00),
    watched=None,
    repair=Fraction(5, 100),
    work=Fraction(10, 100),
    credit=4_00,
)
# What each kind of service belongs to: its words where nothing else is known of it, else its category and occupation.
RISKS = """
[policy.insurance.risks.plain]
percent = "{plain}"
categories = ["clothing"]
occupations = ["51-6052"]
words = ["repair"]

[policy.insurance.risks.high]
percent = "{high}"
occupations = ["47-2181", "47-2211"]
words = ["roof"]
"""


def begin(world: World) -> None:
    """The figures that hold from the beginning, by the days they hold from."""
    world.notes["figures"] = {BEGINNING: FIRST}


def on(world: World, day: date) -> Figures:
    """The figures that hold on a day."""
    told = day.isoformat()
    found: dict[str, Figures] = world.notes["figures"]
    return next(found[since] for since in sorted(found, reverse=True) if since <= told)


def now(world: World) -> Figures:
    """The figures that hold today."""
    if world.notes.get("figures of") != world.today:
        world.notes["figures of"], world.notes["figures now"] = world.today, on(world, world.clock.now.date())
    found: Figures = world.notes["figures now"]
    return found


def by_chance(world: World) -> Figures:
    """Other figures: each of them as it was at first, or not."""
    one = world.one_of
    scaled = {name: each.scaled(one((70, 100, 100, 130))) for name, each in FIRST.tiers.items()}
    business = replace(scaled["business"], signatures=one((1, 2, 2, 3)), signed_above=one((6_00, 12_00, 12_00, 18_00)))
    risks = {"plain": Fraction(one((65, 50, 400)), 10_000), "high": Fraction(one((3, 2, 3)), 100)}
    kinds = one((("service",), ("service", "time"), ("time",)))
    insured = Insured(one(INSURED_BY), kinds, risks, one((None, "plain", "high")))
    watched = Watched(one((8_00, 12_00)), one((1, 2)), one((None, 13_00)))
    return Figures(
        hour=one((20_00, 18_00, 23_00, 26_00)),
        tiers={**scaled, "business": business},
        fee=one((Fraction(1, 100), Fraction(5, 1000), Fraction(275, 10_000), Fraction(1, 100), None)),
        fee_by=one(PAID_BY),
        insured=one((insured, insured, insured, None)),
        demurrage=one((Fraction(5, 100), Fraction(3, 100), Fraction(15, 1000), Fraction(5, 100), None)),
        from_day=one((1, 2, 5)),
        escrow=one((FIRST.escrow, Escrowed(1, 20_00), Escrowed(3, 40_00), None)),
        watched=one((None, None, watched)),
        repair=one((Fraction(5, 100), Fraction(3, 100), Fraction(1, 10), None)),
        work=Fraction(one((10, 5, 20)), 100),
        credit=one((4_00, 2_50, 5_00)),
    )


def written(figures: Figures, day: str) -> str:
    """The part of a policy file that says them."""
    parts = [
        f'[[policy]]\nholds_from = {day}\ncurrency = "USD"\ncurrency_per_k = "1.00"\nhour = "{_k(figures.hour)}"',
        "reason_above_percent = 30\nwarn_at_percent = 80",
        *(_tier(name, each) for name, each in figures.tiers.items()),
        f'[policy.work]\nfrom = "work"\nunit = "min"\npercent = "{_percent(figures.work)}"\ndays = 30',
        f'[policy.essentials]\nfrom = "commons"\namount = "{_k(figures.credit)}"\notherwise = "0.5"\ndays = 20',
        'categories = ["food", "care"]\n[policy.essentials.needs]\nfamily = "1.5"\nplain = "1"',
    ]
    if figures.fee is not None:
        parts += [f'[policy.fee]\npercent = "{_percent(figures.fee)}"\npaid_by = "{figures.fee_by}"\ninto = "commons"']
    if figures.insured is not None:
        parts += _insured(figures.insured)
    if figures.demurrage is not None:
        parts += [f'[policy.demurrage]\npercent = "{_percent(figures.demurrage)}"\nfrom_day = {figures.from_day}']
        parts += ['into = "commons"\nkinds = ["member", "business"]']
    if (escrow := figures.escrow) is not None:
        parts += [f'[policy.escrow]\ntrades_below = {escrow.below}\nabove = "{_k(escrow.above)}"']
    if (watched := figures.watched) is not None:
        parts += [f'[policy.witnesses]\nabove = "{_k(watched.above)}"\ncount = {watched.count}']
        parts += [f'proof_above = "{_k(watched.proof)}"'] if watched.proof is not None else []
    if figures.repair is not None:
        parts += [f'[policy.repair]\nfrom = "commons"\npercent = "{_percent(figures.repair)}"\nmost = "2.00"']
        parts += ['most_a_month = "5.00"\nwords = ["repair"]']
    return "\n".join(parts) + "\n"


def _tier(name: str, tier: Tier) -> str:
    said = [f"[policy.tiers.{name}]"]
    for unit, end in ((K, ""), (MINUTES, "_minutes")):
        of = tier.limits[unit]
        for field, value in (("floor", of.floor), ("ceiling", of.ceiling), ("daily", of.daily)):
            if value is not None:
                said.append(f"{field}{end} = {value}" if unit == MINUTES else f'{field} = "{_k(value)}"')
    return "\n".join([*said, f'signatures = {tier.signatures}\nsigned_above = "{_k(tier.signed_above)}"'])


def _insured(insured: Insured) -> list[str]:
    kinds = ", ".join(f'"{each}"' for each in insured.kinds)
    said = [f'[policy.insurance]\npaid_by = "{insured.by}"\nkinds = [{kinds}]']
    said += [f'otherwise = "{insured.otherwise}"'] if insured.otherwise is not None else []
    return [*said, RISKS.format(**{name: _percent(each) for name, each in insured.risks.items()})]


def _k(rails: int) -> str:
    return f"{'-' if rails < 0 else ''}{abs(rails) // 100}.{abs(rails) % 100:02}"


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}"

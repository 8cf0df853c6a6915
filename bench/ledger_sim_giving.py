"""What the model foretells of the community's rules: who would get and pay how much in a run, before limits.

Each is worked out from the figures of the simulation's policy and from what the model knows, without the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import product

from bench import ledger_sim_crises as crises
from bench import ledger_sim_figures as figures
from bench import ledger_sim_volume as volume
from bench.ledger_sim_model import MINUTES, Holder, K, Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import WrongState
from warehouse.errors import BadInput

DATES = ("01-12", "02-09", "03-04", "04-02", "05-11", "06-21", "07-20", "08-17", "09-23", "10-19", "11-16", "12-21")
SECTIONS = f"""
[policy.house.grants]
kind = "issuance"
floor = "-200.00"

[policy.house.commons]
kind = "issuance"
floor = "-250.00"

[policy.house.work]
kind = "issuance"
floor = "0.00"
floor_minutes = -2400

[policy.grants]
from = "grants"
base = "5.00"
most = "11.00"
after_days = 3
verified = ["verified", "business"]

[policy.grants.points]
verified = {{ each = "5.00", most = 1 }}
vouch = {{ each = "2.00", most = 3 }}

[policy.jubilee]
from = "commons"
into = "commons"
dates = {list(DATES)}
within_days = 5
forgive_percent = "20"
forgive_most = "4.00"
take_percent = "25"
above = "30.00"
gift = "1.00"
""".replace("'", '"')
NEEDS = {"family": Fraction(3, 2), "plain": Fraction(1), "none": Fraction(1, 2)}
CREDIT_DAYS = 20
BASE, VERIFIED, VOUCH, MOST = 5_00, 5_00, 2_00, 11_00


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody gets, or pays, from or into an account of the house; `whole`: all of it or nothing."""

    who: Holder
    amount: int
    house: str
    unit: str = K
    part: str = ""
    whole: bool = False


@dataclass
class Claim:
    """Community work that was recorded and waits for its credit."""

    id: str
    who: Holder
    minutes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a run must answer: a refusal, or its period and shares (None: the model cannot tell them)."""

    period: str
    shares: list[Share] | None
    refusal: Refusal | None = None


def here(world: World) -> list[Holder]:
    """The members and businesses who have not left."""
    return [each for each in world.holders if each.id not in world.notes["gone"]]


def demurrage(world: World) -> Foretold:
    """A share of what has lain still; none in a crisis. Who pays how much is the dry run's to tell."""
    month, taken = world.today[:7], figures.now(world).demurrage is not None and crises.takes(world, "demurrage")
    return Foretold(month, None, None if taken else WrongState)


def grants(world: World) -> Foretold:
    """Once to each member who joined three days ago, and more where somebody stands for it."""
    before = world.clock.now - timedelta(days=3)
    shares = []
    for each in here(world):
        if each.kind != "member" or each.id in world.notes["granted"] or world.notes["joined"][each.id] > before:
            continue
        points = VERIFIED * (each.tier in ("verified", "business")) + VOUCH * min(world.notes["vouched"](each), 3)
        shares.append(Share(each, min(BASE + points, MOST), "grants"))
    return Foretold(world.today, shares)


def essentials(world: World) -> Foretold:
    """A month's credit for each member, by its need."""
    shares = []
    for each in here(world):
        amount = round(figures.now(world).credit * NEEDS[world.notes["needs"].get(each.id, "none")])
        if each.kind == "member":
            shares.append(Share(each, amount, "commons"))
    return Foretold(world.today[:7], shares)


def jubilee(world: World) -> Foretold:
    """On its days and for five more: a fifth of a debt, a quarter of what is above 30 K, one K for all."""
    today = world.clock.now.date()
    days = [date.fromisoformat(f"{year}-{day}") for year in (today.year - 1, today.year) for day in DATES]
    last = max(day for day in days if day <= today)
    if today > last + timedelta(days=5):
        return Foretold("", [], WrongState)
    shares = []
    for each in here(world):
        at = each[K]
        forgiven = min(round(Fraction(max(0, -at.posted), 5)), 4_00)
        taken = round(Fraction(max(0, at.posted - at.out - 30_00), 4))
        parts = (("forgive", forgiven), ("take", -taken), ("gift", 1_00))
        shares += [Share(each, amount, "commons", part=part) for part, amount in parts if amount]
    return Foretold(last.isoformat(), shares)


def relief(world: World) -> Foretold:
    """Once in a crisis to each member of the tier that it names; where two are open one says for which."""
    there = crises.open_now(world)
    if not there:
        return Foretold("", [], WrongState)
    crisis = world.one_of(there)
    kind = crises.KINDS[crisis.kind]
    shares = [Share(each, kind.relief, "commons") for each in crises.of_tier(world, kind.tier)]
    return Foretold(crisis.id, shares, BadInput if len(there) > 1 else None)


def repair(world: World) -> Foretold:
    """For the repairs of last month: a share to both sides, at most 2 K for one and 5 K a month, by the policy of that
    month's last day."""
    last = world.clock.now.date().replace(day=1) - timedelta(days=1)
    month, percent = last.isoformat()[:7], figures.on(world, last).repair
    if percent is None:
        return Foretold(month, [], WrongState)
    left: dict[str, int] = defaultdict(lambda: 5_00)
    got: dict[str, Share] = {}
    for done in volume.repairs(world, month):
        for value, each in product(done.repaired, done.parties):
            amount = min(round(percent * value), 2_00, left[each.id])
            left[each.id] -= amount
            before = got[each.id].amount if each.id in got else 0
            got[each.id] = Share(each, before + amount, "commons")
    there = {each.id for each in world.holders} - world.notes["gone"]
    return Foretold(month, [each for each in got.values() if each.who.id in there])


def work(world: World) -> Foretold:
    """As much of the work that waits as a share of the trade of 30 days carries, in the order it was recorded."""
    since = world.clock.now - timedelta(days=30)
    given: list[tuple[object, int]] = world.notes["credited"]
    given[:] = [each for each in given if each[0] > since]  # type: ignore[operator]
    carried = int(figures.now(world).work * volume.traded(world, 30))
    left = max(0, carried - crises.worth_of(world, sum(minutes for _, minutes in given)))
    shares = []
    # The work of who has left waits for ever, and holds nobody up.
    claims = world.notes["claims"] = [each for each in world.notes["claims"] if each.who.id not in world.notes["gone"]]
    for claim in claims:
        left -= crises.worth_of(world, claim.minutes)
        if left < 0:
            break
        shares.append(Share(claim.who, claim.minutes, "work", MINUTES, claim.id, whole=True))
    return Foretold(world.today, shares)


RULES = {each.__name__: each for each in (demurrage, grants, essentials, jubilee, relief, repair, work)}

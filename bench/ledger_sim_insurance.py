"""The step of the insurance: a treasurer pays a party of a disputed trade, or tries what cannot be.

Nothing is paid that is not there, though the account's floor is below zero. Payouts keep up with contributions: most
are of all that is there, else the insurance would hold all K after some hundred thousand operations.
"""

from __future__ import annotations

from typing import Any

from bench import ledger_sim_chances as chances
from bench import ledger_sim_model as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import Holder, K, Refusal, Standing, moved
from bench.ledger_sim_world import World
from ledger.books.errors import LimitReached, NotAllowed, Unknown, WrongState
from ledger.community import insurance
from warehouse.errors import BadInput

OVER = ("done", "cancelled")
NOBODY = "trade_of_nobody"


def begin(world: World) -> None:
    """Nothing was paid out yet: how much, and how often."""
    world.notes["paid out"] = 0, 0


def pay_out(world: World) -> None:
    """A payment out of the insurance."""
    ended = [each for each in chances.late(world, *OVER) if each.disputed]
    usual = ended and world.chance.random() < 0.9
    every = ended if usual else chances.late(world, "accepted", "disputed", *OVER)
    fund = world.house_of("insurance")
    there = fund[K].posted - fund[K].out
    if not every or (there <= 0 and world.chance.random() < 0.8):
        return
    deal = world.one_of(every)
    others = [each for each in world.holders if each not in deal.parties]
    by = world.one_of(others if world.chance.random() < 0.97 else deal.parties)
    payee = min(deal.parties, key=lambda each: each[K].posted) if world.chance.random() < 0.8 else deal.other
    if world.chance.random() < 0.03:
        payee = world.one_of(others)
    treasurer, trade = world.chance.random() < 0.97, deal.id if world.chance.random() < 0.98 else NOBODY
    amount = _amount(world, there, payee)
    refusal: Refusal | None = None
    if not treasurer:
        refusal = NotAllowed
    elif amount <= 0:
        refusal = BadInput
    elif trade == NOBODY:
        refusal = Unknown
    elif by in deal.parties:
        refusal = NotAllowed
    elif deal.state == "disputed" or not deal.disputed:
        refusal = WrongState
    elif payee not in deal.parties:
        refusal = BadInput
    elif amount > there or amount > payee[K].room():
        refusal = LimitReached

    def done(_: Any) -> None:
        model.post(moved(fund, payee, K, amount), world.today, daily=False)
        paid, often = world.notes["paid out"]
        world.notes["paid out"] = paid + amount, often + 1

    said = {"by": by.id, "trade_id": trade, "payee": payee.id, "amount": amount, "reason": "it was torn"}
    world.attempt("pay insurance", insurance.pay, {**said, "as_treasurer": treasurer}, refusal, done)


def check(world: World) -> None:
    """Raise `Broken` where the insurance does not tell of itself what the model knows."""
    told = insurance.standing(world.ledger)
    fund: Standing = world.house_of("insurance")[K]
    paid, often = world.notes["paid out"]
    given = world.notes["given"]
    mine = (fund.posted, fund.coming, fund.posted + paid - given, given, paid, often)
    payouts = sum(each.amount for each in told.payouts), len(told.payouts)
    found = (told.posted, told.coming, told.contributed, told.otherwise, *payouts)
    if found != mine:
        raise Broken(f"the insurance tells {found} of itself, the model says {mine}")


def figures(world: World) -> dict[str, int]:
    """What came into the insurance and went out of it, in rails, and how often."""
    paid, often = world.notes["paid out"]
    given = world.notes["given"]
    contributed = world.house_of("insurance")[K].posted + paid - given
    return {"contributed": contributed, "given": given, "paid_out": paid, "payouts": often}


def _amount(world: World, there: int, payee: Holder) -> int:
    match world.pick((0.6, "all"), (0.3, "a part"), (0.04, "one more"), (0.04, "no room"), (0.02, "nothing")):
        case "all":
            return max(1, min(there, payee[K].room()))
        case "a part":
            return world.chance.randint(1, max(1, there))
        case "one more":
            return max(there, 0) + 1
        case "no room":
            return min(max(1, payee[K].room() + 1), 50_000)
        case _:
            return 0


STEPS = {"pay insurance": (1.2, pay_out)}

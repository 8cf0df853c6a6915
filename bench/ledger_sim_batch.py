"""Steps of batches: several payments of one payer, or of several, in one request, each with its own key and answer."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any

from bench import ledger_sim_model as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import Holder, Payment, Standing, moved
from bench.ledger_sim_steps import amount, needs_signatures, unit_of
from bench.ledger_sim_world import World
from ledger.books import batch
from ledger.books.batch import Payment as Asked

Wanted = tuple[Holder, Asked, Holder]  # who pays what to whom
Told = tuple[str, str | None]  # "posted" or "refused", and the kind of refusal


def pay_many(world: World, several: bool = False) -> None:
    """Some payments of one payer, or of several; now and then a key twice, the second time perhaps for something
    else."""
    payer = world.two()[0]
    asked: list[Wanted] = []
    for _ in range(world.chance.randint(2, 8)):
        if several:
            payer = world.two()[0]
        payee = world.holders[world.chance.randint(0, len(world.holders) - 1)]
        unit = unit_of(world)
        key, of = world.key(), amount(world, payer, payee, unit) if payee is not payer else 5
        if asked and world.chance.random() < 0.1:
            last = asked[-1]
            # The same key of another is another key.
            payer, key = last[0] if world.chance.random() < 0.8 else payer, last[1].key
            if world.chance.random() < 0.5:
                payee, unit, of = last[2], last[1].unit, last[1].amount
        asked.append((payer, Asked(key=key, payee=payee.id, amount=of, unit=unit), payee))
    kept = {(each.id, unit): copy(standing) for each in world.holders for unit, standing in each.units.items()}
    told = _carry_out(world, asked)
    again = _carry_out(
        world, asked, done=[each for each, (state, _) in zip(asked, told, strict=True) if state == "posted"]
    )
    _restore(world, kept)
    if again != told:
        # What was refused is possible after the others: who asks again, because the answer was lost, gets it done.
        return

    def done(answer: list[batch.Outcome]) -> None:
        if [(each.state, each.refused) for each in answer] != told:
            raise Broken(f"{asked}: answered {answer}, the model says {told}")
        _carry_out(world, asked)
        posted = {each.transfer for each in answer if each.transfer}
        for each, (who, of, payee) in zip(answer, asked, strict=True):
            if each.transfer in posted:
                posted.remove(each.transfer)
                world.payments.append(Payment(each.transfer, who, payee, of.unit, of.amount))

    if several:
        said: dict[str, Any] = {"payments": [(who.id, each) for who, each, _ in asked]}
        world.attempt("batch of several", batch.post_many, said, None, done, keyed=False)
    else:
        said = {"payer": payer.id, "payments": [each for _, each, _ in asked]}
        world.attempt("batch", batch.pay_many, said, None, done, keyed=False)


def _carry_out(world: World, asked: list[Wanted], done: Sequence[Wanted] = ()) -> list[Told]:
    """The answers to payments, carried out in the model; those that are `done` are answered as before."""
    told: list[Told] = []
    known = {(payer.id, each.key): (each.payee, each.amount, each.unit) for payer, each, _ in done}
    claimed: dict[tuple[str, str], tuple[str, int, str]] = {}
    for payer, each, payee in asked:
        request, key = (each.payee, each.amount, each.unit), (payer.id, each.key)
        before = known.get(key)
        if before is not None:
            told.append(("posted", None) if before == request else ("refused", "KeyReused"))
            continue
        if claimed.setdefault(key, request) != request:
            told.append(("refused", "KeyReused"))
            continue
        changes = moved(payer, payee, each.unit, each.amount)
        waits = needs_signatures(world, payer, each.unit, each.amount)
        if payee is not payer and len(world.signers.get(payer.id, ())) < waits:
            told.append(("refused", "NotAllowed"))
        elif payee is payer or waits:
            told.append(("refused", "BadInput"))
        elif model.refused(changes, world.today) is not None:
            told.append(("refused", "LimitReached"))
        else:
            model.post(changes, world.today)
            known[key] = request
            told.append(("posted", None))
    return told


def _restore(world: World, kept: dict[tuple[str, str], Standing]) -> None:
    for each in world.holders:
        for unit in each.units:
            each.units[unit] = kept[each.id, unit]


STEPS: dict[str, Any] = {"batch": (2.0, pay_many), "batch of several": (1.0, partial(pay_many, several=True))}

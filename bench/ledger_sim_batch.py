"""The step of a batch: several payments of one payer in one request, each with its own key and its own answer."""

from __future__ import annotations

from copy import copy
from typing import Any

from bench import ledger_sim_model as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import Holder, Payment, Standing, moved
from bench.ledger_sim_steps import amount, needs_signatures, unit_of
from bench.ledger_sim_world import World
from ledger.books import batch
from ledger.books.batch import Payment as Asked

Told = tuple[str, str | None]  # "posted" or "refused", and the kind of refusal


def pay_many(world: World) -> None:
    """Some payments of one payer; now and then a key twice, the second time perhaps for something else."""
    payer = world.two()[0]
    asked: list[tuple[Asked, Holder]] = []
    for _ in range(world.chance.randint(2, 8)):
        payee = world.holders[world.chance.randint(0, len(world.holders) - 1)]
        unit = unit_of(world)
        key, of = world.key(), amount(world, payer, payee, unit) if payee is not payer else 5
        if asked and world.chance.random() < 0.1:
            key = asked[-1][0].key
            if world.chance.random() < 0.5:
                payee, unit, of = asked[-1][1], asked[-1][0].unit, asked[-1][0].amount
        asked.append((Asked(key=key, payee=payee.id, amount=of, unit=unit), payee))
    kept = {(each.id, unit): copy(standing) for each in world.holders for unit, standing in each.units.items()}
    told = _carry_out(world, payer, asked)
    _restore(world, kept)

    def done(answer: list[batch.Outcome]) -> None:
        if [(each.state, each.refused) for each in answer] != told:
            raise Broken(f"{payer.id} {asked}: answered {answer}, the model says {told}")
        _carry_out(world, payer, asked)
        posted = {each.transfer for each in answer if each.transfer}
        for each, (of, payee) in zip(answer, asked, strict=True):
            if each.transfer in posted:
                posted.remove(each.transfer)
                world.payments.append(Payment(each.transfer, payer, payee, of.unit, of.amount))

    said: dict[str, Any] = {"payer": payer.id, "payments": [each for each, _ in asked]}
    world.attempt("batch", batch.pay_many, said, None, done, keyed=False)


def _carry_out(world: World, payer: Holder, asked: list[tuple[Asked, Holder]]) -> list[Told]:
    told: list[Told] = []
    known: dict[str, tuple[str, int, str]] = {}
    claimed: dict[str, tuple[str, int, str]] = {}
    for each, payee in asked:
        request = (each.payee, each.amount, each.unit)
        before = known.get(each.key)
        if before is not None:
            told.append(("posted", None) if before == request else ("refused", "KeyReused"))
            continue
        if claimed.setdefault(each.key, request) != request:
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
            known[each.key] = request
            told.append(("posted", None))
    return told


def _restore(world: World, kept: dict[tuple[str, str], Standing]) -> None:
    for each in world.holders:
        for unit in each.units:
            each.units[unit] = kept[each.id, unit]


STEPS = {"batch": (3.0, pay_many)}

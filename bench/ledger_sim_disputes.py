"""Steps of disputes: a trade is frozen, a share is suggested and agreed to, or a treasurer decides."""

from __future__ import annotations

from typing import Any

from bench import ledger_sim_chances as chances
from bench import ledger_sim_deals as deals
from bench.ledger_sim_model import Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, WrongState
from ledger.trading import disputes
from warehouse.errors import BadInput


def dispute(world: World) -> None:
    """A party freezes an accepted trade."""
    if (deal := chances.some(world, "accepted")) is None:
        return
    by = chances.whoever(world, deal)

    def done(_: Any) -> None:
        deal.state = "disputed"

    said = {"by": by.id, "trade_id": deal.id, "reason": "it is torn"}
    world.attempt("dispute", disputes.dispute, said, chances.refused(deal, by, "accepted"), done)


def suggest(world: World) -> None:
    """A party suggests how a dispute ends."""
    if (deal := chances.some(world, "disputed")) is None:
        return
    by, percent = chances.whoever(world, deal), _percent(world)
    refusal = chances.refused(deal, by, "disputed")
    if refusal is None and percent > 100:
        refusal = BadInput

    def done(_: Any) -> None:
        deal.suggested = by, percent

    said = {"by": by.id, "trade_id": deal.id, "percent": percent}
    world.attempt("suggest", disputes.suggest, said, refusal, done)


def agree(world: World) -> None:
    """The other agrees to what was suggested, or to what was not."""
    if (deal := chances.some(world, "disputed")) is None:
        return
    percent = deal.suggested[1] if deal.suggested else 50
    by = chances.whoever(world, deal, right=deals.other(deal, deal.suggested[0]) if deal.suggested else None)
    refusal = chances.refused(deal, by, "disputed")
    if refusal is None and deal.suggested is None:
        refusal = WrongState
    elif refusal is None and deal.suggested is not None and by is deal.suggested[0]:
        refusal = NotAllowed
    elif refusal is None:
        refusal = deals.cannot_end(world, deal, percent)
    said = {"by": by.id, "trade_id": deal.id, "percent": percent}
    world.attempt("agree", disputes.agree, said, refusal, lambda _: deals.end(world, deal, percent))


def decide(world: World) -> None:
    """A treasurer decides, or somebody who is none."""
    if (deal := chances.some(world, "disputed")) is None:
        return
    by = world.one_of(world.holders)
    treasurer, percent = world.chance.random() < 0.9, _percent(world)
    refusal: Refusal | None = None
    if not treasurer or by in deal.parties:
        refusal = NotAllowed
    elif deal.state != "disputed":
        refusal = WrongState
    elif percent > 100:
        refusal = BadInput
    else:
        refusal = deals.cannot_end(world, deal, percent)
    said = {"by": by.id, "trade_id": deal.id, "percent": percent, "note": "so be it", "as_treasurer": treasurer}
    world.attempt("decide", disputes.decide, said, refusal, lambda _: deals.end(world, deal, percent))


def _percent(world: World) -> int:
    return (0, 100, 101, 50, 1, 99)[world.chance.randint(0, 5)] if world.chance.random() < 0.5 else 33


STEPS = {
    "dispute": (1.6, dispute),
    "suggest": (1.5, suggest),
    "agree": (1.5, agree),
    "decide": (1.5, decide),
}

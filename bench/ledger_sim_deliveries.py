"""Steps of accepted trades: deliveries, what others saw, confirmation, cancelling and no-shows."""

from __future__ import annotations

from typing import Any

from bench import ledger_sim_chances as chances
from bench import ledger_sim_deals as deals
from bench.ledger_sim_model import Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, WrongState
from ledger.trading import delivering, trades

PHOTO = "5" * 64


def deliver(world: World) -> None:
    """A party marks its delivery, perhaps with a photo."""
    if (deal := _lacking(world) or chances.some(world, "accepted")) is None:
        return
    by = chances.whoever(world, deal)
    said: dict[str, Any] = {"by": by.id, "trade_id": deal.id, "note": "here it is"}
    photo = world.chance.random() < 0.5
    if photo:
        said["photo_sha256"] = PHOTO
    refusal = chances.refused(deal, by, "accepted", "disputed")

    def done(_: Any) -> None:
        deal.delivered.append(by)
        deal.shown |= photo

    world.attempt("deliver", delivering.deliver, said, refusal, done)


def attest(world: World) -> None:
    """Somebody attests what they saw; a party may not."""
    if (deal := _lacking(world) or chances.some(world, "accepted")) is None:
        return
    by = world.one_of(world.holders)
    refusal: Refusal | None = None if deal.state in ("accepted", "disputed") else WrongState
    if refusal is None and by.id in deal.attested:
        refusal = WrongState
    if by in deal.parties:
        refusal = NotAllowed
    said = {"by": by.id, "trade_id": deal.id, "said": "I saw it"}
    world.attempt("attest", delivering.attest, said, refusal, lambda _: deal.attested.add(by.id))


def confirm(world: World) -> None:
    """A party confirms; with the second word everything moves."""
    if (deal := chances.some(world, "accepted")) is None:
        return
    by = chances.whoever(world, deal)
    if deal.confirmed and deal.lacks() and world.chance.random() < 0.7:
        return
    refusal = chances.refused(deal, by, "accepted")
    if refusal is None and by in deal.confirmed:
        refusal = WrongState
    if refusal is None and deal.confirmed and deal.lacks():
        refusal = WrongState

    def done(answer: Any) -> None:
        deal.confirmed.append(by)
        if len(deal.confirmed) == 2:
            deals.finish(world, deal)
            deal.transfer = answer.transfer

    world.attempt("confirm", trades.confirm, {"by": by.id, "trade_id": deal.id}, refusal, done)


def cancel(world: World) -> None:
    """A party wants it off; after a confirmation both must."""
    if (deal := chances.some(world, "proposed" if world.chance.random() < 0.5 else "accepted")) is None:
        return
    by = chances.whoever(world, deal)
    refusal = chances.refused(deal, by, "proposed", "accepted")
    if refusal is None and by in deal.cancelled:
        refusal = WrongState
    off = not deal.confirmed or len(deal.cancelled) == 1
    if refusal is None and off and deal.state == "accepted":
        refusal = deals.cannot_give_back(world, deal)

    def done(_: Any) -> None:
        deal.cancelled.append(by)
        if off:
            deals.give_back(world, deal)

    world.attempt("cancel", trades.cancel, {"by": by.id, "trade_id": deal.id}, refusal, done)


def no_show(world: World) -> None:
    """The day of delivery is over, and the other has marked nothing."""
    late = [
        each
        for each in chances.late(world, "accepted")
        if each.offer.deliver_by and each.offer.deliver_by.isoformat() < world.today
    ]
    deal = late[0] if late else chances.some(world, "accepted")
    if deal is None:
        return
    by = chances.whoever(world, deal)
    refusal = chances.refused(deal, by, "accepted")
    if refusal is None:
        over = deal.offer.deliver_by is not None and deal.offer.deliver_by.isoformat() < world.today
        if not over or deals.other(deal, by) in deal.delivered or by in deal.confirmed:
            refusal = WrongState
        else:
            refusal = deals.cannot_give_back(world, deal)
    said = {"by": by.id, "trade_id": deal.id}
    world.attempt("no show", delivering.no_show, said, refusal, lambda _: deals.give_back(world, deal))


def _lacking(world: World) -> deals.Deal | None:
    """Half of the time: a trade that needs witnesses, or what shows its deliveries, before it may be done."""
    lacking = [each for each in chances.late(world, "accepted") if each.lacks()]
    return world.one_of(lacking) if lacking and world.chance.random() < 0.5 else None


STEPS = {
    "deliver": (1.5, deliver),
    "attest": (0.7, attest),
    "confirm": (12.0, confirm),
    "cancel": (1.5, cancel),
    "no show": (0.7, no_show),
}

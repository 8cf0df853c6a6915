"""Steps of trades until they are accepted: proposals, counter-offers, signatures, acceptance into holds and escrow.

Each trade is a coat, or what is done to one, for K or for minutes, in either direction; the fee of one per cent is
split, services pay into the insurance, and newcomers and larger amounts go through escrow.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bench import ledger_sim_chances as chances
from bench import ledger_sim_crises as crises
from bench import ledger_sim_deals as deals
from bench import ledger_sim_model as model
from bench.ledger_sim_charges import SERVICES
from bench.ledger_sim_deals import Deal, Offer
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import MINUTES, Holder, K, moved
from bench.ledger_sim_steps import amount
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, WrongState
from ledger.trading import delivering, trades
from ledger.trading.legs import LegDraft
from ledger.trading.offers import MOST_OFFERS

SERVED = 0.4  # the share of the trades in which something is done to the coat, and it is not sold


def _offer(world: World, proposer: Holder, other: Holder) -> tuple[Offer, dict[str, Any]]:
    payer, seller = (proposer, other) if world.chance.random() < 0.5 else (other, proposer)
    unit = K if world.chance.random() < 0.8 else MINUTES
    of = amount(world, payer, seller, unit)
    day = world.clock.now.date() + timedelta(days=world.chance.randint(0, 2))
    deliver_by = day if world.chance.random() < 0.3 else None
    side = {True: "proposer", False: "counterparty"}
    money = {"kind": "k", "amount": of} if unit == K else {"kind": "minutes", "minutes": of}
    service = world.one_of(tuple(SERVICES)) if world.chance.random() < SERVED else ""
    thing = {"kind": "service", "description": service} if service else {"kind": "goods"}
    legs = [
        LegDraft(giver=side[seller is proposer], valuation=world.notes["coat"], **thing),  # type: ignore[arg-type]
        LegDraft(giver=side[payer is proposer], **money),  # type: ignore[arg-type]
    ]
    worth = of if unit == K else crises.worth_of(world, of)
    said = {"legs": legs, "reason": "it suits us", "deliver_by": deliver_by}
    return Offer(payer, seller, unit, of, deliver_by, worth, service), said


def propose(world: World) -> None:
    """A coat for K or minutes."""
    proposer, other = world.two()
    offer, said = _offer(world, proposer, other)

    def done(answer: Any) -> None:
        world.notes["deals"].append(Deal(answer.id, proposer, other, offer, proposer, answer.terms_sha256))
        deals.forget(world)

    world.attempt("propose", trades.propose, {"proposer": proposer.id, "counterparty": other.id, **said}, None, done)


def counter(world: World) -> None:
    """The other answers with an offer of its own."""
    if (deal := chances.some(world, "proposed")) is None:
        return
    by = chances.whoever(world, deal, right=_turn(deal))
    offer, said = _offer(world, deal.proposer, deal.other)
    refusal = chances.refused(deal, by, "proposed")
    if by is deal.maker:
        refusal = NotAllowed
    elif refusal is None and deal.offers >= MOST_OFFERS:
        refusal = WrongState

    def done(answer: Any) -> None:
        deal.offer, deal.maker, deal.signed = offer, by, set()
        deal.terms, deal.offers = answer.terms_sha256, deal.offers + 1

    world.attempt("counter", trades.counter, {"by": by.id, "trade_id": deal.id, **said}, refusal, done)


def sign(world: World) -> None:
    """A signer of a business signs a proposal's terms."""
    waiting = [each for each in chances.late(world, "proposed") if each.offer.payer.id in world.signers]
    if not waiting:
        return
    deal = waiting[world.chance.randint(0, len(waiting) - 1)]
    there = [each for each in world.holders if each.id in world.signers.get(deal.offer.payer.id, ())]
    by = next((each for each in there if each.id not in deal.signed), there[0])

    def done(_: Any) -> None:
        deal.signed.add(by.id)

    said = {"by": by.id, "trade_id": deal.id, "terms": deal.terms}
    world.attempt("sign a trade", delivering.sign, said, None, done)


def accept(world: World) -> None:
    """Whoever's turn it is accepts; what moves, the fee and what is insured are held, perhaps in escrow."""
    if (deal := chances.some(world, "proposed")) is None:
        return
    by = chances.whoever(world, deal, right=_turn(deal))
    keeper, charges = world.house_of("escrow"), deals.charges_of(world, deal)
    fewest = min(world.notes["finished"][each.id] for each in deal.parties)
    whole = deal.offer.amount if deal.offer.unit == K else 1
    escrow = keeper if fewest < deals.ESCROW_BELOW or whole > deals.ESCROW_ABOVE else None
    refusal = chances.refused(deal, by, "proposed")
    if by is deal.maker:
        refusal = NotAllowed
    elif refusal is None:
        refusal = deals.cannot_hold(world, deal, charges, escrow)

    def done(answer: Any) -> None:
        told = [(each.proposer, each.counterparty) for each in (answer.fee, answer.insurance)]
        mine = [(each.paid.get(deal.proposer.id, 0), each.paid.get(deal.other.id, 0)) for each in charges]
        if answer.escrow is not (escrow is not None) or told != mine:
            raise Broken(f"escrow {answer.escrow}, fee and insurance {told}; the model says {escrow} and {mine}")
        deal.state, deal.escrow, deal.charges, deal.day = "accepted", escrow, charges, world.today
        if escrow is not None:
            model.post(moved(deal.offer.payer, escrow, deal.offer.unit, deal.offer.amount), world.today)
        model.hold(deal.held(), world.today, daily=escrow is None)

    said = {"by": by.id, "trade_id": deal.id} | ({"terms": deal.terms} if deal.offers > 1 else {})
    world.attempt("accept", trades.accept, said, refusal, done)


def _turn(deal: Deal) -> Holder:
    return deals.other(deal, deal.maker)


STEPS = {
    "propose": (10.0, propose),
    "counter": (1.5, counter),
    "sign a trade": (3.0, sign),
    "accept": (8.0, accept),
}

"""Steps of trades until they are accepted: proposals, counter-offers, signatures, acceptance into holds and escrow.

Each trade is a coat, or a service, for K or for minutes, in either direction; there is a fee, services pay into the
insurance, and newcomers and larger amounts go through escrow, all by the figures of the day.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from bench import ledger_sim_chances as chances
from bench import ledger_sim_charges as charges
from bench import ledger_sim_crises as crises
from bench import ledger_sim_deals as deals
from bench import ledger_sim_figures as figures
from bench import ledger_sim_model as model
from bench.ledger_sim_charges import SERVICES
from bench.ledger_sim_deals import Deal, Offer
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import MINUTES, Holder, K, moved
from bench.ledger_sim_steps import amount, signed_for
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, WrongState
from ledger.trading import delivering, trades
from ledger.trading.legs import LegDraft
from ledger.trading.offers import MOST_OFFERS

SERVED = 0.4  # the share of the trades in which something is done, and no coat is sold
BESIDE = 0.1  # of those in which a coat, or cash, is given beside the money
DECLARED = 0.15  # and of those in which the parties agree on another value


def _offer(world: World, proposer: Holder, other: Holder) -> tuple[Offer, dict[str, Any]]:
    payer, seller = (proposer, other) if world.chance.random() < 0.5 else (other, proposer)
    unit = K if world.chance.random() < 0.8 else MINUTES
    of = amount(world, payer, seller, unit)
    day = world.clock.now.date() + timedelta(days=world.chance.randint(0, 2))
    deliver_by = day if world.chance.random() < 0.3 else None
    side = {True: "proposer", False: "counterparty"}
    money = {"kind": "k", "amount": of} if unit == K else {"kind": "minutes", "minutes": of}
    service = world.one_of(tuple(SERVICES)) if world.chance.random() < SERVED else ""
    giver, getter = side[seller is proposer], side[payer is proposer]
    thing, value = _thing(world, service)
    legs = [LegDraft(giver=giver, **thing), LegDraft(giver=getter, **money)]  # type: ignore[arg-type]
    beside = world.one_of((Decimal("0.5"), Decimal(1))) if world.chance.random() < BESIDE else Decimal(0)
    if beside:
        coat = world.notes["valuations"]["coat"]
        legs.append(LegDraft(giver=getter, kind="goods", valuation=coat, quantity=beside))  # type: ignore[arg-type]
    cash = world.chance.randint(1, 20_00) if world.chance.random() < BESIDE else 0
    if cash:
        legs.append(LegDraft(giver=getter, kind="cash", cash=Decimal(cash) / 100))  # type: ignore[arg-type]
    worth = of if unit == K else crises.worth_of(world, of)
    said = {"legs": legs, "reason": "it suits us", "deliver_by": deliver_by}
    besides = int(beside * deals.COAT), cash
    return Offer(payer, seller, unit, of, deliver_by, worth, service, value, *besides, figures.now(world).watched), said


def _thing(world: World, service: str) -> tuple[dict[str, Any], int]:
    """What is given for the money, and its rails: a coat or a service, now and then at another value than its own."""
    valuations = world.notes["valuations"]
    said = (
        charges.thing(SERVICES[service], valuations) if service else {"kind": "goods", "valuation": valuations["coat"]}
    )
    if "minutes" in said:
        return said, crises.worth_of(world, said["minutes"])
    if world.chance.random() < DECLARED:
        value = world.chance.randint(0, 70_00)
        return {**said, "declared": value, "attestation": "it is worn"}, value
    return said, deals.COAT


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
    waiting = [each for each in chances.late(world, "proposed") if world.signers.get(each.offer.payer.id)]
    if not waiting:
        return
    deal = waiting[world.chance.randint(0, len(waiting) - 1)]
    there = [each for each in world.holders if each.id in world.signers.get(deal.offer.payer.id, ())]
    by = next((each for each in there if (deal.offer.payer.id, each.id) not in deal.signed), there[0])

    def done(_: Any) -> None:
        deal.signed |= signed_for(world, deal.parties, by.id)

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
    rule = figures.now(world).escrow
    escrow = keeper if rule is not None and (fewest < rule.below or whole > rule.above) else None
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

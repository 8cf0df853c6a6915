"""Steps of trades: proposals, counter-offers, signatures, acceptance into holds and escrow, deliveries, confirmation,
cancelling, no-shows, disputes and how they end.

Each trade is a coat for K or for minutes, in either direction; the fee of one per cent is split, and newcomers and
larger amounts go through escrow.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bench import ledger_sim_crises as crises
from bench import ledger_sim_deals as deals
from bench import ledger_sim_model as model
from bench.ledger_sim_deals import Deal, Offer
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import MINUTES, Holder, K, Refusal, moved
from bench.ledger_sim_steps import amount
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.trading import delivering, disputes, trades
from ledger.trading.legs import LegDraft
from ledger.trading.offers import MOST_OFFERS
from warehouse.errors import BadInput

REPAIRS = 0.3  # the share of the trades in which the coat is repaired, and not sold


def _offer(world: World, proposer: Holder, other: Holder) -> tuple[Offer, dict[str, Any]]:
    payer, seller = (proposer, other) if world.chance.random() < 0.5 else (other, proposer)
    unit = K if world.chance.random() < 0.8 else MINUTES
    of = amount(world, payer, seller, unit)
    day = world.clock.now.date() + timedelta(days=world.chance.randint(0, 2))
    deliver_by = day if world.chance.random() < 0.3 else None
    side = {True: "proposer", False: "counterparty"}
    money = {"kind": "k", "amount": of} if unit == K else {"kind": "minutes", "minutes": of}
    repair = world.chance.random() < REPAIRS
    thing = {"kind": "service", "description": "repair of a coat"} if repair else {"kind": "goods"}
    legs = [
        LegDraft(giver=side[seller is proposer], valuation=world.notes["coat"], **thing),  # type: ignore[arg-type]
        LegDraft(giver=side[payer is proposer], **money),  # type: ignore[arg-type]
    ]
    worth = of if unit == K else crises.worth_of(world, of)
    said = {"legs": legs, "reason": "it suits us", "deliver_by": deliver_by}
    return Offer(payer, seller, unit, of, deliver_by, worth, repair), said


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
    if (deal := _some(world, "proposed")) is None:
        return
    by = _by(world, deal, right=_turn(deal))
    offer, said = _offer(world, deal.proposer, deal.other)
    refusal = _refused(deal, by, "proposed")
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
    waiting = [each for each in _late(world, "proposed") if each.offer.payer.id in world.signers]
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
    """Whoever's turn it is accepts; what moves and the fee are held, perhaps in escrow."""
    if (deal := _some(world, "proposed")) is None:
        return
    by = _by(world, deal, right=_turn(deal))
    pool, keeper = world.house[0], world.house[1]
    fee = deals.fee_of(world, deal)
    fewest = min(world.notes["finished"][each.id] for each in deal.parties)
    whole = deal.offer.amount if deal.offer.unit == K else 1
    escrow = keeper if fewest < deals.ESCROW_BELOW or whole > deals.ESCROW_ABOVE else None
    refusal = _refused(deal, by, "proposed")
    if by is deal.maker:
        refusal = NotAllowed
    elif refusal is None:
        refusal = deals.cannot_hold(world, deal, pool, fee, escrow)

    def done(answer: Any) -> None:
        if answer.escrow is not (escrow is not None) or (answer.fee.proposer, answer.fee.counterparty) != (
            fee.get(deal.proposer.id, 0),
            fee.get(deal.other.id, 0),
        ):
            raise Broken(f"escrow {answer.escrow}, fee {answer.fee}; the model says {escrow} and {fee}")
        deal.state, deal.escrow, deal.fee, deal.day = "accepted", escrow, fee, world.today
        if escrow is not None:
            model.post(moved(deal.offer.payer, escrow, deal.offer.unit, deal.offer.amount), world.today)
        model.hold(deal.held(pool), world.today, daily=escrow is None)

    said = {"by": by.id, "trade_id": deal.id} | ({"terms": deal.terms} if deal.offers > 1 else {})
    world.attempt("accept", trades.accept, said, refusal, done)


def deliver(world: World) -> None:
    """A party marks its delivery."""
    if (deal := _some(world, "accepted")) is None:
        return
    by = _by(world, deal)
    said = {"by": by.id, "trade_id": deal.id, "note": "here it is"}
    refusal = _refused(deal, by, "accepted", "disputed")
    world.attempt("deliver", delivering.deliver, said, refusal, lambda _: deal.delivered.append(by))


def attest(world: World) -> None:
    """Somebody attests what they saw; a party may not."""
    if (deal := _some(world, "accepted")) is None:
        return
    by = world.holders[world.chance.randint(0, len(world.holders) - 1)]
    refusal: Refusal | None = None if deal.state in ("accepted", "disputed") else WrongState
    if refusal is None and by.id in deal.attested:
        refusal = WrongState
    if by in deal.parties:
        refusal = NotAllowed
    said = {"by": by.id, "trade_id": deal.id, "said": "I saw it"}
    world.attempt("attest", delivering.attest, said, refusal, lambda _: deal.attested.add(by.id))


def confirm(world: World) -> None:
    """A party confirms; with the second word everything moves."""
    if (deal := _some(world, "accepted")) is None:
        return
    by = _by(world, deal)
    refusal = _refused(deal, by, "accepted")
    if refusal is None and by in deal.confirmed:
        refusal = WrongState

    def done(_: Any) -> None:
        deal.confirmed.append(by)
        if len(deal.confirmed) == 2:
            deals.finish(world, deal)

    world.attempt("confirm", trades.confirm, {"by": by.id, "trade_id": deal.id}, refusal, done)


def cancel(world: World) -> None:
    """A party wants it off; after a confirmation both must."""
    if (deal := _some(world, "proposed" if world.chance.random() < 0.5 else "accepted")) is None:
        return
    by = _by(world, deal)
    refusal = _refused(deal, by, "proposed", "accepted")
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
        for each in _late(world, "accepted")
        if each.offer.deliver_by and each.offer.deliver_by.isoformat() < world.today
    ]
    deal = late[0] if late else _some(world, "accepted")
    if deal is None:
        return
    by = _by(world, deal)
    refusal = _refused(deal, by, "accepted")
    if refusal is None:
        over = deal.offer.deliver_by is not None and deal.offer.deliver_by.isoformat() < world.today
        if not over or deals.other(deal, by) in deal.delivered or by in deal.confirmed:
            refusal = WrongState
        else:
            refusal = deals.cannot_give_back(world, deal)
    said = {"by": by.id, "trade_id": deal.id}
    world.attempt("no show", delivering.no_show, said, refusal, lambda _: deals.give_back(world, deal))


def dispute(world: World) -> None:
    """A party freezes an accepted trade."""
    if (deal := _some(world, "accepted")) is None:
        return
    by = _by(world, deal)

    def done(_: Any) -> None:
        deal.state = "disputed"

    said = {"by": by.id, "trade_id": deal.id, "reason": "it is torn"}
    world.attempt("dispute", disputes.dispute, said, _refused(deal, by, "accepted"), done)


def suggest(world: World) -> None:
    """A party suggests how a dispute ends."""
    if (deal := _some(world, "disputed")) is None:
        return
    by, percent = _by(world, deal), _percent(world)
    refusal = _refused(deal, by, "disputed")
    if refusal is None and percent > 100:
        refusal = BadInput

    def done(_: Any) -> None:
        deal.suggested = by, percent

    said = {"by": by.id, "trade_id": deal.id, "percent": percent}
    world.attempt("suggest", disputes.suggest, said, refusal, done)


def agree(world: World) -> None:
    """The other agrees to what was suggested, or to what was not."""
    if (deal := _some(world, "disputed")) is None:
        return
    percent = deal.suggested[1] if deal.suggested else 50
    by = _by(world, deal, right=deals.other(deal, deal.suggested[0]) if deal.suggested else None)
    refusal = _refused(deal, by, "disputed")
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
    if (deal := _some(world, "disputed")) is None:
        return
    by = world.holders[world.chance.randint(0, len(world.holders) - 1)]
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


def _refused(deal: Deal, by: Holder, *states: str) -> Refusal | None:
    if by not in deal.parties:
        return Unknown
    return None if deal.state in states else WrongState


def _by(world: World, deal: Deal, right: Holder | None = None) -> Holder:
    """Who does it: mostly whoever may, else a party, sometimes a stranger."""
    if world.chance.random() < 0.03:
        return world.holders[world.chance.randint(0, len(world.holders) - 1)]
    if right is not None and world.chance.random() < 0.9:
        return right
    for_now = [each for each in deal.parties if each not in deal.confirmed]
    if len(for_now) == 1 and world.chance.random() < 0.7:
        return for_now[0]
    return deal.parties[world.chance.randint(0, 1)]


def _turn(deal: Deal) -> Holder:
    return deals.other(deal, deal.maker)


def _percent(world: World) -> int:
    return (0, 100, 101, 50, 1, 99)[world.chance.randint(0, 5)] if world.chance.random() < 0.5 else 33


def _late(world: World, state: str) -> list[Deal]:
    return [each for each in world.notes["deals"] if each.state == state]


def _some(world: World, state: str) -> Deal | None:
    """A trade of late, mostly in that state."""
    fitting = _late(world, state)
    if not fitting or world.chance.random() < 0.04:
        fitting = world.notes["deals"][-60:] if world.chance.random() < 0.2 else fitting
    return fitting[world.chance.randint(0, len(fitting) - 1)] if fitting else None


STEPS = {
    "propose": (10.0, propose),
    "counter": (1.5, counter),
    "sign a trade": (3.0, sign),
    "accept": (8.0, accept),
    "deliver": (1.5, deliver),
    "attest": (0.7, attest),
    "confirm": (12.0, confirm),
    "cancel": (1.5, cancel),
    "no show": (0.7, no_show),
    "dispute": (1.6, dispute),
    "suggest": (1.5, suggest),
    "agree": (1.5, agree),
    "decide": (1.5, decide),
}

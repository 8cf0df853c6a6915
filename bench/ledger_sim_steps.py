"""Steps of the core: payments, promises, signatures, reversals, keys sent again, and time that passes.

Each takes what it needs by chance, foretells the answer from the model, and lets the world try it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bench import ledger_sim_figures as figures
from bench import ledger_sim_model as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import MINUTES, Holder, K, Payment, Promise, Refusal, moved
from bench.ledger_sim_world import World
from ledger.books import promises, transfers
from ledger.books.errors import KeyReused, NotAllowed, Unknown, WrongState
from warehouse.errors import BadInput

WAITS = timedelta(days=7)  # how long a payment waits for signatures
INSURANCE = "insurance"


def amount(world: World, payer: Holder, payee: Holder, unit: str) -> int:
    """An amount: mostly small, else right at a limit or one past it."""
    one, other = payer[unit], payee[unit]
    edges = {
        "half": one.spendable() // 2,
        "all that is left": one.spendable(),
        "one more": one.spendable() + 1,
        "all the room": other.room(),
        "more than the room": other.room() + 1,
        "all for today": one.left(world.today),
        "more than today": one.left(world.today) + 1,
    }
    if world.chance.random() < 0.85:
        return world.chance.randint(1, 15_00 if unit == K else 60)
    return min(max(1, edges[world.pick(*((1.0, name) for name in edges))]), 50_000)


def unit_of(world: World) -> str:
    return K if world.chance.random() < 0.8 else MINUTES


def pay(world: World) -> None:
    """A payment; of a business, perhaps one that waits for signatures."""
    payer, payee = world.two()
    unit = unit_of(world)
    pay_to(world, "pay", payer, payee, unit, amount(world, payer, payee, unit))


def pay_to(world: World, name: str, payer: Holder, payee: Holder, unit: str, of: int) -> None:
    """The step of that name: one pays another, or the house."""
    changes, waits = moved(payer, payee, unit, of), needs_signatures(world, payer, unit, of)
    refusal: Refusal | None = model.refused(changes, world.today)
    if waits and len(world.signers.get(payer.id, ())) < waits:
        refusal = NotAllowed

    def done(answer: Any) -> None:
        if (answer.state == "awaiting_signatures") is not bool(waits):
            raise Broken(f"{answer} waits for signatures, or does not, and should not, or should")
        if waits:
            model.hold(changes, world.today)
            ends = world.clock.now + WAITS
            world.promises.append(Promise(answer.id, "payment", payer, payee, unit, of, world.today, ends))
        else:
            model.post(changes, world.today)
            if payee.kind == INSURANCE:
                world.notes["given"] += of
            else:
                world.payments.append(Payment(answer.id, payer, payee, unit, of))

    whom = payee.name if payee not in world.house and world.chance.random() < 0.2 else payee.id
    said = {"payer": payer.id, "payee": whom, "amount": of, "unit": unit}
    world.attempt(name, transfers.pay, said, refusal, done)


def pay_wrongly(world: World) -> None:
    """What cannot be paid at all: to oneself, to nobody, nothing, too much, in no unit."""
    payer, payee = world.two()
    said: dict[str, Any] = {"payer": payer.id, "payee": payee.id, "amount": 5, "unit": K}
    refusal: Refusal = BadInput
    match world.pick(*((1.0, each) for each in ("oneself", "nobody", "nothing", "too much", "no unit"))):
        case "oneself":
            said["payee"] = payer.id
        case "nobody":
            said["payee"], refusal = "nobody at all", Unknown
        case "nothing":
            said["amount"] = 0
        case "too much":
            said["amount"] = 10**12 + 1
        case _:
            said["unit"] = "shells"
    world.attempt("pay wrongly", transfers.pay, said, refusal, _nothing)


def promise(world: World) -> None:
    """A promise to pay, for hours or days."""
    payer, payee = world.two()
    unit = unit_of(world)
    of, lasts = amount(world, payer, payee, unit), timedelta(hours=world.chance.randint(1, 96))
    changes = moved(payer, payee, unit, of)

    def done(answer: Any) -> None:
        model.hold(changes, world.today)
        ends = world.clock.now + lasts
        world.promises.append(Promise(answer.id, "promise", payer, payee, unit, of, world.today, ends))

    said = {"payer": payer.id, "payee": payee.id, "amount": of, "unit": unit, "lasts": lasts}
    world.attempt("promise", promises.promise, said, model.refused(changes, world.today), done)


def post(world: World) -> None:
    """A promise is posted by one of its two."""
    if (held := some_promise(world, "promise")) is None:
        return
    by = held.payer if world.chance.random() < 0.5 else held.payee
    waits = needs_signatures(world, held.payer, held.unit, held.amount)
    refusal: Refusal | None = over(world, held)
    there = world.signers.get(held.payer.id, set())
    if refusal is None and waits and (len(there) < waits or len(held.signed & there) < waits):
        refusal = NotAllowed

    def done(answer: Any) -> None:
        model.release(held.changes, world.today, made=held.day, posted=True)
        held.state = "posted"
        world.payments.append(Payment(answer.id, held.payer, held.payee, held.unit, held.amount))

    world.attempt("post", promises.post, {"by": by.id, "hold_id": held.id}, refusal, done)


def void(world: World) -> None:
    """A promise is let go, by whoever may or by whoever may not."""
    if (held := some_promise(world)) is None:
        return
    by = held.payer if world.chance.random() < 0.2 else held.payee
    refusal: Refusal | None = over(world, held)
    if refusal is None and by is held.payer and held.kind == "promise":
        refusal = NotAllowed

    def done(_: Any) -> None:
        model.release(held.changes, world.today, made=held.day, posted=False)
        held.state = "void"

    world.attempt("void", promises.void, {"by": by.id, "hold_id": held.id}, refusal, done)


def sign(world: World) -> None:
    """A signer, or somebody who is none, signs for a business."""
    waiting = [each for each in world.promises[-60:] if each.state == "open" and each.payer.kind == "business"]
    if not waiting:
        return
    held = waiting[world.chance.randint(0, len(waiting) - 1)]
    there = world.signers.get(held.payer.id, set())
    members = sorted(each.name for each in world.holders if each.id in there)
    names = members if world.chance.random() < 0.9 and members else [each.name for each in world.holders]
    name = names[world.chance.randint(0, len(names) - 1)]
    by = next(each for each in world.holders if each.name == name)
    refusal: Refusal | None = over(world, held) if by.id in there else Unknown
    waits = needs_signatures(world, held.payer, held.unit, held.amount)
    if refusal is None and waits and len(there) < waits:
        refusal = NotAllowed

    def done(answer: Any) -> None:
        held.signed.add(by.id)
        if held.kind == "payment" and len(held.signed & there) >= waits:
            model.release(held.changes, world.today, made=held.day, posted=True)
            held.state = "posted"
            world.payments.append(Payment(answer.id, held.payer, held.payee, held.unit, held.amount))

    world.attempt("sign", promises.sign, {"by": by.id, "hold_id": held.id}, refusal, done)


def expire(world: World) -> None:
    """The promises that ran out are ended."""
    due = [each for each in world.promises if each.state == "open" and each.ends <= world.clock.now]

    def done(_: Any) -> None:
        for held in due:
            model.release(held.changes, world.today, made=held.day, posted=False)
            held.state = "expired"

    # Each promise is ended by itself: a failure may leave some ended and some not, and the next time does the rest.
    failing, world.failing = world.failing, 0.0 if len(due) > 1 else world.failing
    try:
        world.attempt("expire", promises.expire_due, {}, None, done, keyed=False)
    finally:
        world.failing = failing
    world.promises[:] = [each for each in world.promises if each.state == "open"] + [
        each for each in world.promises if each.state != "open"
    ][-20:]


def reverse(world: World) -> None:
    """A payment is taken back: by its receiver, by its payer (who may not) or by the treasurer; once. What moved by a
    trade is not."""
    if not world.payments:
        return
    done_deals = [each for each in world.notes["deals"] if each.transfer]
    if done_deals and world.chance.random() < 0.05:
        deal = world.one_of(done_deals)
        said = {"by": deal.offer.seller.id, "transfer_id": deal.transfer}
        world.attempt("reverse", transfers.reverse, said, WrongState, _nothing)
        return
    which = world.payments[-world.chance.randint(1, min(len(world.payments), 40))]
    del world.payments[:-200]
    role = world.pick((0.8, "receiver"), (0.1, "payer"), (0.1, "treasurer"))
    by = which.payer if role == "payer" else which.payee
    back = moved(which.payee, which.payer, which.unit, which.amount)
    refusal: Refusal | None = model.refused(back, world.today, daily=False)
    if which.reversed:
        refusal = WrongState
    if role == "payer":
        refusal = NotAllowed

    def done(_: Any) -> None:
        model.post(back, world.today, daily=False)
        which.reversed = True

    said = {"by": by.id, "transfer_id": which.id, "treasurer": role == "treasurer"}
    world.attempt("reverse", transfers.reverse, said, refusal, done)


def send_again(world: World) -> None:
    """What was answered is answered the same, and nothing happens."""
    if not world.sent:
        return
    sent = world.sent[-world.chance.randint(1, len(world.sent))]

    def done(answer: Any) -> None:
        if answer != sent.answer:
            raise Broken(f"{sent.said} was answered {sent.answer}, and now {answer}")

    world.attempt("send again", sent.call, sent.said, None, done, keyed=False)


def reuse_key(world: World) -> None:
    """A key that stands for one request is sent with another."""
    paid = [each for each in world.sent if each.call is transfers.pay]
    if not paid:
        return
    sent = paid[-world.chance.randint(1, len(paid))]
    other = {**sent.said, "amount": sent.said["amount"] + world.chance.randint(1, 9)}
    world.attempt("reuse a key", transfers.pay, other, KeyReused, _nothing, keyed=False)


def wait(world: World) -> None:
    """Time passes: minutes, hours, sometimes a day."""
    world.clock.move(minutes=world.chance.randint(1, 600) if world.chance.random() < 0.8 else 1440)


def some_promise(world: World, kind: str | None = None) -> Promise | None:
    """A promise of late: mostly an open one."""
    late = [each for each in world.promises[-60:] if kind in (None, each.kind)]
    if world.chance.random() < 0.9:
        late = [each for each in late if each.state == "open"]
    return late[world.chance.randint(0, len(late) - 1)] if late else None


def over(world: World, held: Promise) -> Refusal | None:
    return WrongState if held.state != "open" or held.ends <= world.clock.now else None


def needs_signatures(world: World, payer: Holder, unit: str, of: int) -> int:
    """How many signatures that payment needs; 0: none but the key."""
    tier = figures.now(world).tiers[payer.tier]
    return tier.signatures if unit == K and tier.signatures > 1 and of > tier.signed_above else 0


def signed_for(world: World, parties: Iterable[Holder], member: str) -> set[tuple[str, str]]:
    """What a member's signature is: the parties that it signs for, each with its name."""
    return {(each.id, member) for each in parties if member in world.signers.get(each.id, ())}


def have_signed(world: World, signed: set[tuple[str, str]], business: str) -> int:
    """How many of a business's present signers have signed for it."""
    return sum((business, member) in signed for member in world.signers.get(business, ()))


def _nothing(_: Any) -> None:
    raise Broken("what cannot be was done")


STEPS = {
    "pay": (40.0, pay),
    "pay wrongly": (1.0, pay_wrongly),
    "promise": (9.0, promise),
    "post": (8.0, post),
    "void": (2.0, void),
    "sign": (2.0, sign),
    "expire": (1.5, expire),
    "reverse": (4.0, reverse),
    "send again": (4.0, send_again),
    "reuse a key": (1.5, reuse_key),
    "wait": (3.0, wait),
}

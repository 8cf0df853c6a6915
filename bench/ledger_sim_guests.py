"""Steps of guests: they are invited, join, take part, and leave; some are expelled before. And nobody else can leave.

Who leaves trades no more: what is open ends, what it has or owes is paid, and its account is closed at zero. Few are
there at a time, and in long histories they come more and more seldom, for their accounts stay in the books.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench import ledger_sim_model as model
from bench import ledger_sim_rights as rights
from bench import ledger_sim_signers as signers
from bench import ledger_sim_steps as steps
from bench import ledger_sim_trust as trust
from bench.ledger_sim_deals import Deal
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import MINUTES, Holder, K, Payment, Refusal, Standing, moved
from bench.ledger_sim_world import World
from ledger.books import transfers
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger
from ledger.policy.dated import Limits
from ledger.trading import trades
from ledger.trust import invitations, leaving, vouches

OPEN, A_MONTH = 2, 6
LASTS, MONTH = timedelta(days=6), timedelta(days=30)
MOST_GUESTS = 3
EVERY = 50  # operations: an account stays in the books


@dataclass
class Invitation:
    """An invitation; its code is known to nobody where the first answer was lost."""

    id: str
    by: Holder
    made: datetime
    code: str | None
    over: bool = False

    def is_open(self, now: datetime) -> bool:
        return not self.over and self.made + LASTS > now


def begin(world: World) -> None:
    world.notes |= {"invitations": [], "codes": {}}


def invite(world: World) -> None:
    """An invitation is made, as far as one may."""
    now = world.clock.now
    known: list[Invitation] = world.notes["invitations"]
    by = world.one_of(world.holders)
    mine = [each for each in known if each.by is by]
    refusal = trust.may(world, by)
    waiting, lately = sum(each.is_open(now) for each in mine), sum(each.made > now - MONTH for each in mine)
    if refusal is None and (waiting >= OPEN or lately >= A_MONTH):
        refusal = WrongState
    codes: dict[str, str] = world.notes["codes"]

    def ask(ledger: Ledger, key: str, by: str) -> str:
        made = invitations.invite(ledger, key=key, by=by)
        if made.code is not None:
            codes[made.id] = made.code
        return made.id

    def done(answer: str) -> None:
        known[:] = [each for each in known if each.made > now - MONTH]
        known.append(Invitation(answer, by, now, codes.pop(answer, None)))

    world.attempt("invite", ask, {"by": by.id}, refusal, done)
    codes.clear()


def take_back(world: World) -> None:
    """An invitation is withdrawn, while nobody has used it."""
    known: list[Invitation] = world.notes["invitations"]
    if not known:
        return
    unused = [each for each in known if not each.over]
    which = world.one_of(unused if unused and world.chance.random() < 0.8 else known)
    by = which.by if world.chance.random() < 0.95 else world.one_of(world.holders)
    refusal: Refusal | None = WrongState if which.over else None
    if by is not which.by:
        refusal = Unknown

    def done(_: Any) -> None:
        which.over = True

    said = {"by": by.id, "invitation_id": which.id}
    world.attempt("withdraw an invitation", invitations.withdraw, said, refusal, done)


def join(world: World) -> None:
    """Somebody joins with a code, or with one that is over, or that there is not."""
    known = [each for each in world.notes["invitations"] if each.code is not None]
    fit = [each for each in known if each.is_open(world.clock.now) and trust.may(world, each.by) is None]
    which = world.one_of(fit if fit and world.chance.random() < 0.8 else known) if known else None
    code = which.code if which is not None and world.chance.random() < 0.97 else "0000-0000-0000-0000-0000"
    refusal: Refusal | None = NotAllowed
    if which is not None and code == which.code:
        refusal = trust.may(world, which.by) if which.is_open(world.clock.now) else WrongState
    if refusal is None and (not world.rare("join", EVERY) or len(guests(world)) >= MOST_GUESTS):
        return
    kind = "member" if world.chance.random() < 0.7 else "business"
    inviter = which.by.id if which is not None else ""
    said = {"code": code, "name": f"Guest {world.keys + 1}", "kind": kind}

    def ask(ledger: Ledger, **said: Any) -> tuple[str, str, str]:
        joined = invitations.accept(ledger, **said)
        # Others may have vouched in the same minute, and the inviter again, by the time this is asked once more.
        found = [each for each in vouches.listing(ledger, by=joined.account) if each.voucher == inviter]
        first = min(found, key=lambda each: (each.made_at, each.withdrawn_at is None))
        return joined.account, joined.tier, first.id

    def done(answer: tuple[str, str, str]) -> None:
        assert which is not None
        world.rares["join"] += 1
        which.over = True
        made = Holder(str(said["name"]), answer[0], kind, "basic", {unit: Standing(Limits(0)) for unit in (K, MINUTES)})
        world.holders.append(made)
        world.notes["guests"].add(made.id)
        world.notes["joined"][made.id], world.notes["finished"][made.id] = world.clock.now, 0
        trust.keep(world, answer[2], which.by, made)
        if made.tier != answer[1]:
            raise Broken(f"{made} joined as {answer[1]}")

    world.attempt("join", ask, said, refusal, done)


def expel(world: World) -> None:
    """A guest is expelled, or one who has left: those who stood for it have a vouch that failed."""
    there = guests(world) if world.chance.random() < 0.5 else []
    if world.former and world.chance.random() < 0.1:
        who = world.one_of(world.former)
    elif there:
        who = world.one_of(there)
    else:
        return
    refusal: Refusal | None = WrongState if who.id in world.notes["gone"] else None

    def done(_: Any) -> None:
        world.notes["gone"].add(who.id)
        world.notes["fixed"][who.id] = None
        trust.fail(world, who)
        _end_ties(world, who)
        signers.end(world, who, closed=False)
        trust.settle(world, who)

    said = {"by": "treasurer", "account_id": who.id}
    world.attempt("expel", leaving.expel, said, refusal, done, keyed=False, once_done=WrongState)


def leave(world: World) -> None:
    """A step of somebody who leaves, or the try of somebody who cannot."""
    who = world.leaving
    if who is None:
        there = guests(world)
        if there and world.chance.random() < 0.5:
            world.leaving = world.one_of(there)
            return
        who = world.one_of([*world.holders, *world.former])
        if _closable(world, who) is not False or world.chance.random() < 0.5:
            return
        close(world, who, WrongState)
        return
    if (proposed := next((each for each in _open_deals(world, who) if each.state == "proposed"), None)) is not None:
        _call_off(world, who, proposed)
    elif not _settle_up(world, who) and _closable(world, who):
        close(world, who, None)


def close(world: World, who: Holder, refusal: Refusal | None) -> None:
    """An account is closed: nothing goes in or out any more."""

    def done(_: leaving.Closed) -> None:
        world.leaving = None
        world.holders.remove(who)
        world.former.append(who)
        world.notes["gone"].add(who.id)
        world.notes["fixed"][who.id] = None
        _end_ties(world, who)
        signers.end(world, who, closed=True)
        for standing in who.units.values():
            standing.limits = Limits(0, 0, 0)
        # The answers that were kept for it are deleted, and those for whom it had invited.
        world.sent[:] = [each for each in world.sent if who.id not in each.said.values() and "code" not in each.said]

    said = {"by": "treasurer", "account_id": who.id}
    world.attempt("close", leaving.close, said, refusal, done, keyed=False, once_done=WrongState)


def guests(world: World) -> list[Holder]:
    """Those who joined and have not closed their accounts."""
    return [each for each in world.holders if each.id in world.notes["guests"]]


def _end_ties(world: World, who: Holder) -> None:
    """Its invitations, its consents and the vouches for it and by it end; the levels of others follow."""
    rights.end(world, who)
    for invitation in world.notes["invitations"]:
        if invitation.by is who:
            invitation.over = True
    found = [each for each in world.notes["vouches"] if each.withdrawn is None and who in (each.voucher, each.subject)]
    for each in found:
        each.withdrawn = world.clock.now
    for each in found:
        if each.subject is not who:
            trust.settle(world, each.subject)


def _open_deals(world: World, who: Holder) -> list[Deal]:
    states = ("proposed", "accepted", "disputed")
    return [each for each in world.notes["deals"] if who in each.parties and each.state in states]


def _closable(world: World, who: Holder) -> bool | None:
    """Whether an account is at zero and nothing of it is open; None where the model cannot tell: it has forgotten the
    proposals of long ago, of those who stay."""
    if who in world.former or any((each.posted, each.out, each.coming) != (0, 0, 0) for each in who.units.values()):
        return False
    if _open_deals(world, who):
        return False
    return True if who.id in world.notes["guests"] else None


def _call_off(world: World, who: Holder, deal: Deal) -> None:
    def done(_: Any) -> None:
        deal.cancelled.append(who)
        deal.state = "cancelled"

    refusal: Refusal | None = WrongState if who in deal.cancelled else None
    world.attempt("cancel", trades.cancel, {"by": who.id, "trade_id": deal.id}, refusal, done)


def _settle_up(world: World, who: Holder) -> bool:
    """Pay what it has to another, or let another pay what it owes, as far as the limits go; whether there was any."""
    for unit in (K, MINUTES):
        has = who[unit].posted - who[unit].out
        others = sorted((each for each in world.holders if each is not who), key=lambda each: each[unit].posted)
        payer, payee = (who, others[0]) if has > 0 else (others[-1], who)
        most = min(payer[unit].spendable(), payer[unit].left(world.today), payee[unit].room())
        of = min(abs(has), most)
        if of <= 0 or steps.needs_signatures(world, payer, unit, of):
            continue
        changes = moved(payer, payee, unit, of)

        def done(answer: Any, changes: Any = changes, of: int = of, unit: str = unit) -> None:
            model.post(changes, world.today)
            world.payments.append(Payment(answer.id, changes[0].who, changes[1].who, unit, of))

        said = {"payer": payer.id, "payee": payee.id, "amount": of, "unit": unit}
        world.attempt("settle up", transfers.pay, said, model.refused(changes, world.today), done)
        return True
    return False


STEPS: dict[str, Any] = {
    "invite": (0.7, invite),
    "withdraw an invitation": (0.3, take_back),
    "join": (1.0, join),
    "expel": (0.4, expel),
    "close": (2.0, leave),
}

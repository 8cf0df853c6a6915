"""Steps of trust: members vouch for each other, and what stands behind a member sets its tier, and so its limits.

The level of everybody, who may vouch, and which vouch has failed are worked out here from what was done, by the figures
below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench import ledger_sim_crises as crises
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import Holder, Refusal
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.trust import levels, vouches
from warehouse.errors import BadInput

SECTIONS = """
[policy.verification]
may_invite = ["verified", "business"]
may_vouch = ["verified", "business"]
open_invitations = 2
invitations_a_month = 6
invitation_days = 6
open_vouches = 4
rest_days = 4

[policy.verification.levels.new]
tier = "basic"

[policy.verification.levels.vouched]
tier = "verified"
kinds = ["member"]
vouches = 2

[policy.verification.levels.documented]
tier = "verified"
kinds = ["member"]
vouches = 1
document = true

[policy.verification.levels.firm]
tier = "business"
kinds = ["business"]
vouches = 1
document = true
"""
ENTITLED = ("verified", "business")
OPEN_VOUCHES = 4
REST = timedelta(days=4)


@dataclass
class Vouch:
    """That one stands for another: since when, until when, and when it first failed."""

    id: str
    voucher: Holder
    subject: Holder
    made: datetime
    withdrawn: datetime | None = None
    failed: datetime | None = None


def begin(world: World) -> None:
    """Who was opened in another tier than the first keeps it until it is given free."""
    fixed = {each.id: each.tier if each.tier != "basic" else None for each in world.holders}
    world.notes |= {"vouches": [], "documents": set(), "fixed": fixed, "defaults": []}
    world.notes["vouched"] = lambda who: len(_standing(world, who))
    world.notes["failed"] = lambda who: fail(world, who)


def settle(world: World, who: Holder) -> None:
    """Give somebody the tier that follows: the one set by hand, else that of the last level that holds."""
    there, shown = len(_standing(world, who)), who.id in world.notes["documents"]
    tier = "basic"
    if who.id not in world.notes["gone"]:
        if who.kind == "member" and (there >= 2 or (there and shown)):
            tier = "verified"
        if who.kind == "business" and there and shown:
            tier = "business"
    who.tier = world.notes["fixed"].get(who.id) or tier
    crises.set_limits(world)


def fail(world: World, who: Holder) -> None:
    """Somebody defaulted or was expelled: every vouch that stands for it now fails, once."""
    now = world.clock.now
    world.notes["defaults"] = [each for each in world.notes["defaults"] if each[1] == now] + [(who.id, now)]
    for each in world.notes["vouches"]:
        if each.subject is who and (each.withdrawn is None or each.withdrawn >= now):
            each.failed = each.failed or now


def withdraw_all(world: World, found: Iterable[Vouch]) -> None:
    for each in found:
        each.withdrawn = each.withdrawn or world.clock.now


def vouch(world: World) -> None:
    """Somebody vouches for another: who may, who may not, for itself, for who has left."""
    entitled = [each for each in world.holders if may(world, each) is None]
    by = world.one_of(entitled if entitled and world.chance.random() < 0.85 else world.holders)
    low = [each for each in world.holders if each.tier == "basic" and each is not by]
    subject = world.one_of(low if low and world.chance.random() < 0.6 else world.holders)
    refusal: Refusal | None = may(world, by)
    mine = [each for each in world.notes["vouches"] if each.voucher is by and each.withdrawn is None]
    done_already = any(each.subject is subject for each in mine)
    if subject is by:
        refusal = BadInput
    elif refusal is None and (subject.id in world.notes["gone"] or done_already or len(mine) >= OPEN_VOUCHES):
        refusal = WrongState

    def done(answer: vouches.Vouch) -> None:
        keep(world, answer.id, by, subject)

    world.attempt("vouch", vouches.give, {"by": by.id, "subject": subject.id}, refusal, done)


def keep(world: World, name: str, by: Holder, subject: Holder) -> None:
    """A vouch is given; those that are over and can count no more are forgotten."""
    now = world.clock.now
    made = Vouch(name, by, subject, now)
    if (subject.id, now) in world.notes["defaults"]:
        made.failed = now  # in the very moment of the default
    world.notes["vouches"] = [each for each in world.notes["vouches"] if _counts(each, now)] + [made]
    settle(world, subject)


def withdraw(world: World) -> None:
    """A vouch is taken back: one's own, another's, or one that was."""
    known: list[Vouch] = world.notes["vouches"]
    if not known:
        return
    there = [each for each in known if each.withdrawn is None]
    which = world.one_of(there if there and world.chance.random() < 0.9 else known)
    by = which.voucher if world.chance.random() < 0.9 else world.one_of(world.holders)
    refusal: Refusal | None = None if which.withdrawn is None else WrongState
    if by is not which.voucher:
        refusal = Unknown

    def done(_: Any) -> None:
        which.withdrawn = world.clock.now
        settle(world, which.subject)

    world.attempt("withdraw a vouch", vouches.withdraw, {"by": by.id, "vouch_id": which.id}, refusal, done)


def document(world: World) -> None:
    """The treasurer has seen somebody's document, or it does not hold any more."""
    who, seen = world.one_of(world.holders), world.chance.random() < 0.6

    def done(answer: levels.MemberLevel) -> None:
        (world.notes["documents"].add if seen else world.notes["documents"].discard)(who.id)
        _as_told(world, who, answer)

    said = {"by": "treasurer", "account_id": who.id, "document": "passport" if seen else None}
    world.attempt("check a document", levels.check_document, said, _here(world, who), done, keyed=False)


def set_tier(world: World) -> None:
    """The treasurer sets a tier by hand, or gives it free."""
    who = world.one_of(world.holders)
    tier = world.one_of(("basic", "verified" if who.kind == "member" else "business", None, None))
    refusal = _here(world, who)
    if world.chance.random() < 0.03:
        tier, refusal = "golden", refusal or BadInput

    def done(answer: levels.MemberLevel) -> None:
        world.notes["fixed"][who.id] = tier
        _as_told(world, who, answer)

    said = {"by": "treasurer", "account_id": who.id, "tier": tier}
    world.attempt("set a tier", levels.set_tier, said, refusal, done, keyed=False)


def _as_told(world: World, who: Holder, answer: levels.MemberLevel) -> None:
    settle(world, who)
    if answer.tier != who.tier:
        raise Broken(f"{who.name} is {answer.tier}, the model says {who.tier}")


def _here(world: World, who: Holder) -> Refusal | None:
    return WrongState if who.id in world.notes["gone"] else None


def may(world: World, by: Holder) -> Refusal | None:
    """Why somebody may not vouch or invite."""
    if by.tier not in ENTITLED or by.id in world.notes["gone"]:
        return NotAllowed
    since = world.clock.now - REST
    lately = (each.failed is not None and each.failed > since for each in world.notes["vouches"] if each.voucher is by)
    return WrongState if any(lately) else None


def _standing(world: World, who: Holder) -> list[Vouch]:
    return [each for each in world.notes["vouches"] if each.subject is who and each.withdrawn is None]


def _counts(each: Vouch, now: datetime) -> bool:
    return each.withdrawn is None or each.withdrawn >= now or (each.failed is not None and each.failed > now - REST)


STEPS: dict[str, Any] = {
    "vouch": (0.9, vouch),
    "withdraw a vouch": (0.4, withdraw),
    "check a document": (0.4, document),
    "set a tier": (0.4, set_tier),
}

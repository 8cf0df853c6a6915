"""Steps of schedules: proposals, signatures of businesses, acceptance, receipts that settle a period, cancelling by
both, and defaults."""

from __future__ import annotations

from typing import Any

from bench import ledger_sim_schedules as model
from bench.ledger_sim_eyes import Broken
from bench.ledger_sim_model import Holder, Refusal
from bench.ledger_sim_schedules import Due, Schedule
from bench.ledger_sim_steps import signed_for
from bench.ledger_sim_world import World
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.trading import schedule_signing, schedules
from ledger.trading.schedule_view import Schedule as View
from warehouse.errors import BadInput

MOST_OPEN = 16
OTHER_TERMS = "0" * 64


def begin(world: World) -> None:
    world.notes["schedules"] = []


def propose(world: World) -> None:
    """A schedule; now and then one that would have begun yesterday."""
    known: list[Schedule] = world.notes["schedules"]
    if len(_in(world, "proposed", "running")) >= MOST_OPEN:
        return
    # Who may leave makes no plans for weeks.
    settled = [each for each in world.holders if each.id not in world.notes["guests"]]
    businesses = [each for each in settled if each.id in world.signers]
    payer = world.one_of(businesses if world.chance.random() < 0.4 else settled)
    giver = world.one_of([each for each in settled if each is not payer])
    proposer, other = (payer, giver) if world.chance.random() < 0.5 else (giver, payer)
    legs = model.legs_by_chance(world, giver, payer)
    drafts, refusal = model.drafts(legs, proposer, world.notes["valuations"]), None
    grace = world.chance.randint(0, 2)
    if world.chance.random() < 0.03:
        refusal, grace = BadInput, schedules.MOST_GRACE + 1

    def done(answer: View) -> None:
        known.append(Schedule(answer.id, proposer, other, legs, [], grace, answer.terms_sha256))
        over = [each for each in known if each.state not in ("proposed", "running")][:-10]
        known[:] = [each for each in known if each not in over]

    said = {"proposer": proposer.id, "counterparty": other.id, "legs": drafts, "grace_days": grace, "reason": "it fits"}
    world.attempt("propose a schedule", schedules.propose, said, refusal, done)


def sign(world: World) -> None:
    """A signer of a business signs a schedule's terms; or other terms, or somebody who signs for neither party."""
    plans = [each for each in _in(world, "proposed", "running") if _signers(world, each)]
    if world.chance.random() < 0.05:
        plans = world.notes["schedules"]
    elif world.chance.random() < 0.8:
        plans = [each for each in plans if model.unsigned_ever(world, each)]
    if not plans:
        return
    plan = world.one_of(plans)
    may = _signers(world, plan)
    new = {each for each in may if signed_for(world, plan.parties, each) - plan.signed}
    right = [each for each in world.holders if each.id in (new or may)]
    by = world.one_of(right if right and world.chance.random() < 0.9 else world.holders)
    terms = plan.terms if world.chance.random() < 0.95 else OTHER_TERMS
    refusal: Refusal | None = None
    if by.id not in may:
        refusal = NotAllowed if by in plan.parties else Unknown
    elif plan.state not in ("proposed", "running") or terms != plan.terms:
        refusal = WrongState

    def done(_: Any) -> None:
        plan.signed |= signed_for(world, plan.parties, by.id)

    said = {"by": by.id, "schedule_id": plan.id, "terms": terms}
    world.attempt("sign a schedule", schedule_signing.sign, said, refusal, done)


def accept(world: World) -> None:
    """The other accepts, and the days on which everything falls due are those of the model."""
    if (plan := _some(world, "proposed")) is None:
        return
    by = plan.other if world.chance.random() < 0.9 else world.one_of(world.holders)
    refusal = _refused(plan, by)
    if refusal is None and by is plan.proposer:
        refusal = NotAllowed
    elif refusal is None and plan.state != "proposed":
        refusal = WrongState
    elif refusal is None:
        refusal = model.unsigned_ever(world, plan)

    def done(answer: View) -> None:
        plan.state, plan.dues = "running", model.dues_of(plan.legs)
        told = [(each.position, each.occurrence, each.period, each.day) for each in answer.dues]
        mine = [(each.position, each.occurrence, each.period, each.day) for each in plan.dues]
        if told != mine:
            raise Broken(f"{plan.id} falls due {told}, the model says {mine}")

    world.attempt("accept a schedule", schedules.accept, {"by": by.id, "schedule_id": plan.id}, refusal, done)


def receive(world: World) -> None:
    """A coat has come; with the last one of a period everything of it is settled."""
    if (plan := _some(world, "running")) is None or not plan.dues:
        return
    open_still = [each for each in plan.dues if plan.leg(each).goods and not each.received]
    due = open_still[0] if open_still and world.chance.random() < 0.85 else world.one_of(plan.dues)
    leg = plan.leg(due)
    by = leg.receiver if world.chance.random() < 0.95 else world.one_of(world.holders)
    refusal = _cannot_receive(plan, due, by)
    ends: model.Settlement | None = None
    if refusal is None and not any(
        _waits(plan, each) for each in plan.dues if each.period == due.period and each is not due
    ):
        ends = model.period(world, plan, due.period)
        refusal = model.cannot(world, plan, ends)

    def done(answer: View) -> None:
        due.received = True
        if ends is not None:
            model.settle(world, plan, ends)
        if all(each.settled for each in plan.dues):
            plan.state = "done"
        _agree(plan, answer)

    said = {"by": by.id, "schedule_id": plan.id, "position": due.position, "occurrence": due.occurrence}
    world.attempt("receive", schedules.receive, said, refusal, done)


def cancel(world: World) -> None:
    """A party wants to end it; a schedule that runs ends when both do."""
    if (plan := _some(world, "proposed" if world.chance.random() < 0.2 else "running")) is None:
        return
    by = world.one_of(plan.parties) if world.chance.random() < 0.95 else world.one_of(world.holders)
    refusal = _refused(plan, by)
    if refusal is None and (plan.state not in ("proposed", "running") or plan.asked is by):
        refusal = WrongState
    ends = model.rest(world, plan) if plan.state == "running" and plan.asked is not None else None

    def done(answer: View) -> None:
        if plan.state == "running" and ends is None:
            plan.asked = by
        else:
            plan.state = "cancelled"
        if ends is not None:
            _end(world, plan, ends, answer)

    world.attempt("cancel a schedule", schedules.cancel, {"by": by.id, "schedule_id": plan.id}, refusal, done)


def default(world: World) -> None:
    """What the other should have delivered is overdue: the schedule ends through it."""
    running = _in(world, "running")
    late = [(plan, each) for plan in running for each in plan.parties if plan.missing(each, world.today)]
    if late and world.chance.random() < 0.9:
        plan, fault = world.one_of(late)
        by = plan.other_than(fault)
    elif world.chance.random() < 0.2 and (some := _some(world, "running")) is not None:
        plan, by = some, world.one_of(some.parties)
    else:
        return
    refusal: Refusal | None = None if plan.state == "running" else WrongState
    fault = plan.other_than(by)
    if not plan.missing(fault, world.today) or plan.missing(by, world.today):
        refusal = WrongState
    ends = model.rest(world, plan)

    def done(answer: View) -> None:
        plan.state, plan.fault = "defaulted", fault
        _end(world, plan, ends, answer)
        world.notes["failed"](fault)

    world.attempt("default", schedules.default, {"by": by.id, "schedule_id": plan.id}, refusal, done)


def _end(world: World, plan: Schedule, ends: model.Settlement, answer: View) -> None:
    if answer.shortfall != ends.short:
        raise Broken(f"{plan.id} ends with {answer.shortfall} open, the model says {ends.short}")
    model.settle(world, plan, ends)
    _agree(plan, answer)


def _agree(plan: Schedule, answer: View) -> None:
    """Raise `Broken` where a schedule is not as the model has it."""
    told = {(each.position, each.occurrence): (bool(each.received_at), bool(each.trade)) for each in answer.dues}
    mine = {(each.position, each.occurrence): (each.received, each.settled) for each in plan.dues}
    fault = plan.fault.id if plan.fault else None
    if (answer.state, answer.at_fault, told) != (plan.state, fault, mine):
        raise Broken(f"{plan.id} is {answer}, the model says {plan}")


def _cannot_receive(plan: Schedule, due: Due, by: Holder) -> Refusal | None:
    if (refusal := _refused(plan, by)) is not None:
        return refusal
    if plan.state != "running":
        return WrongState
    if plan.leg(due).receiver is not by:
        return NotAllowed
    return WrongState if not plan.leg(due).goods or due.received else None


def _waits(plan: Schedule, due: Due) -> bool:
    return plan.leg(due).goods and not due.received


def _refused(plan: Schedule, by: Holder) -> Refusal | None:
    return None if by in plan.parties else Unknown


def _signers(world: World, plan: Schedule) -> set[str]:
    """Who may sign for one of the parties."""
    return {member for side in plan.parties for member in world.signers.get(side.id, ())}


def _in(world: World, *states: str) -> list[Schedule]:
    return [each for each in world.notes["schedules"] if each.state in states]


def _some(world: World, state: str) -> Schedule | None:
    """A schedule in that state; now and then one in any."""
    fitting = _in(world, state) if world.chance.random() < 0.95 else world.notes["schedules"]
    return world.one_of(fitting) if fitting else None


STEPS: dict[str, Any] = {
    "propose a schedule": (1.2, propose),
    "sign a schedule": (1.6, sign),
    "accept a schedule": (1.2, accept),
    "receive": (5.0, receive),
    "cancel a schedule": (0.8, cancel),
    "default": (1.2, default),
}

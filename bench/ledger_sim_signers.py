"""Steps of a business's signers: somebody signs for it from now on, or no longer, while payments and trades wait.

What was signed stays signed, and counts while whoever signed is a signer. Mostly a business keeps as many signers as it
needs; now and then it has too few, and can pay no large amount.
"""

from __future__ import annotations

from typing import Any

from bench import ledger_sim_figures as figures
from bench.ledger_sim_model import Holder, Refusal
from bench.ledger_sim_world import World
from ledger.books import signing
from ledger.books.errors import Unknown, WrongState
from warehouse.errors import BadInput

NOBODY = "nobody at all"


def add(world: World) -> None:
    """Somebody may sign for a business; or there is no such business, or it is nobody who can."""
    of = _business(world)
    few = len(world.signers.get(of.id, ())) < figures.now(world).tiers["business"].signatures
    if not few and world.chance.random() < 0.6:
        return
    members = [each for each in world.holders if each.kind == "member"]
    who = world.one_of(members if world.chance.random() < 0.9 else [*world.holders, *world.former])
    said = {"business": of.id, "member": who.id if world.chance.random() < 0.97 else NOBODY}
    refusal: Refusal | None = None
    if said["member"] == NOBODY:
        refusal = Unknown
    elif of in world.former or who in world.former or (of.kind, who.kind) != ("business", "member"):
        refusal = BadInput
    elif who.id in world.notes["gone"]:
        refusal = WrongState

    def done(_: Any) -> None:
        world.signers.setdefault(of.id, set()).add(who.id)

    world.attempt("add a signer", signing.add_signer, said, refusal, done, keyed=False)


def remove(world: World) -> None:
    """Somebody signs for a business no longer; or did not."""
    of = _business(world)
    there = world.signers.get(of.id, set())
    enough = len(there) > figures.now(world).tiers["business"].signatures
    if not enough and world.chance.random() < 0.7:
        return
    right = [each for each in world.holders if each.id in there]
    who = world.one_of(right if right and world.chance.random() < 0.9 else world.holders)
    refusal: Refusal | None = None if who.id in there else Unknown

    def done(_: Any) -> None:
        there.discard(who.id)

    said = {"business": of.id, "member": who.id}
    # Whoever was removed is no signer: a try that was done, and of which nobody heard, is answered so.
    world.attempt("remove a signer", signing.remove_signer, said, refusal, done, keyed=False, once_done=Unknown)


def end(world: World, who: Holder, *, closed: bool) -> None:
    """Somebody has left: it signs for nobody, and nobody for an account that is closed."""
    if closed:
        world.signers.pop(who.id, None)
    for there in world.signers.values():
        there.discard(who.id)


def _business(world: World) -> Holder:
    """Mostly a business for which others sign."""
    if world.chance.random() < 0.1:
        return world.one_of([*world.holders, *world.former])
    return world.one_of([each for each in world.holders if each.kind == "business"])


STEPS = {"add a signer": (1.0, add), "remove a signer": (0.8, remove)}

"""Steps of rights: members let others look at what is theirs, and somebody looks; keys are replaced, and shown.

Who may look follows from the consents that stand, and which key opens from which was made last; both end with leaving.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bench.ledger_sim_model import Holder, Refusal
from bench.ledger_sim_world import World
from ledger.books import accounts
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger
from ledger.trust import privacy
from warehouse.errors import BadInput

MOST = 30  # consents that stand
WHAT = ("profile", "reputation", "at_least", "entries")
LONGEST, USUAL = timedelta(days=365), timedelta(days=90)


@dataclass
class Consent:
    """That one may see something of another, to the end of `last`."""

    id: str
    of: Holder
    viewer: Holder
    what: str
    last: date
    over: bool = False


def begin(world: World) -> None:
    world.notes |= {"consents": [], "keys": {}, "old keys": []}


def consent(world: World) -> None:
    """Somebody lets another look; the same once more replaces it."""
    by, viewer = world.two()
    if world.chance.random() < 0.05:
        viewer = world.one_of([by, *world.former])
    what = world.one_of(WHAT) if world.chance.random() < 0.95 else "everything"
    today = world.clock.now.date()
    until = world.one_of((None, today, today + timedelta(days=3), today + LONGEST, today + LONGEST + timedelta(days=1)))
    last = until or today + USUAL
    known: list[Consent] = world.notes["consents"]
    refusal: Refusal | None = None
    if what not in WHAT or viewer is by or viewer.id in world.notes["gone"] or last > today + LONGEST:
        refusal = BadInput

    def done(answer: privacy.Consent) -> None:
        for each in known:
            each.over |= (each.of, each.viewer, each.what) == (by, viewer, what)
        known.append(Consent(answer.id, by, viewer, what, last))

    standing = [each for each in known if not each.over and each.last >= today]
    if len(standing) >= MOST:
        return
    # What has ended is forgotten, but for the last: it may be withdrawn once more.
    known[:] = [each for each in known if each not in standing][-10:] + standing
    said = {"by": by.id, "viewer": viewer.id, "what": what, "until": until}
    world.attempt("consent", privacy.grant, said, refusal, done)


def withdraw(world: World) -> None:
    """A consent is withdrawn: one's own, another's, or one that was."""
    known: list[Consent] = world.notes["consents"]
    if not known:
        return
    standing = [each for each in known if not each.over]
    which = world.one_of(standing if standing and world.chance.random() < 0.9 else known)
    by = which.of if world.chance.random() < 0.9 else world.one_of(world.holders)
    refusal: Refusal | None = WrongState if which.over else None
    if by is not which.of:
        refusal = Unknown

    def done(_: Any) -> None:
        which.over = True

    said = {"by": by.id, "consent_id": which.id}
    world.attempt("withdraw a consent", privacy.withdraw, said, refusal, done)


def look(world: World) -> None:
    """Somebody looks at what is another's: by a consent, at what is one's own, or without a right to."""
    known: list[Consent] = world.notes["consents"]
    viewer, of = world.two()
    what = world.one_of(WHAT)
    if known and world.chance.random() < 0.85:
        one = world.one_of([each for each in known if not each.over] or known)
        viewer, of, what = one.viewer, one.of, one.what
    elif world.chance.random() < 0.3:
        of = viewer
    wide = {what, "reputation"} if what == "at_least" else {what}
    today = world.clock.now.date()
    stands = any(
        each.of is of and each.viewer is viewer and each.what in wide and not each.over and each.last >= today
        for each in known
    )

    def ask(ledger: Ledger, viewer: str, subject: str, what: str) -> str:
        return privacy.look(ledger, privacy.Viewer(viewer), subject, what).id

    said = {"viewer": viewer.id, "subject": of.id, "what": what}
    refusal = None if stands or of is viewer else NotAllowed
    world.attempt("look", ask, said, refusal, lambda _: None, keyed=False)


def replace_key(world: World) -> None:
    """A new key is made for an account; the ones before it open nothing any more. To a closed one there is none."""
    closed = bool(world.former) and world.chance.random() < 0.1
    there = [each for each in world.holders if each.id not in world.notes["gone"]]
    who = world.one_of(world.former if closed else there)

    def done(key: str) -> None:
        keys: dict[str, str] = world.notes["keys"]
        if who.id in keys:
            world.notes["old keys"] = [*world.notes["old keys"][-9:], keys[who.id]]
        keys[who.id] = key

    world.attempt(
        "make a key", accounts.new_key, {"account_id": who.id}, NotAllowed if closed else None, done, keyed=False
    )


def show_key(world: World) -> None:
    """A key is shown: one that holds, or an old one, or one of somebody who has left."""
    keys: dict[str, str] = world.notes["keys"]
    shown = [*keys.values()] if world.chance.random() < 0.8 else [*keys.values(), *world.notes["old keys"]]
    if not shown:
        return
    key = world.one_of(shown)
    whose = next((each for each, own in keys.items() if own == key and each not in world.notes["gone"]), None)

    def ask(ledger: Ledger, key: str) -> str:
        found = accounts.authenticate(ledger, key)
        if found is None:
            raise NotAllowed("that key opens nothing")
        return found[0].id

    def done(answer: str) -> None:
        assert answer == whose, "a key speaks for the account that it was made for"

    world.attempt("show a key", ask, {"key": key}, None if whose else NotAllowed, done, keyed=False)


def end(world: World, who: Holder) -> None:
    """Somebody has left: what it let others see ends, and what others let it see."""
    for each in world.notes["consents"]:
        each.over |= who in (each.of, each.viewer)


STEPS = {
    "consent": (0.4, consent),
    "withdraw a consent": (0.3, withdraw),
    "look": (0.5, look),
    "make a key": (0.2, replace_key),
    "show a key": (0.4, show_key),
}

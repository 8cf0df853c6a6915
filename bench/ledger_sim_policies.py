"""The step of a policy that changes: other figures hold from a coming day on, and what is open lives on through it.

The policy file is written with one policy more, and read by the ledger as when it starts. In long histories that comes
more and more seldom, for the policies of all days stay in the file.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench import ledger_sim_figures as figures
from bench.ledger_sim_books import POLICY, policy_from
from bench.ledger_sim_model import Refusal
from bench.ledger_sim_world import World
from ledger.books.store import Ledger
from ledger.policy import dated
from ledger.policy.dated import Policies
from warehouse.errors import BadInput

EVERY = 100  # operations
_ACCOUNT, _TIER = "[policy.house.commons]", "[policy.tiers.verified]"


def change(world: World) -> None:
    """Other figures hold from one of the next days on; or the file says what cannot be, and nothing changes."""
    day = (world.clock.now.date() + timedelta(days=world.chance.randint(1, 4))).isoformat()
    if not world.rare("policy", EVERY):
        return
    texts: list[str] = world.notes.setdefault("policies", [POLICY])
    made = figures.by_chance(world)
    text = policy_from(made, day)
    match world.pick((0.9, "whole"), (0.05, "no tier"), (0.05, "no account")):
        case "no tier":
            text = text.replace(_TIER, _TIER.replace("verified", "trusted"))
        case "no account":
            text = text.replace(_ACCOUNT, _ACCOUNT.replace("commons", "green"))
        case _:
            pass
    whole = _TIER in text and _ACCOUNT in text
    refusal: Refusal | None = None if whole and day not in world.notes["figures"] else BadInput

    def done(answer: Policies) -> None:
        world.rares["policy"] += 1
        texts.append(text)
        world.notes["figures"][day] = made
        world.ledger = replace(world.ledger, policies=answer)

    said = {"text": "\n".join([*texts, text])}
    world.attempt("change the policy", _read, said, refusal, done, keyed=False)


def _read(_: Ledger, text: str) -> Policies:
    with tempfile.TemporaryDirectory(prefix="katy-sim-policy-") as folder:
        file = Path(folder) / "policy.toml"
        file.write_text(text)
        return dated.read(file)


STEPS = {"change the policy": (0.6, change)}

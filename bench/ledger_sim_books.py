"""The books that a simulation begins with: a few accounts with small limits, their policy, and the model of them."""

from __future__ import annotations

import logging
import random
from functools import partial
from typing import Any

from sqlalchemy import event

from bench import (
    ledger_sim_charges,
    ledger_sim_crises,
    ledger_sim_deals,
    ledger_sim_guests,
    ledger_sim_house,
    ledger_sim_insurance,
    ledger_sim_rights,
    ledger_sim_rules,
    ledger_sim_schedule_steps,
    ledger_sim_trust,
)
from bench import ledger_sim_figures as figures
from bench.ledger_sim_eyes import Eyes
from bench.ledger_sim_faults import Faults
from bench.ledger_sim_model import MINUTES, Holder, K, Standing
from bench.ledger_sim_world import SetClock, World
from ledger.books import accounts, signing
from ledger.books.store import Ledger

FAILING = 0.15  # the share of the steps that meet a failure
ACCOUNTS = (
    ("Ada", "basic"),
    ("Bob", "basic"),
    ("Eve", "basic"),
    ("Ivy", "verified"),
    ("Max", "verified"),
    ("Mill", "business"),
    ("Bakery", "business"),
)
SIGNERS = {"Mill": ("Ada", "Bob", "Ivy"), "Bakery": ("Eve", "Max")}
HOUSE_SECTIONS = """
[policy.house.pool]
kind = "pool"
floor = "0.00"

[policy.house.escrow]
kind = "escrow"
floor = "0.00"
"""


def policy_from(of: figures.Figures, day: str) -> str:
    """A policy for a policy file, with these figures and with all that never changes."""
    fixed = (each.SECTIONS for each in (ledger_sim_charges, ledger_sim_rules, ledger_sim_crises, ledger_sim_trust))
    return figures.written(of, day) + HOUSE_SECTIONS + "".join(fixed)


POLICY = policy_from(figures.FIRST, figures.BEGINNING)
# Fees go where gifts come from (the first). A pool that nothing is paid out of holds all K there is after some hundred
# thousand operations, and all members stand at their floors.
HOUSE = ("commons", "escrow", "grants", "insurance", "pool", "work")


def begin(ledger: Ledger, clock: SetClock, chance: random.Random, failing: float = FAILING) -> World:
    """Empty books with their accounts, beside a model that knows them."""
    _need_no_disk(ledger)
    # A pool tells of each connection it could not clean up; here that is what is asked for.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    faults = Faults()
    faults.put_under(ledger)
    world = World(ledger, clock, chance, faults, Eyes(ledger), failing)
    figures.begin(world)
    for name, tier in ACCOUNTS:
        kind = "business" if tier == "business" else "member"
        made, _ = accounts.create(ledger, name, tier=tier, kind=kind)
        limits = figures.now(world).tiers[tier].limits
        world.holders.append(Holder(name, made.id, kind, tier, {unit: Standing(limits[unit]) for unit in (K, MINUTES)}))
    ids = {each.name: each.id for each in world.holders}
    for business, members in SIGNERS.items():
        for member in members:
            signing.add_signer(ledger, business, member)
        world.signers[ids[business]] = {ids[member] for member in members}
    for name in HOUSE:
        at = ledger.transact(partial(accounts.house, name=name))
        limits = ledger.policy().house_account(name).limits
        standings = {unit: Standing(limits[unit]) for unit in (K, MINUTES)}
        world.house.append(Holder(name, at.id, at.kind, at.tier, standings))
    ledger_sim_deals.begin(world)
    ledger_sim_rules.begin(world)
    ledger_sim_schedule_steps.begin(world)
    ledger_sim_trust.begin(world)
    ledger_sim_guests.begin(world)
    ledger_sim_insurance.begin(world)
    ledger_sim_rights.begin(world)
    ledger_sim_house.begin(world)
    return world


def _need_no_disk(ledger: Ledger) -> None:
    # What is tested here is what is written, not that the disk keeps it: the kill drill does that.
    told = {"sqlite": "PRAGMA synchronous = OFF", "postgresql": "SET synchronous_commit = off"}

    @event.listens_for(ledger.engine, "connect")
    def _fast(connection: Any, _record: Any) -> None:
        connection.execute(told[ledger.engine.dialect.name])
        connection.commit()

"""A year of a town in the books: its payments written in batches, what it takes on disk, and what a month's end takes.

    python -m bench.ledger_town --database sqlite --members 10000 --payments 1000000

Members are picked by a skew of theirs (a few pay often), amounts are small, and each day has its share of the year's
payments, written as a nightly batch would. It prints its figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert

from bench.ledger_books import DATABASES, Place, place
from ledger import verification
from ledger.books.batch import Payment, post_many
from ledger.books.canonical import new_id
from ledger.books.errors import LedgerError
from ledger.books.store import Ledger
from ledger.books.units import UNITS
from ledger.community import runs
from ledger.community.rules import RULES
from ledger.tables import account, balance

DAYS = 365
AT_ONCE = 5_000
SEED = 1
NEAR_FLOOR = -95_00


class Year:
    """A clock that goes through a year, day by day."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def inhabit(ledger: Ledger, number: int) -> list[str]:
    """So many members of the built-in basic tier, by id. They are written straight into their tables: opening accounts
    is not what is measured."""
    now = "2026-01-01T00:00:00.000000Z"
    ids = sorted(new_id("acc") for _ in range(number))
    people = [
        {"id": id, "name": f"m{n}", "name_key": f"m{n}", "kind": "member", "tier": "basic", "created_at": now}
        for n, id in enumerate(ids)
    ]
    balances = [
        {"account": id, "unit": unit, "posted": 0, "pending_out": 0, "pending_in": 0} for id in ids for unit in UNITS
    ]
    with ledger.unit_of_work() as unit:
        unit.connection.execute(insert(account), people)
        unit.connection.execute(insert(balance), balances)
        unit.commit()
    return ids


def live(
    ledger: Ledger, clock: Year, ids: list[str], payments: int, at_month_end: Callable[[], None]
) -> dict[str, Any]:
    """The payments of a year, in batches; how many were posted, and how long writing them took."""
    chance, rng = random.Random(SEED), np.random.default_rng(SEED)
    share = 1 / np.arange(100.0, len(ids) + 100)
    stands = dict.fromkeys(ids, 0)
    spent, posted, number = 0.0, 0, 0
    for day in range(DAYS):
        today = payments * (day + 1) // DAYS - payments * day // DAYS
        pairs = rng.choice(len(ids), size=(today, 2), p=share / share.sum())
        batch = []
        for one, other in pairs:
            payer, payee = ids[one], ids[other if other != one else (one + 1) % len(ids)]
            amount, number = chance.randint(50, 15_00), number + 1
            # Whoever has nothing left to spend is paid instead: nearly all stay within their limits, as people do.
            if stands[payer] - amount < NEAR_FLOOR:
                payer, payee = payee, payer
            stands[payer] -= amount
            stands[payee] += amount
            batch.append((payer, Payment(key=f"{number}", payee=payee, amount=amount)))
        begun = time.perf_counter()
        for low in range(0, len(batch), AT_ONCE):
            posted += sum(each.state == "posted" for each in post_many(ledger, batch[low : low + AT_ONCE]))
        spent += time.perf_counter() - begun
        before, clock.now = clock.now, clock.now + timedelta(days=1)
        if clock.now.month != before.month:
            at_month_end()
    return {"payments": number, "posted": posted, "seconds": spent, "per_second": number / spent}


def measure(at: Place, members: int, payments: int) -> dict[str, Any]:
    """The figures of a year at a place."""
    clock = Year()
    ledger = at.open(clock=clock)
    ids = inhabit(ledger, members)
    empty, ends = at.size(), []

    def end_month() -> None:
        begun = time.perf_counter()
        told = month_end(ledger, ids[0])
        ends.append({"seconds": time.perf_counter() - begun, "rules": told})

    written = live(ledger, clock, ids, payments, end_month)
    begun = time.perf_counter()
    found = verification.verify(ledger)
    verify = time.perf_counter() - begun
    ledger.close()
    return {
        "members": members,
        "written": written,
        "entries": found.entries,
        "bytes": at.size(),
        "bytes_empty": empty,
        "bytes_per_entry": (at.size() - empty) / max(found.entries, 1),
        "verify_seconds": verify,
        "verify_entries_per_second": found.entries / verify,
        "faults": [str(each) for each in found.faults[:3]],
        "month_ends": ends,
        "peak_memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def month_end(ledger: Ledger, by: str) -> dict[str, Any]:
    """What the community does at the end of a month: every rule of its policy that is due, by its name with how many
    accounts it moved and how long it took; or why it did nothing."""
    told: dict[str, Any] = {}
    for name in RULES:
        begun = time.perf_counter()
        try:
            done: Any = len(runs.run(ledger, name, by=by).moved)
        except LedgerError as error:
            done = f"{type(error).__name__}: {error}"[:200]
        told[name] = {"moved": done, "seconds": round(time.perf_counter() - begun, 3)}
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description="A year of a town in the books")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--payments", type=int, default=1_000_000)
    asked = parser.parse_args()
    with place(asked.database, None) as at:
        sys.stdout.write(json.dumps(measure(at, asked.members, asked.payments)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Transfers per second, beside pgbench's simple update on the same PostgreSQL server in the same run.

    katy bench ledger [--seconds 8] [--payments 1000000] [--databases sqlite postgresql] [--json FILE]

    single      one client pays, one payment a request, each on disk before it is confirmed
    at once     sixteen clients do: processes on PostgreSQL, threads of one process on SQLite; p50 and p95
    batched     thousands of payments a request
    pgbench     its simple update (-N), prepared, with 1 and 16 clients, before and after Katy's turn; the mean counts
    verify      entries replayed per second
    a year      of a town of 10,000 members (two million entries), in batches: size on disk, month's end, verification

pgbench's transaction changes one balance, reads it and adds a line to a history. Katy's payment checks two accounts'
limits, changes two balances, and adds a transfer, two chained entries and the answer under its key. Goals: single at
least a quarter of pgbench's rate with one client, 95 % of payments under 50 ms with sixteen, batched at least five
times single. On a machine that others use too, every figure is lower; the load is told.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import ledger_clients
from bench.ledger_books import DATABASES, Place, members, pgbench, place, prepare_pgbench
from ledger import verification
from ledger.books.batch import Payment, post_many
from ledger.books.store import Ledger
from warehouse.errors import BadInput

MEMBERS = 1_000
CLIENTS = 16
BATCH = 5_000
GOALS = {"single, of pgbench's": 0.25, "p95 of 16 clients, ms": 50.0, "batched, of single": 5.0}
YEAR_LIMIT = 3_600
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def measure(database: str, seconds: int) -> dict[str, Any]:
    """The figures of a database on books of their own."""
    with place(database) as at:
        ledger = at.open()
        try:
            ids = members(ledger, MEMBERS)
            if at.server is not None:
                prepare_pgbench(at)
            peers = _peers(at, seconds)
            ledger_clients.pay_on(ledger, ids, -1, 1.0)
            single = ledger_clients.figures([ledger_clients.pay_on(ledger, ids, -2, seconds)], seconds)
            if database == "sqlite":
                at_once = ledger_clients.threads(ledger, ids, CLIENTS, seconds)
            else:
                at_once = ledger_clients.processes(at, ids, CLIENTS, seconds)
            batched = _batched(ledger, ids, seconds)
            peers = [*peers, *_peers(at, seconds)]
            return {
                "single": single,
                "at_once": at_once,
                "batched": batched,
                "verify": _verify(ledger),
                "bytes": at.size(),
                **_beside(peers, single, at_once, batched),
            }
        finally:
            ledger.close()


def _peers(at: Place, seconds: int) -> list[dict[str, Any]]:
    if at.server is None:
        return []
    return [{"clients": clients, **pgbench(at, clients, max(seconds // 2, 2))} for clients in (1, CLIENTS)]


def _batched(ledger: Ledger, ids: Sequence[str], seconds: float) -> dict[str, Any]:
    chance = random.Random(3)
    took: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pairs = [chance.sample(ids, 2) for _ in range(BATCH)]
        batch = [
            (payer, Payment(key=f"b{len(took)}-{number}", payee=payee, amount=chance.randint(1, 500)))
            for number, (payer, payee) in enumerate(pairs)
        ]
        begun = time.perf_counter()
        outcomes = post_many(ledger, batch)
        took.append(time.perf_counter() - begun)
        if any(each.state != "posted" for each in outcomes):
            raise BadInput("a payment of a batch was refused; the figures would say nothing")
    return {"payments_a_request": BATCH, "per_second": BATCH * len(took) / sum(took), "request_ms": max(took) * 1e3}


def _verify(ledger: Ledger) -> dict[str, Any]:
    begun = time.perf_counter()
    found = verification.verify(ledger)
    spent = time.perf_counter() - begun
    if found.faults:
        raise BadInput(f"the books of the bench do not verify: {found.faults[0]}")
    return {"entries": found.entries, "seconds": spent, "entries_per_second": found.entries / spent}


def _beside(
    peers: Sequence[dict[str, Any]], single: dict[str, Any], at_once: dict[str, Any], batched: dict[str, Any]
) -> dict[str, Any]:
    told: dict[str, Any] = {"batched_of_single": batched["per_second"] / single["per_second"]}
    for clients, own in ((1, single), (CLIENTS, at_once)):
        rates = [each["per_second"] for each in peers if each["clients"] == clients]
        if rates:
            told[f"pgbench_{clients}"] = {"per_second": sum(rates) / len(rates), "each": rates}
            told[f"of_pgbench_{clients}"] = own["per_second"] / (sum(rates) / len(rates))
    return told


def a_year(database: str, town: int, payments: int) -> dict[str, Any]:
    """The figures of `bench.ledger_town`, in a process of its own, so that the memory is its own."""
    words = ["--database", database, "--members", str(town), "--payments", str(payments)]
    ran = subprocess.run(
        [sys.executable, "-m", "bench.ledger_town", *words], capture_output=True, text=True, timeout=YEAR_LIMIT
    )
    if ran.returncode != 0:
        raise BadInput(f"the year of a town ended with {ran.returncode}: {ran.stderr[-500:]}")
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def show(figures: dict[str, Any]) -> None:
    table = Table("", *figures["databases"], title="transfers per second")
    every = list(figures["databases"].values())

    def row(name: str, *path: str, shown: str = "{:,.0f}") -> None:
        cells = []
        for each in every:
            value: Any = each
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            cells.append("" if value is None else shown.format(value))
        table.add_row(name, *cells)

    row("single", "single", "per_second")
    row("  p95, ms", "single", "p95_ms", shown="{:.1f}")
    row(f"{CLIENTS} clients", "at_once", "per_second")
    row("  p50, ms", "at_once", "p50_ms", shown="{:.1f}")
    row("  p95, ms (goal 50)", "at_once", "p95_ms", shown="{:.1f}")
    row(f"batched by {BATCH:,}", "batched", "per_second")
    row("  of single (goal 5)", "batched_of_single", shown="{:.1f}×")
    row("pgbench -N, 1 client", "pgbench_1", "per_second")
    row("  single of it (goal 0.25)", "of_pgbench_1", shown="{:.2f}×")
    row(f"pgbench -N, {CLIENTS} clients", f"pgbench_{CLIENTS}", "per_second")
    row(f"  {CLIENTS} clients of it", f"of_pgbench_{CLIENTS}", shown="{:.2f}×")
    row("verify, entries per second", "verify", "entries_per_second")
    console.print(table)
    for database, year in figures["years"].items():
        ends = [each["seconds"] for each in year["month_ends"]]
        console.print(
            f"a year of {year['members']:,} members on {database}: {year['entries']:,} entries, "
            f"{year['bytes']:,} bytes ({year['bytes_per_entry']:.0f} an entry), written at "
            f"{year['written']['per_second']:,.0f} a second, month's end at most {max(ends, default=0):.1f} s, "
            f"verified in {year['verify_seconds']:.0f} s ({year['verify_entries_per_second']:,.0f} entries a second), "
            f"memory at most {year['peak_memory_megabytes']:.0f} MB"
        )
    console.print(f"load of the machine: {figures['load']}, {figures['processors']} processors")


def main() -> int:
    parser = argparse.ArgumentParser(description="Transfers per second, beside pgbench on the same server")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement")
    parser.add_argument("--members", type=int, default=10_000, help="of the town")
    parser.add_argument("--payments", type=int, default=1_000_000, help="of its year; 0 leaves it out")
    parser.add_argument("--year-on", nargs="+", choices=DATABASES, default=["sqlite"])
    parser.add_argument("--json", type=Path, default=None, metavar="FILE")
    asked = parser.parse_args()
    before = os.getloadavg()
    figures: dict[str, Any] = {"databases": {each: measure(each, asked.seconds) for each in asked.databases}}
    towns = asked.year_on if asked.payments else []
    figures["years"] = {each: a_year(each, asked.members, asked.payments) for each in towns}
    figures["load"] = {"before": before, "after": os.getloadavg()}
    figures["processors"] = os.cpu_count()
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")
    show(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Many clients of the same books at once, each paying as fast as it is answered."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.ledger_books import Place, now
from ledger.books import transfers
from ledger.books.store import Ledger, open_ledger

# A client that is not ready, or not done, this many seconds after it should be has failed.
PATIENCE = 60.0


def pay_on(ledger: Ledger, ids: Sequence[str], client: int, seconds: float) -> list[float]:
    """Pay between random members for so long; what each payment took, in seconds."""
    chance, took = random.Random(client), []
    number, end = 0, time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        payer, payee = chance.sample(ids, 2)
        number += 1
        key = f"{client}-{number}-{begun}"
        transfers.pay(ledger, key=key, payer=payer, payee=payee, amount=chance.randint(1, 500))
        took.append(time.perf_counter() - begun)
    return took


def processes(at: Place, ids: Sequence[str], clients: int, seconds: float) -> dict[str, Any]:
    """So many processes with books of their own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ready, answers = context.Barrier(clients + 1), context.Queue()
    running = [
        context.Process(target=_one_process, args=(at.url, at.policy, ids, client, seconds, ready, answers))
        for client in range(clients)
    ]
    for each in running:
        each.start()
    try:
        ready.wait(PATIENCE)
        took = [answers.get(timeout=seconds + PATIENCE) for _ in running]
    finally:
        for each in running:
            each.join(PATIENCE)
            each.kill()
    return figures(took, seconds)


def _one_process(
    url: str, policy: Path | None, ids: Sequence[str], client: int, seconds: float, ready: Any, answers: Any
) -> None:
    ledger = open_ledger(url, clock=now, policy_file=policy)
    pay_on(ledger, ids, 1000 + client, 0.0)
    ready.wait(PATIENCE)
    answers.put(pay_on(ledger, ids, client, seconds))
    ledger.close()


def threads(ledger: Ledger, ids: Sequence[str], clients: int, seconds: float) -> dict[str, Any]:
    """So many threads of this process, as one process of the API has them."""
    took: list[list[float]] = [[] for _ in range(clients)]

    def one(client: int) -> None:
        took[client] = pay_on(ledger, ids, client, seconds)

    running = [threading.Thread(target=one, args=(client,)) for client in range(clients)]
    for each in running:
        each.start()
    for each in running:
        each.join(seconds + PATIENCE)
    return figures(took, seconds)


def figures(took: Sequence[Sequence[float]], seconds: float) -> dict[str, Any]:
    """Payments per second of all clients together, and what one took in milliseconds."""
    every = np.array([each for one in took for each in one]) * 1e3
    p50, p95, p99 = np.percentile(every, [50, 95, 99])
    return {
        "clients": len(took),
        "per_second": len(every) / seconds,
        "p50_ms": float(p50),
        "p95_ms": float(p95),
        "p99_ms": float(p99),
        "max_ms": float(every.max()),
        "slowest_client": min(len(one) for one in took) / seconds,
    }

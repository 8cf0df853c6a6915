"""Many processes that hammer the same two accounts at their limits.

    python -m bench.ledger_hammer URL POLICY ONE OTHER [--clients 16] [--payments 25] [--seed 7]

Each client pays back and forth amounts about as large as what is left, in K and in minutes, and promises and lets go.
It prints, as JSON, how many were accepted and refused, and how many clients did not end by themselves in time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from bench.ledger_books import now
from ledger.books import promises, transfers
from ledger.books.errors import LimitReached
from ledger.books.store import open_ledger
from warehouse.errors import KatyError

PATIENCE = 90.0


def client(url: str, policy: Path, pair: tuple[str, str], number: int, payments: int, seed: int) -> Counter[str]:
    """One client's payments; how many were accepted, refused by a limit, or ended otherwise."""
    chance, told = random.Random(f"{seed} {number}"), Counter[str]()
    ledger = open_ledger(url, clock=now, policy_file=policy)
    for each in range(payments):
        payer, payee = pair if chance.random() < 0.5 else pair[::-1]
        unit, largest = ("K", 100_00) if chance.random() < 0.8 else ("min", 500)
        said: dict[str, Any] = {"payer": payer, "payee": payee, "amount": chance.randint(largest // 3, largest)}
        key = f"{number}-{each}"
        try:
            if chance.random() < 0.25:
                held = promises.promise(ledger, key=key, unit=unit, **said)
                end = promises.void if chance.random() < 0.5 else promises.post
                end(ledger, key=key + "e", by=payee, hold_id=held.id)
            else:
                transfers.pay(ledger, key=key, unit=unit, **said)
            told["accepted"] += 1
        except LimitReached:
            told["refused by a limit"] += 1
        except KatyError as error:
            told[type(error).__name__] += 1
    ledger.close()
    return told


def hammer(url: str, policy: Path, pair: tuple[str, str], clients: int, payments: int, seed: int) -> dict[str, Any]:
    """What all clients together were told; "stuck" did not end in time and were ended."""
    heard, tell = os.pipe()
    children = []
    for number in range(clients):
        child = os.fork()
        if child == 0:
            _one(tell, url, policy, pair, number, payments, seed)
        children.append(child)
    os.close(tell)
    stuck = _wait(children, time.monotonic() + PATIENCE)
    said = b""
    while part := os.read(heard, 65536):
        said += part
    told: Counter[str] = Counter()
    for line in said.decode().splitlines():
        told.update(json.loads(line))
    return {"stuck": stuck, "told": dict(told)}


def _one(tell: int, url: str, policy: Path, pair: tuple[str, str], number: int, payments: int, seed: int) -> NoReturn:
    try:
        told = client(url, policy, pair, number, payments, seed)
        os.write(tell, (json.dumps(told) + "\n").encode())
        os._exit(0)
    finally:
        os._exit(1)


def _wait(children: list[int], until: float) -> int:
    left = set(children)
    while left and time.monotonic() < until:
        for child in list(left):
            if os.waitpid(child, os.WNOHANG)[0]:
                left.remove(child)
        time.sleep(0.02)
    for child in left:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(left)


def main() -> int:
    parser = argparse.ArgumentParser(description="Many processes at the same two accounts, at their limits.")
    parser.add_argument("url")
    parser.add_argument("policy", type=Path)
    parser.add_argument("pair", nargs=2)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--payments", type=int, default=25)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    pair = (asked.pair[0], asked.pair[1])
    told = hammer(asked.url, asked.policy, pair, asked.clients, asked.payments, asked.seed)
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

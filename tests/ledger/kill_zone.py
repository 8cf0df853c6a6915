"""Starts a writer on some books again and again and kills it without warning at random moments.

Run as `python kill_zone.py URL ROUNDS SEED PAYER PAYEE VALUATION`. Each round forks a writer that pays and trades as
fast as it can and tells each thing that was confirmed to it. What was told is printed, one line each.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from typing import NoReturn

from ledger.books import transfers
from ledger.books.store import open_ledger
from ledger.trading import trades
from ledger.trading.legs import LegDraft


def write_until_killed(url: str, told: int, prefix: str, payer: str, payee: str, valuation: str) -> NoReturn:
    ledger = open_ledger(url, clock=lambda: datetime.now(UTC))

    def tell(*words: str) -> None:
        os.write(told, (" ".join(words) + "\n").encode())

    tell("ready", prefix)
    number = 0
    while True:
        number += 1
        key = f"{prefix}-{number}"
        one, other = (payer, payee) if number % 2 else (payee, payer)
        tell("begin", key)
        transfers.pay(ledger, key=key, payer=one, payee=other, amount=number)
        tell("paid", key)
        legs = [
            LegDraft(giver="proposer", kind="goods", valuation=valuation),
            LegDraft(giver="counterparty", kind="k", amount=45_00),
        ]
        trade = trades.propose(ledger, key=key + "p", proposer=one, counterparty=other, legs=legs).id
        tell("proposed", trade)
        trades.accept(ledger, key=key + "a", by=other, trade_id=trade)
        tell("accepted", trade)
        trades.confirm(ledger, key=key + "c", by=other, trade_id=trade)
        trades.confirm(ledger, key=key + "d", by=one, trade_id=trade)
        tell("done", trade)


def main() -> None:
    url, rounds, seed, *names = sys.argv[1:]
    chance = random.Random(seed)
    for number in range(int(rounds)):
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(heard)
            try:
                write_until_killed(url, told, f"round{number}", *names)
            finally:
                os._exit(1)
        os.close(told)
        # After so many words, however fast this machine is, and then at any moment of what comes next.
        words, said = chance.randint(1, 40), b""
        while said.count(b"\n") < words and (part := os.read(heard, 64)):
            said += part
        time.sleep(chance.uniform(0.0, 0.01))
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        while part := os.read(heard, 65536):
            said += part
        os.close(heard)
        sys.stdout.write(said.decode())
        if not os.WIFSIGNALED(status):
            sys.exit(f"the writer of round {number} ended by itself")


if __name__ == "__main__":
    main()

"""A writer of the books killed by SIGKILL at random moments: everything confirmed is there, nothing half.

    katy bench ledger-kills [--kills 200] [--databases sqlite postgresql] [--seed 7] [--json FILE]

A writer with four threads pays, promises, posts and sends batches as fast as it is answered, and tells each answer it
got. It is killed at a random moment (every second time when a thread is where it is most delicate), and the next one is
started: each of its threads first sends again, with the same keys, what the one before had begun and not been told of.
After each kill the books are looked at from outside. At the end everything that was begun is sent once more, and then:

    kept      every answer that was told is in the books, word for word
    once      every request that was begun was carried out exactly once
    whole     every unit sums to zero, every transfer has its lines, the chain replays to the balances (verify)

"moments" counts where the threads were when they were killed, by marks at the driver's own calls: between requests,
waiting for their turn, inside a transaction before and after its first write, in the commit, after it and not told yet.
The exit status is 1 when anything does not hold.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import random
import select
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import sqlalchemy
from rich.console import Console

from bench.ledger_books import DATABASES, Place, members, place
from bench.ledger_sim_eyes import Broken, Eyes
from bench.ledger_sim_faults import Faults
from ledger import verification
from ledger.books import promises, transfers
from ledger.books.batch import Payment, pay_many
from ledger.books.store import Ledger
from ledger.tables import hold, idempotency, transfer

T = TypeVar("T")
THREADS = 4
BATCH = 10
AIMING = 1.0  # seconds
ANSWERS = 3 + BATCH  # of one round of requests: a payment, a promise, its posting, a batch
MOMENTS = (
    "between requests",
    "waiting for its turn",
    "inside, nothing written yet",
    "inside, written",
    "in the commit",
    "committed, not told yet",
)
BETWEEN, WAITING, INSIDE, WRITTEN, COMMITTING, COMMITTED = range(6)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
_slot = threading.local()


class Marks(Faults):
    """Marks in shared memory where each thread is, at every call to the database."""

    def __init__(self, memory: mmap.mmap) -> None:
        super().__init__()
        self.memory = memory

    def mark(self, moment: int) -> None:
        if (slot := getattr(_slot, "number", None)) is not None:
            self.memory[slot] = moment

    def call(self, what: str, do: Callable[[], T], drop: Callable[[], None] = lambda: None, said: str = "") -> T:
        slot = getattr(_slot, "number", None)
        at = self.memory[slot] if slot is not None else BETWEEN
        if what == "commit":
            self.mark(COMMITTING)
        elif what == "statement" and at in (WAITING, INSIDE):
            self.mark(INSIDE)
        done = do()
        if what == "commit":
            self.mark(COMMITTED)
        elif what == "statement" and at in (WAITING, INSIDE) and said.startswith(("INSERT", "UPDATE", "COPY")):
            self.mark(WRITTEN)
        return done


def requests(ledger: Ledger, ids: list[str], name: str, ask: Callable[..., Any]) -> None:
    """One round of requests, all of it decided by its name: sent again it asks for the same under the same keys."""
    chance = random.Random(name)
    payer, payee = chance.sample(ids, 2)
    amount, minutes = chance.randint(1, 900), chance.randint(1, 90)
    ask(f"{name}.pay", transfers.pay, payer=payer, payee=payee, amount=amount)
    lasts = timedelta(days=300)
    held = ask(f"{name}.promise", promises.promise, payer=payee, payee=payer, amount=minutes, unit="min", lasts=lasts)
    ask(f"{name}.post", promises.post, by=payer, hold_id=held.id)
    batch = [Payment(key=f"{name}.b{each}", payee=payee, amount=1 + each) for each in range(BATCH)]
    ask(None, pay_many, payer=payer, payments=batch)


def write_until_killed(
    at: Place, ids: list[str], told: int, memory: mmap.mmap, round_: int, again: list[str]
) -> NoReturn:
    """The writer. What it tells: "begin" of a round of requests, "end" of it, and each answer's key and id."""
    ledger = at.open()
    marks = Marks(memory)
    marks.put_under(ledger)

    def thread(slot: int) -> None:
        _slot.number = slot
        names = [*again[slot::THREADS]]
        number = 0
        while True:
            number += 1
            name = names.pop() if names else f"r{round_}t{slot}n{number}"
            tell(told, "begin", name)
            requests(ledger, ids, name, ask)
            tell(told, "end", name)

    def ask(key: str | None, call: Callable[..., Any], **said: Any) -> Any:
        marks.mark(WAITING)
        answer = call(ledger, **said, **({} if key is None else {"key": key}))
        for of, id in [(key, answer.id)] if key is not None else [(each.key, each.transfer) for each in answer]:
            tell(told, "told", f"{of} {id}")
        marks.mark(BETWEEN)
        return answer

    tell(told, "ready", "")
    running = [threading.Thread(target=thread, args=(slot,), daemon=True) for slot in range(THREADS)]
    for each in running:
        each.start()
    running[0].join()
    os._exit(1)


def tell(told: int, word: str, what: str) -> None:
    os.write(told, f"{word} {what}\n".encode())


def kill_once(
    at: Place, ids: list[str], round_: int, again: list[str], chance: random.Random
) -> tuple[list[str], bytes]:
    """Start a writer, kill it at a random moment; what it told, line by line, and where its threads were.

    Half of the kills come at any moment, the others at the next one in which a thread is where it is most delicate.
    """
    memory = mmap.mmap(-1, THREADS)
    aim = chance.choice((WRITTEN, COMMITTING, COMMITTED)) if round_ % 2 else None
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            write_until_killed(at, ids, told, memory, round_, again)
        finally:
            os._exit(1)
    os.close(told)
    said, begun, left = b"", None, chance.uniform(0.0, 0.4)
    while begun is None or time.monotonic() - begun < left:
        wait = 20.0 if begun is None else max(0.0, left - (time.monotonic() - begun))
        if not select.select([heard], [], [], wait)[0]:
            break
        part = os.read(heard, 65536)
        said += part
        if b"ready" in said and begun is None:
            begun = time.monotonic()
        if not part:
            break
    until = time.monotonic() + AIMING
    while aim is not None and aim not in memory[:] and time.monotonic() < until:
        pass
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    moments = bytes(memory)
    while part := os.read(heard, 65536):
        said += part
    os.close(heard)
    if not os.WIFSIGNALED(status) or begun is None:
        raise Broken(f"the writer of round {round_} ended by itself: {said[-200:].decode()}")
    return said.decode().splitlines(), moments


def drill(at: Place, kills: int, seed: int) -> dict[str, Any]:
    """Kill so many writers; the figures. Raises `Broken` where something was lost, half or done twice."""
    chance, moments, counted = random.Random(seed), Counter[str](), Counter[str]()
    ledger = at.open()
    ids = members(ledger, 8)
    eyes = Eyes(ledger)
    ledger.close()  # nothing is open while writers are forked, but for what only looks
    told: dict[str, str] = {}
    begun: dict[str, bool] = {}
    for round_ in range(kills):
        again = [name for name, ended in begun.items() if not ended]
        lines, where = kill_once(at, ids, round_, again, chance)
        moments.update(MOMENTS[each] for each in where)
        counted["inside a transaction"] += any(INSIDE <= each <= COMMITTING for each in where)
        counted["committed, not told yet"] += COMMITTED in where
        for line in lines:
            word, _, what = line.partition(" ")
            if word == "told":
                key, id = what.split()
                if told.setdefault(key, id) != id:
                    raise Broken(f"{key} was answered {told[key]}, and later {id}")
            elif word in ("begin", "end"):
                begun[what] = word == "end"
        # A commit of the writer that was killed may still be under way at the server.
        with eyes.one_moment():
            eyes.look("", {})
            eyes.replay()
    _finish(at, ids, begun, told)
    figures = _check(at, begun, told)
    eyes.replay()
    eyes.close()
    where_killed = {name: moments[name] for name in MOMENTS}
    killed = {"kills": kills, "seed": seed, "threads": THREADS, "kills_with_a_thread": dict(counted)}
    return {**killed, "moments": where_killed, **figures}


def _finish(at: Place, ids: list[str], begun: dict[str, bool], told: dict[str, str]) -> None:
    """Send again what was begun, and compare what was answered before."""
    ledger = at.open()

    def ask(key: str | None, call: Callable[..., Any], **said: Any) -> Any:
        answer = call(ledger, **said, **({} if key is None else {"key": key}))
        for of, id in [(key, answer.id)] if key is not None else [(each.key, each.transfer) for each in answer]:
            if told.setdefault(of, id) != id:
                raise Broken(f"{of} was answered {told[of]}, and sent again {id}")
        return answer

    for name, ended in begun.items():
        if not ended:
            requests(ledger, ids, name, ask)
    ledger.close()


def _check(at: Place, begun: dict[str, bool], told: dict[str, str]) -> dict[str, Any]:
    ledger = at.open()
    with ledger.reading() as connection:
        rows = connection.execute(sqlalchemy.select(idempotency.c.key, idempotency.c.answer)).all()
        moved = int(connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(transfer)).scalar_one())
        held = Counter(connection.execute(sqlalchemy.select(hold.c.state)).scalars())
    found = verification.verify(ledger)
    ledger.close()
    kept = {row.key: json.loads(row.answer)["id"] for row in rows}
    lost = [key for key, id in told.items() if kept.get(key) != id]
    if lost:
        raise Broken(f"{len(lost)} confirmed requests are not in the books, {lost[0]} first")
    if len(kept) != ANSWERS * len(begun):
        raise Broken(f"{len(begun)} rounds of {ANSWERS} requests were begun, {len(kept)} are in the books")
    if moved != (2 + BATCH) * len(begun) or dict(held) != {"posted": len(begun)}:
        raise Broken(f"{len(begun)} rounds were begun; the books have {moved} transfers and the holds {dict(held)}")
    if found.faults:
        raise Broken(f"verify: {found.faults[0]}")
    return {"requests": len(kept), "entries": found.entries, "faults": 0}


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill a writer of the books and see that nothing is lost or half.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--url", default=None, help="empty books to use instead of some made for this")
    parser.add_argument("--json", type=Path, default=None, metavar="FILE")
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    for database in ["given"] if asked.url else asked.databases:
        begun = time.monotonic()
        try:
            figures[database] = _one(database, asked.url, asked.kills, asked.seed)
        except Broken as broken:
            console.print(f"{database}, seed {asked.seed}: {broken}")
            return 1
        figures[database]["seconds"] = round(time.monotonic() - begun, 1)
        console.print(f"{database}: {json.dumps(figures[database])}", soft_wrap=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _one(database: str, url: str | None, kills: int, seed: int) -> dict[str, Any]:
    if url is None:
        with place(database) as at:
            return drill(at, kills, seed)
    with place("sqlite") as folder:
        return drill(Place(database, url, folder.folder, folder.policy), kills, seed)


if __name__ == "__main__":
    sys.exit(main())

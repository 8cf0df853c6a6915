"""A writer killed at any moment: no row lost, none doubled, and a whole snapshot to read all the time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

from warehouse import build, database, landing, load, lock, query, snapshot

# One process that forks a writer for each line it is sent: a real process to kill, without its start-up time.
CHILD = """
import itertools, os, sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
import duckdb, pandas, pyarrow.parquet  # pandas: pyarrow looks for it at its first array
from warehouse import build, database, landing, load, lock, snapshot
from warehouse.home import Home
from warehouse.records import Listing

home = Home(Path(sys.argv[1]))
noon = datetime(2026, 3, 1, 12, tzinfo=UTC)

def work(turn):
    now = noon + timedelta(hours=turn)
    with lock.writer(home, print):
        snapshot.recover(home)
        connection = database.open_writer(home)
        for batch in itertools.count():
            now += timedelta(seconds=1)
            run = landing.new_run(now)
            rows = (
                Listing(source="fair", id=str(n), kind="asking", title=f"Thing {n}", price=Decimal(n + 1),
                        currency="USD", observed_at=noon, run=run, row=n, found_at="x", price_path="x")
                for n in range(batch * 250, batch * 250 + 500)  # each second half comes again with the next batch
            )
            landing.land(home, rows, source="fair", run=run, now=now)
            load.load(connection, home, now)
            build.build_core(connection, "USD")
            build.build_mart(connection)
            snapshot.publish(home, connection, contents=None, manifest={}, now=now, code_version="0")
            snapshot.prune(home)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        work(int(line))
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""
KILLS = 10


def rows_in(file_or_shot):
    sql = "SELECT count(*), count(DISTINCT id), count(DISTINCT (id, observed_at, price, kind)) FROM mart.observation"
    return query.run(file_or_shot, sql, seconds=10, max_rows=1).rows[0]


def test_a_writer_killed_at_random_moments_loses_and_doubles_nothing(market):
    dice = random.Random(20260301)
    parent = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(market.home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    published = 0
    try:
        for turn in range(KILLS):
            print(turn, file=parent.stdin, flush=True)
            child = int(parent.stdout.readline())
            # The first may publish once; the others die anywhere between opening the file and a later publish.
            until = time.monotonic() + 30
            while turn == 0 and not market.home.current.exists() and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(dice.uniform(0.02, 0.6))
            os.kill(child, signal.SIGKILL)
            assert parent.stdout.readline() == "gone\n"
            shot = snapshot.current(market.home)
            snapshot.verify(shot)
            total, distinct, observations = rows_in(shot)
            assert total == distinct == observations >= published
            published = total
    finally:
        parent.stdin.close()
        parent.wait(10)
    finish_and_count(market, published)


def finish_and_count(market, published):
    """The next run, undisturbed: everything that ever landed is there once."""
    home = market.home
    with lock.writer(home, print, timeout=5):
        snapshot.recover(home)
        connection = database.open_writer(home)
        load.load(connection, home, market.now)
        on_disk = [str(path) for path in landing.landed(home, "listing")]
        assert len(on_disk) >= KILLS // 2, "most writers landed something before they were killed"
        wanted = connection.execute("SELECT count(DISTINCT id) FROM read_parquet(?)", [escaped(on_disk)]).fetchone()[0]
        counted = connection.execute("SELECT count(*), count(DISTINCT id) FROM raw.listing").fetchone()
        assert counted == (wanted, wanted)
        assert wanted >= published
        books = connection.execute(
            "SELECT count(*), sum(rows), sum(loaded), sum(known) FROM ops.loaded_file"
        ).fetchone()
        assert books == (len(on_disk), 500 * len(on_disk), wanted, 500 * len(on_disk) - wanted)
        build.build_core(connection, "USD")
        build.build_mart(connection)
        shot = snapshot.publish(home, connection, contents=None, manifest={}, now=market.now, code_version="0")
        connection.close()
    assert rows_in(shot) == (wanted, wanted, wanted)
    assert not [path for path in home.root.rglob("*") if path.suffix == ".tmp" or path.name.startswith(".tmp-")]


def escaped(paths):
    return [path.replace("[", "[[]") for path in paths]

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from warehouse import lock
from warehouse.errors import BadInput, Busy

CHILD = """
import sys, time
from pathlib import Path
from warehouse.home import Home
from warehouse.lock import writer
sys.argv[0:2] = ["/usr/bin/katy", "run", sys.argv[1]]
with writer(Home(Path(sys.argv[2])), print):
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(market):
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(market.home.root)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "holding\n"
    yield child
    child.kill()
    child.communicate()


def test_a_waiting_writer_says_at_once_for_whom_and_gives_up_in_time(market, holder):
    said: list[str] = []
    started = time.monotonic()
    with (
        pytest.raises(Busy, match=f"katy run, process {holder.pid}"),
        lock.writer(market.home, said.append, timeout=0.3),
    ):
        pytest.fail("two writers at once")
    assert 0.2 < time.monotonic() - started < 5
    assert len(said) == 1
    assert said[0].startswith(f"waiting for the writer: katy run, process {holder.pid}, since 20")


def test_a_killed_holder_lets_go_and_the_waiting_writer_goes_on(market, holder):
    waiting = threading.Event()
    threading.Thread(target=lambda: waiting.wait(10) and holder.kill()).start()
    with lock.writer(market.home, lambda _: waiting.set(), timeout=20):
        assert waiting.is_set()
        assert holder.wait(5) < 0


def test_what_a_dead_holder_said_of_itself_is_not_repeated(market, holder):
    holder.kill()
    holder.wait(5)
    said: list[str] = []
    card = market.home.writer_lock.with_suffix(".holder.json")
    left = card.read_bytes()
    with lock.writer(market.home, said.append):
        card.write_bytes(left)  # as if this holder had not introduced itself yet
        with pytest.raises(Busy, match="another process"), lock.writer(market.home, said.append, timeout=0):
            pytest.fail("two writers at once")
    assert said == ["waiting for the writer: another process"]


def test_a_writer_leaves_no_card_behind_and_the_next_does_not_wait(market):
    said: list[str] = []
    for _ in range(2):
        with lock.writer(market.home, said.append):
            assert market.home.writer_lock.with_suffix(".holder.json").exists()
    assert not market.home.writer_lock.with_suffix(".holder.json").exists()
    assert said == []


def test_an_error_inside_releases_the_lock(market):
    with pytest.raises(ZeroDivisionError), lock.writer(market.home, print):
        raise ZeroDivisionError
    with lock.writer(market.home, pytest.fail, timeout=0):
        pass


def test_a_data_folder_that_cannot_be_made_is_named(market):
    market.home.root.parent.joinpath(market.home.root.name).write_text("a file where the folder should be")
    with pytest.raises(BadInput, match="KATY_HOME"), lock.writer(market.home, print):
        pytest.fail("locked a file in a file")

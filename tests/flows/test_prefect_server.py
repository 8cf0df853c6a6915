"""Prefect's server: ours alone, in the home, and gone with the process that started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.server import client_environment, server_environment
from warehouse.home import Home

FLOW = """
import sys
from pathlib import Path
from flows.server import prefect_server
from warehouse.home import Home

with prefect_server(Home(Path(sys.argv[1])), lambda text: print("said", text, flush=True)) as api:
    assert "prefect" not in sys.modules
    print("api", api, flush=True)
    from prefect import flow

    @flow
    def twice(x: int) -> int:
        return 2 * x

    print("result", twice(21), flush=True)
    sys.stdin.readline()
"""


def _processes_with(text: str) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            seen = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except (OSError, ProcessLookupError):
            continue
        if text.encode() in seen and state != "Z":
            found.append(int(folder.name))
    return found


def _gone(text: str, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not _processes_with(text):
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, prefect_ready: Callable[[Path], Path]) -> Home:
    return Home(prefect_ready(tmp_path_factory.mktemp("prefect-home")))


@pytest.fixture
def flow_process(home: Home):
    process = subprocess.Popen(
        [sys.executable, "-c", FLOW, str(home.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    yield process
    process.kill()
    process.communicate()


def _lines(process: subprocess.Popen[str], start: str) -> str:
    for line in process.stdout:
        if line.startswith(start):
            return line.split(maxsplit=1)[1].strip()
    raise AssertionError(f"the process ended before it said {start}")


@pytest.mark.slow
def test_a_flow_runs_and_its_server_ends_with_it(home: Home, flow_process: subprocess.Popen[str]) -> None:
    assert _lines(flow_process, "api").startswith("http://127.0.0.1:")
    assert _lines(flow_process, "result") == "42"
    assert _processes_with(str(home.prefect))
    flow_process.communicate("\n", timeout=30)
    assert flow_process.returncode == 0
    assert _gone(str(home.prefect), within=5)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_no_server_is_left_when_its_parent_is_killed(home: Home, flow_process: subprocess.Popen[str]) -> None:
    _lines(flow_process, "api")
    assert len(_processes_with("flows.server_child")) >= 1
    os.kill(flow_process.pid, signal.SIGKILL)
    flow_process.wait()
    assert _gone(str(home.prefect), within=5)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_no_server_is_left_when_its_parent_is_killed_while_it_starts(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", FLOW, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    deadline = time.monotonic() + 20
    while not (tmp_path / "prefect" / "server.log").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    process.kill()
    process.communicate()
    assert _gone(str(tmp_path / "prefect"), within=5)


def test_a_broken_database_of_past_runs_is_set_aside(prefect_made: Path) -> None:
    said, api, within, before, after = json.loads((prefect_made / "told.json").read_text())
    folder = Home(prefect_made).prefect
    assert (folder / "aside-1" / "prefect.db").read_bytes().startswith(b"no database")
    assert (folder / "prefect.db").read_bytes().startswith(b"SQLite")
    assert "set aside" in said[0]
    assert (within, after) == (api, before)


def test_nothing_is_sent_to_the_makers_of_prefect(home: Home) -> None:
    for told in (server_environment(home.prefect), client_environment(home.prefect, "http://127.0.0.1:1/api")):
        assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert told["PREFECT_HOME"] == str(home.prefect)

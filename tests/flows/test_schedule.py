"""Sources on their schedules: each its own flow, a finished step is not done again, one that fails is red alone."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from loopback import serving

from warehouse.home import Home
from warehouse.landing import landed

RATES = {"result": "success", "time_last_update_unix": 1763683201, "base_code": "USD", "rates": {"USD": 1, "EUR": 0.9}}


@pytest.fixture
def bank() -> Iterator[Any]:
    """A loopback server of exchange rates that counts who asks."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps(RATES).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with serving(Handler) as base:
        yield base, asked


FLOW = """
import os, sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from warehouse.home import Home
from flows.server import prefect_server

home = Home(Path(sys.argv[1]))
with prefect_server(home, print):
    from prefect import flow
    import flows.scheduled as scheduled
    from flows.collect import Errand

    if sys.argv[3] == "die":
        scheduled.lock.writer = lambda *_: os._exit(9)
    around = scheduled.Surroundings(
        home=home, user_agent="t", clock=lambda: datetime.now(timezone.utc), say=print
    )

    @flow(name="test")
    def one() -> None:
        scheduled.read(Errand(agent="open_er_api", base=sys.argv[2], delay=0.0), sys.argv[2], "slot-1", around)

    one()
"""


@pytest.mark.slow
def test_a_flow_killed_between_two_tasks_does_not_repeat_the_finished_one(
    tmp_path: Path, bank: Any, prefect_ready: Any
) -> None:
    prefect_ready(tmp_path)
    base, asked = bank
    run = [sys.executable, "-c", FLOW, str(tmp_path), base]
    assert subprocess.run([*run, "die"], timeout=240, capture_output=True).returncode == 9
    assert len(asked) == 1
    home = Home(tmp_path)
    assert not home.warehouse.exists()
    done = subprocess.run([*run, "live"], timeout=240, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(asked) == 1
    assert len(landed(home, "run_report")) == 1
    import duckdb

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM raw.fx_rate").fetchone() == (1,)


@pytest.mark.slow
def test_a_failing_source_leaves_the_others_green_and_all_of_it_is_seen_in_prefect(
    tmp_path: Path, bank: Any, prefect_ready: Any
) -> None:
    prefect_ready(tmp_path)
    base, _ = bank
    (tmp_path / "sources.toml").write_text(
        f'[good]\nreader = "open_er_api"\nbase = "{base}"\nhours = 0.5\ndelay = 0.0\n'
        '[bad]\nreader = "open_er_api"\nbase = "http://127.0.0.1:9/"\nhours = 0.5\n'
    )
    command = [sys.executable, "-m", "katy", "--home", str(tmp_path), "schedule", "good", "bad", "--port", "0"]
    with subprocess.Popen([*command, "--no-publish"], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            port = int(process.stderr.readline().strip().rsplit(":", 1)[1])
            threading.Thread(target=process.stderr.read, daemon=True).start()
            # Neither was ever read: both are due now, whatever their cadence.
            states = _states(port, {"good", "bad"})
            (table,) = (one for one in _ask(port, "artifacts/filter", {}) if one["key"] == "read-good")
            assert json.loads(table["data"])[0] == {"what": "verdict", "figure": "complete"}
            page = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            page.request("GET", "/")
            assert b"<html" in page.getresponse().read()
            # The pages ask this server, and no other.
            page.request("GET", "/ui-settings")
            assert json.loads(page.getresponse().read())["api_url"] == f"http://127.0.0.1:{port}/api"
        finally:
            process.send_signal(signal.SIGTERM)
    assert states == {"good": "COMPLETED", "bad": "FAILED"}
    assert _until_gone(port)


def _states(port: int, wanted: set[str]) -> dict[str, str]:
    until = time.monotonic() + 240
    over = {"COMPLETED", "FAILED", "CRASHED"}
    while time.monotonic() < until:
        runs = _ask(port, "flow_runs/filter", {})
        states = {run["name"]: run["state"]["type"] for run in runs if run["state"]["type"] in over}
        if wanted <= set(states):
            return {name: states[name] for name in wanted}
        time.sleep(1)
    pytest.fail(f"the flows did not end: {[(run['name'], run['state']['type']) for run in runs]}")


def _ask(port: int, path: str, said: dict[str, Any]) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", f"/api/{path}", json.dumps(said), {"Content-Type": "application/json"})
    return json.loads(connection.getresponse().read())


def _until_gone(port: int) -> bool:
    """Whether the server that listened there has ended."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=2).connect()
        except OSError:
            return True
        time.sleep(0.5)
    return False


def test_a_slot_is_one_stretch_of_a_cadence() -> None:
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    from flows.scheduled import slot_of

    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    day = timedelta(days=1)
    assert slot_of("a b", noon, day) == slot_of("a b", noon + timedelta(hours=5), day) == "a-b-20777"
    assert slot_of("a b", noon + day, day) == "a-b-20778"


def test_visits_that_are_late_by_many_cadences_are_one_visit() -> None:
    from flows.scheduled import moment_of, slot_of

    now, hour = datetime(2026, 11, 20, 12, 10, tzinfo=UTC), timedelta(hours=1)
    late = {slot_of("nws", moment_of(now - n * hour, now, hour), hour) for n in range(1, 100)}
    assert len(late) == 1
    on_time = now - timedelta(minutes=20)
    assert moment_of(on_time, now, hour) == on_time

"""Prefect's local server as a child process that cannot outlive the one who started it.

Prefect's own temporary server is left orphaned when its parent dies by SIGKILL. Ours watches its parent
(`flows.server_child`) and goes with it. The socket is opened here and handed over, so that no other program can take
the port in between. The server's data is nothing but the history of runs: where a killed start left it half made, it is
set aside and made new.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.errors import Busy, KatyError
from warehouse.home import Home

START_LIMIT = 120.0  # seconds; a first start makes the database, on a slow machine that takes its time
_STOP_LIMIT = 5.0
_LOG = "server.log"

# Work a server for many users does in the background; a run of one flow needs none of it.
_IDLE_SERVICES = (
    "CANCELLATION_CLEANUP",
    "CLEANUP_RECONCILER",
    "EVENT_PERSISTER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TRIGGERS",
)


def server_environment(folder: Path, *, full: bool = False, port: int = 0) -> dict[str, str]:
    """What the server's process is told: its own folder, nothing sent out, quiet; pages and services only if `full`."""
    # A server for one run is Prefect's "ephemeral" one.
    idle = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _IDLE_SERVICES}
    pages = {
        # Its pages ask the server where they think it is, which is not where they came from.
        "PREFECT_SERVER_UI_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    }
    idle |= {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
    return {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "true" if full else "false",
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        **(pages if full else idle),
    }


def client_environment(folder: Path, api_url: str, *, full: bool = False) -> dict[str, str]:
    """What the process that runs the flows is told; it must be told before it imports prefect.

    With the `full` server the flows' own words are kept there, for its pages.
    """
    without_proxy = [part for part in os.environ.get("NO_PROXY", "").split(",") if part]
    return {
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Without pages an error comes back to the caller and is told once, by the front door.
        "PREFECT_LOGGING_LEVEL": "INFO" if full else "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "true" if full else "false",
        "PREFECT_CLI_PROMPT": "false",
        "NO_PROXY": ",".join(dict.fromkeys([*without_proxy, "127.0.0.1", "localhost"])),
    }


@contextmanager
def prefect_server(home: Home, say: Callable[[str], None], *, full: bool = False, port: int = 0) -> Iterator[str]:
    """Start Prefect's server for `home`, point this process at it, and stop it at the end. Yields the API's URL.

    A `full` one has Prefect's own pages and keeps schedules. `port` 0 takes a free one.

    Raises KatyError when the server does not start (its last words are named, and where the whole log is).
    """
    folder = home.prefect
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server, port = _started(folder, say, full, port)
        stack.callback(_stop, server)
        api_url = f"http://127.0.0.1:{port}/api"
        stack.enter_context(_pointed_at(folder, api_url, full))
        stack.callback(_let_go)
        yield api_url


def _started(folder: Path, say: Callable[[str], None], full: bool, port: int) -> tuple[subprocess.Popen[bytes], int]:
    # One start at a time: two servers that make the same database at once would break it.
    try:
        with FileLock(str(folder / "start.lock"), timeout=START_LIMIT):
            try:
                return _start(folder, full, port)
            except _StartError as error:
                if not (folder / "prefect.db").exists():
                    raise
                aside = _set_aside(folder)
                say(f"Prefect's database of past runs was unusable ({error.why}); it is set aside in {aside}")
                return _start(folder, full, port)
    except Timeout:
        raise Busy(
            f"another process has been starting Prefect's server in {folder} for {START_LIMIT:.0f} seconds; "
            "wait for it, or run without Prefect: katy run --plain"
        ) from None


class _StartError(KatyError):
    def __init__(self, why: str, log: Path) -> None:
        self.why = why
        super().__init__(f"Prefect's server did not start: {why} (log: {log}); katy run --plain works without it")


def _start(folder: Path, full: bool, port: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start the child and wait until it answers. Raises _StartError."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        _bind(listening, port)
        listening.listen(128)
        port = int(listening.getsockname()[1])
        with (folder / _LOG).open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "flows.server_child", str(listening.fileno()), str(os.getpid())],
                env={**os.environ, **server_environment(folder, full=full, port=port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(listening.fileno(),),
                # Ctrl-C in a terminal is for the flow; it ends its server itself.
                start_new_session=True,
            )
    try:
        _wait_until_healthy(server, port, folder / _LOG)
    except BaseException:
        _stop(server)
        raise
    return server, port


def _bind(listening: socket.socket, port: int) -> None:
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        raise KatyError(f"port {port} cannot be used for Prefect's pages: {error.strerror}; name another") from error


def _wait_until_healthy(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise _StartError(f"it ended with status {server.returncode}: {_last_words(log)}", log)
        if _healthy(port):
            return
        time.sleep(0.05)
    raise _StartError(f"no answer within {START_LIMIT:.0f} seconds", log)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False  # not listening yet, or still busy starting
    finally:
        connection.close()


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def _set_aside(folder: Path) -> Path:
    number = 1
    while (aside := folder / f"aside-{number}").exists():
        number += 1
    aside.mkdir()
    for file in folder.glob("prefect.db*"):
        file.rename(aside / file.name)
    return aside


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_STOP_LIMIT)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _let_go() -> None:
    """End Prefect's background threads while their server is still there.

    Otherwise events are lost, and a thread that lives until the interpreter is torn down keeps alive what the flow has
    used (DuckDB then complains of leaks). Prefect has no public way to end its loops; it makes new ones when needed.
    """
    if "prefect" not in sys.modules:
        return
    from prefect._internal.concurrency.threads import get_global_loop, get_run_sync_loop
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all(timeout=_STOP_LIMIT)
    for loop in (get_run_sync_loop(), get_global_loop()):
        loop.shutdown()
        loop.thread.join(_STOP_LIMIT)


@contextmanager
def _pointed_at(folder: Path, api_url: str, full: bool) -> Iterator[None]:
    """Set the environment for the time, and prefect's own settings where it has been imported before."""
    wanted = client_environment(folder, api_url, full=full)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    with ExitStack() as stack:
        stack.callback(_restore, before)
        if "prefect" in sys.modules:
            from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

            stack.enter_context(temporary_settings(updates={PREFECT_API_URL: api_url, PREFECT_HOME: folder}))
        yield


def _restore(before: dict[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

"""The front door: quick to answer, errors told in one sentence, the page beside the demo."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from katy.demo_server import served
from katy.settings import Settings

HEAVY = ("duckdb", "pandas", "lightgbm", "sklearn", "prefect", "scrapy", "fastapi", "pyarrow", "sqlalchemy", "altair")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "katy", *words], capture_output=True, text=True, timeout=60, check=False
    )


def test_help_needs_no_heavy_library() -> None:
    loaded = "import sys, json, katy.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, timeout=60, check=True)
    assert not set(HEAVY) & set(json.loads(done.stdout))


def test_a_refusal_is_one_sentence_and_status_1(tmp_path: Path) -> None:
    done = run("--home", str(tmp_path), "sql", "SELECT 1")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "katy run" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage_is_status_2() -> None:
    assert run("sql").returncode == 2
    assert run("no-such-command").returncode == 2


def test_the_page_takes_a_free_port_where_its_own_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said: list[str] = []
        with served(Settings(home=tmp_path, port=taken.getsockname()[1]), said.append) as page:
            connection = http.client.HTTPConnection(urlsplit(page).netloc, timeout=10)
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
            connection.close()
    assert "free port" in said[0]

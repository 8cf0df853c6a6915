"""A database for Prefect's servers, made once for the whole run: making one is most of what a server's start costs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.home import Home

# In the place of a database that is none, so that the same start shows what becomes of such a one.
MAKE = """
import json, os, sys
from pathlib import Path
from flows.server import client_environment, prefect_server
from warehouse.home import Home

home, said = Home(Path(sys.argv[1])), []
home.prefect.mkdir(parents=True)
(home.prefect / "prefect.db").write_bytes(b"no database " * 1000)
names = client_environment(home.prefect, "")
before = {name: os.environ.get(name) for name in names}
with prefect_server(home, said.append) as api:
    within = os.environ["PREFECT_API_URL"]
after = {name: os.environ.get(name) for name in names}
(home.root / "told.json").write_text(json.dumps([said, api, within, before, after]))
"""


@pytest.fixture(scope="session")
def prefect_made(made_once: Callable[..., Path]) -> Path:
    """A data folder in which Prefect's server was started on a broken database, and told.json of how that went."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-c", MAKE, str(folder)], check=True, capture_output=True)

    return made_once("prefect", make)


@pytest.fixture(scope="session")
def prefect_ready(prefect_made: Path) -> Callable[[Path], Path]:
    """`prefect_ready(root)`: the data folder `root`, with a database of no runs for Prefect's server in it."""

    def ready(root: Path) -> Path:
        folder = Home(root).prefect
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Home(prefect_made).prefect / "prefect.db", folder / "prefect.db")
        return root

    return ready

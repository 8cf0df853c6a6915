"""A database for Prefect's servers, made once for the whole run: making one is most of what a server's start costs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from warehouse.home import Home

MAKE = """
import sys
from pathlib import Path
from flows.server import prefect_server
from warehouse.home import Home

with prefect_server(Home(Path(sys.argv[1])), print):
    pass
"""


@pytest.fixture(scope="session")
def prefect_ready(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[Path], Path]:
    """`prefect_ready(root)`: the data folder `root`, with a database of no runs for Prefect's server in it."""
    base = tmp_path_factory.getbasetemp()
    common = Home((base if worker_id == "master" else base.parent) / "prefect-made")
    made = common.prefect / "prefect.db"

    def ready(root: Path) -> Path:
        common.root.mkdir(exist_ok=True)
        with FileLock(common.root / "making.lock"):
            if not (common.root / "made").exists():
                subprocess.run([sys.executable, "-c", MAKE, str(common.root)], check=True, capture_output=True)
                (common.root / "made").touch()
        folder = Home(root).prefect
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, folder / made.name)
        return root

    return ready

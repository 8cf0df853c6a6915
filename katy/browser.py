"""Where a Chromium is: the one named in the settings, one on the PATH, or Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge")
# Where a Mac keeps it; not on the PATH there.
_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HOW_TO_GET_ONE = (
    "Get one with `.venv/bin/playwright install --with-deps chromium`, or on Debian and Ubuntu as root "
    "`apt-get install chromium`; or name one: KATY_BROWSER=/path/to/chromium"
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that was started once and said its version."""

    path: Path
    version: str


def find(named: Path | None = None) -> Browser | None:
    """The browser to use, or None. A browser named in the settings is used or nothing: no other is taken instead."""
    if named is not None:
        return starts(named)
    for name in NAMES:
        on_path = shutil.which(name)
        if on_path is not None and (browser := starts(Path(on_path))) is not None:
            return browser
    for place in _APPLICATIONS:
        if Path(place).exists() and (browser := starts(Path(place))) is not None:
            return browser
    own = playwright_path()
    return starts(own) if own is not None else None


def starts(path: Path, *, limit: float = 20) -> Browser | None:
    """The browser at `path` if it runs here: what is on the PATH may be a shell that only says what to install."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=limit, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Browser(path, answer.stdout.strip()) if answer.returncode == 0 and answer.stdout.strip() else None


def playwright_path() -> Path | None:
    """Where Playwright keeps its own Chromium, when it is there. Asks Playwright's driver in a process of its own."""
    question = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p:\n"
        "    print(p.chromium.executable_path)\n"
    )
    try:
        answer = subprocess.run(
            [sys.executable, "-c", question],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    path = Path(answer.stdout.strip()) if answer.returncode == 0 and answer.stdout.strip() else None
    return path if path is not None and path.exists() else None

"""Part of `make install`: what pip cannot bring, looked for and installed where that is possible.

A Chromium for pages that exist only after JavaScript has run, and the system library LightGBM needs. Whatever cannot be
had is named with the way to get it; the installation goes on in any case. Every step has a time limit.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from katy import browser
from katy.settings import Settings

PLAYWRIGHT_LIMIT = 180  # seconds
APT_LIMIT = 240


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def attempt(command: list[str], limit: float, **environment: str) -> bool:
    """Run a command quietly with a time limit, ending all of its processes at the limit. True when it succeeded."""
    try:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return process.wait(limit) == 0
    except subprocess.TimeoutExpired:
        say(f"  {command[0]} did not finish within {limit:.0f} seconds")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def may_use_apt() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def apt_install(package: str) -> bool:
    """Install a Debian or Ubuntu package; the package lists are fetched only when they are missing or too old."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", package]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    if attempt(install, APT_LIMIT, **quiet):
        return True
    return attempt(["apt-get", "update"], APT_LIMIT, **quiet) and attempt(install, APT_LIMIT, **quiet)


def get_browser() -> None:
    named = Settings().browser
    if browser.find(named) is not None:
        return
    if named is not None:
        say(f"KATY_BROWSER={named} does not start. {browser.HOW_TO_GET_ONE}")
        return
    say(f"No Chromium found; asking Playwright for its own (up to {PLAYWRIGHT_LIMIT} seconds) …")
    attempt([sys.executable, "-m", "playwright", "install", "chromium"], PLAYWRIGHT_LIMIT)
    if browser.find() is not None:
        return
    if may_use_apt():
        say(f"Playwright could not bring one that starts here; trying apt-get install chromium (up to {APT_LIMIT} s) …")
        apt_install("chromium")
        if browser.find() is not None:
            return
    say(
        "There is no browser. Katy works without one, but for pages that exist only after JavaScript has run: "
        "the demo goes on with two of its three sites, and the browser tests are skipped.\n"
        f"{browser.HOW_TO_GET_ONE}"
    )


def get_libgomp() -> None:
    if attempt([sys.executable, "-c", "import lightgbm"], 60):
        return
    if may_use_apt():
        say("LightGBM does not load; trying apt-get install libgomp1 …")
        if apt_install("libgomp1") and attempt([sys.executable, "-c", "import lightgbm"], 60):
            return
    say(
        "LightGBM does not load, most often because the system library libgomp is missing; "
        "without it `katy run` cannot train.\n"
        "Get it with: apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp (Fedora), "
        "brew install libomp (macOS)"
    )


if __name__ == "__main__":
    get_libgomp()
    get_browser()

"""Part of `make test`: programs that check the books Katy writes, `bean-check` and `hledger`.

They are GPL and therefore programs of their own: beancount in an environment of its own below .venv, hledger from the
distribution. Where one cannot be had, the tests that ask it are skipped and say so.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from browser import apt_install, attempt, may_use_apt, say

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv" / "checkers"
LIMIT = 180  # seconds


def get_beancount() -> None:
    """An environment with what requirements/checkers.txt locks; made again when that has changed."""
    wanted = (ROOT / "requirements" / "checkers.txt").read_text(encoding="utf-8")
    ready = FOLDER / "ready.txt"
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return
    uv = str(Path(sys.executable).parent / "uv")
    python = str(FOLDER / "bin" / "python")
    made = attempt([uv, "venv", "--quiet", "--clear", str(FOLDER)], LIMIT) and attempt(
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, "requirements/checkers.txt"], LIMIT
    )
    if made:
        ready.write_text(wanted, encoding="utf-8")
    else:
        say("bean-check could not be installed; the tests that ask it are skipped.")


def get_hledger() -> None:
    if shutil.which("hledger") is not None:
        return
    if not (may_use_apt() and apt_install("hledger")):
        say("There is no hledger; the tests that ask it are skipped. On Debian and Ubuntu: apt-get install hledger")


if __name__ == "__main__":
    get_beancount()
    get_hledger()

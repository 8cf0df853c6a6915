"""What Katy needs of the machine and of its data folder, each looked at and told with the way out."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from katy.settings import Settings

State = Literal["ok", "warn", "fail"]
LOCK = Path(__file__).resolve().parents[1] / "requirements" / "run.txt"
_GIGABYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor: `fail` means that Katy does not work without it, `warn` that something is less."""

    name: str
    state: State
    found: str
    way_out: str = ""


def python() -> Check:
    version = platform.python_version()
    return Check("python", "ok", f"{version} at {sys.executable}")


def packages(lock: Path = LOCK) -> Check:
    """Every package of the lock that applies to this machine, in the locked version."""
    from packaging.requirements import Requirement

    if not lock.exists():
        return Check("packages", "ok", "installed without the lock file; versions not compared")
    missing, other = [], []
    for line in lock.read_text().splitlines():
        if not line or line[0] in " #":
            continue
        requirement = Requirement(line.removesuffix("\\").strip())
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            installed = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(requirement.name)
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            other.append(f"{requirement.name} {installed} instead of {requirement.specifier}".replace("==", ""))
    if missing:
        return Check("packages", "fail", f"missing: {', '.join(missing)}", "make install")
    if other:
        return Check("packages", "warn", f"not the tested versions: {'; '.join(other)}", "make install")
    return Check("packages", "ok", "as locked")


def lightgbm() -> Check:
    try:
        version = importlib.import_module("lightgbm").__version__
    except (ImportError, OSError) as error:
        way_out = "apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp (Fedora), brew install libomp (macOS)"
        return Check("lightgbm", "fail", f"does not load: {error}", way_out)
    return Check("lightgbm", "ok", f"{version}, libgomp found")


def chromium(settings: Settings) -> Check:
    from katy import browser

    found = browser.find(settings.browser)
    if found is not None:
        return Check("browser", "ok", f"{found.path} ({found.version})")
    missing = "none found" if settings.browser is None else f"{settings.browser} (KATY_BROWSER) does not start"
    return Check("browser", "warn", f"{missing}; pages made by JavaScript cannot be read", browser.HOW_TO_GET_ONE)


def home(settings: Settings) -> Check:
    """The data folder can be written, or made where it is not there yet (looking does not make it)."""
    root = settings.folder.root
    there = _nearest(root)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        found = f"{there} cannot be written: {error.strerror}"
        return Check("home", "fail", found, "name another folder: KATY_HOME=… or katy --home …")
    return Check("home", "ok", str(root) if root.exists() else f"{root} (made at the first use)")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def disk(settings: Settings) -> Check:
    root = _nearest(settings.folder.root)
    free = shutil.disk_usage(root).free
    told = f"{free / _GIGABYTE:.1f} GB free at {root}"
    if free < _GIGABYTE // 5:
        return Check("disk", "fail", told, "free some space, or name another folder: KATY_HOME=…")
    if free < 2 * _GIGABYTE:
        return Check("disk", "warn", told, "a run over a million rows needs about 2 GB")
    return Check("disk", "ok", told)


def port(settings: Settings) -> Check:
    """The port `katy serve` listens on is free."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            found = f"{settings.host}:{settings.port} cannot be used: {error.strerror}"
            return Check("port", "warn", found, "KATY_PORT=… or katy serve --port …; 0 takes a free one")
    return Check("port", "ok", f"{settings.host}:{settings.port} is free")


def ledger(settings: Settings) -> Check:
    """The ledger's database can be reached; a ledger that was never opened is made at the first use."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        url = make_url(settings.ledger_database)
    except ArgumentError:
        return Check(
            "ledger", "fail", "KATY_LEDGER_URL is not a database URL", "e.g. postgresql+psycopg://user@host/db"
        )
    shown = url.render_as_string(hide_password=True)
    if url.drivername.startswith("sqlite") and not Path(url.database or "").exists():
        return Check("ledger", "ok", f"{shown} (made at the first use)")
    try:
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        first_line = str(error).splitlines()[0]
        return Check("ledger", "fail", f"{shown}: {first_line}", "is the server up, and KATY_LEDGER_URL right?")
    return Check("ledger", "ok", shown)


def snapshot(settings: Settings, now: datetime) -> Check:
    """The current snapshot, whole, and how old what it knows is."""
    from warehouse import snapshot as snapshots
    from warehouse.errors import KatyError, NothingPublished

    try:
        current = snapshots.current(settings.folder)
        snapshots.verify(current)
    except NothingPublished:
        return Check("snapshot", "ok", "nothing published yet; katy import …, then katy run make the first")
    except KatyError as error:
        return Check("snapshot", "fail", str(error), "katy run publishes a new one")
    made = datetime.strptime(f"{current.id.split('-')[0]}+0000", "%Y%m%dT%H%M%SZ%z")
    age = max(now - made, now - now)
    told = f"{current.id}, published {age.days} days {age.seconds // 3600} hours ago"
    if age.days >= 14:
        return Check("snapshot", "warn", told, "katy run brings it up to date")
    return Check("snapshot", "ok", told)


def prefect(settings: Settings) -> Check:
    """The folder of Prefect's own records, of runs through it."""
    folder = settings.folder.prefect
    if not folder.exists():
        return Check("prefect", "ok", f"{folder} (made at the first run)")
    if not os.access(folder, os.W_OK):
        return Check("prefect", "warn", f"{folder} cannot be written", "katy run --plain works without Prefect")
    return Check("prefect", "ok", str(folder))


def every(settings: Settings, now: datetime) -> Iterator[Check]:
    """All checks, in order; one that itself breaks is a failed check and does not hide the others."""
    looks: dict[str, Callable[[], Check]] = {
        "python": python,
        "packages": packages,
        "lightgbm": lightgbm,
        "browser": lambda: chromium(settings),
        "home": lambda: home(settings),
        "disk": lambda: disk(settings),
        "port": lambda: port(settings),
        "ledger": lambda: ledger(settings),
        "snapshot": lambda: snapshot(settings, now),
        "prefect": lambda: prefect(settings),
    }
    for name, look in looks.items():
        try:
            yield look()
        except Exception as error:
            yield Check(name, "fail", f"could not be checked: {type(error).__name__}: {error}", "please report this")

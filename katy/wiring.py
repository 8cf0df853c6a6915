"""The composition root: parts put together from this installation's settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from katy.settings import Settings

if TYPE_CHECKING:
    from flows.pipeline import Run


def pipeline_run(settings: Settings, say: Callable[[str], None]) -> Run:
    """A run of the pipeline on this installation's data."""
    from flows.pipeline import Run
    from katy.version import code_version

    return Run(
        settings.folder,
        anchor=settings.anchor,
        clock=settings.clock,
        say=say,
        code_version=code_version(),
        snapshots_in_use=lambda: snapshots_in_use(settings),
    )


def snapshots_in_use(settings: Settings) -> set[str]:
    """Snapshots that open trades name; none where no books have been opened yet."""
    if settings.ledger_url is None and not settings.folder.ledger.is_file():
        return set()
    from ledger.store import open_ledger
    from ledger.trades import open_snapshots

    return open_snapshots(open_ledger(settings.ledger_database, clock=settings.clock))

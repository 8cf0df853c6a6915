"""`katy import page`: the door for pages that a person saved."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import console, say, settings

if TYPE_CHECKING:
    from spiders.web.pages_report import PageFile, PagesReport


def register(parent: typer.Typer) -> None:
    """Add the command to the group `katy import`."""
    parent.command("page")(import_page_command)


def import_page_command(
    paths: Annotated[list[Path], typer.Argument(help="Saved pages (.html .mhtml .webarchive), or folders of them")],
    source: Annotated[str | None, typer.Option(help="The name rows land under; each page's site otherwise")] = None,
    base: Annotated[str | None, typer.Option(help="The address of a page that does not name its own")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217, where a page names none")] = None,
    region: Annotated[str | None, typer.Option(help="ISO 3166-2, where a page names none")] = None,
    observed_at: Annotated[
        datetime | None, typer.Option(help="When the pages were seen (UTC); when they were saved or imported otherwise")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Land nothing, and show what would land")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON")] = False,
) -> None:
    """Import pages saved in a browser: offers = loaded + already known + quarantined.

    This is how a market behind a login is read. Katy logs in nowhere.
    """
    from spiders.web.import_pages import PageOptions, import_pages

    options = PageOptions(
        source=source,
        base=base,
        region=region,
        currency=currency,
        observed_at=observed_at.replace(tzinfo=observed_at.tzinfo or UTC) if observed_at else None,
    )
    report = import_pages(settings().folder, paths, options, clock=settings().clock, say=say, dry_run=dry_run)
    if as_json:
        console.print_json(json.dumps(report.to_json()))
    else:
        _print(report)
    if not report.offers:
        raise typer.Exit(1)


def _print(report: PagesReport) -> None:
    for one in report.files:
        _print_file(one)
    if report.others:
        console.print(f"{len(report.others)} other files are no pages and were left alone", markup=False)
    held = sum(report.reasons.values())
    if report.dry_run:
        for row in report.to_json()["rows"]:
            console.print(f"  {json.dumps(row, ensure_ascii=False)}", markup=False)
        console.print(f"{report.offers} offers: {report.offers - held} would land, {held} be quarantined", markup=False)
        return
    console.print(
        f"{report.offers} offers = {report.loaded} loaded + {report.known} already known + {held} quarantined",
        markup=False,
    )
    for source in dict.fromkeys(one.source for one in report.files if one.quarantined):
        say(f"katy quarantine --source {source} shows the quarantined rows")


def _print_file(one: PageFile) -> None:
    paths = ", ".join(f"{path} {n}" for path, n in one.price_paths.most_common(3))
    console.print(f"{one.name} [{one.source}]: {one.why()}" + (f"; prices from {paths}" if paths else ""), markup=False)
    for note in one.notes if one.offers else []:
        console.print(f"  {note}", markup=False)

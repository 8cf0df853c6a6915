"""`katy photos`: what the photos of listings look like, so that one photo counts once. No picture is kept."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import KatyError, console, say, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spiders.agent.report import CollectReport

app = typer.Typer(help="What the photos of listings look like.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print the account as JSON")]


def register(parent: typer.Typer) -> None:
    """Add the commands to the front door."""
    parent.add_typer(app, name="photos")


@app.callback()
def _group() -> None:
    """What the photos of listings look like."""


@app.command("collect")
def collect(
    most: Annotated[int, typer.Option(min=1, help="The most photos to look at")] = 200,
    base: Annotated[str | None, typer.Option(help="Only this site, such as https://img.example.org")] = None,
    delay: Annotated[float | None, typer.Option(min=0, help="Seconds between two requests to one site")] = None,
    minutes: Annotated[float, typer.Option(min=0.05, help="The longest that it may take in all")] = 60.0,
    again: Annotated[bool, typer.Option("--again", help="Ask also for photos that were refused before")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at photos of published listings that have not been looked at, one site after the other, politely.

    Exit status 1 where photos wait and none could be looked at.
    """
    from spiders.files.run import load_run
    from spiders.photo_visits import collect_photos
    from spiders.source import Limits
    from warehouse.query import read_only
    from warehouse.snapshot import current

    chosen = settings()
    home = chosen.folder
    with closing(read_only(current(home).database)) as connection:
        done = collect_photos(
            home,
            connection,
            most=most,
            base=base,
            delay=delay,
            again=again,
            limits=Limits(requests=most, seconds=minutes * 60),
            user_agent=chosen.user_agent,
            clock=chosen.clock,
            say=say,
        )
    for report in done.reports:
        load_run(home, report.run, chosen.clock, say, report.of_record)
    if as_json:
        print(json.dumps({"visits": [one.to_dict() for one in done.reports], "not_asked": done.not_asked}, indent=2))  # noqa: T201
    else:
        _tell(done.reports, done.not_asked, base)
    _check(done.reports, done.not_asked)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A table with the columns file, and source and id, or url")],
    folder: Annotated[Path, typer.Option(help="The folder that the photos are in")],
    source: Annotated[str, typer.Option(help="A name for this import")] = "photos",
    as_json: AsJson = False,
) -> None:
    """Look at photos in a folder: rows read = loaded + already known + quarantined.

    `url` is the listing's address, as published; `observed_at` says when the photo was there.
    """
    from spiders.files.photos import import_photos

    chosen = settings()
    report = import_photos(
        chosen.folder, file, folder, source=source, listing_of=_Addresses().listing, clock=chosen.clock, say=say
    )
    if as_json:
        console.print_json(json.dumps(report.to_json()))
        return
    console.print(
        f"{report.rows} rows read = {report.loaded} loaded + {report.known} already known "
        f"+ {report.quarantined} quarantined",
        markup=False,
    )
    for reason, count in report.reasons.items():
        console.print(f"  {reason}: {count}", markup=False)


class _Addresses:
    """The listings of the current snapshot by their addresses; read when the first is asked for."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] | None = None

    def listing(self, url: str) -> tuple[str, str] | None:
        from warehouse.reading.urls import canonical

        if self._known is None:
            self._known = self._read()
        return self._known.get(canonical(url) or "")

    def _read(self) -> dict[str, tuple[str, str]]:
        from warehouse.query import read_only
        from warehouse.snapshot import current

        with closing(read_only(current(settings().folder).database)) as connection:
            rows = connection.execute(
                "SELECT url, source, id FROM mart.listing WHERE url IS NOT NULL ORDER BY source DESC, id DESC"
            ).fetchall()
        return {url: (source, name) for url, source, name in rows}


def _tell(reports: list[CollectReport], not_asked: Mapping[str, str], base: str | None) -> None:
    if not (reports or not_asked):
        where = f" at {base}" if base else ""
        console.print(
            f"no photo of a published listing waits{where}; --again asks for refused ones once more", markup=False
        )
    for report in reports:
        console.print(f"{report.source}: {report.verdict}: {report.why}", markup=False)
        held = ", ".join(f"{count} {reason}" for reason, count in report.quarantined.items())
        if held:
            console.print(f"  refused: {held} (katy quarantine list --source {report.source})", markup=False)
        for failure in report.failures[:5]:
            console.print(f"  not got: {failure['url']}: {failure['why']}", markup=False)
    for site, why in not_asked.items():
        console.print(f"{site} was not asked: {why}", markup=False)


def _check(reports: list[CollectReport], not_asked: Mapping[str, str]) -> None:
    """What was refused is known now, and no error: an error is where nothing was learned."""
    if (reports or not_asked) and not any(report.landed or report.quarantined for report in reports):
        why = [f"{report.source} {report.verdict}: {report.why}" for report in reports]
        raise KatyError("; ".join(why + [f"{site}: {reason}" for site, reason in not_asked.items()]))

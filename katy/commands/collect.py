"""`katy collect` sends agents to sources and loads what they bring; `katy sources` says which there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.context import KatyError, console, say, settings

if TYPE_CHECKING:
    from spiders.report import CollectReport
    from warehouse.load import Loaded


def register(app: typer.Typer) -> None:
    """Add the commands to the front door."""
    app.command("collect")(collect)
    app.command("sources")(sources)


def collect(
    names: Annotated[list[str], typer.Argument(metavar="SOURCE…", help="Which sources to read (`katy sources`)")],
    base: Annotated[str | None, typer.Option(help="Where to begin: a URL, a file:// URL or a file")] = None,
    name: Annotated[
        str | None, typer.Option("--as", help="The name rows land under; the site's host otherwise")
    ] = None,
    region: Annotated[str | None, typer.Option(help="ISO 3166-2 region where a page says none, such as US-MO")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 currency where a page says none")] = None,
    delay: Annotated[float | None, typer.Option(min=0, help="Seconds between two requests to one domain")] = None,
    requests: Annotated[int, typer.Option(min=1, help="The most requests of one visit")] = 2_000,
    minutes: Annotated[float, typer.Option(min=0.05, help="The longest that one visit may take")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Reports as JSON")] = False,
) -> None:
    """Read sources, politely, land what they give and load it. Exit status 1 where one of them gave nothing."""
    from spiders.source import Limits

    if len(names) > 1 and (base or name):
        raise typer.BadParameter("--base and --as belong to one source; name one", param_hint="SOURCE")
    said = {"base": base, "name": name, "region": region, "currency": currency, "delay": delay}
    limits = Limits(requests=requests, seconds=minutes * 60)
    reports = []
    for source in names:
        reports.append(_visit(source, limits=limits, **said))
        if not as_json:
            _tell(reports[-1])
    loaded = _load()
    if as_json:
        print(json.dumps([report.to_dict() | _counts(report, loaded) for report in reports], indent=2))  # noqa: T201
    else:
        for report in reports:
            counts = _counts(report, loaded)
            console.print(f"{report.source}: {counts['loaded']} loaded, {counts['known']} already known", markup=False)
    bad = [report for report in reports if not report.good]
    if bad:
        raise KatyError("; ".join(f"{report.source} {report.verdict}: {report.why}" for report in bad))


def _visit(source: str, **said: Any) -> CollectReport:
    from spiders.agent import collect as visit

    chosen = settings()
    with _counting(source) as progress:
        return visit(
            source,
            chosen.folder,
            user_agent=chosen.user_agent,
            clock=chosen.clock,
            say=say,
            browser=chosen.browser,
            progress=progress,
            **said,
        )


def sources(as_json: Annotated[bool, typer.Option("--json", help="As JSON")] = False) -> None:
    """The sources there are: what each gives, how often, from where, on which terms."""
    import dataclasses

    from spiders.registry import sources as all_sources

    known = all_sources()
    if as_json:
        rows = [dataclasses.asdict(one) | {"cadence": one.cadence.total_seconds()} for one in known.values()]
        print(json.dumps(rows, indent=2))  # noqa: T201
        return
    from rich.table import Table

    table = Table("source", "gives", "what it is", "from", "every", "terms", box=None, pad_edge=False)
    for one in known.values():
        hours = one.cadence.total_seconds() / 3600
        table.add_row(
            one.name, one.record, one.title, one.base or "any site (--base)", f"{hours:g} h", one.licence_note
        )
    console.print(table)


def _counting(source: str) -> Any:
    """A context with a callback that shows, on a terminal, how many offers have been read so far."""
    import contextlib

    from katy.context import notes

    @contextlib.contextmanager
    def counting() -> Any:
        if not notes.is_terminal:
            yield None
            return
        with notes.status(f"{source}: visiting …") as status:
            yield lambda count: status.update(f"{source}: {count} offers read …")

    return counting()


def _load() -> list[Loaded]:
    from warehouse import database, load, lock

    chosen = settings()
    home = chosen.folder
    with lock.writer(home, say):
        connection = database.open_writer(home)
        try:
            return load.load(connection, home, chosen.at(), say)
        finally:
            connection.close()


def _counts(report: CollectReport, loaded: list[Loaded]) -> dict[str, int]:
    """What the load made of a report's listings or rates."""
    mine = [one for one in loaded if one.run == report.run and one.record in {"listing", "fx_rate"}]
    return {"loaded": sum(one.loaded for one in mine), "known": sum(one.known for one in mine)}


def _tell(report: CollectReport) -> None:
    """A report for a person."""
    console.print(f"{report.source}: {report.verdict}: {report.why}", markup=False)
    answers = ", ".join(f"{count} × {status}" for status, count in report.statuses.items()) or "none"
    console.print(
        f"  {report.asked} requests, {report.bytes} bytes; answers: {answers}; unchanged: {report.unchanged}",
        markup=False,
    )
    held = ", ".join(f"{count} {reason}" for reason, count in report.quarantined.items()) or "none"
    paths = ", ".join(f"{count} {path}" for path, count in report.price_paths.items())
    set_aside = f"{sum(report.quarantined.values())} quarantined ({held})"
    console.print(
        f"  {report.read} read = {report.landed} landed + {report.repeated} met twice + {set_aside}"
        f"{f'; prices from {paths}' if paths else ''}",
        markup=False,
    )
    if report.coverage:
        fields = ", ".join(f"{name} {share:.0%}" for name, share in report.coverage.items())
        console.print(f"  fields: {fields}", markup=False)
    for note in report.notes:
        console.print(f"  {note}", markup=False)
    for failure in report.failures[:5]:
        console.print(f"  not got: {failure['url']}: {failure['why']}", markup=False)

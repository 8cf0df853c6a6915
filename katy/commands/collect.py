"""`katy collect` sends agents to sources and loads what they bring; `katy sources` says which there are."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.context import KatyError, console, notes, say, settings

if TYPE_CHECKING:
    from katy.sources_file import Named
    from spiders.agent.report import CollectReport
    from spiders.source import Source
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
    target: Annotated[
        list[str] | None, typer.Option(help="What to ask for: a search, a GTIN, a place … (`katy sources NAME`)")
    ] = None,
    region: Annotated[str | None, typer.Option(help="ISO 3166-2 region where a page says none, such as US-MO")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 currency where a page says none")] = None,
    delay: Annotated[float | None, typer.Option(min=0, help="Seconds between two requests to one domain")] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="The most requests of one visit (2000)")] = None,
    minutes: Annotated[float, typer.Option(min=0.05, help="The longest that one visit may take")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Reports as JSON")] = False,
) -> None:
    """Read sources, politely, land what they give and load it. Exit status 1 where one of them gave nothing.

    A visit that was killed goes on where it was.
    """
    if len(names) > 1 and (base or name or target):
        raise typer.BadParameter("--base, --as and --target belong to one source; name one", param_hint="SOURCE")
    said = {"base": base, "name": name, "region": region, "currency": currency, "delay": delay, "targets": target or ()}
    reports: list[CollectReport] = []
    skipped: list[str] = []
    for source in names:
        try:
            reports.append(_visit(source, requests, minutes, said))
        except KatyError as error:
            if len(names) == 1:
                raise
            # One that cannot even set out keeps no other from it.
            skipped.append(f"{source}: {error}")
            continue
        if not as_json:
            _tell(reports[-1])
    loaded = _load()
    if as_json:
        print(json.dumps([report.to_dict() | _counts(report, loaded) for report in reports], indent=2))  # noqa: T201
    else:
        for report in reports:
            counts = _counts(report, loaded)
            console.print(f"{report.source}: {counts['loaded']} loaded, {counts['known']} already known", markup=False)
    bad = [f"{report.source} {report.verdict}: {report.why}" for report in reports if not report.good]
    if bad or skipped:
        raise KatyError("; ".join(bad + skipped))


def _visit(source: str, requests: int | None, minutes: float, said: dict[str, Any]) -> CollectReport:
    from katy.wiring import errand_of
    from spiders.agent.collect import collect as visit
    from spiders.source import Limits

    chosen = settings()
    errand = errand_of(chosen, source, **{key: value for key, value in said.items() if value not in (None, ())})
    limits = Limits(requests=requests or errand.requests or Limits().requests, seconds=minutes * 60)
    with _counting(source) as progress:
        return visit(
            errand.agent,
            chosen.folder,
            user_agent=chosen.user_agent,
            clock=chosen.clock,
            say=say,
            browser=chosen.browser,
            progress=progress,
            limits=limits,
            keys=chosen.keys,
            **errand.told(),
        )


def sources(
    name: Annotated[str | None, typer.Argument(help="One source, in full")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON")] = False,
) -> None:
    """The sources there are: what each gives, how often, from where, on which terms, and whether it can be read."""
    from katy.sources_file import source_here, sources_here
    from spiders.registry import sources as declared

    chosen = settings()
    home, keys, known = chosen.folder, chosen.keys, declared()
    here = {name: source_here(home, name)} if name else sources_here(home)
    rows = [_row(named, known[named.reader], keys) for named in here.values()]
    if as_json:
        print(json.dumps(rows[0] if name else rows, indent=2))  # noqa: T201
    elif name:
        for key, value in rows[0].items():
            text = ", ".join(f"{k} ← {v}" for k, v in value.items()) if isinstance(value, dict) else value
            if text not in (None, "", [], ()):
                console.print(f"{key}: {', '.join(text) if isinstance(text, list) else text}", markup=False)
    else:
        _show(rows)


def _row(named: Named, source: Source, keys: dict[str, str]) -> dict[str, Any]:
    """A source as a person or a program wants to know it."""
    said = named.said
    missing = [key for key in source.keys if key not in keys]
    off = source.off if source.off and not said.on else "the operator has switched it off" if said.off else None
    state = (
        f"off: {off}" if off else f"needs {', '.join(f'KATY_KEY_{k.upper()}' for k in missing)}" if missing else "ready"
    )
    if state == "ready" and not (said.base or source.base):
        state = "ready (--base says which site)"
    return {
        "name": named.name,
        "state": state,
        "title": source.title,
        "records": list(source.records),
        "base": said.base or source.base,
        "cadence_hours": said.hours or source.cadence.total_seconds() / 3600,
        "region": said.region or source.region,
        "currency": said.currency or source.currency,
        "delay": source.delay if said.delay is None else said.delay,
        "targets": list(said.targets or source.targets),
        "target_note": source.target_note,
        "licence_note": source.licence_note,
        "follows": source.follows,
        "reader": named.reader,
        "api": source.api,
        "browser": source.browser,
        "keys": list(source.keys),
        "optional_keys": list(source.optional_keys),
        "personal": list(source.personal),
        "fields": dict(source.fields),
    }


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from katy.tables import every, show

    table = Table("source", "state", "gives", "what it is", "from", "every", box=None, pad_edge=False)
    for row in rows:
        table.add_row(
            row["name"],
            row["state"].split(":")[0].split(" KATY_")[0] + (" a key" if row["state"].startswith("needs") else ""),
            ", ".join(row["records"]),
            row["title"],
            row["base"] or "any site (--base)",
            every(timedelta(hours=row["cadence_hours"])),
        )
    show(console, table)
    say("katy sources NAME tells all of one: terms, targets, fields. sources.toml in the data folder changes them")


@contextlib.contextmanager
def _counting(source: str) -> Iterator[Any]:
    """A callback that shows, on a terminal, how many rows have been read so far."""
    if not notes.is_terminal:
        yield None
        return
    with notes.status(f"{source}: visiting …") as status:
        yield lambda count: status.update(f"{source}: {count} rows read …")


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
    """What the load made of what a report landed."""
    from warehouse.records import OBSERVATIONS

    mine = [one for one in loaded if one.run == report.run and one.record in OBSERVATIONS]
    return {"loaded": sum(one.loaded for one in mine), "known": sum(one.known for one in mine) + report.known}


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
    before = f" + {report.known} landed before" if report.known else ""
    console.print(
        f"  {report.read} read = {report.landed} landed{before} + {report.repeated} met twice + {set_aside}"
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
    for alarm in report.alarms:
        console.print(f"  alarm: {alarm}", markup=False)

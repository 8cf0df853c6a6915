"""What is going on where at a moment, from the messages about hazards that were known by then, and what it touches.

A hazard is a thread of messages. What is in force is settled for each area of it (`geocodes`): a county's or zone's
newest message holds there, as far as no other message says that it replaces it, and a cancellation ends it there for
good. So a warning that is lifted for one county goes on in the next. Pure functions: no clock, no file but the goods.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import NamedTuple

from warehouse.hazards import OTHER, SEVERITIES, worst
from warehouse.reading.us_states import region_of
from warehouse.records import HazardEvent

# A message whose source says nothing of how bad it is counts as one of these.
_UNSAID = "moderate"
# The area of a message that names none: all of the hazard.
_ALL = ""
_COUNTRIES = {"US": "USA"}


class Good(NamedTuple):
    """Something a hazard touches: words to search for, and Katy's category where one fits."""

    words: str
    category: str | None
    essential: bool
    least: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard in force at a moment. `ends` is when it is over, by what is known; it has not `begun` while announced.

    `severity` is the worst that holds anywhere in it; `messages` are the ids of the messages in force; `areas` their
    area codes, without those where it was cancelled or has passed (empty where the messages name none).
    """

    source: str
    thread: str
    hazard: str
    event: str
    severity: str | None
    starts: datetime
    ends: datetime
    begun: bool
    regions: tuple[str, ...]
    areas: tuple[str, ...]
    messages: tuple[str, ...]


def goods_touched(hazard: str, severity: str | None) -> list[tuple[str, str | None]]:
    """(search words, category) of what such a hazard touches, in the order of the table; a severity unsaid is moderate.

    A hazard that stands nowhere touches nothing.
    """
    return [(good.words, good.category) for good in _touched(hazard, severity)]


def essentials(hazard: str, severity: str | None) -> list[tuple[str, str | None]]:
    """Of what such a hazard touches, what a household cannot do without."""
    return [(good.words, good.category) for good in _touched(hazard, severity) if good.essential]


def goods() -> dict[str, list[Good]]:
    """The whole table: hazard → goods."""
    return {name: list(said[1]) for name, said in _table().items()}


def active(events: Iterable[HazardEvent], at: datetime, region: str | None = None) -> list[Hazard]:
    """The hazards that are in force, or announced, at a moment, as far as was known then; the worst first.

    Only real messages (`status` actual) sent by `at` count. `region` ("US-MO", or "US" for all of it) leaves out what
    lies elsewhere; a hazard whose place is not known by region is then left out too.
    """
    known = _known(events, at)
    threads: dict[tuple[str, str], list[HazardEvent]] = defaultdict(list)
    for one in known:
        threads[one.source, one.thread].append(one)
    replaced = _replaced(known)
    found = (_state(messages, replaced, at, region) for messages in threads.values())
    return sorted((one for one in found if one is not None), key=_by_weight)


def _by_weight(one: Hazard) -> tuple[int, datetime, str, str]:
    return SEVERITIES.index(one.severity or _UNSAID), one.starts, one.source, one.thread


_Key = tuple[datetime, str, str, str, str, tuple[tuple[str, str], ...]]


def _known(events: Iterable[HazardEvent], at: datetime) -> list[HazardEvent]:
    """The real messages sent by then, each once, in an order that does not depend on which arrived first."""
    found: dict[_Key, HazardEvent] = {}
    for one in events:
        if one.sent <= at and one.status == "actual":
            key = (one.sent, one.source, one.thread, one.id, one.message_type, tuple(sorted(one.geocodes.items())))
            other = found.get(key)
            # Of two that say they are one message, always the same is taken.
            if other is None or repr(one) > repr(other):
                found[key] = one
    return [found[key] for key in sorted(found)]


def _replaced(known: Sequence[HazardEvent]) -> dict[tuple[str, str], datetime]:
    """(source, id) → when the newest message was sent that replaces it, whatever thread that stands in."""
    found: dict[tuple[str, str], datetime] = {}
    for one in known:
        for identity in (one.replaces or "").split():
            if identity != one.id:
                key = (one.source, identity)
                found[key] = max(found.get(key, one.sent), one.sent)
    return found


def _state(
    messages: list[HazardEvent], replaced: dict[tuple[str, str], datetime], at: datetime, region: str | None
) -> Hazard | None:
    """What is in force of one thread's messages (oldest first); None where nothing is."""
    cancelled: set[str] = set()
    newest: dict[str, HazardEvent] = {}
    latest = {one.id: one for one in messages}
    for one in messages:
        places = _places(one)
        if one.message_type == "cancel":
            cancelled |= places
        elif latest[one.id] is one and not _is_replaced(one, replaced):
            newest |= dict.fromkeys(places, one)
    if _ALL in cancelled:
        return None
    if cancelled:
        newest.pop(_ALL, None)
    force = {place: one for place, one in newest.items() if place not in cancelled and at < _end(one)}
    force = {place: one for place, one in force.items() if _lies_in(place, one, region)}
    if not force:
        return None
    live = [one for one in messages if any(one is other for other in force.values())]
    starts = min(one.starts or one.sent for one in live)
    return Hazard(
        source=live[-1].source,
        thread=live[-1].thread,
        hazard=live[-1].hazard,
        event=live[-1].event,
        severity=worst([one.severity for one in live]),
        starts=starts,
        ends=max(_end(one) for one in live),
        begun=starts <= at,
        regions=tuple(sorted({name for place, one in force.items() for name in _regions(place, one)})),
        areas=tuple(sorted(place for place in force if place)),
        messages=tuple(dict.fromkeys(one.id for one in live)),
    )


def _is_replaced(one: HazardEvent, replaced: dict[tuple[str, str], datetime]) -> bool:
    """An earthquake's preferred name may go back and forth: only what was sent later replaces."""
    when = replaced.get((one.source, one.id))
    return when is not None and when >= one.sent


def _end(one: HazardEvent) -> datetime:
    """When the hazard is over, by this message: its end, else the message's own, else as its kind lasts.

    So is what ends the moment it begins: an earthquake is over in a minute, and people are busy with it for weeks.
    """
    starts = one.starts or one.sent
    end = one.ends or one.expires
    if end is not None and end > starts:
        return end
    since = starts if end is not None else max(starts, one.sent)
    return since + timedelta(days=_lasts(one.hazard))


def ends_by(one: HazardEvent) -> datetime:
    """When a hazard is over, by one message."""
    return _end(one)


def regions_of(one: HazardEvent) -> set[str]:
    """All regions that a message is about."""
    return {name for place in _places(one) for name in _regions(place, one)}


def _places(one: HazardEvent) -> set[str]:
    codes = one.geocodes.get("UGC") or one.geocodes.get("SAME") or ""
    return set(codes.split()) or {_ALL}


def _lies_in(place: str, one: HazardEvent, region: str | None) -> bool:
    if region is None:
        return True
    if "-" in region:
        return region in _regions(place, one)
    here = {name.partition("-")[0] for name in _regions(place, one)} | {one.country or ""}
    return region in here or _COUNTRIES.get(region, region) in here


def _regions(place: str, one: HazardEvent) -> set[str]:
    """The regions of an area code: "MOC189" and "029189" lie in US-MO; else what the message says of itself."""
    state = place[:2] if place[2:3] in {"C", "Z"} else place[1:3] if place.isdecimal() else ""
    found = region_of(state) if state else None
    return {found} if found else {one.region} if one.region else set()


def _touched(hazard: str, severity: str | None) -> list[Good]:
    how_bad = severity if severity in SEVERITIES and severity != "unknown" else _UNSAID
    reached = SEVERITIES.index(how_bad)
    return [good for good in _table().get(hazard, _table()[OTHER])[1] if SEVERITIES.index(good.least) >= reached]


def _lasts(hazard: str) -> float:
    return _table().get(hazard, _table()[OTHER])[0]


@cache
def _table() -> dict[str, tuple[float, tuple[Good, ...]]]:
    """Hazard → (days it lasts, goods)."""
    raw = tomllib.loads(resources.files("features").joinpath("data/hazard_goods.toml").read_text("utf-8"))["hazard"]
    return {
        name: (
            float(said["lasts_days"]),
            tuple(
                Good(one["words"], one.get("category"), one.get("essential", False), one.get("least", _UNSAID))
                for one in said["goods"]
            ),
        )
        for name, said in raw.items()
    }

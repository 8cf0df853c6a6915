"""A hazard in the community's area is a reason to look early at the goods it touches: generators before the outage.

Which goods those are is data (`features/data/hazard_goods.toml`). Each hazard leads to one look at each searchable
source, however many messages it has; a worse severity leads to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from features.hazards import active, goods_touched
from flows.collect import Errand
from warehouse.home import Home
from warehouse.landed import read_landed
from warehouse.records import HazardEvent

# Messages older than this are of hazards that are over, or that everybody has long looked at.
_RECENT = timedelta(days=45)
# A look is for what people will search for first; the table names the most wanted goods first.
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class EarlyLook:
    """A visit made early, and why. `key` is the same for the same hazard, severity and source."""

    errand: Errand
    key: str
    why: str


def recent_hazards(home: Home, now: datetime) -> list[HazardEvent]:
    """The messages about hazards that landed lately."""
    return [one for one in read_landed(home, HazardEvent, since=now - _RECENT) if one.sent >= now - _RECENT]


def early_looks(
    events: Iterable[HazardEvent], now: datetime, areas: Sequence[str], searchable: Sequence[Errand]
) -> Iterator[EarlyLook]:
    """The looks that the hazards in force (or announced) in the areas ask for, the worst hazard's first.

    `areas` are ISO 3166-2 regions; `searchable` are the sources that can be asked for words.
    """
    known = list(events)
    hazards = {(one.source, one.thread): one for area in areas for one in active(known, now, area)}
    for hazard in hazards.values():
        words = tuple(text for text, _ in goods_touched(hazard.hazard, hazard.severity))[:_MOST_WORDS]
        for errand in searchable if words else ():
            yield EarlyLook(
                replace(errand, targets=words),
                f"{hazard.source}/{hazard.thread}/{hazard.severity}/{errand.name}",
                f"{hazard.event} ({hazard.severity or 'severity unknown'}) in {', '.join(hazard.regions) or areas[0]}",
            )

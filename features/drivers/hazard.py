"""Hazards: when one began, got worse, was told anew or ended in a region, as far as was known on each day.

A message counts from the day it was sent. A hazard that was called off before it began never began.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

import numpy as np

from features.drivers.table import Episodes
from features.hazards import ends_by, regions_of
from features.market import day_number
from warehouse.records import HazardEvent

WEIGHTS = {"extreme": 1.5, "severe": 1.0, "moderate": 0.5, "minor": 0.2}
_UNSAID = 0.5
_GOES_ON = 3  # days after a beginning within which another is the same, unless it is worse


def weight_of(severity: str | None) -> float:
    """How much a hazard of a severity counts; a severe one is 1."""
    return WEIGHTS.get(severity or "", _UNSAID)


def episodes(
    events: Iterable[HazardEvent], regions: Iterable[str], share: Callable[[str, int], float]
) -> dict[tuple[str, str], Episodes]:
    """Episodes by kind and region, of `regions` alone. `share(region, day)` is its part of all offers until a day."""
    wanted = set(regions)
    threads: dict[tuple[str, str], list[HazardEvent]] = defaultdict(list)
    for one in events:
        if one.status == "actual":
            threads[one.source, one.thread].append(one)
    found: dict[tuple[str, str], list[_Story]] = defaultdict(list)
    for key in sorted(threads):
        messages = sorted(threads[key], key=lambda one: (one.sent, one.id))
        for region in sorted({name for one in messages for name in regions_of(one)} & wanted):
            told = [one for one in messages if region in regions_of(one) or one.message_type == "cancel"]
            found[messages[-1].hazard, region].append(_Story(told))
    return {(hazard, region): _together(stories, region, share) for (hazard, region), stories in sorted(found.items())}


class _Story:
    """What one thread of messages says of one region, oldest first."""

    def __init__(self, messages: list[HazardEvent]) -> None:
        self.starts: list[tuple[int, float]] = []
        self.spans: list[tuple[int, int]] = []
        self.news: list[int] = []
        worst, begun = 0.0, None
        for place, one in enumerate(messages):
            sent = _day(one.sent)
            until = _day(messages[place + 1].sent) if place + 1 < len(messages) else 10**9
            if one.message_type == "cancel":
                if begun is not None:
                    self.news.append(sent)
                continue
            start, end = max(_day(one.starts or one.sent), sent), _day(ends_by(one))
            if start >= until:
                continue  # another message came before it would have begun
            weight = weight_of(one.severity)
            if weight > worst:
                self.starts.append((start, weight))
                worst = weight
            self.news.append(start if begun is None else sent)
            begun = start if begun is None else begun
            if end >= start:
                self.spans.append((start, min(end, until)))
            if end < until:
                self.news.append(end + 1)


def _together(stories: list[_Story], region: str, share: Callable[[str, int], float]) -> Episodes:
    """One list of beginnings from several threads: what begins soon after another is no new one unless it is worse."""
    kept: list[tuple[int, float]] = []
    for start, weight in sorted(one for story in stories for one in story.starts):
        if not any(start - other <= _GOES_ON and weight <= known for other, known in kept[-3:]):
            kept.append((start, weight))
    spans = sorted({span for story in stories for span in story.spans})
    return Episodes(
        start=np.array([start for start, _ in kept], np.int64),
        weight=np.array([weight for _, weight in kept], float),
        share=np.array([share(region, start) for start, _ in kept], float),
        active=np.array(spans, np.int64).reshape(-1, 2),
        news=np.array(sorted({day for story in stories for day in story.news}), np.int64),
    )


def _day(moment: datetime) -> int:
    return day_number(moment.date())

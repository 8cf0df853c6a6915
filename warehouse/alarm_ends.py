"""Alarms of monitors that look at the whole again each time: what they no longer find is over, without any visit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from warehouse.alarms import OVER, Finding, printable, raise_alarms, standing
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import Alarm, Judgement


def keep_alarms(home: Home, source: str, findings: Sequence[Finding], clock: Callable[[], datetime]) -> list[Alarm]:
    """Raise what is new among all of a monitor's findings, and end its alarms that it does not find any more.

    Returns the new ones. A dismissed alarm stays silent as long as it goes on; when it comes back it is a new one.
    """
    found = {(one.kind, printable(one.about), str(one.detail.get("base") or "")) for one in findings}
    gone = [one.alarm for one in standing(home, source) if one.key not in found]
    if gone:
        now = clock().astimezone(UTC)
        run = new_run(now)
        land(home, [_over(alarm, now, run, row) for row, alarm in enumerate(gone, 1)], source=source, run=run, now=now)
    return raise_alarms(home, source, findings, clock)


def _over(alarm: Alarm, now: datetime, run: str, row: int) -> Judgement:
    return Judgement(
        id=hashlib.sha256(f"{OVER}\n{alarm.id}\n{run}".encode()).hexdigest()[:24],
        source=alarm.source,
        about=alarm.id,
        verdict=OVER,
        detail_json=json.dumps({"kind": alarm.kind, "about": alarm.about}, ensure_ascii=False),
        judged_at=now,
        run=run,
        row=row,
    )

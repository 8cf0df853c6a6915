"""What a monitor no longer finds is over, without any visit of a source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from warehouse.alarm_ends import keep_alarms
from warehouse.alarms import Finding, dismiss, open_alarms
from warehouse.home import Home


def finding(about: str) -> Finding:
    return Finding("coverage", about, "warning", f"{about} is off", {"n": 100})


def test_an_alarm_goes_on_ends_and_comes_back_as_a_new_one(tmp_path: Path) -> None:
    home, now = Home(tmp_path), datetime(2026, 1, 1, tzinfo=UTC)

    def keep(*abouts: str) -> list[str]:
        nonlocal now
        now += timedelta(hours=1)
        keep_alarms(home, "katy.models", [finding(each) for each in abouts], lambda: now)
        return sorted(f"{one.alarm.about} {one.alarm.id}" for one in open_alarms(home))

    first = keep("drill", "laptop")
    assert keep("drill", "laptop") == first
    (left,) = keep("drill")
    assert left in first
    assert keep() == []
    (again,) = keep("laptop")
    assert again not in first
    dismiss(home, again.split()[1], clock=lambda: now)
    assert keep("laptop") == []

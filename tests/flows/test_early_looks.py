"""A hazard in the community's area leads to an early look at the goods it touches, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flows.collect import Errand
from flows.early import early_looks, recent_hazards
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import HazardEvent

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SHOPS = [Errand(agent="ebay_browse", targets=("drill",)), Errand(agent="reverb", source="guitars", base="http://x/")]
RUN = new_run(NOW)


def hazard(identity: str = "a", **said: object) -> HazardEvent:
    values: dict[str, object] = {
        "source": "nws",
        "id": identity,
        "thread": "KLSX.FL.W.1.2026",
        "event": "Flood Warning",
        "hazard": "flood",
        "status": "actual",
        "message_type": "alert",
        "sent": NOW - timedelta(hours=1),
        "starts": NOW,
        "ends": NOW + timedelta(days=2),
        "severity": "severe",
        "region": "US-MO",
        "run": RUN,
        "row": 1,
        "found_at": "here",
    }
    return HazardEvent(**{**values, **said})  # type: ignore[arg-type]


def test_a_flood_here_is_a_reason_to_look_for_pumps_everywhere_that_can_be_searched() -> None:
    looks = list(early_looks([hazard()], NOW, ["US-MO"], SHOPS))
    assert [look.errand.name for look in looks] == ["ebay_browse", "guitars"]
    assert all("sump pump" in look.errand.targets and "drill" not in look.errand.targets for look in looks)
    assert "Flood Warning (severe) in US-MO" in looks[0].why
    assert looks[1].errand.base == "http://x/"


@pytest.mark.parametrize(
    "said",
    [
        {"region": "US-CA"},
        {"status": "exercise"},
        {"sent": NOW + timedelta(hours=1)},
        {"starts": NOW - timedelta(hours=9), "ends": NOW - timedelta(hours=2)},
    ],
)
def test_what_is_elsewhere_an_exercise_not_known_yet_or_over_is_no_reason(said: dict[str, object]) -> None:
    assert list(early_looks([hazard(**said)], NOW, ["US-MO"], SHOPS)) == []


def test_many_messages_about_one_hazard_lead_to_one_look_and_a_worse_severity_to_another() -> None:
    first = list(early_looks([hazard()], NOW, ["US-MO"], SHOPS[:1]))
    update = hazard("b", message_type="update", sent=NOW, replaces="a")
    again = list(early_looks([hazard(), update], NOW, ["US-MO"], SHOPS[:1]))
    assert [look.key for look in again] == [look.key for look in first]
    worse = hazard("c", message_type="update", sent=NOW, severity="extreme", replaces="a b")
    assert next(iter(early_looks([hazard(), worse], NOW, ["US-MO"], SHOPS[:1]))).key != first[0].key


def test_without_an_area_nothing_is_a_reason() -> None:
    assert list(early_looks([hazard()], NOW, [], SHOPS)) == []


def test_hazards_are_read_from_what_has_landed_lately(tmp_path: object) -> None:
    home = Home(tmp_path)  # type: ignore[arg-type]
    old = new_run(NOW - timedelta(days=90))
    land(home, [hazard(geocodes={"SAME": "029183"})], source="nws", run=RUN, now=NOW)
    land(home, [hazard("old", run=old)], source="nws", run=old, now=NOW - timedelta(days=90))
    found = recent_hazards(home, NOW)
    assert [(one.id, one.geocodes) for one in found] == [("a", {"SAME": "029183"})]

"""Which hazards are in force at a moment, and what they touch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from features import hazards
from features.hazards import active, essentials, goods_touched
from features.taxonomy import categorise
from warehouse.hazards import SEVERITIES
from warehouse.hazards import hazards as vocabulary
from warehouse.records import HazardEvent

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def message(**fields):
    known = {
        "source": "nws", "id": "a", "thread": "flood 1", "event": "Flood Warning", "hazard": "flood",
        "status": "actual", "message_type": "alert", "sent": NOON, "region": "US-MO", "country": "USA", "run": "",
        "row": 1, "found_at": "here",
    }  # fmt: skip
    return HazardEvent(**(known | fields))


def ids(events, at, region=None):
    return [name for one in active(events, at, region) for name in one.messages]


def test_an_update_takes_the_place_of_what_it_updates():
    warning = message(ends=NOON + 4 * HOUR, severity="moderate")
    longer = message(
        id="b", sent=NOON + HOUR, message_type="update", replaces="a", ends=NOON + 9 * HOUR, severity="severe"
    )
    (before,) = active([warning, longer], NOON)
    assert (before.messages, before.ends, before.severity) == (("a",), NOON + 4 * HOUR, "moderate")
    (after,) = active([warning, longer], NOON + 5 * HOUR)
    assert (after.messages, after.ends, after.severity) == (("b",), NOON + 9 * HOUR, "severe")


def test_a_cancellation_ends_it_at_once():
    events = [message(ends=NOON + DAY), message(id="c", sent=NOON + HOUR, message_type="cancel", replaces="a")]
    assert ids(events, NOON + HOUR - timedelta(seconds=1)) == ["a"]
    assert ids(events, NOON + HOUR) == []


def test_a_cancellation_for_one_county_leaves_the_next_in_force():
    both = {"UGC": "MOC183 MOC189"}
    events = [
        message(ends=NOON + 4 * HOUR, geocodes=both),
        message(id="c", sent=NOON + HOUR, message_type="cancel", replaces="a", geocodes={"UGC": "MOC183"}),
        message(
            id="u", sent=NOON + HOUR, message_type="update", replaces="a", geocodes={"UGC": "MOC189"}, ends=NOON + DAY
        ),
    ]
    (left,) = active(events, NOON + 2 * HOUR)
    assert (left.areas, left.messages) == (("MOC189",), ("u",))


def test_counties_of_a_declaration_stand_beside_each_other():
    rows = [
        message(source="openfema", id=code, thread="DR-4700-MO", geocodes={"SAME": code}, sent=NOON + number * HOUR)
        for number, code in enumerate(["029183", "029189"])
    ]
    (one,) = active(rows, NOON + 2 * HOUR)
    assert one.areas == ("029183", "029189")


def test_it_is_over_at_its_end_else_when_the_message_expires_else_after_what_its_kind_lasts():
    watch = message(expires=NOON + HOUR, ends=NOON + 8 * HOUR)
    assert ids([watch], NOON + 2 * HOUR) == ["a"], "the message has run out, what it tells of has not"
    assert ids([watch], NOON + 8 * HOUR) == []
    assert ids([message(expires=NOON + HOUR)], NOON + HOUR) == []
    endless = message()
    assert ids([endless], NOON + 6 * DAY) == ["a"]
    assert ids([endless], NOON + 7 * DAY) == []


def test_an_earthquake_is_over_in_a_minute_and_touches_people_for_weeks():
    quake = message(hazard="earthquake", starts=NOON, ends=NOON)
    assert ids([quake], NOON + 14 * DAY) == ["a"]
    assert ids([quake], NOON + 22 * DAY) == []


def test_what_is_announced_is_told_and_has_not_begun():
    (coming,) = active([message(starts=NOON + DAY, ends=NOON + 2 * DAY)], NOON)
    assert (coming.begun, coming.starts) == (False, NOON + DAY)
    (here,) = active([message(starts=NOON + DAY, ends=NOON + 2 * DAY)], NOON + DAY)
    assert here.begun


@pytest.mark.parametrize("status", ["test", "exercise", "system", "draft"])
def test_tests_and_exercises_do_nothing_and_cancel_nothing(status):
    assert ids([message(status=status)], NOON) == []
    ending = message(id="c", message_type="cancel", status=status, sent=NOON + HOUR, replaces="a")
    assert ids([message(), ending], NOON + 2 * HOUR) == ["a"]


def test_a_region_sees_its_own_areas_of_a_hazard_of_two_states():
    wide = message(region=None, geocodes={"UGC": "ILZ060 MOZ064"})
    (here,) = active([wide], NOON, "US-MO")
    assert (here.areas, here.regions) == (("MOZ064",), ("US-MO",))
    assert ids([wide], NOON, "US-KS") == []
    assert ids([wide], NOON, "US") == ["a"]
    assert ids([message(region=None, country="USA")], NOON, "US-MO") == [], "somewhere in a country is not here"
    assert ids([message(region=None, country="USA")], NOON, "US") == ["a"]
    assert ids([message(geocodes={"SAME": "029189"}, region=None)], NOON, "US-MO") == ["a"]


def test_an_earthquake_that_changes_its_preferred_name_is_one():
    first = message(source="usgs", id="us1", thread="ci1", replaces="ci1", hazard="earthquake")
    renamed = message(source="usgs", id="ci1", thread="ci1", replaces="us1", hazard="earthquake", sent=NOON + HOUR)
    again = message(source="usgs", id="us1", thread="ci1", replaces="ci1", hazard="earthquake", sent=NOON + 2 * HOUR)
    assert ids([first, renamed, again], NOON + HOUR) == ["ci1"]
    assert ids([first, renamed, again], NOON + 2 * HOUR) == ["us1"]


def test_the_worst_comes_first():
    events = [
        message(thread="minor", severity="minor"),
        message(id="b", thread="extreme", severity="extreme"),
        message(id="c", thread="unsaid"),
    ]
    assert [one.thread for one in active(events, NOON)] == ["extreme", "unsaid", "minor"]


def test_a_worse_hazard_touches_all_that_a_lesser_one_does():
    for hazard in vocabulary():
        touched = [set(goods_touched(hazard, severity)) for severity in reversed(SEVERITIES[:4])]
        assert all(less <= more for less, more in pairwise(touched)), hazard


def test_a_flood_touches_pumps_and_a_severe_one_mattresses():
    assert ("sump pump", "pump") in goods_touched("flood", "minor")
    assert ("mattress", "bed") not in goods_touched("flood", "moderate")
    assert ("mattress", "bed") in goods_touched("flood", "severe")
    assert goods_touched("flood", None) == goods_touched("flood", "unknown") == goods_touched("flood", "moderate")
    assert ("generator", "generator") in essentials("flood", "moderate")
    assert set(essentials("flood", "extreme")) < set(goods_touched("flood", "extreme"))
    assert goods_touched("a rain of frogs", "extreme") == []


def test_every_hazard_has_its_line_and_every_good_its_right_category():
    table = hazards.goods()
    assert set(table) == set(vocabulary())
    for hazard, goods in table.items():
        for good in goods:
            assert good.least in SEVERITIES[:4], hazard
            # Words that name a category for the title reader must not be filed under another one by hand.
            read = categorise(None, good.words)
            assert good.category in {None, read} or read == "other", f"{hazard}: {good.words} reads as {read}"
            assert good.category is None or categorise(good.category, "") == good.category

"""What must hold of hazards whatever the messages are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from features.hazards import active
from warehouse.records import HazardEvent

START = datetime(2026, 3, 1, tzinfo=UTC)


def _moments(hours: int = 96) -> st.SearchStrategy[datetime]:
    return st.integers(0, hours).map(lambda hour: START + timedelta(hours=hour))


_IDS = st.sampled_from(["a", "b", "c", "d", "e"])
_AREAS = st.sampled_from(["", "MOC183", "MOC189", "MOC183 MOC189", "ILC163 MOC189"])


@st.composite
def _message(draw: st.DrawFn) -> HazardEvent:
    areas = draw(_AREAS)
    return HazardEvent(
        source=draw(st.sampled_from(["nws", "usgs"])),
        id=draw(_IDS),
        thread=draw(st.sampled_from(["one", "two"])),
        event="Flood Warning",
        hazard=draw(st.sampled_from(["flood", "earthquake", "something new"])),
        status=draw(st.sampled_from(["actual", "actual", "actual", "test"])),
        message_type=draw(st.sampled_from(["alert", "update", "cancel"])),
        sent=draw(_moments()),
        starts=draw(st.none() | _moments()),
        ends=draw(st.none() | _moments()),
        expires=draw(st.none() | _moments()),
        severity=draw(st.sampled_from([None, "minor", "severe", "unknown"])),
        region=draw(st.sampled_from([None, "US-MO", "US-IL"])),
        geocodes={"UGC": areas} if areas else {},
        replaces=" ".join(draw(st.lists(_IDS, max_size=2, unique=True))) or None,
        run="",
        row=1,
        found_at="here",
    )


_MESSAGES = st.lists(_message(), max_size=10)
_REGIONS = st.sampled_from([None, "US", "US-MO", "US-IL"])


@settings(max_examples=40, deadline=None)
@given(_MESSAGES, _moments(), _REGIONS, st.randoms(use_true_random=False))
def test_the_order_in_which_messages_arrive_does_not_matter(messages, at, region, chance):
    shuffled = [*messages, *messages[:2]]
    chance.shuffle(shuffled)
    assert active(shuffled, at, region) == active(messages, at, region)


@settings(max_examples=40, deadline=None)
@given(_MESSAGES, _moments(), _REGIONS)
def test_what_is_sent_later_changes_nothing_of_what_was_known(messages, at, region):
    assert active(messages, at, region) == active([one for one in messages if one.sent <= at], at, region)


@settings(max_examples=40, deadline=None)
@given(_MESSAGES, _moments(), st.data())
def test_a_cancellation_is_final(messages, at, data):
    cancels = [one for one in messages if one.message_type == "cancel" and one.status == "actual" and one.sent <= at]
    in_force = {(one.source, one.thread): set(one.areas) or {""} for one in active(messages, at)}
    for cancel in cancels:
        left = in_force.get((cancel.source, cancel.thread), set())
        ended = set((cancel.geocodes.get("UGC") or "").split())
        assert not left & (ended | {""}), "neither a cancelled area nor all of it is in force"
        assert ended or not left, "a cancellation that names no area ends all of it"


@settings(max_examples=40, deadline=None)
@given(_MESSAGES, _moments())
def test_what_is_in_force_ends_later_and_stands_on_a_real_message(messages, at):
    by_name = {(one.source, one.id): one for one in messages if one.status == "actual" and one.message_type != "cancel"}
    for one in active(messages, at):
        assert at < one.ends
        assert one.begun == (one.starts <= at)
        assert all((one.source, name) in by_name for name in one.messages)


@settings(max_examples=40, deadline=None)
@given(_MESSAGES, _moments())
def test_a_region_never_sees_more_than_the_whole(messages, at):
    whole = {(one.source, one.thread): set(one.areas) for one in active(messages, at)}
    for one in active(messages, at, "US-MO"):
        assert set(one.areas) <= whole[one.source, one.thread]
        assert one.regions == ("US-MO",)

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from warehouse import quarantine
from warehouse.errors import BadInput, KatyError
from warehouse.records import Judgement, Quarantined

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def refused(name, line=1):
    return Quarantined(
        id=name, source="fair", of_record="listing", reason="no_price", message="no price", row_json='{"price": ""}',
        found_at=f"fair.csv line {line}", reading_json="{}", quarantined_at=NOON, run="", row=line,
    )  # fmt: skip


def release(about, when=NOON):
    return Judgement(
        id=f"release {about}", source="person", about=about, verdict="release", detail_json="{}", judged_at=when,
        run="", row=1,
    )  # fmt: skip


def test_an_empty_quarantine_is_an_empty_list(market):
    assert quarantine.listing(market.home) == []


def test_a_row_refused_again_is_held_once_as_it_was_first_met(market):
    market.land(refused("aa1", 7), refused("bb2", 9))
    market.land(refused("aa1", 70))
    assert [(held.row.id, held.row.found_at) for held in quarantine.listing(market.home)] == [
        ("aa1", "fair.csv line 7"), ("bb2", "fair.csv line 9"),
    ]  # fmt: skip


def test_a_release_is_seen_at_once_and_its_first_time_stands(market):
    market.land(refused("aa1"), refused("bb2"))
    market.land(release("aa1", NOON + timedelta(hours=2)))
    market.land(release("aa1", NOON + timedelta(hours=1)))
    held = {one.row.id: one.released_at for one in quarantine.listing(market.home)}
    assert held == {"aa1": NOON + timedelta(hours=1), "bb2": None}
    assert quarantine.find(market.home, "aa1").released


def test_a_row_is_found_by_the_beginning_of_its_id(market):
    market.land(refused("aa1"), refused("aa12"), refused("ab2"))
    assert quarantine.find(market.home, "ab").row.id == "ab2"
    assert quarantine.find(market.home, "aa1").row.id == "aa1"
    with pytest.raises(BadInput, match=r"could be 3 quarantined rows \(aa1, aa12, ab2\)"):
        quarantine.find(market.home, "a")
    for nothing in ("c", ""):
        with pytest.raises(BadInput, match="no quarantined row"):
            quarantine.find(market.home, nothing)


def test_a_file_that_cannot_be_read_is_named(market):
    (path,) = market.land(refused("aa1"))
    path.write_bytes(b"PAR1")
    with pytest.raises(KatyError, match=path.name):
        quarantine.listing(market.home)

"""Community work that waits for its credit, and who it waits for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.community import work
from ledger.trust import leaving


@pytest.mark.parametrize("leave", [leaving.close, leaving.expel])
def test_the_work_of_who_has_left_takes_no_room_from_those_behind_it(town: Any, leave: Any) -> None:
    ada, bob, eve = town.member("Ada"), town.member("Bob"), town.member("Eve")
    for who, key in ((eve, "a"), (bob, "b")):
        told: dict[str, Any] = {"by": "operator", "done_on": date(2026, 11, 14), "note": "park"}
        work.record(town.ledger, key=key, account_id=who, minutes=60, **told)
        town.clock.move(seconds=1)
    leave(town.ledger, by="operator", account_id=eve)
    town.trade(ada, bob, 12 * 60)  # 240 K: a tenth of it carries an hour and twelve minutes

    assert [(each.account, each.moved) for each in town.run("work").moved] == [(bob, 60)]
    town.sound()

"""Runs and shares page by page, on both databases: pages together are the whole, whatever their size."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.books.errors import Unknown
from ledger.community import listing
from warehouse.errors import BadInput


@pytest.fixture
def busy(town: Any) -> tuple[Any, list[str]]:
    """Five members who got a grant and, two runs at one moment, paid demurrage and got what a jubilee gives."""
    members = [town.member(f"Member {number}") for number in range(5)]
    mill = town.member("Mill", "business", "business")
    town.clock.move(days=8)
    town.run("grants")
    town.pay(mill, members[0], 900_00)
    town.clock.move(days=120)
    town.run("demurrage")
    town.run("jubilee")
    return town, members


def test_pages_of_runs_and_shares_are_the_whole_in_its_order(busy: tuple[Any, list[str]]) -> None:
    town, members = busy
    whole = listing.runs(town.ledger)
    assert [each.rule for each in whole] == ["demurrage", "jubilee", "grants"]
    after, paged = None, []
    while found := listing.runs(town.ledger, after=after, limit=1):
        paged += found
        after = found[-1].key
    assert paged == whole

    mine = listing.shares_of_account(town.ledger, members[0])
    assert {each.account for each in mine} == {members[0]}
    mark, paged_shares = None, []
    while part := listing.shares_of_account(town.ledger, members[0], after=mark, limit=1):
        paged_shares += part
        mark = (part[-1].rule, part[-1].period), part[-1].number
    assert paged_shares == mine
    for run in whole:
        shares = listing.shares_of_run(town.ledger, run.rule, run.period, limit=200)
        assert len(shares) == run.shares
        assert shares[2:] == listing.shares_of_run(town.ledger, run.rule, run.period, after=2, limit=200)
        told = sum(each.given - each.taken for each in run.totals)
        assert told == sum(each.moved or 0 for each in shares)


def test_a_run_that_was_not_made_is_nowhere(town: Any) -> None:
    with pytest.raises(Unknown):
        listing.run(town.ledger, "grants", "2026-11")
    with pytest.raises(BadInput):
        listing.runs(town.ledger, after=("grants", "2026-11"))
    assert listing.names(town.ledger, []) == {}

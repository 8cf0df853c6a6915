"""However much is open, all of it is on some page: nothing waits for somebody unseen. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ledger import to_sign, to_sign_schedules, waiting
from ledger.books import promises, seen
from ledger.books.errors import Unknown
from ledger.books.paging import Page
from ledger.books.store import Ledger
from ledger.trading import delivering, schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft
from warehouse.errors import BadInput


def work_for(ledger: Ledger, by: str, to: str, amount: int, key: str) -> str:
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=amount * 60 // 20_00),
        LegDraft(giver="counterparty", kind="k", amount=amount),
    ]
    return trades.propose(ledger, key=key, proposer=by, counterparty=to, legs=legs).id


def work_twice(ledger: Ledger, by: str, to: str, amount: int, key: str) -> str:
    day = ledger.clock().date() + timedelta(days=2)
    work = LegDraft(giver="proposer", kind="time", minutes=amount * 60 // 20_00)
    legs = [
        ScheduledDraft(leg=work, first_day=day, every_days=7, times=2),
        ScheduledDraft(
            leg=LegDraft(giver="counterparty", kind="k", amount=amount), first_day=day, every_days=7, times=2
        ),
    ]
    return schedules.propose(ledger, key=key, proposer=by, counterparty=to, legs=legs).id


def walked(read: Callable[..., Page[Any]], *asked: Any, **said: Any) -> list[list[Any]]:
    """All pages of a list, from the first to the one behind which nothing is."""
    found: list[list[Any]] = []
    after: str | None = None
    while not found or after is not None:
        page = read(*asked, after=after, **said)
        found.append(list(page.items))
        after = page.next
    return found


def test_open_trades_and_schedules_are_read_to_the_last_one(ledger: Ledger, clock: Any, ada: str, bob: str) -> None:
    made: dict[Any, list[str]] = {waiting.trades: [], waiting.schedules: []}
    for number in range(5):
        clock.move(minutes=number % 2)  # some at the same moment
        made[waiting.trades].append(work_for(ledger, ada, bob, 20_00, f"t{number}"))
        made[waiting.schedules].append(work_twice(ledger, ada, bob, 20_00, f"s{number}"))
    for read, ids in made.items():
        pages = walked(read, ledger, bob, limit=2)
        told = [each for page in pages for each in page]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert sorted(each.id for each in told) == sorted(ids)
        newest_first = sorted(told, key=lambda each: (each.proposed_at, each.id), reverse=True)
        assert told == newest_first == list(read(ledger, bob).items)


def test_a_page_goes_on_only_behind_what_its_reader_may_know_of(
    ledger: Ledger, ada: str, bob: str, eve: str, mill: str
) -> None:
    trade, schedule = work_for(ledger, eve, mill, 600_00, "t"), work_twice(ledger, eve, mill, 600_00, "s")
    owed = promises.promise(ledger, key="p", payer=bob, payee=eve, amount=1_00).id
    readers: list[tuple[Any, str, str]] = [
        (waiting.trades, trade, ada),
        (waiting.schedules, schedule, ada),
        (to_sign.listing, trade, eve),
        (to_sign_schedules.listing, schedule, eve),
        (seen.waiting, owed, ada),
    ]
    for read, after, stranger in readers:
        with pytest.raises(Unknown, match="to go on from"):
            read(ledger, stranger, after=after)
        for limit in (0, 201):
            with pytest.raises(BadInput, match="a page has 1 to"):
                read(ledger, eve, limit=limit)


@pytest.mark.parametrize(("make", "read"), [(work_for, to_sign.listing), (work_twice, to_sign_schedules.listing)])
def test_what_is_to_be_signed_is_found_behind_much_that_needs_no_signature(
    ledger: Ledger, clock: Any, ada: str, eve: str, mill: str, monkeypatch: pytest.MonkeyPatch, make: Any, read: Any
) -> None:
    monkeypatch.setattr(waiting, "MOST_LOOKED_AT", 3)
    large = make(ledger, eve, mill, 600_00, "large")
    for number in range(7):
        clock.move(minutes=1)
        make(ledger, eve, mill, 10_00, f"small{number}")

    pages = walked(read, ledger, ada)
    assert [len(page) for page in pages] == [0, 0, 1]  # three are looked at for each
    (found,) = pages[-1]
    assert (found.trade if read is to_sign.listing else found.schedule).id == large


def test_a_trade_signed_since_the_page_was_read_is_gone_on_from_all_the_same(
    ledger: Ledger, clock: Any, ada: str, eve: str, mill: str
) -> None:
    older = work_for(ledger, eve, mill, 600_00, "1")
    clock.move(minutes=1)
    newer = work_for(ledger, eve, mill, 600_00, "2")
    first = to_sign.listing(ledger, ada, limit=1)
    assert ([each.trade.id for each in first.items], first.next) == ([newer], newer)
    terms = first.items[0].trade.terms_sha256
    delivering.sign(ledger, key="s", by=ada, trade_id=newer, terms=terms)
    assert [each.trade.id for each in to_sign.listing(ledger, ada, after=first.next).items] == [older]


def test_open_promises_are_read_to_the_last_one_and_those_that_ran_out_take_no_place(
    ledger: Ledger, clock: Any, ada: str, bob: str
) -> None:
    for number in range(3):
        promises.promise(ledger, key=f"x{number}", payer=ada, payee=bob, amount=1_00, lasts=timedelta(hours=1))
    clock.move(hours=2)
    made = [promises.promise(ledger, key=f"{n}", payer=ada, payee=bob, amount=1_00).id for n in range(3)]

    pages = walked(seen.waiting, ledger, bob, limit=2)
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(each.hold.id for page in pages for each in page) == sorted(made)

"""The outbox: repeated, not doubled; told at least once to each target; gone when dismissed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger.books.errors import KeyReused, Unknown
from ledger.books.store import Ledger
from ledger.watching import outbox
from ledger.watching.outbox import Draft


def draft(account: str, evidence: str = "monday", cause: str = "it rains") -> Draft:
    return Draft(
        account=account,
        kind="weather",
        cause=cause,
        evidence=evidence,
        subject=f"{cause} on {evidence}",
        body="Take a coat.",
        data={"mm": "3.5"},
    )


def test_the_same_cause_repeats_the_notice_and_the_same_evidence_does_not(ledger: Ledger, ada: str, clock: Any) -> None:
    first = outbox.put(ledger, draft(ada))
    assert outbox.put(ledger, draft(ada)) is None
    clock.move(hours=1)
    again = outbox.put(ledger, draft(ada, "tuesday"))

    assert first is not None
    assert again is not None
    assert (again.id, again.created_at, again.repeated) == (first.id, first.created_at, 1)
    assert again.put_at > first.put_at
    assert outbox.listing(ledger, ada) == [again]
    assert again.data == {"mm": "3.5"}


def test_another_cause_or_another_account_is_another_notice(ledger: Ledger, ada: str, bob: str) -> None:
    made = [outbox.put(ledger, each) for each in (draft(ada), draft(ada, cause="it snows"), draft(bob))]
    assert len({each.id for each in made if each}) == 3
    assert len(outbox.listing(ledger, ada)) == 2
    assert len(outbox.listing(ledger, None)) == 3


def test_each_target_has_what_it_was_not_told(ledger: Ledger, ada: str) -> None:
    outbox.put(ledger, draft(ada))
    (taken,) = outbox.pending(ledger, "log")
    assert outbox.pending(ledger, "log") == [taken], "taken and not told is pending still"

    outbox.mark_told(ledger, taken, "log")
    assert outbox.pending(ledger, "log") == []
    (for_mail,) = outbox.pending(ledger, "mail")
    assert for_mail.last_told_at is not None

    outbox.put(ledger, draft(ada, "tuesday"))
    assert [each.repeated for each in outbox.pending(ledger, "log")] == [1]


def test_what_is_repeated_while_it_is_being_told_is_told_again(ledger: Ledger, ada: str) -> None:
    outbox.put(ledger, draft(ada))
    (taken,) = outbox.pending(ledger, "log")
    outbox.put(ledger, draft(ada, "tuesday"))
    outbox.mark_told(ledger, taken, "log")

    (again,) = outbox.pending(ledger, "log")
    outbox.mark_told(ledger, again, "log")
    outbox.mark_told(ledger, taken, "log")
    assert outbox.pending(ledger, "log") == [], "a slow first telling does not undo the second"


def test_dismissed_is_told_no_more_and_the_next_time_is_a_new_notice(ledger: Ledger, ada: str) -> None:
    first = outbox.put(ledger, draft(ada))
    assert first is not None
    gone = outbox.dismiss(ledger, key="1", by=ada, notice_id=first.id)

    assert gone.dismissed_at is not None
    assert outbox.dismiss(ledger, key="2", by=ada, notice_id=first.id) == gone
    assert outbox.pending(ledger, "log") == outbox.listing(ledger, ada) == []
    assert outbox.listing(ledger, ada, dismissed=True) == [gone]
    anew = outbox.put(ledger, draft(ada))
    assert anew is not None
    assert (anew.id != first.id, anew.repeated) == (True, 0)


def test_nobody_dismisses_or_pages_through_what_is_told_to_others(ledger: Ledger, ada: str, bob: str) -> None:
    told = outbox.put(ledger, draft(ada))
    assert told is not None
    with pytest.raises(Unknown, match="among yours"):
        outbox.dismiss(ledger, key="1", by=bob, notice_id=told.id)
    with pytest.raises(Unknown, match="among yours"):
        outbox.listing(ledger, bob, before=told.id)
    assert outbox.owner(ledger, told.id) == ada
    with pytest.raises(Unknown, match="katy notices"):
        outbox.owner(ledger, "notice_0")


def test_one_key_dismisses_one_notice(ledger: Ledger, ada: str) -> None:
    first, second = (outbox.put(ledger, draft(ada, cause=cause)) for cause in ("rain", "snow"))
    assert first is not None
    assert second is not None
    outbox.dismiss(ledger, key="k", by=ada, notice_id=first.id)
    with pytest.raises(KeyReused):
        outbox.dismiss(ledger, key="k", by=ada, notice_id=second.id)


def test_pages_go_through_all_notices_once(ledger: Ledger, ada: str, clock: Any) -> None:
    for number in range(7):
        outbox.put(ledger, draft(ada, cause=str(number)))
        clock.move(hours=number % 2)
    seen: list[str] = []
    while page := outbox.listing(ledger, ada, before=seen[-1] if seen else None, limit=2):
        seen += [each.id for each in page]
    assert seen == [each.id for each in outbox.listing(ledger, ada)]
    assert len(set(seen)) == 7


def test_sixteen_that_put_the_same_put_one(ledger: Ledger, ada: str) -> None:
    with ThreadPoolExecutor(16) as putters:
        made = list(putters.map(lambda _: outbox.put(ledger, draft(ada)), range(16)))
    assert sum(each is not None for each in made) == 1
    assert len(outbox.listing(ledger, ada)) == 1


def test_things_that_are_no_notices_are_counted_for_each_target(ledger: Ledger, ada: str, clock: Any) -> None:
    assert outbox.times_told(ledger, "log", ["alarm:1"]) == {}
    outbox.count_told(ledger, "log", ["alarm:1", "alarm:2"])
    clock.move(days=1)
    outbox.count_told(ledger, "log", ["alarm:1"])

    told = outbox.times_told(ledger, "log", ["alarm:1", "alarm:2", "alarm:3"])
    assert {thing: number for thing, (number, _) in told.items()} == {"alarm:1": 2, "alarm:2": 1}
    assert told["alarm:1"][1] > told["alarm:2"][1]
    assert outbox.times_told(ledger, "mail", ["alarm:1"]) == {}

"""Many at once: no limit on invitations is passed, a code opens one account, and the log stays whole."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ledger.books import accounts, audit_log
from ledger.books.errors import LedgerError
from ledger.books.store import Ledger
from ledger.trust import invitations, levels, vouches


def at_once(work: Callable[[int], Any], number: int = 8) -> list[Any]:
    """What came of each; None where it was refused."""

    def tried(place: int) -> Any:
        try:
            return work(place)
        except LedgerError:
            return None

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(tried, range(number)))


def test_no_more_invitations_are_open_than_may_be(ledger: Ledger) -> None:
    ada = accounts.create(ledger, "Ada", tier="verified")[0].id
    made = at_once(lambda place: invitations.invite(ledger, key=f"i{place}", by=ada))
    assert sum(each is not None for each in made) == len(invitations.listing(ledger, by=ada)) == 3


def test_a_code_opens_one_account_whoever_comes_first(ledger: Ledger) -> None:
    ada = accounts.create(ledger, "Ada", tier="verified")[0].id
    code = invitations.invite(ledger, key="i", by=ada).code
    assert code is not None
    joined = at_once(lambda place: invitations.accept(ledger, key=f"j{place}", code=code, name=f"New {place}"))
    assert sum(each is not None for each in joined) == 1
    assert len(accounts.listing(ledger)) == 2


def test_vouches_given_and_withdrawn_at_once_leave_the_tier_that_follows_from_them(ledger: Ledger) -> None:
    people = [accounts.create(ledger, f"Member {place}", tier="verified")[0].id for place in range(8)]
    new = accounts.create(ledger, "New")[0].id

    def give_and_take(place: int) -> None:
        made = vouches.give(ledger, key="v", by=people[place], subject=new)
        if place >= 1:
            vouches.withdraw(ledger, key="w", by=people[place], vouch_id=made.id)

    at_once(give_and_take)
    now = levels.of(ledger, new)
    assert (now.vouches, now.tier) == (1, "basic")
    with ledger.reading() as connection:
        assert list(audit_log.broken(connection)) == []

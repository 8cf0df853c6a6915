"""Who sees what of whom, over real trades and on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.books import audit_log
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger, instant_text
from ledger.trust import leaving, members, outcomes, privacy, vouches
from ledger.trust.privacy import BY_CONSENT, Viewer
from warehouse.errors import BadInput

DOORS: dict[str, Callable[..., Any]] = {
    "profile": members.profile_of,
    "reputation": members.reputation_of,
    "at_least": lambda *said: members.at_least(*said, 50),
    "entries": members.entries_of,
}
TAGS = itertools.count()


def grant(ledger: Ledger, by: str, viewer: str, what: str, **said: Any) -> privacy.Consent:
    return privacy.grant(ledger, key=f"c{next(TAGS)}", by=by, viewer=viewer, what=what, **said)


def kinds(ledger: Ledger, account: str) -> list[str]:
    with ledger.reading() as connection:
        return sorted(each.kind for each in outcomes.of(connection, account, instant_text(ledger.clock())))


def test_trades_count_by_how_they_ended(market: Any) -> None:
    ada, bob, tom = (market.member(name) for name in ("Ada", "Bob", "Tom"))
    market.done(ada, bob)
    market.cancelled(ada, bob)
    market.proposed(ada, bob)
    assert (kinds(market.ledger, ada), kinds(market.ledger, bob)) == (["completed"], ["completed"])
    market.no_show(ada, bob)
    assert kinds(market.ledger, ada) == ["completed", "no_show"]
    assert kinds(market.ledger, bob) == ["completed"]
    # Settled between the two, or decided in the middle: for and against nobody.
    market.disputed(ada, bob, 0, decided_by=None)
    market.disputed(ada, bob, 50, decided_by=tom)
    assert kinds(market.ledger, bob) == ["completed"]
    market.disputed(ada, bob, 100, decided_by=tom)
    assert kinds(market.ledger, ada) == ["completed", "completed", "no_show"]
    assert kinds(market.ledger, bob) == ["completed", "dispute_lost"]
    market.disputed(ada, bob, 0, decided_by=tom)
    assert kinds(market.ledger, ada) == ["completed", "completed", "dispute_lost", "no_show"]


def test_a_vouch_fails_with_the_one_it_was_given_for(market: Any) -> None:
    ada, bob = market.member("Ada"), market.member("Bob", "basic")
    vouches.give(market.ledger, key="v", by=ada, subject=bob)
    leaving.expel(market.ledger, by="operator", account_id=bob)
    assert kinds(market.ledger, ada) == ["vouch_failed"]


def test_a_partner_is_independent_once_it_has_traded_with_another(market: Any) -> None:
    ada, bob, cy = (market.member(name) for name in ("Ada", "Bob", "Cy"))

    def independent() -> list[bool]:
        with market.ledger.reading() as connection:
            return [each.independent for each in outcomes.of(connection, ada, instant_text(market.clock()))]

    market.done(ada, bob)
    assert independent() == [False]
    market.done(cy, bob)
    assert independent() == [True]


def test_others_see_aggregates_and_only_of_enough_trades(market: Any) -> None:
    ada, *others = (market.member(name) for name in ("Ada", "Bob", "Cy", "Dan"))
    for other in (*others, others[0]):
        market.done(ada, other)
    stranger = Viewer(market.member("Eve"))
    assert members.aggregates_of(market.ledger, stranger, "Ada") == members.Aggregates(
        account=ada, name="Ada", enough=False
    )
    market.done(ada, others[1])
    market.cancelled(ada, others[2])
    told = members.aggregates_of(market.ledger, stranger, "Ada")
    assert (told.trades_at_least, told.average, told.kinds, told.completion_percent) == (5, 20_00, ("time",), 85)
    assert told.rating_percent is not None
    assert told.rating_percent % 5 == 0
    # Many trades with two partners say too much about the two.
    assert not members.aggregates_of(market.ledger, stranger, others[0]).enough


def test_no_door_opens_without_a_consent_and_each_with_its_own(market: Any) -> None:
    ledger, ada, bob = market.ledger, market.member("Ada"), market.member("Bob")
    for what, door in DOORS.items():
        door(ledger, Viewer(ada), ada)
        with pytest.raises(NotAllowed, match=f"consent to {what}"):
            door(ledger, Viewer(bob), ada)
        given_ = grant(ledger, ada, "Bob", what)
        door(ledger, Viewer(bob), ada)
        with pytest.raises(NotAllowed):
            door(ledger, Viewer(ada), bob)
        privacy.withdraw(ledger, key=f"w{what}", by=ada, consent_id=given_.id)
        with pytest.raises(NotAllowed):
            door(ledger, Viewer(bob), ada)
        with pytest.raises(WrongState):
            privacy.withdraw(ledger, key=f"x{what}", by=ada, consent_id=given_.id)


def test_a_consent_ends_with_its_last_day(market: Any) -> None:
    ledger, ada, bob = market.ledger, market.member("Ada"), market.member("Bob")
    grant(ledger, ada, bob, "entries", until=date(2026, 11, 15))
    market.clock.move(hours=35)
    members.entries_of(ledger, Viewer(bob), ada)
    market.clock.move(hours=1)
    with pytest.raises(NotAllowed):
        members.entries_of(ledger, Viewer(bob), ada)
    for until in (date(2026, 11, 1), market.clock.now.date() + timedelta(days=366)):
        with pytest.raises(BadInput, match="ends today or within 365 days"):
            grant(ledger, ada, bob, "entries", until=until)


def test_the_figure_covers_the_yes_or_no_but_not_the_other_way_round(market: Any) -> None:
    ledger, ada, bob, cy = market.ledger, *(market.member(name) for name in ("Ada", "Bob", "Cy"))
    grant(ledger, ada, bob, "reputation")
    grant(ledger, ada, cy, "at_least")
    low = members.reputation_of(ledger, Viewer(bob), ada).low
    assert members.at_least(ledger, Viewer(bob), ada, low)
    assert members.at_least(ledger, Viewer(cy), ada, low)
    assert not members.at_least(ledger, Viewer(cy), ada, low + 1)
    with pytest.raises(NotAllowed):
        members.reputation_of(ledger, Viewer(cy), ada)


def test_a_treasurer_may_look_and_each_look_is_in_the_log(market: Any) -> None:
    ledger, ada, tom = market.ledger, market.member("Ada"), market.member("Tom")
    members.entries_of(ledger, Viewer(tom, frozenset({"treasurer"})), ada)
    (seen,) = audit_log.listing(ledger, action="member.looked")
    assert (seen.actor, seen.subject, seen.details) == (tom, ada, '{"what":"entries"}')
    with pytest.raises(NotAllowed):
        members.entries_of(ledger, Viewer(tom, frozenset({"analyst", "admin", "business"})), ada)


def test_a_consent_is_its_givers_alone(market: Any) -> None:
    ledger, ada, bob = market.ledger, market.member("Ada"), market.member("Bob")
    made = grant(ledger, ada, bob, "profile")
    assert [each.id for each in privacy.listing(ledger, by=bob)] == [made.id]
    with pytest.raises(Unknown):
        privacy.withdraw(ledger, key="w", by=bob, consent_id=made.id)
    with pytest.raises(BadInput, match="without a consent"):
        grant(ledger, ada, "Ada", "profile")
    with pytest.raises(BadInput, match="one consents to"):
        grant(ledger, ada, bob, "everything")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("grant", "withdraw", "wait")),
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from(BY_CONSENT),
        st.integers(0, 3),
    ),
    max_size=15,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_nobody_without_a_consent_in_force_reads_through_any_door(
    market: Any, steps: list[tuple[str, int, int, str, int]]
) -> None:
    ledger, tag = market.ledger, next(TAGS)
    people = [market.member(f"{tag} {number}") for number in range(3)]
    model: dict[tuple[int, int, str], tuple[str, date]] = {}
    for verb, owner, viewer, what, days in steps:
        if verb == "wait":
            market.clock.move(days=days)
        elif verb == "grant" and owner != viewer:
            until = market.clock.now.date() + timedelta(days=days)
            made = grant(ledger, people[owner], people[viewer], what, until=until)
            model[owner, viewer, what] = (made.id, until)
        elif verb == "withdraw" and (owner, viewer, what) in model:
            id, _ = model.pop((owner, viewer, what))
            privacy.withdraw(ledger, key=f"w{next(TAGS)}", by=people[owner], consent_id=id)
    today = market.clock.now.date()
    for owner, viewer in itertools.permutations(range(3), 2):
        for what, door in DOORS.items():
            wider = (what, "reputation") if what == "at_least" else (what,)
            allowed = any((owner, viewer, each) in model and model[owner, viewer, each][1] >= today for each in wider)
            try:
                door(ledger, Viewer(people[viewer]), people[owner])
            except NotAllowed:
                assert not allowed
            else:
                assert allowed

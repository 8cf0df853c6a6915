"""Who may come in, who stands for whom, and what tier follows."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ledger.books import accounts, audit_log, transfers
from ledger.books.errors import LedgerError, LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger, open_ledger
from ledger.policy import dated
from ledger.tables import idempotency, invitation, vouch
from ledger.trust import invitations, leaving, levels, members, vouches
from ledger.trust.privacy import Viewer
from warehouse.errors import BadInput

VOUCHED = '[policy.verification.levels.vouched]\ntier = "verified"'
KEYS = (f"key-{number}" for number in itertools.count())


def opened(ledger: Ledger, name: str, tier: str = "verified", kind: str = "member") -> str:
    return accounts.create(ledger, name, tier=tier, kind=kind)[0].id


def vouched(ledger: Ledger, by: str, subject: str) -> vouches.Vouch:
    return vouches.give(ledger, key=next(KEYS), by=by, subject=subject)


def tier(ledger: Ledger, account: str) -> str:
    return accounts.find(ledger, account).tier


def test_an_invitation_opens_one_account_that_its_inviter_stands_for(ledger: Ledger) -> None:
    ada = opened(ledger, "Ada")
    made = invitations.invite(ledger, key="i", by=ada)
    assert made.code is not None

    joined = invitations.accept(ledger, key="j", code=made.code.lower().replace("-", " "), name="Bob")

    assert (joined.name, joined.tier, joined.invited_by) == ("Bob", "basic", ada)
    assert joined.key is not None
    known = accounts.authenticate(ledger, joined.key)
    assert known is not None
    assert (known[0].id, known[1]) == (joined.account, {"member"})
    assert [(each.voucher, each.subject) for each in vouches.listing(ledger, by=joined.account)] == [
        (ada, joined.account)
    ]
    assert [each.opened for each in invitations.listing(ledger, by=ada)] == [joined.account]
    with pytest.raises(WrongState, match="used already"):
        invitations.accept(ledger, key="other", code=made.code, name="Cy")


def test_code_and_key_are_told_once_and_kept_nowhere(ledger: Ledger) -> None:
    ada = opened(ledger, "Ada")
    made = invitations.invite(ledger, key="i", by=ada)
    assert made.code is not None
    again = invitations.invite(ledger, key="i", by=ada)
    assert (again.id, again.code) == (made.id, None)

    joined = invitations.accept(ledger, key="j", code=made.code, name="Bob")
    twice = invitations.accept(ledger, key="j", code=made.code, name="Bob")
    assert (twice.account, twice.name, twice.key) == (joined.account, "Bob", None)
    with ledger.reading() as connection:
        stored = str(connection.execute(select(invitation)).all()) + str(connection.execute(select(idempotency)).all())
    assert joined.key is not None
    for secret in (made.code, made.code.replace("-", ""), joined.key, joined.key[22:], "Bob"):
        assert secret not in stored


@pytest.mark.parametrize("code", ["", "AAAA", "AAAA-AAAA-AAAA-AAAA-AAA!", "\x00" * 20])
def test_what_cannot_be_a_code_is_refused(ledger: Ledger, code: str) -> None:
    with pytest.raises(BadInput, match="20 letters"):
        invitations.accept(ledger, key="j", code=code, name="Bob")


def test_a_code_ends_by_time_or_by_being_withdrawn(ledger: Ledger, clock: Any) -> None:
    ada = opened(ledger, "Ada")
    late, back = (invitations.invite(ledger, key=key, by=ada) for key in "ab")
    assert late.code is not None
    assert back.code is not None
    invitations.withdraw(ledger, key="w", by=ada, invitation_id=back.id)
    with pytest.raises(WrongState, match="withdrawn"):
        invitations.accept(ledger, key="j", code=back.code, name="Bob")
    with pytest.raises(WrongState, match="withdrawn already"):
        invitations.withdraw(ledger, key="w2", by=ada, invitation_id=back.id)
    clock.move(days=14)
    with pytest.raises(WrongState, match="expired"):
        invitations.accept(ledger, key="j", code=late.code, name="Bob")
    with pytest.raises(NotAllowed, match="no invitation with this code"):
        invitations.accept(ledger, key="j", code="0" * 20, name="Bob")
    with pytest.raises(Unknown):
        invitations.withdraw(ledger, key="w", by=opened(ledger, "Eve"), invitation_id=late.id)


def test_invitations_are_counted_at_once_and_by_the_month(ledger: Ledger, clock: Any) -> None:
    ada = opened(ledger, "Ada")
    for _ in range(3):
        invitations.invite(ledger, key=next(KEYS), by=ada)
    with pytest.raises(WrongState, match="3 invitations of yours are open"):
        invitations.invite(ledger, key=next(KEYS), by=ada)
    clock.move(days=15)
    for _ in range(2):
        invitations.invite(ledger, key=next(KEYS), by=ada)
    with pytest.raises(WrongState, match="5 invitations in 30 days"):
        invitations.invite(ledger, key=next(KEYS), by=ada)


def test_who_has_just_come_neither_invites_nor_vouches(ledger: Ledger) -> None:
    new, other = opened(ledger, "New", "basic"), opened(ledger, "Other", "basic")
    with pytest.raises(NotAllowed, match="verified, business"):
        invitations.invite(ledger, key="i", by=new)
    with pytest.raises(NotAllowed, match="yours is basic"):
        vouched(ledger, new, other)


def test_two_vouches_verify_and_taking_one_back_undoes_it_at_once(ledger: Ledger) -> None:
    ada, bob, cy = opened(ledger, "Ada"), opened(ledger, "Bob"), opened(ledger, "Cy", "basic")
    vouched(ledger, ada, cy)
    assert tier(ledger, cy) == "basic"
    second = vouched(ledger, bob, cy)
    assert (tier(ledger, cy), levels.of(ledger, cy).level) == ("verified", "vouched")

    # What was owed within the higher limits stays owed; it only cannot become more.
    transfers.pay(ledger, key="p", payer=cy, payee=ada, amount=300_00)
    vouches.withdraw(ledger, key="w", by=bob, vouch_id=second.id)
    assert tier(ledger, cy) == "basic"
    assert accounts.standing(ledger, cy).posted == -300_00
    with pytest.raises(LimitReached):
        transfers.pay(ledger, key="q", payer=cy, payee=ada, amount=1)
    transfers.pay(ledger, key="r", payer=ada, payee=cy, amount=100_00)


def test_a_vouch_is_given_once_and_to_another(ledger: Ledger) -> None:
    ada, bob = opened(ledger, "Ada"), opened(ledger, "Bob", "basic")
    first = vouches.give(ledger, key="v", by=ada, subject="Bob", note="we share a garden")
    assert vouches.give(ledger, key="v", by=ada, subject="Bob", note="we share a garden") == first
    with pytest.raises(WrongState, match="already"):
        vouched(ledger, ada, bob)
    with pytest.raises(BadInput, match="itself"):
        vouched(ledger, ada, "Ada")
    with pytest.raises(Unknown):
        vouches.withdraw(ledger, key="w", by=bob, vouch_id=first.id)
    vouches.withdraw(ledger, key="w", by=ada, vouch_id=first.id)
    assert vouched(ledger, ada, bob).id != first.id


def test_the_database_itself_refuses_self_vouching(ledger: Ledger) -> None:
    ada = opened(ledger, "Ada")
    with pytest.raises(IntegrityError):
        ledger.transact(lambda unit: vouches.write(unit, voucher=ada, subject=ada))


def test_a_checked_document_verifies_a_member_and_lifts_a_business(ledger: Ledger) -> None:
    ada, shop = opened(ledger, "Ada", "basic"), opened(ledger, "Shop", "basic", "business")
    assert levels.check_document(ledger, by="operator", account_id=ada, document="passport").tier == "verified"
    assert levels.check_document(ledger, by="operator", account_id=shop, document="trade register").tier == "business"
    assert levels.check_document(ledger, by="operator", account_id=shop, document=None).tier == "basic"
    with pytest.raises(BadInput, match="kind of document"):
        levels.check_document(ledger, by="operator", account_id=ada, document="passport C01X0006H")


def test_a_tier_set_by_hand_stays_until_it_is_given_free(ledger: Ledger) -> None:
    ada, bob, cy = opened(ledger, "Ada"), opened(ledger, "Bob"), opened(ledger, "Cy", "basic")
    levels.set_tier(ledger, by="operator", account_id=cy, tier="basic")
    vouched(ledger, ada, cy)
    vouched(ledger, bob, cy)
    assert tier(ledger, cy) == "basic"
    assert levels.set_tier(ledger, by="operator", account_id=cy, tier=None).tier == "verified"
    # The operator opened this one as verified: fewer vouches do not lower it.
    vouches.withdraw(ledger, key="w", by=bob, vouch_id=vouched(ledger, bob, ada).id)
    assert tier(ledger, ada) == "verified"
    with pytest.raises(BadInput, match="gold"):
        levels.set_tier(ledger, by="operator", account_id=cy, tier="gold")


def test_every_change_of_a_tier_is_in_the_log(ledger: Ledger) -> None:
    ada, bob, cy = opened(ledger, "Ada"), opened(ledger, "Bob"), opened(ledger, "Cy", "basic")
    vouched(ledger, ada, cy)
    vouched(ledger, bob, cy)
    levels.set_tier(ledger, by="operator", account_id=cy, tier="basic")
    changes = [(each.actor, each.details) for each in audit_log.listing(ledger, subject=cy, action="tier.changed")]
    assert changes == [
        ("operator", '{"level":"vouched","tier":"basic","was":"verified"}'),
        (bob, '{"level":"vouched","tier":"verified","was":"basic"}'),
    ]


def test_an_expulsion_costs_those_who_stood_for_it(ledger: Ledger, clock: Any) -> None:
    ada, bob = opened(ledger, "Ada"), opened(ledger, "Bob")
    cy, dan = opened(ledger, "Cy", "basic"), opened(ledger, "Dan", "basic")
    vouched(ledger, ada, cy)
    left = vouched(ledger, bob, cy)
    vouched(ledger, bob, dan)
    vouched(ledger, cy, dan)
    assert tier(ledger, dan) == "verified"
    # Bob has taken it back in time.
    clock.move(days=1)
    levels.set_tier(ledger, by="operator", account_id=cy, tier="verified")
    vouches.withdraw(ledger, key="w", by=bob, vouch_id=left.id)
    clock.move(days=1)
    key = accounts.new_key(ledger, cy)

    leaving.expel(ledger, by="operator", account_id=cy)
    assert accounts.authenticate(ledger, key) is None
    assert (tier(ledger, cy), tier(ledger, dan)) == ("basic", "basic")
    with pytest.raises(WrongState, match="a vouch of yours failed"):
        vouched(ledger, ada, dan)
    with pytest.raises(WrongState, match="has left"):
        vouched(ledger, bob, cy)
    with pytest.raises(WrongState, match="left the community already"):
        leaving.expel(ledger, by="operator", account_id=cy)
    clock.move(days=91)
    vouched(ledger, ada, dan)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), max_size=20))
def test_whatever_is_vouched_and_withdrawn_tiers_follow_and_nobody_vouches_for_itself(
    ledger: Ledger, steps: list[tuple[int, int, bool]]
) -> None:
    tag = next(KEYS)
    people = [opened(ledger, f"{tag} {n}", "verified" if n < 2 else "basic") for n in range(5)]
    stands: dict[tuple[int, int], str] = {}
    for giver, subject, gives in steps:
        try:
            if gives:
                stands[giver, subject] = vouched(ledger, people[giver], people[subject]).id
            elif (giver, subject) in stands:
                vouches.withdraw(ledger, key=next(KEYS), by=people[giver], vouch_id=stands.pop((giver, subject)))
        except (LedgerError, BadInput):
            assert gives
    with ledger.reading() as connection:
        assert connection.execute(select(vouch).where(vouch.c.voucher == vouch.c.subject)).all() == []
        assert list(audit_log.broken(connection)) == []
    for number, account in enumerate(people):
        count = sum(subject == number for _, subject in stands)
        assert levels.of(ledger, account).vouches == count
        assert tier(ledger, account) == ("verified" if number < 2 or count >= 2 else "basic")


def test_without_levels_tiers_are_set_by_hand(databases: Any, clock: Any, tmp_path: Any) -> None:
    text = dated.DEFAULT.read_text(encoding="utf-8")
    gone = ("[policy.verification", "[policy.reputation")
    kept = [part for part in text.split("\n\n") if not any(name in part for name in gone)]
    plain = tmp_path / "policy.toml"
    plain.write_text("\n\n".join(kept), encoding="utf-8")
    ledger = open_ledger(databases.new(), clock=clock, policy_file=plain)
    ada = opened(ledger, "Ada", "basic")
    assert levels.set_tier(ledger, by="operator", account_id=ada, tier="verified").tier == "verified"
    assert levels.set_tier(ledger, by="operator", account_id=ada, tier=None).tier == "verified"
    assert levels.of(ledger, ada).level == "none"
    with pytest.raises(BadInput, match=r"add \[policy.verification\]"):
        invitations.invite(ledger, key="i", by=ada)
    with pytest.raises(BadInput, match=r"add \[policy.reputation\]"):
        members.at_least(ledger, Viewer(ada), ada, 50)
    leaving.expel(ledger, by="operator", account_id=ada)
    ledger.close()


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("\nvouches = 2", "\nvouches = -2", "vouches"),
        (VOUCHED, VOUCHED.replace("verified", "gold"), "policy.tiers.gold"),
        ('levels.new]\ntier = "basic"', 'levels.new]\ntier = "basic"\nvouches = 1', "asks for nothing"),
        ("invitation_days = 14", "invitation_days = 0", "invitation_days"),
        ('no_show = "1"', 'no_shows = "1"', "no_shows"),
        ('prior_percent = "75"', 'prior_percent = "0"', "prior_percent"),
        ('again_percent = "50"', 'again_percent = "100"', "again_percent"),
        ("consent_days = 90", "consent_days = 900", "consent_days"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(tmp_path: Any, was: str, now: str, told: str) -> None:
    text = dated.DEFAULT.read_text(encoding="utf-8")
    assert text.count(was) == 1
    wrong = tmp_path / "policy.toml"
    wrong.write_text(text.replace(was, now), encoding="utf-8")
    with pytest.raises(BadInput, match=told):
        dated.read(wrong)

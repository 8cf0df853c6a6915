"""The log that shows what was done to it, what analysts see, and what becomes of a member who leaves."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from ledger import verification
from ledger.books import accounts, audit_log, signing, transfers
from ledger.books.errors import LimitReached, NotAllowed, WrongState
from ledger.books.store import Ledger
from ledger.policy.verification import Privacy
from ledger.tables import audit_entry, audit_head, idempotency, metadata, vouch, watch
from ledger.tax import profile
from ledger.trust import aggregates, leaving, levels, members, privacy, vouches
from ledger.trust.aggregates import Share

MONTHS = ("2026-09", "2026-10")


def broken(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.reading() as connection:
        return list(audit_log.broken(connection))


def behind_the_triggers(ledger: Ledger, *statements: Any) -> None:
    """Somebody who may do anything to the database changes what was written."""
    with ledger.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_entry_refuses_update")
            connection.exec_driver_sql("DROP TRIGGER audit_entry_refuses_delete")
        for statement in statements:
            connection.execute(statement)


def test_opening_an_account_and_making_a_key_are_in_the_log(ledger: Ledger) -> None:
    made, key = accounts.create(ledger, "Ada", scopes=["treasurer"])
    accounts.new_key(ledger, made.id)
    entries = audit_log.listing(ledger, subject=made.id)
    assert [each.action for each in entries] == ["key.made", "account.opened"]
    assert json.loads(entries[1].details) == {"kind": "member", "scopes": "treasurer", "tier": "basic"}
    assert key[22:] not in str(entries)
    assert broken(ledger) == []
    assert verification.verify(ledger).sound


def test_a_vouch_that_is_written_down_for_a_member_is_logged_as_whose_deed_it_was(ledger: Ledger) -> None:
    bob, cy = (accounts.create(ledger, name, tier="verified")[0].id for name in ("Bob", "Cy"))
    eve = accounts.create(ledger, "Eve")[0].id
    vouches.give(ledger, key="1", by=bob, subject=eve)
    made = vouches.give(ledger, key="2", by=cy, subject=eve, recorded_by="operator")
    assert (made.voucher, levels.of(ledger, eve).tier) == (cy, "verified")  # it counts as any other
    vouches.withdraw(ledger, key="3", by=cy, vouch_id=made.id, recorded_by="operator")

    told = [(each.action, each.actor) for each in audit_log.listing(ledger, subject=eve, limit=5)]
    assert told == [
        ("vouch.withdrawn", "operator"),
        ("tier.changed", "operator"),
        ("vouch.given", "operator"),
        ("tier.changed", "operator"),
        ("vouch.given", bob),
    ]
    by_operator = audit_log.listing(ledger, actor="operator", action="vouch.given")
    assert [json.loads(each.details) for each in by_operator] == [{"vouch": made.id, "voucher": cy}]
    assert broken(ledger) == []


def test_the_log_is_appended_and_never_changed(ledger: Ledger, ada: str) -> None:
    for change in (update(audit_entry).values(actor="nobody"), delete(audit_entry)):
        with pytest.raises(DBAPIError, match="appended, never changed"), ledger.unit_of_work() as unit:
            unit.connection.execute(change)


def test_what_was_refused_leaves_no_entry(ledger: Ledger, ada: str) -> None:
    with pytest.raises(LimitReached):
        ledger.transact(_recorded_and_refused)
    assert "tried" not in {each.action for each in audit_log.listing(ledger)}


def _recorded_and_refused(unit: Any) -> None:
    audit_log.record(unit, actor="operator", action="tried")
    raise LimitReached("no")


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_changed_entry_is_named(ledger: Ledger, ada: str, bob: str, eve: str, seq: int) -> None:
    behind_the_triggers(ledger, update(audit_entry).where(audit_entry.c.seq == seq).values(actor="nobody"))
    assert broken(ledger) == [(f"audit entry {seq}", "its content does not give its hash")]
    assert not verification.verify(ledger).sound


def test_an_entry_whose_own_hash_was_recomputed_is_found_by_the_next(
    ledger: Ledger, ada: str, bob: str, eve: str
) -> None:
    with ledger.reading() as connection:
        row = connection.execute(select(audit_entry).where(audit_entry.c.seq == 2)).one()
    hash = audit_log._hash(row.previous, row.seq, row.at, "nobody", row.action, row.subject, row.details)
    behind_the_triggers(ledger, update(audit_entry).where(audit_entry.c.seq == 2).values(actor="nobody", hash=hash))
    assert broken(ledger) == [("audit entry 3", "does not follow from the entry before it: that one was changed")]


def test_what_is_missing_at_the_end_or_inside_is_noticed(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    behind_the_triggers(ledger, delete(audit_entry).where(audit_entry.c.seq == 3))
    assert [where for where, _ in broken(ledger)] == ["the audit log"]
    with ledger.engine.begin() as connection:
        connection.execute(delete(audit_head))
    assert [where for where, _ in broken(ledger)] == ["the audit log"]


shares = st.lists(
    st.builds(
        lambda month, kind, member, trade, value: Share((month, kind), f"m{member}", frozenset([f"t{trade}"]), value),
        st.sampled_from(MONTHS),
        st.sampled_from(("goods", "time")),
        st.integers(0, 9),
        st.integers(0, 30),
        st.integers(0, 100_00),
    ),
    max_size=60,
)


@given(shares, st.integers(2, 6))
def test_no_group_of_the_community_is_smaller_than_k_or_one_members(known: list[Share], k: int) -> None:
    rule = Privacy(group=k, largest=Fraction(1, 2))
    told = aggregates.cells(known, rule)
    for cell in told:
        inside = [each for each in known if each.group == (cell.month, cell.kind)]
        by_member = {
            who: sum(each.value for each in inside if each.member == who) for who in {each.member for each in inside}
        }
        assert cell.members == len(by_member) >= k
        assert max(by_member.values()) * 2 <= sum(by_member.values())
    assert told == sorted(told, key=lambda cell: (cell.month, cell.kind))


@given(st.integers(0, 10**9))
def test_amounts_are_told_coarsely(amount: int) -> None:
    told = aggregates.coarse_rails(amount)
    assert told % 500 == 0 or amount >= 50_000
    assert abs(told - amount) <= max(250, amount * 0.05)


def test_analysts_see_months_that_are_over(market: Any) -> None:
    people = [market.member(f"Member {number}") for number in range(6)]
    for giver, payer in zip(people, people[1:] + people[:1], strict=True):
        market.done(giver, payer)
    assert members.community(market.ledger) == []
    market.clock.move(days=20)
    told = {cell.kind: (cell.month, cell.members, cell.trades, cell.value) for cell in members.community(market.ledger)}
    assert told == {"time": ("2026-11", 6, 6, 120_00), "k": ("2026-11", 6, 6, 120_00)}


def test_every_table_that_names_an_account_says_what_becomes_of_it() -> None:
    naming = {table.name for table in metadata.sorted_tables if leaving.naming(table)}
    assert set(leaving.KEPT) | set(leaving.ERASED) == naming
    assert not set(leaving.KEPT) & set(leaving.ERASED)


def test_an_account_is_closed_at_zero_and_with_nothing_open(market: Any) -> None:
    ledger, ada, bob = market.ledger, market.member("Ada"), market.member("Bob")
    transfers.pay(ledger, key="p", payer=ada, payee=bob, amount=5_00)
    with pytest.raises(WrongState, match=r"Ada has -5\.00 K"):
        leaving.close(ledger, by="operator", account_id=ada)
    transfers.pay(ledger, key="q", payer=bob, payee=ada, amount=5_00)
    trade = market.proposed(ada, bob)
    with pytest.raises(WrongState, match=f"{trade} is still open"):
        leaving.close(ledger, by="operator", account_id=ada)


def test_whoever_closes_takes_the_name_along_and_the_books_stay_whole(market: Any) -> None:
    ledger, bob = market.ledger, market.member("Bob")
    made, key = accounts.create(ledger, "Ada Lovelace", tier="verified")
    ada = made.id
    vouches.give(ledger, key="v", by=ada, subject=bob, note="Ada knows him")
    privacy.grant(ledger, key="c", by=ada, viewer=bob, what="entries")
    transfers.pay(ledger, key="p", payer=ada, payee=bob, amount=5_00)
    transfers.pay(ledger, key="q", payer=bob, payee=ada, amount=5_00)
    _watches(ledger, ada)

    closed = leaving.close(ledger, by="operator", account_id=ada)
    assert closed.name.startswith("former member ")
    assert (closed.erased["watch"], closed.erased["vouch notes"]) == (1, 1)
    assert "tax" in closed.kept["tax_profile"]
    assert accounts.authenticate(ledger, key) is None
    with ledger.reading() as connection:
        everything = "".join(
            str(connection.execute(select(table)).all()) for table in metadata.sorted_tables if table is not idempotency
        )
        assert connection.execute(select(vouch.c.withdrawn_at)).scalar_one() is not None
    assert "Lovelace" not in everything
    assert "Ada knows" not in everything
    assert privacy.listing(ledger, by=bob)[0].withdrawn_at is not None
    assert levels.of(ledger, ada).closed_at is not None
    with pytest.raises(LimitReached):
        transfers.pay(ledger, key="r", payer=bob, payee=ada, amount=1)
    with pytest.raises(WrongState, match="closed already"):
        leaving.close(ledger, by="operator", account_id=ada)
    assert verification.verify(ledger).sound
    # The name is free for somebody else.
    accounts.create(ledger, "Ada Lovelace")


def test_whoever_is_expelled_signs_for_nobody_any_more(market: Any) -> None:
    ledger, ada, bob = market.ledger, market.member("Ada"), market.member("Bob")
    shop = accounts.create(ledger, "The Shop", kind="business", tier="business")[0].id
    signing.add_signer(ledger, shop, ada)
    signing.add_signer(ledger, shop, bob)

    leaving.expel(ledger, by="operator", account_id=bob)
    with ledger.reading() as connection:
        assert signing.signers(connection, shop) == [ada]
    with pytest.raises(WrongState, match="Bob has left the community, and signs for nobody"):
        signing.add_signer(ledger, shop, bob)


def test_there_is_no_key_to_a_closed_account_nor_to_one_of_the_communitys_own(market: Any) -> None:
    ledger, ada = market.ledger, market.member("Ada")
    leaving.close(ledger, by="operator", account_id=ada)
    pool = ledger.transact(lambda unit: accounts.house(unit, "pool")).id
    for account in (ada, pool):
        with pytest.raises(NotAllowed, match="there is no key to it"):
            accounts.new_key(ledger, account)


def _watches(ledger: Ledger, account: str) -> None:
    def work(unit: Any) -> None:
        unit.connection.execute(
            insert(watch).values(id="w", account=account, terms="{}", terms_sha256="0" * 64, created_at=unit.now)
        )

    ledger.transact(work)


def test_a_member_gets_everything_that_is_held_under_its_name_and_no_secret(market: Any) -> None:
    ledger, bob = market.ledger, market.member("Bob")
    made, key = accounts.create(ledger, "Ada", tier="verified")
    trade = market.done(made.id, bob)
    vouches.give(ledger, key="v", by=bob, subject=made.id, note="good neighbour")
    told = leaving.export(ledger, by=made.id, account_id=made.id)

    assert [row["name"] for row in told["account"]] == ["Ada"]
    assert [row["id"] for row in told["trade"]] == [trade]
    assert [row["note"] for row in told["vouch"]] == ["good neighbour"]
    assert {row["account"] for row in told["entry"]} == {made.id}
    assert "account.opened" in {row["action"] for row in told["audit_entry"]}
    assert key[22:] not in str(told)
    assert "secret_sha256" not in str(told)
    json.dumps(told)


def test_what_the_treasurer_does_is_in_the_log(market: Any) -> None:
    ledger, ada, bob, tom = market.ledger, *(market.member(name) for name in ("Ada", "Bob", "Tom"))
    trade = market.disputed(ada, bob, 100, decided_by=tom)
    paid = transfers.pay(ledger, key="p", payer=ada, payee=bob, amount=5_00)
    transfers.reverse(ledger, key="r", by=tom, transfer_id=paid.id, treasurer=True)
    ledger.transact(lambda unit: profile.note_reading(unit, [ada, bob], by=tom, purpose="filing"))
    entries = audit_log.listing(ledger, actor=tom)
    assert [(each.action, each.subject) for each in entries] == [
        ("tin.read", bob),
        ("tin.read", ada),
        ("transfer.reversed", None),
        ("dispute.decided", None),
    ]
    assert [json.loads(each.details) for each in entries[2:]] == [
        {"transfer": paid.id},
        {"trade": trade, "percent": 100},
    ]
    assert verification.verify(ledger).sound

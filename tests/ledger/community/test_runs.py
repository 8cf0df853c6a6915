"""Rules run over real books, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import DBAPIError

from ledger.books import holds, transfers
from ledger.books.errors import KeyReused, LimitReached, WrongState
from ledger.books.lines import Line
from ledger.community import audit, facts, overview, runs, settling, work
from ledger.tables import vouch
from ledger.trading import trades
from ledger.trading.legs import LegDraft
from ledger.trust import leaving
from warehouse.errors import BadInput

GRANTS = '[policy.house.grants]\nkind = "issuance"\nfloor = "-50000.00"'


def moved(run: runs.Run) -> dict[tuple[str, str], int]:
    return {(each.account, each.part): each.moved for each in run.moved}


def test_demurrage_goes_from_what_lay_still_into_the_pool(town: Any) -> None:
    ada, bob, mill = town.member("Ada"), town.member("Bob"), town.member("Mill", "business", "business")
    town.pay(mill, ada, 800_00)
    town.pay(ada, bob, 100_00)
    town.clock.move(days=90)
    town.pay(mill, ada, 200_00)
    run = town.run("demurrage")

    # Of 900 K, 700 are old, 500 of these exempt: 2 % of 200.
    assert moved(run) == {(ada, ""): -4_00}
    assert (town.balance(ada), town.house("pool")) == (896_00, 4_00)
    town.sound()


def test_what_was_paid_back_does_not_make_old_k_young(town: Any) -> None:
    ada, bob, mill = town.member("Ada"), town.member("Bob"), town.member("Mill", "business", "business")
    town.pay(mill, ada, 800_00)
    town.clock.move(days=100)
    paid = town.pay(ada, bob, 300_00)
    transfers.reverse(town.ledger, key="back", by=bob, transfer_id=paid)

    assert moved(town.run("demurrage")) == {(ada, ""): -6_00}


def test_what_came_back_out_of_escrow_is_as_old_as_it_was(town: Any) -> None:
    ada, bob, mill = town.member("Ada"), town.member("Bob"), town.member("Mill", "business", "business")
    town.pay(mill, ada, 800_00)
    town.clock.move(days=100)
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=600),
        LegDraft(giver="counterparty", kind="k", amount=200_00),
    ]
    made = trades.propose(town.ledger, key="p", proposer=bob, counterparty=ada, legs=legs)
    trades.accept(town.ledger, key="a", by=ada, trade_id=made.id)
    assert (town.balance(ada), town.house("escrow")) == (600_00, 200_00)
    trades.cancel(town.ledger, key="c", by=ada, trade_id=made.id)

    assert (town.balance(ada), town.house("escrow")) == (800_00, 0)
    assert moved(town.run("demurrage")) == {(ada, ""): -6_00}
    town.sound()


def test_demurrage_is_taken_once_a_month_and_a_late_month_can_be_caught_up(town: Any) -> None:
    ada, mill = town.member("Ada"), town.member("Mill", "business", "business")
    town.pay(mill, ada, 1_500_00)
    town.clock.move(days=100)  # the 22nd of February
    town.run("demurrage")
    first = town.balance(ada)
    again = town.run("demurrage")

    assert (first, town.balance(ada), again.again) == (1_480_00, 1_480_00, True)
    assert town.run("demurrage", "2027-01").again is False
    with pytest.raises(WrongState, match="2027-02 or 2027-01, not 2026-12"):
        town.run("demurrage", "2026-12")
    town.sound()


def test_whoever_has_promised_everything_pays_nothing_and_no_limit_breaks(open_town: Callable[..., Any]) -> None:
    town = open_town(('exempt = "500.00"', 'exempt = "0.00"'))
    ada, bob, mill = town.member("Ada"), town.member("Bob"), town.member("Mill", "business", "business")
    town.pay(mill, ada, 300_00)
    town.clock.move(days=100)
    with town.ledger.unit_of_work() as unit:
        lines = (Line(account=ada, amount=-800_00), Line(account=bob, amount=800_00))
        holds.reserve(unit, kind="test", made_by=ada, lines=lines, reference="t")
        unit.commit()

    assert moved(town.run("demurrage")) == {}


def test_a_grant_is_given_once_to_each_member_by_what_speaks_for_it(town: Any) -> None:
    ada, bob = town.member("Ada"), town.member("Bob", tier="basic")
    with town.ledger.unit_of_work() as unit:
        unit.connection.execute(insert(vouch).values(id="v", voucher=bob, subject=ada, made_at=unit.now))
        unit.commit()
    facts.record(town.ledger, by="operator", account_id=ada, name="skill", value="9")
    assert town.run("grants").done_at is None  # nobody is here long enough

    town.clock.move(days=7)
    assert moved(town.run("grants")) == {(ada, ""): 5_00 + 5_00 + 2_00 + 3_00, (bob, ""): 5_00}
    assert town.house("grants") == -20_00
    town.clock.move(days=1)
    cid = town.member("Cid")
    town.clock.move(days=7)
    assert moved(town.run("grants")) == {(cid, ""): 10_00}
    town.sound()


def test_a_run_that_breaks_a_cap_is_refused_as_a_whole(open_town: Callable[..., Any]) -> None:
    town = open_town((GRANTS, GRANTS.replace("50000", "12")))
    for name in ("Ada", "Bob"):
        town.member(name)
    town.clock.move(days=7)
    before = town.rows()
    plan = runs.preview(town.ledger, "grants")

    assert plan.refusal is not None
    assert [share.amount for share in plan.shares] == [10_00, 10_00]
    with pytest.raises(LimitReached, match=r"would give 20.00 K to 2 accounts, 8.00 K more than the cap of grants"):
        town.run("grants")
    assert town.rows() == before


def test_work_is_credited_in_minutes_as_far_as_trade_carries_it(town: Any) -> None:
    ada, bob = town.member("Ada"), town.member("Bob")
    for minutes, key in ((60, "a"), (30, "b"), (6, "c")):
        done = date(2026, 11, 14)
        work.record(town.ledger, key=key, by="operator", account_id=ada, minutes=minutes, done_on=done, note="park")
        town.clock.move(seconds=1)
    assert moved(town.run("work")) == {}

    town.trade(ada, bob, 12 * 60)  # 240 K: a tenth of it is an hour and twelve minutes
    assert list(moved(town.run("work")).values()) == [60]
    assert (town.balance(ada, "min"), town.house("work", "min")) == (60, -60)
    town.clock.move(days=1)
    town.trade(ada, bob, 6 * 60)
    assert list(moved(town.run("work")).values()) == [30, 6]
    town.clock.move(days=1)
    assert moved(town.run("work")) == {}
    town.sound()


def test_work_may_be_credited_in_k_at_the_hour(open_town: Callable[..., Any]) -> None:
    town = open_town(('unit = "min"', 'unit = "K"'))
    ada, bob = town.member("Ada"), town.member("Bob")
    town.trade(bob, ada, 10 * 60)
    day = date(2026, 11, 14)
    work.record(town.ledger, key="a", by="operator", account_id=ada, minutes=45, done_on=day, note="park")

    assert list(moved(town.run("work")).values()) == [15_00]
    town.sound()


def test_work_is_recorded_once_with_a_note(town: Any) -> None:
    ada = town.member("Ada")
    told: dict[str, Any] = {"by": "operator", "account_id": ada, "done_on": date(2026, 11, 14)}
    first = work.record(town.ledger, key="a", minutes=60, note="park", **told)

    assert work.record(town.ledger, key="a", minutes=60, note=" park ", **told) == first
    with pytest.raises(KeyReused):
        work.record(town.ledger, key="a", minutes=61, note="park", **told)
    with pytest.raises(BadInput, match="note"):
        work.record(town.ledger, key="b", minutes=60, note=" ", **told)
    with pytest.raises(BadInput, match="still to come"):
        work.record(town.ledger, key="c", minutes=60, note="park", **{**told, "done_on": date(2027, 1, 1)})
    with pytest.raises(DBAPIError, match="never changed"), town.ledger.unit_of_work() as unit:
        unit.connection.execute(text("UPDATE community_work SET minutes = 1000"))


def test_both_sides_of_a_repair_get_a_quarter_when_its_month_is_over(town: Any) -> None:
    ada, bob = town.member("Ada"), town.member("Bob")
    town.trade(ada, bob, 135, "Repair of the bike")
    town.trade(ada, bob, 60, "haircut")
    with pytest.raises(WrongState, match="not over"):
        town.run("repair", "2026-11")
    town.clock.move(days=30)

    assert sorted(each.moved for each in town.run("repair").moved) == [11_25, 11_25]
    assert town.house("repair") == -22_50
    assert town.run("repair", "2026-11").again
    town.sound()


def test_who_was_expelled_gets_no_bonus_and_the_other_side_does(town: Any) -> None:
    ada, bob = town.member("Ada"), town.member("Bob")
    town.trade(ada, bob, 60, "Repair of the bike")
    leaving.expel(town.ledger, by="operator", account_id=ada)
    town.clock.move(days=30)

    assert [(each.account, each.moved) for each in town.run("repair").moved] == [(bob, 5_00)]
    town.sound()


def test_a_jubilee_forgives_takes_and_gives(town: Any) -> None:
    ada, bob, mill = town.member("Ada"), town.member("Bob"), town.member("Mill", "business", "business")
    town.pay(ada, bob, 400_00)
    town.pay(mill, bob, 1_000_00)
    with pytest.raises(WrongState, match="the next is on 2026-12-21"):
        town.run("jubilee")
    town.clock.move(days=40)
    run = town.run("jubilee")

    assert run.period == "2026-12-21"
    assert moved(run) == {
        (ada, "forgive"): 100_00,
        (ada, "gift"): 25_00,
        (bob, "take"): -40_00,
        (bob, "gift"): 25_00,
        (mill, "forgive"): 100_00,
        (mill, "gift"): 25_00,
    }
    assert (town.house("jubilee"), town.house("pool")) == (-275_00, 40_00)
    town.sound()


def test_a_dry_run_writes_nothing_and_shows_what_is_done(town: Any) -> None:
    ada, bob = town.member("Ada"), town.member("Bob")
    town.pay(ada, bob, 400_00)
    town.clock.move(days=40)
    before = town.rows()
    plan = runs.preview(town.ledger, "jubilee")

    assert town.rows() == before
    assert [(s.account, s.part, s.amount, s.house) for s in plan.shares] == [
        (each.account, each.part, each.moved, each.house) for each in town.run("jubilee").moved
    ]
    assert runs.preview(town.ledger, "jubilee").shares == ()
    assert "it is done once" in runs.preview(town.ledger, "jubilee").notes[0]


def test_an_interrupted_run_goes_on_by_its_plan(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [town.member(f"m{number}") for number in range(5)]
    town.clock.move(days=40)
    monkeypatch.setattr(runs, "AT_ONCE", 2)
    settle, calls = settling.settle, []

    def breaks(*told: Any, **said: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the machine went down")
        settle(*told, **said)

    monkeypatch.setattr(runs, "settle", breaks)
    with pytest.raises(RuntimeError):
        town.run("jubilee")
    assert sorted(town.balance(each) for each in members) == [0, 0, 0, 25_00, 25_00]
    late = town.member("late")  # who comes later is not in the plan
    town.clock.move(days=30)  # and the jubilee is long over
    with town.ledger.reading() as connection:
        assert list(audit.faults(connection)) == []

    assert len(runs.preview(town.ledger, "jubilee").shares) == 3
    run = town.run("jubilee")
    assert [each.moved for each in run.moved] == [25_00] * 5
    assert (town.balance(late), town.house("jubilee")) == (0, -125_00)
    town.sound()


def test_a_run_that_fails_at_any_call_to_the_database_is_ended_by_the_next(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [town.member(f"m{number}") for number in range(4)]
    town.clock.move(days=40)
    monkeypatch.setattr(runs, "AT_ONCE", 2)
    left = [0]

    def fails(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise RuntimeError("the machine went down")

    def progress() -> tuple[int, int]:
        return len(overview.unfinished(town.ledger)), sum(town.balance(each) for each in members)

    event.listen(town.ledger.engine, "before_cursor_execute", fails)
    failures, call, before = 0, 1, progress()
    while True:
        left[0] = call
        try:
            town.run("jubilee")
            break
        except RuntimeError:
            left[0] = 0
            failures += 1
            # What was kept is not done again: from there, the first call is the next one to fail.
            call, before = (call + 1, before) if progress() == before else (1, progress())
            assert sum(town.balances().values()) == 0
    event.remove(town.ledger.engine, "before_cursor_execute", fails)

    assert failures > 30
    assert [town.balance(each) for each in members] == [25_00] * 4
    town.sound()


def test_whoever_closes_its_account_while_a_run_is_open_gets_nothing_of_it(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = town.member("Ada"), town.member("Bob")
    town.clock.move(days=40)
    with monkeypatch.context() as broken:
        broken.setattr(runs, "_go_on", lambda *told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            town.run("jubilee")
    leaving.close(town.ledger, by="operator", account_id=ada)

    assert [share.account for share in runs.preview(town.ledger, "jubilee").shares] == [bob]
    assert {each.account: each.moved for each in town.run("jubilee").moved} == {ada: 0, bob: 25_00}
    town.sound()


def test_what_an_account_cannot_take_any_more_stays_with_the_house(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, mill = town.member("Ada", "basic"), town.member("Mill", "business", "business")
    town.clock.move(days=40)
    open_only = runs._go_on
    monkeypatch.setattr(runs, "_go_on", lambda *told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        town.run("jubilee")
    monkeypatch.setattr(runs, "_go_on", open_only)
    town.pay(mill, ada, 990_00)

    run = town.run("jubilee")
    assert {each.account: (each.planned, each.moved) for each in run.moved}[ada] == (25_00, 10_00)
    town.sound()


def test_two_runs_cannot_both_count_on_what_is_left_of_a_cap(
    open_town: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cap = '[policy.house.jubilee]\nkind = "issuance"\nfloor = "-100000.00"'
    town = open_town((cap, cap.replace("100000", "40")), ('from = "grants"', 'from = "jubilee"'))
    town.member("Ada")
    town.clock.now = datetime(2026, 12, 21, 12, tzinfo=UTC)
    monkeypatch.setattr(runs, "_go_on", lambda *told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        town.run("jubilee")  # 25 of 40 K are promised

    town.member("Bob")
    town.clock.move(days=7)
    with pytest.raises(LimitReached, match=r"5.00 K more than the cap of jubilee"):
        town.run("grants")


def test_an_unknown_rule_or_period_is_refused_with_what_there_is(town: Any) -> None:
    with pytest.raises(BadInput, match="demurrage, grants, work"):
        town.run("alms")
    with pytest.raises(BadInput, match="not a month"):
        town.run("repair", "last month")
    with pytest.raises(WrongState, match="by the day"):
        town.run("grants", "2020-01-01")


def test_a_policy_without_a_rule_says_so(open_town: Callable[..., Any]) -> None:
    town = open_town(("[policy.work]", "[policy.fee_of_old]"), ("[policy.fee_of_old]", "[policy.work]"))
    assert town.run("work").moved == ()
    with pytest.raises(WrongState, match="no open crisis"):
        town.run("relief")


def test_a_member_who_has_left_is_given_nothing(town: Any) -> None:
    from ledger.tables import member_level

    ada, bob = town.member("Ada"), town.member("Bob")
    with town.ledger.unit_of_work() as unit:
        unit.connection.execute(
            insert(member_level).values(account=ada, level="new", expelled_at=unit.now, changed_at=unit.now)
        )
        unit.commit()
    town.clock.move(days=40)

    assert set(moved(town.run("grants"))) == {(bob, "")}
    assert set(moved(town.run("jubilee"))) == {(bob, "gift")}


def test_a_plan_that_was_changed_afterwards_is_found(town: Any) -> None:
    town.member("Ada")
    town.clock.move(days=40)
    town.run("jubilee")
    for change in ("policy_share SET planned = 1", "policy_share SET moved = 1", "policy_run SET plan_sha256 = ''"):
        with town.ledger.unit_of_work() as unit:
            unit.connection.execute(text(f"UPDATE {change}"))
            assert list(audit.faults(unit.connection)) != []


def test_a_transfer_that_only_says_it_is_a_rules_is_found(town: Any) -> None:
    ada, bob = town.member("Ada"), town.member("Bob")
    with town.ledger.unit_of_work() as unit:
        lines = (Line(account=ada, amount=-5), Line(account=bob, amount=5))
        transfers.post(unit, kind="grants", made_by=ada, lines=lines)
        assert [each.what for each in audit.faults(unit.connection)] == [
            "says it is grants, and no run of the policy has made it"
        ]


def test_only_the_fact_that_counts_now_is_kept(town: Any) -> None:
    ada = town.member("Ada")
    for value in ("student", "student", "elderly", "none"):
        facts.record(town.ledger, by="operator", account_id=ada, name="need", value=value)
    with town.ledger.reading() as connection:
        assert facts.now_held(connection, "need")[ada].value == "none"
        assert connection.execute(text("SELECT count(*) FROM member_fact")).scalar_one() == 1
        logged = connection.execute(text("SELECT details FROM audit_entry WHERE action = 'fact.recorded'")).scalars()
        assert list(logged) == ['{"name":"need"}'] * 3
    leaving.close(town.ledger, by="operator", account_id=ada)
    with town.ledger.reading() as connection:
        assert facts.now_held(connection, "need") == {}
    for name, value in (("need", "greed"), ("skill", "-1"), ("skill", "many"), ("shoe size", "42")):
        with pytest.raises(BadInput):
            facts.record(town.ledger, by="operator", account_id=ada, name=name, value=value)


def test_several_who_run_a_rule_at_once_among_payments_run_it_once(town: Any) -> None:
    members = [town.member(f"m{number}") for number in range(12)]
    town.clock.move(days=40)

    def pays(number: int) -> None:
        # So little that a quarter of the debt is no rail, whenever the plan is made.
        town.pay(members[number], members[-1 - number], 1)

    with ThreadPoolExecutor(8) as pool:
        ran = [pool.submit(town.run, "jubilee") for _ in range(4)]
        paid = [pool.submit(pays, number) for number in range(12)]
        done = [each.result() for each in ran]
        for each in paid:
            each.result()

    assert {tuple(one.moved for one in each.moved) for each in done} == {(25_00,) * 12}
    assert town.house("jubilee") == -12 * 25_00
    town.sound()

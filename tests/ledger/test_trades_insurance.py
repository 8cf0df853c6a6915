"""What services pay into the community's insurance, and what the treasurer pays out of it. On both databases."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from ledger import verification
from ledger.books import accounts, audit_log, transfers
from ledger.books.errors import KeyReused, LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger, open_ledger
from ledger.community import declaring, insurance
from ledger.policy import dated
from ledger.tables import trade
from ledger.tax import exports, journal, kind, record
from ledger.trading import disputes, receipt, schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

Value = Callable[..., str]
DEFAULT = dated.DEFAULT.read_text(encoding="utf-8")
SHOCKED = {"job": "outlet", "occupation": "47-2111", "kind": "service"}


def with_insurance(*changes: tuple[str, str]) -> str:
    """The default policy with its insurance switched on: the marks of comments are taken away, as its text says."""
    start = DEFAULT.index("# [policy.insurance]")
    end = DEFAULT.index("\n\n", start)
    written = re.sub(r"(?m)^# ?", "", DEFAULT[start:end])
    # Nobody has to wait for witnesses here.
    policy = "\n\n".join(
        block
        for block in f"{DEFAULT[:start]}{written}{DEFAULT[end:]}".split("\n\n")
        if "[policy.witnesses]" not in block
    )
    for old, new in changes:
        assert old in policy, old
        policy = policy.replace(old, new, 1)
    return policy


@pytest.fixture
def open_books(databases: Any, clock: Any, tmp_path: Path) -> Iterator[Callable[..., Ledger]]:
    """Opens books of a community with an insurance, some of its policy's text changed."""
    opened: list[Ledger] = []

    def make(*changes: tuple[str, str]) -> Ledger:
        path = tmp_path / f"policy{len(opened)}.toml"
        path.write_text(with_insurance(*changes), encoding="utf-8")
        opened.append(open_ledger(databases.new(), clock=clock, policy_file=path))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def ledger(open_books: Callable[..., Ledger]) -> Ledger:
    return open_books()


def gives(giver: str, kind: str, **said: Any) -> LegDraft:
    return LegDraft(giver=giver, kind=kind, **said)  # type: ignore[arg-type]


def work_for_k(ledger: Ledger, work: str, giver: str, payer: str, amount: int, key: str = "p") -> Trade:
    """A service for K."""
    legs = [gives("proposer", "service", valuation=work), gives("counterparty", "k", amount=amount)]
    return trades.propose(ledger, key=key, proposer=giver, counterparty=payer, legs=legs, reason="we agree")


def finished(ledger: Ledger, made: Trade) -> Trade:
    trades.accept(ledger, key=f"a{made.id}", by=made.counterparty.id, trade_id=made.id)
    for by in (made.proposer.id, made.counterparty.id):
        done = trades.confirm(ledger, key=f"c{made.id}", by=by, trade_id=made.id)
    return done


def disputed(ledger: Ledger, made: Trade, percent: int) -> Trade:
    trades.accept(ledger, key=f"a{made.id}", by=made.counterparty.id, trade_id=made.id)
    disputes.dispute(ledger, key=f"x{made.id}", by=made.counterparty.id, trade_id=made.id, reason="it sparks")
    disputes.suggest(ledger, key=f"s{made.id}", by=made.proposer.id, trade_id=made.id, percent=percent)
    return disputes.agree(ledger, key=f"g{made.id}", by=made.counterparty.id, trade_id=made.id, percent=percent)


def by_name(ledger: Ledger) -> dict[str, int]:
    told = {each.account.name: each.posted for each in accounts.listing(ledger)}
    assert sum(told.values()) == 0
    return {name: amount for name, amount in told.items() if amount}


def pay(ledger: Ledger, made: Trade, payee: str, amount: int, **said: Any) -> transfers.Transfer:
    words = {"key": "pay", "by": "operator", "reason": "the lamp burnt", "as_treasurer": True, **said}
    return insurance.pay(ledger, trade_id=made.id, payee=payee, amount=amount, **words)


def sound(ledger: Ledger) -> bool:
    return verification.verify(ledger).faults == ()


def test_the_giver_of_a_risky_service_pays_for_its_risk_when_the_trade_is_done(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    """Wiring at 30.00: 5 % are 1.50 of Ada's, who does it; the fee of 0.30 is Bob's, who pays."""
    made = work_for_k(ledger, value("two outlets", "30.00", subject=subject("two outlets", **SHOCKED)), ada, bob, 30_00)
    assert (made.insurance.proposer, made.insurance.counterparty, made.insurance.foreseen) == (1_50, 0, True)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    assert accounts.standing(ledger, ada).pending_in == 28_50
    assert insurance.standing(ledger).coming == 1_50
    assert sound(ledger)
    for by in (ada, bob):
        done = trades.confirm(ledger, key="c", by=by, trade_id=made.id)

    assert (done.insurance.proposer, done.insurance.foreseen) == (1_50, False)
    assert by_name(ledger) == {"Ada": 28_50, "Bob": -30_30, "community pool": 30, "community insurance": 1_50}
    assert ("Community insurance", "1.50 K, paid by Ada") in receipt.of(done).facts
    stands = insurance.standing(ledger)
    assert (stands.posted, stands.coming, stands.contributed, stands.trades, stands.otherwise) == (1_50, 0, 1_50, 1, 0)
    assert sound(ledger)


def subject(asked: str, **understood: Any) -> Any:
    from warehouse.valuation import Subject, ValuationRequest

    return Subject(asked=ValuationRequest(text=asked), understood=understood)


@pytest.mark.parametrize(
    ("words", "understood", "percent"),
    [
        ("two outlets", {"occupation": "47-2111"}, 5),
        ("a wall", {"category": "masonry_work"}, 5),
        ("babysitting on Friday", {}, 5),
        ("bicycle repair, new brakes", {}, 2),
        ("a haircut", {"category": "haircut"}, 1),
        ("haircut for an electrician", {"category": "haircut"}, 1),  # what is known counts, and not the words
        ("haircut for an electrician", {"category": "other"}, 5),  # where nothing is known, the words do
        ("something kind", {}, 1),
    ],
)
def test_the_risk_of_a_service_is_told_by_its_record_and_else_by_its_words(
    ledger: Ledger, value: Value, ada: str, bob: str, words: str, understood: dict[str, str], percent: int
) -> None:
    made = work_for_k(ledger, value(words, "30.00", subject=subject(words, **understood)), ada, bob, 30_00)

    assert made.insurance.proposer == 30 * percent


def test_labour_is_told_by_its_words_and_goods_pay_nothing(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [
        gives("proposer", "time", minutes=60, description="an hour of plumbing"),
        gives("counterparty", "goods", valuation=value("electrical drill and wiring", "20.00")),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)

    assert (made.insurance.proposer, made.insurance.counterparty) == (1_00, 0)
    assert finished(ledger, made).state == "done"
    # Who gives what is worth less pays the fee; nobody here moves K but for that and the insurance.
    assert by_name(ledger)["community insurance"] == 1_00
    assert sound(ledger)


def test_a_community_may_let_the_payer_pay_and_leave_the_harmless_out(
    open_books: Callable[..., Ledger], make_valuation: Any
) -> None:
    from ledger.trading import given as given_out

    ledger = open_books(('paid_by = "giver"', 'paid_by = "payer"'), ('otherwise = "low"\n', ""))
    ada, bob = (accounts.create(ledger, name)[0].id for name in ("Ada", "Bob"))
    for words, paid in (("rewiring", 1_50), ("a haircut", 0)):
        made = make_valuation(words, "30.00")
        given_out.keep(ledger, made, made.subject.asked)
        told = work_for_k(ledger, made.id, ada, bob, 30_00, key=f"p{paid}")
        assert (told.insurance.proposer, told.insurance.counterparty) == (0, paid)


def test_a_policy_without_the_section_takes_nothing(databases: Any, clock: Any, make_valuation: Any) -> None:
    from ledger.trading import given as given_out

    plain = open_ledger(databases.new(), clock=clock)
    ada, bob = (accounts.create(plain, name)[0].id for name in ("Ada", "Bob"))
    made = make_valuation("rewiring", "30.00")
    given_out.keep(plain, made, made.subject.asked)
    done = finished(plain, work_for_k(plain, made.id, ada, bob, 30_00))

    assert (done.insurance.proposer, done.insurance.counterparty) == (0, 0)
    assert by_name(plain) == {"Ada": 30_00, "Bob": -30_30, "community pool": 30}
    assert sound(plain)
    plain.close()


def test_a_contribution_that_would_break_the_floor_stops_the_trade_with_that_reason(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    transfers.pay(ledger, key="all", payer=ada, payee=bob, amount=99_00)
    legs = [
        gives("proposer", "service", valuation=value("rewiring", "30.00")),
        gives("counterparty", "goods", valuation=value("coat", "30.00")),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    with pytest.raises(LimitReached, match=r"fee of 0\.30 K and what the insurance gets, 1\.50 K, are counted"):
        trades.accept(ledger, key="a", by=bob, trade_id=made.id)


def test_what_was_held_for_the_insurance_is_free_when_the_trade_is_off(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    made = work_for_k(ledger, value("rewiring", "30.00"), ada, bob, 30_00)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    trades.cancel(ledger, key="c", by=bob, trade_id=made.id)

    assert by_name(ledger) == {}
    assert accounts.standing(ledger, ada).pending_out == 0
    assert sound(ledger)


def test_contributions_rest_in_a_crisis_where_the_policy_says_so(
    open_books: Callable[..., Ledger], make_valuation: Any, clock: Any
) -> None:
    from ledger.trading import given as given_out

    ledger = open_books(('hour = "30.00"', 'hour = "30.00"\ninsurance = false'))
    ada, bob = (accounts.create(ledger, name)[0].id for name in ("Ada", "Bob"))
    made = make_valuation("rewiring", "30.00")
    given_out.keep(ledger, made, made.subject.asked)
    before = work_for_k(ledger, made.id, ada, bob, 30_00, key="before")
    trades.accept(ledger, key="a", by=bob, trade_id=before.id)
    declaring.declare(
        ledger, key="k", by="operator", kind="economic_crisis", ends_on=date(2026, 11, 20), note="no money"
    )
    during = finished(ledger, work_for_k(ledger, made.id, ada, bob, 30_00, key="during"))
    for by in (ada, bob):
        held = trades.confirm(ledger, key="c", by=by, trade_id=before.id)

    assert (during.insurance.proposer, held.insurance.proposer) == (0, 1_50)  # what was held before is kept
    clock.move(days=7)
    assert work_for_k(ledger, made.id, ada, bob, 30_00, key="after").insurance.proposer == 1_50
    assert sound(ledger)


def test_a_delivery_of_a_schedule_pays_as_a_trade_does(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    day = date(2026, 11, 14)
    legs = [
        schedules.ScheduledDraft(leg=gives("proposer", "service", valuation=value("rewiring", "30.00")), first_day=day),
        schedules.ScheduledDraft(leg=gives("counterparty", "k", amount=30_00), first_day=date(2026, 12, 14)),
    ]
    made = schedules.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    schedules.accept(ledger, key="a", by=bob, schedule_id=made.id)
    schedules.receive(ledger, key="r", by=bob, schedule_id=made.id, position=1, occurrence=1)

    assert by_name(ledger) == {"Ada": 28_50, "Bob": -30_30, "community pool": 30, "community insurance": 1_50}
    assert sound(ledger)


@given(
    fair=st.integers(1, 90_00),
    amount=st.integers(1, 90_00),
    percent=st.integers(0, 100),
    words=st.sampled_from(["rewiring", "bicycle repair", "haircut"]),
)
@example(fair=10, amount=10, percent=33, words="rewiring")  # half a rail
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_traded_the_contribution_is_half_even_and_somebody_has_paid_it(
    open_books: Callable[..., Ledger], make_valuation: Any, fair: int, amount: int, percent: int, words: str
) -> None:
    from ledger.trading import given as given_out

    ledger = open_books()
    ada, bob = (accounts.create(ledger, name, tier="verified")[0].id for name in ("Ada", "Bob"))
    valued = make_valuation(f"{words} {fair}", f"{Decimal(fair) / 100:.2f}", base=f"{Decimal(fair) / 200:.6f}")
    given_out.keep(ledger, valued, valued.subject.asked)
    told = disputed(ledger, work_for_k(ledger, valued.id, ada, bob, amount), percent)

    risk = {"rewiring": 5, "bicycle repair": 2, "haircut": 1}[words]
    held = round(Fraction(fair * risk, 100))
    moved = round(Fraction(held * percent, 100)) if percent else 0
    assert by_name(ledger).get("community insurance", 0) == moved
    assert (told.insurance.proposer if percent else moved) == moved
    assert insurance.standing(ledger).contributed == moved
    assert sound(ledger)


def test_the_tax_record_names_it_as_a_fee_and_as_nobodys_income(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    kind.put(ledger, kind="barter_exchange", name="Katy", holds_from=date(2026, 1, 1))
    made = finished(ledger, work_for_k(ledger, value("rewiring", "30.00"), ada, bob, 30_00))
    told = {who: record.of_year(ledger, account=who, year=2026).trades[0] for who in (ada, bob)}

    assert made.state == "done"
    assert [(each.fee_k, each.fee, each.received, each.given) for each in told.values()] == [
        ("1.50", "1.50", "30.00", "30.00"),
        ("0.30", "0.30", "30.00", "30.00"),
    ]


def test_the_insurance_pays_a_party_of_a_disputed_trade_and_no_more_than_there_is(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str
) -> None:
    work = value("rewiring", "30.00")
    finished(ledger, work_for_k(ledger, work, ada, bob, 30_00))
    quiet = finished(ledger, work_for_k(ledger, work, ada, bob, 30_00, key="quiet"))
    made = disputed(ledger, work_for_k(ledger, work, ada, bob, 30_00, key="sparks"), 50)
    assert insurance.standing(ledger).posted == 3_75
    before = by_name(ledger)

    with pytest.raises(NotAllowed, match="by a treasurer"):
        pay(ledger, made, bob, 1_00, as_treasurer=False)
    with pytest.raises(NotAllowed, match="a trade of their own"):
        pay(ledger, made, bob, 1_00, by=bob)
    with pytest.raises(BadInput, match="says why"):
        pay(ledger, made, bob, 1_00, reason=" ")
    with pytest.raises(BadInput, match="above zero"):
        pay(ledger, made, bob, 0)
    with pytest.raises(BadInput, match="a party of the trade"):
        pay(ledger, made, eve, 1_00)
    with pytest.raises(WrongState, match="was not disputed"):
        pay(ledger, quiet, bob, 1_00)
    with pytest.raises(Unknown):
        pay(ledger, made.model_copy(update={"id": "trade_" + "0" * 20}), bob, 1_00)
    with pytest.raises(LimitReached, match=r"holds 3\.75 K, less than the 3\.76 K"):
        pay(ledger, made, bob, 3_76)
    assert by_name(ledger) == before

    paid = pay(ledger, made, "Bob", 3_00)
    assert pay(ledger, made, "Bob", 3_00) == paid  # the same key pays once
    with pytest.raises(KeyReused):
        pay(ledger, made, "Bob", 3_01)
    after = by_name(ledger)
    assert (after["Bob"] - before["Bob"], after["community insurance"]) == (3_00, 75)
    stands = insurance.standing(ledger)
    assert [(each.trade, each.payee, each.amount, each.reason) for each in stands.payouts] == [
        (made.id, "Bob", 3_00, "the lamp burnt")
    ]
    assert (stands.posted, stands.contributed, stands.trades, stands.otherwise) == (75, 3_75, 3, 0)
    logged = audit_log.listing(ledger, action="insurance.paid")
    assert [(each.actor, each.subject, "burnt" in each.details) for each in logged] == [("operator", bob, False)]
    assert transfers.movements(ledger, bob)[0].memo == "the lamp burnt"
    assert sound(ledger)


def test_nothing_is_paid_before_a_dispute_has_ended_and_the_trades_own_papers_stay(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    kind.put(ledger, kind="barter_exchange", name="Katy", holds_from=date(2026, 1, 1))
    work = value("rewiring", "30.00")
    finished(ledger, work_for_k(ledger, work, ada, bob, 30_00))
    made = work_for_k(ledger, work, ada, bob, 30_00, key="sparks")
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    disputes.dispute(ledger, key="x", by=bob, trade_id=made.id, reason="it sparks")
    with pytest.raises(WrongState, match="has not ended"):
        pay(ledger, made, bob, 1_00)
    disputes.decide(
        ledger, key="d", by=accounts.create(ledger, "Judge")[0].id, trade_id=made.id, percent=100, note="it holds",
        as_treasurer=True,
    )  # fmt: skip
    before = record.of_year(ledger, account=bob, year=2026)
    pay(ledger, made, bob, 1_00)

    assert record.of_year(ledger, account=bob, year=2026).trades == before.trades
    assert sound(ledger)


def test_the_books_to_take_away_balance_with_contributions_and_payouts(
    ledger: Ledger, value: Value, ada: str, bob: str, tmp_path: Path
) -> None:
    kind.put(ledger, kind="barter_exchange", name="Katy", holds_from=date(2026, 1, 1))
    work = value("rewiring", "30.00")
    finished(ledger, work_for_k(ledger, work, ada, bob, 30_00))
    pay(ledger, disputed(ledger, work_for_k(ledger, work, ada, bob, 30_00, key="sparks"), 50), bob, 2_00)
    checker = Path(__file__).parents[2] / ".venv" / "checkers" / "bin" / "bean-check"
    if not checker.exists():
        pytest.skip("bean-check is not here; `make test` installs it where it can")
    for name, books in (
        ("ada", journal.of_member(ledger, ada, 2026)),
        ("bob", journal.of_member(ledger, bob, 2026)),
        ("community", journal.of_community(ledger, 2026)),
    ):
        file = tmp_path / f"{name}.beancount"
        file.write_text(exports.beancount(books), encoding="utf-8")
        checked = subprocess.run([checker, file], capture_output=True, text=True, timeout=60)
        assert (checked.returncode, checked.stderr) == (0, ""), file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"insurance_proposer": 1_51}, "its entries moved"),
        ({"insurance_proposer": 31_00}, "for services that are worth 3000"),
        ({"insurance_proposer": 0}, "pays 0 rails into the insurance, and the account for it is"),
        ({"insurance_proposer": -1_00, "insurance_counterparty": 2_00}, "which only takes from a trade"),
    ],
)
def test_verify_ties_contributions_to_their_trades(
    ledger: Ledger, value: Value, ada: str, bob: str, change: dict[str, int], told: str
) -> None:
    made = finished(ledger, work_for_k(ledger, value("rewiring", "30.00"), ada, bob, 30_00))
    with ledger.engine.execution_options(katy_write=True).begin() as connection:
        connection.execute(update(trade).where(trade.c.id == made.id).values(**change))

    assert told in " ".join(str(each) for each in verification.verify(ledger).faults)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE trade SET cause = NULL", "not for a trade that was disputed"),
        ("UPDATE account SET kind = 'pool' WHERE tier = 'house.insurance'", "another account did"),
        ("UPDATE trade SET proposer = :eve WHERE proposer = :bob", "no party of"),
    ],
)
def test_verify_ties_payouts_to_disputed_trades(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str, statement: str, told: str
) -> None:
    work = value("rewiring", "30.00")
    finished(ledger, work_for_k(ledger, work, ada, bob, 30_00))
    made = disputed(ledger, work_for_k(ledger, work, bob, ada, 30_00, key="sparks"), 50)
    pay(ledger, made, bob, 1_00)
    assert sound(ledger)
    with ledger.engine.execution_options(katy_write=True).begin() as connection:
        names = {name: id for name, id in (("eve", eve), ("bob", bob)) if f":{name}" in statement}
        connection.execute(text(statement), names)

    assert told in " ".join(str(each) for each in verification.verify(ledger).faults)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('paid_by = "giver"', 'paid_by = "nobody"', "giver, payer"),
        ('otherwise = "low"', 'otherwise = "mild"', "high, medium, low"),
        ('into = "insurance"', 'into = "pool"', 'not of the kind "insurance"'),
        ('into = "insurance"', 'into = "hat"', 'names the house account "hat"'),
        ('"elder_care"', '"electrician"', '"electrician" is of the risk high and of medium'),
        ('percent = "5"', 'percent = "five"', r"\[policy.insurance.risks.high\] percent is a number"),
        ('otherwise = "low"', 'otherwise = "low"\nkinds = ["goods"]', "kinds are of service, time"),
        ('otherwise = "low"', 'otherwise = "low"\ncolour = "red"', "colour"),
    ],
)
def test_a_wrong_insurance_is_refused_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(with_insurance((old, new)), encoding="utf-8")
    with pytest.raises(BadInput, match=told):
        dated.read(path)


def test_the_percents_of_the_founding_papers_stand_ready_in_the_default_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(with_insurance(), encoding="utf-8")
    rule = dated.read(path).on(date(2026, 11, 14)).sections.insurance

    assert dated.read().on(date(2026, 11, 14)).sections.insurance is None
    assert rule is not None
    assert {each.name: each.percent * 100 for each in rule.risks} == {"high": 5, "medium": 2, "low": 1}
    assert {"electrician", "plumber", "roofer", "nursing", "child_care"} <= set(rule.risks[0].categories)
    assert "5 % where the risk is high" in rule.says
    assert "by its giver into insurance" in rule.says

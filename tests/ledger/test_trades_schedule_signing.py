"""A business's schedule moves no more K at once, unsigned, than a payment of it would; its signers read what they
sign."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ledger import to_sign_schedules, verification
from ledger.books import accounts, signing, transfers
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger, open_ledger
from ledger.policy import dated
from ledger.tables import metadata, schedule
from ledger.trading import schedule_signing, schedules, settling
from ledger.trading.legs import LegDraft
from ledger.trading.schedule_view import Schedule
from ledger.trading.schedules import ScheduledDraft
from ledger.trading.settling import Paid

Value = Callable[..., str]
START = date(2026, 11, 16)
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
NUMBERS = itertools.count(1)


@pytest.fixture
def mill(ledger: Ledger, bob: str, eve: str) -> str:
    """A business of which Bob and Eve sign what is above 500 K."""
    made = accounts.create(ledger, "Mill", tier="business", kind="business")[0].id
    for member in (bob, eve):
        signing.add_signer(ledger, made, member)
    return made


def grain(ledger: Ledger, value: Value, mill: str, farmer: str, a_month: int, money: bool = True) -> Schedule:
    """Grain twice, four weeks apart, for K each time, or for flour."""
    paid = (
        LegDraft(giver="proposer", kind="k", amount=a_month)
        if money
        else LegDraft(giver="proposer", kind="goods", valuation=value("flour", f"{a_month / 100:.2f}"))
    )
    wheat = LegDraft(giver="counterparty", kind="goods", valuation=value("wheat", f"{a_month / 100:.2f}"))
    legs = [ScheduledDraft(leg=leg, first_day=START, every_days=28, times=2) for leg in (paid, wheat)]
    return schedules.propose(ledger, key="p", proposer=mill, counterparty=farmer, legs=legs)


def received(ledger: Ledger, made: Schedule, by: str, position: int, key: str = "r") -> Schedule:
    return schedules.receive(ledger, key=key, by=by, schedule_id=made.id, position=position, occurrence=1)


def sign(ledger: Ledger, made: Schedule, *members: str) -> None:
    for member in members:
        schedule_signing.sign(ledger, key="s", by=member, schedule_id=made.id, terms=made.terms_sha256)


def test_a_schedule_that_pays_more_than_may_be_paid_unsigned_waits_for_its_signers(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str, mill: str
) -> None:
    made = grain(ledger, value, mill, ada, 600_00)
    with pytest.raises(WrongState, match=r"signatures of Mill: 0 of 2 .* terms " + made.terms_sha256):
        schedules.accept(ledger, key="a", by=ada, schedule_id=made.id)
    sign(ledger, made, bob)
    with pytest.raises(WrongState, match="1 of 2"):
        schedules.accept(ledger, key="a", by=ada, schedule_id=made.id)
    sign(ledger, made, bob, eve)

    assert schedules.accept(ledger, key="a", by=ada, schedule_id=made.id).state == "running"
    received(ledger, made, mill, 2)
    assert accounts.standing(ledger, ada).posted == 600_00
    assert verification.verify(ledger).faults == ()


def test_what_is_small_each_time_needs_no_signature(ledger: Ledger, value: Value, ada: str, mill: str) -> None:
    made = grain(ledger, value, mill, ada, 400_00)

    assert schedules.accept(ledger, key="a", by=ada, schedule_id=made.id).state == "running"


def test_who_no_longer_signs_has_not_signed_what_is_paid_later(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str, mill: str
) -> None:
    made = grain(ledger, value, mill, ada, 600_00)
    sign(ledger, made, bob, eve)
    schedules.accept(ledger, key="a", by=ada, schedule_id=made.id)
    signing.remove_signer(ledger, mill, eve)
    signing.add_signer(ledger, mill, ada)
    with pytest.raises(WrongState, match="1 of 2"):
        received(ledger, made, mill, 2)
    assert accounts.standing(ledger, mill).posted == 0


def test_terms_are_signed_by_a_signer_and_as_they_are(
    ledger: Ledger, value: Value, ada: str, bob: str, mill: str
) -> None:
    made = grain(ledger, value, mill, ada, 600_00)
    stranger = accounts.create(ledger, "Zoe")[0].id
    with pytest.raises(Unknown):
        sign(ledger, made, stranger)
    with pytest.raises(NotAllowed):
        sign(ledger, made, ada)
    with pytest.raises(WrongState, match="read it again"):
        schedule_signing.sign(ledger, key="s", by=bob, schedule_id=made.id, terms="0" * 64)
    schedules.cancel(ledger, key="c", by=mill, schedule_id=made.id)
    with pytest.raises(WrongState, match="cancelled"):
        sign(ledger, made, bob)


@pytest.mark.parametrize("signed", [True, False])
def test_a_default_takes_from_a_business_what_it_may_pay_unsigned_and_the_rest_is_left_open(
    ledger: Ledger, value: Value, clock: Any, ada: str, bob: str, eve: str, mill: str, signed: bool
) -> None:
    made = grain(ledger, value, mill, ada, 800_00, money=False)
    schedules.accept(ledger, key="a", by=ada, schedule_id=made.id)
    received(ledger, made, mill, 2)  # the wheat, and never any flour
    if signed:
        sign(ledger, made, bob, eve)
    clock.move(days=20)
    ended = schedules.default(ledger, key="d", by=ada, schedule_id=made.id)

    paid = 800_00 if signed else 500_00
    assert (accounts.standing(ledger, ada).posted, ended.shortfall) == (paid, 800_00 - paid)
    assert verification.verify(ledger).faults == ()


def waiting(ledger: Ledger, member: str) -> list[str]:
    return [each.schedule.id for each in to_sign_schedules.listing(ledger, member).items]


def test_a_signer_reads_what_leaves_the_business_at_once_and_nothing_is_written_by_it(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str, mill: str
) -> None:
    made = grain(ledger, value, mill, ada, 600_00)
    before = rows(ledger)
    seen = to_sign_schedules.one(ledger, bob, made.id)
    assert (seen.most, seen.alone) == (Paid(moved=600_00, fee=6_00), 500_00)
    found = seen.signatures
    assert (found.business.name, found.pays, found.needed, found.signed, found.mine) == ("Mill", 606_00, 2, 0, False)
    assert seen.schedule == made
    assert waiting(ledger, bob) == waiting(ledger, eve) == [made.id]
    assert waiting(ledger, ada) == waiting(ledger, mill) == []
    assert rows(ledger) == before

    sign(ledger, made, bob)
    assert (waiting(ledger, bob), waiting(ledger, eve)) == ([], [made.id])
    told = to_sign_schedules.of_party(ledger, made, mill)
    assert told is not None
    assert (told.signed, told.needed, told.waits) == (1, 2, True)
    assert to_sign_schedules.of_party(ledger, made, ada) is None
    sign(ledger, made, eve)
    assert waiting(ledger, eve) == []
    assert not to_sign_schedules.one(ledger, bob, made.id).signatures.waits
    for stranger in (ada, mill):
        with pytest.raises(Unknown):
            to_sign_schedules.one(ledger, stranger, made.id)


def rows(ledger: Ledger) -> dict[str, int]:
    with ledger.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_one_that_runs_waits_again_when_its_signers_change(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str, mill: str
) -> None:
    made = grain(ledger, value, mill, ada, 600_00)
    sign(ledger, made, bob, eve)
    made = schedules.accept(ledger, key="a", by=ada, schedule_id=made.id)
    zoe = accounts.create(ledger, "Zoe")[0].id
    signing.add_signer(ledger, mill, zoe)
    assert waiting(ledger, zoe) == []
    signing.remove_signer(ledger, mill, eve)
    assert (waiting(ledger, zoe), waiting(ledger, bob), waiting(ledger, eve)) == ([made.id], [], [])
    told = to_sign_schedules.of_party(ledger, made, mill)
    assert told is not None
    assert (told.signed, told.needed) == (1, 2)
    sign(ledger, made, zoe)
    received(ledger, made, mill, 2)
    schedules.cancel(ledger, key="c1", by=mill, schedule_id=made.id)
    schedules.cancel(ledger, key="c2", by=ada, schedule_id=made.id)
    with pytest.raises(Unknown):
        to_sign_schedules.one(ledger, bob, made.id)


def test_what_is_settled_needs_no_signature_any_more(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str, mill: str
) -> None:
    """150 K a week, five times, for wheat every four weeks: 600 K in the first period, 150 K in the second."""
    money = LegDraft(giver="proposer", kind="k", amount=150_00)
    wheat = LegDraft(giver="counterparty", kind="goods", valuation=value("wheat", "300.00"))
    legs = [
        ScheduledDraft(leg=money, first_day=START, every_days=7, times=5),
        ScheduledDraft(leg=wheat, first_day=START, every_days=28, times=2),
    ]
    made = schedules.propose(ledger, key="p", proposer=mill, counterparty=ada, legs=legs, reason="early")
    sign(ledger, made, bob, eve)
    schedules.accept(ledger, key="a", by=ada, schedule_id=made.id)
    signing.remove_signer(ledger, mill, eve)
    # The fee is 1 % of the smaller side.
    assert to_sign_schedules.one(ledger, bob, made.id).most == Paid(moved=600_00, fee=3_00)
    signing.add_signer(ledger, mill, eve)
    received(ledger, made, mill, 2)
    signing.remove_signer(ledger, mill, eve)
    seen = to_sign_schedules.one(ledger, bob, made.id)
    assert (seen.most.total, seen.signatures.needed) == (151_50, 0)


def test_a_business_with_too_few_signers_is_told_how_many_it_needs(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str, mill: str
) -> None:
    made = grain(ledger, value, mill, ada, 600_00)
    signing.remove_signer(ledger, mill, eve)
    found = to_sign_schedules.listing(ledger, bob).items
    assert [(each.signatures.too_few, each.signatures.needed) for each in found] == [(True, 2)]
    with pytest.raises(NotAllowed, match="needs 2 signatures"):
        schedules.accept(ledger, key="a", by=ada, schedule_id=made.id)


# How much, how many days after the first day, every so many days, how often; once where that is 1.
RHYTHM = st.tuples(st.integers(1, 300), st.integers(0, 9), st.integers(1, 9), st.integers(1, 4))


def drafts(giver: Any, kind: Any, said: list[tuple[int, int, int, int]]) -> list[ScheduledDraft]:
    return [
        ScheduledDraft(
            leg=LegDraft(giver=giver, kind=kind, **{"amount" if kind == "k" else "minutes": much}),
            first_day=START + timedelta(days=later),
            every_days=every if often > 1 else None,
            times=often,
        )
        for much, later, every, often in said
    ]


@pytest.fixture(scope="module")
def insured(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Books of a community with a fee and an insurance."""
    folder = tmp_path_factory.mktemp("insured")
    rule = '\n[policy.insurance]\ninto = "insurance"\npaid_by = "giver"\notherwise = "low"\n'
    risk = '\n[policy.insurance.risks.low]\npercent = "3"\n'
    (folder / "policy.toml").write_text(dated.DEFAULT.read_text(encoding="utf-8") + rule + risk, encoding="utf-8")
    opened = open_ledger(f"sqlite:///{folder / 'books'}", clock=lambda: NOW, policy_file=folder / "policy.toml")
    yield opened
    opened.close()


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    work=st.lists(RHYTHM, min_size=1, max_size=2),
    back=st.lists(RHYTHM, min_size=1, max_size=2),
    pay=st.lists(RHYTHM, min_size=1, max_size=1),
    payer=st.sampled_from(["proposer", "counterparty"]),
)
def test_what_is_foreseen_before_it_is_accepted_is_what_the_largest_period_takes(
    insured: Ledger, work: Any, back: Any, pay: Any, payer: str
) -> None:
    one, other = (accounts.create(insured, f"{name} {next(NUMBERS)}")[0].id for name in ("Ada", "Bob"))
    legs = [*drafts("proposer", "time", work), *drafts("counterparty", "time", back), *drafts(payer, "k", pay)]
    if len({(each.first_day, each.times) for each in legs}) == 1 and legs[0].times == 1:
        return  # that is a trade
    made = schedules.propose(insured, key="p", proposer=one, counterparty=other, legs=legs, reason="we like it")
    told = foreseen(insured, made)
    made = schedules.accept(insured, key="a", by=other, schedule_id=made.id)
    assert foreseen(insured, made) == told
    handed = {leg.each.position: leg.each.giver for leg in made.legs if leg.each.kind == "time"}
    for number, due in enumerate(made.dues):
        if due.position in handed:
            by = other if handed[due.position] == "proposer" else one
            schedules.receive(
                insured, key=f"r{number}", by=by, schedule_id=made.id, position=due.position, occurrence=due.occurrence
            )
    assert schedules.view(insured, by=one, schedule_id=made.id).state == "done"
    for side in (one, other):
        left: Counter[str | None] = Counter()
        for each in transfers.movements(insured, side, limit=100):
            left[each.reference] -= each.amount
        assert told[side].total == max(left.values())
    assert foreseen(insured, made) == {one: Paid(), other: Paid()}


def foreseen(ledger: Ledger, made: Schedule) -> dict[str, Paid]:
    today = ledger.policy()
    with ledger.reading() as connection:
        row = connection.execute(select(schedule).where(schedule.c.id == made.id)).one()
        return settling.paid_at_most(connection, row, today, ledger.policies)

"""A business's schedule moves no more K at once, unsigned, than a payment of it would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, signing
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger
from ledger.trading import schedule_signing, schedules
from ledger.trading.legs import LegDraft
from ledger.trading.schedule_view import Schedule
from ledger.trading.schedules import ScheduledDraft

Value = Callable[..., str]
START = date(2026, 11, 16)


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

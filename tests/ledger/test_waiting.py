"""What is open for an account, and the trades of a business that wait for its signers, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger import to_sign, waiting
from ledger.books import accounts, signing
from ledger.books.errors import Unknown
from ledger.books.paging import Page
from ledger.books.store import Ledger
from ledger.trading import delivering, schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft
from ledger.trading.trade_view import Trade

NOTHING: Page[object] = Page((), None)


def work_for(ledger: Ledger, by: str, to: str, amount: int, key: str) -> Trade:
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=amount * 60 // 20_00),
        LegDraft(giver="counterparty", kind="k", amount=amount),
    ]
    return trades.propose(ledger, key=key, proposer=by, counterparty=to, legs=legs)


def test_a_proposal_waits_for_each_signer_until_it_has_enough(
    ledger: Ledger, mill: str, ada: str, bob: str, eve: str
) -> None:
    large = work_for(ledger, eve, mill, 600_00, "large")
    # 500 K need no second signature; with the fee of 1 % it is more.
    edge = work_for(ledger, eve, mill, 500_00, "edge")
    work_for(ledger, eve, mill, 480_00, "small")
    assert {each.trade.id for each in to_sign.listing(ledger, ada).items} == {large.id, edge.id}
    assert to_sign.listing(ledger, eve) == to_sign.listing(ledger, mill) == NOTHING

    delivering.sign(ledger, key="s", by=ada, trade_id=large.id, terms=large.terms_sha256)
    assert [each.trade.id for each in to_sign.listing(ledger, ada).items] == [edge.id]
    seen = to_sign.one(ledger, ada, large.id).signatures
    assert (seen.pays, seen.needed, seen.signed, seen.mine, seen.waits) == (606_00, 2, 1, True, True)
    delivering.sign(ledger, key="s", by=bob, trade_id=large.id, terms=large.terms_sha256)
    assert not to_sign.one(ledger, bob, large.id).signatures.waits
    found = to_sign.of_party(ledger, large, mill)
    assert found is not None
    assert (found.signed, found.needed) == (2, 2)
    assert to_sign.of_party(ledger, large, eve) is None
    trades.accept(ledger, key="a", by=mill, trade_id=large.id)
    for who in (ada, eve):
        with pytest.raises(Unknown):
            to_sign.one(ledger, who, large.id)


def test_a_business_with_too_few_signers_can_never_have_enough(ledger: Ledger, ada: str, eve: str) -> None:
    firm = accounts.create(ledger, "Firm", kind="business", tier="business")[0].id
    signing.add_signer(ledger, firm, ada)
    made = work_for(ledger, eve, firm, 600_00, "t")
    seen = to_sign.one(ledger, ada, made.id).signatures
    assert (seen.too_few, seen.needed, seen.waits) == (True, 2, True)
    signing.remove_signer(ledger, firm, ada)
    told = to_sign.of_party(ledger, made, firm)
    assert told is not None
    assert (told.too_few, told.needed) == (True, 2)


def test_what_has_ended_is_open_for_nobody(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    open_one, ended = work_for(ledger, ada, bob, 20_00, "a"), work_for(ledger, ada, bob, 20_00, "b")
    trades.cancel(ledger, key="c", by=bob, trade_id=ended.id)
    for who in (ada, bob):
        assert [each.id for each in waiting.trades(ledger, who).items] == [open_one.id]

    day = ledger.clock().date() + timedelta(days=2)
    legs = [
        ScheduledDraft(leg=LegDraft(giver="proposer", kind="time", minutes=60), first_day=day, every_days=7, times=2),
        ScheduledDraft(leg=LegDraft(giver="counterparty", kind="k", amount=40_00), first_day=day),
    ]
    made = [schedules.propose(ledger, key=key, proposer=ada, counterparty=bob, legs=legs) for key in ("1", "2")]
    schedules.cancel(ledger, key="c1", by=ada, schedule_id=made[0].id)
    assert [each.id for each in waiting.schedules(ledger, bob).items] == [made[1].id]
    assert waiting.trades(ledger, eve) == waiting.schedules(ledger, eve) == NOTHING

"""Signatures are for one business: those of before this was written down go on counting as they did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger import to_sign, to_sign_schedules
from ledger.books import accounts, migrate, signing
from ledger.books.errors import WrongState
from ledger.books.store import Ledger, open_ledger
from ledger.trading import delivering, schedule_signing, schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft

MOMENT = "2026-01-02T03:04:05.000000Z"
GRAIN = LegDraft(giver="proposer", kind="time", minutes=1800, description="grain, cut and carried")
PAID = LegDraft(giver="counterparty", kind="k", amount=600_00)


@pytest.fixture
def businesses(ledger: Ledger, ada: str, bob: str, eve: str) -> tuple[str, str]:
    """A shop, for which Bob signs, and a mill, for which Ada and Eve do."""
    shop, mill = (accounts.create(ledger, name, tier="business", kind="business")[0].id for name in ("Shop", "Mill"))
    for business, member in ((shop, bob), (mill, ada), (mill, eve)):
        signing.add_signer(ledger, business, member)
    return shop, mill


def test_who_signed_a_trade_for_one_party_has_not_signed_for_the_other(
    ledger: Ledger, businesses: tuple[str, str], bob: str, eve: str
) -> None:
    shop, mill = businesses
    made = trades.propose(ledger, key="p", proposer=shop, counterparty=mill, legs=[GRAIN, PAID], reason="harvest")
    delivering.sign(ledger, key="s", by=bob, trade_id=made.id, terms=made.terms_sha256)
    signing.add_signer(ledger, mill, bob)
    delivering.sign(ledger, key="s", by=eve, trade_id=made.id, terms=made.terms_sha256)
    with pytest.raises(WrongState, match="1 of 2 signers"):
        trades.accept(ledger, key="a", by=mill, trade_id=made.id)

    assert [each.trade.id for each in to_sign.listing(ledger, bob).items] == [made.id]
    assert to_sign.listing(ledger, eve).items == ()
    delivering.sign(ledger, key="again", by=bob, trade_id=made.id, terms=made.terms_sha256)
    assert trades.accept(ledger, key="a", by=mill, trade_id=made.id).state == "accepted"


def test_nor_a_schedule(ledger: Ledger, clock: Any, businesses: tuple[str, str], bob: str, eve: str) -> None:
    shop, mill = businesses
    legs = [ScheduledDraft(leg=each, first_day=clock().date(), every_days=28, times=2) for each in (GRAIN, PAID)]
    made = schedules.propose(ledger, key="p", proposer=shop, counterparty=mill, legs=legs, reason="all winter")

    def sign(key: str, member: str) -> None:
        schedule_signing.sign(ledger, key=key, by=member, schedule_id=made.id, terms=made.terms_sha256)

    sign("s", bob)
    signing.add_signer(ledger, mill, bob)
    sign("s", eve)
    with pytest.raises(WrongState, match="1 of 2 signers"):
        schedules.accept(ledger, key="a", by=mill, schedule_id=made.id)

    assert [each.schedule.id for each in to_sign_schedules.listing(ledger, bob).items] == [made.id]
    sign("again", bob)
    assert schedules.accept(ledger, key="a", by=mill, schedule_id=made.id).state == "running"


def test_signatures_of_before_count_as_they_did(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch, written: Any
) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    with monkeypatch.context() as before:
        before.setattr(migrate, "HEAD", "r0010")
        open_ledger(url, clock=clock).close()
    of = {"tier": "basic", "created_at": MOMENT}
    people = [("ada", "member"), ("bob", "member"), ("mill", "business"), ("shop", "business"), ("other", "business")]
    inserts: list[tuple[str, dict[str, Any]]] = [
        *(("account", {"id": name, "name": name, "name_key": name, "kind": kind, **of}) for name, kind in people),
        ("trade", {"id": "t", "proposer": "shop", "counterparty": "mill", "state": "proposed", "terms_sha256": "new",
                   "proposed_at": MOMENT, "offer": 2}),
        *(("offer", {"trade": "t", "number": number, "made_by": "shop", "terms_sha256": terms, "made_at": MOMENT})
          for number, terms in ((1, "old"), (2, "new"))),
        # Ada signs for the mill, Bob does so no longer, and she signs for a business that is no party as well.
        *(("signer", {"account": name, "member": "ada", "added_at": MOMENT}) for name in ("mill", "other")),
        *(("signature", {"subject": terms, "member": name, "signed_at": MOMENT})
          for terms, name in (("old", "ada"), ("new", "ada"), ("new", "bob"))),
    ]  # fmt: skip
    written(url, inserts)

    ledger = open_ledger(url, clock=clock)
    with ledger.reading() as connection:
        kept = connection.execute(text("SELECT subject, account, member, signed_at FROM signature")).all()
        counted = {name: signing.signed(connection, "new", name) for name in ("mill", "shop", "other")}
    ledger.close()
    assert sorted(kept) == [
        (subject, account, member, MOMENT)
        for subject, account, member in sorted(
            (subject, account, member)
            for subject, member in (("old", "ada"), ("new", "ada"), ("new", "bob"))
            for account in ("mill", "shop")
        )
    ]
    assert counted == {"mill": 1, "shop": 0, "other": 0}

"""The run refuses when one entry, leg or record is not as it was written, and says by how much."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from ledger.books.store import Ledger
from ledger.tax import barter, filing, journal, reading, record, ties
from ledger.tax.barter import Computed, Form, Left
from ledger.tax.errors import DoesNotTie
from ledger.tax.reading import DoneTrade
from ledger.trading.legs import LegDraft

pytestmark = pytest.mark.usefixtures("exchange", "any_number")


def tamper(ledger: Ledger, statement: str) -> None:
    """Change rows as somebody with the database's own password would, past triggers and foreign keys."""
    intruder = create_engine(ledger.engine.url)
    with intruder.begin() as connection:
        run = connection.exec_driver_sql
        if intruder.dialect.name == "postgresql":
            run("SET LOCAL session_replication_role = replica")
        else:
            for (name,) in run("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                run(f"DROP TRIGGER {name}")
        assert connection.execute(text(statement)).rowcount >= 1
    intruder.dispose()


def done(ledger: Ledger) -> list[DoneTrade]:
    with ledger.reading() as connection:
        return reading.done_in(connection, ledger.policies, 2026, "UTC")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE entry SET amount = 60 WHERE amount = 50", r"entry \d+ was changed"),
        ("DELETE FROM entry WHERE amount = 50", r"the legs and the fee say \S+ K; they are -0\.50 K apart"),
        ("UPDATE leg SET fair = 4600 WHERE fair = 4500", r"says 46\.00 K, .* says 45\.00 K; they are 1\.00 K apart"),
        ("UPDATE leg SET description = 'a lawnmower' WHERE kind = 'service'", "do not give the hash of its terms"),
        ("UPDATE trade SET terms_sha256 = 'f'", "its legs do not give the hash of its terms"),
        ("UPDATE fmv_record SET content = CAST('{}' AS BLOB) WHERE kind = 'k_rate'", "does not give its hash"),
        ("UPDATE trade SET fee_proposer = fee_proposer + 7", r"they are -?0\.07 K apart"),
    ],
    ids=["entry", "missing entry", "leg's value", "leg's words", "terms", "record", "fee"],
)
def test_the_run_refuses_what_was_changed(ledger: Ledger, bread_and_bike: str, statement: str, told: str) -> None:
    filing.draft(ledger, 2026)
    if ledger.engine.dialect.name == "postgresql":
        statement = statement.replace("AS BLOB", "AS bytea")

    tamper(ledger, statement)

    with pytest.raises(DoesNotTie, match=told):
        filing.draft(ledger, 2026)


def test_no_paper_is_made_of_books_that_do_not_tie(ledger: Ledger, bread_and_bike: str, ada: str) -> None:
    tamper(ledger, "DELETE FROM entry WHERE amount = 50")

    for paper in (lambda: record.of_year(ledger, ada, 2026), lambda: journal.of_member(ledger, ada, 2026)):
        with pytest.raises(DoesNotTie):
            paper()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_one_change_in_a_trade_is_seen(ledger: Ledger, bread_and_bike: str, data: st.DataObject) -> None:
    (trade,) = done(ledger)
    ties.check([trade], ledger.policies)

    with pytest.raises(DoesNotTie):
        ties.check([data.draw(st.sampled_from(CHANGES))(trade, data)], ledger.policies)


def change_leg(trade: DoneTrade, data: st.DataObject) -> DoneTrade:
    at = data.draw(st.integers(0, len(trade.legs) - 1))
    leg = trade.legs[at]
    name = data.draw(st.sampled_from(["fair", "low", "high", "declared", "amount", "quantity", "description", "giver"]))
    new: Any = data.draw(st.integers(10**7, 10**8)) if name in {"fair", "low", "high", "declared", "amount"} else "3"
    row = {**leg.row, name: new}
    extra = {"quantity": "3"} if name == "quantity" else {}
    changed = dataclasses.replace(leg, row=row, **extra)
    return dataclasses.replace(trade, legs=(*trade.legs[:at], changed, *trade.legs[at + 1 :]))


def drop_leg(trade: DoneTrade, data: st.DataObject) -> DoneTrade:
    at = data.draw(st.integers(0, len(trade.legs) - 1))
    return dataclasses.replace(trade, legs=(*trade.legs[:at], *trade.legs[at + 1 :]))


def change_record(trade: DoneTrade, data: st.DataObject) -> DoneTrade:
    at = data.draw(st.integers(0, len(trade.legs) - 1))
    leg = trade.legs[at]
    content = bytearray(leg.record.content)
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1
    changed = dataclasses.replace(leg, record=dataclasses.replace(leg.record, content=bytes(content)))
    return dataclasses.replace(trade, legs=(*trade.legs[:at], changed, *trade.legs[at + 1 :]))


def change_entry(trade: DoneTrade, data: st.DataObject) -> DoneTrade:
    at = data.draw(st.integers(0, len(trade.moved) - 1))
    moved = trade.moved[at]
    new = moved.entry["amount"] + data.draw(st.integers(1, 10**6))
    changed = dataclasses.replace(moved, entry={**moved.entry, "amount": new})
    return dataclasses.replace(trade, moved=(*trade.moved[:at], changed, *trade.moved[at + 1 :]))


def drop_entry(trade: DoneTrade, data: st.DataObject) -> DoneTrade:
    at = data.draw(st.integers(0, len(trade.moved) - 1))
    return dataclasses.replace(trade, moved=(*trade.moved[:at], *trade.moved[at + 1 :]))


def change_fee(trade: DoneTrade, data: st.DataObject) -> DoneTrade:
    party = data.draw(st.sampled_from(trade.parties))
    return dataclasses.replace(trade, fees={**trade.fees, party: trade.fees[party] + data.draw(st.integers(1, 99))})


CHANGES = (change_leg, drop_leg, change_record, change_entry, drop_entry, change_fee)


@given(
    cents=st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 10**6), st.booleans()), min_size=1, max_size=8),
    lost=st.integers(1, 10**6),
)
def test_money_that_is_on_no_form_and_left_for_no_reason_is_named(
    cents: list[tuple[str, int, bool]], lost: int
) -> None:
    forms, left, received = [], [], {"a": 0, "b": 0}
    for at, (account, amount, on_form) in enumerate(cents):
        received[account] += amount
        if on_form:
            forms.append(form(account, f"t{at}", amount))
        else:
            left.append(Left(account=account, trade=f"t{at}", cents=amount, why="under $1.00"))
    made = Computed(year=2026, forms=tuple(forms), left=tuple(left), received=received, exchanges=1, exempt=None)
    barter.check_totals(made)

    wrong = made.model_copy(update={"received": {**received, "a": received["a"] + lost}})
    with pytest.raises(DoesNotTie, match=f"they are -{lost // 100}\\.{lost % 100:02d} apart"):
        barter.check_totals(wrong)


def form(account: str, reference: str, cents: int) -> Form:
    return Form(
        year=2026,
        account=account,
        reference=reference,
        recipient="individual",
        name=account,
        address="",
        tin_kind=None,
        tin_shown=None,
        box_1a="bread",
        box_1c=None,
        box_13=cents,
        trades=(reference,),
    )


def test_forms_and_what_is_on_none_sum_to_what_was_received(
    ledger: Ledger,
    bread_and_bike: str,
    deal: Callable[..., str],
    value: Callable[..., str],
    ada: str,
    bob: str,
    eve: str,
) -> None:
    pin = value("pin", "0.40")
    deal(
        ada,
        eve,
        LegDraft(giver="proposer", kind="goods", valuation=pin),
        LegDraft(giver="counterparty", kind="k", amount=40),
    )
    deal(
        eve,
        bob,
        LegDraft(giver="proposer", kind="time", minutes=30),
        LegDraft(giver="counterparty", kind="minutes", minutes=30),
    )

    computed, told = filing.draft(ledger, 2026)

    legs = sum(leg.cents for trade in done(ledger) for leg in trade.legs)
    assert told.box_13 + sum(told.left.values()) == told.received == legs
    assert told.left["under $1.00"] == 40
    assert sum(computed.received.values()) == legs

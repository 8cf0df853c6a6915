"""The bread and bike story in the tax papers: who provided the loaves received 45.50, who repaired 45.00."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.books.store import Ledger
from ledger.tax import filing, record
from ledger.tax.barter import BOUGHT
from ledger.tax.errors import NotFiled

pytestmark = pytest.mark.usefixtures("exchange", "any_number")


def test_the_baker_received_a_repair_and_half_a_k(ledger: Ledger, bread_and_bike: str, ada: str) -> None:
    told = record.of_year(ledger, ada, 2026)

    (line,) = told.trades
    assert (line.trade, line.partner, line.day) == (bread_and_bike, "Bob", "2026-11-14")
    assert line.description == "gave loaf of rye bread; received bicycle repair; 0.50 K"
    assert (line.received, line.given) == ("45.50", "45.50")
    assert (line.barter, line.bought) == ("45.50", "0.00")


def test_what_the_repairer_bought_with_k_is_no_barter_income(ledger: Ledger, bread_and_bike: str, bob: str) -> None:
    (line,) = record.of_year(ledger, bob, 2026).trades

    assert (line.received, line.given) == ("45.50", "45.50")
    assert (line.barter, line.bought) == ("45.00", "0.50")


def test_the_story_makes_two_forms_that_tie_to_the_trade(
    ledger: Ledger, bread_and_bike: str, ada: str, bob: str, tax_key: bytes, year_is_over: Any
) -> None:
    year_is_over()

    made = filing.file(ledger, 2026, tin_key=tax_key, by="treasurer")

    lines = {form.account: (form.box_1a, form.box_1c, form.box_13) for form in made.forms}
    assert lines == {
        ada: ("7 × loaf of rye bread", "2026-11-14", 4550),
        bob: ("bicycle repair", "2026-11-14", 4500),
    }
    assert (made.transmittal.forms, made.transmittal.box_13, made.transmittal.box_4) == (2, 9050, 0)
    assert made.transmittal.left == {BOUGHT: 50}
    assert made.transmittal.received == 9050 + 50


def test_every_leg_names_its_record_and_where_its_value_comes_from(
    ledger: Ledger, bread_and_bike: str, ada: str, value: Callable[..., str]
) -> None:
    (line,) = record.of_year(ledger, ada, 2026).trades

    assert [(leg.kind, leg.received, leg.value, leg.source) for leg in line.legs] == [
        ("goods", False, "45.50", "fmv_record"),
        ("service", True, "45.00", "fmv_record"),
        ("k", True, "0.50", "fmv_record"),
    ]
    assert all(len(leg.fmv_sha256) == 64 for leg in line.legs)
    assert line.legs[2].amount == "0.50 K"


def test_a_fee_is_shown_and_is_nobodys_income(ledger: Ledger, bread_and_bike: str, ada: str, bob: str) -> None:
    both = [record.of_year(ledger, account, 2026) for account in (ada, bob)]

    assert [told.barter for told in both] == ["45.50", "45.00"]
    assert [told.trades[0].fee_k for told in both] == ["0.00", "0.45"]  # who evens it out pays 1 % of 45
    assert [told.fees for told in both] == ["0.00", "0.45"]


def test_a_year_that_is_not_over_has_a_draft_and_no_filing(ledger: Ledger, bread_and_bike: str, tax_key: bytes) -> None:
    computed, told = filing.draft(ledger, 2026)

    assert told.box_13 == sum(form.box_13 for form in computed.forms) == 9050
    with pytest.raises(NotFiled, match="2026 is not over"):
        filing.file(ledger, 2026, tin_key=tax_key, by="treasurer")

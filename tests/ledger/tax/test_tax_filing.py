"""Filing a year: who gets a form, who is exempt, what is frozen, corrected, shown and written down."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from ledger.books.errors import Tampered, Unknown
from ledger.books.store import Ledger
from ledger.tables import tax_filing, tax_form, tax_profile
from ledger.tax import barter, boxes, copies, filing, kind, notes, profile, reading, record, tin
from ledger.tax.barter import FOREIGN, TIME_BANK
from ledger.tax.errors import NotFiled
from ledger.trading.legs import LegDraft
from warehouse.errors import BadInput

SSN, EIN = tin.Tin("ssn", "536904399"), tin.Tin("ein", "911144442")
Says = Callable[..., profile.Profile]


def file(ledger: Ledger, key: bytes) -> filing.Filing:
    return filing.file(ledger, 2026, tin_key=key, by="treasurer")


def whole_numbers(ledger: Ledger, key: bytes) -> list[dict[str, str]]:
    with ledger.reading() as connection:
        made = filing.of_year(connection, 2026)[-1]
    return list(csv.DictReader(io.StringIO(boxes.for_filing(ledger, made, tin_key=key, by="treasurer"))))


def test_fewer_than_a_hundred_exchanges_exempt_the_community(
    ledger: Ledger, exchange: None, bread_and_bike: str, ada: str, tax_key: bytes, year_is_over: Any
) -> None:
    year_is_over()

    with pytest.raises(NotFiled, match=r"fewer than 100 exchanges in 2026 \(1\)"):
        file(ledger, tax_key)
    assert filing.draft(ledger, 2026)[1].received == 9100
    assert record.of_year(ledger, ada, 2026).barter == "45.50"  # income all the same


def test_a_time_bank_files_nothing_and_says_why(
    ledger: Ledger, any_number: None, bread_and_bike: str, ada: str, tax_key: bytes, year_is_over: Any
) -> None:
    with pytest.raises(NotFiled, match="nothing says what this community is in 2026"):
        filing.draft(ledger, 2026)
    kind.put(ledger, kind="time_bank", holds_from=date(2026, 1, 1), name="Hours for Hours")
    year_is_over()

    with pytest.raises(NotFiled, match="similar services on a noncommercial basis"):
        file(ledger, tax_key)
    with pytest.raises(NotFiled, match="time bank"):
        copies.of_payee(ledger, ada, 2026)
    assert filing.draft(ledger, 2026)[1].left[TIME_BANK] == 9050


def test_what_a_community_is_holds_from_its_day_on(ledger: Ledger, any_number: None, bread_and_bike: str) -> None:
    kind.put(ledger, kind="time_bank", holds_from=date(2026, 1, 1), name="Town")
    kind.put(ledger, kind="barter_exchange", holds_from=date(2026, 11, 15), name="Town")
    assert filing.draft(ledger, 2026)[1].box_13 == 0

    kind.put(ledger, kind="barter_exchange", holds_from=date(2026, 11, 14), name="Town")
    assert filing.draft(ledger, 2026)[1].box_13 == 9050


def test_the_year_is_the_one_of_the_communitys_time_zone(
    ledger: Ledger, clock: Any, deal: Callable[..., str], value: Callable[..., str], ada: str, bob: str
) -> None:
    clock.now = clock.now.replace(year=2027, month=1, day=1, hour=3)
    bread, soup = value("bread", "6.50"), value("soup", "6.00")
    deal(
        ada,
        bob,
        LegDraft(giver="proposer", kind="goods", valuation=bread),
        LegDraft(giver="counterparty", kind="goods", valuation=soup),
    )
    assert record.of_year(ledger, ada, 2026).trades == ()

    kind.put(ledger, kind="barter_exchange", holds_from=date(2026, 1, 1), name="T", timezone="America/Chicago")

    (line,) = record.of_year(ledger, ada, 2026).trades
    assert line.day == "2026-12-31"
    assert record.of_year(ledger, ada, 2027).trades == ()


@pytest.mark.usefixtures("exchange", "any_number")
class TestForms:
    def test_a_corporation_gets_one_form_with_the_year(
        self, ledger: Ledger, bread_and_bike: str, deal: Any, value: Any, says: Says, ada: str, bob: str, eve: str
    ) -> None:
        says(ada, "Ada's Bakery, Inc.", recipient="corporation", number_=EIN)
        deal(
            ada,
            eve,
            LegDraft(giver="proposer", kind="goods", valuation=value("cake", "20.00")),
            LegDraft(giver="counterparty", kind="k", amount=2000),
        )

        computed, _ = filing.draft(ledger, 2026)

        (own,) = [form for form in computed.forms if form.account == ada]
        assert (own.box_1a, own.box_1c, own.box_13) == ("Aggregate of 2 barter exchanges", None, 4550 + 2000)
        assert len(own.trades) == 2
        assert {form.account for form in computed.forms} == {ada, bob}  # who only paid gets none

    def test_a_foreign_person_is_exempt(self, ledger: Ledger, bread_and_bike: str, says: Says, bob: str) -> None:
        says(bob, "Bob", recipient="exempt_foreign")

        computed, told = filing.draft(ledger, 2026)

        assert [form.account for form in computed.forms] != [bob]
        assert told.left[FOREIGN] == 4500

    def test_who_gave_no_number_is_named_with_what_backup_withholding_would_be(
        self, ledger: Ledger, bread_and_bike: str, says: Says, ada: str, bob: str
    ) -> None:
        says(ada, "Ada Baker", number_=SSN)

        told = filing.draft(ledger, 2026)[1]

        assert told.without_number == ("Bob",)
        assert told.backup_withholding == 1080  # 24 % of 45.00
        assert any("Form W-9" in warning for warning in told.warnings)
        assert "backup withholding of 24 %" in record.of_year(ledger, bob, 2026).warnings[0]

    def test_a_value_nobody_knows_is_the_declared_one_and_flagged(
        self, ledger: Ledger, deal: Any, value: Any, ada: str, bob: str
    ) -> None:
        odd = LegDraft(
            giver="proposer", kind="goods", valuation=value("a poem", None), declared=1500, attestation="so agreed"
        )
        deal(ada, bob, odd, LegDraft(giver="counterparty", kind="k", amount=1500))

        told = record.of_year(ledger, bob, 2026)

        (leg,) = [leg for leg in told.trades[0].legs if leg.kind == "goods"]
        assert (leg.value, leg.source, leg.attestation) == ("15.00", "declared", "so agreed")
        assert any("no fair market value is known" in warning for warning in told.warnings)

    def test_what_was_filed_is_frozen_and_not_filed_twice(
        self, ledger: Ledger, bread_and_bike: str, tax_key: bytes, year_is_over: Any
    ) -> None:
        year_is_over()
        made = file(ledger, tax_key)

        again = file(ledger, tax_key)

        assert (made.new, again.new) == (True, False)
        assert again.model_copy(update={"new": True}) == made
        for table in (tax_filing, tax_form):
            with pytest.raises(DBAPIError, match="appended, never changed"):
                ledger.transact(lambda unit, table=table: unit.connection.execute(update(table).values(sha256="0")))  # type: ignore[misc]

    def test_a_wrong_name_is_corrected_by_two_forms_with_the_number_of_then(
        self, ledger: Ledger, bread_and_bike: str, says: Says, ada: str, tax_key: bytes, year_is_over: Any
    ) -> None:
        says(ada, "Ada Baker", number_=SSN)
        year_is_over()
        first = file(ledger, tax_key)
        says(ada, "Ada Baker", number_=tin.Tin("ssn", "536904398"))

        second = file(ledger, tax_key)

        assert (second.number, second.transmittal.forms, second.transmittal.corrected) == (first.number + 1, 2, 1)
        zero, right = second.forms
        assert (zero.corrected, zero.error_type, zero.box_13) == (True, 2, 0)
        assert (right.corrected, right.box_13) == (False, 4550)
        rows = whole_numbers(ledger, tax_key)
        assert [row["recipient_tin"] for row in rows] == ["536-90-4399", "536-90-4398"]
        assert [row["box_13"] for row in rows] == ["0.00", "45.50"]
        assert copies.of_payee(ledger, ada, 2026).forms == (right,)
        assert not file(ledger, tax_key).new

    def test_every_look_at_a_whole_number_is_written_down(
        self, ledger: Ledger, bread_and_bike: str, says: Says, ada: str, tax_key: bytes, year_is_over: Any
    ) -> None:
        says(ada, "Ada Baker", number_=SSN)
        year_is_over()

        file(ledger, tax_key)
        rows = whole_numbers(ledger, tax_key)
        found = profile.show_tin(ledger, account=ada, by="treasurer", purpose="a call", tin_key=tax_key)

        assert rows[0]["payer_tin"] == "12-3456789"
        assert found == SSN
        with ledger.reading() as connection:
            looks = [(row["account"], row["purpose"].split()[0]) for row in profile.readings(connection)]
        assert sorted(looks) == [(ada, "a"), (ada, "filing"), (ada, "transmittal")]

    def test_no_whole_number_lies_in_the_tables_or_on_a_payees_copy(
        self, ledger: Ledger, bread_and_bike: str, says: Says, ada: str, tax_key: bytes, year_is_over: Any
    ) -> None:
        says(ada, "Ada Baker", number_=SSN)
        year_is_over()
        file(ledger, tax_key)

        with ledger.reading() as connection:
            kept = [*connection.execute(select(tax_profile)), *connection.execute(select(tax_form))]
        told = copies.of_payee(ledger, ada, 2026).csv()

        for text in (str(kept), told):
            assert "536904399" not in text
            assert "536-90-4399" not in text
        assert "XXX-XX-4399" in told
        with pytest.raises(Tampered):
            profile.show_tin(ledger, account=ada, by="x", purpose="x", tin_key=bytes(32))

    def test_a_number_is_kept_when_the_profile_is_said_again_without_it(
        self, ledger: Ledger, says: Says, ada: str
    ) -> None:
        says(ada, "Ada Baker", number_=SSN)

        told = says(ada, "Ada Baker", address="3 Main Street", estimate=True, marginal_rate="12")

        assert (told.tin_shown, told.address, told.marginal_rate) == ("XXX-XX-4399", "3 Main Street", "12")
        with pytest.raises(BadInput, match="marginal rate"):
            says(ada, "Ada Baker", marginal_rate="101")

    def test_notes_make_the_estimate_smaller_and_are_none_of_a_strangers_business(
        self, ledger: Ledger, bread_and_bike: str, says: Says, ada: str, eve: str
    ) -> None:
        assert record.of_year(ledger, ada, 2026).estimate is None
        says(ada, "Ada Baker", estimate=True, marginal_rate="10")
        for number, cents in enumerate((1100, 1050)):
            notes.add(
                ledger,
                key=f"n{number}",
                account=ada,
                trade=bread_and_bike,
                position=1,
                kind="basis",
                cents=cents,
                text="flour",
            )

        told = record.of_year(ledger, ada, 2026)

        assert (told.basis, told.estimate.net if told.estimate else None) == ("10.50", "35.00")
        assert [note.text for note in told.trades[0].legs[0].notes] == ["flour"]
        with pytest.raises(Unknown):
            notes.add(ledger, key="e", account=eve, trade=bread_and_bike, position=1, kind="basis", cents=1)
        with pytest.raises(Unknown):
            notes.add(ledger, key="f", account=ada, trade=bread_and_bike, position=9, kind="basis", cents=1)

    def test_a_payees_copy_has_the_notice_the_boxes_and_the_short_number(
        self, ledger: Ledger, bread_and_bike: str, says: Says, ada: str, tax_key: bytes, year_is_over: Any
    ) -> None:
        says(ada, "Ada Łukasz-Pékár 面包", number_=SSN)
        draft = copies.of_payee(ledger, ada, 2026)
        year_is_over()
        file(ledger, tax_key)

        made = copies.of_payee(ledger, ada, 2026)

        assert (draft.draft, made.draft) == (True, False)
        assert made.pdf() == made.pdf()
        assert made.pdf().startswith(b"%PDF-")
        (row,) = csv.DictReader(io.StringIO(made.csv()))
        assert (row["box_1a"], row["box_13"], row["box_4"], row["box_1d"]) == ("7 × loaf of rye bread", "45.50", "", "")
        assert len([name for name in row if name.startswith("box_")]) == len(boxes.BOXES) == 22

    def test_the_summary_counts_and_sums(self, ledger: Ledger, bread_and_bike: str) -> None:
        told = boxes.summary(filing.draft(ledger, 2026)[1])

        assert "forms               2, of which corrected 0" in told
        assert "box 13, bartering   90.50 USD" in told
        assert "on no form          0.50 USD: not received for property or services" in told
        assert "received in trades  91.00 USD" in told


def test_the_story_of_a_hundred_trades_is_filed_a_form_for_each_side(
    ledger: Ledger, exchange: None, monkeypatch: pytest.MonkeyPatch, bread_and_bike: str
) -> None:
    with ledger.reading() as connection:
        (one,) = reading.done_in(connection, ledger.policies, 2026, "UTC")
        kinds, profiles = kind.read(connection), profile.all_of(connection)
    many = [dataclasses.replace(one, id=f"{one.id}{number}") for number in range(100)]

    assert len(barter.compute(2026, many, kinds, profiles).forms) == 200
    short = barter.compute(2026, many[:99], kinds, profiles)
    assert short.forms == ()
    assert short.exempt is not None


def test_there_is_no_record_of_an_account_that_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(Unknown):
        record.of_year(ledger, "acc_00000000000000000000", 2026)

"""The rules of the tax papers that need no books: numbers, amounts, corrections, the estimate, days."""

from __future__ import annotations

import base64
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.books.errors import Tampered
from ledger.tax import barter, corrections, days, estimate, money, tin
from ledger.tax.barter import Form
from ledger.tax.reading import DoneLeg, DoneTrade
from ledger.tax.tin import Tin
from ledger.trading.fmv import FmvRecord
from warehouse.errors import BadInput

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
SSN = "536-90-4399"


@pytest.mark.parametrize(
    ("text", "kind", "whole", "shown"),
    [
        (SSN, "ssn", "536-90-4399", "XXX-XX-4399"),
        ("536904399", "ssn", "536-90-4399", "XXX-XX-4399"),
        ("91-1144442", "ein", "91-1144442", "XX-XXX4442"),
        ("912-90-3456", "itin", "912-90-3456", "XXX-XX-3456"),
        ("907-93-6426", "atin", "907-93-6426", "XXX-XX-6426"),
    ],
)
def test_a_number_is_whole_on_the_filing_and_short_everywhere_else(
    text: str, kind: str, whole: str, shown: str
) -> None:
    read = tin.read(text, kind)

    assert (read.whole, read.shown) == (whole, shown)
    assert whole not in repr(read)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("000-12-3456", "ssn"),
        ("666-12-3456", "ssn"),
        ("536-00-4399", "ssn"),
        ("536-90-0000", "ssn"),
        ("912-90-3456", "ssn"),
        ("536-90-439", "ssn"),
        ("07-1144442", "ein"),
        ("912-49-3456", "itin"),
        ("91-114444", "ein"),
        ("536-90-4399", "passport"),
    ],
)
def test_what_is_no_number_is_refused_and_not_repeated(text: str, kind: str) -> None:
    with pytest.raises(BadInput) as refused:
        tin.read(text, kind)

    assert text not in str(refused.value)


@given(digits=st.from_regex(r"[0-9]{9}", fullmatch=True), owner=st.text(max_size=20))
def test_a_sealed_number_is_read_with_its_key_for_its_owner_alone(digits: str, owner: str) -> None:
    number = Tin("ssn", digits)
    box = tin.seal(number, owner=owner, key=KEY)

    assert tin.unseal(box, owner=owner, key=KEY) == number
    assert digits.encode() not in box
    assert tin.seal(number, owner=owner, key=KEY) != box
    for wrong in ({"owner": owner, "key": OTHER}, {"owner": f"{owner}x", "key": KEY}):
        with pytest.raises(Tampered, match="another key"):
            tin.unseal(box, **wrong)  # type: ignore[arg-type]


@given(where=st.integers(min_value=0, max_value=40), bit=st.integers(min_value=0, max_value=7))
def test_a_changed_box_is_not_read(where: int, bit: int) -> None:
    box = bytearray(tin.seal(Tin("ssn", "536904399"), owner="a", key=KEY))
    box[where % len(box)] ^= 1 << bit

    with pytest.raises(Tampered):
        tin.unseal(bytes(box), owner="a", key=KEY)


def test_a_key_is_32_bytes_in_base64() -> None:
    assert len(tin.read_key(tin.new_key())) == 32
    assert tin.read_key(base64.b64encode(KEY).decode()) == KEY
    for wrong in ("", "abc", base64.b64encode(KEY[:16]).decode(), "§"):
        with pytest.raises(BadInput, match="katy tax key"):
            tin.read_key(wrong)


@given(amount=st.integers(min_value=0, max_value=10**11))
def test_money_that_is_written_is_read_again(amount: int) -> None:
    assert money.entered(money.text(amount, "USD"), "USD") == amount


@pytest.mark.parametrize("said", ["", "12,50", "1.234", "-1.00", "1e3", "abc", "12345678901"])
def test_money_is_a_plain_number(said: str) -> None:
    with pytest.raises(BadInput):
        money.entered(said, "USD")


def leg(position: int, giver: str, kind: str, cents: int) -> DoneLeg:
    record = FmvRecord("k_rate", b"{}")
    receiver = "b" if giver == "a" else "a"
    return DoneLeg(
        position, giver, receiver, kind, kind, "1", None, None, cents, True, None, None, record.sha256, record, {}
    )


def done(legs: list[tuple[str, str, int]], day: date = date(2026, 11, 14)) -> DoneTrade:
    return DoneTrade(
        id="trade_1",
        day=day,
        done_at=f"{day}T12:00:00.000000Z",
        frozen_on=day,
        proposer="a",
        counterparty="b",
        names={"a": "Ada", "b": "Bob"},
        reason=None,
        deliver_by=None,
        terms_sha256="",
        transfer=None,
        currency="USD",
        fees={"a": 0, "b": 45},
        fee_to=None,
        escrow=None,
        legs=tuple(leg(at, *said) for at, said in enumerate(legs, start=1)),
        moved=(),
    )


SIDES = st.sampled_from("ab")
THINGS = st.sampled_from(["goods", "service", "time", "k", "minutes", "cash"])
LEGS = st.lists(st.tuples(SIDES, THINGS, st.integers(0, 10**6)), min_size=1, max_size=6)


@given(legs=LEGS)
def test_what_is_for_things_provided_and_the_rest_are_everything_received(legs: list[tuple[str, str, int]]) -> None:
    trade = done(legs)
    for party in trade.parties:
        amount, rest = barter.for_provided(trade, party)

        assert amount + rest == sum(cents for giver, _, cents in legs if giver != party)
        assert amount >= 0
        if not any(giver == party and kind in {"goods", "service", "time"} for giver, kind, _ in legs):
            assert amount == 0


@pytest.mark.parametrize(
    ("legs", "of_a", "of_b"),
    [
        ([("a", "goods", 4550), ("b", "service", 4500), ("b", "k", 50)], 4550, 4500),  # bread and bike
        ([("a", "goods", 1000), ("b", "k", 1000)], 1000, 0),  # a sale for credits
        ([("a", "goods", 1000), ("b", "cash", 400), ("b", "minutes", 600)], 1000, 0),
        ([("a", "goods", 1000), ("b", "goods", 300), ("b", "k", 900)], 1200, 100),
        ([("a", "goods", 300), ("b", "goods", 100), ("b", "k", 900)], 1000, 0),  # paid more than was received
        ([("a", "service", 2000), ("b", "service", 2000)], 2000, 2000),
    ],
)
def test_what_each_side_received_for_what_it_provided(legs: list[tuple[str, str, int]], of_a: int, of_b: int) -> None:
    trade = done(legs)

    assert (barter.for_provided(trade, "a")[0], barter.for_provided(trade, "b")[0]) == (of_a, of_b)


FORM = Form(
    year=2026,
    account="acc_1",
    reference="trade_1",
    recipient="individual",
    name="Ada",
    address="2 Main Street",
    tin_kind="ssn",
    tin_shown="XXX-XX-4399",
    tin_mark="m1",
    box_1a="bread",
    box_1c="2026-11-14",
    box_13=4550,
    trades=("trade_1",),
)


def changed(**said: object) -> Form:
    return FORM.model_copy(update=said)


def test_what_was_filed_rightly_is_not_sent_again() -> None:
    assert corrections.outstanding([FORM], [FORM]) == []


@pytest.mark.parametrize("said", [{"box_13": 4500}, {"box_1a": "rye bread"}, {"address": "3 Main Street"}])
def test_a_wrong_amount_is_one_corrected_form(said: dict[str, object]) -> None:
    right = changed(**said)

    (sent,) = corrections.outstanding([right], [FORM])

    assert sent == right.model_copy(update={"corrected": True, "error_type": 1})
    assert corrections.outstanding([right], [FORM, sent]) == []


@pytest.mark.parametrize("said", [{"tin_mark": "m2"}, {"name": "Ada Byron"}, {"tin_mark": None, "tin_kind": None}])
def test_a_wrong_number_or_name_is_two_forms(said: dict[str, object]) -> None:
    right = changed(**said)

    zero, again = corrections.outstanding([right], [FORM])

    assert zero == FORM.model_copy(update={"corrected": True, "error_type": 2, "box_13": 0})
    assert again == right
    assert not again.corrected
    assert corrections.outstanding([right], [FORM, zero, again]) == []


def test_a_form_that_should_not_have_been_filed_is_corrected_to_zero_once() -> None:
    (zero,) = corrections.outstanding([], [FORM])

    assert (zero.corrected, zero.error_type, zero.box_13) == (True, 1, 0)
    assert corrections.outstanding([], [FORM, zero]) == []


def test_a_form_that_was_forgotten_is_sent_as_an_original() -> None:
    late = changed(reference="trade_2", trades=("trade_2",))

    assert corrections.outstanding([FORM, late], [FORM]) == [late]


@given(
    filed=st.lists(st.integers(min_value=1, max_value=9), max_size=4),
    now=st.lists(st.integers(min_value=1, max_value=9), max_size=4),
    names=st.lists(st.sampled_from(["Ada", "Ada Byron"]), min_size=4, max_size=4),
)
def test_after_a_correction_what_stands_is_what_is_right(filed: list[int], now: list[int], names: list[str]) -> None:
    before = [changed(reference=f"t{at}", box_13=cents) for at, cents in enumerate(filed)]
    right = [changed(reference=f"t{at}", box_13=cents, name=names[at]) for at, cents in enumerate(now)]

    sent = corrections.outstanding(right, before)

    stands: dict[str, int] = {}
    for form in [*before, *sent]:
        stands[form.reference] = form.box_13
    assert {name: cents for name, cents in stands.items() if cents} == {form.reference: form.box_13 for form in right}
    assert corrections.outstanding(right, [*before, *sent]) == []


def test_self_employment_tax_begins_at_400_dollars_of_earnings_and_its_larger_part_ends_at_the_base() -> None:
    base = estimate.BASE[2026] * 100

    assert estimate.self_employment(433_13, base) == 0  # 92.35 % of it is 399.995…
    assert estimate.self_employment(433_14, base) == 61_20
    assert estimate.self_employment(10_000_00, base) == 1412_96  # 10,000 × 0.9235 × 0.153 = 1,412.955
    assert estimate.self_employment(300_000_00, base) == round(184_500_00 * 0.124 + 300_000_00 * 0.9235 * 0.029)


def test_an_estimate_takes_costs_off_first_and_splits_the_tax_over_four_days() -> None:
    told = estimate.estimate(2026, received=12_000_00, costs=2_000_00, marginal_rate="22")

    assert (told.net, told.self_employment) == ("10000.00", "1412.96")
    assert told.income_tax == "2044.57"  # 22 % of 10,000 less half of 1,412.96
    assert told.total == "3457.53"
    assert [part.due for part in told.quarterly] == ["2026-04-15", "2026-06-15", "2026-09-15", "2027-01-15"]
    assert sum(money.entered(part.amount, "USD") for part in told.quarterly) == 3457_53
    assert "estimate, not advice" in told.notes[0]


@given(received=st.integers(min_value=0, max_value=10**9), costs=st.integers(min_value=0, max_value=10**9))
def test_an_estimate_is_never_below_zero_and_its_quarters_are_the_whole(received: int, costs: int) -> None:
    told = estimate.estimate(2031, received=received, costs=costs, marginal_rate="37")

    assert sum(money.entered(part.amount, "USD") for part in told.quarterly) == money.entered(told.total, "USD")
    assert any("2031 is not known" in note for note in told.notes)


def test_days_move_past_weekends_and_holidays_of_the_district() -> None:
    assert days.statements(2026) == date(2027, 2, 16)  # February 15, 2027 is Washington's birthday
    assert days.on_paper(2026) == date(2027, 3, 1)
    assert days.electronically(2026) == date(2027, 3, 31)
    assert days.quarterly(2022)[0] == date(2022, 4, 18)  # Emancipation Day was observed on Friday the 15th
    assert days.quarterly(2023) == (date(2023, 4, 18), date(2023, 6, 15), date(2023, 9, 15), date(2024, 1, 16))

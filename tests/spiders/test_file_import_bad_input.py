"""Bad files get an error that names the file, the place and the way out; bad rows are set aside; nothing is lost."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from spiders.files.importer import ImportOptions, ImportReport, import_listings
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.quarantine import listing as quarantined

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Desk:
    """A place to import files at."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, Home(folder / "home")
        self.said: list[str] = []

    def file(self, content: str | bytes, name: str = "deals.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def take(self, *files: Path, **options: Any) -> ImportReport:
        asked = ImportOptions(**({"source": "shop"} | options))
        report = import_listings(self.home, files, asked, clock=lambda: NOW, say=self.said.append)
        assert report.rows == report.loaded + report.known + report.quarantined
        return report

    def refused(self, content: str | bytes, name: str = "deals.csv", **options: Any) -> str:
        with pytest.raises(BadInput) as error:
            self.take(self.file(content, name), **options)
        assert name in str(error.value) or options
        assert not self.home.landing.exists() or not list(self.home.landing.rglob("*.parquet"))
        return str(error.value)

    def reason(self, cells: str, header: str = "title,price") -> tuple[str, str]:
        report = self.take(self.file(f"{header}\n{cells}\n"))
        assert (report.rows, report.quarantined) == (1, 1)
        (held,) = quarantined(self.home)
        return held.row.reason, held.row.message


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("cells", "reason", "words"),
    [
        ("Drill,-3", "price_out_of_range", '"-3"'),
        ("Drill,−3", "price_out_of_range", "−3"),
        ("Drill,0", "price_out_of_range", "0"),
        ("Drill,free", "price_out_of_range", "free"),
        ("Drill,1e12", "price_out_of_range", "1e12"),
        ("Drill,1000000000", "price_out_of_range", "1e9"),
        ('Drill,"12,5O"', "bad_price", "12,5O"),
        ("Drill,", "no_price", "blank"),
        ("Drill,N/A", "no_price", "N/A"),
        ("Drill,$10 - $20", "ambiguous_price", "range"),
        ("Drill,2 pairs from $349", "ambiguous_price", "several"),
        ("Drill,500 kr", "bad_currency", "kr"),
        (",5", "no_title", "title"),
    ],
)
def test_a_row_that_cannot_be_believed_says_why(desk: Desk, cells: str, reason: str, words: str) -> None:
    why, message = desk.reason(cells)
    assert why == reason
    assert message.startswith("deals.csv line 2: ")
    assert words in message
    assert "--set" in message


@pytest.mark.parametrize(
    ("date", "reason"),
    [("2026-06-03", "date_in_future"), ("2099-01-01", "date_in_future"), ("soon", "bad_date"), ("", "bad_date")],
)
def test_a_date_must_be_one_and_not_in_the_future(desk: Desk, date: str, reason: str) -> None:
    why, message = desk.reason(f"Drill,5,{date}", "title,price,observed_at")
    assert why == reason
    assert "observed_at" in message


def test_a_day_that_has_begun_somewhere_is_not_the_future(desk: Desk) -> None:
    tomorrow = NOW + timedelta(hours=12)
    assert desk.take(desk.file(f"title,price,observed_at\nDrill,5,{tomorrow:%Y-%m-%d}\n")).loaded == 1


def test_two_currencies_in_one_row_are_not_guessed(desk: Desk) -> None:
    assert desk.reason("Drill,€5,USD", "title,price,currency")[0] == "bad_currency"


def test_a_kind_that_is_none_is_set_aside(desk: Desk) -> None:
    assert desk.reason("Drill,5,lent", "title,price,kind")[0] == "bad_kind"


def test_an_empty_file_is_refused(desk: Desk) -> None:
    assert "empty" in desk.refused("")
    assert "empty" in desk.refused(" \n\n", "blank.csv")
    assert "no rows" in desk.refused("title,price\n", "header.csv")
    assert "empty" in desk.refused(gzip.compress(b""), "packed.csv.gz")


def test_a_missing_column_is_named_with_the_nearest(desk: Desk) -> None:
    message = desk.refused("titel,preis\nA,1\n", mapping={"title": "Title", "price": "preis"})
    assert '"Title"' in message
    assert 'did you mean --map title="titel"' in message
    assert "titel, preis" in message


def test_a_file_without_a_price_is_refused(desk: Desk) -> None:
    message = desk.refused("title,Weight\nA,1\n")
    assert "price" in message
    assert '--map price="Weight"' in message
    both = desk.refused("title,MSRP,Retail Price\nA,1,2\n")
    assert '--map price="MSRP" or --map price="Retail Price"' in both


def test_a_binary_file_is_refused_whatever_its_name(desk: Desk) -> None:
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    assert "xlsx" in desk.refused(book.getvalue(), "book.csv")
    assert "gzip" in desk.refused(gzip.compress(b"title,price\nA,1\n"), "packed.csv")
    assert "PNG" in desk.refused(b"\x89PNG\r\n\x1a\n" + bytes(50), "picture.csv")
    assert "binary" in desk.refused(bytes(range(256)) * 20, "noise.csv")
    assert "byte order mark" in desk.refused("title,price\nA,1\n".encode("utf-16-le"), "wide.csv")
    assert "gzip" in desk.refused("title,price\nA,1\n", "plain.csv.gz")
    assert "Parquet" in desk.refused("title,price\nA,1\n", "plain.parquet")
    assert "Excel" in desk.refused("title,price\nA,1\n", "plain.xlsx")
    assert "JSON" in desk.refused("title,price\nA,1\n", "plain.jsonl")
    assert ".xlsx" in desk.refused("anything", "old.xls")


def test_a_cut_off_gzip_file_is_refused_whole(desk: Desk) -> None:
    packed = gzip.compress(b"title,price\n" + b"".join(b"Thing %d,%d\n" % (n, n) for n in range(5000)))
    assert "gzip" in desk.refused(packed[: len(packed) // 2], "cut.csv.gz")


def test_one_bad_file_keeps_the_others_out_too(desk: Desk) -> None:
    good, bad = desk.file("title,price\nA,1\n", "good.csv"), desk.file("", "bad.csv")
    with pytest.raises(BadInput, match=r"bad\.csv"):
        desk.take(good, bad)
    assert not list(desk.home.landing.rglob("*.parquet"))


def test_a_file_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.csv is not there"):
        desk.take(desk.folder / "nowhere.csv")
    with pytest.raises(BadInput, match="a folder"):
        desk.take(desk.folder)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"source": "My Shop"}, 'source "My Shop" cannot be used as a name'),
        ({"kind": "lent"}, 'kind "lent" is none of asking, sold'),
        ({"currency": "dollars"}, 'currency "dollars" is no ISO 4217 code'),
        ({"fixed": {"observed_at": "someday"}}, '--set observed_at=someday: "someday" is no date'),
        ({"mapping": {"": "title"}}, "--map needs a field before the equals sign"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_its_name(desk: Desk, options: dict[str, Any], words: str) -> None:
    assert desk.refused("title,price\nA,1\n", **options).startswith(words)


def test_a_file_that_is_not_utf_8_is_read_as_windows_1252_and_says_so(desk: Desk) -> None:
    report = desk.take(desk.file("title,price\nSäge,5\n".encode("cp1252")))
    assert report.loaded == 1
    assert any("Windows-1252" in line and "line 2" in line for line in desk.said)


def test_a_line_that_is_not_like_the_rest_of_a_utf_8_file_is_broken(desk: Desk) -> None:
    text = "title,price\nSäge,5\nBürste,6\nFön,7\n".encode() + "Säge,8\n".encode("cp1252")
    report = desk.take(desk.file(text))
    assert (report.loaded, report.reasons) == (3, {"broken_row": 1})
    assert any("line 5" in line for line in desk.said)


def test_a_quote_left_open_costs_its_own_row_only(desk: Desk) -> None:
    text = 'id,title,price\n1,"Drill,5\n2,"Saw, 2"" blade",6\n3,Axe,7\n4,"Two\nlines",8\n5,"Open,9\n6,Last,10\n'
    report = desk.take(desk.file(text))
    assert (report.rows, report.loaded, report.reasons) == (6, 4, {"broken_row": 2})
    assert sorted(held.row.found_at for held in quarantined(desk.home)) == ["deals.csv line 2", "deals.csv line 7"]


def test_a_row_of_too_few_or_many_cells_is_broken_unless_the_rest_is_blank(desk: Desk) -> None:
    report = desk.take(desk.file("title,price,colour\nA,1,red\nB,2\nC,3,red,big\nD,4,red,,\n"))
    assert (report.loaded, report.reasons) == (2, {"broken_row": 2})
    assert all("header has 3" in held.row.message for held in quarantined(desk.home))


def test_lines_that_are_no_json_objects_are_broken_rows(desk: Desk) -> None:
    report = desk.take(
        desk.file('{"title": "A", "price": 1}\n[1]\n{"title": "B"\n\n{"title": "C", "price": null}\n', "d.jsonl")
    )
    assert (report.rows, report.loaded, report.reasons) == (4, 1, {"broken_row": 2, "no_price": 1})


def test_hostile_json_breaks_its_own_row_only(desk: Desk) -> None:
    deep = '{"title": "B", "price": 1, "x": ' + '{"a": ' * 2000 + "1" + "}" * 2001
    lines = ['{"title": "A\\ud800\\u0000", "price": 1, "k\\udfff": "v\\ud800"}', deep, '{"title": "C", "price": NaN}']
    spec = '{"title": "D", "price": "2", "spec": "{\\"a\\": ' + "[" * 3000 + '"}'
    report = desk.take(desk.file("\n".join([*lines, spec]) + "\n", "d.jsonl"))
    assert (report.loaded, report.reasons) == (2, {"broken_row": 1, "no_price": 1})


def test_a_file_name_that_is_no_text_is_kept_as_text(desk: Desk) -> None:
    path = desk.file("title,price\nA,1\nB,\n", "caf\udce9.csv")
    report = desk.take(path)
    assert (report.loaded, report.quarantined) == (1, 1)

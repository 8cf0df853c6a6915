"""A file of things in question: one row out for each row in, and nothing is made of what is no part of a thing."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from katy.asking import ANSWER_COLUMNS, build_request, pairs, value_file
from warehouse.errors import BadInput
from warehouse.valuation import ValuationRequest

DRILL = "Makita DHP453 cordless drill 18V"


def value(published: Any, path: Path, out: Path, **options: Any) -> tuple[int, int]:
    known: dict[str, Any] = {
        "mapping": {}, "fields": {}, "condition": None, "region": None, "currency": None, "as_of": None,
    }  # fmt: skip
    return value_file(published.valuer, path, out, **{**known, **options})


def answers(published: Any, tmp_path: Path, text: str, **options: Any) -> list[dict[str, str]]:
    (tmp_path / "things.csv").write_text(text, "utf-8")
    value(published, tmp_path / "things.csv", tmp_path / "out.csv", **options)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_rows_keep_their_order_their_columns_and_their_number(published: Any, tmp_path: Path) -> None:
    rows = answers(published, tmp_path, f"no,title,condition\n1,{DRILL},fair\n2,zither,\n3,,\n4,{DRILL},like new\n")

    assert [row["no"] for row in rows] == ["1", "2", "3", "4"]
    assert list(rows[0]) == ["no", "title", "condition", *ANSWER_COLUMNS]
    assert [row["reason"] for row in rows] == ["", "nothing_comparable", "no_title", ""]
    assert float(rows[3]["fmv"]) > float(rows[0]["fmv"]) > 0
    assert rows[1]["fmv"] == rows[2]["fmv"] == ""


def test_a_row_is_valued_as_the_same_thing_alone(published: Any, tmp_path: Path) -> None:
    rows = answers(published, tmp_path, f"title,condition,region\n{DRILL},fair,US-MO\n")
    alone = published.valuer.value(ValuationRequest(text=DRILL, condition="fair", region="US-MO"))

    assert (rows[0]["fmv"], rows[0]["low"], rows[0]["high"]) == (alone.fmv, alone.low, alone.high)


@pytest.mark.parametrize(
    ("head", "mapping"), [("price", {}), (" Price ", {}), ("Asked", {"price": "Asked"}), ("price", {"price": "price"})]
)
def test_a_price_is_no_part_of_the_thing(
    published: Any, tmp_path: Path, head: str, mapping: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ValuationRequest] = []
    ask = published.valuer.value_many
    monkeypatch.setattr(published.valuer, "value_many", lambda requests: asked.extend(requests) or ask(requests))

    rows = answers(
        published, tmp_path, f"title,{head},kind\n{DRILL},1,sold\n{DRILL},99999,?\n{DRILL},,\n", mapping=mapping
    )

    assert len({row["fmv"] for row in rows}) == 1
    assert rows[0]["fmv"]
    assert all(request.attributes == {} for request in asked)


def test_a_day_and_a_currency_may_stand_in_the_row(published: Any, bazaar: Any, tmp_path: Path) -> None:
    rows = answers(
        published,
        tmp_path,
        f"title,As of,Currency\n{DRILL},{bazaar.day(-9)},\n{DRILL},,EUR\n{DRILL},soon,\n{DRILL},,XYZ\n",
    )

    assert [row["reason"] for row in rows] == ["before_data", "", "bad_date", rows[3]["reason"]]
    assert [row["currency"] for row in rows[:3]] == ["USD", "EUR", "USD"]
    assert rows[3]["reason"] in ("bad_currency", "no_exchange_rate")


def test_a_date_of_an_offer_does_not_stop_a_valuation(published: Any, tmp_path: Path) -> None:
    rows = answers(published, tmp_path, f"title,observed_at\n{DRILL},\n{DRILL},not a date\n{DRILL},2099-01-01\n")

    assert all(row["fmv"] for row in rows)


def test_columns_named_like_the_answers_keep_their_content(published: Any, tmp_path: Path) -> None:
    rows = answers(published, tmp_path, f"title,fmv,reason\n{DRILL},7,because\n")

    assert (rows[0]["fmv (given)"], rows[0]["reason (given)"]) == ("7", "because")
    assert float(rows[0]["fmv"]) > 7


def test_answers_come_as_json_lines_and_as_parquet_too(published: Any, tmp_path: Path) -> None:
    (tmp_path / "things.csv").write_text(f"title\n{DRILL}\nzither\n", "utf-8")
    value(published, tmp_path / "things.csv", tmp_path / "out.jsonl")
    value(published, tmp_path / "things.csv", tmp_path / "out.parquet")

    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines == pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [line["title"] for line in lines] == [DRILL, "zither"]


def test_what_cannot_be_done_is_said_before_anything_is_written(published: Any, tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    path.write_text("thing\nx\n", "utf-8")

    for options, out, said in (
        ({}, "out.txt", "csv, .parquet or .jsonl"),
        ({}, "things.csv", "name another"),
        ({"mapping": {"title": "name"}}, "out.csv", 'no column "name"'),
    ):
        with pytest.raises(BadInput, match=said):
            value(published, path, tmp_path / out, **options)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["things.csv"]


def test_a_field_without_an_equals_sign_is_named() -> None:
    with pytest.raises(BadInput, match="brand"):
        pairs(["brand"], "--set")
    with pytest.raises(BadInput, match="currency"):
        build_request("drill", {}, None, None, "dollars", None)


cells = st.sampled_from([DRILL, "", " ", "zither", "laptop, 8GB", 'a "quoted" thing']) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=12))
def test_there_is_one_row_out_for_each_row_in(  # type: ignore[no-untyped-def]
    published, tmp_path_factory, rows
) -> None:
    folder = tmp_path_factory.mktemp("batch")
    with (folder / "things.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["title", "colour", "no"])
        writer.writerows([*row, number] for number, row in enumerate(rows))

    counted, known = value(published, folder / "things.csv", folder / "out.csv")

    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        out = list(csv.DictReader(file))
    assert counted == len(out) == len(rows)
    assert [row["no"] for row in out] == [str(number) for number in range(len(rows))]
    assert known == sum(bool(row["fmv"]) for row in out)
    assert all(bool(row["fmv"]) != bool(row["reason"]) for row in out)


@pytest.mark.parametrize("broken", ['5,"never closed\n', "5,a,b,c,d\n", "5\n"])
def test_a_broken_row_is_a_row_too(published: Any, tmp_path: Path, broken: str) -> None:
    rows = answers(published, tmp_path, f"no,title\n1,{DRILL}\n{broken}")

    assert [row["no"][:1] for row in rows] == ["1", "5"]
    assert rows[0]["fmv"]
    assert rows[1]["reason"]

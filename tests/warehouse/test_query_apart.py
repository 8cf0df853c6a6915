"""SQL of strangers: whatever they send, it ends soon, reads nothing but the snapshot and harms nobody."""

from __future__ import annotations

import time

import pytest

from warehouse import query_apart
from warehouse.errors import BadInput, KatyError


@pytest.fixture(scope="module")
def shot(new_market, tmp_path_factory):
    market = new_market(tmp_path_factory.mktemp("hostile"))
    market.land(*[market.listing(id=str(n)) for n in range(10)])
    return market.publish()


def ask(shot, sql, seconds=5.0, max_rows=50):
    return query_apart.run_apart(shot, sql, seconds=seconds, max_rows=max_rows)


def test_an_answer_is_text_with_its_numbers_named(shot):
    told = ask(shot, "SELECT id, price, NULL AS nothing FROM mart.listing ORDER BY id LIMIT 2")
    assert (told.columns, told.rows, told.numeric) == (
        ["id", "price", "nothing"], [["0", "50", ""], ["1", "50", ""]], [False, True, False],
    )  # fmt: skip
    assert told.truncated is False


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        "SET enable_external_access = true",
    ],
)
def test_it_reads_the_snapshot_and_nothing_else(shot, sql):
    with pytest.raises(BadInput, match=r"refused|disabled"):
        ask(shot, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE hash(a.range, b.range) = 1",
        "SELECT md5(range::VARCHAR) AS hash FROM range(1000000000) ORDER BY hash",
        "SELECT repeat('x', 2000000000)",
        "SELECT list_transform(range(10000000), lambda x: repeat('y', 100))",
    ],
    ids=["endless recursion", "cross join", "a milliard rows in order", "a giant text", "a giant list"],
)
def test_what_is_too_much_is_stopped_and_said(shot, sql):
    began = time.monotonic()
    with pytest.raises(KatyError, match=r"stopped after|memory|size limit|Maximum|too large") as stopped:
        ask(shot, sql, seconds=0.4)
    assert time.monotonic() - began < 20
    assert len(str(stopped.value)) < 400


def test_rows_that_nobody_asked_for_are_not_made(shot):
    told = ask(shot, "SELECT md5(range::VARCHAR) FROM range(1000000000)")
    assert (len(told.rows), told.truncated) == (50, True)


def test_cells_and_rows_are_cut_to_what_a_page_can_show(shot, monkeypatch):
    told = ask(shot, "SELECT repeat('é', 5000) AS long FROM range(3)")
    assert {len(row[0]) for row in told.rows} == {query_apart.LONGEST_CELL}
    monkeypatch.setattr(query_apart, "MOST_CHARACTERS", 1_000)
    cut = query_apart._answer(str(shot.database), "SELECT repeat('x', 900) FROM range(10)", 5.0, 10)
    assert (len(cut.rows), cut.truncated) == (2, True)

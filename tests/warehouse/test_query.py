from __future__ import annotations

import time
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from warehouse import query, snapshot
from warehouse.errors import BadInput, KatyError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def shot(new_market, tmp_path_factory):
    market = new_market(tmp_path_factory.mktemp("queried"))
    market.land(*[market.listing(id=str(n)) for n in range(10)])
    return market.publish()


def run(shot, sql, seconds=10.0, max_rows=100):
    return query.run(shot, sql, seconds=seconds, max_rows=max_rows)


def test_a_result_names_its_columns_and_its_snapshot(shot):
    result = run(shot, "SELECT count(*) AS n, max(observed_at) AS newest FROM mart.listing")
    assert (result.columns, result.rows) == (["n", "newest"], [(10, NOON)])
    assert (result.truncated, result.snapshot_id) == (False, shot.id)


def test_a_long_result_says_that_it_was_cut(shot):
    result = run(shot, "SELECT id FROM mart.listing ORDER BY id", max_rows=4)
    assert ([row[0] for row in result.rows], result.truncated) == (["0", "1", "2", "3"], True)
    assert run(shot, "FROM mart.listing", max_rows=10).truncated is False


@pytest.mark.parametrize(
    "sql",
    [
        "DESCRIBE mart.listing",
        "SHOW ALL TABLES",
        "SUMMARIZE mart.product",
        "EXPLAIN SELECT 1",
        "VALUES (1)",
        "FROM mart.level",
    ],
)
def test_what_an_analyst_looks_around_with_works(shot, sql):
    assert run(shot, sql).columns


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO raw.listing FROM raw.listing",
        "DELETE FROM raw.listing",
        "DROP TABLE mart.product",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE TEMP TABLE mine AS SELECT 1",
        "EXPLAIN ANALYZE DELETE FROM raw.listing",
        "ATTACH ':memory:' AS other",
        "COPY mart.product TO 'out.csv'",
        "EXPORT DATABASE 'out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 7",
        "SET lock_configuration = false",
        "SET enable_external_access = true",
        "RESET memory_limit",
        "PRAGMA enable_profiling",
        "CALL enable_logging()",
        "FROM enable_logging('QueryLog', storage = 'file', storage_path = 'out')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('https://example.org/a.csv')",
        "SELECT * FROM '/etc/passwd.csv'",
        "SELECT * FROM glob('/*')",
        "FROM query('DROP TABLE mart.product')",
        "SELECT 1; DROP TABLE mart.product",
        "BEGIN",
        "",
        "hello",
        "SELECT nothing FROM mart.listing",
        "SELECT getenv('HOME')",
    ],
)
def test_sql_reads_the_snapshot_and_does_nothing_else(shot, sql, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInput):
        run(shot, sql)
    assert sorted(tmp_path.iterdir()) == before
    snapshot.verify(shot)


def test_python_variables_are_not_tables(shot):
    rows = [1, 2, 3]
    with pytest.raises(BadInput, match="rows does not exist"):
        run(shot, "SELECT * FROM rows")
    assert rows


def test_a_query_is_stopped_at_its_time_limit(shot):
    started = time.monotonic()
    with pytest.raises(KatyError, match=r"stopped after 0\.3 seconds"):
        run(shot, "SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(1000000) b", seconds=0.3)
    assert time.monotonic() - started < 5
    assert run(shot, "SELECT 1").rows == [(1,)]


def test_several_readers_have_one_snapshot_open_at_once(shot):
    first, second = query.read_only(shot.database), query.read_only(shot.database)
    assert first.execute("SELECT count(*) FROM mart.listing").fetchone() == (10,)
    assert second.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
    assert run(shot, "SELECT 1").rows == [(1,)]
    first.close()
    second.close()


def test_a_result_goes_into_a_parquet_file_that_names_its_snapshot(shot, tmp_path):
    target = tmp_path / "listings.parquet"
    assert query.export(shot, "SELECT id, price FROM mart.listing ORDER BY id", target, seconds=10) == 10
    table = pq.read_table(target)
    assert table["id"].to_pylist() == [str(n) for n in range(10)]
    assert table.schema.metadata[b"snapshot"].decode() == shot.id
    with pytest.raises(BadInput):
        query.export(shot, "DROP TABLE mart.listing", tmp_path / "other.parquet", seconds=10)
    assert sorted(f.name for f in tmp_path.glob("*.parquet")) == ["listings.parquet"]


def test_a_missing_snapshot_file_is_named(tmp_path):
    with pytest.raises(KatyError, match="is not there"):
        query.read_only(tmp_path / "warehouse.duckdb")

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse import build, database, landing, load, lock, snapshot
from warehouse.errors import Busy
from warehouse.records import RECORDS, Listing, arrow_schema

KEYS = st.tuples(
    st.sampled_from("ab"), st.integers(0, 1), st.sampled_from([10, 11]), st.sampled_from(["asking", "sold"])
)
BATCHES = st.lists(st.lists(KEYS, max_size=8), min_size=1, max_size=4)


def rows_of(market, batch, first):
    for number, (listing_id, day, price, kind) in enumerate(batch, start=first):
        yield market.listing(
            id=listing_id, observed_at=market.home_time + timedelta(days=day), price=Decimal(price), kind=kind,
            title=f"row {number}",
        )  # fmt: skip


def titles(connection):
    found = connection.execute("SELECT id, observed_at, price, kind, title FROM raw.listing").fetchall()
    assert len({row[:4] for row in found}) == len(found)
    return {row[:4]: row[4] for row in found}


@given(batches=BATCHES, load_after=st.sets(st.integers(0, 3)), again=st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_loading_gives_each_observation_once_and_the_first_row_stands(market, batches, load_after, again):
    """Whatever comes in, however often, loaded at once or bit by bit: the set of all rows, each as it came first."""
    with tempfile.TemporaryDirectory() as folder:
        town = type(market)(Path(folder))
        town.home_time = town.now
        expected: dict[tuple[object, ...], str] = {}
        results = []
        number = 0
        with lock.writer(town.home, print):
            connection = database.open_writer(town.home)
            for index, batch in enumerate(batches + (batches if again else [])):
                rows = list(rows_of(town, batch, number))
                number += len(rows)
                town.land(*rows)
                for row in rows:
                    expected.setdefault((row.id, row.observed_at, row.price, row.kind), row.title)
                if index in load_after:
                    results += load.load(connection, town.home, town.now)
            results += load.load(connection, town.home, town.now)
            assert titles(connection) == expected
            assert load.load(connection, town.home, town.now) == []
            connection.close()
        assert all(one.rows == one.loaded + one.known for one in results)
        assert sum(one.rows for one in results) == number
        assert sum(one.loaded for one in results) == len(expected)


def test_raw_tables_have_the_fields_of_their_records(writing):
    connection = writing()
    for name, record in RECORDS.items():
        described = connection.execute(f"DESCRIBE raw.{name}").fetchall()
        assert [column[0] for column in described] == [*arrow_schema(record).names, "loaded_at"]
        nullable = {column[0] for column in described if column[2] == "YES"}
        assert nullable == {field.name for field in arrow_schema(record) if field.nullable}
        assert set(record.key).isdisjoint(nullable)


def test_what_is_loaded_is_what_was_seen(market, writing):
    seen = market.listing(
        price=Decimal("1234567890.0123456789"), list_price=Decimal("0.1"), attributes={"ram": "16 GB"}, title="a\x00b ✓"
    )
    market.land(seen)
    connection = writing()
    load.load(connection, market.home, market.now)
    columns = ", ".join(name for name in arrow_schema(Listing).names if name != "run")
    row = connection.execute(f"SELECT {columns}, loaded_at FROM raw.listing").fetchone()
    names = [name for name in arrow_schema(Listing).names if name != "run"]
    for name, value in zip(names, row, strict=False):
        expected = '{"ram":"16 GB"}' if name == "attributes" else getattr(seen, name)
        assert value == expected, name
    assert row[-1] == market.now


def test_a_report_of_the_load_is_kept_with_it(market, writing):
    market.land(market.listing(), market.listing(row=2), market.listing(id="2", row=3))
    connection = writing()
    (loaded,) = load.load(connection, market.home, market.now)
    assert (loaded.record, loaded.source, loaded.rows, loaded.loaded, loaded.known) == ("listing", "fair", 3, 2, 1)
    kept = connection.execute("SELECT path, run, rows, loaded, known FROM ops.loaded_file").fetchall()
    assert kept == [(str(loaded.path.relative_to(market.home.landing)), loaded.run, 3, 2, 1)]


def test_a_file_that_cannot_be_read_is_set_aside_and_the_others_are_loaded(market, writing):
    (cut,) = market.land(market.listing(id="cut"))
    (scrambled,) = market.land(*[market.listing(id=f"scrambled {n}", title=f"{n * 7919}") for n in range(2000)])
    (empty,) = market.land(market.listing(id="empty"))
    market.land(market.listing(id="whole"))
    cut.write_bytes(cut.read_bytes()[:-20])
    # Scramble data pages, not the footer: only reading the rows shows it.
    bytes_ = bytearray(scrambled.read_bytes())
    bytes_[4:4000] = bytes(3996)
    scrambled.write_bytes(bytes_)
    empty.write_bytes(b"")
    connection = writing()
    said: list[str] = []
    results = load.load(connection, market.home, market.now, said.append)
    assert [row[0] for row in connection.execute("SELECT id FROM raw.listing").fetchall()] == ["whole"]
    assert [one.path for one in results if one.problem] == [cut, scrambled, empty]
    assert said == [one.problem for one in results if one.problem]
    for path, words in zip((cut, scrambled, empty), said, strict=True):
        assert str(path) in words
        assert "set aside" in words
        assert not path.exists()
        assert path.with_name(path.name + ".unreadable").exists()
    assert load.load(connection, market.home, market.now) == []


def test_a_file_of_a_later_version_waits_for_it(market, writing):
    (path,) = market.land(market.listing())
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.append_column("colour", table["title"]), path)
    connection = writing()
    for _ in range(2):
        (result,) = load.load(connection, market.home, market.now)
        assert result.problem is not None
        assert "a listing has no colour" in result.problem
    assert path.exists()
    pq.write_table(table, path)
    (result,) = load.load(connection, market.home, market.now)
    assert result.loaded == 1


def test_a_file_from_before_a_field_was_added_loads_without_it(market, writing):
    (path,) = market.land(market.listing(image="https://example.org/drill.jpg"))
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["image"]), path)
    connection = writing()
    (result,) = load.load(connection, market.home, market.now)
    assert result.loaded == 1
    assert connection.execute("SELECT image FROM raw.listing").fetchall() == [(None,)]


def test_a_warehouse_from_before_a_field_was_added_gains_it(market):
    market.land(market.listing(image="https://example.org/drill.jpg"))
    with lock.writer(market.home, print):
        connection = database.open_writer(market.home)
        connection.execute("ALTER TABLE raw.listing DROP COLUMN image")
        connection.close()
        connection = database.open_writer(market.home)
        load.load(connection, market.home, market.now)
        assert connection.execute("SELECT image FROM raw.listing").fetchall() == [("https://example.org/drill.jpg",)]
        comments = connection.execute(
            "SELECT comment FROM duckdb_columns() WHERE table_name = 'listing' AND column_name = 'image'"
        ).fetchall()
        assert comments == [("URL of a picture",)]
        connection.close()


def test_a_damaged_warehouse_says_where_its_data_is(market):
    market.home.warehouse.parent.mkdir(parents=True)
    market.home.warehouse.write_bytes(b"not a database" * 1000)
    with pytest.raises(database.KatyError, match="move the file"):
        database.open_writer(market.home)


def test_a_program_that_has_the_file_open_is_waited_for_in_words(market):
    with lock.writer(market.home, print):
        database.open_writer(market.home).close()
    child = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", child, str(market.home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(Busy, match="open in another program"):
            database.open_writer(market.home)
        other.communicate()


def test_publishing_does_not_give_up_the_lock_on_the_writers_file(market, writing):
    """Closing any handle on a file gives up a process's POSIX locks on it; a copy byte by byte would."""
    connection = writing()
    build.build_core(connection, "USD")
    build.build_mart(connection)
    snapshot.publish(market.home, connection, contents=None, manifest={}, now=market.now, code_version="0")
    child = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    other = subprocess.run([sys.executable, "-c", child, str(market.home.warehouse)], capture_output=True, text=True)
    assert "Could not set lock" in other.stderr


def test_sixty_thousand_rows_load_in_seconds_and_again_in_none(market, writing):
    rows = [market.listing(id=str(n // 2), title=f"Thing {n}", price=Decimal(n % 97 + 1)) for n in range(20_000)]
    for _ in range(3):
        market.land(*rows)
    connection = writing()
    started = time.monotonic()
    results = load.load(connection, market.home, market.now)
    assert [(one.loaded, one.known) for one in results] == [(20_000, 0), (0, 20_000), (0, 20_000)]
    assert time.monotonic() - started < 10
    assert landing.landed(market.home, "listing") == [one.path for one in results]

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from warehouse import landing
from warehouse.errors import BadInput
from warehouse.records import RECORDS, RunReport, arrow_schema

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def report(run, **fields):
    known = {
        "source": "fair", "row": 0, "of_record": "listing", "found_at": "fair.csv", "started_at": NOON,
        "ended_at": NOON, "rows_read": 1, "rows_landed": 1, "rows_quarantined": 0,
    }  # fmt: skip
    return RunReport(run=run, **{**known, **fields})


def test_each_kind_of_record_lands_in_its_own_file_with_its_own_schema(market):
    run = landing.new_run(NOON)
    rows = [market.listing(run=run, attributes={"b": "ü", "a": "1"}), report(run)]
    files = landing.land(market.home, rows, source="fair", run=run, now=NOON)
    assert [str(f.relative_to(market.home.landing)) for f in files] == [
        f"listing/fair/2026-03-01/{run}.parquet",
        f"run_report/fair/2026-03-01/{run}.parquet",
    ]
    for file, record in zip(files, ("listing", "run_report"), strict=True):
        assert pq.read_schema(file).equals(arrow_schema(RECORDS[record]))
    row = pq.read_table(files[0], partitioning=None).to_pylist()[0]
    assert row["attributes"] == '{"a":"1","b":"ü"}'
    assert row["price"] == Decimal(50)
    assert landing.landed(market.home, "listing") == [files[0]]


def test_runs_sort_by_their_time_and_never_repeat():
    moments = [NOON + timedelta(minutes=m) for m in range(0, 600, 37)]
    runs = [landing.new_run(moment) for moment in moments]
    assert runs == sorted(runs)
    assert len({landing.new_run(NOON) for _ in range(200)}) == 200


def test_a_stream_larger_than_a_batch_lands_in_row_groups(market, monkeypatch):
    monkeypatch.setattr(landing, "BATCH_ROWS", 100)
    run = landing.new_run(NOON)
    rows = (market.listing(run=run, row=n) for n in range(250))
    (file,) = landing.land(market.home, rows, source="fair", run=run, now=NOON)
    assert pq.read_metadata(file).num_row_groups == 3
    assert pq.read_table(file, columns=["row"], partitioning=None)["row"].to_pylist() == list(range(250))


def test_nothing_lands_when_reading_fails_half_way(market):
    run = landing.new_run(NOON)

    def broken():
        yield report(run)
        yield market.listing(run=run)
        raise OSError("the disk was pulled out")

    with pytest.raises(OSError, match="pulled out"):
        landing.land(market.home, broken(), source="fair", run=run, now=NOON)
    assert [f for f in market.home.landing.rglob("*") if f.is_file()] == []


def test_a_run_writes_its_file_once(market):
    run = landing.new_run(NOON)
    (file,) = landing.land(market.home, [market.listing(run=run)], source="fair", run=run, now=NOON)
    before = file.read_bytes()
    with pytest.raises(BadInput, match="landed already"):
        landing.land(market.home, [market.listing(run=run, title="Other")], source="fair", run=run, now=NOON)
    assert file.read_bytes() == before


def test_two_that_write_the_same_run_at_once_do_not_overwrite_each_other(market):
    run = landing.new_run(NOON)

    def slow():
        yield market.listing(run=run)
        landing.land(market.home, [market.listing(run=run, title="Quicker")], source="fair", run=run, now=NOON)

    with pytest.raises(BadInput, match="landed already"):
        landing.land(market.home, slow(), source="fair", run=run, now=NOON)
    (file,) = landing.landed(market.home, "listing")
    assert pq.read_table(file, columns=["title"], partitioning=None)["title"].to_pylist() == ["Quicker"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"observed_at": datetime(2026, 3, 1)}, "observed_at .* has no time zone"),  # noqa: DTZ001
        ({"price": Decimal("1e30")}, "price .* too large"),
        ({"price": Decimal("-3")}, "price -3 is not a positive number"),
        ({"price": Decimal("NaN")}, "price NaN is not a positive number"),
        ({"currency": "dollars"}, 'currency "dollars" is not an ISO 4217 code'),
        ({"kind": "maybe"}, 'kind "maybe" is none of'),
        ({"title": " "}, "title is empty"),
        ({"found_at": "fair.csv line 7", "seller": "\ud800"}, "fair.csv line 7: seller .* cannot be kept"),
        ({"source": "elsewhere"}, "cannot land with fair"),
        ({"price_path": None}, "price_path is missing"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_by_name(market, fields, says):
    run = landing.new_run(NOON)
    rows = [market.listing(run=run), market.listing(run=run, **fields)]
    with pytest.raises(BadInput, match=says):
        landing.land(market.home, rows, source="fair", run=run, now=NOON)
    assert landing.landed(market.home, "listing") == []


def test_numbers_are_kept_to_ten_places_and_times_in_utc(market):
    east = timezone(timedelta(hours=5, minutes=30))
    (file,) = market.land(
        market.listing(price=Decimal("1.00000000005"), observed_at=datetime(2026, 3, 1, 17, 30, tzinfo=east))
    )
    row = pq.read_table(file, partitioning=None).to_pylist()[0]
    assert row["price"] == Decimal("1.0000000000")
    assert row["observed_at"] == NOON


@pytest.mark.parametrize("name", ["", "Fair", "../fair", "a/b", ".hidden", "x" * 65, "fäir"])
def test_a_source_that_cannot_name_a_folder_is_refused(market, name):
    run = landing.new_run(NOON)
    with pytest.raises(BadInput, match="cannot be used as a name"):
        landing.land(market.home, [], source=name, run=run, now=NOON)


CHILD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from warehouse.home import Home
from warehouse import landing
from warehouse.records import Judgement
now = datetime(2026, 3, 1, 12, tzinfo=UTC)
run = landing.new_run(now)
def rows():
    for n in range(3):
        yield Judgement(
            id=str(n), source="fair", about="x", verdict="release", detail_json="{}", judged_at=now, run=run, row=n
        )
    print("writing", flush=True)
    time.sleep(60)
landing.land(Home(Path(sys.argv[1])), rows(), source="fair", run=run, now=now)
"""


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(market, tmp_path: Path):
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(market.home.root)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "writing\n"
        assert landing.sweep(market.home) == []
        assert landing.landed(market.home, "judgement") == []
    finally:
        child.kill()
        child.communicate()
    assert len(landing.sweep(market.home)) == 1
    assert [f for f in market.home.landing.rglob("*") if f.is_file()] == []

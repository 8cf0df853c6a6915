from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from warehouse import build, load, query, snapshot
from warehouse.errors import BadInput, KatyError, NothingPublished

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def publish(market, writing):
    """Load, build and publish; one connection for the whole test, as within a run."""
    connection = writing()

    def published(now=NOON, contents=None, **manifest):
        load.load(connection, market.home, now)
        build.build_core(connection, "USD")
        build.build_mart(connection)
        return snapshot.publish(
            market.home, connection, contents=contents, manifest=manifest, now=now, code_version="0.1.0"
        )

    published.connection = connection
    return published


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def count(shot):
    return query.run(shot, "SELECT count(*) FROM mart.observation", seconds=5, max_rows=1).rows[0][0]


def test_before_the_first_publish_the_way_out_is_named(market):
    with pytest.raises(NothingPublished, match="katy run"):
        snapshot.current(market.home)
    assert snapshot.listing(market.home) == []


def test_a_publish_is_the_current_snapshot_and_says_what_it_holds(market, publish):
    market.land(market.listing(), market.listing(id="2", observed_at=NOON - timedelta(days=1)))
    shot = publish(metrics={"mdape": 0.1})
    assert snapshot.current(market.home) == shot == snapshot.opened(market.home, shot.id)
    assert shot.id.startswith("20260301T120000Z-")
    said = {name: shot.manifest[name] for name in ("data_cutoff", "observations", "anchor", "metrics", "code_version")}
    assert said == {
        "data_cutoff": "2026-03-01T12:00:00+00:00", "observations": 2, "anchor": "USD", "metrics": {"mdape": 0.1},
        "code_version": "0.1.0",
    }  # fmt: skip
    assert shot.manifest["id"] == shot.id
    assert names(shot.path) == ["manifest.json", "warehouse.duckdb"]
    snapshot.verify(shot)


def test_a_snapshot_carries_its_models_as_links_and_notices_damage(market, publish, tmp_path):
    models = tmp_path / "models"
    (models / "vintages").mkdir(parents=True)
    (models / "vintages" / "a.txt").write_text("trees")
    shot = publish(contents=models)
    placed = shot.path / "vintages" / "a.txt"
    assert placed.samefile(models / "vintages" / "a.txt")
    assert set(shot.manifest["files"]) == {"vintages/a.txt", "warehouse.duckdb"}
    placed.unlink()
    with pytest.raises(KatyError, match="is missing"):
        snapshot.verify(shot)
    placed.write_text("other trees")
    with pytest.raises(KatyError, match="not what was published"):
        snapshot.verify(shot)


def test_contents_cannot_take_the_place_of_the_database(market, publish, tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "manifest.json").write_text("{}")
    with pytest.raises(BadInput, match="a name that a snapshot uses"):
        publish(contents=tmp_path / "c")
    assert list(market.home.snapshots.iterdir()) == []


def test_nothing_is_published_before_anything_is_built(market, writing):
    with pytest.raises(KatyError, match="nothing to publish"):
        snapshot.publish(market.home, writing(), contents=None, manifest={}, now=NOON, code_version="0")


def test_readers_read_the_last_snapshot_while_the_writer_writes(market, publish):
    market.land(market.listing())
    first = publish()
    reader = query.read_only(first.database)
    market.land(market.listing(id="2"))
    publish.connection.execute("BEGIN")
    publish.connection.execute("DELETE FROM raw.listing")
    assert count(snapshot.current(market.home)) == 1
    publish.connection.execute("ROLLBACK")
    second = publish(NOON + timedelta(seconds=1))
    assert reader.execute("SELECT count(*) FROM mart.observation").fetchone() == (1,)
    assert count(snapshot.current(market.home)) == 2
    assert (count(first), count(second)) == (1, 2)
    reader.close()


def test_the_pointer_always_names_a_whole_snapshot(market, publish):
    publish()
    stop, seen, wrong = threading.Event(), set(), []

    def watch():
        while not stop.is_set():
            try:
                shot = snapshot.current(market.home)
                seen.add(shot.id)
                if shot.manifest["id"] != shot.id or not shot.database.is_file():
                    wrong.append(shot.id)
            except Exception as error:
                wrong.append(repr(error))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for second in range(1, 4):
        publish(NOON + timedelta(seconds=second))
    stop.set()
    watcher.join()
    assert wrong == []
    assert len(seen) > 1


def test_the_analysts_notes_travel_with_the_snapshot(market, publish):
    shot = publish()
    text = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'mart' AND coalesce(comment, '') = ''"
    assert query.run(shot, text, seconds=5, max_rows=9).rows == []
    text = "SELECT comment FROM duckdb_views() WHERE schema_name = 'mart' AND view_name = 'observation'"
    assert "Every observation" in query.run(shot, text, seconds=5, max_rows=9).rows[0][0]


def fake(home, *ids, current=None):
    for name in ids:
        (home.snapshots / name).mkdir(parents=True)
        manifest = {"id": name, "files": {}}
        (home.snapshots / name / "manifest.json").write_text(json.dumps(manifest))
    if current:
        home.current.write_text(current + "\n")


def test_prune_keeps_the_last_fourteen_one_a_month_the_named_and_the_current(market):
    january = [f"202601{day:02d}T120000Z-00000000" for day in range(1, 6)]
    march = [f"202603{day:02d}T120000Z-00000000" for day in range(1, 21)]
    fake(market.home, *january, *march, current=march[1])
    gone = snapshot.prune(market.home, keep={january[2]})
    kept = [shot.id for shot in snapshot.listing(market.home)]
    assert kept == [january[2], january[4], march[1], *march[-14:]]
    assert sorted([*kept, *gone]) == [*january, *march]
    assert snapshot.prune(market.home, keep={january[2]}) == []


def test_a_reader_of_a_pruned_snapshot_reads_on(market, publish):
    market.land(market.listing())
    first = publish()
    reader = query.read_only(first.database)
    fake(
        market.home, *[f"202603{day:02d}T120000Z-00000000" for day in range(2, 20)], current="20260319T120000Z-00000000"
    )
    assert first.id in snapshot.prune(market.home)
    assert reader.execute("SELECT title FROM mart.observation").fetchall() == [("Bosch drill",)]
    reader.close()


def test_recovery_removes_the_unfinished_and_nothing_else(market, publish):
    shot = publish()
    home = market.home
    (home.snapshots / ".tmp-0123").mkdir()
    (home.snapshots / ".tmp-0123" / "warehouse.duckdb").write_bytes(b"half")
    (home.snapshots / ".current-77").write_text("x")
    (home.work / "a-run").mkdir(parents=True)
    (home.work / "loose").write_text("x")
    assert len(snapshot.recover(home)) == 4
    assert names(home.snapshots) == sorted([shot.id, "current"])
    assert list(home.work.iterdir()) == []
    assert snapshot.recover(home) == []


@pytest.mark.parametrize("name", ["../../etc", "current", "20260301T120000Z-00000000", ""])
def test_a_snapshot_that_is_not_there_is_said_so(market, name):
    with pytest.raises(BadInput, match="there is no snapshot"):
        snapshot.opened(market.home, name)

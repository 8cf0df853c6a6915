"""The pages for analysts: dictionary, SQL, levels and runs, on a snapshot and with nothing loaded from elsewhere."""

from __future__ import annotations

import io
import re
import threading
import time
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from valuation_api.pages import analysts
from valuation_api.pages.levels import shown as levels_shown
from valuation_api.pages.runs import shown as runs_shown
from valuation_api.problems import Problem
from valuation_api.turns import Turns

PAGES = ("/data", "/data/sql", "/data/levels", "/data/runs")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_other_hosts(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200, page.text
    loaded = re.findall(r'(?:src|href|action)="([^"]*)"', page.text)
    assert loaded
    assert all(one.startswith(("/", "#")) for one in loaded)
    assert "<script" not in page.text


def test_the_dictionary_has_every_view_with_what_its_columns_say(client: TestClient) -> None:
    page = client.get("/data").text
    for view in client.get("/v1/data").json()["items"]:
        assert f'id="{view["view"]}"' in page
        assert all(f"<code>{column['name']}</code>" in page for column in view["columns"])


def test_sql_gives_a_table_and_says_how_long_it_took(client: TestClient) -> None:
    page = client.get("/data/sql", params={"sql": "SELECT kind, count(*) AS n FROM mart.listing GROUP BY ALL"}).text
    assert '<th scope="col" class="num">n</th>' in page
    assert "<td>sold</td>" in page
    assert re.search(r"2 rows in [\d.]+ s", page)


def test_what_a_market_wrote_is_only_ever_text(client: TestClient) -> None:
    page = client.get("/data/sql", params={"sql": "SELECT title FROM mart.listing WHERE title LIKE '%script%'"}).text
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_a_result_is_cut_with_a_notice(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysts, "MOST_ROWS", 3)
    page = client.get("/data/sql", params={"sql": "FROM mart.listing"}).text
    assert "3 rows in" in page
    assert "There are more rows" in page


def test_refused_sql_is_said_on_the_page_and_kept_in_the_form(client: TestClient) -> None:
    page = client.get("/data/sql", params={"sql": "DROP TABLE mart.level"})
    assert page.status_code == 422
    assert "DROP is refused" in page.text
    assert "DROP TABLE mart.level</textarea>" in page.text


def test_a_result_is_to_be_had_as_csv(client: TestClient) -> None:
    answer = client.get("/data/sql.csv", params={"sql": "SELECT 1 AS a, 'x,y' AS b"})
    assert answer.text == 'a,b\n1,"x,y"\n'
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert client.get("/data/sql.csv", params={"sql": "SELECT 1; SELECT 2"}).status_code == 422


def test_a_client_has_one_query_at_a_time_and_all_together_some() -> None:
    turns = Turns(2)
    with turns.of("ada"):
        with pytest.raises(Problem) as refused, turns.of("ada"):
            pytest.fail("a second query of one client ran")
        assert refused.value.status == 429
        with turns.of("bob"), pytest.raises(Problem) as full, turns.of("eve"):
            pytest.fail("a third query ran")
        assert full.value.status == 503
    with turns.of("ada"):
        pass


def test_a_second_query_is_told_to_wait(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysts, "SECONDS", 1.0)
    endless = "SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(1000000) b"
    first: list[Any] = []
    thread = threading.Thread(target=lambda: first.append(client.get("/data/sql", params={"sql": endless})))
    thread.start()
    time.sleep(0.2)
    second = client.get("/data/sql.csv", params={"sql": "SELECT 1"})
    thread.join()
    assert (second.status_code, second.json()["type"]) == (429, "urn:katy:problem:one-at-a-time")
    assert first[0].status_code == 422
    assert "stopped after 1 seconds" in first[0].text


def test_a_view_is_a_parquet_file_that_names_its_snapshot(client: TestClient, market: Any) -> None:
    answer = client.get("/v1/data/mart.product.parquet")
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.num_rows == 4
    assert table.schema.metadata[b"snapshot"].decode() in answer.request.url.path + client.get("/readyz").text
    unknown = client.get("/v1/data/raw.listing.parquet")
    assert (unknown.status_code, "katy dictionary" in unknown.text) == (404, True)


def test_levels_are_drawn_raw_beside_published_with_their_evidence(published: Any) -> None:
    told = levels_shown(published.snapshot, "category:drill")
    assert told["status"] == 200
    assert any(point.evidence > 0 for point in told["points"])
    assert len(told["plot"].wide) > 2_000
    assert told["plot"].wide.count("<svg") == 1
    assert "sellers seen" in told["plot"].alt
    assert levels_shown(published.snapshot, "")["unit"] == "all"
    assert levels_shown(published.snapshot, "category:nothing")["status"] == 404


def test_runs_are_drawn_with_their_measures(published: Any) -> None:
    told = runs_shown(published.town.home, "all")
    (run,) = told["runs"]
    assert run.snapshot == published.snapshot.id
    quality = next(row for row in published.snapshot.manifest["quality"] if row["category"] == "all")
    assert run.measure("MdAPE") == quality["MdAPE"]
    assert f"MdAPE {quality['MdAPE']:.3g}" in told["plot"].alt
    # A single run is marked by its minute on the axis, not by milliseconds.
    minute = run.published_at[:16].replace("T", " ")
    assert minute in told["plot"].wide
    assert minute in told["plot"].narrow
    assert runs_shown(published.town.home, "nothing")["status"] == 404

"""`katy dictionary` and `katy export` on a published snapshot, and the worked queries of docs/queries.md."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from katy.cli import app
from warehouse import query
from warehouse.errors import BadInput

QUERIES = Path(__file__).parents[2] / "docs" / "queries.md"
BLOCKS = re.findall(r"^## (.+?)\n.*?```sql\n(.*?)```", QUERIES.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def katy(published: Any, *words: str, status: int = 0) -> str:
    told = CliRunner().invoke(app, ["--home", str(published.town.home.root), *words], catch_exceptions=False)
    assert told.exit_code == status, told.output
    return told.stdout


def test_the_dictionary_is_told_to_people_and_programs(published: Any) -> None:
    assert "ops.agent" in katy(published, "dictionary")
    assert katy(published, "dictionary", "mart.level", "--markdown").startswith("## mart.level\n")
    (told,) = json.loads(katy(published, "dictionary", "level", "--json"))
    assert told["view"] == "mart.level"
    assert {column["name"] for column in told["columns"]} >= {"raw", "published"}


def test_a_view_is_exported_and_never_replaced_unasked(published: Any, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    told = katy(published, "export", "mart.listing", str(folder), "--where", "kind = 'sold' -- only sales")
    file = folder / "mart.listing.parquet"
    table = pq.read_table(file)
    assert set(table["kind"].to_pylist()) == {"sold"}
    assert told == f"{file}: {table.num_rows:,} rows\n"
    with pytest.raises(BadInput, match="--force"):
        katy(published, "export", "listing", str(folder))
    assert pq.read_table(file).num_rows == table.num_rows
    katy(published, "export", "listing", str(folder), "--force")
    assert pq.read_table(file).num_rows > table.num_rows


def test_all_views_are_exported(published: Any, tmp_path: Path) -> None:
    told = katy(published, "export", "--all", str(tmp_path))
    assert len(told.splitlines()) == len(list(tmp_path.glob("*.parquet"))) > 15


@pytest.mark.parametrize("where", ["1 = 1) ; DROP TABLE mart.level; --", "nothing > 1", "id IN (FROM '/etc/passwd')"])
def test_a_condition_can_only_read(published: Any, tmp_path: Path, where: str) -> None:
    with pytest.raises(BadInput):
        katy(published, "export", "mart.listing", str(tmp_path), "--where", where)
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_of_export_says_what_to_say(published: Any, tmp_path: Path) -> None:
    katy(published, "export", "mart.listing", status=2)
    katy(published, "export", "--all", str(tmp_path), "--where", "true", status=2)
    with pytest.raises(BadInput, match="katy dictionary"):
        katy(published, "export", "raw.listing", str(tmp_path))


def test_there_are_five_worked_queries() -> None:
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize(("question", "sql"), BLOCKS, ids=[question for question, _ in BLOCKS])
def test_a_worked_query_runs_and_answers(published: Any, question: str, sql: str) -> None:
    told = query.run(published.snapshot, sql, seconds=20, max_rows=1000)
    assert len(told.columns) >= 3
    # The bazaar has listings and levels; nobody visits it, and no storm comes over it.
    if not re.search("source|hazard", question):
        assert told.rows, question
    for name in told.columns:
        assert f"`{name}`" in QUERIES.read_text(encoding="utf-8").split(f"## {question}")[1].split("\n## ")[0], name


def answer(published: Any, words: str) -> list[dict[str, Any]]:
    (sql,) = [sql for question, sql in BLOCKS if words in question]
    told = query.run(published.snapshot, sql, seconds=20, max_rows=1000)
    return [dict(zip(told.columns, row, strict=True)) for row in told.rows]


def test_the_worked_queries_find_what_the_bazaar_was_made_of(published: Any, bazaar: Any) -> None:
    ratios: dict[str, list[float]] = {}
    for row in answer(published, "condition"):
        ratios.setdefault(row["grade"], []).append(row["ratio"])
    middle = {grade: sum(all_) / len(all_) for grade, all_ in ratios.items()}
    assert middle["fair"] < 0.9 < middle["good"] < 1.1 < middle["like_new" if "like_new" in middle else "like new"]
    gaps = answer(published, "above what is paid")
    assert sum(row["gap"] * row["pairs"] for row in gaps) / sum(row["pairs"] for row in gaps) == pytest.approx(
        math.exp(bazaar.gap) - 1, abs=0.12
    )


def test_the_effect_of_a_hazard_is_what_prices_did_there_and_not_elsewhere() -> None:
    (sql,) = [sql for question, sql in BLOCKS if "hazard" in question]
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA mart")
        connection.execute(
            "CREATE TABLE mart.hazard AS SELECT 'nws' AS source, '1' AS thread, 'flood' AS hazard, 'Flood' AS event, "
            "TIMESTAMPTZ '2026-03-01 00:00:00Z' AS starts, 'US-MO US-KS' AS regions, false AS cancelled"
        )
        # Everywhere 10 % dearer from the first of March on, in Missouri 20 % more on top of that.
        connection.execute(
            "CREATE TABLE mart.listing AS SELECT 'pump' AS category, 'p' AS product, 'asking' AS kind, region, "
            "DATE '2026-02-10' + day::INTEGER AS observed_on, 100 * CASE WHEN day >= 19 THEN 1.1 ELSE 1 END "
            "* CASE WHEN day >= 19 AND region = 'US-MO' THEN 1.2 ELSE 1 END AS price_anchor "
            "FROM range(38) AS t(day), (VALUES ('US-MO'), ('US-IL')) AS r(region)"
        )
        (row,) = connection.execute(sql).fetchall()
    assert row[:2] == ("flood", "Flood")
    assert row[3:] == ("pump", pytest.approx(0.2), 38, 38)

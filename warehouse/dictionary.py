"""What an analyst finds in a published snapshot: its documented tables and views, as `COMMENT ON` describes them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from duckdb import DuckDBPyConnection

from warehouse.errors import BadInput

SCHEMAS = ("mart", "ops")
_VIEWS = """
    SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE schema_name IN ('mart', 'ops') AND NOT internal
    UNION ALL
    SELECT schema_name, view_name, comment FROM duckdb_views() WHERE schema_name IN ('mart', 'ops') AND NOT internal
    ORDER BY ALL
"""
_COLUMNS = """
    SELECT schema_name, table_name, column_name, data_type, comment
    FROM duckdb_columns()
    WHERE schema_name IN ('mart', 'ops') AND NOT internal
    ORDER BY schema_name, table_name, column_index
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type in DuckDB's words and what it says."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class View:
    """A table or view: `schema.name`, what one row is, and its columns in their order."""

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]

    @property
    def path(self) -> str:
        return f"{self.schema}.{self.name}"


def dictionary(connection: DuckDBPyConnection) -> list[View]:
    """The documented tables and views of a warehouse, marts first, by name. What has no comment has an empty one."""
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, view, name, kind, comment in connection.execute(_COLUMNS).fetchall():
        columns.setdefault((schema, view), []).append(Column(name, kind, comment or ""))
    found = connection.execute(_VIEWS).fetchall()
    return [View(schema, name, comment or "", tuple(columns[schema, name])) for schema, name, comment in found]


def view_named(views: list[View], name: str) -> View:
    """The view of that name, with or without its schema; BadInput names those that are near it."""
    wanted = name.strip().casefold()
    for view in views:
        if wanted in (view.path, view.name):
            return view
    near = get_close_matches(wanted, [view.path for view in views], n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise BadInput(f'there is no view "{name}" for analysts: {hint}`katy dictionary` lists them')


def markdown(views: list[View]) -> str:
    """The dictionary as Markdown: a section for each view, with a table of its columns."""
    parts = []
    for view in views:
        rows = "".join(f"| `{one.name}` | {one.type} | {_plain(one.comment)} |\n" for one in view.columns)
        parts.append(
            f"## {view.path}\n\n{_plain(view.comment)}\n\n| column | type | what it says |\n|---|---|---|\n{rows}"
        )
    return "\n".join(parts)


def _plain(text: str) -> str:
    for sign in "\\|*<":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())

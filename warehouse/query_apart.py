"""SQL of strangers: run in a process of its own with little memory and little time, ended when they are spent.

A reader in the same process shares DuckDB's memory and threads with those who value things; this one does not, and
whatever a query does to its process, nobody else is harmed. `Shown` is text throughout, each cell cut at a length, so
that one row cannot fill a page.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from warehouse import query
from warehouse.errors import BadInput, KatyError
from warehouse.shown import cell
from warehouse.snapshot import Snapshot

MEMORY = "384MB"
THREADS = 2
# Of address space, of which DuckDB and Python reserve more than they use.
ADDRESS_SPACE = 3 * 1024**3
LONGEST_CELL = 2_000
MOST_CHARACTERS = 2_000_000
# What starting the process and reading its answer may take beyond the query's own time.
GRACE_SECONDS = 5.0
_START = "import sys; sys.path.insert(0, sys.argv[1]); from warehouse.query_apart import main; main()"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a query gave, as text: `numeric` says which columns are numbers, `truncated` that there were more rows."""

    columns: list[str]
    rows: list[list[str]]
    numeric: list[bool]
    truncated: bool
    seconds: float


def run_apart(snapshot: Snapshot, sql: str, *, seconds: float, max_rows: int) -> Shown:
    """As `query.run`, in a process of its own. BadInput: refused; KatyError: too slow or too big."""
    asked = {"database": str(snapshot.database), "sql": sql, "seconds": seconds, "max_rows": max_rows}
    command = [sys.executable, "-c", _START, str(Path(__file__).resolve().parent.parent)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds + GRACE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise KatyError(f"the query was stopped after {seconds:g} seconds: narrow it (a WHERE, a LIMIT)") from None
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise KatyError("the query needs more memory than it may have: narrow it, or let it group more") from None
    if "refused" in said:
        raise BadInput(said["refused"])
    if "failed" in said:
        raise KatyError(said["failed"])
    return Shown(**said)


def main() -> None:
    """The process: one question on standard input, one answer on standard output."""
    import resource

    asked = json.loads(sys.stdin.read())
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    try:
        said = asdict(_answer(**asked))
    except BadInput as error:
        said = {"refused": str(error)}
    except KatyError as error:
        said = {"failed": str(error)}
    except MemoryError:
        said = {"failed": "the query needs more memory than it may have: narrow it, or let it group more"}
    sys.stdout.write(json.dumps(said))


def _answer(database: str, sql: str, seconds: float, max_rows: int) -> Shown:
    snapshot = Snapshot("", Path(database).parent, {})
    began = time.monotonic()
    result = query.run(snapshot, sql, seconds=seconds, max_rows=max_rows, memory=MEMORY, threads=THREADS)
    taken = time.monotonic() - began
    rows: list[list[str]] = []
    room = MOST_CHARACTERS
    for row in result.rows:
        rows.append([_cut(cell(value)) for value in row])
        room -= sum(map(len, rows[-1]))
        if room < 0:
            break
    numeric = [
        any(isinstance(row[place], int | float | Decimal) for row in result.rows[:50])
        for place in range(len(result.columns))
    ]
    return Shown(result.columns, rows, numeric, result.truncated or len(rows) < len(result.rows), round(taken, 3))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"

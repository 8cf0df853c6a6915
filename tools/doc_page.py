"""What the tools that write pages of docs/ share: Markdown tables, and writing or checking a page."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_RULED = re.compile(r"([|*<])")


def plain(text: str) -> str:
    """Text in which nothing is Markdown's."""
    return _RULED.sub(r"\\\1", " ".join(text.split()))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table, ended by a line break."""
    lines = [tuple(head)]
    lines += [tuple("---" for _ in lines[0]), *(tuple(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def keep(path: Path, text: str, arguments: list[str], source: str, tool: str) -> int:
    """Write the page; with --check only say whether it is what it should be. Returns the exit status."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{path} is not what {source}: write it again with python tools/{tool}", file=sys.stderr)  # noqa: T201
        return 1
    path.write_text(text, encoding="utf-8")
    return 0

"""`python tools/dictionary_doc.py` writes docs/data-dictionary.md from the comments on the warehouse's views.

An empty warehouse is built for it in a folder that is removed again. With `--check` nothing is written; the exit status
is 1 where the page is not what it should be.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from doc_page import ROOT, keep

from warehouse import build, database, lock
from warehouse.dictionary import View, dictionary, markdown
from warehouse.home import Home

PAGE = ROOT / "docs" / "data-dictionary.md"
HEAD = """\
# The data dictionary

This page is written by `tools/dictionary_doc.py` from the comments in `warehouse/sql/mart` and `warehouse/sql/ops`; do
not edit it. The same stands on the page `/data` of a running Katy, and `katy dictionary` tells it of the published
snapshot. [Queries](queries.md) shows what can be asked; `katy sql` and `/data/sql` ask it, `katy export` writes views
as Parquet files.

Schema `mart` has what was seen and what was made of it, `ops` how the reading of sources goes. Times are UTC, money is
in the currency that stands beside it, and a price in the **anchor** is converted at the rate of its day.
"""


def views() -> list[View]:
    """The views of a warehouse in which nothing is."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        with lock.writer(home, lambda _: None):
            connection = database.open_writer(home)
            try:
                build.build_core(connection, "USD")
                build.build_mart(connection)
                return dictionary(connection)
            finally:
                connection.close()


def page(known: list[View] | None = None) -> str:
    """The whole page as Markdown."""
    known = views() if known is None else known
    listed = "".join(f"- [{each.path}](#{each.schema}{each.name}): {each.comment}\n" for each in known)
    return f"{HEAD}\n{listed}\n{markdown(known)}"


if __name__ == "__main__":
    sys.exit(keep(PAGE, page(), sys.argv[1:], "the comments say", "dictionary_doc.py"))

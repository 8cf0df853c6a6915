"""`python tools/knobs_doc.py` writes docs/knobs.md from the comments in models/data/knobs.toml.

With `--check` nothing is written; the exit status is 1 where the page is not what it should be.
"""

from __future__ import annotations

import sys
from itertools import groupby
from operator import itemgetter

from doc_page import ROOT, keep, plain, table

from models.knobs import default_knobs, documented

PAGE = ROOT / "docs" / "knobs.md"
HEAD = """\
# The knobs

This page is written by `tools/knobs_doc.py` from `models/data/knobs.toml`; do not edit it. An installation changes
knobs in `knobs.toml` in its data folder (or the file that `KATY_KNOBS` names), which holds only what differs;
`katy models knobs` shows what holds here. [The life of a model](models.md) says how a change is tried. Times are days
unless said.
"""


def page() -> str:
    """The whole page as Markdown."""
    values = default_knobs().model_dump(mode="json")
    parts = [HEAD]
    for group, knobs in groupby(documented(), key=itemgetter(0)):
        rows = [(f"`{name}`", str(values[group][name]), plain(comment)) for _, name, comment in knobs]
        parts.append(f"## {group}\n\n{table(('knob', 'value', 'what it is'), rows)}")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(keep(PAGE, page(), sys.argv[1:], "the knobs say", "knobs_doc.py"))

"""`python tools/case.py FOLDER` prints what a source's case gives now, a line of JSON for each record: look at it well,
correct it where it is wrong, and keep it as the case's `expected.jsonl`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from spiders.registry import sources
from spiders.replay import plain, replay

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    done = replay(sources()[folder.resolve().parent.name], folder)
    for record in done.records:
        print(json.dumps(plain(record), ensure_ascii=False))  # noqa: T201
    for url, why in done.failed:
        print(f"failed {url}: {why}", file=sys.stderr)  # noqa: T201
    for note in done.notes:
        print(f"{note.kind}: {note.text}", file=sys.stderr)  # noqa: T201
    for ask in done.asked:
        print(f"asked {ask.method} {ask.url}", file=sys.stderr)  # noqa: T201

"""Pages per second through extraction and landing, beside a bare Scrapy spider; and memory over a long visit.

`python -m bench.crawl` (or `katy bench crawl`): both crawlers read the same pages of the same server on loopback, eight
requests at a time, one after the other, in turns. The peer reads titles; Katy reads products, hides sellers, archives,
lands and loads. Times are of whole processes, start included. `--long 50000` adds the long visit and the memory of both
of its processes along the way.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

GOAL = 0.7


@contextlib.contextmanager
def site(pages: int) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.page_site", str(pages)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def bare(base: str, pages: int) -> float:
    """Seconds the bare spider takes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "titles.jsonl"
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bench.bare_scrapy", base, str(pages), str(out)], check=True)
        seconds = time.perf_counter() - began
        got = len(out.read_text().splitlines())
    if got != pages:
        raise SystemExit(f"the bare spider read {got} of {pages} pages")
    return seconds


def katy(base: str, pages: int, watch: Memory | None = None) -> tuple[float, float]:
    """Seconds of the visit (fetch, extraction, archive, landing), and of the load into the warehouse after it."""
    from spiders.agent.collect import collect
    from spiders.source import Limits
    from warehouse import database, load
    from warehouse.home import Home

    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        began = time.perf_counter()
        report = collect(
            "schema_org",
            home,
            base=base,
            name="bench",
            user_agent="KatyBot/bench",
            clock=lambda: datetime.now(UTC),
            say=lambda text: None,
            delay=0.0,
            limits=Limits(requests=pages + 1000),
            progress=watch.told if watch else None,
        )
        visited = time.perf_counter()
        connection = database.open_writer(home)
        load.load(connection, home, datetime.now(UTC))
        connection.close()
        loaded = time.perf_counter()
    if report.landed != pages:
        raise SystemExit(f"Katy landed {report.landed} of {pages} pages: {report.verdict}, {report.why}")
    return visited - began, loaded - visited


class Memory:
    """The resident memory of this process and its children, in MB, sampled while a visit goes on."""

    def __init__(self) -> None:
        self.landed = 0
        self.samples: list[tuple[int, float, float]] = []
        self._over = threading.Event()

    def told(self, landed: int) -> None:
        self.landed = landed

    def __enter__(self) -> Memory:
        threading.Thread(target=self._sample, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _sample(self) -> None:
        import psutil

        me = psutil.Process()
        while not self._over.wait(1.0):
            with contextlib.suppress(psutil.Error):
                children = [c.memory_info().rss for c in me.children() if "page_site" not in " ".join(c.cmdline())]
                self.samples.append((self.landed, me.memory_info().rss / 2**20, sum(children) / 2**20))

    def at(self, share: float, most: int) -> tuple[float, float]:
        """Median memory (parent, child) around a share of the visit."""
        near = [s for s in self.samples if abs(s[0] / most - share) < 0.05] or self.samples[-1:]
        return statistics.median(s[1] for s in near), statistics.median(s[2] for s in near)


def measure(pages: int, rounds: int, long: int) -> dict[str, Any]:
    """All figures as one dict."""
    rates: dict[str, list[float]] = {"bare": [], "katy": [], "with_load": []}
    with site(pages) as base:
        for _ in range(rounds):
            rates["bare"].append(pages / bare(base, pages))
            visit, load = katy(base, pages)
            rates["katy"].append(pages / visit)
            rates["with_load"].append(pages / (visit + load))
    middle = {name: statistics.median(values) for name, values in rates.items()}
    figures: dict[str, Any] = {
        "pages": pages,
        "rounds": rounds,
        "bare_pages_per_second": round(middle["bare"], 1),
        "katy_pages_per_second": round(middle["katy"], 1),
        "katy_with_load_pages_per_second": round(middle["with_load"], 1),
        "ratio": round(statistics.median(k / b for k, b in zip(rates["katy"], rates["bare"], strict=True)), 3),
        "ratio_with_load": round(
            statistics.median(k / b for k, b in zip(rates["with_load"], rates["bare"], strict=True)), 3
        ),
        "goal": GOAL,
    }
    if long:
        figures["long"] = _long(long)
    return figures


def _long(pages: int) -> dict[str, Any]:
    with site(pages) as base, Memory() as memory:
        visit, load = katy(base, pages, memory)
    shares = {f"{share:.0%}": [round(mb) for mb in memory.at(share, pages)] for share in (0.1, 0.25, 0.5, 0.75, 0.95)}
    return {
        "pages": pages,
        "pages_per_second": round(pages / visit, 1),
        "load_seconds": round(load, 1),
        "memory_mb_parent_child_at": shares,
    }


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("--pages", type=int, default=2_000)
    said.add_argument("--rounds", type=int, default=3)
    said.add_argument("--long", type=int, default=0, help="pages of the long visit whose memory is watched")
    chosen = said.parse_args()
    print(json.dumps(measure(chosen.pages, chosen.rounds, chosen.long), indent=2))  # noqa: T201


if __name__ == "__main__":
    main()

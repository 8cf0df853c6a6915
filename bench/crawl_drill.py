"""The crawl drill: visits of a site are killed by SIGKILL at random moments, again and again, until one gets through.

    python -m bench.crawl_drill --kills 10 --seed 7

A shop of some hundred pages is served on loopback, slowly. Each visit is killed after a random time, up to a few times,
and taken up again; then one goes on to its end. For each kill is shown how far it was; and for each visit:

    gone       the spider's process ended by itself after its parent was killed
    once       no page was asked for again whose rows had landed
    whole      the warehouse holds what an undisturbed visit lands, each row once
    counted    the report's figures are those of an undisturbed visit

The exit status is 1 when any of it does not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from warehouse.database import open_writer
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.load import load

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PART, MOST_KILLS_OF_A_VISIT, ENDS_WITHIN = 10, 3, 15.0
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
_COLLECT = f"""
import sys
from datetime import datetime
from pathlib import Path
from spiders.agent import part as parts
from spiders.agent.collect import collect
from warehouse.home import Home
parts.MOST_PAGES = {PART}
collect("schema_org", Home(Path(sys.argv[1])), base=sys.argv[2], name="drill", user_agent="KatyBot/drill", delay=0.001,
        clock=lambda: datetime.fromisoformat("{NOW.isoformat()}"), say=print)
"""


@dataclass(slots=True)
class Shop:
    """A running shop, and the paths it was asked for."""

    base: str = ""
    asked: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of one visit: after how many seconds and pages it was killed, and what held in the end."""

    kills: list[tuple[float, int]] = field(default_factory=list)
    gone: bool = True
    once: bool = True
    whole: bool = False
    counted: bool = False

    @property
    def good(self) -> bool:
        return self.gone and self.once and self.whole and self.counted


@contextmanager
def serving(pages: int) -> Iterator[Shop]:
    """A shop of so many products, every tenth of them at a price that is not believed."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shop.asked.append(self.path)
            time.sleep(0.004)
            body = _page(shop.base, self.path, pages).encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/xml" if self.path.endswith(".xml") else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shop.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()


def _page(base: str, path: str, pages: int) -> str:
    if path == "/sitemap.xml":
        return "<urlset>" + "".join(f"<url><loc>{base}/p/{n}</loc></url>" for n in range(pages)) + "</urlset>"
    if not path.startswith("/p/"):
        return ""
    number = int(path.removeprefix("/p/"))
    price = "12,5O" if number % 10 == 9 else str(10 + number)
    node = {"@type": "Product", "name": f"Thing {number}", "offers": {"price": price, "priceCurrency": "USD"}}
    return f'<h1>Thing {number}</h1><script type="application/ld+json">{json.dumps(node)}</script>'


def start(home: Path, shop: Shop) -> subprocess.Popen[bytes]:
    said = [sys.executable, "-c", _COLLECT, str(home), f"{shop.base}/sitemap.xml"]
    return subprocess.Popen(said, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def in_warehouse(home: Home) -> dict[str, list[Any]]:
    """What a load makes of all that landed."""
    with open_writer(home) as connection:
        load(connection, home, NOW)
        ask = {
            "rows": "SELECT id, title, price FROM raw.listing UNION ALL "
            "SELECT id, reason, 0 FROM raw.quarantine ORDER BY ALL",
            "report": "SELECT rows_read, rows_landed, rows_quarantined FROM raw.run_report",
        }
        return {name: connection.execute(query).fetchall() for name, query in ask.items()}


def landed_paths(home: Home) -> set[str]:
    """The paths of pages whose rows have landed."""
    import pyarrow.parquet as pq

    files = [*landed(home, "listing"), *landed(home, "quarantine")]
    columns = [pq.read_table(path, partitioning=None, columns=["found_at"])["found_at"].to_pylist() for path in files]
    return {"/" + address.split("/", 3)[3] for column in columns for address in column}


def kill(process: subprocess.Popen[bytes], within: float) -> tuple[float, bool]:
    """Kill a visit (not its spider) after so many seconds: when that was, and whether the spider ended by itself."""
    began = time.monotonic()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=within)
    own = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    children = own.read_text().split() if own.exists() else []
    process.send_signal(signal.SIGKILL)
    process.wait()
    after, end = time.monotonic() - began, time.monotonic() + ENDS_WITHIN
    while any(_alive(child) for child in children) and time.monotonic() < end:
        time.sleep(0.05)
    return after, not any(_alive(child) for child in children)


def _alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def drill(home: Home, shop: Shop, moments: list[float], wanted: dict[str, list[Any]]) -> Outcome:
    """One visit, killed at each of the moments and then left alone."""
    outcome = Outcome()
    shop.asked.clear()
    for within in [*moments, None]:
        before, asked = landed_paths(home), len(shop.asked)
        process = start(home.root, shop)
        if within is None:
            process.wait(timeout=300)
        else:
            after, gone = kill(process, within)
            if process.returncode != -signal.SIGKILL:
                # The visit was faster; the next one would be a new one.
                break
            outcome.kills.append((after, len(set(shop.asked))))
            outcome.gone = outcome.gone and gone
        outcome.once = outcome.once and not before & set(shop.asked[asked:])
    found = in_warehouse(home)
    # A part of which only one of two files was written is read again: its page may be asked for twice.
    outcome.whole, outcome.counted = found["rows"] == wanted["rows"], found["report"] == wanted["report"]
    return outcome


def show(outcomes: list[Outcome], seed: int) -> None:
    table = Table(title=f"Visits killed and taken up again (seed {seed})")
    for column in ("visit", "killed after (s): pages asked for", "gone", "once", "whole", "counted"):
        table.add_column(column)
    for number, one in enumerate(outcomes, 1):
        times = ", ".join(f"{after:.2f}: {pages}" for after, pages in one.kills)
        marks = ["yes" if held else "NO" for held in (one.gone, one.once, one.whole, one.counted)]
        table.add_row(str(number), times, *marks)
    console.print(table)
    kills = sum(len(one.kills) for one in outcomes)
    console.print(f"{kills} kills in {len(outcomes)} visits; {sum(not one.good for one in outcomes)} visits went wrong")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--pages", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    said = parser.parse_args()
    chance = random.Random(said.seed)
    with serving(said.pages) as shop, tempfile.TemporaryDirectory(prefix="crawl-drill-") as folder:
        began = time.monotonic()
        undisturbed = Home(Path(folder) / "undisturbed")
        start(undisturbed.root, shop).wait(timeout=300)
        length, wanted = time.monotonic() - began, in_warehouse(undisturbed)
        outcomes: list[Outcome] = []
        left = said.kills
        while left > 0:
            count = min(left, chance.randint(1, MOST_KILLS_OF_A_VISIT))
            # Starting takes most of a short visit's time, and nothing can go wrong then.
            moments = [chance.uniform(0.3, 0.9) * length for _ in range(count)]
            outcomes.append(drill(Home(Path(folder) / f"visit-{len(outcomes)}"), shop, moments, wanted))
            left -= count
    show(outcomes, said.seed)
    sys.exit(0 if all(one.good for one in outcomes) else 1)


if __name__ == "__main__":
    main()
